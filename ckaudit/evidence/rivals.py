"""Causes that always come together: which of them keeps the steadier distance to the effect.

A trigger and the tag that decides the branch, an access tag beside a purchase, a step and the one before it: nearly everybody has both, so
who has what does not tell them apart. The seconds do: the cause's distance is the tightest. Where they are as tight, what Kit does most
decides: mails that wait for their hour end a sequence, a delay is a round number, the steps of one automation follow each other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from ckaudit.evidence.causes import Cause
from ckaudit.evidence.parents import FREEDOM, Explained, Flags, Floats, Mixture, Times
from ckaudit.evidence.peaks import core
from ckaudit.evidence.search import Steps
from ckaudit.model.events import ObjectKind

TOGETHER = 0.85
"""Share of a cause's people who have the other one at a usual distance, too, so that the two are rivals."""
ALWAYS = 0.95
"""Share from which one may stand for the other."""
CLEARLY, EACH = 8.0, 0.02
"""Nats, and nats per person, by which a distance is the tighter one."""
RARELY = 0.02
"""Nats per person more for one most of whose people did not get the effect."""
MOSTLY = 0.6
"""Share of the people for whom one that comes in between is really later; for the others it shares the second."""
DECIDES = 0.9
"""Share of the people of a tag who go on, from which it may decide who does."""
ROUND = 1.0
"""Nats per person that a tighter distance must be ahead if it is no round delay and the other is one: some are late, delays are round."""
COMPARABLE = 0.5
"""Such is one less than so much of whose people, compared with the other's, got it."""
AS_OFTEN = 0.9
"""... and not more: as many of whose people got it."""
CONTRADICTED = 0.015
"""Share of its people who got the effect shortly before it, from which a cause is doubted."""
MIN_PEOPLE = 8
WAITS, LONG = 120, 1800
"""A delay is done within ``WAITS`` seconds; what spreads wider after ``LONG`` waited for an hour, as mails do."""
AT_ONCE, LATE = 45, 40
"""Seconds up to which nothing was waited for; and up to which a step may be late."""
STEP = 5
"""Seconds within which Kit goes on when a sequence is over. Programs that take longer listen to tags and forms."""
SMALL = 0.25
"""A cause with so few people, compared with another, may be made up of the other's late ones."""
MANY = 2.0
"""Times as many of the effect's people at a usual distance, from which one cause for all is likelier than several for the same people."""
SEVERAL = 3
"""Causes that one is to stand for, from which all together are looked at."""
ELSEWHERE = 0.5
"""Share of the people of a cause who have the other one at a usual distance, from which a later time of it may be a second one..."""
LATER = 6
"""... and which times are later: by so many widths of the range in which half of them are."""
BETWEEN = 0.1
"""... if it came before the cause for so many: what always comes after it may be a step between, and is missing now."""


class Rival(NamedTuple):
    """Another possible cause of the same people. ``ahead``: nats by which the named one keeps the tighter distance; ``likelier``: what Kit
    does most speaks for the other one; ``wider``: it suits ``MANY`` times as many of the effect's people;
    ``share``: of its people who got the effect, compared with the named one's;
    ``always_there``: for nearly all; ``apart``: more than ``AT_ONCE`` seconds from the named one;
    ``branched``: it comes in between, and the named one may be the tag that decides the branch; ``rounder``: 1 if its distance is a
    delay that somebody would choose and the named one's is not, -1 the other way round. ``decides``: 1 if the named one is an effect of
    it at Kit's pace, with many people who came by other ways and do not go on; -1 the other way round."""

    row: int
    ahead: float
    likelier: bool
    wider: bool
    share: float
    always_there: bool
    apart: bool
    branched: bool
    rounder: int
    decides: int


def winners(mixture: Mixture, explained: Explained) -> Times:
    """Each person's likeliest cause (its row in the mixture), -1 for none."""
    if not explained.rows:
        return np.full(len(mixture.alone), -1)
    own = explained.rate[mixture.bin[explained.rows]] * mixture.share[explained.rows]
    best = own.argmax(axis=0)
    won = own.max(axis=0) > explained.alone * mixture.alone
    return np.where(won, np.array(explained.rows)[best], -1)


