"""The map of an account: how forms, tags, automations, rules, sequences and integrations set each other off, in parts of a page each."""

from __future__ import annotations

import msgspec

from ckaudit.model.refs import ObjectRef


class MapLine(msgspec.Struct, frozen=True, array_like=True):
    """What a box does, or what sets it off, with something that nothing else in its part has to do with: ``adds “Customer”``."""

    words: str
    object: ObjectRef | None = None


class MapBox(msgspec.Struct, frozen=True, array_like=True):
    """An automation, rule or integration with its ``lines``; or an object that connects some of them.

    ``live`` is False for what is switched off, ``seen`` True for what timestamps show and nobody listed. ``elsewhere`` are the numbers of
    the first other parts it stands on, counted from 1. ``more`` counts lines that are left out.
    """

    object: ObjectRef
    lines: tuple[MapLine, ...] = ()
    live: bool = True
    seen: bool = False
    elsewhere: tuple[int, ...] = ()
    more: int = 0


class MapWire(msgspec.Struct, frozen=True, array_like=True):
    """From one box to another of its part, both by their place among ``MapPart.boxes``; ``words`` are a verb: ``adds``, ``starts``."""

    source: int
    target: int
    words: str
    live: bool = True


class MapPart(msgspec.Struct, frozen=True):
    """One drawing. ``offerings`` are those whose objects stand on it; ``loose`` when nothing on it sets off anything else.

    Raises:
        ValueError: there is no box, or an arrow has an end that is none; msgspec says where in the file.
    """

    title: str
    boxes: tuple[MapBox, ...]
    wires: tuple[MapWire, ...] = ()
    offerings: tuple[str, ...] = ()
    loose: bool = False

    def __post_init__(self) -> None:
        if not self.boxes or not all(0 <= place < len(self.boxes) for wire in self.wires for place in (wire.source, wire.target)):
            raise ValueError("a part of the map needs boxes, and its arrows lead from one to another")


class AccountMap(msgspec.Struct, frozen=True):
    """All parts. ``more`` counts automations, rules and integrations beyond them; ``undescribed`` those of which only the name is known."""

    parts: tuple[MapPart, ...] = ()
    more: int = 0
    undescribed: int = 0
