"""Where each object is in ``account.json``, for outputs that point at lines."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from ckaudit.kit.decode import decode_object
from ckaudit.model.account import BadObject, SectionName
from ckaudit.model.errors import SnapshotError
from ckaudit.model.refs import Key, Kind
from ckaudit.sources.snapshot import ACCOUNT_FILE, read_raw

_KINDS: dict[SectionName, Kind] = {
    SectionName.ACCOUNT: Kind.ACCOUNT,
    SectionName.TAGS: Kind.TAG,
    SectionName.FORMS: Kind.FORM,
    SectionName.SEQUENCES: Kind.SEQUENCE,
    SectionName.SEQUENCE_EMAILS: Kind.EMAIL,
    SectionName.CUSTOM_FIELDS: Kind.FIELD,
    SectionName.SNIPPETS: Kind.SNIPPET,
    SectionName.WEBHOOKS: Kind.WEBHOOK,
    SectionName.WEBHOOK_ENDPOINTS: Kind.WEBHOOK,
    SectionName.SEGMENTS: Kind.SEGMENT,
    SectionName.EMAIL_TEMPLATES: Kind.TEMPLATE,
    SectionName.BROADCASTS: Kind.BROADCAST,
}


_NAMES = ("name", "subject", "target_url", "url", "label")
"""The keys that hold an object's name; the first that it has."""
_TEXTS = frozenset({"subject", "preview_text", "content"})
"""The keys of texts that findings point into."""


_PREFIXES = {SectionName.WEBHOOKS: "legacy:", SectionName.WEBHOOK_ENDPOINTS: "endpoint:"}
"""Both generations of webhooks count from 1, so their keys say which one they are of."""


class _Head(msgspec.Struct):
    id: int
    key: Any = None


class Place(NamedTuple):
    """An object in ``account.json``, or one of the texts in it, by its key."""

    key: Key
    part: str = ""


def account_file(place: Path) -> str:
    """The ``account.json`` of a snapshot that is named by its folder or by the file, with slashes."""
    return (place if place.is_file() else place / ACCOUNT_FILE).as_posix()


def lines_in(place: Path) -> Mapping[tuple[str, int | str, str], int]:
    """The line of each object of a snapshot, and of the texts in it, by kind, id and key; none when it cannot be read again."""
    try:
        found = object_lines(Path(account_file(place)))
    except SnapshotError:
        return {}
    return {(str(key.kind), key.id, part): line for (key, part), line in found.items()}


def object_lines(path: Path) -> dict[Place, int]:
    """The line (from 1) on which each object has its name, or begins where it has none, the lines of its texts, and those of sending
    addresses.

    Raises:
        SnapshotError: as ``read_snapshot``.
    """
    raw = read_raw(path)
    lines: dict[Place, int] = {}
    for name, section in raw.sections.items():
        position = raw.text.find(f'"{name}"'.encode())
        line = raw.text.count(b"\n", 0, position) + 1
        for text in section.texts:
            # The decoder gives objects as slices of the file, in its order, so the next occurrence is the object itself.
            start = raw.text.find(bytes(text), position)
            line += raw.text.count(b"\n", position, start)
            position = start
            head = decode_object(_Head, text, name)
            if not isinstance(head, BadObject):
                for place, found in _places(name, head, bytes(text), line):
                    lines.setdefault(place, found)
            if name is SectionName.ACCOUNT:
                lines.update(_addresses(bytes(text), line))
    return lines


def _places(section: SectionName, head: _Head, text: bytes, first: int) -> Iterator[tuple[Place, int]]:
    """Where an object's name stands, and the texts that it has. It begins on the line ``first``."""
    lines = {name: first + text.count(b"\n", 0, start) for name, start in _keys(text)}
    prefix, kind = _PREFIXES.get(section), _KINDS[section]
    key = Key(kind, f"{prefix}{head.id}" if prefix else head.id)
    named = next((lines[name] for name in _NAMES if name in lines), first)
    yield Place(key), named
    if kind is Kind.FIELD and isinstance(head.key, str):  # emails name a field by its key
        yield Place(Key(kind, head.key)), lines.get("key", named)
    for name in _TEXTS & lines.keys():
        yield Place(key, name), lines[name]


def _keys(text: bytes) -> Iterator[tuple[str, int]]:
    """The keys of an object that stand outside of its values, each with its position. Values are slices of the text, in its order."""
    position = 0
    try:
        values = msgspec.json.decode(text, type=dict[str, msgspec.Raw])
    except (ValueError, RecursionError):  # it was repaired to be read
        return
    for name, value in values.items():
        start = text.find(b'"%b"' % name.encode("utf-8", "surrogatepass"), position)
        if start < 0:
            return  # written with escapes, or twice
        yield name, start
        position = max(start, text.find(bytes(value), start + len(name) + 2)) + len(bytes(value))


def _addresses(account: bytes, first: int) -> dict[Place, int]:
    """The lines of the sending addresses. They have no ids, so findings name them by themselves."""
    found: dict[Place, int] = {}
    for match in re.finditer(rb'"email_address"\s{0,4}:\s{0,4}("[^"\\\n]{1,400}")', account):
        address = msgspec.json.decode(match[1], type=str)
        found.setdefault(Place(Key(Kind.ADDRESS, address)), first + account.count(b"\n", 0, match.start()))
    return found
