"""People who only test the automations: what happens to them is no evidence of what happens to customers."""

from __future__ import annotations

from collections.abc import Collection

import msgspec
import numpy as np

from ckaudit.model.account import Account
from ckaudit.model.events import ObjectKind, make_events
from ckaudit.model.evidence import Evidence


def without_testers(evidence: Evidence, account: Account, names: Collection[str]) -> Evidence:
    """The timestamps of everybody but the people who have one of these tags, as far as their lists were read."""
    events = evidence.events
    tags = [tag.id for tag in account.tags if tag.name in names]
    testers = np.unique(events.person[(events.kind == ObjectKind.TAG) & np.isin(events.id, tags)])
    if not len(testers):
        return evidence
    kept = np.isin(events.person, testers, invert=True)
    columns = (getattr(events, name)[kept] for name in ("person", "kind", "id", "second", "state"))
    return msgspec.structs.replace(evidence, events=make_events(*columns))
