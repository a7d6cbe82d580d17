"""The object that somebody may have meant by a name that is not there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from ckaudit.graph.lookup import Lookup
from ckaudit.graph.words import headcount
from ckaudit.model.account import Account
from ckaudit.model.names import Names, Sameness, difference, sameness, years
from ckaudit.model.refs import Key, Kind


class Nearest(msgspec.Struct, frozen=True):
    """The object whose name is nearest to one that is not there.

    ``people`` is Kit's count of active people, None when it gave none. ``unlike`` is a sentence that shows how the names differ where
    nobody would see it, in spaces, quotes or capital letters, with a space before it; else empty.
    """

    key: Key
    name: str
    people: int | None = None
    unlike: str = ""

    @property
    def text(self) -> str:
        """Its name, with the number of people on it: ``“Customer” (80 people)``."""
        return f"“{self.name}”" if self.people is None else f"“{self.name}” ({headcount(self.people)})"


class NameIndex:
    """The names of an account's objects, to find the nearest among; of each kind made when first asked for."""

    def __init__(self, account: Account, lookup: Lookup, automations: Mapping[str, Key]) -> None:
        self._account, self._lookup, self._automations = account, lookup, automations
        self._made: dict[Kind, tuple[Names, dict[str, Key]]] = {}
        self._asked: dict[tuple[Kind, str], Nearest | None] = {}
        self._same: dict[Kind, dict[tuple[Sameness, str], list[Key]]] = {}

    def nearest(self, kind: Kind, name: str) -> Nearest | None:
        """The object of this kind with the nearest name; None when none is near."""
        if (kind, name) not in self._asked:
            self._asked[kind, name] = self._nearest(kind, name)
        return self._asked[kind, name]

    def _nearest(self, kind: Kind, name: str) -> Nearest | None:
        if kind not in self._made:
            keys = dict(self._names(kind))
            self._made[kind] = Names(keys), keys
        names, keys = self._made[kind]
        found = names.closest(name)
        if not found:
            return None
        count = getattr(self._lookup.objects.get(keys[found]), "subscriber_count", None)
        return Nearest(
            keys[found], found, count if isinstance(count, int) else None, f" {unlike}" if (unlike := difference(found, name)) else ""
        )

    def twins(self, key: Key) -> tuple[tuple[Key, Sameness], ...]:
        """Other objects of the kind with the same name but for its spelling, the order and number of its words, or a year; the most alike
        first."""
        if key.kind not in self._same:
            self._same[key.kind] = self._by_sameness(key.kind)
        known = self._same[key.kind]
        found: dict[Key, Sameness] = {}
        for kind, common in zip(Sameness, sameness(self._lookup.name(key)), strict=True):
            for other in known.get((kind, common), ()):
                found.setdefault(other, kind)
        found.pop(key, None)
        return tuple(found.items())

    def is_earlier(self, one: Key, other: Key) -> bool:
        """True when the first name has a year before that of the second."""
        mine, theirs = (years(self._lookup.name(key)) for key in (one, other))
        return bool(mine and theirs) and mine < theirs

    def _by_sameness(self, kind: Kind) -> dict[tuple[Sameness, str], list[Key]]:
        result: dict[tuple[Sameness, str], list[Key]] = {}
        for name, key in self._names(kind):
            for sort, common in zip(Sameness, sameness(name), strict=True):
                if common and key not in result.setdefault((sort, common), []):
                    result[sort, common].append(key)
        return result

    def _names(self, kind: Kind) -> Iterator[tuple[str, Key]]:
        """What objects of a kind are called by: custom fields by label and key, snippets by key, all others by name."""
        match kind:
            case Kind.AUTOMATION:
                yield from self._automations.items()
            case Kind.FIELD:
                yield from ((field.label or field.key, Key(kind, field.id)) for field in self._account.custom_fields)
                yield from ((field.key, Key(kind, field.id)) for field in self._account.custom_fields)
            case Kind.SNIPPET:
                yield from ((item.key, Key(kind, item.id)) for item in self._account.snippets if not item.archived)
            case _:
                yield from ((self._lookup.name(key), key) for key in self._lookup.objects if key.kind is kind)
