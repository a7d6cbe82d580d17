"""Names and ids in a manifest -> the objects of the account. Without a snapshot names stand for themselves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property

import msgspec

from ckaudit.model.account import Account, CustomField, SectionName
from ckaudit.model.errors import Location, Problem
from ckaudit.model.names import Names, difference
from ckaudit.model.refs import Kind, Ref
from ckaudit.sources.yaml.problems import quote

NOUNS: Mapping[Kind, str] = {
    Kind.TAG: "tag",
    Kind.FORM: "form",
    Kind.SEQUENCE: "sequence",
    Kind.FIELD: "custom field",
    Kind.AUTOMATION: "automation",
    Kind.SEGMENT: "segment",
    Kind.PRODUCT: "product",
    Kind.APP_ACTION: "app action",
    Kind.WEBHOOK: "webhook",
}

# Kit's ids are 64-bit.
MAX_ID = 2**63 - 1


class Listing(msgspec.Struct, dict=True):
    """What is known of the objects of one kind. ``complete``: there are no others, so a name that is not here is unknown."""

    complete: bool
    by_name: dict[str, list[int | None]] = {}
    by_id: dict[int, tuple[str, ...]] = {}

    @cached_property
    def names(self) -> Names:
        """The names, to find the nearest among; asked when every object is added."""
        return Names(self.by_name)

    def add(self, number: int | None, *names: str) -> None:
        """Add an object. The first of its names is the one people read."""
        for name in dict.fromkeys(names):
            self.by_name.setdefault(name, []).append(number)
        if number is not None:
            self.by_id.setdefault(number, names)


Listings = dict[Kind, Listing]


def listings_of(account: Account | None, automations: Iterable[tuple[int | None, str]]) -> Listings:
    """The objects of a snapshot and the automations (id and name) of the manifests, by kind."""
    listings = {kind: Listing(complete=False) for kind in NOUNS} | {Kind.AUTOMATION: Listing(complete=True)}
    for number, name in automations:
        listings[Kind.AUTOMATION].add(number, name)
    if account:
        for kind, section, objects in (
            (Kind.TAG, SectionName.TAGS, account.tags),
            (Kind.FORM, SectionName.FORMS, account.forms),
            (Kind.SEQUENCE, SectionName.SEQUENCES, account.sequences),
            (Kind.SEGMENT, SectionName.SEGMENTS, account.segments),
        ):
            listings[kind].complete = account.complete(section)
            for item in objects:
                listings[kind].add(item.id, item.name)
        listings[Kind.FIELD] = _fields(account.custom_fields, account.complete(SectionName.CUSTOM_FIELDS))
    return listings


def _fields(fields: Iterable[CustomField], complete: bool) -> Listing:
    """Fields by key and by label. A label that is another field's key means that other field."""
    fields = tuple(fields)
    listing = Listing(complete)
    keys = {field.key for field in fields}
    for field in fields:
        listing.add(field.id, field.key)
        label = field.label or field.key
        if label not in keys:
            listing.by_name.setdefault(label, []).append(field.id)
        listing.by_id[field.id] = (label, field.key)
    return listing


class Resolver:
    """Turns what somebody wrote into references and keeps them all."""

    def __init__(self, listings: Listings) -> None:
        self.listings = listings
        self.references: list[Ref] = []
        self.pairs: dict[tuple[Kind, int], str] = {}  # ids whose name only the manifest knows

    def resolve(self, kind: Kind, name: str | None, number: int | None, place: Location) -> Ref | Problem:
        """The reference for a name, an id or both; a Problem when it is ambiguous or the two disagree."""
        listing = self.listings[kind]
        if number is None:
            found = self._by_name(kind, listing, name or "", place)
        elif name is None:
            names = listing.by_id.get(number)
            found = Ref(kind, names[0] if names else str(number), number, bool(names) or not listing.complete, place)
        else:
            found = self._by_both(kind, listing, name, number, place)
        if isinstance(found, Ref):
            self.references.append(found)
        return found

    def _by_name(self, kind: Kind, listing: Listing, name: str, place: Location) -> Ref | Problem:
        numbers = listing.by_name.get(name, [])
        if len(numbers) > 1:
            ids = sorted(number for number in numbers if number is not None)
            hint = f"Write the id: {' or '.join(map(str, ids))}." if ids else "Give each an “id:” and write that here."
            return Problem(f"{len(numbers)} {NOUNS[kind]}s are named {quote(name)}", place, hint)
        return Ref(kind, name, numbers[0] if numbers else None, bool(numbers) or not listing.complete, place)

    def _by_both(self, kind: Kind, listing: Listing, name: str, number: int, place: Location) -> Ref | Problem:
        names, others = listing.by_id.get(number), listing.by_name.get(name, [])
        noun = NOUNS[kind]
        if names and name in names:
            return Ref(kind, name, number, True, place)
        if names:
            other = f"{quote(name)} has the id {others[0]}." if others and others[0] is not None else f"No {noun} is named {quote(name)}."
            return Problem(f"id {number} is the {noun} {quote(names[0])}, not {quote(name)}", place, other)
        if others:
            hint = "It has no id." if others[0] is None else f"It has the id {others[0]}."
            return Problem(f"the {noun} {quote(name)} does not have the id {number}", place, hint)
        if not listing.complete:
            self.pairs.setdefault((kind, number), name)
        return Ref(kind, name, number, not listing.complete, place)


def unknown_references(references: Iterable[Ref], listings: Listings) -> tuple[Problem, ...]:
    """A sentence for each reference to an object that is not there, with the nearest name; what rule CK901 finds."""
    hints: dict[tuple[Kind, str, int | None], str] = {}
    found = []
    for ref in references:
        if not ref.known:
            noun = NOUNS[ref.kind]
            where = "manifest" if ref.kind is Kind.AUTOMATION else "account"
            by_id = ref.id is not None and ref.name == str(ref.id)
            subject = f"has the id {ref.id}" if by_id else f"is named {quote(ref.name)}"
            key = (ref.kind, ref.name, ref.id)
            if key not in hints:
                hints[key] = _hint(ref, listings[ref.kind], by_id)
            found.append(Problem(f"no {noun} of the {where} {subject} (CK901)", ref.location, hints[key], warning=True))
    return tuple(found)


def _hint(ref: Ref, listing: Listing, by_id: bool) -> str:
    if by_id:
        there = "which is there, " if ref.name in listing.by_name else ""
        return f'To mean the name {quote(ref.name)}, {there}put it in quotes: "{ref.name}".'
    near = listing.names.closest(ref.name)
    unlike = difference(near, ref.name)
    return f"Did you mean {quote(near)}? {unlike}".rstrip() if near else ""