def rivals(mixture: Mixture, causes: Sequence[Cause], won: Times, row: int, steps: Steps = frozenset()) -> list[Rival]:
    """Who else may be the cause of the people (columns) whom ``row`` explains, at a distance about as tight or tighter; ``won`` says which
    row explains whom. ``steps``: codes of cause and effect where Kit is known to have done the step.

    Whom the other one explains counts, too: each has won those whom it suits best.
    """
    people = np.flatnonzero(won == row)
    if len(people) < MIN_PEOPLE:
        return []
    there = _there(mixture, causes, row, people)
    held, mine = mixture.held, won == row
    suits = held.sum(axis=1)
    own, found = causes[row], []
    mails = own.kind == ObjectKind.SEQUENCE and _keeps_an_hour(own, people)
    decides = np.array([_decides(rival, own, steps) - _decides(own, rival, steps) for rival in causes])
    for other in np.flatnonzero((there >= TOGETHER) | ((decides > 0) & (there >= ELSEWHERE))).tolist():
        rival = causes[other]
        if other == row or (mails and rival.kind != ObjectKind.SEQUENCE) or _stands_for_some(mixture, causes, won, other):
            continue
        both = np.flatnonzero((mine | (won == other)) & held[row] & held[other])
        if len(both) < MIN_PEOPLE:
            continue
        both = both[~_overwritten(own.lag[both] - rival.lag[both])]
        ahead = _tightness(mixture, row, both) - _tightness(mixture, other, both)
        if ahead < _room(len(people)) + ROUND * len(people):
            rounder = 0 if mails else int(_is_chosen(rival, both)) - int(_is_chosen(own, both))
            share, always = rival.reach / max(own.reach, 1e-9), bool(there[other] >= ALWAYS)
            apart = bool(np.median(np.abs(rival.lag[both] - own.lag[both])) > AT_ONCE)
            between = own.lag[both] - rival.lag[both]
            nearer = float(np.mean(between >= 0)) >= ALWAYS and float(np.mean(between > 0)) >= MOSTLY
            branched = always and nearer and own.kind == ObjectKind.TAG and own.reach >= DECIDES
            likelier = _is_likelier(rival, own, both, ahead, branched or share >= AS_OFTEN)
            wider = bool(suits[other] >= MANY * suits[row]) and _explains_all(mixture, causes, won, other)
            found.append(Rival(other, ahead, likelier, wider, share, always, apart, branched, rounder, int(decides[other])))
    return found


def _stands_for_some(mixture: Mixture, causes: Sequence[Cause], won: Times, row: int) -> bool:
    """Whether this cause would stand for several that explain somebody, and yet not for all of these: what every buyer has beside the
    products, which lead to the effect with it or without."""
    there = np.bincount(won[(won >= 0) & (mixture.bin[row] > 0)], minlength=len(causes))
    whose = np.bincount(won[won >= 0], minlength=len(causes))
    stands_for = np.count_nonzero((whose > 0) & (there >= TOGETHER * whose))
    return not whose[row] and bool(stands_for >= SEVERAL) and not _explains_all(mixture, causes, won, row)


def _explains_all(mixture: Mixture, causes: Sequence[Cause], won: Times, row: int) -> bool:
    """Whether nearly everybody whom any cause explains has this one at a usual distance, and hardly anybody in reverse order."""
    people = mixture.bin[row][won >= 0] > 0
    return bool(np.mean(people) >= ALWAYS) and causes[row].reversed < max(CONTRADICTED * np.count_nonzero(people), 3)


def _decides(cause: Cause, effect: Cause, steps: Steps) -> bool:
    """Whether nearly all of a cause's people go on, and those of its effect do not, who came to that by other ways."""
    return (cause.code, effect.code) in steps and effect.reach < DECIDES <= cause.reach


