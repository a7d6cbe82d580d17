"""``people.json``: who the numbers in ``events.npz`` are. Written by ``pull --with-emails`` alone, readable by its owner only.

``{"schema": "ckaudit.people/v1", "events": "sha256 of the events.npz it belongs to", "people": [{"person": 0, "subscriber_id": 1481532,
"email_address": "…"}, …]}``, ordered by number, every number once. The checksum keeps numbers from being read as other people.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final, Literal, NoReturn

import msgspec

from ckaudit.model.errors import Location, SnapshotError
from ckaudit.model.roster import Roster
from ckaudit.sources.events import EVENTS_FILE
from ckaudit.sources.files import read_limited, write_atomically

PEOPLE_FILE = "people.json"
MAX_SIZE = 1_000_000_000  # bytes: more people than a Kit account has
SCHEMA: Final = "ckaudit.people/v1"


class _Person(msgspec.Struct, frozen=True):
    person: int
    subscriber_id: int
    email_address: str


class _Document(msgspec.Struct, frozen=True):
    schema: Literal["ckaudit.people/v1"]
    events: str
    people: tuple[_Person, ...]


def write_people(folder: Path, roster: Roster) -> Path:
    """Store who is who beside the ``events.npz`` that is there already. Raises OutputError."""
    people = tuple(_Person(number, roster.ids[number], roster.address(number) or "") for number in range(len(roster.ids)))
    text = msgspec.json.encode(_Document(SCHEMA, _checksum(folder), people))
    path = folder / PEOPLE_FILE
    write_atomically(path, msgspec.json.format(text, indent=2) + b"\n")
    return path


def read_people(folder: Path) -> Roster | None:
    """Who is who in a snapshot, None when it does not say.

    Raises:
        SnapshotError: the file cannot be read, is damaged, or belongs to other timestamps.
    """
    path = folder / PEOPLE_FILE
    try:
        document = msgspec.json.decode(read_limited(path, MAX_SIZE), type=_Document)
    except FileNotFoundError:
        return None
    except OSError as error:
        _refuse(path, f"cannot read who is who: {error.strerror}")
    except (ValueError, RecursionError):
        # what is wrong with it is not quoted: it may be somebody's address
        _refuse(path, "this list of people is damaged, or no file of ckaudit")
    if [person.person for person in document.people] != list(range(len(document.people))):
        _refuse(path, "this list of people is damaged: a number is missing or there twice")
    if document.events != _checksum(folder):
        _refuse(path, f"this list of people belongs to another {EVENTS_FILE}")
    return Roster(tuple(person.subscriber_id for person in document.people), tuple(person.email_address for person in document.people))


def _checksum(folder: Path) -> str:
    try:
        return hashlib.sha256((folder / EVENTS_FILE).read_bytes()).hexdigest()
    except OSError:
        return ""


def _refuse(path: Path, message: str) -> NoReturn:
    hint = "Make both again with `ckaudit pull -o DIR --with-emails`."
    raise SnapshotError(message, hint=hint, location=Location(str(path))) from None
