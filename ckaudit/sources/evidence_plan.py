"""Which lists of people a pull reads for their timestamps, how far back, and what that costs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import msgspec

from ckaudit.kit.requests import PER_PAGE
from ckaudit.model.account import Account, Form, Sequence, Tag
from ckaudit.model.evidence import day_of, midnight
from ckaudit.model.refs import Key, Kind

DEFAULT_DAYS = 180
DEFAULT_MAX_PEOPLE = 2000
MARGIN_DAYS = 2
"""Asked for so many days earlier than needed: Kit does not say whether the date of its filters counts itself, nor in whose time zone."""


LAG = 300
"""Kit's lists show what happened after up to so many seconds (30 s usually, five minutes for one in a hundred)."""


class ListPlan(msgspec.Struct, frozen=True):
    """One list. ``since`` (the date to ask for, ``YYYY-MM-DD``) and ``max_people`` people are None for a list that is read whole.

    ``pages`` is how many requests it will probably take; ``active`` is Kit's own count of active people, when it gave one.
    """

    key: Key
    since: str | None = None
    max_people: int | None = None
    pages: int = 1
    active: int | None = None


class EvidencePlan(msgspec.Struct, frozen=True):
    """Every list, ordered by kind (form, tag, sequence) and id. ``now`` is the beginning of the reading.

    Timestamps later than ``until`` are left out: lists lag behind and are read one after the other, so what one shows another may miss.
    """

    now: dt.datetime
    lists: tuple[ListPlan, ...] = ()

    @property
    def day(self) -> dt.date:
        """The day of the reading (UTC)."""
        return day_of(self.now)

    @property
    def until(self) -> int:
        """The Unix second up to which every list surely shows everybody."""
        return int(self.now.timestamp()) - LAG

    @property
    def requests(self) -> int:
        """How many requests it will probably take; at most, as far as Kit's counts of active people tell."""
        return sum(item.pages for item in self.lists)

    def count(self, kind: Kind) -> int:
        """How many lists of this kind."""
        return sum(item.key.kind is kind for item in self.lists)


def nothing_whole(_: Account) -> frozenset[Key]:
    """No list is read whole."""
    return frozenset()


def say_nothing(_: EvidencePlan, __: float) -> None:
    """Tell nobody."""


class EvidenceRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Which timestamps to read. ``now`` is the clock; ``days`` and ``max_people`` bound the lists, see ``plan_evidence``. ``with_emails``:
    people's addresses, too.

    ``whole`` names the objects whose lists are read without bounds, once the account is known; ``announce`` is called with what is about
    to be read and how many seconds the rate limit makes it take. What either raises ends the pull.
    """

    now: dt.datetime
    days: int = DEFAULT_DAYS
    max_people: int = DEFAULT_MAX_PEOPLE
    with_emails: bool = False
    whole: Callable[[Account], frozenset[Key]] = nothing_whole
    announce: Callable[[EvidencePlan, float], None] = say_nothing


def plan_evidence(
    account: Account,
    now: dt.datetime,
    *,
    days: int = DEFAULT_DAYS,
    max_people: int = DEFAULT_MAX_PEOPLE,
    whole: frozenset[Key] = frozenset(),
) -> EvidencePlan:
    """The lists of every form, tag and sequence: the last ``days`` days, ``max_people`` people of each; those in ``whole`` without bounds.

    Objects with no active people are read as well. Kit's count leaves out who unsubscribed and who never confirmed, and an object all of
    whose people are such is just what an audit looks for; leaving it out would save one request.
    """
    since = (day_of(now) - dt.timedelta(days=days + MARGIN_DAYS)).isoformat()
    groups: tuple[tuple[Kind, tuple[Form | Tag | Sequence, ...]], ...] = (
        (Kind.FORM, account.forms),
        (Kind.TAG, account.tags),
        (Kind.SEQUENCE, account.sequences),
    )
    lists = []
    for kind, objects in groups:
        for item in sorted(objects, key=lambda item: item.id):
            key, active = Key(kind, item.id), item.subscriber_count
            bounded = key not in whole
            asked = max_people if bounded else None
            lists.append(ListPlan(key, since if bounded else None, asked, pages_of(active, asked), active))
    return EvidencePlan(now, tuple(lists))


def complete_since(asked: str | None) -> int | None:
    """The Unix second from which on a list asked for from this date is complete; None for a whole list."""
    return None if asked is None else midnight(dt.date.fromisoformat(asked) + dt.timedelta(days=MARGIN_DAYS))


def pages_of(active: int | None, max_people: int | None) -> int:
    """How many pages so many people fill, at least one."""
    people = active or 0
    return max(1, -(-(people if max_people is None else min(people, max_people)) // int(PER_PAGE)))
