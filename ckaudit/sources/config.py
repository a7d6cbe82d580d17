"""Finds and reads ``ckaudit.toml``, or ``[tool.ckaudit]`` of ``pyproject.toml``. Faults name file, line, column and the nearest key."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from itertools import zip_longest
from pathlib import Path
from typing import Any

import msgspec

from ckaudit.model.config import Config, ConfigFile, ReportTable, Suppression
from ckaudit.model.errors import ConfigError, Location, Problem
from ckaudit.sources.config_places import Path as Place
from ckaudit.sources.files import read_limited
from ckaudit.sources.toml_file import read_toml, toml_problems
from ckaudit.version import __version__

CONFIG_FILE = "ckaudit.toml"
MAX_LOGO_READ = 1_000_000  # who draws it decides whether it is small enough for a report
CONFIG_VARIABLE = "CKAUDIT_CONFIG"
PROJECT_FILE = "pyproject.toml"
_TABLE = ("tool", "ckaudit")
_REQUIRED = re.compile(r">= ?([0-9]{1,6}(?:[.][0-9]{1,6}){0,3})")


def find_config(here: Path, beside: Iterable[Path] = ()) -> Path | None:
    """The configuration that counts: the nearest to one of the folders ``beside`` (of a snapshot, of a manifest), looking upwards from each
    as far as only it lies below; else the nearest from ``here`` upwards. ``ckaudit.toml`` comes before ``pyproject.toml``. None when
    there is none.
    """
    here = here.resolve()
    common = {here, *here.parents}
    ways = [[folder for folder in (start, *start.parents) if folder not in common] for start in (path.resolve() for path in beside)]
    steps = [folder for level in zip_longest(*ways) for folder in level if folder is not None]
    return next((found for folder in (*steps, here, *here.parents) if (found := _config_in(folder))), None)


def _config_in(folder: Path) -> Path | None:
    if (folder / CONFIG_FILE).is_file():
        return folder / CONFIG_FILE
    return folder / PROJECT_FILE if _is_project(folder / PROJECT_FILE) else None


def _is_project(path: Path) -> bool:
    """Whether a ``pyproject.toml`` has our table. One that is not TOML has it when a line begins with it: what it accepts must not be
    lost silently. Otherwise a file that cannot be read is somebody else's affair."""
    try:
        text = path.read_text("utf-8") if path.is_file() else ""
    except (OSError, ValueError):
        return False
    try:
        tool = tomllib.loads(text).get("tool") if "ckaudit" in text else None
    except (ValueError, RecursionError):
        return re.search(r"^\[+tool\.ckaudit\b", text, re.MULTILINE) is not None
    return isinstance(tool, dict) and "ckaudit" in tool


def passed_over(path: Path) -> Path | None:
    """The ``pyproject.toml`` beside a ``ckaudit.toml`` that has our table too, and does not count."""
    other = path.with_name(PROJECT_FILE)
    return other if path.name == CONFIG_FILE and _is_project(other) else None


def read_config(path: Path, *, named: bool = True) -> Config:
    """Read a configuration. ``named``: somebody named this file, in contrast to one that happened to lie in or above a folder. One that was
    found may have come with a checkout: it names files below its own folder alone, so that no message about them can quote another.

    Raises:
        ConfigError: it cannot be read, is not TOML, or says what ckaudit does not know: all problems at once, each with its place.
    """
    config = _config(path, *_table(path))
    outside = () if named else tuple(_outside(config))
    if outside:
        raise ConfigError("this configuration was found, not named, and names files outside of its folder", problems=outside)
    return config


def readable_part(path: Path) -> Config:
    """What of a configuration with problems can be read: its keys without any. So the words in it can be checked in the same run.

    Raises:
        ConfigError: nothing of it can be read.
    """
    data, found = _table(path)
    whole = Config(path, places=found)
    return _config(
        path, {key: value for key, value in data.items() if not any(toml_problems({key: value}, ConfigFile, whole.place))}, found
    )


def _table(path: Path) -> tuple[Any, dict[Place, Location]]:
    """What a file says in our table, and where. Raises ConfigError."""
    data: Any
    data, found = read_toml(path, "`ckaudit init` writes a configuration.")
    if path.name != PROJECT_FILE:
        return data, found
    if not isinstance(data.get("tool"), dict) or "ckaudit" not in data["tool"]:
        raise ConfigError(f"{path} has no table [tool.ckaudit]", hint="Add it, or name another file.")
    return data["tool"]["ckaudit"], {place[2:]: where for place, where in found.items() if place[:2] == _TABLE}


def _outside(config: Config) -> Iterator[Problem]:
    """Files that are not below the configuration's folder, or are links that lead out of it."""
    folder = config.folder.resolve()
    named: list[tuple[str, Place]] = [(name, ("manifest", number)) for number, name in enumerate(config.file.manifest)]
    if config.file.report.logo:
        named.append((config.file.report.logo, ("report", "logo")))
    for name, place in named:
        if not (folder / name).resolve().is_relative_to(folder):
            hint = f"If it is yours, name the configuration: --config {config.path} (or set {CONFIG_VARIABLE})."
            yield Problem("a configuration that was only found names files below its own folder", config.place(*place), hint)


