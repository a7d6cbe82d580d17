"""The people behind findings: taken away from every finding before it is part of a result, and handed to whoever asked for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import msgspec

from ckaudit.model.findings import ReportedFinding
from ckaudit.model.result import Result

PeopleHook: TypeAlias = Callable[[ReportedFinding, tuple[int, ...]], None]
"""Called for every finding that knows whom it counts, with the finding as it is in the result and the people's numbers."""


def without_people(result: Result, on_people: PeopleHook | None = None) -> Result:
    """The result without anybody's number in it."""
    suppressed = tuple(msgspec.structs.replace(item, finding=_bare(item.finding)) for item in result.suppressed)
    findings = tuple(_bare(finding) for finding in result.findings)
    for before, finding in zip(result.findings, findings, strict=True):
        if on_people and isinstance(before.who, tuple) and before.who:
            on_people(finding, before.who)
    return msgspec.structs.replace(result, findings=findings, suppressed=suppressed)


def _bare(finding: ReportedFinding) -> ReportedFinding:
    return finding if finding.who is msgspec.UNSET else msgspec.structs.replace(finding, who=msgspec.UNSET)
