"""A result as SARIF 2.1.0, as GitHub's code scanning takes it: every result has a place in a file, and the file has its limits.

Limits: https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from ckaudit.model.errors import Location
from ckaudit.model.findings import Confidence, PathStep, ReportedFinding, Severity, Suppressed
from ckaudit.model.refs import ObjectRef
from ckaudit.model.result import Result, RuleText
from ckaudit.render.configured import configured_sentences
from ckaudit.render.locations import location_of, object_location, step_location, uri
from ckaudit.render.options import DEFAULT_OPTIONS, RenderOptions
from ckaudit.render.plain import clean, cut, inert_json
from ckaudit.render.scores import unjudged_offerings
from ckaudit.render.since import is_new, lost_sentences
from ckaudit.render.text_findings import with_same

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
FINGERPRINT = "ckaudit/v1"
ALERT = "primaryLocationLineHash"
"""What GitHub knows alerts by. The upload makes it of the text of the line where a file has none: a rename would close an alert, and open
another one without what was decided about the first."""
MAX_RESULTS = 25_000
MAX_BYTES = 25_000_000
MAX_STEPS = 100
MAX_MESSAGE = 1000

_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_PRECISION = {Confidence.CERTAIN: "very-high", Confidence.LIKELY: "medium", Confidence.POSSIBLE: "low"}


def render_sarif(result: Result, options: RenderOptions = DEFAULT_OPTIONS) -> str:
    """The result, accepted findings last and marked as suppressed. What does not fit into GitHub's limits is left out, the least important
    first, and a notification says so."""
    count = min(len(_listed(result)) + len(result.suppressed), MAX_RESULTS)
    while True:
        text = _encoded(result, options, count)
        if len(text) <= MAX_BYTES or not count:
            return text.decode("utf-8") + "\n"
        count = min(count - 1, count * MAX_BYTES // len(text))


def _encoded(result: Result, options: RenderOptions, count: int) -> bytes:
    rules = _rules(result)
    index = {rule.code: number for number, rule in enumerate(rules)}
    run = {
        "tool": {"driver": _driver(result, rules, options)},
        "automationDetails": {"id": f"ckaudit/{result.account.id if result.account.id is not None else 'manifest'}/"},
        "columnKind": "unicodeCodePoints",
        "properties": {"readOn": result.coverage.read_on, "auditedAt": result.generated_at},
        "invocations": [{"executionSuccessful": not result.crashed, "toolExecutionNotifications": _notifications(result, count)}],
        "results": _results(result, options, index)[:count],
    }
    text = msgspec.json.format(msgspec.json.encode({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}), indent=1)
    return inert_json(text.decode("utf-8")).encode("utf-8")


def _results(result: Result, options: RenderOptions, index: dict[str, int]) -> list[dict[str, Any]]:
    found = [_result(finding, result, options, index) | _state(finding, result) for finding in _listed(result)]
    accepted = [_result(item.finding, result, options, index) | {"suppressions": [_suppression(item)]} for item in result.suppressed]
    return found + accepted


def _listed(result: Result) -> tuple[ReportedFinding, ...]:
    """What is new, then what a baseline has too: code scanning closes alerts that a file does not name."""
    return (*result.findings, *result.known, *(result.since.not_judged if result.since else ()))


def _state(finding: ReportedFinding, result: Result) -> dict[str, Any]:
    """What a baseline knew of it. What could not be confirmed counts as still there, so that no alert closes for it."""
    if result.since is None:
        return {}
    new = "new" if finding.fingerprint in result.since.new else "updated"
    return {"baselineState": new if is_new(finding, result.since) else "unchanged"}


def _suppression(item: Suppressed) -> dict[str, Any]:
    """Who accepted it and why. GitHub's code scanning does not look at this: see docs/ci.md."""
    facts = [cut(item.owner, 100), f"until {cut(item.until, 20)}" if item.until else ""]
    details = ", ".join(fact for fact in facts if fact)
    in_source = item.location is not None and item.location.file.endswith((".yaml", ".yml"))
    made: dict[str, Any] = {
        "kind": "inSource" if in_source else "external",
        "status": "accepted",
        "justification": f"{cut(item.reason, MAX_MESSAGE)}{f' ({details})' if details else ''}",
    }
    if item.location:
        made["location"] = {"physicalLocation": _physical(item.location)}
    return made


