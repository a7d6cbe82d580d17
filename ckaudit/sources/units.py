"""A pull in units: what is read, stored and resumed as a whole. A unit is a section, or the emails of one sequence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec

from ckaudit.kit.decode import KitObject
from ckaudit.model.account import Account, AccountInfo, BadObject, SectionName, SectionState, SectionStatus
from ckaudit.model.account import Sequence as KitSequence
from ckaudit.model.errors import IncompleteError
from ckaudit.sources.snapshot import account_of


class UnitKey(NamedTuple):
    """``sequence`` is the id of the sequence when the unit is its emails."""

    section: SectionName
    sequence: int | None = None


class Unit(msgspec.Struct, frozen=True):
    """What was read. ``problem`` is set when the reading broke off; only a unit without one is finished."""

    key: UnitKey
    state: SectionState
    objects: tuple[KitObject, ...] = ()
    bad: tuple[BadObject, ...] = ()
    problem: IncompleteError | None = None


COMPLETE = SectionState(SectionStatus.COMPLETE)


def in_stored_order(units: Mapping[UnitKey, Unit]) -> list[Unit]:
    """The units in the order of the sections, emails by sequence."""
    order = tuple(SectionName)
    return [units[key] for key in sorted(units, key=lambda key: (order.index(key.section), key.sequence or 0))]


def info_of(unit: Unit) -> AccountInfo | None:
    """The account itself, when its unit has it."""
    return next((item for item in unit.objects if isinstance(item, AccountInfo)), None)


def sequences_of(units: Mapping[UnitKey, Unit]) -> tuple[KitSequence, ...]:
    """The sequences read so far."""
    unit = units.get(UnitKey(SectionName.SEQUENCES))
    return tuple(item for item in unit.objects if isinstance(item, KitSequence)) if unit else ()


def assemble(units: Mapping[UnitKey, Unit]) -> Account:
    """The account as far as it was read, every section with its state."""
    states = {key.section: unit.state for key, unit in units.items() if key.sequence is None}
    states[SectionName.SEQUENCE_EMAILS] = _state_of_emails(units)
    for name in SectionName:
        states.setdefault(name, SectionState(SectionStatus.SKIPPED, "The pull ended before this section was read."))
    objects: dict[SectionName, tuple[KitObject, ...]] = dict.fromkeys(SectionName, ())
    bad: list[BadObject] = []
    for unit in in_stored_order(units):
        objects[unit.key.section] += unit.objects
        bad += unit.bad
    return account_of(objects, states, tuple(bad))


def _state_of_emails(units: Mapping[UnitKey, Unit]) -> SectionState:
    sequences = units.get(UnitKey(SectionName.SEQUENCES))
    if sequences is None or (sequences.state != COMPLETE and not sequences.objects):
        return SectionState(SectionStatus.SKIPPED, "The sequences could not be read.")
    ids = [item.id for item in sequences_of(units)]
    found = [units[key] for number in ids if (key := UnitKey(SectionName.SEQUENCE_EMAILS, number)) in units]
    good = sum(unit.state == COMPLETE for unit in found)
    if good == len(ids):
        return COMPLETE if sequences.state == COMPLETE else SectionState(SectionStatus.PARTIAL, "Not all sequences could be read.")
    return _state_of_some_emails(found, good, len(ids))


def _state_of_some_emails(found: Sequence[Unit], good: int, wanted: int) -> SectionState:
    reasons = [unit.state.reason for unit in found if unit.state.reason] or ["The pull ended before they were read."]
    reason = f"The emails of {wanted - good} of {wanted} sequences could not be read. {reasons[0]}"
    if len(found) == wanted and all(unit.state.status is SectionStatus.REFUSED for unit in found):
        return SectionState(SectionStatus.REFUSED, reasons[0])
    any_read = any(unit.objects or unit.state == COMPLETE for unit in found)
    return SectionState(SectionStatus.PARTIAL if any_read else SectionStatus.SKIPPED, reason)
