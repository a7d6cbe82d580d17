"""The score: how much harm the findings of an audit stand for, from 100 down, and how much of the account it speaks of.

Each finding costs by its severity and its confidence, every further finding of the same rule less: the second half, the third a third.
What they cost together brings the score down from its ceiling: 59 while an error stands, 99 while a warning stands, else 100. So the score
is never 100 with something to do, never above 59 with an error, and another finding never raises it. Rules that were not evaluated and
rules that passed change nothing about it; ``judged_percent`` says how much it speaks of, below 80 it is partial. A finding that others
were joined into weighs as much as the worst of them.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence

from ckaudit.model.findings import Confidence, ReportedFinding, Severity
from ckaudit.model.result import Grade

COSTS = {Severity.ERROR: 0.08, Severity.WARNING: 0.025, Severity.INFO: 0.003}
SURENESS = {Confidence.CERTAIN: 1.0, Confidence.LIKELY: 0.6, Confidence.POSSIBLE: 0.3}
CEILINGS = {Severity.ERROR: 59, Severity.WARNING: 99, Severity.INFO: 100}
MIN_RULES = 5
MIN_PERCENT = 20
"""With fewer rules judged, or a smaller share of them, the audit speaks of too little for a score."""
PARTIAL_BELOW = 80
GRADES = ((90, Grade.GOOD), (60, Grade.FAIR), (0, Grade.POOR))


def score(findings: Iterable[ReportedFinding]) -> int:
    """0 to 100 for these findings alone; 100 when there is none."""
    found = tuple(findings)
    if not found:
        return 100
    ceiling = CEILINGS[min((_weight(finding) for finding in found), key=lambda severity: severity.rank)]
    costs: defaultdict[str, list[float]] = defaultdict(list)
    for finding in found:
        costs[finding.rule].append(COSTS[_weight(finding)] * SURENESS[finding.confidence])
    lost = sum(cost / place for group in costs.values() for place, cost in enumerate(sorted(group, reverse=True), start=1))
    return math.floor(ceiling * math.exp(-lost))


def judged_percent(judged: int, left_open: int) -> int:
    """The share of rules that were judged, of those that had something to judge or may have had; 0 to 100, rounded down."""
    return 100 * judged // (judged + left_open) if judged + left_open else 0


def grade(value: int | None, percent: int) -> Grade:
    """What the score means; partial while less than 80 % of the rules could be judged."""
    if value is None or percent < PARTIAL_BELOW:
        return Grade.PARTIAL
    return next(grade for least, grade in GRADES if value >= least)


def overall(findings: Sequence[ReportedFinding], judged: int, percent: int) -> int | None:
    """The score of the account, None when hardly anything could be judged."""
    return score(findings) if judged >= MIN_RULES and percent >= MIN_PERCENT else None


def _weight(finding: ReportedFinding) -> Severity:
    worst = finding.covers_severity
    return finding.severity if worst is None else min((finding.severity, worst), key=lambda severity: severity.rank)
