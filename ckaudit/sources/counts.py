"""How many people have what: ``counts.json`` beside ``account.json``, which therefore changes only when somebody changed the account.

``{"schema": "ckaudit.counts/v1", "account": 1284307, "subscribers": 8214, "tags": {"5218034": {"subscriber_count": 742}, …},
"forms": {…}, "sequences": {"901": {"subscriber_count": 61, "stats": {…}}}}``, by Kit's ids, one object a line. Snapshots of format 1 have
these numbers in ``account.json``.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeAlias

import msgspec

from ckaudit.model.account import Account, BadObject, Form, Id, Sequence, SequenceStats, Tag
from ckaudit.model.pulled import COUNTS_FILE
from ckaudit.sources.files import read_limited, remove, write_atomically

COUNTED = ("tags", "forms", "sequences")
MOVING = ("subscriber_count", "stats")
"""The fields that change by themselves, all of them numbers."""

SCHEMA = "ckaudit.counts/v1"
_UNKNOWN = "the file is not there, so it is not known how many people have each tag, form and sequence"
_MAX_SIZE = 64_000_000  # bytes; an account with 10,000 tags has a hundredth of it

Countable: TypeAlias = Tag | Form | Sequence


class _Moved(msgspec.Struct, frozen=True, omit_defaults=True):
    subscriber_count: int | None = None
    stats: SequenceStats | None = None


class _Counts(msgspec.Struct, frozen=True):
    schema: str
    account: Id | None = None
    subscribers: int | None = None
    tags: dict[int, _Moved] = {}
    forms: dict[int, _Moved] = {}
    sequences: dict[int, _Moved] = {}


def write_counts(folder: Path, account: Account) -> None:
    """Write the numbers of an account. One that was stored without them gets no file. Raises OutputError."""
    if any(item.path == COUNTS_FILE for item in account.bad_objects):
        remove(folder / COUNTS_FILE)
        return
    write_atomically(folder / COUNTS_FILE, "\n".join(_lines(account)).encode() + b"\n")


def _lines(account: Account) -> Iterator[str]:
    info = account.info
    yield "{"
    yield f'  "schema": {_json(SCHEMA)},'
    yield f'  "account": {_json(info and info.id)},'
    yield f'  "subscribers": {_json(info and info.subscriber_count)},'
    for name in COUNTED:
        items: tuple[Countable, ...] = getattr(account, name)
        found = [(item.id, moved) for item in sorted(items, key=lambda item: item.id) if (moved := _moved(item)) != _Moved()]
        yield f'  "{name}": {{'
        yield ",\n".join(f'    "{number}": {_json(moved)}' for number, moved in found) or "    "
        yield "  }" if name == COUNTED[-1] else "  },"
    yield "}"


def _moved(item: Countable) -> _Moved:
    return _Moved(item.subscriber_count, item.stats if isinstance(item, Sequence) else None)


def _json(value: object) -> str:
    return msgspec.json.format(msgspec.json.encode(value), indent=0).decode()


def with_counts(account: Account, folder: Path | None) -> Account:
    """The account with its numbers, where it has none itself. Without them it says so among its ``bad_objects``."""
    if folder is None:
        return _without(account, _UNKNOWN)
    try:
        counts = msgspec.json.decode(read_limited(folder / COUNTS_FILE, _MAX_SIZE), type=_Counts)
    except FileNotFoundError:
        return _without(account, _UNKNOWN)
    except (OSError, ValueError, RecursionError):
        return _without(account, "the file is damaged, so it is not known how many people have each tag, form and sequence")
    info = account.info
    if counts.schema != SCHEMA or (info and counts.account not in (None, info.id)):
        return _without(account, "the file is another account's or of another version, so nothing in it was used")
    parts: dict[str, Any] = {name: tuple(_filled(item, getattr(counts, name)) for item in getattr(account, name)) for name in COUNTED}
    if info and info.subscriber_count is None:
        parts["info"] = msgspec.structs.replace(info, subscriber_count=counts.subscribers)
    return msgspec.structs.replace(account, **parts)


def _without(account: Account, reason: str) -> Account:
    return msgspec.structs.replace(account, bad_objects=(*account.bad_objects, BadObject(COUNTS_FILE, reason)))


def _filled(item: Countable, counts: dict[int, _Moved]) -> Countable:
    moved = counts.get(item.id, _Moved())
    fields = {name: getattr(moved, name) for name in MOVING if name in item.__struct_fields__ and getattr(item, name) is None}
    return msgspec.structs.replace(item, **fields) if fields else item