def _driver(result: Result, rules: list[RuleText], options: RenderOptions) -> dict[str, Any]:
    read_more = {"informationUri": f"{options.repository}README.md"} if options.repository else {}
    return {"name": result.tool.name, "version": result.tool.version, **read_more, "rules": [_rule(rule, options) for rule in rules]}


def _rules(result: Result) -> list[RuleText]:
    """The rules that ran, and those of findings from elsewhere."""
    known = {rule.code for rule in result.rules}
    every = (*_listed(result), *(item.finding for item in result.suppressed))
    more = {finding.rule: finding for finding in every if finding.rule not in known}
    made = [RuleText(f.rule, f.name, f.title, "", "", str(f.severity), "", f.fix, 0, f.docs) for f in more.values()]
    return [*result.rules, *made]


def _rule(rule: RuleText, options: RenderOptions) -> dict[str, Any]:
    why, title = clean(rule.why, keep_newlines=True), cut(rule.title, MAX_MESSAGE)
    steps = _steps(rule.fix)
    plain = "\n".join([title, *(["", why] if why else []), *(["", *steps] if steps else []), *_variants(rule, "{}")])
    parts = [f"**{title}**", why, *(["### How to put it right in Kit", "\n".join(steps)] if steps else []), *_variants(rule, "#### {}\n")]
    described: dict[str, Any] = {
        "id": rule.code,
        "name": cut(rule.name, 200),
        "shortDescription": {"text": title or rule.code},
        "fullDescription": {"text": why or title or rule.code},
        "help": {"text": plain or rule.code, "markdown": "\n\n".join(part for part in parts if part)},
        "defaultConfiguration": {"level": _level(rule.severity)},
        "properties": _properties(rule),
    }
    if address := options.page(rule.docs):
        described["helpUri"] = address
    if rule.variants:
        described["messageStrings"] = {cut(item.name, 100): {"text": cut(item.title, MAX_MESSAGE)} for item in rule.variants}
    return described


def _properties(rule: RuleText) -> dict[str, Any]:
    """What GitHub sorts alerts by. A ``security-severity`` makes security alerts of them, so only rules about exposure have one, and only
    with the tag ``security`` does it count."""
    made: dict[str, Any] = {"tags": [tag for tag in ("kit", cut(rule.theme, 40)) if tag], "problem.severity": _problem(rule.severity)}
    if rule.confidence in set(Confidence):
        made["precision"] = _PRECISION[Confidence(rule.confidence)]
    if rule.exposure is not None and 0 < rule.exposure <= 10:
        made["tags"].append("security")
        made["security-severity"] = f"{rule.exposure:.1f}"
    return made


def _steps(fix: Sequence[str]) -> list[str]:
    return [f"{number}. {cut(step, MAX_MESSAGE)}" for number, step in enumerate(fix, 1)]


def _variants(rule: RuleText, heading: str) -> list[str]:
    """The ways in which the rule fails, each with its steps where they are not those of the rule."""
    heads = [f"{cut(item.name, 100)} ({item.severity}): {cut(item.title, MAX_MESSAGE)}" for item in rule.variants]
    return ["\n".join(["", heading.format(head), *_steps(item.fix)]) for head, item in zip(heads, rule.variants, strict=True)]


def _level(severity: str) -> str:
    return {str(key): value for key, value in _LEVELS.items()}.get(severity, "note")


