"""References to the objects of the account: how they are read, and their JSON Schema."""

from __future__ import annotations

import re
from typing import Any

from msgspec import UNSET

from ckaudit.kit.redact import Labels, redact_url
from ckaudit.model.errors import Problem
from ckaudit.model.notation import Notation
from ckaudit.model.refs import Kind
from ckaudit.sources.manifest.resolve import NOUNS
from ckaudit.sources.manifest.values import ID, TEXT, Reading, Schema
from ckaudit.sources.yaml.tree import Mapping, Node, Scalar, ScalarKind

_HINT = 'Write a name, an id, or {id: 11, name: "…"}.'
_PAIR = Notation("a reference", _HINT)
_VALUE = re.compile(r"=REDACTED-[0-9]+")


class Reference:
    """An object: its name, its id, or ``{id: 11, name: "…"}``. ``or_any``: or the word “any”, which is None."""

    def __init__(self, kind: Kind, or_any: bool) -> None:
        self.kind = kind
        self.or_any = or_any
        self.noun = f"a{'n' if kind is Kind.AUTOMATION else ''} {NOUNS[kind]}"

    def read(self, reading: Reading, node: Node, _: str) -> Any:
        """The reference."""
        if isinstance(node, Scalar):
            kind = node.kind
            if kind is ScalarKind.TEXT and node.text:
                return None if self.or_any and node.text == "any" else self._resolved(reading, node, node.text, None)
            if kind is ScalarKind.WHOLE:
                number = ID.read(reading, node, "an id")
                return number if number is UNSET else self._resolved(reading, node, None, number)
            in_quotes = kind in (ScalarKind.FLAG, ScalarKind.NUMBER)
            reading.expected(
                node, f"the name or id of {self.noun}", f'Put it in quotes if that is the name: "{node.text}".' if in_quotes else ""
            )
        elif isinstance(node, Mapping):
            return self._of_both(reading, node)
        else:
            reading.expected(node, f"the name or id of {self.noun}")
        return UNSET

    def _of_both(self, reading: Reading, node: Mapping) -> Any:
        reading.mapping(node, _PAIR, ("id", "name"))
        for key in ("id", "name"):
            if key not in node.values:
                reading.problem(node, f"a reference needs “{key}”", _HINT)
        number = ID.read(reading, node.values["id"], "an id") if "id" in node.values else UNSET
        name = TEXT.read(reading, node.values["name"], "a name") if "name" in node.values else UNSET
        return UNSET if number is UNSET or name is UNSET else self._resolved(reading, node, name, number)

    def _resolved(self, reading: Reading, node: Node, name: str | None, number: int | None) -> Any:
        found = reading.resolver.resolve(self.kind, name, number, node.location)
        if isinstance(found, Problem):
            reading.problems.add(found.message, found.location, found.hint)
            return UNSET
        return found

    def schema(self, parts: dict[str, Schema]) -> Schema:
        """A reference to the schema of this kind's references."""
        number = {**ID.schema(parts), "description": "The id."}
        name = {**TEXT.schema(parts), "description": "The exact name."}
        pair = {"type": "object", "additionalProperties": False, "properties": {"id": number, "name": name}, "required": ["id", "name"]}
        parts[f"{self.kind}_reference"] = {
            "description": f"{self.noun.capitalize()}: its exact name, its id, or {{id: 11, name: …}}, in which both must agree.",
            "anyOf": [{"type": "string", "minLength": 1}, number, pair],
        }
        return {"$ref": f"#/$defs/{self.kind}_reference"}


class Named:
    """What is a name, because Kit's API lists none of its kind: a product, or what an app does."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind

    def read(self, reading: Reading, node: Node, label: str) -> Any:
        """The reference."""
        name = TEXT.read(reading, node, label)
        return name if name is UNSET else reading.resolver.resolve(self.kind, name, None, node.location)

    def schema(self, parts: dict[str, Schema]) -> Schema:
        """Text."""
        return TEXT.schema(parts)


class Address(Named):
    """A webhook's address. Nothing that may be a secret is kept: the values of its query, and what no person would type in its path."""

    def read(self, reading: Reading, node: Node, label: str) -> Any:
        """The reference, named by the address without secrets."""
        address = TEXT.read(reading, node, label)
        if address is UNSET:
            return UNSET
        safe = _VALUE.sub("=", redact_url(address, Labels()))
        return reading.resolver.resolve(self.kind, safe, None, node.location)
