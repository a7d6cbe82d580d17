"""Durations as people write them: “5 minutes”, “1 day”."""

from __future__ import annotations

import re

UNITS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400, "week": 604800}
_DURATION = re.compile(r"([0-9]+) +([a-z]+?)s?")


def split_duration(text: str) -> tuple[str, str] | None:
    """The number and the unit, in the singular, of something written like a duration. The unit may be one that nobody knows."""
    found = _DURATION.fullmatch(text)
    return (found[1], found[2]) if found else None
