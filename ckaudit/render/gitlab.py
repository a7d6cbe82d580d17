"""A result as GitLab's code quality report: https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format"""

from __future__ import annotations

import hashlib
from typing import Any

from ckaudit.model.findings import ReportedFinding, Severity
from ckaudit.model.result import Result
from ckaudit.render.configured import configured_sentences
from ckaudit.render.locations import location_of, whole_location
from ckaudit.render.options import DEFAULT_OPTIONS, RenderOptions
from ckaudit.render.plain import cut, to_json
from ckaudit.render.since import lost_sentences
from ckaudit.render.text import format_accepted
from ckaudit.render.text_findings import with_same

_SEVERITIES = {Severity.ERROR: "critical", Severity.WARNING: "major", Severity.INFO: "info"}


def render_gitlab(result: Result, options: RenderOptions = DEFAULT_OPTIONS) -> str:
    """A JSON array, one object for each finding, worst first; then one of severity info for each that somebody accepted, so that whoever
    reviews a change sees what it accepts, and one for each thing that the configuration changes.

    GitLab compares the report with that of the target branch itself. So findings that a baseline has, or that could not be confirmed, are
    in it like the new ones: it would call them resolved.
    """
    still = result.since.not_judged if result.since else ()
    issues = [_issue(finding, result, options) for finding in (*result.findings, *result.known, *still)]
    issues += [_note("baseline", sentence, "blocker", result, options) for sentence in lost_sentences(result.since)]
    issues += [_note("configuration", sentence, "info", result, options) for sentence in configured_sentences(result)]
    for item in result.suppressed:
        issue = _issue(item.finding, result, options)
        changed = {
            "description": f"Accepted: {format_accepted(item)}. {issue['description']}",
            "fingerprint": f"{item.finding.fingerprint}-accepted",
            "severity": "info",
        }
        issues.append(issue | changed)
    return to_json(issues)


def _note(name: str, sentence: str, severity: str, result: Result, options: RenderOptions) -> dict[str, Any]:
    """A sentence about the audit as a whole; it stands where the manifest or the account begins."""
    place = whole_location(result, options)
    return {
        "description": sentence,
        "check_name": name,
        "fingerprint": hashlib.sha256(f"{name}\0{sentence}".encode("utf-8", "surrogatepass")).hexdigest()[:16],
        "severity": severity,
        "location": {"path": place.file, "lines": {"begin": place.line}},
    }


def _issue(finding: ReportedFinding, result: Result, options: RenderOptions) -> dict[str, Any]:
    place = location_of(finding, result, options)
    return {
        "description": f"{cut(finding.title, 200)}: {with_same(finding, 1000)}",
        "check_name": f"{finding.rule} {cut(finding.name, 100)}",
        "fingerprint": finding.fingerprint,
        "severity": _SEVERITIES[finding.severity],
        "location": {"path": place.file, "lines": {"begin": place.line}},
    }
