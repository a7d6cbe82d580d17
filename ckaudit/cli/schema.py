"""``ckaudit schema``: JSON Schemas of what users write and read."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import click

from ckaudit.cli.options import verbosity
from ckaudit.cli.terminal import Outcome
from ckaudit.render.json import fleet_result_schema, result_schema
from ckaudit.sources.config import config_schema
from ckaudit.sources.fleet_file import fleet_schema
from ckaudit.sources.manifest import manifest_schema
from ckaudit.sources.snapshot import snapshot_schema

SCHEMAS: Mapping[str, Callable[[], Mapping[str, Any]]] = {
    "manifest": manifest_schema,
    "result": result_schema,
    "config": config_schema,
    "snapshot": snapshot_schema,
    "fleet": fleet_schema,
    "fleet-result": fleet_result_schema,
}


@click.command("schema")
@click.argument("name", type=click.Choice(list(SCHEMAS)))
@verbosity
def command(name: str) -> Outcome:
    """The JSON Schema (draft 2020-12) of a manifest, a result, a configuration, a snapshot, a fleet file or its result.

    \b
    Example:
      ckaudit schema manifest > automations.schema.json
    """
    return Outcome(json.dumps(SCHEMAS[name](), indent=2, ensure_ascii=False) + "\n")
