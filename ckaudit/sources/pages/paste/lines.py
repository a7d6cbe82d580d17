"""A page's text -> its pieces: a line, or a part of one between tabs, with the names, delays and words in it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import msgspec

from ckaudit.model.durations import UNITS
from ckaudit.model.refs import Kind
from ckaudit.sources.pages.anchors import Anchor, Anchors, spaced
from ckaudit.sources.pages.paste.words import HOLE, Meaning, is_heading, is_noise, meaning_of, plain

MAX_LINE = 2000
"""Characters of a line that are looked at: no step is longer."""
MAX_LABEL = 60
MAX_WORDS, MIN_WORDS = 4, 2
"""Words with a delay that may be asked about, at most: with more it is prose, and with more behind it a number of people."""
_DURATION = re.compile(r"(?<![\w.,])([0-9]{1,4}) ?(minute|min|hour|hr|day|week)s?(?!\w)", re.IGNORECASE)
_UNITS = {"min": "minute", "hr": "hour"}
_BREAK = re.compile(r"\r\n|[\r\n\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")


class Piece(msgspec.Struct, frozen=True):
    """A part of the text. ``label`` are its words with ``{}`` in place of the name, as they are compared; it is only ``{}`` for a name
    alone. ``meaning`` is what they say, None when nobody knows. ``noise``: it says nothing about the automation. ``cells``: how many
    parts its line has."""

    line: int
    cell: int
    cells: int
    text: str
    anchors: tuple[Anchor, ...]
    delay: str
    label: str
    meaning: Meaning | None
    noise: bool

    @property
    def place(self) -> tuple[int, int]:
        """Where it stands: its line, from 1, and its part of the line, from 0."""
        return self.line, self.cell

    @property
    def is_name(self) -> bool:
        """True for a name or a delay, whatever words are around it."""
        return len(self.anchors) == 1 or bool(self.delay)

    @property
    def is_bare(self) -> bool:
        """True for a name or a delay alone."""
        return self.is_name and self.label == HOLE

    @property
    def is_label(self) -> bool:
        """True for words without a name that want one."""
        return not self.anchors and not self.delay and self.meaning is not None and not self.meaning.is_alone

    @property
    def may_be_label(self) -> bool:
        """True for words nobody knows that may say what a name beside them is for."""
        return self.meaning is None and not self.is_name and not self.anchors and not self.noise and len(self.text) <= MAX_LABEL

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """What is called by its name."""
        return self.anchors[0].kinds if len(self.anchors) == 1 else ()


def pieces_of(text: str, anchors: Anchors, own: str, answers: Mapping[str, str]) -> Iterator[Piece]:
    """The pieces of a text, in order. ``own`` is the name of the automation: it stands somewhere on its page, and is no step."""
    reader = _Reader(anchors, spaced(own), answers)
    for number, line in enumerate(_BREAK.split(text), 1):
        parts = line.split("\t")
        for cell, part in enumerate(parts):
            if said := spaced(part[:MAX_LINE]):
                yield reader.piece((number, cell, len(parts), said))


class _Reader:
    def __init__(self, anchors: Anchors, own: str, answers: Mapping[str, str]) -> None:
        self.anchors = anchors
        self.own = own
        self.answers = answers

    def piece(self, at: tuple[int, int, int, str]) -> Piece:
        text, words = at[3], plain(at[3])
        found = self.anchors.find(text)
        if self._is_title(text, found):
            return Piece(*at, (), "", words, None, noise=True)
        if found and (words not in self.answers or found[0].end - found[0].start == len(text)):
            label = plain(_without(text, found))
            return Piece(*at, found, "", label, meaning_of(label, found[0].kinds, self.answers), noise=False)
        return self._delay(at) or self._words(at, words)

    def _is_title(self, text: str, found: tuple[Anchor, ...]) -> bool:
        if len(found) != 1 or found[0].kinds != (Kind.AUTOMATION,) or found[0].names != (self.own,):
            return False
        return is_noise(plain(f"{text[: found[0].start]} {text[found[0].end :]}"))

    def _delay(self, at: tuple[int, int, int, str]) -> Piece | None:
        text = at[3]
        found = _DURATION.search(text)
        delay = _delay(found) if found else ""
        if not found or not delay:
            return None
        label = plain(f"{text[: found.start()]} {HOLE} {text[found.end() :]}")
        meaning = Meaning.DELAY if label == HOLE else meaning_of(label, (), self.answers)
        most = MIN_WORDS if label.startswith(HOLE) else MAX_WORDS
        if meaning is Meaning.DELAY or (meaning is None and len(label.split()) <= most):
            return Piece(*at, (), delay, label, meaning, noise=False)
        return None

    def _words(self, at: tuple[int, int, int, str], words: str) -> Piece:
        if words not in self.answers and (is_noise(words) or is_heading(words)):
            return Piece(*at, (), "", words, None, noise=True)
        meaning = meaning_of(words, (), self.answers)
        ignored = meaning is Meaning.IGNORE
        return Piece(*at, (), "", words, None if ignored else meaning, noise=ignored)


def _without(text: str, anchors: tuple[Anchor, ...]) -> str:
    parts, at = [], 0
    for anchor in anchors:
        parts += [text[at : anchor.start], f" {HOLE} "]
        at = anchor.end
    return "".join([*parts, text[at:]])


def _delay(found: re.Match[str]) -> str:
    """A delay as a manifest writes it; empty for one that is none."""
    number, unit = int(found[1]), found[2].lower()
    unit = _UNITS.get(unit, unit)
    return f"{number} {unit}{'' if number == 1 else 's'}" if number and unit in UNITS else ""
