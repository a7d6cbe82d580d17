"""Two results of one account: what is new, what is gone, what stayed. Findings are the same when their fingerprints are.

A finding may be covered by another one of the same cause (``covers``) in one of the results and alone in the other. Then it is neither
new nor fixed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

import msgspec

from ckaudit.engine.fingerprint import object_key, object_keys
from ckaudit.engine.sort_and_filter import order
from ckaudit.model.errors import InputError
from ckaudit.model.findings import ReportedFinding, Severity
from ckaudit.model.result import Result


class Changed(msgspec.Struct, frozen=True):
    """A finding that is in both results with another severity."""

    before: str
    finding: ReportedFinding


class ResultDiff(msgspec.Struct, frozen=True):
    """What happened between two results. ``unclear`` are gone, but nobody knows whether they are fixed: their rule was not judged
    the second time, findings were hidden, or another finding covers some of their rule now.

    ``unchanged`` were there before, alone or covered by another finding. ``accepted`` were findings and are suppressed now.
    """

    new: tuple[ReportedFinding, ...] = ()
    fixed: tuple[ReportedFinding, ...] = ()
    unchanged: tuple[ReportedFinding, ...] = ()
    changed: tuple[Changed, ...] = ()
    accepted: tuple[ReportedFinding, ...] = ()
    unclear: tuple[ReportedFinding, ...] = ()


def compare_results(old: Result, new: Result) -> ResultDiff:
    """What happened from ``old`` to ``new``; every finding is in one group only, in the order of its result.

    Raises:
        InputError: they are of different accounts.
    """
    check_account(old, new)
    old, new = whole(old), whole(new)
    before = {finding.fingerprint: finding for finding in old.findings}
    after = {finding.fingerprint for finding in new.findings}
    for earlier, later in _told_otherwise(old, new):
        before[later.fingerprint] = earlier
        after.add(earlier.fingerprint)
    accepted = {item.finding.fingerprint for item in new.suppressed}
    judged = {rule.code for rule in new.rules} - {item.rule for item in (*new.not_evaluated, *new.crashed)}
    judged -= {code for finding in new.findings for code in finding.covers}
    if new.summary.hidden:  # what is gone may just be below --min-severity this time
        judged = set()
    gone = [finding for finding in old.findings if finding.fingerprint not in after]
    both = [finding for finding in new.findings if finding.fingerprint in before]
    more = [finding for finding in new.findings if finding.fingerprint not in before]
    covering = [finding for finding in old.findings if finding.covers]
    return ResultDiff(
        new=tuple(finding for finding in more if not _is_covered(finding, covering)),
        fixed=tuple(finding for finding in gone if finding.fingerprint not in accepted and finding.rule in judged),
        unchanged=(
            *(finding for finding in both if before[finding.fingerprint].severity is finding.severity),
            *(finding for finding in more if _is_covered(finding, covering)),
        ),
        changed=tuple(
            Changed(str(before[finding.fingerprint].severity), finding)
            for finding in both
            if before[finding.fingerprint].severity is not finding.severity
        ),
        accepted=tuple(finding for finding in gone if finding.fingerprint in accepted),
        unclear=tuple(finding for finding in gone if finding.fingerprint not in accepted and finding.rule not in judged),
    )


def _told_otherwise(old: Result, new: Result) -> Iterator[tuple[ReportedFinding, ReportedFinding]]:
    """Pairs of findings of one rule about one object that name other things beside it, because more is known of what tags mean.

    A first manifest, or ``offerings`` in place of guesses, would else make the same fault both fixed and new.
    """
    if _meanings(old) == _meanings(new):
        return
    before, after = ({finding.fingerprint for finding in result.findings} for result in (old, new))
    waiting: dict[tuple[str, str], list[ReportedFinding]] = {}
    for finding in old.findings:
        if finding.fingerprint not in after:
            waiting.setdefault((finding.rule, object_key(finding.object)), []).append(finding)
    for finding in new.findings:
        if finding.fingerprint not in before and (found := waiting.get((finding.rule, object_key(finding.object)))):
            yield found.pop(0), finding


def _meanings(result: Result) -> tuple[bool, set[tuple[str, str, str]]]:
    """Whether automations were stated, and what tags and sequences are taken for."""
    return bool(result.coverage.manifest.files), {(role.role, object_key(role.object), role.offering) for role in result.roles}


def _is_covered(finding: ReportedFinding, others: Iterable[ReportedFinding]) -> bool:
    """Whether one of the others covers it: names its rule, and has an object in common with it."""
    return any(finding.rule in other.covers and object_keys(finding) & object_keys(other) for other in others)


def only_new(result: Result, baseline: Result) -> Result:
    """The result without findings that the baseline has, too; they are counted and kept in ``known``. The score stays that of the whole
    account.

    A finding that became worse is not new.

    Raises:
        InputError: the baseline is of another account.
    """
    diff = compare_results(baseline, result)
    new = {finding.fingerprint for finding in diff.new}
    known = tuple(finding for finding in result.findings if finding.fingerprint not in new)
    return _with(result, diff.new, known, fixed=len(diff.fixed))


def whole(result: Result) -> Result:
    """The result as it was before a baseline took findings out of it."""
    if not (result.known or result.summary.fixed):
        return result
    return _with(result, tuple(sorted((*result.findings, *result.known), key=order)), ())


def _with(result: Result, findings: tuple[ReportedFinding, ...], known: tuple[ReportedFinding, ...], fixed: int = 0) -> Result:
    counts = Counter(finding.severity for finding in findings)
    summary = msgspec.structs.replace(
        result.summary,
        error=counts[Severity.ERROR],
        warning=counts[Severity.WARNING],
        info=counts[Severity.INFO],
        unchanged=len(known),
        fixed=fixed,
    )
    return msgspec.structs.replace(result, summary=summary, findings=findings, known=known)


def check_account(old: Result, new: Result) -> None:
    """Raise InputError for results of different accounts; one without an account goes with any."""
    first, second = old.account.id, new.account.id
    if first is not None and second is not None and first != second:
        raise InputError(f"these are two accounts: {first} and {second}", hint="Compare results of the same account.")
