"""The objects of an account, and where each is used."""

from __future__ import annotations

import msgspec

from ckaudit.model.refs import ObjectRef


class Use(msgspec.Struct, frozen=True):
    """Where an object is used, in words (``adds it: Course A - release``)."""

    how: str
    where: str


class InventoryItem(msgspec.Struct, frozen=True):
    """An object of the account for the inventory. ``people`` is Kit's count of active people, when it gave one.

    ``last_added`` is the day on which somebody last got it (UTC, ``2026-11-20``), None where timestamps were not read or show nobody.
    """

    object: ObjectRef
    people: int | None = None
    detail: str = ""
    uses: tuple[Use, ...] = ()
    last_added: str | None = None
