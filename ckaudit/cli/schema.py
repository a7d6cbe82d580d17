"""``ckaudit schema``: JSON Schemas of what users write and read."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import click

from ckaudit.cli.options import verbosity
from ckaudit.cli.terminal import Outcome
from ckaudit.render.fleet import fleet_result_schema
from ckaudit.render.json import result_schema
from ckaudit.sources.config import config_schema
from ckaudit.sources.fleet_file import fleet_schema
from ckaudit.sources.manifest import manifest_schema
from ckaudit.sources.snapshot import snapshot_schema


def _manifest() -> Mapping[str, Any]:
    return manifest_schema()


def _result() -> Mapping[str, Any]:
    return result_schema()


def _config() -> Mapping[str, Any]:
    return config_schema()


def _snapshot() -> Mapping[str, Any]:
    return snapshot_schema()


def _fleet() -> Mapping[str, Any]:
    return fleet_schema()


def _fleet_result() -> Mapping[str, Any]:
    return fleet_result_schema()


SCHEMAS: Mapping[str, Callable[[], Mapping[str, Any]]] = {
    "manifest": _manifest,
    "result": _result,
    "config": _config,
    "snapshot": _snapshot,
    "fleet": _fleet,
    "fleet-result": _fleet_result,
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
