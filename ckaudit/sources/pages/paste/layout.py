"""Pieces -> finds: which words belong to which name. On one page labels stand all above their names or all below them: what explains more
is believed."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from ckaudit.model.refs import Kind
from ckaudit.sources.pages.paste.lines import MAX_LABEL, Piece
from ckaudit.sources.pages.paste.words import Meaning


class Find(msgspec.Struct, frozen=True):
    """What a part of the text says: ``meaning`` of the name in ``name``, as its ``label`` says. Of what stands alone, such as “Yes”, the
    piece itself is ``name``. ``product``: the text of ``name`` is a product's, which no list has."""

    name: Piece
    meaning: Meaning
    label: Piece | None = None
    product: bool = False

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """All it was read from, in the order of the text."""
        pieces = (self.name,) if self.label is None else (self.label, self.name)
        return tuple(sorted(pieces, key=lambda piece: (piece.line, piece.cell)))


class Pairing(msgspec.Struct, frozen=True):
    """Finds in the order of the text, and what is in none. ``asked``: words nobody knows, each with the name they may be about."""

    finds: tuple[Find, ...]
    left: tuple[Piece, ...]
    asked: tuple[tuple[Piece, Piece], ...]
    score: float


def paired(pieces: Sequence[Piece]) -> Pairing:
    """Labels and names, as they explain more of the text: with labels above the names, or below."""
    above, below = _paired(pieces, -1), _paired(pieces, 1)
    return below if below.score > above.score else above


def _paired(pieces: Sequence[Piece], step: int) -> Pairing:
    """``step``: on which side of a name its label is, -1 above, 1 below."""
    said = [piece for piece in pieces if not piece.noise]
    used: set[int] = set()
    finds: list[tuple[int, Find]] = []
    asked: list[tuple[Piece, Piece]] = []
    score = 0.0
    for at, piece in enumerate(said):
        if not piece.is_bare:
            continue
        beside = at + step if 0 <= at + step < len(said) and at + step not in used else None
        label = said[beside] if beside is not None else None
        if label and beside is not None and label.is_label and label.meaning and _fits(piece, label.meaning):
            used |= {at, beside}
            finds.append((at, Find(piece, label.meaning, label)))
            score += 2
        elif label and beside is not None and label.may_be_label and (not piece.delay or _is_like_a_label(label, said)):
            used |= {at, beside}
            asked.append((label, piece))
            score += 1
        elif meaning := _of_a_bare_name(piece):
            used.add(at)
            finds.append((at, Find(piece, meaning)))
        else:
            score -= 1
    for at, piece in enumerate(said):
        if at in used:
            continue
        if piece.meaning and not piece.is_bare and (piece.meaning.is_alone or (piece.is_name and _fits(piece, piece.meaning))):
            used.add(at)
            same = at - 1 if at and at - 1 not in used and said[at - 1].is_label and said[at - 1].meaning is piece.meaning else None
            used |= set() if same is None else {same}
            finds.append((at, Find(piece, piece.meaning, None if same is None else said[same])))
        elif piece.is_name and not piece.is_bare and piece.meaning is None and len(piece.label) <= MAX_LABEL:
            used.add(at)
            asked.append((piece, piece))
        elif piece.is_label and piece.meaning is Meaning.PURCHASES and (product := _product(said, at, -step, used)) is not None:
            used |= {at, product}
            finds.append((at, Find(said[product], Meaning.PURCHASES, piece, product=True)))
        elif piece.is_label:
            score -= 1
    left = tuple(piece for at, piece in enumerate(said) if at not in used)
    return Pairing(tuple(find for _, find in sorted(finds, key=lambda item: item[0])), left, tuple(asked), score)


def _fits(piece: Piece, meaning: Meaning) -> bool:
    """Whether a name is of the kind that the words want."""
    if piece.delay:
        return meaning is Meaning.DELAY
    return meaning.kind in piece.kinds


def _of_a_bare_name(piece: Piece) -> Meaning | None:
    """What a name without words can only be: an automation does one thing with a sequence, and one with a form. A tag may be anything."""
    if piece.delay:
        return Meaning.DELAY
    if piece.kinds == (Kind.SEQUENCE,):
        return Meaning.SEQUENCE
    return Meaning.JOINS_FORM if piece.kinds == (Kind.FORM,) else None


def _is_like_a_label(label: Piece, said: Sequence[Piece]) -> bool:
    """Whether words beside a delay stand beside others as well, or say nothing else: a delay needs no words, so few are about it."""
    return sum(1 for piece in said if piece.label == label.label) > 1 or len(label.label.split()) == 1


def _product(said: Sequence[Piece], at: int, step: int, used: set[int]) -> int | None:
    """The place of the text that names a product: beside the words that say so, and nothing else."""
    beside = at + step
    is_free = 0 <= beside < len(said) and beside not in used
    return beside if is_free and said[beside].may_be_label else None
