"""How sure a link is: the share of links of its sort that are real."""

from __future__ import annotations

import math
from typing import NamedTuple


class Features(NamedTuple):
    """What the confidence of a link is made of.

    ``people`` for whom it happened; ``share`` of the source's people; ``cover``: share of the target's people; ``clear``: share of the
    link's people with no stamp between; ``kept``: its part of the people it fits, the rest being explained by other causes; ``width``:
    spread of the delay relative to it; ``margin``: log-odds per person over the strongest rival (9: no rival); ``alone``: share of people
    whom no other cause fits; ``soon``: within ten minutes.
    """

    people: int
    share: float
    cover: float
    clear: float
    kept: float
    width: float
    margin: float
    alone: float
    soon: bool


def confidence(link: Features) -> float:
    """0 to 1. A logistic regression fitted on 150 simulated accounts (tests/evidence/simulator.py; ``python bench/evidence.py --fit``).

    A link is surer the more of the people of its source and of its target it explains, the fewer stamps lie between, the steadier the delay
    and the further its rivals are behind. A link that keeps only some of the people it fits has stood its ground among many rivals: given
    the rest, that speaks for it.
    """
    score = (
        0.88
        + 0.12 * (math.log(link.people) - 5)
        + 1.06 * math.log(link.share + 0.02)
        + 0.51 * math.log(link.cover + 0.02)
        + 2.22 * (link.clear - 0.5)
        - 0.63 * math.log(link.kept + 0.05)
        + 0.69 * min(max(link.margin, -1.0), 1.5)
        - 0.37 * math.log1p(link.width)
        + 0.97 * link.alone
        + 1.93 * link.soon
    )
    return 1 / (1 + math.exp(-score))
