"""What became of an earlier result of the account, the baseline, in a later one."""

from __future__ import annotations

from functools import cached_property

import msgspec

from ckaudit.model.findings import NotEvaluated, ReportedFinding


class SinceBaseline(msgspec.Struct, frozen=True, dict=True):
    """The findings of the baseline that a later result does not have, each in one group, and what the later audit could not judge.

    ``generated_at`` is when the baseline was made (UTC). ``new`` are the fingerprints of findings it does not have; ``worse`` maps those of
    findings that weigh more now to their severity before. ``fixed``: looked for again, and gone. ``redescribed``: gone as well, but all
    that changed about it is what somebody wrote down (a corrected name, or what a tag is for). ``gone``: something they name does not
    exist any more. ``accepted``: somebody accepted them since. ``covered``: perhaps part of another finding now. ``not_judged``: whether
    they are still there could not be judged, so that nothing confirms that they are fixed. ``not_asked``: their rule did not run this
    time, or findings were hidden.

    ``inputs`` are sentences about what the earlier audit had and the later one lacks. ``lost`` are the rules that the earlier audit could
    judge and the later one could not, and the names that the later one does not find (these have no ``rule``), each with the reason.
    """

    generated_at: str = ""
    new: tuple[str, ...] = ()
    worse: dict[str, str] = {}
    fixed: tuple[ReportedFinding, ...] = ()
    redescribed: tuple[ReportedFinding, ...] = ()
    gone: tuple[ReportedFinding, ...] = ()
    accepted: tuple[ReportedFinding, ...] = ()
    covered: tuple[ReportedFinding, ...] = ()
    not_judged: tuple[ReportedFinding, ...] = ()
    not_asked: tuple[ReportedFinding, ...] = ()
    inputs: tuple[str, ...] = ()
    lost: tuple[NotEvaluated, ...] = ()

    @cached_property
    def counted(self) -> frozenset[str]:
        """The fingerprints of findings that are new or weigh more than before."""
        return frozenset((*self.new, *self.worse))

    @property
    def is_open(self) -> bool:
        """True when the later audit could not judge something that the earlier one could."""
        return bool(self.not_judged or self.lost)


class Unresolved(msgspec.Struct, frozen=True):
    """A name of the manifest that the account does not have. ``objects`` are what touches it and is not judged, as ``kind:id``; ``rules``
    those that left a finding out because of it, or judged nothing."""

    kind: str
    name: str
    reason: str
    objects: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
