"""A result for readers who did not make it: its places say nothing about folders on the machine of whoever did."""

from __future__ import annotations

import posixpath
from collections.abc import Callable
from functools import cache, lru_cache
from pathlib import PurePath, PureWindowsPath
from typing import Any, TypeVar

import msgspec

from ckaudit.model.errors import Location
from ckaudit.model.result import ManifestCoverage, Result
from ckaudit.render.options import RenderOptions
from ckaudit.sources.manifest.places import MANIFEST_FOLDER
from ckaudit.sources.repository import seen_from

T = TypeVar("T")


def for_readers(result: Result, options: RenderOptions) -> Result:
    """The result with files as seen from the snapshot's folder, and those outside of it by name alone."""
    folder = posixpath.dirname(options.account_file)
    crashed = tuple(msgspec.structs.replace(item, reason=_short_reason(item.reason, folder)) for item in result.crashed)
    return with_files(msgspec.structs.replace(result, crashed=crashed), lambda file: short_file(file, folder))


@lru_cache(maxsize=256)
def short_file(file: str, folder: str) -> str:
    """``clients/ada/automations.yaml`` is ``automations.yaml`` whichever folder the snapshot has; ``clients/ada/rules/a.yaml`` is
    ``rules/a.yaml`` where that is ``clients/ada``, else ``a.yaml``. The folder ``automations``, where manifests are found, stays."""
    path = PureWindowsPath(file) if "\\" in file or PureWindowsPath(file).drive else PurePath(file)
    if folder and path.is_relative_to(folder):
        return path.relative_to(folder).as_posix()
    return f"{MANIFEST_FOLDER}/{path.name}" if path.parent.name == MANIFEST_FOLDER else path.name


def _short_reason(reason: str, folder: str) -> str:
    """A rule that raised is named with its file and line."""
    text, at, file = reason.rpartition(" at ")
    return f"{text}{at}{short_file(file, folder)}" if at else reason


def with_files(value: T, renamed: Callable[[str], str]) -> T:
    """The value with other names of the files in it; the same value when nothing changes."""
    if isinstance(value, Location):
        return msgspec.structs.replace(value, file=renamed(value.file))
    if isinstance(value, ManifestCoverage):
        return msgspec.structs.replace(value, files=tuple(renamed(file) for file in value.files))
    if isinstance(value, msgspec.Struct):
        changed: dict[str, Any] = {
            name: new for name in _fields(type(value)) if (new := with_files(old := getattr(value, name), renamed)) is not old
        }
        return msgspec.structs.replace(value, **changed) if changed else value
    if isinstance(value, tuple):
        parts = tuple(with_files(item, renamed) for item in value)
        return value if all(new is old for new, old in zip(parts, value, strict=True)) else parts  # type: ignore[return-value]  # T is a tuple here
    return value


@lru_cache(maxsize=256)
def _fields(struct: type[msgspec.Struct]) -> tuple[str, ...]:
    return tuple(field.name for field in msgspec.structs.fields(struct))


def from_root(result: Result, options: RenderOptions) -> tuple[Result, RenderOptions]:
    """The result and the options with every file as seen from the root of the options."""
    root = options.root
    if root is None:
        return result, options
    named = cache(lambda name: seen_from(root, name))  # most places are in one of two files
    return with_files(result, named), msgspec.structs.replace(options, account_file=named(options.account_file))
