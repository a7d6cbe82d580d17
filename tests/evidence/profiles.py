"""How simulated accounts differ: sizes, habits, noise. Where two numbers stand, each account draws between them."""

from __future__ import annotations

from dataclasses import dataclass

DAY = 86400


@dataclass(frozen=True)
class Range:
    """The world's knobs. Where two numbers stand, each world draws between them."""

    people: tuple[int, int] = (700, 2200)
    days: tuple[int, int] = (90, 220)
    automations: tuple[int, int] = (4, 12)
    steps: tuple[int, int] = (2, 7)
    rules: tuple[int, int] = (0, 6)
    jitter: tuple[str, ...] = ("tight", "second", "minute", "mixed")
    shared: tuple[float, float] = (0.0, 0.3)
    removed: tuple[float, float] = (0.0, 0.25)
    pause: tuple[float, float] = (0.0, 0.4)
    unsubscribe: tuple[float, float] = (0.0, 0.15)
    noise: tuple[int, int] = (2, 14)
    noise_per_person: tuple[float, float] = (0.3, 4.0)
    forms: tuple[int, int] = (3, 9)
    joins: tuple[float, float] = (0.1, 1.2)
    imports: tuple[int, int] = (0, 4)
    launches: tuple[int, int] = (0, 3)
    siblings: tuple[float, float] = (0.0, 0.4)
    delays: tuple[int, ...] = (300, 300, 900, 3600, DAY, DAY, 2 * DAY, 3 * DAY, 7 * DAY, 14 * DAY)
    restamp: tuple[str, ...] = ("first", "last")
    windows: float = 0.6
    form_ties: tuple[float, float] = (0.0, 1.0)
    start: float = 0.02


PLAIN = Range(automations=(3, 8), rules=(0, 3), shared=(0.0, 0.1), siblings=(0.0, 0.15), noise_per_person=(0.2, 2.0), start=0.0)
"""An account somebody keeps tidy."""
BUSY = Range(automations=(5, 12), shared=(0.0, 0.2), siblings=(0.1, 0.4))
"""Many automations, some on one trigger, some tags used by several."""
TANGLED = Range(automations=(8, 16), shared=(0.1, 0.4), siblings=(0.2, 0.6), rules=(2, 8), noise=(6, 25), noise_per_person=(1.0, 6.0))
"""Everything starts everything; most people go through dozens of objects within seconds."""
HELD_OUT = Range(
    people=(400, 4000),
    days=(45, 400),
    automations=(4, 14),
    steps=(1, 9),
    jitter=("slow", "poll", "lumpy"),
    shared=(0.0, 0.25),
    siblings=(0.05, 0.4),
    delays=(120, 600, 1800, 7200, 5 * 3600, 4 * DAY, 5 * DAY, 10 * DAY, 21 * DAY),
    noise=(5, 30),
    joins=(0.0, 2.0),
    windows=0.8,
    unsubscribe=(0.0, 0.4),
    imports=(0, 8),
)
"""Ranges and kinds of jitter nothing was tuned on."""
PROFILES = {"plain": PLAIN, "busy": BUSY, "tangled": TANGLED, "held out": HELD_OUT}
