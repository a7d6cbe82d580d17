"""A result as the baseline of later audits: what these compare with, small, and with one line a finding, so that a review can read it.

It is a ``ckaudit.result/v1`` like any other. What only reports show is left out: steps, texts of rules, links, inventory, scores.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from ckaudit.model.automations import Automation
from ckaudit.model.baseline import SinceBaseline
from ckaudit.model.findings import PathStep, ReportedFinding
from ckaudit.model.result import Result, RuleText
from ckaudit.render.plain import inert_json

_COMPARED = (
    *("schema", "tool", "generated_at", "account", "coverage", "summary", "findings", "not_evaluated", "roles", "rules", "automations"),
    *("crashed", "known", "since", "unresolved", "present", "hidden", "configured"),
)
_SLIM = ("findings", "known", "roles", "rules", "automations")
"""Those whose elements may lack what they have nothing to say about."""


def render_baseline(result: Result) -> str:
    """The result as JSON: keys in the model's order, one element of a list a line. Same result, same text."""
    since = result.since and msgspec.structs.replace(result.since, **_slim_since(result.since))
    slim = msgspec.structs.replace(
        result,
        findings=tuple(map(_finding, result.findings)),
        known=tuple(map(_finding, result.known)),
        since=since,
        roles=tuple(msgspec.structs.replace(role, reason="") for role in result.roles),
        rules=tuple(RuleText(code=rule.code, name=rule.name, theme=rule.theme) for rule in result.rules),
        automations=tuple(Automation(name=item.name, id=item.id) for item in result.automations),
    )
    values: dict[str, Any] = msgspec.to_builtins(slim)
    document = {name: _without_nothing(values[name]) if name in _SLIM else values[name] for name in _COMPARED}
    return inert_json("{\n" + ",\n".join(f"{_json(name)}: {_lines(value)}" for name, value in document.items()) + "\n}\n")


def _slim_since(since: SinceBaseline) -> dict[str, Any]:
    """What a chain of baselines remembers."""
    groups = ("fixed", "gone", "accepted", "covered", "redescribed", "not_asked")
    return dict.fromkeys(groups, ()) | {"not_judged": tuple(map(_finding, since.not_judged))}


def _finding(finding: ReportedFinding) -> ReportedFinding:
    steps = tuple(PathStep("", "", object=step.object, node=step.node) for step in finding.path if step.object or step.node)
    return msgspec.structs.replace(finding, message="", fix=(), docs="", people=None, people_who="", location=None, path=steps)


def _without_nothing(value: object) -> object:
    """The same without keys that say nothing."""
    if isinstance(value, Mapping):
        return {key: _without_nothing(item) for key, item in value.items() if item is not None and item not in ("", (), [], {}, False)}
    return [_without_nothing(item) for item in value] if isinstance(value, list | tuple) else value


def _lines(value: object) -> str:
    if isinstance(value, list | tuple) and value and isinstance(value[0], Mapping):
        return "[\n" + ",\n".join(_json(item) for item in value) + "\n]"
    if isinstance(value, Mapping):
        return "{\n" + ",\n".join(_members(value)) + "\n}"
    return _json(value)


def _members(value: Mapping[str, object]) -> Iterator[str]:
    for key, item in value.items():
        yield f"{_json(key)}: {_lines(item) if isinstance(item, list | tuple) else _json(item)}"


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
