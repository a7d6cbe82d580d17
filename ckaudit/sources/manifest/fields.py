"""A key of a part of the manifest, and what parts with keys have in common."""

from __future__ import annotations

import re
from collections.abc import Iterable
from collections.abc import Mapping as Words
from typing import Any

import msgspec
from msgspec import UNSET

from ckaudit.sources.manifest.values import Reading, Schema, Value
from ckaudit.sources.yaml.tree import Mapping

ANOTHER_WORD = "Another word for"


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """A key of the file, and the field of the struct it fills. ``label`` is what messages call it, as in “name” of an automation.

    ``beside``: a key of a step, beside the one that names it.
    """

    name: str
    key: str
    label: str
    value: Value
    description: str
    required: bool = False
    beside: bool = False

    def read(self, reading: Reading, mapping: Mapping) -> Any:
        """What the mapping has under this key; ``UNSET`` when that is wrong or not there."""
        found = mapping.values.get(self.key)
        return UNSET if found is None else self.value.read(reading, found, self.label)

    def schema(self, parts: dict[str, Schema]) -> Schema:
        """The schema of its value, described."""
        return {**self.value.schema(parts), "description": self.description}


def object_schema(fields: Iterable[Field], parts: dict[str, Schema]) -> Schema:
    """An object with these keys and no others."""
    fields = tuple(fields)
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {field.key: field.schema(parts) for field in fields},
        "required": [field.key for field in fields if field.required],
    }


def part_schema(name: str, parts: dict[str, Schema], make: Any) -> Schema:
    """A reference to the schema of the part people call ``name``, which is made when it is not there yet."""
    word = re.sub(r"^an? |[“”]", "", name).replace(" ", "_")
    if word not in parts:
        parts[word] = {}  # a part may contain itself
        parts[word] = make(parts)
    return {"$ref": f"#/$defs/{word}"}


def one_of(fields: Iterable[Field], parts: dict[str, Schema], also: Words[str, str] = {}, beside: Iterable[Field] = ()) -> Schema:
    """An object with exactly one of these keys, and any of those beside it. ``also`` are other words for them."""
    fields = tuple(fields)
    shape = object_schema((*fields, *beside), parts)
    for word, key in also.items():
        shape["properties"][word] = {**shape["properties"][key], "description": f"{ANOTHER_WORD} “{key}”."}
    words = (word for field in fields for word in spellings(field.key, also))
    return {**shape, "oneOf": [{"required": [word]} for word in words]}


def spellings(key: str, also: Words[str, str]) -> list[str]:
    """The key, then the other words for it."""
    return [key, *(word for word, meant in also.items() if meant == key)]


def having(key: str, also: Words[str, str]) -> Schema:
    """An object that has the key, in any of its words."""
    return {"anyOf": [{"required": [word]} for word in spellings(key, also)]}
