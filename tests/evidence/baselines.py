"""Two simple ways of finding links, to show how difficult a simulated account is. Neither reasons about siblings."""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import pairwise

import numpy as np

from ckaudit.model.events import Events
from tests.evidence.second_account import Obj

Pairs = set[tuple[Obj, Obj]]


def _lives(events: Events) -> list[list[tuple[int, Obj]]]:
    """Seconds and objects of each person, in the order of the events."""
    lives: dict[int, list[tuple[int, Obj]]] = defaultdict(list)
    columns = (events.person, events.second, events.kind, events.id)
    for person, second, kind, number in zip(*(column.tolist() for column in columns), strict=True):
        lives[person].append((second, (kind, number)))
    return list(lives.values())


def histogram(events: Events, fewest: int = 20, share: float = 0.7, rival: float = 0.6) -> Pairs:
    """Per ordered pair the fullest window of gaps, a minute or a twentieth of the gap wide.

    It must hold ``share`` of the people who have both in this order. Of the pairs of one effect, one falls out when another with a
    shorter gap explains at least ``rival`` as many people.
    """
    gaps: dict[tuple[Obj, Obj], list[int]] = defaultdict(list)
    for life in _lives(events):
        for place, (first, cause) in enumerate(life):
            for second, effect in life[place + 1 :]:
                gaps[cause, effect].append(second - first)
    peaks: dict[Obj, list[tuple[int, float, Obj]]] = defaultdict(list)
    for (cause, effect), values in gaps.items():
        if len(values) >= fewest:
            ordered = np.sort(values)
            inside = np.searchsorted(ordered, ordered + np.maximum(60, ordered // 20), side="right") - np.arange(len(ordered))
            best = int(inside.argmax())
            if inside[best] >= max(fewest, share * len(values)):
                peaks[effect].append((int(inside[best]), float(ordered[best]), cause))
    found: Pairs = set()
    for effect, causes in peaks.items():
        for count, gap, cause in causes:
            if not any((shorter, -more, other) < (gap, -count, cause) and more >= rival * count for more, shorter, other in causes):
                found.add((cause, effect))
    return found


def dependency(events: Events, fewest: int = 20, least: float = 0.9) -> Pairs:
    """The heuristic miner's measure: how often B follows A at once, against A follows B (Weijters and van der Aalst)."""
    follows = Counter((a, b) for life in _lives(events) for (_, a), (_, b) in pairwise(life))
    return {
        (a, b) for (a, b), count in follows.items() if count >= fewest and (count - follows[b, a]) / (count + follows[b, a] + 1) >= least
    }
