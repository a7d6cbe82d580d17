"""What came of running one rule."""

from __future__ import annotations

import msgspec

from ckaudit.engine.load import LoadedRule
from ckaudit.model.findings import NotEvaluated, ReportedFinding


class RuleRun(msgspec.Struct, frozen=True):
    """What came of one rule. A rule may have findings and still end as not evaluated or crashed: what it found before stays."""

    rule: LoadedRule
    findings: tuple[ReportedFinding, ...] = ()
    not_evaluated: NotEvaluated | None = None
    crashed: NotEvaluated | None = None
