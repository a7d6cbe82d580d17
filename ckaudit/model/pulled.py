"""What reading a live account brought."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from ckaudit.model.account import Account
from ckaudit.model.errors import IncompleteError
from ckaudit.model.roster import Roster

if TYPE_CHECKING:
    from ckaudit.model.evidence import Evidence  # loads numpy

COUNTS_FILE = "counts.json"
"""Where the numbers of people of a snapshot are. As the path of a bad object: they are not there."""


class Pulled(msgspec.Struct, frozen=True):
    """What a pull brought. ``problem`` is None when it was completed; otherwise exit 3, and ``account`` is what was read until then.

    ``requests`` counts every request sent, repeats included. ``snapshot`` is the ``account.json`` written, if any; it is there too when
    only the evidence was not completed. ``evidence`` is None when none was wanted or the reading did not come to it; ``roster`` is who
    the numbers in it are.
    """

    account: Account
    requests: int
    problem: IncompleteError | None = None
    snapshot: Path | None = None
    evidence: Evidence | None = None
    roster: Roster | None = None
