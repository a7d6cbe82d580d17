"""Fragments of names -> the one name of the account that is meant. Never a guess: what two names contain is a question."""

from __future__ import annotations

import bisect
import itertools
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from ckaudit.model.account import Account
from ckaudit.model.refs import Kind
from ckaudit.sources.manifest.resolve import NOUNS, Listing, listings_of
from ckaudit.sources.yaml.problems import quote

MAX_CHOICES = 12
"""So many of the names that a fragment may mean are listed: with more, nobody reads them, and types on."""
_MAX_NAME = 300  # longer ones are found by their full name only
_MAX_FRAGMENT = 24
_MAX_WORDS = 8
_MAX_KEPT = 5000
_ANY_SPACE = re.compile(r"\s+")
_WORD = re.compile(r"[^\W_]+")


class Unclear(NamedTuple):
    """Why a fragment names nothing: what happened, what to do, and the names it may mean (at most ``MAX_CHOICES``)."""

    message: str
    hint: str
    choices: tuple[str, ...] = ()


class Names:
    """The names of an account's objects, and of automations, by kind.

    Without an account names stand for themselves. ``automations`` are those that steps may name, as (id or None, name).
    """

    def __init__(self, account: Account | None = None, automations: Iterable[tuple[int | None, str]] = ()) -> None:
        self.account = account
        self.automations = tuple(dict.fromkeys(automations))
        self.listings = listings_of(account, self.automations)
        self._indexes: dict[Kind, _Index] = {}
        self._shortest: dict[tuple[Kind, str], str] = {}

    def with_automations(self, automations: Iterable[tuple[int | None, str]]) -> Names:
        """The same names and these automations."""
        more = tuple(dict.fromkeys((*self.automations, *automations)))
        if more == self.automations:
            return self
        found = Names(None, more)
        found.account = self.account
        found.listings = self.listings | {Kind.AUTOMATION: found.listings[Kind.AUTOMATION]}
        found._indexes = {kind: index for kind, index in self._indexes.items() if kind is not Kind.AUTOMATION}
        return found

    def all(self, kind: Kind) -> tuple[str, ...]:
        """Every name of a kind, in the account's order: what may be completed as one types."""
        return tuple(self.listings[kind].by_name)

    def find(self, kind: Kind, fragment: str) -> str | Unclear:
        """The name meant by what somebody typed: an exact name, else the one object of the kind whose name contains the fragment.

        Upper and lower case count as the same. A name that it is but for its case is meant before those that only contain it. A space
        may leave something out: “co 2” is in “Course A: module 2”. Names that contain the fragment as it is come before those.
        """
        listing = self.listings[kind]
        if fragment in listing.by_name or (not listing.by_name and not listing.complete):
            return fragment
        found = self._index(kind).search(fragment)
        if not found and not self.account:
            return fragment  # an automation of another file
        if not listing.complete:
            hint = f"Not all {NOUNS[kind]}s of this account were read, so a part of a name may mean another: write all of it, in quotes."
            return Unclear(f"no {NOUNS[kind]} that was read is named {quote(fragment)}", hint, found)
        if len(found) == 1:
            return found[0]
        if found:
            return _several(NOUNS[kind], fragment, found)
        near = listing.names.closest(fragment)
        meant = f"Did you mean {quote(near)}? " if near else ""
        hint = f"{meant}A name that this account does not have goes in double quotes."
        return Unclear(f"no {NOUNS[kind]} contains {quote(fragment)}", hint, (near,) if near else ())

    def says(self, kind: Kind, name: str, number: int | None) -> bool:
        """Whether the exact name alone means the object with this id; None for a reference that was read without an account."""
        return number is None or self.listings[kind].by_name.get(name, []) == [number]

    def named(self, kind: Kind, number: int | None) -> str:
        """The name that an id alone stands for."""
        names = self.listings[kind].by_id.get(number) if number is not None else None
        return names[0] if names else str(number)

    def shortest(self, kind: Kind, name: str, usable: Callable[[str], bool]) -> str:
        """The shortest fragment that ``find`` takes for this name and that is ``usable``; the name itself when there is none."""
        listing = self.listings[kind]
        if name not in listing.by_name or not listing.complete or len(name) > _MAX_NAME:
            return name
        key = (kind, name)
        if key not in self._shortest or not usable(self._shortest[key]):
            self._shortest[key] = self._index(kind).shortest(name, usable)
        return self._shortest[key]

    def _index(self, kind: Kind) -> _Index:
        if kind not in self._indexes:
            self._indexes[kind] = _Index(self.listings[kind])
        return self._indexes[kind]


