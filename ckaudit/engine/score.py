"""The score: one number for how much of what could be judged is in order."""

from __future__ import annotations

from collections.abc import Iterable

from ckaudit.model.findings import Confidence, ReportedFinding, Severity
from ckaudit.model.rules import Rule

WEIGHTS = {Severity.ERROR: 10.0, Severity.WARNING: 3.0, Severity.INFO: 1.0}
SURENESS = {Confidence.CERTAIN: 1.0, Confidence.LIKELY: 0.6, Confidence.POSSIBLE: 0.3}
LEAST_RULES = 5


def score(evaluated: Iterable[Rule], findings: Iterable[ReportedFinding]) -> int | None:
    """``100 × (1 − lost ÷ at stake)``, from 0 to 100; None when fewer than five rules could be evaluated.

    Each evaluated rule puts the weight of its severity at stake (error 10, warning 3, info 1; that of its worst finding when that is
    more) and loses, once, the most that one of its findings costs: weight × confidence (certain 1, likely 0.6, possible 0.3).
    """
    stakes = {rule.code: WEIGHTS[rule.severity] for rule in evaluated}
    if len(stakes) < LEAST_RULES:
        return None
    lost: dict[str, float] = {}
    for finding in findings:
        if finding.rule in stakes:
            weight = WEIGHTS[finding.severity]
            stakes[finding.rule] = max(stakes[finding.rule], weight)
            lost[finding.rule] = max(lost.get(finding.rule, 0.0), weight * SURENESS[finding.confidence])
    return round(100 * (1 - sum(lost.values()) / sum(stakes.values())))
