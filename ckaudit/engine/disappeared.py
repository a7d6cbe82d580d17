"""Findings of an earlier result that a later one does not have: fixed, or only out of sight. Only what was looked for again is fixed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from typing import Literal, TypeAlias, get_args

import msgspec

from ckaudit.engine.fingerprint import object_key, object_keys
from ckaudit.model.errors import file_name
from ckaudit.model.findings import NotEvaluated, PathStep, ReportedFinding
from ckaudit.model.result import Result

Outcome: TypeAlias = Literal["fixed", "redescribed", "gone", "accepted", "covered", "not_judged", "not_asked"]


def disappeared(findings: Iterable[ReportedFinding], old: Result, new: Result) -> dict[Outcome, tuple[ReportedFinding, ...]]:
    """Findings that were in ``old`` and are not in ``new``, by what became of them (see ``SinceBaseline``)."""
    view = _View(old, new)
    found = [(view.outcome(finding), finding) for finding in findings]
    return {outcome: tuple(finding for became, finding in found if became == outcome) for outcome in get_args(Outcome)}


def lost(old: Result, new: Result) -> tuple[NotEvaluated, ...]:
    """The rules that ``old`` could judge and ``new`` could not, and names of the manifest that only ``new`` does not find."""
    judged = {rule.code for rule in old.rules} - _unjudged(old)
    known = {(item.kind, item.name) for item in old.unresolved}
    return (
        *(item for item in (*new.not_evaluated, *new.crashed) if item.rule in judged),
        *(NotEvaluated("", item.name, (), item.reason) for item in new.unresolved if (item.kind, item.name) not in known),
    )


def lost_inputs(old: Result, new: Result) -> tuple[str, ...]:
    """What ``old`` was made of and ``new`` lacks, one sentence each."""
    before, now = old.coverage, new.coverage
    sentences = []
    if before.manifest.files and not now.manifest.files:
        files = ", ".join(map(file_name, before.manifest.files))
        sentences.append(f"The list of automations is not there any more; the baseline has {files}.")
    reasons = {item.section: item.reason for item in now.reasons}
    for name, status in before.sections.items():
        if status == "complete" and now.sections.get(name) != "complete":
            became = now.sections.get(name, "missing")
            reason = f": {reasons[name].rstrip('.')}" if reasons.get(name) else ""
            sentences.append(f"{name.replace('_', ' ').capitalize()} were complete in the baseline and are {became} now{reason}.")
    if before.evidence.events and not now.evidence.events:
        sentences.append(f"No timestamps of people were read; the baseline has {before.evidence.events:,}.")
    return tuple(sentences)


class _View:
    """What the later of two results could see, for questions about the findings of the earlier one."""

    def __init__(self, old: Result, new: Result) -> None:
        self.old, self.new = old, new
        self.accepted = {item.finding.fingerprint for item in new.suppressed}
        self.asked = {rule.code for rule in new.rules}
        self.unjudged = _unjudged(new)
        self.covered = {code for finding in new.findings for code in finding.covers}
        self.unresolved = {key for item in new.unresolved for key in item.objects}
        self.leaving_out = {code for item in new.unresolved for code in item.rules}
        self.names = {rule.code for rule in new.rules if rule.theme == "audit"}
        self.before, self.now = _present(old.present), _present(new.present)
        self.unresolved_before = {key for item in old.unresolved for key in item.objects} - self.unresolved
        self.roles_before, self.roles_now = _roles(old), _roles(new)
        self.steps_before, self.steps_now = _steps(old), _steps(new)

    def outcome(self, finding: ReportedFinding) -> Outcome:
        """What became of a finding of the earlier result. What nobody looked for again is never called fixed."""
        named = object_keys(finding) | set(self._automations(finding.path))
        if finding.fingerprint in self.accepted:
            return "accepted"
        if self._is_hidden(finding) or finding.rule not in self.asked:
            return "not_asked"
        if finding.rule in self.covered:
            return "covered"
        if finding.rule in self.unjudged:
            return "gone" if self._is_gone(object_key(finding.object)) else "not_judged"
        if finding.rule in self.leaving_out or (finding.rule not in self.names and named & self.unresolved):
            return "not_judged"
        if any(map(self._is_gone, named)):
            return "gone"
        return "redescribed" if finding.rule not in self.names and self._is_redescribed(named) else "fixed"

    def _is_redescribed(self, named: Set[str]) -> bool:
        """True when nothing about it changed but what somebody wrote down: a name was corrected, or what a tag is for."""
        if named & self.unresolved_before:
            return True
        told = any(self.roles_before.get(key) != self.roles_now.get(key) for key in named)
        return told and not any(self.steps_before.get(key) != self.steps_now.get(key) for key in named)

    def _is_hidden(self, finding: ReportedFinding) -> bool:
        """A result of an older version does not say which findings were hidden."""
        return finding.fingerprint in self.new.hidden or (not self.new.hidden and self.new.summary.hidden > 0)

    def _is_gone(self, key: str) -> bool:
        kind = key.partition(":")[0]
        return kind in self.new.present and key in self.before and key not in self.now

    def _automations(self, path: Sequence[PathStep]) -> Iterator[str]:
        """The automations that a path of the earlier result goes through."""
        for step in path:
            if step.automation is not None and step.automation < len(self.old.automations):
                yield object_key(self.old.automations[step.automation].object)


def _roles(result: Result) -> dict[str, set[tuple[str, str]]]:
    """What each object is taken for, and for which offering."""
    found: dict[str, set[tuple[str, str]]] = {}
    for role in result.roles:
        found.setdefault(object_key(role.object), set()).add((role.role, role.offering))
    return found


def _steps(result: Result) -> dict[str, object]:
    """What each automation does, wherever in its file it stands."""
    return {object_key(item.object): _without_places(msgspec.to_builtins(item)) for item in result.automations}


def _without_places(value: object) -> object:
    if isinstance(value, dict):
        return {name: _without_places(item) for name, item in value.items() if name != "location"}
    return [_without_places(item) for item in value] if isinstance(value, list | tuple) else value


def _unjudged(result: Result) -> set[str]:
    return {item.rule for item in (*result.not_evaluated, *result.crashed)}


def _present(ids: dict[str, tuple[int | str, ...]]) -> frozenset[str]:
    return frozenset(f"{kind}:{number}" for kind, numbers in ids.items() for number in numbers)
