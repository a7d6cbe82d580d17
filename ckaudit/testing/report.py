"""What testing rules brought, as text."""

from __future__ import annotations

from itertools import groupby

from ckaudit.render.plain import clean
from ckaudit.testing.folders import RulesReport


def report_text(report: RulesReport) -> str:
    """Every case that failed, what differs, and what was found; what rules lack, and what to do about it; then one line that counts."""
    lines: list[str] = []
    for failure in report.failures:
        lines += [f"FAILED {failure.case}", f"  {failure.location}"]
        lines += [f"  {line}" for reason in failure.reasons for line in reason.splitlines()]
        if failure.actual:
            lines += ["  found, as it would stand in the case:", *(f"    {line}" for line in failure.actual.splitlines())]
        lines.append("")
    for (rule, file), items in groupby(report.shortfalls, key=lambda item: (item.rule, item.file)):
        lines += [f"LACKING {rule}", f"  {file}"]
        for item in items:
            lines += [f"  - {item.missing}", f"    {item.todo}"]
        lines.append("")
    lines += [f"NO CASES {name}: write them into the file <rule>.cases.yaml beside it" for name in report.untested]
    failed, lacking = len(report.failures), len({item.rule for item in report.shortfalls})
    outcome = f"{failed} failed" if failed else "all as expected"
    lacks = f"; {_count(lacking, 'rule')} below the bar (--relaxed asks only for cases)" if lacking else ""
    lines.append(f"{_count(report.rules, 'rule')}, {_count(report.cases, 'case')}: {outcome}{lacks}.")
    return clean("\n".join(lines), keep_newlines=True) + "\n"


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
