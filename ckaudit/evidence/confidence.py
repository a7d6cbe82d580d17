"""How sure a link is: the share of links of its sort that are real."""

from __future__ import annotations

import math
from typing import NamedTuple


class Features(NamedTuple):
    """What the confidence of a link is made of.

    ``people`` for whom it happened; ``share`` of the source's people; ``cover``: share of the target's people; ``clear``: share of the
    link's people with no timestamp between; ``width``: spread of the delay (10 % to 90 %) relative to it; ``gain``: nats per person by
    which
    the timestamps become unlikelier without the link; ``margin``: nats by which it beats the next best cause in its place, 30 at most;
    ``soon``: within ten minutes.
    """

    people: int
    share: float
    cover: float
    clear: float
    width: float
    gain: float
    margin: float
    soon: bool


def confidence(link: Features) -> float:
    """0 to 1. A logistic regression fitted on simulated accounts of two simulators (``python -m bench.evidence --fit``).

    A link is surer the more of the people of its source and of its target it explains, the fewer timestamps lie between, the less can be
    explained without it, and the further its rivals are behind.
    """
    score = sum(weight * term for weight, term in zip(WEIGHTS, terms(link), strict=True))
    return 1 / (1 + math.exp(-score))


WEIGHTS = (0.98, 0.98, 0.42, 1.02, 1.59, -1.21, 0.45, 1.21)


def terms(link: Features) -> tuple[float, ...]:
    """What ``WEIGHTS`` weigh; a gain of more than three nats per person says no more than three."""
    return (
        1.0,
        math.log(link.share + 0.02),
        math.log(link.cover + 0.02),
        link.clear - 0.5,
        math.log(max(link.gain, 0.02)),
        min(link.gain, 3.0),
        math.log1p(max(link.margin, 0.0)),
        float(link.soon),
    )
