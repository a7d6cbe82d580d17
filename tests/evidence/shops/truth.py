"""From chains of rows to the truth: the nearest cause that left a timestamp, and what nobody can tell apart."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from tests.evidence.truth import Obj, Pair, Truth

Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
NEVER = 2**40


def nearest(shown: Ints, cause: Ints, visible: Mask, changed: Mask) -> tuple[Ints, Mask, Ints]:
    """Upstream until something is visible; vague where a step was passed whose tag the person held already; the last hidden row."""
    at = cause[shown].copy()
    vague = np.zeros(len(at), dtype=bool)
    last = np.full(len(at), -1, dtype=np.int64)
    while True:
        hidden = (at >= 0) & ~visible[np.maximum(at, 0)]
        if not hidden.any():
            return at, vague, last
        vague[hidden] |= ~changed[at[hidden]]
        last[hidden] = at[hidden]
        at[hidden] = cause[at[hidden]]


def pairs(names: Sequence[Obj], cause: Ints, effect: Ints, gap: Ints, clear: Mask, vague: Mask) -> tuple[Truth, set[tuple[Obj, Obj]]]:
    code = cause * len(names) + effect
    grey = {(names[one // len(names)], names[one % len(names)]) for one in np.unique(code[vague]).tolist()}
    truth: Truth = {}
    code, gap, clear = code[~vague], gap[~vague], clear[~vague]
    order = np.argsort(code, kind="stable")
    code, gap, clear = code[order], gap[order], clear[order]
    for one, first, count in zip(*np.unique(code, return_index=True, return_counts=True), strict=True):
        part = slice(int(first), int(first + count))
        truth[names[int(one) // len(names)], names[int(one) % len(names)]] = Pair(gap[part].tolist(), int(clear[part].sum()))
    return truth, grey


def same(names: Sequence[Obj], held: dict[Obj, dict[int, int]], twins: set[tuple[int, int]], truth: Truth) -> set[tuple[Obj, Obj]]:
    """Of two things written in one go only one is the cause; nobody can tell where the other one is as good a reason."""
    effects: dict[Obj, list[Obj]] = {}
    for one, other in truth:
        effects.setdefault(one, []).append(other)
    grey: set[tuple[Obj, Obj]] = set()
    for first, second in sorted(twins):
        one, other = names[first], names[second]
        mine, theirs = held.get(one, {}), held.get(other, {})
        together = sum(abs(theirs.get(person, -NEVER) - at) <= 2 for person, at in mine.items())
        if not mine or together < 0.5 * len(mine):
            continue
        for effect in effects.get(one, []):
            if _share(theirs, held[effect]) >= 0.85 * _share(mine, held[effect]):
                grey.add((other, effect))
    return grey


def traces(
    names: Sequence[Obj], held: dict[Obj, dict[int, int]], twins: set[tuple[int, int]], orphans: dict[tuple[int, int], list[int]]
) -> set[tuple[Obj, Obj]]:
    """Where the cause has been taken away, what was written with it is the only trace that is left: nobody can blame who names it."""
    grey: set[tuple[Obj, Obj]] = set()
    for (gone, effect), people in orphans.items():
        after = held[names[effect]]
        for first, second in twins:
            theirs = held.get(names[second], {})
            if first != gone or second == effect:
                continue
            count = sum(theirs.get(person, NEVER) <= at for person, at in after.items())
            if sum(theirs.get(person, NEVER) <= after[person] for person in people) >= max(5, 0.25 * count):
                grey.add((names[second], names[effect]))
    return grey


def _share(cause: dict[int, int], effect: dict[int, int]) -> float:
    return sum(effect.get(person, -1) >= at for person, at in cause.items()) / len(cause)