def manifest_files(config: Config) -> tuple[Path, ...]:
    """The manifests of a configuration. Raises ConfigError for one that is not there."""
    return _there(config, "manifest", config.file.manifest, "file")


def rule_folders(config: Config, *, named: bool) -> tuple[Path, ...]:
    """The rule folders of a configuration. ``named``: somebody named this file, in contrast to one that happened to lie in or above the
    working directory. Rules are programs: a folder that was unpacked or checked out must not run any by lying there.

    Raises:
        ConfigError: there are such folders, and the configuration was not named; or one of them is not there.
    """
    if config.file.rules and not named:
        raise ConfigError(
            "this configuration lists folders of rules. Rules are programs, and a configuration that was only found may not run any",
            hint=f"If they are yours, name the file: --config {config.path} (or set {CONFIG_VARIABLE}), or name the folders: --rules DIR.",
            location=config.place("rules"),
        )
    return _there(config, "rules", config.file.rules, "file or folder")


def _there(config: Config, key: str, names: tuple[str, ...], what: str) -> tuple[Path, ...]:
    """Paths as seen from the configuration's folder."""
    for number, path in enumerate(config.folder / name for name in names):
        if not path.exists():
            hint = "Paths are seen from the configuration's folder."
            raise ConfigError(f"there is no {what} {path}", hint=hint, location=config.place(key, number))
    return tuple(config.folder / name for name in names)


def read_logo_file(table: ReportTable, folder: Path, place: Location) -> bytes | None:
    """The logo that a ``[report]`` table names, as it is; None when it names none. ``folder`` is what its path is seen from.

    Raises:
        ConfigError: it cannot be read; ``place`` is where the table names it.
    """
    if not table.logo:
        return None
    try:
        return read_limited(folder / table.logo, MAX_LOGO_READ)
    except OSError as error:
        raise ConfigError(f"cannot read the logo: {error.strerror}", location=place) from None


def config_schema() -> Mapping[str, Any]:
    """The JSON Schema (draft 2020-12) of ``ckaudit.toml``."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:ckaudit:config:v1",
        "title": "Configuration of ckaudit (ckaudit.toml)",
        **msgspec.json.schema(ConfigFile),
    }


def _check_version(wanted: object, config: Config) -> None:
    """Raise ConfigError when the file is for a newer ckaudit. It comes before all other problems: a newer key would be one of them."""
    asked = _REQUIRED.fullmatch(wanted) if isinstance(wanted, str) else None
    if asked and _numbers(asked[1]) > _numbers(__version__):
        raise ConfigError(
            f"this is ckaudit {__version__}, and this configuration is for {wanted}",
            hint="Install that version; or change required_version, if this one will do.",
            location=config.place("required_version"),
        )


def _vague_version(config: Config, data: Mapping[str, Any]) -> Iterator[Problem]:
    wanted = data.get("required_version")
    if isinstance(wanted, str) and not _REQUIRED.fullmatch(wanted):
        yield Problem("this says no version", config.place("required_version"), 'Write the oldest one that will do: ">=0.2".')


def _numbers(version: str) -> tuple[int, ...]:
    """The numbers a version begins with, without zeros at the end: 1.2 and 1.2.0 are one version."""
    numbers = [int(number) for number in re.findall(r"[0-9]+", re.split(r"[^0-9.]", version)[0])]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)


def _config(path: Path, data: Any, places: Mapping[Place, Location]) -> Config:
    config = Config(path, places=places)
    if not isinstance(data, dict):
        raise ConfigError("[tool.ckaudit] must be a table", location=config.place())
    _check_version(data.get("required_version"), config)
    problems = [*toml_problems(data, ConfigFile, config.place), *_vague_version(config, data), *_idle_policies(config, data)]
    if problems:
        raise ConfigError("the configuration is invalid", problems=tuple(sorted(problems, key=lambda item: item.location or Location(""))))
    file = msgspec.convert(data, ConfigFile)
    suppressions = tuple(Suppression(entry, config.place("suppress", number)) for number, entry in enumerate(file.suppress))
    return Config(path, file, suppressions, places=places)


def _idle_policies(config: Config, data: Mapping[str, Any]) -> Iterator[Problem]:
    """Policies that ask for nothing: usually the key that asks is misspelt or forgotten."""
    policies = data.get("policy")
    for name, table in policies.items() if isinstance(policies, dict) else ():
        if isinstance(table, dict) and not set(table) - {"kind", "exempt", "message", "link", "severity"}:
            yield Problem("this policy asks for nothing", config.place("policy", name), "Give prefixes, required or forbidden_words.")
