"""Reads a TOML file that people write, against the struct it should fill. Faults name file, line, column and the nearest key."""

from __future__ import annotations

import enum
import re
import tomllib
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import islice
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, TypeAlias, Union, get_args, get_origin

import msgspec

from ckaudit.model.errors import ConfigError, Location, Problem
from ckaudit.model.nearest import did_you_mean
from ckaudit.sources.config_places import Path as Place
from ckaudit.sources.config_places import line_column, toml_places
from ckaudit.sources.files import near_path, read_limited

MAX_SIZE = 1_000_000
MAX_PROBLEMS = 50

# A key of n parts takes Python's reader n² steps: half a minute for 20,000 of them.
_LONG_KEY = re.compile(r"(?:[\w\"'-]{1,60}+[ \t]{0,9}+\.[ \t]{0,9}+){100}")

Find: TypeAlias = Callable[..., Location]

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


def read_toml(path: Path, hint: str) -> tuple[dict[str, Any], dict[Place, Location]]:
    """What a file says, and where each part of it is. ``hint`` is what to do when there is no such file.

    Raises:
        ConfigError: it cannot be read, or is not TOML.
    """
    text = _text(path, hint)
    if long := _LONG_KEY.search(text):
        raise ConfigError("this key has too many parts", location=Location(str(path), *line_column(text, long.start())))
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _syntax(path, str(error), text) from None
    except ValueError:  # Python reads no number of more than 4,300 digits
        digits = re.search(r"[0-9_]{4300,}", text)
        where = Location(str(path), *line_column(text, digits.start() if digits else 0))
        raise ConfigError("this number is too long", location=where) from None
    except RecursionError:
        raise ConfigError("this is nested too deeply", location=Location(str(path))) from None
    return data, {place: Location(str(path), *where) for place, where in toml_places(text).items()}


def toml_problems(data: Any, kind: Any, find: Find, at: Place = ()) -> Iterator[Problem]:
    """What in ``data`` does not fit ``kind``, at most ``MAX_PROBLEMS``. ``find`` gives the place of a path of keys."""
    return islice(_faults(data, kind, find, at), MAX_PROBLEMS)


def _faults(data: Any, kind: Any, find: Find, at: Place) -> Iterator[Problem]:
    plain = get_args(kind)[0] if get_origin(kind) is Annotated else kind
    if isinstance(plain, type) and issubclass(plain, msgspec.Struct) and isinstance(data, dict):
        fields = {field.encode_name: field for field in _fields(plain)}
        for key, value in data.items():
            if key in fields:
                yield from _faults(value, fields[key].type, find, (*at, key))
            else:
                yield Problem(f"there is no key “{key}” {_table(at)}", find(*at, key), did_you_mean(key, fields))
        for name, field in fields.items():
            if field.required and name not in data:
                yield Problem(f"“{name}” is missing here", find(*at))
    elif get_origin(plain) is dict and isinstance(data, dict):
        for key, value in data.items():
            yield from _faults(value, get_args(plain)[1], find, (*at, key))
    elif get_origin(plain) is tuple and isinstance(data, list):
        for number, value in enumerate(data):
            yield from _faults(value, get_args(plain)[0], find, (*at, number))
    else:
        yield from _wrong(data, kind, find, at)


_fields = lru_cache(maxsize=64)(msgspec.structs.fields)


def _wrong(value: Any, kind: Any, find: Find, at: Place) -> Iterator[Problem]:
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        words = tuple(_choices(kind))
        if words and isinstance(value, str):
            yield Problem(f"“{value}” is not possible here", find(*at), did_you_mean(value, words))
        else:
            yield Problem(_human(str(error).partition(" - at `$")[0]), find(*at), f"Possible are {', '.join(words)}." if words else "")


def _choices(kind: Any) -> Iterator[str]:
    """The words a type allows; none when it allows others as well."""
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        yield from (str(item.value) for item in kind)
    elif get_origin(kind) is Literal:
        yield from get_args(kind)
    elif get_origin(kind) is Annotated:
        yield from _choices(get_args(kind)[0])
    elif get_origin(kind) in (Union, UnionType):
        parts = [part for part in get_args(kind) if part is not type(None)]
        yield from _choices(parts[0]) if len(parts) == 1 else ()


def _table(at: Place) -> str:
    words = ".".join(str(part) for part in at if isinstance(part, str))
    return f"in [{words}]" if words else "here"


def _human(message: str) -> str:
    """msgspec's sentence in TOML's words."""
    if message.endswith("of length >= 1"):
        return "this is empty"
    if "matching regex" in message and "https?" in message:
        return "expected an address that begins with https://"
    text = re.sub(
        r"`([^`]*)`",
        lambda found: " or ".join(_WORDS.get(word.strip(), word.strip()) for word in found[1].split("|") if word.strip() != "null"),
        message,
    )
    return text[:1].lower() + text[1:]


def _text(path: Path, hint: str) -> str:
    try:
        return read_limited(path, MAX_SIZE).decode("utf-8-sig").replace("\r\n", "\n")
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}", hint=near_path(path) or hint) from None
    except UnicodeDecodeError:
        raise ConfigError("this is not UTF-8 text", location=Location(str(path)), hint="Save the file as UTF-8.") from None


def _syntax(path: Path, message: str, text: str) -> ConfigError:
    if message.endswith(" (at end of document)"):
        message = message.replace("at end of document", "at line {}, column {}".format(*line_column(text, len(text))))
    place = re.search(r" \(at line (\d+), column (\d+)\)$", message)
    problem = message[: place.start()] if place else message
    line, column = (int(place[1]), int(place[2])) if place else (0, 0)
    twice = re.match(r"Cannot (?:overwrite|declare|mutate)|Duplicate", problem)
    if twice and place:  # tomllib gives the end of the second one
        column = len(found) - len(found.lstrip()) + 1 if (found := text.split("\n")[line - 1]).strip() else column
        return ConfigError("not valid TOML: this key or table is there already", location=Location(str(path), line, column))
    hint = "Text needs quotes." if problem.startswith("Invalid value") else ""
    return ConfigError(f"not valid TOML: {problem[:1].lower()}{problem[1:]}", location=Location(str(path), line, column), hint=hint)