def _several(noun: str, fragment: str, found: tuple[str, ...]) -> Unclear:
    listed = ", ".join(map(quote, found[:MAX_CHOICES]))
    if len(found) > MAX_CHOICES:
        hint = f"Type more of it. Among them are {listed}."
        return Unclear(f"more than {MAX_CHOICES} {noun}s contain {quote(fragment)}", hint, found[:MAX_CHOICES])
    return Unclear(f"{len(found)} {noun}s contain {quote(fragment)}", f"Type more of the one you mean: {listed}.", found)


@lru_cache(maxsize=100_000)
def folded(text: str) -> str:
    """A text without what does not count in a comparison: case, the way accents are stored, and how wide spaces are."""
    return _ANY_SPACE.sub(" ", unicodedata.normalize("NFC", text).casefold()).strip()


class _Index:
    """All names of a kind as one text: a fragment is looked for in it at the speed of ``str.find``, so the costs stay linear.

    A set of names is a whole number with a bit for each.
    """

    def __init__(self, listing: Listing) -> None:
        self.listing = listing
        self.names: list[str] = [name for name in listing.by_name if len(name) <= _MAX_NAME]
        self.folded = [folded(name) for name in self.names]
        self.text = "\n".join(["", *self.folded, ""])
        self.ends = list(itertools.accumulate(len(part) + 1 for part in self.folded))  # where the line break behind each is
        self.starts = [end - len(part) for end, part in zip(self.ends, self.folded, strict=True)]
        self.holding: dict[str, int] = {}

    def search(self, fragment: str) -> tuple[str, ...]:
        """The names that may be meant: one when it is clear, at most ``MAX_CHOICES`` + 1 when it is not."""
        wanted = folded(fragment)
        if not wanted:
            return ()
        same = self._named(self._with(f"\n{wanted}\n"))
        if len(same) == 1:
            return same
        return self._named(self._with(wanted) or self._in_order(wanted.split(" ")))

    def _with(self, part: str) -> int:
        """The names with this text in them."""
        if part not in self.holding:
            bits = bytearray(len(self.names) // 8 + 1)
            at = self.text.find(part)
            while at >= 0:
                number = bisect.bisect_right(self.starts, at + (part[0] == "\n")) - 1
                bits[number >> 3] |= 1 << (number & 7)
                at = self.text.find(part, self.ends[number])
            if len(self.holding) > _MAX_KEPT:
                self.holding.clear()
            self.holding[part] = int.from_bytes(bits, "little")
        return self.holding[part]

    def _in_order(self, parts: list[str]) -> int:
        """The names with these texts in them, one behind the other."""
        all_in = -1
        for part in parts:
            all_in &= self._with(part)
        found = 0
        for number in _numbers(all_in):
            at = 0
            for part in parts:
                at = self.folded[number].find(part, at)
                if at < 0:
                    break
                at += len(part)
            else:
                found |= 1 << number
        return found

    def _named(self, bits: int) -> tuple[str, ...]:
        """The first names of a set. An object with two names, such as a field, counts once."""
        found: dict[object, str] = {}
        for number in _numbers(bits):
            ids = tuple(self.listing.by_name[self.names[number]])
            found.setdefault(self.names[number] if None in ids else ids, self.names[number])
            if len(found) > MAX_CHOICES:
                break
        return tuple(found.values())

    def shortest(self, name: str, usable: Callable[[str], bool]) -> str:
        """The shortest fragment for which ``search`` gives this name alone; one in a piece rather than one in two."""
        whole = folded(name)
        for length in range(1, min(len(whole), _MAX_FRAGMENT) + 1):
            for part in itertools.chain(_pieces(whole, length), _pairs(whole, length)):
                if usable(part) and self.search(part) == (name,):
                    return part
        return name


def _numbers(bits: int) -> Iterator[int]:
    """The places of the bits that are set."""
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest


def _pieces(whole: str, length: int) -> Iterator[str]:
    """Every piece of a name, those that begin a word first."""
    begins = [found.start() for found in _WORD.finditer(whole)]
    for start in dict.fromkeys([*begins, *range(len(whole) - length + 1)]):
        part = whole[start : start + length]
        if len(part) == length and part == part.strip():
            yield part


def _pairs(whole: str, length: int) -> Iterator[str]:
    """Every two beginnings of words of a name, with a space between."""
    spans = [found.span() for found in _WORD.finditer(whole)][:_MAX_WORDS]
    for (one, end), (two, _) in itertools.combinations(spans, 2):
        for first in range(1, min(length - 1, end - one + 1)):
            second = length - 1 - first
            part = f"{whole[one : one + first]} {whole[two : two + second]}"
            if two + second <= len(whole) and part == folded(part):
                yield part
