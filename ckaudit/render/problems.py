"""Why there is no audit, in the formats of CI systems: what is wrong with the input, each problem at its place.

A result cannot be made of it, so formats that hold results alone (JSON, CSV, PDF) are not written.
"""

from __future__ import annotations

import hashlib
import html
import xml.etree.ElementTree as ET
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from ckaudit.model.errors import ExitStatus, Location, Problem
from ckaudit.render.github import escape, escape_property
from ckaudit.render.junit import xml
from ckaudit.render.locations import uri
from ckaudit.render.markdown import md
from ckaudit.render.plain import clean, cut, defused, to_json
from ckaudit.version import __version__

MAX_MESSAGE = 1000
Renderer: TypeAlias = Callable[[Sequence[Problem], ExitStatus], str]


def _words(problem: Problem) -> str:
    return cut(f"{problem.message}. {problem.hint}" if problem.hint else problem.message, MAX_MESSAGE)


def _place(problem: Problem) -> Location:
    place = problem.location or Location("")
    return Location(place.file, max(1, place.line), max(1, place.column))


def _github(problems: Sequence[Problem], _: ExitStatus) -> str:
    """An error for each. GitHub shows ten; the others are in the log."""
    lines = []
    for problem in problems:
        place = _place(problem)
        where = f"file={escape_property(place.file)},line={place.line},col={place.column}," if place.file else ""
        lines.append(f"::error {where}title=ckaudit could not audit::{escape(_words(problem))}\n")
    return "".join(lines)


def _sarif(problems: Sequence[Problem], status: ExitStatus) -> str:
    notes = [{"level": "error", "message": {"text": _words(problem)}, **_located(problem)} for problem in problems]
    invocation = {"executionSuccessful": False, "exitCode": int(status), "toolConfigurationNotifications": notes}
    run = {"tool": {"driver": {"name": "ckaudit", "version": __version__}}, "invocations": [invocation], "results": []}
    return to_json({"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]})


def _located(problem: Problem) -> dict[str, Any]:
    place = _place(problem)
    if not place.file:
        return {}
    region = {"startLine": place.line, "startColumn": place.column}
    return {"locations": [{"physicalLocation": {"artifactLocation": {"uri": uri(place.file)}, "region": region}}]}


def _junit(problems: Sequence[Problem], _: ExitStatus) -> str:
    counts = {"tests": str(len(problems)), "failures": "0", "errors": str(len(problems)), "skipped": "0"}
    root = ET.Element("testsuites", {"name": "ckaudit", **counts})
    suite = ET.SubElement(root, "testsuite", {"name": "ckaudit.input", **counts})
    for number, problem in enumerate(problems, 1):
        case = ET.SubElement(suite, "testcase", classname="ckaudit.input", name=f"problem {number} of the input", time="0")
        ET.SubElement(case, "error", type="invalid input", message=xml(problem.message)).text = xml(str(problem), longest=MAX_MESSAGE)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _gitlab(problems: Sequence[Problem], _: ExitStatus) -> str:
    return to_json([_issue(problem) for problem in problems])


def _issue(problem: Problem) -> dict[str, Any]:
    place = _place(problem)
    text = f"{place.file}\0{problem.message}"
    return {
        "description": _words(problem),
        "check_name": "input",
        "fingerprint": hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16],
        "severity": "blocker",
        "location": {"path": place.file or "ckaudit.toml", "lines": {"begin": place.line}},
    }


def _markdown(problems: Sequence[Problem], _: ExitStatus) -> str:
    lines = [f"- {f'{md(str(problem.location))}: ' if problem.location else ''}{md(_words(problem), MAX_MESSAGE)}" for problem in problems]
    return "\n".join(
        ["## Kit audit: nothing was audited", "", "The input has problems; until they are put right nothing is known.", "", *lines, ""]
    )


def _html(problems: Sequence[Problem], _: ExitStatus) -> str:
    """A page in place of an older report, which would look like today's."""
    items = "".join(f"<li>{html.escape(clean(str(problem)))}</li>" for problem in problems)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>Nothing was audited</title></head>'
        f"<body><main><h1>Nothing was audited</h1><p>The input has problems.</p><ul>{items}</ul></main></body></html>\n"
    )


def _text(problems: Sequence[Problem], _: ExitStatus) -> str:
    return defused("".join(f"{clean(str(problem), keep_newlines=True)}\n" for problem in problems))


_RENDERERS: Mapping[str, Renderer] = {
    "github": _github,
    "sarif": _sarif,
    "junit": _junit,
    "gitlab": _gitlab,
    "markdown": _markdown,
    "html": _html,
    "text": _text,
}
PROBLEM_FORMATS = frozenset(_RENDERERS)


def render_problems(problems: Sequence[Problem], form: str, status: ExitStatus) -> str:
    """The problems in one of ``PROBLEM_FORMATS``. ``status`` is the exit status of the command."""
    return _RENDERERS[form](problems, status)
