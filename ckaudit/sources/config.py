"""Finds and reads ``ckaudit.toml``, or ``[tool.ckaudit]`` of ``pyproject.toml``. Faults name file, line, column and the nearest key."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from ckaudit.model.config import Config, ConfigFile, Suppression
from ckaudit.model.errors import ConfigError, Location
from ckaudit.sources.config_places import Path as Place
from ckaudit.sources.toml_file import read_toml, toml_faults

CONFIG_FILE = "ckaudit.toml"
PROJECT_FILE = "pyproject.toml"
_TABLE = ("tool", "ckaudit")


def find_config(start: Path) -> Path | None:
    """The nearest configuration from a folder upwards: ``ckaudit.toml`` before ``pyproject.toml``; None when there is none."""
    for folder in (start, *start.parents):
        if (folder / CONFIG_FILE).is_file():
            return folder / CONFIG_FILE
        if _is_project(folder / PROJECT_FILE):
            return folder / PROJECT_FILE
    return None


def _is_project(path: Path) -> bool:
    """Whether a ``pyproject.toml`` has our table. One that cannot be read is somebody else's affair."""
    try:
        return "tool.ckaudit" in path.read_text("utf-8") and "ckaudit" in tomllib.loads(path.read_text("utf-8")).get("tool", {})
    except (OSError, ValueError, RecursionError):
        return False


def read_config(path: Path) -> Config:
    """Read a configuration.

    Raises:
        ConfigError: it cannot be read, is no TOML, or says what ckaudit does not know: all faults at once, each with its place.
    """
    data: Any
    data, found = read_toml(path, "`ckaudit init` writes a configuration.")
    if path.name == PROJECT_FILE:
        data = data.get("tool", {}).get("ckaudit", {}) if isinstance(data.get("tool", {}), dict) else {}
        found = {place[2:]: where for place, where in found.items() if place[:2] == _TABLE}
    return _config(path, data, found)


def read_logo_file(config: Config) -> bytes | None:
    """The logo that ``[report]`` names, as it is; None when it names none. Raises ConfigError."""
    if not config.file.report.logo or config.path is None:
        return None
    try:
        return (config.path.parent / config.file.report.logo).read_bytes()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "that is no path"
        raise ConfigError(f"cannot read the logo: {reason}", location=config.place("report", "logo")) from None


def config_schema() -> Mapping[str, Any]:
    """The JSON Schema (draft 2020-12) of ``ckaudit.toml``."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Configuration of ckaudit (ckaudit.toml)",
        **msgspec.json.schema(ConfigFile),
    }


def _config(path: Path, data: Any, places: Mapping[Place, Location]) -> Config:
    config = Config(path, places=places)
    if not isinstance(data, dict):
        raise ConfigError("[tool.ckaudit] must be a table", location=config.place())
    problems = list(toml_faults(data, ConfigFile, config.place))
    if problems:
        raise ConfigError("the configuration is invalid", problems=tuple(sorted(problems, key=lambda item: item.location or Location(""))))
    file = msgspec.convert(data, ConfigFile)
    suppressions = tuple(Suppression(entry, config.place("suppress", number)) for number, entry in enumerate(file.suppress))
    return Config(path, file, suppressions, places=places)
