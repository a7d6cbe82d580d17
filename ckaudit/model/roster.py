"""Who the numbers in the timestamps are. Kept apart from them: rules and results never see it."""

from __future__ import annotations

import msgspec

from ckaudit.model.refs import ObjectRef


class Roster(msgspec.Struct, frozen=True):
    """Kit's subscriber ids in the order of the numbers: person 0 first. ``addresses`` likewise, empty when they were not asked for."""

    ids: tuple[int, ...]
    addresses: tuple[str, ...] = ()

    def subscriber(self, person: int) -> int:
        """The subscriber's id."""
        return self.ids[person]

    def address(self, person: int) -> str | None:
        """The subscriber's address, None when it is not kept."""
        return self.addresses[person] if self.addresses else None


class Listed(msgspec.Struct, frozen=True):
    """One person whom a finding counts. ``title`` is the finding's, ``email_address`` None when the snapshot keeps none."""

    rule: str
    name: str
    title: str
    object: ObjectRef
    subscriber_id: int
    email_address: str | None = None