def _there(mixture: Mixture, causes: Sequence[Cause], row: int, people: Times) -> Floats:
    """Share of the people who have each cause at a usual distance.

    Whoever got it (again) since the cause ``row`` counts as well, if most of those who have this at its usual distance have the other one,
    too, and not always later: then its first timestamp may be overwritten.
    """
    held = mixture.held
    own, mine = np.flatnonzero(held[row]), np.zeros(held.shape[1], dtype=np.float32)
    mine[people] = 1
    # A product of matrices counts several times as fast.
    fits, both = mixture.ones @ mine, mixture.ones @ mixture.ones[row]
    mostly = both >= ELSEWHERE * len(own)
    for other in np.flatnonzero(mostly & (fits < len(people))).tolist():
        cause, where = causes[other], own[held[other][own]]
        if np.count_nonzero(causes[row].lag[where] < cause.lag[where]) >= BETWEEN * len(where):
            rest = people[~held[other][people]]
            fits[other] += np.count_nonzero((cause.row[rest] >= 0) & (cause.lag[rest] < causes[row].lag[rest]))
    return np.asarray(fits.astype(float) / len(people))


def _overwritten(apart: Times) -> Flags:
    """Who got the other one much later than usual after the cause, if these are not many: it may be its second time."""
    start, wide = core(np.sort(apart))
    late: Flags = apart > start + LATER * wide + AT_ONCE
    return late if np.mean(late) < 1 - ELSEWHERE else np.zeros(len(apart), dtype=bool)


def _tightness(mixture: Mixture, row: int, people: Times) -> float:
    """Log-likelihood of the people's gaps under the cause's own histogram."""
    place = mixture.bin[row][people]
    count = np.bincount(place)
    used = np.flatnonzero(count)
    width = mixture.width[used]
    return float((count[used] * np.log(count[used] / (len(people) * width))).sum() - FREEDOM * len(used) + mixture.scale[row][people].sum())


def _keeps_an_hour(cause: Cause, people: Times) -> bool:
    """Whether these people's effects waited for an hour, rather than for a delay to end."""
    early, median, late = _quantiles(cause.lag[people])
    return late - early > WAITS and median > LONG


def _quantiles(gaps: Times) -> tuple[int, int, int]:
    """The gaps that 5, 50 and 90 % stay below, without those far below the range that holds half of them: these began elsewhere."""
    ordered = np.sort(gaps)
    start, wide = core(ordered)
    ordered = ordered[ordered.searchsorted(start - 3 * wide - 1) :]
    early, median, late = (int(ordered[int(part * (len(ordered) - 1))]) for part in (0.05, 0.5, 0.9))
    return early, median, late


def _is_chosen(cause: Cause, people: Times) -> bool:
    """Whether the distance is a delay that somebody would choose."""
    return not _keeps_an_hour(cause, people) and _is_delay(cause.lag[people])


def _is_delay(gaps: Times) -> bool:
    """Whether these gaps are a round delay and the time a step takes: none of them ends before the delay."""
    early, median, _ = _quantiles(gaps)
    due = median // 60 * 60
    return is_round(early) and (due == 0 or float(np.mean((gaps >= due - LATE) & (gaps < due))) <= CONTRADICTED)


def _is_likelier(cause: Cause, other: Cause, people: Times, ahead: float, as_often: bool) -> bool:
    """Whether what Kit does most speaks for a cause.

    That it is nearer says little: its people must go on as often as the other's, unless a tag decides who does, and the seconds must not
    speak against it where both wait for an hour, or for what it is.
    """
    its, others = _rank(cause, other, people), _rank(other, cause, people)
    if its <= others:
        return False
    hour = _keeps_an_hour(other, people)
    if its[:3] == others[:3]:
        return as_often and (ahead < 0 or not hour)
    return ahead < 0 or hour or its[1] == others[1] or its[0] != others[0]


