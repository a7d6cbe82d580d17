"""Durations and steps in words."""

from __future__ import annotations

import pytest

from ckaudit.graph.words import duration


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "no time"),
        (45, "45 seconds"),
        (60, "1 minute"),
        (300, "5 minutes"),
        (3600, "1 hour"),
        (5400, "90 minutes"),
        (86400, "1 day"),
        (129600, "36 hours"),
        (172800, "2 days"),
        (604800, "1 week"),
        (605100, "about 7 days"),
        (59, "59 seconds"),
    ],
)
def test_a_duration_is_said_in_the_largest_whole_unit(seconds: int, words: str) -> None:
    assert duration(seconds) == words
