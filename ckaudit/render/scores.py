"""The scores of parts of an account, and the offerings that could not be judged, in words that every report says alike."""

from __future__ import annotations

from collections.abc import Sequence

from ckaudit.engine.score import PARTIAL_BELOW
from ckaudit.model.result import Result, Score
from ckaudit.render.plain import cut

MAX_NAMED = 5


def unjudged_offerings(result: Result) -> list[str]:
    """One sentence for each stated offering about whose access nothing could be judged, with what the manifest lacks."""
    return [
        f"The offering “{cut(item.name, 120)}”{_place(item)} could not be judged: it lacks {_and(item.lacks)}."
        for item in result.scores
        if item.kind == "offering" and item.score is None and item.lacks
    ]


def score_sentences(result: Result) -> list[str]:
    """The scores of the themes, and of the automations and offerings with something to do, the worst first. One of which not all could be
    judged says how much was, and how many have none is said too."""
    themes = [f"{item.name} {item.score}{_in_brackets(item)}" for item in result.scores if item.kind == "theme" and item.score is not None]
    sentences = [f"Scores by theme: {', '.join(themes)}."] if themes else []
    for kind in ("automation", "offering"):
        judged = [item for item in result.scores if item.kind == kind and item.score is not None]
        worst = sorted((item for item in judged if item.score != 100), key=lambda item: item.score or 0)
        named = [f"“{cut(item.name, 80)}” {item.score}{_in_brackets(item)}" for item in worst[:MAX_NAMED]]
        more = [f"{len(worst) - MAX_NAMED} more below 100"] if len(worst) > MAX_NAMED else []
        full, most, unsure = _at_100(judged)
        unscored = sum(item.kind == kind and item.score is None for item in result.scores)
        rest = [f"{full} at 100"] if full and (worst or most) else []
        rest += [f"{len(most)} at 100 ({_least(most)} % judged)"] if most else []
        rest += [f"{len(unsure)} at 100 but only partly judged ({_least(unsure)} %)"] if unsure else []
        rest += [f"{unscored} without a score"] if unscored else []
        if worst or most or unsure or unscored:
            sentences.append(f"Scores by {kind}: {', '.join([*named, *more, *rest])}.")
    return sentences


def is_partial(item: Score) -> bool:
    """True of a score that speaks of less than 80 % of what there was to judge."""
    return item.score is not None and item.judged_percent < PARTIAL_BELOW


def format_part(item: Score) -> str:
    """``54``, ``88, 92 % judged``, ``100, partly judged: 40 %`` or ``not judged``, for a table."""
    if item.score is None:
        return "not judged"
    return ", ".join(filter(None, (str(item.score), judged_part(item))))


def judged_part(item: Score) -> str:
    """How much of a part with a score was judged: ``92 % judged``, ``partly judged: 40 %``; empty where everything was."""
    if item.judged_percent == 100:
        return ""
    return f"partly judged: {item.judged_percent} %" if is_partial(item) else f"{item.judged_percent} % judged"


def _in_brackets(item: Score) -> str:
    return f" ({judged_part(item)})" if judged_part(item) else ""


def _at_100(judged: Sequence[Score]) -> tuple[int, list[Score], list[Score]]:
    """Of the parts at 100: how many were judged as a whole, those that were judged in most, and those in part only."""
    best = [item for item in judged if item.score == 100]
    unsure = [item for item in best if is_partial(item)]
    most = [item for item in best if item.judged_percent < 100 and item not in unsure]
    return len(best) - len(unsure) - len(most), most, unsure


def _least(items: Sequence[Score]) -> str:
    """The share that was judged; of several that of the least."""
    shares = {item.judged_percent for item in items}
    return f"{'at least ' if len(shares) > 1 else ''}{min(shares)}"


def what_it_lacks(item: Score) -> str:
    """The keys that an offering does not state, for a table; empty when it lacks none."""
    return f"lacks {_and(item.lacks)}" if item.lacks else ""


def _and(keys: Sequence[str]) -> str:
    named = [cut(key, 120) for key in keys]
    return f"{', '.join(named[:-1])} and {named[-1]}" if len(named) > 1 else "".join(named)


def _place(item: Score) -> str:
    return f" ({item.location.file}:{item.location.line})" if item.location else ""
