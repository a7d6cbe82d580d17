"""Where each object is in ``account.json``, for outputs that point at lines."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

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


class _Id(msgspec.Struct):
    id: int


def account_file(place: Path) -> str:
    """The ``account.json`` of a snapshot that is named by its folder or by the file, with slashes."""
    return (place if place.is_file() else place / ACCOUNT_FILE).as_posix()


def lines_in(place: Path) -> Mapping[tuple[str, int | str], int]:
    """The line of each object of a snapshot by kind and id; none when it cannot be read again."""
    try:
        return {(str(key.kind), key.id): line for key, line in object_lines(Path(account_file(place))).items()}
    except SnapshotError:
        return {}


def object_lines(path: Path) -> dict[Key, int]:
    """The line (from 1) on which each object begins, and on which each sending address stands. Where both generations of webhooks have an
    id, the legacy one counts.

    Raises:
        SnapshotError: as ``read_snapshot``.
    """
    raw = read_raw(path)
    lines: dict[Key, int] = {}
    for name, section in raw.sections.items():
        position = raw.text.find(f'"{name}"'.encode())
        line = raw.text.count(b"\n", 0, position) + 1
        for text in section.texts:
            # The decoder gives objects as slices of the file, in its order, so the next occurrence is the object itself.
            start = raw.text.find(bytes(text), position)
            line += raw.text.count(b"\n", position, start)
            position = start
            head = decode_object(_Id, text, name)
            if not isinstance(head, BadObject):
                lines.setdefault(Key(_KINDS[name], head.id), line)
            if name is SectionName.ACCOUNT:
                lines.update(_addresses(bytes(text), line))
    return lines


def _addresses(account: bytes, first: int) -> dict[Key, int]:
    """The lines of the sending addresses. They have no ids, so findings name them by themselves."""
    found: dict[Key, int] = {}
    for match in re.finditer(rb'"email_address"\s{0,4}:\s{0,4}("[^"\\\n]{1,400}")', account):
        address = msgspec.json.decode(match[1], type=str)
        found.setdefault(Key(Kind.ADDRESS, address), first + account.count(b"\n", 0, match.start()))
    return found
