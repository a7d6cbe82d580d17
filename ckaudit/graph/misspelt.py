"""Names of the manifest that the account does not have: typing mistakes, or what was renamed or deleted since."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from ckaudit.graph.words import name_list
from ckaudit.model.automations import Manifest
from ckaudit.model.refs import Key, Ref

KITS_OWN = ("automations", "rules", "form_links")
"""The parts of a manifest that say what Kit does; ``external`` says what others do."""


def unknown(manifest: Manifest) -> tuple[Ref, ...]:
    """The names and ids that the account does not have, each at the first place it stands."""
    found: dict[Key, Ref] = {}
    for ref in manifest.references:
        if not ref.known:
            found.setdefault(ref.key, ref)
    return tuple(found.values())


def unknown_in(manifest: Manifest, *parts: str) -> tuple[Ref, ...]:
    """Those of them that stand in these parts of the manifest."""
    every = {ref.key: ref for ref in unknown(manifest)}
    named = {ref.key for name in parts for ref in references_in(getattr(manifest, name))} if every else set()
    return tuple(ref for key, ref in every.items() if key in named)


def open_world_note(misspelt: Sequence[Ref], manifest: Manifest) -> str:
    """What a sentence "nothing ever …" has not looked at; empty when the manifest is complete and describes all that it lists, and these
    names are none."""
    if manifest.complete and (unknown := manifest.undescribed):
        one, many = "of which only the name is known", "of which only the names are known"
        names = name_list([item.name for item in unknown])
        return f" What {names} may do was not looked at: the manifest has automations {one if len(unknown) == 1 else many}."
    if not manifest.complete:
        return " The manifest does not say that it is complete, so automations, rules or tools it leaves out were not looked at."
    named = name_list([ref.name for ref in misspelt])
    return f" The manifest names {named}, which this account does not have, so what was meant was not looked at." if named else ""


def references_in(part: Any) -> Iterator[Ref]:
    """Every reference in a part of a manifest."""
    match part:
        case Ref():
            yield part
        case tuple():
            for item in part:
                yield from references_in(item)
        case msgspec.Struct():
            for name in part.__struct_fields__:
                yield from references_in(getattr(part, name))


def with_names(part: Any, meant: Mapping[Key, Ref]) -> Any:
    """A part of a manifest with other references in the place of these."""
    match part:
        case Ref():
            other = meant.get(part.key)
            return part if other is None else msgspec.structs.replace(other, location=part.location)
        case tuple():
            return tuple(with_names(item, meant) for item in part)
        case msgspec.Struct():
            return msgspec.structs.replace(part, **{name: with_names(getattr(part, name), meant) for name in part.__struct_fields__})
        case _:
            return part