def _rank(cause: Cause, other: Cause, people: Times) -> tuple[bool, bool, bool, float]:
    """What speaks for a cause where the seconds do not decide: no effects before it, what Kit does most, the shortest distance."""
    follows = cause.reversed < max(CONTRADICTED * np.count_nonzero(cause.lag >= 0), 3)
    nearer = -float(np.mean(cause.lag[people] > other.lag[people]))
    if _keeps_an_hour(cause, people):
        return follows, cause.kind == ObjectKind.SEQUENCE, True, nearer
    early, median, late = _quantiles(cause.lag[people])
    listens = cause.kind != ObjectKind.SEQUENCE or late - early <= STEP or median > LONG
    return follows, listens, _is_delay(cause.lag[people]), nearer


def is_round(second: int) -> bool:
    """Whether a step at this distance can be one after a delay that a person chose: none, minutes, hours, or days."""
    if second <= AT_ONCE:
        return True
    minutes, late = divmod(second, 60)
    if late > LATE:
        return False
    return minutes <= 60 or (minutes % 60 == 0 and (minutes <= 72 * 60 or minutes % 1440 == 0))


def _room(people: int) -> float:
    """Nats within which two distances are as tight."""
    return CLEARLY + EACH * people


def better(found: list[Rival], people: int) -> Rival | None:
    """The rival that is to be named instead, if there is one."""
    room = _room(people)
    for rival in sorted(found, key=lambda rival: rival.ahead):
        limited = rival.share < COMPARABLE
        if rival.decides > 0 and rival.ahead < room:
            return rival
        if rival.ahead < -(room + (RARELY * people if limited else 0.0) + (ROUND * people if rival.rounder < 0 else 0.0)):
            return rival
        if rival.decides < 0:
            continue
        if rival.wider and rival.always_there and not limited and rival.ahead < room:
            return rival
        if rival.likelier and (rival.branched or not limited) and (rival.rounder > 0 or rival.ahead < room):
            return rival
    return None


def undecided(found: list[Rival]) -> list[int]:
    """The rows of those that may be the cause as well: always there, as near, and as tight."""
    return [
        rival.row for rival in found if abs(rival.ahead) < CLEARLY and rival.share >= COMPARABLE and rival.always_there and not rival.apart
    ]


def outdone(explained: Explained, won: Times, found: Mapping[int, list[Rival]]) -> int | None:
    """A cause in whose place another one is to be named, since it keeps the tighter distance to the same people, or is likelier; or that
    stands beside another one which always comes with it: a person has one cause. ``found``: the rivals of each; ``won``: see there."""
    for row in explained.rows:
        if better(found[row], int(np.count_nonzero(won == row))):
            return row
    for row in explained.rows:
        room = _room(int(np.count_nonzero(won == row)))
        for rival in found[row]:
            alike = rival.always_there and COMPARABLE <= rival.share <= 1 / COMPARABLE and not rival.apart
            if alike and rival.row in found and (rival.ahead < 0 or (rival.likelier and rival.ahead < room)):
                return row
    return None


def nested(mixture: Mixture, explained: Explained, causes: Sequence[Cause], won: Times) -> int | None:
    """A lesser cause whose people nearly all have a greater one at about its usual distance: it explains no more than the late among
    them. ``won``: see ``rivals``."""
    whose = {row: np.flatnonzero(won == row) for row in explained.rows}
    order = sorted((row for row in explained.rows if len(whose[row])), key=lambda row: len(whose[row]))
    for at, lesser in enumerate(order):
        own = whose[lesser]
        for greater in order[at + 1 :]:
            cause = causes[greater]
            low, high = np.quantile(cause.lag[whose[greater]], [0.02, 0.98])
            room = max(60.0, 2 * (high - low))
            lag = cause.lag[own]
            inside = (cause.row[own] >= 0) & (lag >= max(low - room, 0)) & (lag <= high + room)
            if inside.mean() >= TOGETHER and (len(own) <= SMALL * len(whose[greater]) or not _is_tighter(mixture, own, lesser, greater)):
                return lesser
    return None


def _is_tighter(mixture: Mixture, people: Times, row: int, other: int) -> bool:
    held = mixture.held[other][people]
    both = people[held]
    if len(both) < TOGETHER * len(people):
        return False
    return _tightness(mixture, row, both) - _tightness(mixture, other, both) > CLEARLY + EACH * len(both)
