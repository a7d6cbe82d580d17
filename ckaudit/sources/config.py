"""Finds and reads ``ckaudit.toml``, or ``[tool.ckaudit]`` of ``pyproject.toml``. Faults name file, line, column and the nearest key."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from ckaudit.model.config import Config, ConfigFile, PolicyTable, ReportTable, Suppression, SuppressTable
from ckaudit.model.errors import ConfigError, Location, Problem
from ckaudit.model.findings import Severity
from ckaudit.model.nearest import did_you_mean
from ckaudit.sources.config_places import Path as Place
from ckaudit.sources.config_places import line_column, toml_places

CONFIG_FILE = "ckaudit.toml"
PROJECT_FILE = "pyproject.toml"
LARGEST = 1_000_000

_TABLE = ("tool", "ckaudit")
_WORDS = {
    "str": "text",
    "int": "a whole number",
    "bool": "true or false",
    "array": "a list",
    "object": "a table",
    "float": "a number",
    "date": "a day such as 2027-03-01",
    "datetime": "a day with a time",
}


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
    text = _text(path)
    try:
        data: Any = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _syntax(path, str(error), text) from None
    except RecursionError:
        raise ConfigError("this is nested too deeply", location=Location(str(path))) from None
    found = {place: Location(str(path), *where) for place, where in toml_places(text).items()}
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


def _text(path: Path) -> str:
    try:
        data = path.read_bytes()
        if len(data) > LARGEST:
            raise ConfigError(f"this file has {len(data):,} bytes, at most {LARGEST:,} are read", location=Location(str(path)))
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}", hint="`ckaudit init` writes a configuration.") from None
    except UnicodeDecodeError:
        raise ConfigError("this is not UTF-8 text", location=Location(str(path)), hint="Save the file as UTF-8.") from None


def _syntax(path: Path, message: str, text: str) -> ConfigError:
    if message.endswith(" (at end of document)"):
        message = message.replace("at end of document", "at line {}, column {}".format(*line_column(text, len(text))))
    place = re.search(r" \(at line (\d+), column (\d+)\)$", message)
    where = Location(str(path), int(place[1]), int(place[2])) if place else Location(str(path))
    return ConfigError(f"not valid TOML: {message[: place.start()] if place else message}", location=where, hint="Text stands in quotes.")


def _config(path: Path, data: Any, places: Mapping[Place, Location]) -> Config:
    config = Config(path, places=places)
    if not isinstance(data, dict):
        raise ConfigError("[tool.ckaudit] must be a table", location=config.place())
    problems = [*_unknown_keys(config, data, msgspec.inspect.type_info(ConfigFile)), *_wrong_values(config, data)]
    if problems:
        raise ConfigError("the configuration is invalid", problems=tuple(sorted(problems, key=lambda item: item.location or Location(""))))
    file = msgspec.convert(data, ConfigFile)
    suppressions = tuple(Suppression(entry, config.place("suppress", number)) for number, entry in enumerate(file.suppress))
    return Config(path, file, suppressions, places=places)


def _unknown_keys(config: Config, value: Any, kind: msgspec.inspect.Type, at: Place = ()) -> Iterator[Problem]:
    """Every key that no struct knows, at any depth."""
    if isinstance(kind, msgspec.inspect.Metadata):
        kind = kind.type
    match kind, value:
        case msgspec.inspect.StructType(), dict():
            fields = {field.encode_name: field.type for field in kind.fields}
            for key, item in value.items():
                if key in fields:
                    yield from _unknown_keys(config, item, fields[key], (*at, key))
                else:
                    yield Problem(f"there is no key “{key}” {_table(at)}", config.place(*at, key), did_you_mean(key, fields))
        case msgspec.inspect.DictType(), dict():
            for key, item in value.items():
                yield from _unknown_keys(config, item, kind.value_type, (*at, key))
        case msgspec.inspect.VarTupleType(), list():
            for number, item in enumerate(value):
                yield from _unknown_keys(config, item, kind.item_type, (*at, number))


def _table(at: Place) -> str:
    words = ".".join(str(part) for part in at if isinstance(part, str))
    return f"in [{words}]" if words else "here"


def _wrong_values(config: Config, data: Mapping[str, Any]) -> Iterator[Problem]:
    """The first wrong value of each entry. Unknown keys are told by ``_unknown_keys``."""
    fields = {field.name: field.type for field in msgspec.structs.fields(ConfigFile)}
    for key, value in data.items():
        if key == "suppress" and isinstance(value, list):
            for number, entry in enumerate(value):
                yield from _wrong(config, entry, SuppressTable, (key, number))
        elif key in ("severity", "policy") and isinstance(value, dict):
            for name, entry in value.items():
                yield from _wrong(config, entry, Severity if key == "severity" else PolicyTable, (key, name))
        elif key in fields:
            yield from _wrong(config, value, ReportTable if key == "report" else fields[key], (key,))


def _wrong(config: Config, value: Any, kind: Any, at: Place) -> Iterator[Problem]:
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        message, _, path = str(error).partition(" - at `$")
        if "unknown field" not in message:
            inner = re.findall(r"\.([^.\[\]`]+)|\[(\d+)\]", path)
            yield Problem(_human(message), config.place(*at, *(int(index) if index else name for name, index in inner)))


def _human(message: str) -> str:
    """msgspec's sentence in TOML's words."""
    missing = re.fullmatch(r"Object missing required field `(\w+)`", message)
    if missing:
        return f"“{missing[1]}” is missing here"
    said = re.sub(
        r"`([^`]*)`",
        lambda found: " or ".join(_WORDS.get(word.strip(), word.strip()) for word in found[1].split("|") if word.strip() != "null"),
        message,
    )
    return said[:1].lower() + said[1:]
