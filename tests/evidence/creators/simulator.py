"""Simulated accounts of people who live from their list: newsletters, coaches, podcasters and those who sell by launches."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np

from tests.evidence.creators import offers, pieces
from tests.evidence.creators.account import Account, Piece
from tests.evidence.creators.engine import DAY, Kit
from tests.evidence.truth import World

KINDS: tuple[str, ...] = ("newsletter", "coach", "podcaster", "launcher")
SMALL, MEDIUM = (800, 2_500), (4_000, 9_000)
"""People, at least and at most."""

# how many of each piece at least and at most; what is listed first runs first
_HABITS: dict[str, dict[Piece, tuple[int, int]]] = {
    "newsletter": {
        offers.product: (1, 3), pieces.magnet: (2, 7), pieces.quiz: (0, 1), pieces.course_by_mail: (0, 2), offers.evergreen: (0, 2),
        offers.webinar: (0, 1), offers.launch: (0, 1), pieces.survey: (1, 2), pieces.interests: (1, 3), pieces.referral: (1, 1),
        pieces.imports: (1, 3), pieces.hooks: (0, 1),
    },
    "coach": {
        offers.product: (1, 4), pieces.magnet: (2, 5), pieces.quiz: (1, 2), pieces.challenge: (1, 2), offers.evergreen: (1, 2),
        offers.webinar: (1, 3), pieces.calls: (1, 1), offers.launch: (0, 2), pieces.survey: (0, 1), pieces.interests: (0, 2),
        pieces.imports: (0, 2), pieces.hooks: (0, 2),
    },
    "podcaster": {
        offers.product: (1, 2), offers.membership: (1, 1), pieces.magnet: (4, 14), pieces.private_feed: (1, 2), pieces.quiz: (0, 1),
        offers.evergreen: (0, 1), offers.webinar: (0, 1), pieces.survey: (1, 1), pieces.interests: (1, 3), pieces.imports: (1, 3),
        pieces.referral: (0, 1), pieces.hooks: (0, 1),
    },
    "launcher": {
        offers.product: (2, 6), offers.membership: (0, 1), pieces.magnet: (2, 5), pieces.quiz: (0, 1), pieces.challenge: (0, 2),
        offers.evergreen: (1, 3), offers.webinar: (1, 2), offers.launch: (2, 4), pieces.calls: (0, 1), pieces.survey: (0, 1),
        pieces.interests: (1, 2), pieces.imports: (0, 2), pieces.hooks: (1, 2),
    },
}  # fmt: skip

# about how many objects a piece has
_SIZE = {
    "product": 9, "membership": 10, "quiz": 12, "evergreen": 12, "launch": 13, "webinar": 8, "challenge": 11, "survey": 9, "referral": 8,
}  # fmt: skip


def _people(kit: Kit) -> tuple[np.ndarray, np.ndarray]:
    """When each joins: growth, a few spikes; and how warm each is."""
    rng = kit.rng
    span = kit.now - kit.start
    born = kit.start + span * rng.random(kit.n) ** rng.uniform(0.5, 1.1)
    for _ in range(int(rng.integers(0, 5))):
        spike = rng.random(kit.n) < rng.uniform(0.02, 0.1)
        born[spike] = kit.start + span * rng.uniform(0.1, 0.98) + rng.exponential(1.5 * DAY, spike.sum())
    born = np.minimum(kit.human(born.astype(np.int64)), kit.now - rng.integers(60, 20 * DAY, kit.n))
    return np.maximum(born, kit.start), np.minimum(rng.lognormal(0, 0.9, kit.n), 8)


def _leaving(account: Account) -> np.ndarray:
    """Some cancel, few bounce or complain, some are deleted in a clean-up; those who never confirmed stay inactive."""
    kit, rng = account.kit, account.rng
    gone = rng.random(kit.n) < rng.uniform(0.08, 0.25)
    kit.quit[gone] = account.born[gone] + (rng.exponential(150 * DAY, gone.sum()) + 600).astype(np.int64)
    state = np.where(gone & (kit.quit < kit.now), 4, 0)
    state[rng.random(kit.n) < 0.015] = 2
    state[rng.random(kit.n) < 0.001] = 3
    return state


def _plan(account: Account, profile: str) -> list[Piece]:
    rng = account.rng
    size, room = rng.uniform(0.0, 1.0) ** 1.3, 32 + 95 * rng.random() ** 1.3
    plan: list[Piece] = []
    for piece, (least, most) in _HABITS[profile].items():
        plan += [piece] * int(np.clip(round(least + (most - least) * size + rng.normal(0, 0.6)), least, most))
    spare = [number for number in range(len(plan)) if number not in (plan.index(pieces.magnet), plan.index(offers.product))]
    while spare and sum(_SIZE.get(piece.__name__, 6) for piece in plan) > room:
        place = spare[int(rng.integers(len(spare)))]
        del plan[place]
        spare = [number for number in range(len(plan)) if number not in (plan.index(pieces.magnet), plan.index(offers.product))]
    return plan


def simulate(profile: str, seed: int, people: tuple[int, int] = SMALL) -> World:
    """An account of this kind with that many people (least, most)."""
    rng = np.random.default_rng([seed, KINDS.index(profile), 2_207])
    now = int(datetime(2026, 1, 5, tzinfo=UTC).timestamp()) + int(rng.integers(0, 300 * DAY))
    kit = Kit(rng, int(rng.integers(people[0], people[1] + 1)), now - int(rng.uniform(1.2, 4.5) * 365) * DAY, now)
    account = Account(kit, *_people(kit))
    state = _leaving(account)
    plan = _plan(account, profile)
    account.doors(plan)
    never = account.unconfirmed()
    state[never] = 1
    for number, piece in enumerate(plan):
        account.number = number
        piece(account)
    pieces.hubs(account)
    pieces.connectors(account)
    if account.likes(0.8):
        pieces.clean_up(account)
    pieces.noise(account)
    return kit.world(f"creators/{profile}/{seed}", state)
