"""Timestamps in a few lines, for the cases of rules.

``events`` is a list of groups, each one object and the people who got it:

- ``tag``, ``form`` or ``sequence``: its name. The account of the case gets what it does not have.
- ``people``: how many (``40`` is 1 to 40), or numbers: ``1-38``, ``"3, 7-9"``.
- ``at`` and ``every``: the first person's time, and how much later each following person's is (1 hour unless given). Or ``after``: how long
  after the same person's timestamp in the nearest group above (``after: 0 seconds`` for the same moment).
- ``state``: what Kit says of these people now (``active`` unless given).
- ``read``: ``partial``, ``refused`` or ``skipped`` where the list was not read completely; ``since`` (a date) where only from a day on.

The reading took place on the day of the case's ``now``. Lists of objects without a group were read completely and are empty.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import TypeAlias

from ckaudit.model.account import Account, SectionStatus, utc
from ckaudit.model.durations import UNITS, split_duration
from ckaudit.model.events import ObjectKind, make_events
from ckaudit.model.evidence import Evidence, ListRead, midnight
from ckaudit.model.holders import PersonState
from ckaudit.model.refs import Key, Kind, Ref
from ckaudit.sources.yaml.tree import Node, plain
from ckaudit.testing.case_file import error_at, items_of, mapping_of, text_of

_KINDS = (Kind.FORM, Kind.TAG, Kind.SEQUENCE)
_KEYS = (*(str(kind) for kind in _KINDS), "people", "at", "every", "after", "state", "read", "since")
_RANGE = re.compile(r"(\d+)(?:-(\d+))?")

Row: TypeAlias = tuple[int, Key, int]


def named_in(node: Node) -> tuple[Ref, ...]:
    """The objects that have events. Raises RuleFileError."""
    return tuple(_object(group) for group in items_of(node, "events"))


def build_evidence(node: Node, account: Account, now: dt.datetime) -> Evidence:
    """The evidence of a case. Raises RuleFileError."""
    rows: list[Row] = []
    states: dict[int, PersonState] = {}
    lists = {key: ListRead(key, SectionStatus.COMPLETE) for key in _listed(account).values()}
    for group in items_of(node, "events"):
        parts = mapping_of(group, "a group of events")
        ref = _object(group)
        key = _listed(account).get((ref.kind, ref.name))
        if key is None:
            raise error_at(group, f"{ref.kind} “{ref.name}” is not in the account")
        rows += _rows(group, key, _people(group, parts), rows)
        if "state" in parts:
            states |= dict.fromkeys(_people(group, parts), PersonState.of(text_of(parts["state"], "state")))
        lists[key] = ListRead(key, _status(parts), _since(parts))
    codes = {code.kind: int(code) for code in ObjectKind}
    events = make_events(
        [person for person, _, _ in rows],
        [codes[key.kind] for _, key, _ in rows],
        [key.id for _, key, _ in rows],
        [second for _, _, second in rows],
        [int(states.get(person, PersonState.ACTIVE)) for person, _, _ in rows],
    )
    order = sorted(lists, key=lambda key: (codes[key.kind], key.id))
    return Evidence(events, tuple(lists[key] for key in order), midnight(now.astimezone(dt.UTC).date()))


def _listed(account: Account) -> dict[tuple[Kind, str], Key]:
    groups = ((Kind.FORM, account.forms), (Kind.TAG, account.tags), (Kind.SEQUENCE, account.sequences))
    return {(kind, item.name): Key(kind, item.id) for kind, items in groups for item in items}


def _object(group: Node) -> Ref:
    parts = mapping_of(group, "a group of events", _KEYS)
    kinds = [kind for kind in _KINDS if kind in parts]
    if len(kinds) != 1:
        raise error_at(group, "a group of events names one tag, form or sequence")
    return Ref(kinds[0], text_of(parts[kinds[0]], kinds[0]))


def _people(group: Node, parts: dict[str, Node]) -> tuple[int, ...]:
    if "people" not in parts:
        raise error_at(group, "a group of events needs “people”")
    value = plain(parts["people"])
    if isinstance(value, int):
        return tuple(range(1, value + 1))
    found: list[int] = []
    for part in text_of(parts["people"], "people").split(","):
        match = _RANGE.fullmatch(part.strip())
        if match is None:
            raise error_at(parts["people"], "these are not people", "Write a number, or “1-38”, or “3, 7-9”.")
        found += range(int(match[1]), int(match[2] or match[1]) + 1)
    return tuple(found)


def _rows(group: Node, key: Key, people: tuple[int, ...], above: list[Row]) -> list[Row]:
    parts = mapping_of(group, "a group of events")
    if "after" in parts:
        gap = _duration(parts["after"])
        latest = {person: second for person, _, second in above}
        if missing := [person for person in people if person not in latest]:
            raise error_at(parts["after"], f"person {missing[0]} has nothing in the groups above")
        return [(person, key, latest[person] + gap) for person in people]
    begin = utc(text_of(parts["at"], "at")) if "at" in parts else None
    if begin is None:
        raise error_at(group, "a group of events needs “at” (a time) or “after” (a duration)")
    every = _duration(parts["every"]) if "every" in parts else 3600
    return [(person, key, int(begin.timestamp()) + place * every) for place, person in enumerate(people)]


def _duration(node: Node) -> int:
    written = split_duration(text_of(node, "a duration"))
    if written is None or written[1] not in UNITS:
        raise error_at(node, "this is not a duration", "Write it as 2 seconds, 5 minutes, 1 hour or 3 days.")
    return int(written[0]) * UNITS[written[1]]


def _status(parts: dict[str, Node]) -> SectionStatus:
    if "read" not in parts:
        return SectionStatus.COMPLETE
    word = text_of(parts["read"], "read")
    if word not in tuple(SectionStatus):
        raise error_at(parts["read"], "no such way of reading", f"Possible are {', '.join(SectionStatus)}.")
    return SectionStatus(word)


def _since(parts: dict[str, Node]) -> int | None:
    when = utc(text_of(parts["since"], "since")) if "since" in parts else None
    return int(when.timestamp()) if when else None
