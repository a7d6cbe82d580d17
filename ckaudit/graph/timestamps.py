"""What rules ask of the timestamps: the guards they share, in one place. People are counted, never named.

Rules look at the last 90 days, leave out imports and bulk work, and never say "has not" of a list that was read in part. Of a list that
was read from a day on (``since``) they may say "has not got it since".

Kit's lists lag behind by up to five minutes, and reading them takes minutes: timestamps younger than five minutes before the beginning of
the reading are not there, and whoever says "has not" looks at people who had an hour at least.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, ClassVar

from ckaudit.model.account import SectionStatus
from ckaudit.model.holders import MIN_PEOPLE, Gaps, Holders
from ckaudit.model.links import ObservedLink
from ckaudit.model.refs import Key, ObjectRef
from ckaudit.model.rules import Need, NotEvaluatedError

if TYPE_CHECKING:
    from ckaudit.model.evidence import Evidence

WINDOW = 90 * 86400
"""How far back rules look, in seconds."""
MANY = 20
"""So many people show what an automation does."""


class Timestamps:
    """The timestamps of an account's people. ``now`` is the Unix second of the reading, ``start`` that of the beginning of the window,
    ``links`` are those that were found in them, by source and target."""

    MIN_PEOPLE: ClassVar[int] = MIN_PEOPLE

    def __init__(self, evidence: Evidence, links: Iterable[ObservedLink] = ()) -> None:
        self.evidence = evidence
        self.links = {(link.source, link.target): link for link in links}
        self.now = evidence.now
        self.start = self.now - WINDOW

    def of(self, *keys: Key) -> Holders:
        """Everybody who has at least one of these tags, forms or sequences, with the latest of the timestamps."""
        return self.evidence.holders(*keys)

    def recent(self, *keys: Key) -> Holders:
        """Those who got one of these inside the window, without imports and bulk work."""
        return self.evidence.one_by_one(*keys, since=self.start, until=self.now)

    def enough(self, *keys: Key) -> Holders:
        """Those who got one of these inside the window; where they are fewer than twenty, inside the last half year."""
        recent = self.recent(*keys)
        return recent if len(recent) >= MANY else self.evidence.one_by_one(*keys, since=self.now - 2 * WINDOW, until=self.now)

    def once(self, came: Holders, entries: Sequence[Key]) -> Holders:
        """Without those who came into an automation by two of its entries, or again later: of these nobody can say to which time a
        timestamp belongs."""
        again = came.gaps_to(self.of(*entries))
        came = came.lacking(again.where(again.gap > 0))
        for place, key in enumerate(entries):
            if place:
                came = came.lacking(self.of(*entries[:place]).having(self.of(key)))
        return came

    def took(self, link: ObservedLink, *, recent: bool = False) -> Gaps:
        """Those who got the second object as long after the first as the link takes; ``recent``: the first inside the window."""
        came = self.recent(link.source) if recent else self.of(link.source)
        gaps = came.gaps_to(self.of(link.target))
        return gaps.where((gaps.gap >= 0) & (gaps.gap <= 2 * link.delay_p90 + 3600))

    def whole(self, *keys: Key) -> bool:
        """True when these lists were read completely and from the beginning: only then somebody may be said not to be in them."""
        return self.since(*keys) == 0

    def since(self, *keys: Key) -> int | None:
        """The Unix second from which on everybody was read who got one of these: 0 for whole lists, None when one was read in part."""
        read = [self.evidence.of(key) for key in keys]
        if any(item.status is not SectionStatus.COMPLETE for item in read):
            return None
        return max((item.since or 0 for item in read), default=0)

    def insist(self, objects: Iterable[ObjectRef], *, recent: bool = False) -> None:
        """End the rule with a reason when one of these lists was not read as a whole (``recent``: not from a day on either). What the
        account does not have was not read because there is nothing to read: no further pull brings it.

        Raises:
            NotEvaluatedError: with the names of the lists.
        """
        missing = [item for item in objects if (self.since(item.key) is None if recent else not self.whole(item.key))]
        unread = [item for item in missing if isinstance(item.key.id, int)]
        unknown = [item for item in missing if not isinstance(item.key.id, int)]
        reasons = []
        if unread:
            reasons.append(f"not everybody was read who is in {_names(unread)}{self._cure([item.key for item in unread])}")
        if unknown:
            reasons.append(f"the account has no {_names(unknown)}; correct the name in the manifest")
        if reasons:
            rest = ["the rest was judged"] if recent else []
            raise NotEvaluatedError("; ".join((*reasons, *rest)), (Need.EVIDENCE,))

    def _cure(self, keys: Iterable[Key]) -> str:
        """What reads these lists as a whole: a pull that knows the manifest, or has room for more people; nothing when Kit refused one."""
        found = {self.evidence.of(key).status for key in keys}
        if SectionStatus.REFUSED in found:
            return ""
        return (
            "; `ckaudit pull` with a larger --evidence-max reads them all"
            if SectionStatus.PARTIAL in found
            else "; one more `ckaudit pull` reads them all"
        )


def _names(objects: Sequence[ObjectRef]) -> str:
    more = f" and {len(objects) - 3} more" if len(objects) > 3 else ""
    return ", ".join(f"{item.kind} “{item.name}”" for item in objects[:3]) + more
