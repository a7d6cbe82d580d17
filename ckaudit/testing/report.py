"""What testing rules brought, as text."""

from __future__ import annotations

from ckaudit.render.plain import clean
from ckaudit.testing.check import CasesReport


def cases_text(report: CasesReport) -> str:
    """Every case that failed, what differs, and what was found; then one line that counts."""
    lines: list[str] = []
    for failure in report.failures:
        lines += [f"FAILED {failure.case}", f"  {failure.location}"]
        lines += [f"  {line}" for reason in failure.reasons for line in reason.splitlines()]
        if failure.actual:
            lines += ["  found, as it would stand in the case:", *(f"    {line}" for line in failure.actual.splitlines())]
        lines.append("")
    lines += [f"NO CASES {name}: write them into the file <rule>.cases.yaml beside it" for name in report.untested]
    failed = len(report.failures)
    lines.append(f"{_count(report.rules, 'rule')}, {_count(report.cases, 'case')}: {f'{failed} failed' if failed else 'all as expected'}.")
    return clean("\n".join(lines), keep_newlines=True) + "\n"


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