def _problem(severity: str) -> str:
    return severity if severity in ("error", "warning") else "recommendation"


def _result(finding: ReportedFinding, result: Result, options: RenderOptions, index: dict[str, int]) -> dict[str, Any]:
    place, item = location_of(finding, result, options), finding.object
    made: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": index[finding.rule],
        "level": _LEVELS[finding.severity],
        "message": {"text": with_same(finding, MAX_MESSAGE) or finding.rule},
        "locations": [{"physicalLocation": _physical(place), "logicalLocations": [_logical(item)]}],
        "partialFingerprints": {FINGERPRINT: finding.fingerprint, ALERT: f"{finding.fingerprint}:1"},
        "properties": {"precision": _PRECISION[finding.confidence], "people": finding.people, "harm": finding.harm},
    }
    if finding.same_cause:
        made["relatedLocations"] = [_related(item, result, options) for item in finding.same_cause[:MAX_STEPS]]
    if finding.variant:
        made["properties"]["variant"] = finding.variant
    if finding.path:
        steps = [_step(step, finding, result, options) for step in finding.path[:MAX_STEPS]]
        made["codeFlows"] = [{"threadFlows": [{"locations": steps}]}]
    return made


def _related(item: ObjectRef, result: Result, options: RenderOptions) -> dict[str, Any]:
    """A further object: GitHub shows it as a link beside the message."""
    return {
        "physicalLocation": _physical(object_location(item, result, options)),
        "logicalLocations": [_logical(item)],
        "message": {"text": cut(item.name, 200) or item.kind},
    }


def _logical(item: ObjectRef) -> dict[str, Any]:
    qualified = f"{item.kind}/{item.name if item.id is None else item.id}"
    return {"name": cut(item.name, 200), "fullyQualifiedName": cut(qualified, 300), "kind": cut(item.kind, 40)}


def _step(step: PathStep, finding: ReportedFinding, result: Result, options: RenderOptions) -> dict[str, Any]:
    where = step_location(step, finding, result, options)
    text = f"{cut(step.name, 200)} ({cut(step.note, 200)})" if step.note else cut(step.name, 200)
    return {"location": {"physicalLocation": _physical(where), "message": {"text": text or step.kind}}}


def _physical(place: Location) -> dict[str, Any]:
    region = {"startLine": max(1, place.line), "startColumn": max(1, place.column)}
    return {"artifactLocation": {"uri": uri(place.file)}, "region": region}


def _notifications(result: Result, count: int) -> list[dict[str, Any]]:
    notes = [("error", item.rule, f"{item.rule} failed: {item.reason}") for item in result.crashed]
    notes += [("error", "", sentence) for sentence in lost_sentences(result.since)]
    notes += [("warning", "", sentence) for sentence in configured_sentences(result)]
    notes += [("note", item.rule, f"{item.rule} was not evaluated: {item.reason}") for item in result.not_evaluated]
    notes += [("note", item.rule, f"{item.rule} had nothing to judge: {item.reason}") for item in result.not_applicable]
    notes += [("warning", "", sentence) for sentence in unjudged_offerings(result)]
    every = len(_listed(result)) + len(result.suppressed)
    if count < every:
        left_out = f"{count:,} of {every:,} findings are in this file. It may hold at most 25,000 and 25 MB."
        notes.append(("warning", "", left_out))
    if result.coverage.with_emails:
        notes.append(("note", "", "The snapshot behind this file holds addresses of subscribers; this file does not."))
    if result.suppressed:
        number = len(result.suppressed)
        notes.append(
            ("note", "", f"{number:,} finding{' is' if number == 1 else 's are'} accepted, and marked as suppressed in this file.")
        )
    return [{"level": level, "message": {"text": cut(text, MAX_MESSAGE)}, **_about(rule)} for level, rule, text in notes]


def _about(rule: str) -> dict[str, Any]:
    return {"associatedRule": {"id": rule}} if rule else {}
