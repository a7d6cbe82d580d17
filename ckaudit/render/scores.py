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
    """The scores of the themes, and of the automations and offerings with something to do, the worst first. One of which less than 80 %
    could be judged says so, and how many have none is said too."""
    themes = [f"{item.name} {item.score}{_partly(item)}" for item in result.scores if item.kind == "theme" and item.score is not None]
    sentences = [f"Scores by theme: {', '.join(themes)}."] if themes else []
    for kind in ("automation", "offering"):
        judged = [item for item in result.scores if item.kind == kind and item.score is not None]
        worst = sorted((item for item in judged if item.score != 100), key=lambda item: item.score or 0)
        named = [f"“{cut(item.name, 80)}” {item.score}{_partly(item)}" for item in worst[:MAX_NAMED]]
        more = [f"{len(worst) - MAX_NAMED} more below 100"] if len(worst) > MAX_NAMED else []
        full = sum(item.score == 100 and not is_partial(item) for item in judged)
        unsure = len(judged) - len(worst) - full
        unscored = sum(item.kind == kind and item.score is None for item in result.scores)
        rest = [f"{full} at 100"] if worst and full else []
        rest += [f"{unsure} at 100 but only partly judged"] if unsure else []
        rest += [f"{unscored} without a score"] if unscored else []
        if worst or unsure or unscored:
            sentences.append(f"Scores by {kind}: {', '.join([*named, *more, *rest])}.")
    return sentences


def is_partial(item: Score) -> bool:
    """True of a score that speaks of less than 80 % of what there was to judge."""
    return item.score is not None and item.judged_percent < PARTIAL_BELOW


def format_part(item: Score) -> str:
    """``54``, ``100, partly judged (40 %)`` or ``not judged``, for a table."""
    if item.score is None:
        return "not judged"
    return f"{item.score}, partly judged ({item.judged_percent} %)" if is_partial(item) else str(item.score)


def _partly(item: Score) -> str:
    return " (partly judged)" if is_partial(item) else ""


def what_it_lacks(item: Score) -> str:
    """The keys that an offering does not state, for a table; empty when it lacks none."""
    return f"lacks {_and(item.lacks)}" if item.lacks else ""


def _and(keys: Sequence[str]) -> str:
    named = [cut(key, 120) for key in keys]
    return f"{', '.join(named[:-1])} and {named[-1]}" if len(named) > 1 else "".join(named)


def _place(item: Score) -> str:
    return f" ({item.location.file}:{item.location.line})" if item.location else ""
