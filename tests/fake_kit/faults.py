"""What can go wrong between a client and Kit, on request."""

from __future__ import annotations

import enum
import random
from collections.abc import Callable


class Fault(enum.StrEnum):
    """Each is what the wire showed somebody at some time."""

    RESET = "reset"
    TRUNCATED = "truncated"
    ERROR_500 = "error 500"
    HTML_502 = "html 502"
    SLOW = "slow"
    REPEATED_CURSOR = "repeated cursor"
    NULL_CURSOR = "null cursor"
    TEXT_200 = "text 200"
    JSON_200 = "json 200"
    TOO_MANY = "429"
    TOO_MANY_WITH_RETRY_AFTER = "429 with Retry-After"
    REDIRECT = "redirect"
    LAGGING = "lagging list"


# Which fault the n-th request (from 0) to a path gets, if any.
FaultPlan = Callable[[int, str], Fault | None]


def no_faults(_number: int, _path: str) -> Fault | None:
    """All is well."""
    return None


def at_random(rate: float, seed: int, kinds: tuple[Fault, ...]) -> FaultPlan:
    """Each request fails with this probability; the same seed gives the same faults in order of arrival."""
    dice = random.Random(seed)

    def plan(_number: int, _path: str) -> Fault | None:
        return dice.choice(kinds) if dice.random() < rate else None

    return plan


def always(fault: Fault, path: str | None = None) -> FaultPlan:
    """Every request fails, or every request to one path."""

    def plan(_number: int, asked: str) -> Fault | None:
        return fault if path in {None, asked} else None

    return plan


def first(count: int, fault: Fault, path: str | None = None) -> FaultPlan:
    """The first ``count`` requests (to one path, if given) fail."""
    left = count

    def plan(_number: int, asked: str) -> Fault | None:
        nonlocal left
        if path in {None, asked} and left > 0:
            left -= 1
            return fault
        return None

    return plan


def after(count: int, fault: Fault) -> FaultPlan:
    """Everything fails from request number ``count`` (from 0) on."""

    def plan(number: int, _asked: str) -> Fault | None:
        return fault if number >= count else None

    return plan
