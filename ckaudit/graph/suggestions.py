"""Offerings to suggest to a person: one for each product of a membership site, told apart by the names of its tags.

Inference (``ckaudit.graph.roles``) treats a detected site as one membership, because names prove no product. For a person who corrects
the guesses, one entry for each product is less work.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from ckaudit.graph.build import build_graph
from ckaudit.graph.membership import Assigned, Membership
from ckaudit.model.account import Account, Tag
from ckaudit.model.automations import Manifest
from ckaudit.model.offerings import Offering
from ckaudit.model.refs import Key
from ckaudit.model.roles import WEBHOOK_ROLES, RoleName
from ckaudit.model.stack import Stack

# what sets a product's tags apart from others: the role of a tag's name, see the patterns of ``ckaudit/stacks``
_MARKS_PRODUCT = ("purchase", "optin", "access")


def suggested_offerings(
    account: Account, manifest: Manifest | None, stacks: Mapping[str, Stack], now: dt.datetime, stack: str | None = None
) -> tuple[Membership, ...]:
    """The memberships of an account with every role known or guessed: the offerings of the manifest, else one for each product of each
    site that its webhooks call (or of ``stack``), else none."""
    stated = manifest or Manifest(lists_automations=False)
    if not stated.offerings:
        found = (stacks[stack],) if stack else _sites(account, stated, stacks, now)
        stated = msgspec.structs.replace(stated, offerings=tuple(_offerings(account.tags, found)))
    memberships = build_graph(account, stated, stacks, now).all_memberships if stated.offerings else ()
    return tuple(_without_others(item, memberships) for item in memberships)


def _sites(account: Account, manifest: Manifest, stacks: Mapping[str, Stack], now: dt.datetime) -> tuple[Stack, ...]:
    return tuple(membership.stack for membership in build_graph(account, manifest, stacks, now).memberships)


def _offerings(tags: Iterable[Tag], stacks: Iterable[Stack]) -> Iterator[Offering]:
    """One offering for each product; one named after the site where no product shows. A product belongs to one site."""
    tags, taken = tuple(tags), set[str]()
    for stack in stacks:
        products = [name for name in _products(tags, stack) if _plain(name) not in taken]
        taken |= {_plain(name) for name in products}
        for name in products or [stack.title]:
            yield Offering(name=name, stack=stack.name)


def _products(tags: Iterable[Tag], stack: Stack) -> tuple[str, ...]:
    """What stands before the word that tells the role: “Course A” of “Course A: purchased”. In the order of the tags."""
    patterns = [(re.compile(item.pattern, re.IGNORECASE), item.role) for item in stack.tags]
    found: dict[str, str] = {}
    for tag in tags:
        match, role = next(((match, role) for regex, role in patterns if (match := regex.search(tag.name))), (None, ""))
        name = re.sub(r"[\W_]+$", "", tag.name[: match.start()]) if match else ""
        if role in _MARKS_PRODUCT and _plain(name):
            found.setdefault(_plain(name), name.strip())
    return tuple(found.values())


def _without_others(membership: Membership, memberships: tuple[Membership, ...]) -> Membership:
    """Leave guesses to the offering with the longer name: “Course A VIP: access” is of “Course A VIP”, not of “Course A”."""
    longer = [item for item in memberships if _plain(item.name).startswith(f"{_plain(membership.name)} ")]
    theirs = {item.key for other in longer for item in other.assigned if item.role not in WEBHOOK_ROLES}
    kept = tuple(item for item in membership.assigned if item.declared or item.key not in theirs)
    return msgspec.structs.replace(membership, assigned=kept)


def by_role(membership: Membership) -> Mapping[RoleName, tuple[Assigned, ...]]:
    """What is in each role, in the order of the manifest's keys, each object once."""
    found: dict[RoleName, dict[Key, Assigned]] = {}
    for item in membership.assigned:
        found.setdefault(item.role, {}).setdefault(item.key, item)
    return {role: tuple(found[role].values()) for role in RoleName if role in found}


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", " ", text).strip().casefold()
