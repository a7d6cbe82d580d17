"""Two results of one account: what is new, what stayed, and what became of the rest. Findings are the same when their fingerprints are.

A finding may be covered by another one of the same cause (``covers``) in one of the results and alone in the other. Then it is neither
new nor fixed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

import msgspec

from ckaudit.engine.disappeared import disappeared, lost, lost_inputs
from ckaudit.engine.fingerprint import object_key, object_keys
from ckaudit.engine.sort_and_filter import order
from ckaudit.model.baseline import SinceBaseline
from ckaudit.model.errors import InputError
from ckaudit.model.findings import ReportedFinding, Severity
from ckaudit.model.result import Result


class Changed(msgspec.Struct, frozen=True):
    """A finding that is in both results with another severity."""

    before: str
    finding: ReportedFinding


class ResultDiff(msgspec.Struct, frozen=True):
    """What happened between two results. ``worse`` and ``milder`` are in both and weigh more or less now; what is worse counts as new.

    ``unchanged`` were there before, alone or covered by another finding. ``since`` says what became of those that are gone.
    """

    new: tuple[ReportedFinding, ...] = ()
    worse: tuple[Changed, ...] = ()
    milder: tuple[Changed, ...] = ()
    unchanged: tuple[ReportedFinding, ...] = ()
    since: SinceBaseline = SinceBaseline()

    @property
    def counted(self) -> tuple[ReportedFinding, ...]:
        """What is new or weighs more than before."""
        return (*self.new, *(item.finding for item in self.worse))

    @property
    def differs(self) -> bool:
        """Whether anything but what is unchanged is in it."""
        since = self.since
        left = (since.fixed, since.redescribed, since.gone, since.accepted, since.covered, since.not_judged, since.not_asked, since.lost)
        return bool(self.new or self.worse or self.milder or any(left))


def compare_results(old: Result, new: Result) -> ResultDiff:
    """What happened from ``old`` to ``new``; every finding is in one group only, in the order of its result.

    Raises:
        InputError: they are of different accounts.
    """
    check_account(old, new)
    old, new = remembered(old), whole(new)
    before = {finding.fingerprint: finding for finding in old.findings}
    after = {finding.fingerprint for finding in new.findings}
    for earlier, later in _told_otherwise(old, new):
        before[later.fingerprint] = earlier
        after.add(earlier.fingerprint)
    both = [finding for finding in new.findings if finding.fingerprint in before]
    more = [finding for finding in new.findings if finding.fingerprint not in before]
    covering = [finding for finding in old.findings if finding.covers]
    steps = [(before[finding.fingerprint].severity, finding) for finding in both]
    worse = tuple(Changed(str(was), finding) for was, finding in steps if finding.severity.rank < was.rank)
    groups = disappeared([finding for finding in old.findings if finding.fingerprint not in after], old, new)
    first = tuple(finding for finding in more if not _is_covered(finding, covering))
    return ResultDiff(
        new=first,
        worse=worse,
        milder=tuple(Changed(str(was), finding) for was, finding in steps if finding.severity.rank > was.rank),
        unchanged=(
            *(finding for was, finding in steps if finding.severity is was),
            *(finding for finding in more if _is_covered(finding, covering)),
        ),
        since=SinceBaseline(
            generated_at=old.generated_at,
            new=tuple(finding.fingerprint for finding in first),
            worse={item.finding.fingerprint: item.before for item in worse},
            inputs=lost_inputs(old, new),
            lost=lost(old, new),
            **groups,
        ),
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

    A finding that became worse is new.

    Raises:
        InputError: the baseline is of another account.
    """
    diff = compare_results(baseline, result)
    new = diff.since.counted
    found = tuple(finding for finding in result.findings if finding.fingerprint in new)
    known = tuple(finding for finding in result.findings if finding.fingerprint not in new)
    return msgspec.structs.replace(_with(result, found, known, diff.since), since=diff.since)


def whole(result: Result) -> Result:
    """The result as it was before a baseline took findings out of it."""
    if result.since is None and not result.known:
        return result
    everything = tuple(sorted((*result.findings, *result.known), key=order))
    return msgspec.structs.replace(_with(result, everything, (), SinceBaseline()), since=None)


def remembered(baseline: Result) -> Result:
    """A baseline with everything it knows of: what it could not confirm itself is not forgotten, nor what it could not judge any more."""
    since = baseline.since
    everything = whole(baseline)
    if since is None or not since.is_open:
        return everything
    codes = {item.rule for item in since.lost}
    return msgspec.structs.replace(
        everything,
        findings=(*everything.findings, *since.not_judged),
        not_evaluated=tuple(item for item in everything.not_evaluated if item.rule not in codes),
        crashed=tuple(item for item in everything.crashed if item.rule not in codes),
        unresolved=tuple(item for item in everything.unresolved if item.reason not in {gap.reason for gap in since.lost}),
    )


def _with(result: Result, findings: tuple[ReportedFinding, ...], known: tuple[ReportedFinding, ...], since: SinceBaseline) -> Result:
    counts = Counter(finding.severity for finding in findings)
    summary = msgspec.structs.replace(
        result.summary,
        error=counts[Severity.ERROR],
        warning=counts[Severity.WARNING],
        info=counts[Severity.INFO],
        unchanged=len(known),
        fixed=len(since.fixed),
        not_confirmed=len(since.not_judged),
    )
    return msgspec.structs.replace(result, summary=summary, findings=findings, known=known)


def check_account(old: Result, new: Result) -> None:
    """Raise InputError for results of different accounts; one without an account goes with any."""
    first, second = old.account.id, new.account.id
    if first is not None and second is not None and first != second:
        raise InputError(f"these are two accounts: {first} and {second}", hint="Compare results of the same account.")
