"""Findings somebody accepted: entries of the configuration and comments in the manifest; and which of those are stale."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from ckaudit.engine.load import LoadedRule
from ckaudit.model.automations import IgnoreComment
from ckaudit.model.config import Suppression
from ckaudit.model.findings import ReportedFinding, Suppressed
from ckaudit.model.refs import ObjectRef
from ckaudit.model.suppressions import StaleSuppression, StaleSuppressions


class Accepted(msgspec.Struct, frozen=True):
    """What became of findings: those that stay and those somebody accepted. ``stale`` is None when nothing may be accepted."""

    kept: tuple[ReportedFinding, ...]
    suppressed: tuple[Suppressed, ...] = ()
    stale: StaleSuppressions | None = None


def accept(
    findings: Iterable[ReportedFinding],
    ignores: Sequence[IgnoreComment],
    entries: Sequence[Suppression],
    today: dt.date,
    judged: Iterable[LoadedRule],
) -> Accepted:
    """Take out what is accepted. ``judged`` are the rules that ran to their end: only of those can an entry be called unused.

    An entry holds up to and including its ``until``; a finding it covered comes back with the reason in its message.
    """
    kept: list[ReportedFinding] = []
    suppressed: list[Suppressed] = []
    used: set[int] = set()
    late: dict[int, Suppression] = {}
    for finding in findings:
        comments = [ignore for ignore in ignores if _covers(ignore, finding)]
        matches = [entry for entry in entries if _matches(entry, finding)]
        used |= {id(item) for item in (*comments, *matches)}
        valid = next((entry for entry in matches if not _is_over(entry, today)), None)
        if comments:
            suppressed.append(Suppressed(finding, comments[0].reason, location=comments[0].location))
        elif valid:
            until = valid.entry.until
            suppressed.append(
                Suppressed(finding, valid.entry.reason, valid.entry.owner, until.isoformat() if until else "", valid.location)
            )
        elif matches:
            late[id(matches[0])] = matches[0]
            kept.append(msgspec.structs.replace(finding, message=f"{finding.message} {_back(matches[0])}"))
        else:
            # joined into another finding: the entry is not needed for this one, but not useless either
            used |= {id(entry) for entry in entries if _is_joined(entry, finding)}
            kept.append(finding)
    names = {word for loaded in judged for word in (loaded.rule.code.lower(), loaded.rule.name)}
    unused, expired = tuple(_unused(entries, ignores, used, names)), tuple(_stale(entry) for entry in late.values())
    stale = StaleSuppressions(unused, expired, len(entries) + len(ignores))
    return Accepted(tuple(kept), tuple(suppressed), stale)


def has_match(item: Suppression, findings: Iterable[ReportedFinding]) -> bool:
    """Whether an entry accepts one of these findings, or one that was joined into one of them."""
    return any(_matches(item, finding) or _is_joined(item, finding) for finding in findings)


def _matches(item: Suppression, finding: ReportedFinding) -> bool:
    return _means(item.entry.rule, finding) and _is_object(item, finding)


def _means(word: str, finding: ReportedFinding) -> bool:
    return word.lower() in (finding.rule.lower(), finding.name)


def _is_object(item: Suppression, finding: ReportedFinding) -> bool:
    wanted, found = item.entry.object, finding.object
    if wanted.kind != found.kind:
        return False
    return str(wanted.id) == str(found.id) if wanted.id is not None else wanted.name == found.name


def _is_joined(item: Suppression, finding: ReportedFinding) -> bool:
    return item.entry.rule.upper() in finding.covers and _is_object(item, finding)


def _is_over(item: Suppression, today: dt.date) -> bool:
    return item.entry.until is not None and today > item.entry.until


def _covers(ignore: IgnoreComment, finding: ReportedFinding) -> bool:
    place = finding.location
    if place is None or place.file != ignore.location.file:
        return False
    first, last = ignore.covers
    return first <= place.line <= last and any(_means(word, finding) for word in ignore.rules)


def _back(item: Suppression) -> str:
    return f"It was accepted until {item.entry.until} ({_said(item.entry.reason)}); that day is over."


def _said(reason: str) -> str:
    return f"“{reason.strip().rstrip('.')}”"


def _unused(
    entries: Sequence[Suppression], ignores: Sequence[IgnoreComment], used: set[int], judged: set[str]
) -> Iterator[StaleSuppression]:
    for item in entries:
        if id(item) not in used and item.entry.rule.lower() in judged:
            yield _stale(item)
    for ignore in ignores:
        if id(ignore) not in used and ignore.rules and all(word.lower() in judged for word in ignore.rules):
            what = ObjectRef("suppression", f"line {ignore.location.line} of {ignore.location.file}")
            yield StaleSuppression(ignore.rules, what, ignore.location, ignore.reason, is_comment=True)


def _stale(item: Suppression) -> StaleSuppression:
    entry, named = item.entry, item.entry.object
    item_object = ObjectRef(named.kind, named.name or str(named.id or ""), named.id)
    return StaleSuppression((entry.rule,), item_object, item.location, entry.reason, entry.until)
