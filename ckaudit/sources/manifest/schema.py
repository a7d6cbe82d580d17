"""JSON Schema (draft 2020-12) of the manifest, for completion and checking in editors."""

from __future__ import annotations

from ckaudit.model.automations import Manifest
from ckaudit.sources.manifest.fields import object_schema
from ckaudit.sources.manifest.records import fields_of
from ckaudit.sources.manifest.values import Schema


def manifest_schema() -> Schema:
    """The schema. It knows the stacks of this ckaudit; names of tags and the like are checked against an account only."""
    parts: dict[str, Schema] = {}
    top = object_schema(fields_of(Manifest), parts)
    top["properties"]["version"] = {"const": 1, "description": top["properties"]["version"]["description"]}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:ckaudit:manifest:v1",
        "title": "ckaudit manifest",
        "description": "The automations, rules and integrations of a Kit account.",
        **top,
        "required": ["version"],
        "$defs": dict(sorted(parts.items())),
    }
