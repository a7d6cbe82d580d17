"""The odd notations of steps: what a condition looks at, and the paths of a split."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec
from msgspec import UNSET

from ckaudit.model.steps import CONDITION, ConditionKind, Exit, SplitPath, Test
from ckaudit.sources.manifest.fields import Field, object_schema, part_schema
from ckaudit.sources.manifest.values import ListOf, Reading, Schema
from ckaudit.sources.yaml.tree import Items, Node, Scalar
from ckaudit.sources.yaml.tree import Mapping as MappingNode


class Condition:
    """``{tag: T}``, ``{field: F, is: …}``, ``{filter: TEXT}`` or ``{opened_within: 30 days}``."""

    def __init__(self, kinds: Mapping[str, Field], operators: Mapping[str, Field]) -> None:
        self.kinds = kinds
        self.operators = operators

    def read(self, reading: Reading, node: Node, _: str) -> Any:
        """The test."""
        mapping = reading.mapping(node, CONDITION, (*self.kinds, *self.operators))
        if mapping is None:
            return UNSET
        named = [key for key in mapping.values if key in self.kinds]
        if not named and any(key not in self.operators for key in mapping.values):
            return UNSET  # the unknown key was noted
        if len(named) != 1:
            both = f"a condition looks at one thing, not both “{named[0]}” and “{named[1]}”" if named else "a condition looks at nothing"
            reading.problem(mapping.keys[named[1]] if named else mapping, both, f"It has one of {', '.join(self.kinds)}.")
            return UNSET
        kind, operators = ConditionKind(named[0]), [key for key in self.operators if key in mapping.values]
        value = self.kinds[kind].read(reading, mapping)
        if kind is ConditionKind.FIELD:
            return self._compared(reading, mapping, value, operators)
        for key in operators:
            reading.problem(mapping.keys[key], f"“{key}” belongs to a condition on a field, not to “{kind}”")
        if value is UNSET:
            return UNSET
        name = {ConditionKind.TAG: "ref", ConditionKind.FILTER: "value", ConditionKind.OPENED: "seconds"}[kind]
        return Test(kind=kind, location=node.location, **{name: value})

    def _compared(self, reading: Reading, mapping: MappingNode, field: Any, operators: list[str]) -> Any:
        if len(operators) != 1:
            message = f"a field is compared once, not with {' and '.join(operators)}" if operators else "the field is compared with nothing"
            reading.problem(mapping, message, f"Add one of {', '.join(self.operators)}.")
            return UNSET
        operator = self.operators[operators[0]]
        value = operator.read(reading, mapping)
        if field is UNSET or value is UNSET:
            return UNSET
        return Test(kind=ConditionKind.FIELD, ref=field, operator=operator.key, value=value, location=mapping.location)

    def schema(self, parts: dict[str, Schema]) -> Schema:
        """One object for each kind."""
        return part_schema("a condition", parts, self._schema)

    def _schema(self, parts: dict[str, Schema]) -> Schema:
        shapes = [object_schema((field,), parts) for key, field in self.kinds.items() if key != ConditionKind.FIELD]
        compared = object_schema((self.kinds[ConditionKind.FIELD], *self.operators.values()), parts)
        compared["oneOf"] = [{"required": [key]} for key in self.operators]
        return {"description": "Looked at once, when the person arrives.", "anyOf": [*shapes, compared]}


class OrExit(NamedTuple):
    """Steps, or the word “exit” for one that leaves the automation."""

    steps: ListOf

    def read(self, reading: Reading, node: Node, label: str) -> Any:
        """The steps, as a tuple."""
        leaves = isinstance(node, Scalar) and node.text == "exit"
        return (Exit(location=node.location),) if leaves else self.steps.read(reading, node, label)

    def schema(self, parts: dict[str, Schema]) -> Schema:
        """A list, or the word."""
        return {"anyOf": [self.steps.schema(parts), {"const": "exit"}]}


class PathOfSplit:
    """``{tag: T, steps: [...]}`` or ``{otherwise: [...]}``."""

    def __init__(self, tag: Field, steps: Field) -> None:
        self.tag = msgspec.structs.replace(tag, required=True)
        self.steps = steps
        about = "Steps for people who have none of the tags."
        self.otherwise = msgspec.structs.replace(steps, key="otherwise", label="“otherwise”", description=about, required=True)

    def read(self, reading: Reading, node: Node, _: str) -> Any:
        """The path."""
        name, hint = SplitPath.notation.name, SplitPath.notation.hint
        mapping = reading.mapping(node, SplitPath.notation, ("tag", "steps", "otherwise"))
        if mapping is None:
            return UNSET
        if "otherwise" in mapping.values:
            for key in ("tag", "steps"):
                if key in mapping.values:
                    reading.problem(mapping.keys[key], f"“{key}” cannot be beside “otherwise”", hint)
            tag, steps = None, self.otherwise.read(reading, mapping)
        else:
            if "tag" not in mapping.values:
                reading.problem(node, f"{name} needs “tag” or “otherwise”", hint)
            tag, steps = self.tag.read(reading, mapping), self.steps.read(reading, mapping)
        return UNSET if tag is UNSET else SplitPath(tag=tag, steps=() if steps is UNSET else steps, location=node.location)

    def schema(self, parts: dict[str, Schema]) -> Schema:
        """One object for a tag's path, one for the others'."""
        return part_schema(SplitPath.notation.name, parts, self._schema)

    def _schema(self, parts: dict[str, Schema]) -> Schema:
        return {"anyOf": [object_schema((self.tag, self.steps), parts), object_schema((self.otherwise,), parts)]}


def check_split(reading: Reading, step: MappingNode) -> None:
    """A split has one ``otherwise``, and it comes last."""
    paths = step.values["split"]
    items = paths.items if isinstance(paths, Items) else []
    otherwise = [item for item in items if isinstance(item, MappingNode) and "otherwise" in item.values]
    for item in otherwise[1:]:
        reading.problem(item, "a split has one “otherwise” only")
    if len(otherwise) == 1 and otherwise[0] is not items[-1]:
        reading.problem(otherwise[0], "“otherwise” is the last path of a split")


def check_sides(reading: Reading, step: MappingNode) -> None:
    """A condition has at least one side."""
    if "then" not in step.values and "else" not in step.values:
        hint = "Are they in the same column as “if”? When nothing depends on it, write “then: []”."
        reading.problem(step, "a condition needs “then” or “else”", hint)
