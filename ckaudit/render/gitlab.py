"""A result as GitLab's code quality report: https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format"""

from __future__ import annotations

import msgspec

from ckaudit.model.findings import Severity
from ckaudit.model.result import Result
from ckaudit.render.options import DEFAULT_OPTIONS, RenderOptions
from ckaudit.render.place import place_of
from ckaudit.render.plain import cut

_SEVERITIES = {Severity.ERROR: "critical", Severity.WARNING: "major", Severity.INFO: "info"}


def render_gitlab(result: Result, options: RenderOptions = DEFAULT_OPTIONS) -> str:
    """A JSON array, one object for each finding, worst first."""
    issues = []
    for finding in result.findings:
        place = place_of(finding, result, options)
        issues.append(
            {
                "description": f"{cut(finding.title, 200)}: {cut(finding.message, 1000)}",
                "check_name": f"{finding.rule} {cut(finding.name, 100)}",
                "fingerprint": finding.fingerprint,
                "severity": _SEVERITIES[finding.severity or Severity.INFO],
                "location": {"path": place.file, "lines": {"begin": place.line}},
            }
        )
    return msgspec.json.format(msgspec.json.encode(issues), indent=2).decode("utf-8") + "\n"
