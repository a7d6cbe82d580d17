"""The names of an account inside of foreign text."""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterator, Mapping

import msgspec

from ckaudit.model.refs import Kind, Ref
from ckaudit.sources.manifest.resolve import Listing

KINDS = (Kind.TAG, Kind.SEQUENCE, Kind.FORM, Kind.FIELD, Kind.AUTOMATION)
MIN_INSIDE = 2
"""Characters a name has at least to be found inside of other text; shorter ones must be the whole text."""
MIN_CUT = 4
"""Characters that are left of a name which was cut, at least."""
MAX_CUT = 300
"""Longer beginnings are not looked for."""
MAX_NAMES = 50
_CUT = re.compile(r"(?:…|\.\.\.)$")
_WORD = re.compile(r"\w+")
_SPACES = re.compile(r"\s+")


class Anchor(msgspec.Struct, frozen=True):
    """A name found in a text, from ``start`` to ``end``. ``kinds``: what is called so. ``cut``: only its beginning stands there; then
    ``names`` are all that begin like that."""

    start: int
    end: int
    kinds: tuple[Kind, ...]
    names: tuple[str, ...]
    cut: bool = False


class Anchors:
    """Finds the names of an account. The costs are linear in the text, times the names that begin with the same word."""

    def __init__(self, listings: Mapping[Kind, Listing]) -> None:
        self._kinds: dict[str, tuple[Kind, ...]] = {}
        self._refs: dict[tuple[Kind, str], tuple[Ref, ...]] = {}
        for kind in KINDS:
            for name, numbers in listings[kind].by_name.items():
                if plain := spaced(name):
                    same = self._refs.get((kind, plain), ())
                    self._kinds[plain] = (*self._kinds.get(plain, ()), *(() if same else (kind,)))
                    self._refs[kind, plain] = (*same, *(Ref(kind, name, number) for number in numbers))
        self._sorted = sorted(self._kinds)
        self._by_word: dict[str, list[str]] = {}
        for name in sorted(self._kinds, key=len, reverse=True):
            if len(name) >= MIN_INSIDE and (word := _WORD.search(name)):
                self._by_word.setdefault(word[0], []).append(name)

    def kinds(self, name: str) -> tuple[Kind, ...]:
        """What is called exactly so."""
        return self._kinds.get(name, ())

    def refs(self, kind: Kind, name: str) -> tuple[Ref, ...]:
        """The objects of a kind that are called so: two automations may be."""
        return self._refs.get((kind, name), ())

    def find(self, text: str) -> tuple[Anchor, ...]:
        """The names in a text whose spaces are single ones, the longest at each place, from left to right without overlap."""
        if whole := self._kinds.get(text):
            return (Anchor(0, len(text), whole, (text,)),)
        found = list(self._inside(text))
        if _CUT.search(text) and (cut := self._cut(text, found)):
            found = [anchor for anchor in found if anchor.end <= cut.start] + [cut]
        return tuple(found)

    def _inside(self, text: str) -> Iterator[Anchor]:
        done = 0
        for word in _WORD.finditer(text):
            if word.start() < done:
                continue
            for name in self._by_word.get(word[0], ()):
                start = word.start() - name.index(word[0])
                end = start + len(name)
                if start >= done and text.startswith(name, start) and _is_apart(text, start, end):
                    yield Anchor(start, end, self._kinds[name], (name,))
                    done = end
                    break

    def _cut(self, text: str, found: list[Anchor]) -> Anchor | None:
        """The name whose beginning stands at the end of a text, in front of the dots: the longest beginning that any name has."""
        end = _CUT.search(text)
        body = text[: end.start()].rstrip() if end else text
        begin = max(0, len(body) - MAX_CUT)
        for word in (begin, *(match.start() for match in _WORD.finditer(body, begin))):
            prefix = body[word:]
            if len(prefix) < MIN_CUT:
                return None
            if any(anchor.start < word < anchor.end for anchor in found):
                continue
            names = self._beginning(prefix)
            if names:
                kinds = dict.fromkeys(kind for name in names for kind in self._kinds[name])
                return Anchor(word, len(text), tuple(kinds), names, cut=True)
        return None

    def _beginning(self, prefix: str) -> tuple[str, ...]:
        """All names that begin so and go on."""
        at = bisect.bisect_left(self._sorted, prefix)
        names: list[str] = []
        while at < len(self._sorted) and self._sorted[at].startswith(prefix) and len(names) < MAX_NAMES:
            names.append(self._sorted[at])
            at += 1
        return tuple(name for name in names if name != prefix)


def spaced(text: str) -> str:
    """A text with single spaces, without any around it: pages show names so."""
    return _SPACES.sub(" ", text).strip()


def _is_apart(text: str, start: int, end: int) -> bool:
    """Whether no letter or digit touches it."""
    before, after = text[start - 1 : start], text[end : end + 1]
    return not (before.isalnum() and text[start].isalnum()) and not (after.isalnum() and text[end - 1].isalnum())
