"""Signs that something happens although nothing known does it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from ckaudit.graph.causes import Effect
from ckaudit.graph.roles import RoleName
from ckaudit.model.account import utc
from ckaudit.model.refs import Key, Kind

if TYPE_CHECKING:
    from ckaudit.graph.graph import Graph

YOUNG = dt.timedelta(days=14)
# what shops and membership sites do: nobody lists it in an incomplete manifest
_FROM_OUTSIDE = (
    RoleName.PURCHASE,
    RoleName.OPTIN,
    RoleName.EARLY_CONTACT,
    RoleName.ACCESS,
    RoleName.MODULE,
    RoleName.REVOKE,
    RoleName.CANCEL,
    RoleName.PAUSE,
    RoleName.FAILED_PAYMENT,
)


def is_young(graph: Graph, key: Key) -> bool:
    """True for an object made in the last fourteen days: what belongs to it may still be to come."""
    made = utc(getattr(graph.lookup.objects.get(key), "created_at", None))
    return made is not None and graph.now - made < YOUNG


def is_in_use(graph: Graph, key: Key) -> bool:
    """Somebody holds the tag or is in the sequence, or the object is too young to tell."""
    return bool(graph.people(key)) or is_young(graph, key)


def comes_from_outside(graph: Graph, key: Key) -> bool:
    """True for a tag that shops and membership sites add, unless the manifest claims to list them."""
    return not graph.is_complete and key in graph.keys(*_FROM_OUTSIDE)


def given_from_outside(graph: Graph) -> frozenset[Key]:
    """The tags, sequences and forms that a shop, a site or somebody's bulk work is known to give."""
    gives = (Effect.ADDS_TAG, Effect.ENROLS, Effect.JOINS_FORM)
    return frozenset(cause.target for cause in graph.causes.all if cause.source.kind is Kind.EXTERNAL and cause.effect in gives)
