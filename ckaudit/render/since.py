"""What a baseline knew and the audit could not judge, in sentences that every format says alike; and what became of the rest."""

from __future__ import annotations

from ckaudit.model.baseline import SinceBaseline
from ckaudit.model.findings import ReportedFinding
from ckaudit.model.result import Result
from ckaudit.render.configured import listed
from ckaudit.render.plain import cut, plural

MAX_REASONS = 3


def lost_sentences(since: SinceBaseline | None) -> list[str]:
    """What got lost since the baseline, grouped by reason; empty when everything was judged that it judged."""
    if since is None:
        return []
    groups: dict[str, list[str]] = {}
    for item in since.lost:
        groups.setdefault(cut(item.reason.rstrip("."), 600), []).append(item.rule)
    rules = {reason: [code for code in codes if code] for reason, codes in groups.items()}
    sentences = [cut(sentence, 600) for sentence in since.inputs] if any(rules.values()) else []
    sentences += [f"{reason[:1].upper()}{reason[1:]}." for reason, codes in groups.items() if not all(codes)]
    by_reason = {reason: codes for reason, codes in rules.items() if codes}
    if len(by_reason) > MAX_REASONS:
        by_reason = {"": [code for codes in by_reason.values() for code in codes]}
    for reason, codes in by_reason.items():
        words = plural(len(codes), "{n} rule that the baseline judged could not", "{n} rules that the baseline judged could not")
        because = f": {reason}" if reason and reason not in "".join(sentences) else ""
        sentences.append(f"{words} be judged ({listed(codes)}){because}.")
    if since.not_judged:
        one = "{n} finding of the baseline is not confirmed: nobody looked again, so it counts as still there"
        many = "{n} findings of the baseline are not confirmed: nobody looked again, so they count as still there"
        sentences.append(f"{plural(len(since.not_judged), one, many)} ({listed([_short(item) for item in since.not_judged])}).")
    return sentences


def _short(finding: ReportedFinding) -> str:
    return f"{finding.rule} {finding.object.kind.replace('_', ' ')} “{finding.object.name}”"


def since_sentence(result: Result) -> str:
    """How many findings of a baseline are new, unchanged, fixed, and what became of the others; empty without a baseline."""
    since = result.since
    if since is None:
        return ""
    worse = len(since.worse)
    parts = [
        f"{len(since.new):,} new",
        f"{worse:,} worse" if worse else "",
        f"{sum(not is_new(finding, since) for finding in (*result.findings, *result.known)):,} unchanged",
        f"{len(since.fixed):,} fixed",
        f"{len(since.redescribed):,} described otherwise now" if since.redescribed else "",
        f"{len(since.gone):,} gone with what they name" if since.gone else "",
        f"{len(since.accepted):,} accepted since" if since.accepted else "",
        f"{len(since.covered):,} perhaps part of another finding" if since.covered else "",
        f"{len(since.not_judged):,} not confirmed" if since.not_judged else "",
        f"{len(since.not_asked):,} no longer asked for" if since.not_asked else "",
    ]
    return f"Compared with the baseline: {', '.join(filter(None, parts))}."


def is_new(finding: ReportedFinding, since: SinceBaseline | None) -> bool:
    """True for a finding that a baseline does not have, or that weighs more than there."""
    return since is not None and finding.fingerprint in since.counted
