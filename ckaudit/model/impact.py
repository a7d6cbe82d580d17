"""What hangs on an object: what breaks when it is switched off, renamed or deleted."""

from __future__ import annotations

import msgspec

from ckaudit.model.inventory import Use
from ckaudit.model.refs import ObjectRef


class Ends(msgspec.Struct, frozen=True):
    """Something that happens because of the object.

    ``after``: planned seconds from the object on, least and greatest, the second None while people may wait for something. ``steps`` are
    the automations, rules and forms on the way, the last is where it happens. ``others`` do the same thing, so that it does not end for
    everybody; ``more_others`` counts those left out of the list.
    """

    what: str
    target: ObjectRef
    steps: tuple[ObjectRef, ...]
    after: tuple[int, int | None]
    others: tuple[ObjectRef, ...]
    more_others: int = 0


class Impact(msgspec.Struct, frozen=True):
    """What hangs on an object: ``uses`` name it directly, ``roles`` is what it is taken for, ``ends`` follows from it, soonest first.

    ``calls`` are the addresses that webhooks call because of it. ``perhaps`` are names of the manifest that are not there and may mean this
    object. ``is_complete``: every automation and rule is known. ``more`` counts what else would end, where the list is cut.
    ``is_described``: false for an automation whose steps the manifest does not have; then nothing is known of what follows from it.
    """

    object: ObjectRef
    people: int | None
    uses: tuple[Use, ...]
    roles: tuple[str, ...]
    ends: tuple[Ends, ...]
    calls: tuple[str, ...] = ()
    perhaps: tuple[str, ...] = ()
    is_complete: bool = False
    is_described: bool = True
    more: int = 0


class Impacts(msgspec.Struct, frozen=True):
    """Of the objects and automations something hangs on, the ones that matter most. ``more`` counts those that were not
    looked at, or on which more hangs than is followed."""

    found: tuple[Impact, ...] = ()
    more: int = 0
