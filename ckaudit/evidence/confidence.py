"""How sure a link is: the share of links of its sort that are real."""

from __future__ import annotations

import math
from typing import NamedTuple


class Features(NamedTuple):
    """What the confidence of a link is made of.

    ``people`` for whom it happened; ``share`` of the source's people; ``cover``: share of the target's people; ``clear``: share of the
    link's people with no stamp between; ``width``: spread of the delay (10 % to 90 %) relative to it; ``margin``: log-odds per person
    over the strongest rival (9: no rival); ``soon``: within ten minutes.
    """

    people: int
    share: float
    cover: float
    clear: float
    width: float
    margin: float
    soon: bool


def confidence(link: Features) -> float:
    """0 to 1. A logistic regression fitted on 150 simulated accounts (tests/evidence/simulator.py; ``python -m bench.evidence --fit``).

    A link is surer the more people show it, the more of the people of its source and of its target it explains, the fewer stamps lie
    between, the steadier and shorter the delay, and the further its rivals are behind.
    """
    score = (
        1.15
        + 0.27 * (math.log(link.people) - 5)
        + 0.74 * math.log(link.share + 0.02)
        + 0.27 * math.log(link.cover + 0.02)
        + 2.27 * (link.clear - 0.5)
        - 0.22 * math.log1p(link.width)
        + 0.64 * min(max(link.margin, -1.0), 1.5)
        + 1.37 * link.soon
    )
    return 1 / (1 + math.exp(-score))
