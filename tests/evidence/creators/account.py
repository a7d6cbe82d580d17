"""What the pieces of a creator's account share: its people, its hub tags, its habits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np

from ckaudit.model.events import ObjectKind
from tests.evidence.creators.engine import DAY, FAR, HOUR, MINUTE, WEEK, Bools, Flow, Ints, Kit, Mails

_DELAYS = np.array(
    [5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, DAY, 2 * DAY, 3 * DAY, 5 * DAY, WEEK, 2 * WEEK, 30 * DAY]
)
_OFTEN = np.array([12, 4, 6, 6, 8, 4, 14, 9, 7, 3, 8, 4, 3], dtype=float)


class Account:
    """The account while it is being written. ``number``: which piece is being written; ``doors`` says whom it brought in."""

    def __init__(self, kit: Kit, born: Ints, warm: Any) -> None:
        self.kit, self.rng, self.born, self.warm = kit, kit.rng, born, warm
        rng = kit.rng
        self.number = 0
        self.active: Ints = born.copy()  # when each may get mail: after the confirmation where there is one
        self.double = rng.random() < 0.65  # the habit of asking for confirmation
        self.hour = float(rng.choice([6, 7, 8, 9, 10, 11, 12, 17])) + float(rng.choice([0, 0, 0, 0.5]))
        self.weekdays = frozenset(range(5)) if rng.random() < 0.35 else frozenset(range(7))
        self.rich, self.bustle = float(rng.uniform(0.25, 1)), float(rng.uniform(0.25, 0.9))  # how elaborate; how busy its people
        self.poll = int(rng.choice([0, 0, 0, 5, 15]))  # minutes between an outside connector's looks; 0: it is told at once
        self.customer = self.tag()  # hub: any purchase
        self.letter = self.tag()  # hub: gets the newsletter
        self.products: list[int] = []  # tags that conditions may ask for
        self.magnets: list[int] = []  # forms
        self.starts: list[int] = []  # tags of leads that other pieces may listen to
        self.by_shop: set[int] = set()  # products whose shop writes the customers' tag itself
        self._door: Ints = np.zeros(kit.n, dtype=np.int64)
        self._gated: Bools = np.zeros(kit.n, dtype=bool)

    def likes(self, chance: float) -> bool:
        """Whether this account has some optional step."""
        return bool(self.rng.random() < chance * (0.4 + 0.8 * self.rich))

    def tag(self) -> int:
        return self.kit.new(ObjectKind.TAG)

    def form(self) -> int:
        return self.kit.new(ObjectKind.FORM)

    def sequence(self) -> int:
        return self.kit.new(ObjectKind.SEQUENCE)

    def doors(self, plan: list[Piece]) -> None:
        """Which piece brings each newcomer in: few bring most, and each had its time."""
        rng, kit = self.rng, self.kit
        span = kit.now - kit.start
        weight = np.zeros((kit.n, len(plan)))
        for number, piece in enumerate(plan):
            opened = kit.start + (span * rng.uniform(0, 0.7) if rng.random() < 0.6 and number else 0)
            closed = opened + span * rng.uniform(0.1, 0.6) if rng.random() < 0.25 else FAR
            pull = rng.lognormal(0, 1.4) * _PULL.get(piece.__name__, 0.0)
            weight[:, number] = pull * np.where((self.born >= opened) & (self.born < closed), 1, 0.003)
        total = weight.cumsum(axis=1)
        self._door = (total < (rng.random(kit.n) * total[:, -1])[:, None]).sum(axis=1)
        gated = np.array([self.double and piece.__name__ in _ASKING and rng.random() < 0.85 for piece in plan])
        self._gated = gated[np.minimum(self._door, len(plan) - 1)]
        for number in [number for number, piece in enumerate(plan) if piece.__name__ == "imports"]:
            who = np.flatnonzero(self._door == number)
            self.born[who] = self._lists(self.born[who])

    def _lists(self, born: Ints) -> Ints:
        """Imports: each list comes in at one moment, at hundreds a second or a few."""
        rng, kit = self.rng, self.kit
        moments = np.sort(rng.integers(kit.start, kit.now - 2 * DAY, int(rng.integers(1, 4))))
        which = np.minimum(np.searchsorted(moments, born), len(moments) - 1)
        moment = moments[which] + rng.integers(0, 1 + len(born) // int(rng.choice([10, 100, 10**6])), len(born))
        return np.asarray(moment, dtype=np.int64)

    def unconfirmed(self) -> Bools:
        """Behind forms with double opt-in: most confirm within minutes, some the next day, some never."""
        rng, n = self.rng, self.kit.n
        wait = np.where(rng.random(n) < 0.82, rng.lognormal(np.log(rng.uniform(45, 130)), 0.9, n), rng.exponential(11 * HOUR, n) + 300)
        never = self._gated & (rng.random(n) < rng.uniform(0.05, 0.2))
        self.active = self.born + np.where(self._gated, wait + 4, 0).astype(np.int64)
        self.kit.quit = np.maximum(self.kit.quit, self.active + 300)
        self.kit.quit[never] = self.born[never] + 2
        return never

    def newcomers(self) -> tuple[Ints, Ints]:
        """Whom this piece brought in, and when they came."""
        who = np.flatnonzero(self._door == self.number)
        return who, self.born[who]

    def crowd(self, share: float, after: float = 0, before: float = FAR) -> tuple[Ints, Ints]:
        """People already there, the warm ones rather, each at a moment of his own."""
        kit, rng = self.kit, self.rng
        lo = np.maximum(self.active + 60, int(max(after, kit.start)))
        hi = np.minimum(np.minimum(kit.quit, kit.now), int(before))
        chosen = np.flatnonzero((rng.random(kit.n) < share * self.bustle * self.warm) & (hi > lo))
        soon = rng.random(len(chosen)) ** 1.8
        at = kit.human(lo[chosen] + (soon * (hi - lo)[chosen]).astype(np.int64))
        keep = (at > lo[chosen]) & (at < hi[chosen])
        return chosen[keep], at[keep]

    def present(self, second: int, share: float = 1.0) -> Ints:
        """Who could get mail at that moment; a share of them, the warm ones rather."""
        here = (self.active < second) & (self.kit.quit > second)
        return np.flatnonzero(here & (self.rng.random(self.kit.n) < (share * self.warm if share < 1 else 1)))

    def joined(self, form: int, share: float = 0.04) -> Flow:
        """Newcomers and people already there fill in the form; the flow stands behind the confirmation."""
        who, at = self.newcomers()
        others, then = self.crowd(share)
        self.kit.act(form, np.r_[who, others], np.r_[at, then])
        return self.confirmed(form)

    def confirmed(self, form: int) -> Flow:
        flow = self.kit.on(form)
        return Flow(self.kit, flow.who, np.maximum(flow.at, self.active[flow.who]), flow.row)

    def period(self) -> tuple[float, float]:
        """When an automation ran: mostly always; some were made later than what starts them, some are off."""
        span = self.kit.now - self.kit.start
        on = self.kit.start + span * self.rng.uniform(0.05, 0.6) if self.rng.random() < 0.22 else 0
        off = self.kit.start + span * self.rng.uniform(0.65, 0.98) if self.rng.random() < 0.1 else FAR
        return on, off

    def started(self, flow: Flow) -> Flow:
        return flow.between(*self.period())

    def pause(self, flow: Flow, longest: float = FAR) -> Flow:
        """A delay of a length people choose; one in eight was changed at some time."""
        weight = np.where(longest >= _DELAYS, _OFTEN, 0)
        length, then = self.rng.choice(_DELAYS, size=2, p=weight / weight.sum())
        if self.rng.random() < 0.12:
            return flow.wait(length, then, int(self.rng.integers(self.kit.start, self.kit.now)))
        return flow.wait(length)

    def lessons(self, flow: Flow, mails: Mails) -> Flow:
        """Through a sequence of its own; in some automations it was replaced by a newer one at some time."""
        if self.rng.random() >= 0.15:
            return flow.through(self.sequence(), mails)
        changed = int(self.rng.integers(self.kit.start, self.kit.now))
        old = flow.between(0, changed).through(self.sequence(), mails)
        return old + flow.between(changed).through(self.sequence(), self.mails(len(mails.days), max(7, len(mails.days))))

    def mails(self, least: int = 1, most: int = 7) -> Mails:
        rng = self.rng
        count = int(rng.integers(least, most + 1))
        first = 0 if rng.random() < 0.75 else 1
        days = (first, *(int(rng.choice([1, 2, 3, 4, 7], p=[0.4, 0.3, 0.15, 0.05, 0.1])) for _ in range(count - 1)))
        if rng.random() < 0.08:
            return Mails((0, *(24 * day for day in days[1:])), 0, hourly=True)
        hour = self.hour if rng.random() < 0.8 else float(rng.integers(6, 20))
        return Mails(days, hour, self.weekdays if rng.random() < 0.85 else frozenset(range(7)), moved=0.06 if rng.random() < 0.15 else 0)

    def outside(self, flow: Flow, poll: int | None = None) -> Flow:
        """An outside automation hears of it: told within seconds, now and then minutes; or it looks every so many minutes."""
        rng, minutes = self.rng, self.poll if poll is None else poll
        if minutes:
            grid = minutes * MINUTE
            phase = int(rng.integers(0, grid))
            return flow.later((phase - flow.at) % grid + rng.integers(2, 25, len(flow)))
        wait = rng.gamma(3, rng.choice([1.0, 2.0, 4.0]), len(flow)) + 1
        slow = rng.random(len(flow)) < 0.015
        return flow.later(np.where(slow, wait + rng.exponential(10 * MINUTE, len(flow)), wait))

    def buyers(self, tag: int, who: Ints, at: Ints, extras: tuple[int, ...] = ()) -> Flow:
        """A checkout writes the product's tag and others in one go; the flow is what the product's tag starts."""
        rng, kit = self.rng, self.kit
        keep = at < kit.now
        who, at = who[keep], at[keep]
        kit.act(tag, who, at)
        for extra in extras:
            kit.act(extra, who, at + rng.choice([0, 0, 0, 0, 1, -1], size=len(at)))
            self.by_shop.add(tag)
        self.products.append(tag)
        return kit.on(tag)


Piece: TypeAlias = Callable[[Account], None]

# how strongly a piece draws newcomers, and whose forms ask for confirmation
_PULL = {
    "magnet": 1.0, "quiz": 0.9, "course_by_mail": 0.7, "challenge": 0.4, "webinar": 0.35, "imports": 0.35, "product": 0.12, "launch": 0.15,
    "private_feed": 0.5, "membership": 0.05,
}  # fmt: skip
_ASKING = {"magnet", "course_by_mail", "challenge", "private_feed"}
