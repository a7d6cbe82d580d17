"""A result as JUnit XML, for the test page of a CI system.

One suite for each theme. What fails the run is a failure: a finding at or above the severity that was asked for. One below it passes and
says what it saw; a rule that found nothing passes, one that was not evaluated is skipped, or an error where that fails the run, one that
broke is an error. An accepted finding is skipped, too. What a baseline could judge and the audit could not is an error.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections import Counter

from ckaudit.model.findings import ReportedFinding
from ckaudit.model.result import Result
from ckaudit.render.configured import configured_sentences
from ckaudit.render.locations import location_of
from ckaudit.render.options import DEFAULT_OPTIONS, RenderOptions
from ckaudit.render.plain import clean, cut, defused
from ckaudit.render.scores import unjudged_offerings
from ckaudit.render.since import lost_sentences
from ckaudit.render.text import format_accepted
from ckaudit.render.text_findings import format_path, format_same

MAX_LENGTH = 2000
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render_junit(result: Result, options: RenderOptions = DEFAULT_OPTIONS) -> str:
    """The result as one ``testsuites`` element."""
    themes = {rule.code: rule.theme for rule in result.rules}
    suites: dict[str, ET.Element] = {}
    names: Counter[str] = Counter()

    def case(code: str, name: str) -> ET.Element:
        """A test case; one of a name that was there gets a number, as GitLab leaves out the second of a name."""
        theme = cut(themes.get(code, "")) or "other"
        suite = suites.setdefault(theme, ET.Element("testsuite", name=xml(f"ckaudit.{theme}")))
        named = xml(f"{code} {name}".strip())
        names[named] += 1
        unique = named if names[named] == 1 else f"{named} ({names[named]})"
        return ET.SubElement(suite, "testcase", classname=xml(f"ckaudit.{theme}"), name=unique, time="0")

    for finding in result.findings:
        _found(case(finding.rule, f"{finding.name}: {finding.object}"), finding, result, options)
    for passed in result.passed:
        case(passed.rule, passed.name)
    for accepted in result.suppressed:
        name = f"{accepted.finding.name}: {accepted.finding.object}"
        ET.SubElement(case(accepted.finding.rule, name), "skipped", message=xml(format_accepted(accepted)))
    open_counts = options.unjudged and result.since is None
    for skipped in result.not_evaluated:
        _open(case(skipped.rule, skipped.name), skipped.reason, fails=open_counts)
    for gap in result.unresolved if open_counts else ():
        _open(case("", f"name that the account does not have: {gap.name}"), gap.reason, fails=True)
    for sentence in lost_sentences(result.since):
        _open(case("", f"baseline: {sentence}"), sentence, fails=options.unjudged)
    for sentence in configured_sentences(result):
        _open(case("", f"configuration: {sentence}"), sentence, fails=False)
    for nothing in result.not_applicable:
        ET.SubElement(case(nothing.rule, nothing.name), "skipped", message=xml(f"nothing to judge: {nothing.reason}"))
    for offering in unjudged_offerings(result):
        ET.SubElement(case("offering", offering.partition("”")[0]), "skipped", message=xml(offering))
    for crashed in result.crashed:
        ET.SubElement(case(crashed.rule, crashed.name), "error", type="crashed", message=xml(crashed.reason))
    return _written(suites, result)


def _open(case: ET.Element, reason: str, *, fails: bool) -> None:
    """What was not judged: skipped, or an error where that fails the run."""
    if fails:
        ET.SubElement(case, "error", type="not judged", message=xml(reason))
    else:
        ET.SubElement(case, "skipped", message=xml(reason))


def _found(case: ET.Element, finding: ReportedFinding, result: Result, options: RenderOptions) -> None:
    severity = finding.severity
    text = "\n".join(
        [
            str(location_of(finding, result, options)),
            finding.message,
            *([f"The same in: {format_same(finding)}"] if finding.same_cause else []),
            *([f"Path: {format_path(finding.path)}"] if finding.path else []),
            *(f"{number}. {step}" for number, step in enumerate(finding.fix, 1)),
        ]
    )
    if not options.fails(severity):
        ET.SubElement(case, "system-out").text = xml(text, longest=MAX_LENGTH)
    else:
        ET.SubElement(case, "failure", type=str(severity), message=xml(finding.title)).text = xml(text, longest=MAX_LENGTH)


def _written(suites: dict[str, ET.Element], result: Result) -> str:
    root = ET.Element("testsuites", name="ckaudit")
    total = dict.fromkeys(("tests", "failures", "errors", "skipped"), 0)
    for name in sorted(suites):
        suite = suites[name]
        counts = {"tests": len(suite.findall("testcase")), **{f"{kind}s": len(suite.findall(f"*/{kind}")) for kind in ("failure", "error")}}
        counts["skipped"] = len(suite.findall("*/skipped"))
        for key, number in counts.items():
            suite.set(key, str(number))
            total[key] += number
        if result.coverage.sections:
            properties = ET.Element("properties")
            ET.SubElement(properties, "property", name="read_on", value=xml(result.coverage.read_on or "nobody wrote it down"))
            suite.insert(0, properties)
        suite.set("timestamp", xml(result.generated_at.removesuffix("Z")))
        root.append(suite)
    for key, number in total.items():
        root.set(key, str(number))
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def xml(text: str, longest: int = 300) -> str:
    """Text that XML 1.0 may hold, cut to a length."""
    safe = _FORBIDDEN.sub("�", defused(clean(text[: longest * 4], keep_newlines=True)))
    return safe if len(safe) <= longest else safe[: longest - 1] + "…"
