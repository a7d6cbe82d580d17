"""Compares what a rule found with what its case expects, in words a rule's author can act on."""

from __future__ import annotations

import traceback
from collections.abc import Iterable
from pathlib import Path

import msgspec
import yaml

from ckaudit.engine.load import LoadedRule, load_rules
from ckaudit.engine.run import RuleRun
from ckaudit.engine.sort_and_filter import order
from ckaudit.model.errors import InputError, Location
from ckaudit.model.findings import NotEvaluated, ReportedFinding
from ckaudit.model.roles import RoleName
from ckaudit.resources import rules_folder
from ckaudit.testing.cases import Case, CaseKind, Expected, read_cases, run_case


class CaseFailure(msgspec.Struct, frozen=True):
    """A case that did not come out as expected. ``actual`` is what was found, as YAML that can be pasted under the case."""

    case: str
    location: Location
    reasons: tuple[str, ...]
    actual: str = ""


def collect_cases(folder: Path) -> tuple[Case, ...]:
    """Every case of every rule below a folder, for a test runner. Raises RuleFileError."""
    rules: tuple[LoadedRule, ...] = load_rules((folder,), named=(rules_folder(),))
    return tuple(case for loaded in rules for case in read_cases(loaded))


def check_case(case: Case) -> CaseFailure | None:
    """Run one case; None when everything came as expected."""
    crashes: list[str] = []
    try:
        run = run_case(case, lambda _, error: crashes.append("".join(traceback.format_exception(error))))
    except InputError as error:
        return CaseFailure(case.id, case.node.location, (f"the case itself is wrong: {error}",))
    if crashes:
        return CaseFailure(case.id, case.node.location, ("the rule raised", *crashes))
    reasons = _reasons(case, run)
    return CaseFailure(case.id, case.node.location, tuple(reasons), _as_yaml(run)) if reasons else None


def _reasons(case: Case, run: RuleRun) -> list[str]:
    said = run.not_evaluated.reason if run.not_evaluated and not _may_stay_open(case, run.not_evaluated) else ""
    reasons = []
    if case.not_evaluated and not said:
        reasons = ["expected the rule not to be evaluated, but it was"]
    elif case.not_evaluated and _flat(said) != _flat(case.not_evaluated):
        reasons = [_differ("not_evaluated", case.not_evaluated, said)]
    elif said and not case.not_evaluated:
        reasons = [f"the rule was not evaluated: {said}"]
    elif case.kind is CaseKind.GOOD and run.not_applicable:
        reasons = [f"a good case has something to judge, and here the rule had nothing: {run.not_applicable.reason}"]
    return reasons + _compare(case.expect, sorted(run.findings, key=order))


def _may_stay_open(case: Case, answer: NotEvaluated) -> bool:
    """A near miss may be one because the role that the rule judges is not there."""
    return case.kind is CaseKind.NEAR_MISS and not case.not_evaluated and bool(answer.needs) and set(answer.needs) <= set(RoleName)


def _compare(expected: Iterable[Expected], found: list[ReportedFinding]) -> list[str]:
    """Pair each expectation with the finding most like it; what differs, what is missing and what is left over are reasons."""
    left = list(found)
    reasons: list[str] = []
    pending = []
    for item in expected:
        exact = next((finding for finding in left if not _differences(item, finding)), None)
        if exact is None:
            pending.append(item)
        else:
            left.remove(exact)
    for item in pending:
        near = min(
            (finding for finding in left if _alike(item, finding)), key=lambda finding: len(_differences(item, finding)), default=None
        )
        if near is None:
            reasons.append(f"{item.location}: no such finding: {item.variant or 'a finding'} at {item.object}")
        else:
            left.remove(near)
            reasons += [f"{item.location}: {line}" for line in _differences(item, near)]
    return reasons + [f"unexpected finding: {_title(finding)}" for finding in left]


def _alike(item: Expected, finding: ReportedFinding) -> bool:
    return finding.variant == item.variant or _object(finding) == item.object


def _differences(item: Expected, finding: ReportedFinding) -> list[str]:
    pairs: list[tuple[str, object, object]] = [
        ("variant", item.variant, finding.variant),
        ("title", item.title, finding.title),
        ("object", item.object, _object(finding)),
        ("severity", item.severity, str(finding.severity)),
        ("confidence", item.confidence, str(finding.confidence)),
        ("people", item.people, finding.people),
        ("message", _flat(item.message), _flat(finding.message)),
        ("path", item.path, tuple(step.name for step in finding.path)),
        ("related", item.related, tuple(f"{other.kind} {other.name}" for other in finding.related)),
        ("same_cause", item.same_cause, tuple(f"{other.kind} {other.name}" for other in finding.same_cause)),
        ("fix", item.fix, finding.fix),
    ]
    return [_differ(name, want, got) for name, want, got in pairs if want is not None and want != got]


def _differ(name: str, want: object, got: object) -> str:
    return f"{name} differs\n  expected: {_shown(want)}\n  found:    {_shown(got)}"


def _shown(value: object) -> str:
    return " → ".join(str(part) for part in value) if isinstance(value, tuple) else str(value)


def _flat(text: str) -> str:
    return " ".join(text.split())


def _object(finding: ReportedFinding) -> str:
    return f"{finding.object.kind} {finding.object.name}"


def _title(finding: ReportedFinding) -> str:
    return f"{finding.variant or finding.rule} at {_object(finding)}: {_flat(finding.message)}"


def _as_yaml(run: RuleRun) -> str:
    """What the rule found, as it would stand in a case."""
    reason: dict[str, object] = {"not_evaluated": run.not_evaluated.reason} if run.not_evaluated else {}
    if reason and not run.findings:
        return _dump(reason)
    items = []
    for finding in sorted(run.findings, key=order):
        item: dict[str, object] = {"variant": finding.variant} if finding.variant else {}
        item |= {"object": _object(finding), "severity": str(finding.severity), "confidence": str(finding.confidence)}
        if finding.people is not None:
            item["people"] = finding.people
        item["message"] = _flat(finding.message)
        if finding.path:
            item["path"] = [step.name for step in finding.path]
        if finding.related:
            item["related"] = [f"{other.kind} {other.name}" for other in finding.related]
        if finding.same_cause:
            item["same_cause"] = [f"{other.kind} {other.name}" for other in finding.same_cause]
        items.append(item)
    return _dump({"expect": items} | reason)


def _dump(data: object) -> str:
    return str(yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=120))
