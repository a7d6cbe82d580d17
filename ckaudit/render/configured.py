"""What a configuration changed about an audit, in sentences that every format says alike: who reviews a change must see them."""

from __future__ import annotations

from collections.abc import Sequence

from ckaudit.model.result import Result
from ckaudit.render.plain import count, cut

MAX_NAMED = 12


def configured_sentences(result: Result, by: str = "", what: str = "rule") -> list[str]:
    """One sentence for each kind of change; none when nothing was configured that changes what is found. ``by`` and ``what`` are words for
    who changed it, and for rules, where readers have others."""
    told, is_person = result.configured, bool(by)
    by = by or cut(told.by, 120) or "the configuration"
    sentences = []
    if told.ignored:
        sentences.append(f"{count(len(told.ignored), what)} ignored by {by}: {listed(told.ignored)}.")
    if told.not_selected:
        sentences.append(f"{count(told.not_selected, what)} not asked for: {by} selects others.")
    if told.severities:
        changes = [f"{code} {_severity(is_now)} instead of {_severity(was)}" for code, (was, is_now) in told.severities.items()]
        sentences.append(f"{count(len(changes), what)} with another severity by {by}: {listed(changes)}.")
    if told.options:
        sentences.append(f"{count(len(told.options), what)} with other options by {by}: {listed(told.options)}.")
    if limits := [f"below {name} {cut(value, 20)}" for name, value in _limits(result)]:
        sentences.append(f"Not shown, by {by}: what is {' or '.join(limits)}.")
    if told.suppressions_off:
        sentences.append("Suppressions were switched off.")
    elif told.suppressions:
        entries = "1 entry accepts" if told.suppressions == 1 else f"{told.suppressions:,} entries accept"
        sentences.append(f"Some findings were accepted by {by}." if is_person else f"{entries} findings in {by}.")
    return sentences


def _limits(result: Result) -> list[tuple[str, str]]:
    told = result.configured
    return [(name, value) for name, value in (("severity", told.min_severity), ("confidence", told.min_confidence)) if value]


def _severity(word: str) -> str:
    return cut(word, 20)


def listed(words: Sequence[str]) -> str:
    """The first few with commas, and how many more there are."""
    more = f" and {len(words) - MAX_NAMED:,} more" if len(words) > MAX_NAMED else ""
    return ", ".join(cut(word, 60) for word in words[:MAX_NAMED]) + more
