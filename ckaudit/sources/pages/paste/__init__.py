"""The text that Ctrl-A, Ctrl-C gives on an automation's page -> a draft of the automation.

It has never been tried on a real page: how Kit lays one out is not known to us, and may change. So nothing is believed but the account's
own names, delays such as “5 minutes”, and the words that Kit's help uses; other words beside a name are asked about. Every piece of the
text ends up in a step, as noise, or as not understood, and every step says from which lines it was read. A pure function.
"""

from __future__ import annotations

import enum
import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

import msgspec

from ckaudit.model.automations import Automation, DraftFrom
from ckaudit.model.refs import Kind
from ckaudit.sources.manifest.resolve import Listing
from ckaudit.sources.pages.anchors import Anchors
from ckaudit.sources.pages.paste.build import Builder, finished, reason
from ckaudit.sources.pages.paste.layout import Pairing, paired
from ckaudit.sources.pages.paste.lines import Piece, pieces_of
from ckaudit.sources.pages.paste.words import Meaning, plain

__all__ = ["Meaning", "Page", "PageLine", "Question", "Role", "plain", "read_page"]


Place: TypeAlias = tuple[int, int]


class Role(enum.StrEnum):
    """What became of a piece of the text."""

    STEP = "step"
    NOISE = "noise"
    UNKNOWN = "not understood"


class PageLine(msgspec.Struct, frozen=True):
    """A piece of the text: its line (from 1), its place between tabs (from 0), its words, what became of it, and why."""

    number: int
    cell: int
    text: str
    role: Role
    why: str = ""


class Question(msgspec.Struct, frozen=True):
    """Words nobody knows that stand beside names. ``label`` is what an answer is kept under, ``names`` are the lines of the names."""

    label: str
    text: str
    example: str
    names: tuple[int, ...]


class Page(msgspec.Struct, frozen=True):
    """What a page says. ``sources``: for the place of each entry and step (line from 1, part between tabs from 0; its location has them as
    line and column), the lines it was read from. ``unsure``: why, by place."""

    automation: Automation
    lines: tuple[PageLine, ...]
    questions: tuple[Question, ...] = ()
    unsure: Mapping[Place, str] = {}
    sources: Mapping[Place, tuple[str, ...]] = {}

    @property
    def is_empty(self) -> bool:
        """True when no step, no entry and no question was found: the text of a picture, or of another page."""
        return not (self.automation.entries or self.automation.steps or self.questions)

    def of(self, role: Role) -> tuple[PageLine, ...]:
        """The pieces of which this became."""
        return tuple(line for line in self.lines if line.role is role)


def read_page(text: str, listings: Mapping[Kind, Listing], name: str, answers: Mapping[str, str] | None = None, file: str = "") -> Page:
    """Read a page's text. ``listings``: the names of the account and of its automations (``listings_of``). ``name``: of the automation.
    ``answers``: what words mean that were asked about, by ``Question.label``; values are those of ``Meaning``.

    The automation is a draft (``draft: paste``). The location of each of its parts has the line of its name in the text.
    """
    own = Listing(True, dict(listings[Kind.AUTOMATION].by_name))
    if name not in own.by_name:
        own.add(None, name)
    anchors = Anchors({**listings, Kind.AUTOMATION: own})
    pieces = tuple(pieces_of(text, anchors, name, answers or {}))
    builder, pairings = Builder(anchors, file), list[Pairing]()
    for part in _parts(pieces):
        if isinstance(part, _Columns):
            yes, no = paired(part.yes), paired(part.no)
            builder.columns((yes.finds, no.finds))
            pairings += [yes, no]
        else:
            pairings.append(paired(part))
            for find in pairings[-1].finds:
                builder.add(find)
    built = builder.built
    unused = {id(find) for find, _ in built.unused}
    used = [find for pairing in pairings for find in pairing.finds if id(find) not in unused]
    why = {piece.place: words for find, words in built.unused for piece in find.pieces}
    for pairing in pairings:
        why |= {piece.place: reason(piece) for piece in pairing.left}
        why |= {piece.place: f"what “{label.text}” means is not known" for label, name in pairing.asked for piece in (label, name)}
    automation = Automation(name=name, draft=DraftFrom.PASTE, entries=tuple(built.entries), steps=finished(built.steps))
    return Page(
        automation=automation,
        lines=tuple(_line(piece, why) for piece in pieces),
        questions=_questions(pairings),
        unsure=built.unsure,
        sources={find.name.place: tuple(f"{piece.line}: {piece.text}" for piece in find.pieces) for find in used},
    )


class _Columns(msgspec.Struct):
    """Two branches side by side, below a line with “Yes” and “No”."""

    yes: list[Piece]
    no: list[Piece]


def _parts(pieces: Sequence[Piece]) -> Iterator[list[Piece] | _Columns]:
    """The text in parts: pieces one below the other, or two branches side by side, which go on as long as there are tabs."""
    stream: list[Piece] = []
    columns: _Columns | None = None
    left: tuple[int, bool] = (0, True)  # the cell of the left side, and whether that is the yes side
    for _, group in itertools.groupby(pieces, key=lambda piece: piece.line):
        row = list(group)
        sides = {piece.meaning: piece.cell for piece in row}
        if Meaning.YES in sides and Meaning.NO in sides:
            yield stream
            if columns:
                yield columns
            stream, columns = [], _Columns([], [])
            left = (min(sides[Meaning.YES], sides[Meaning.NO]), sides[Meaning.YES] < sides[Meaning.NO])
        elif columns and row[0].cells > 1:
            for piece in row:
                (columns.yes if (piece.cell <= left[0]) is left[1] else columns.no).append(piece)
        else:
            if columns:
                yield columns
                columns = None
            stream.append(row[0])
            stream += row[1:]
    yield stream
    if columns:
        yield columns


def _line(piece: Piece, why: Mapping[Place, str]) -> PageLine:
    words = why.get(piece.place, "")
    role = Role.NOISE if piece.noise else Role.UNKNOWN if words else Role.STEP
    return PageLine(piece.line, piece.cell, piece.text, role, words)


def _questions(pairings: Sequence[Pairing]) -> tuple[Question, ...]:
    """One for all names with the same words beside them."""
    asked: dict[str, list[tuple[Piece, Piece]]] = {}
    for pairing in pairings:
        for label, name in pairing.asked:
            asked.setdefault(label.label, []).append((label, name))
    return tuple(
        Question(label, pairs[0][0].text, pairs[0][1].text, tuple(name.line for _, name in pairs)) for label, pairs in asked.items()
    )
