"""Offerings to suggest to a person: one for each login webhook tag or product of a membership site, told apart by the names of its tags.

Inference (``ckaudit.graph.roles``) treats a detected site as one membership, because names prove no product. For a person who corrects
the guesses, one entry for each product is less work.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from ckaudit.graph.build import build_graph
from ckaudit.graph.membership import Assigned, Membership
from ckaudit.graph.webhooks import WebhookTag, webhook_tags
from ckaudit.model.account import Account, Tag
from ckaudit.model.automations import Manifest
from ckaudit.model.offerings import Offering
from ckaudit.model.refs import Key, Kind
from ckaudit.model.roles import WEBHOOK_ROLES, RoleName
from ckaudit.model.stack import Operation, Stack

# what sets a product's tags apart from others: the role of a tag's name, see the patterns of ``ckaudit/stacks``
_MARKS_PRODUCT = ("purchase", "access")
_SIGNS_UP = "optin"
_FREE = re.compile(r"\b(free|freebie|lead magnet)\b")
_MAKES_LOGIN = (Operation.LOGIN, Operation.RELEASE)


def suggested_offerings(
    account: Account, manifest: Manifest | None, stacks: Mapping[str, Stack], now: dt.datetime, stack: str | None = None
) -> tuple[Membership, ...]:
    """The memberships of an account with every role known or guessed: the offerings of the manifest, else one for each tag of a site's
    webhooks that makes a login (or for each product of ``stack``), else none."""
    told = manifest or Manifest(lists_automations=False)
    if not told.offerings:
        hooks = webhook_tags(account, told, stacks)
        sites = [stacks[name] for name in ((stack,) if stack else dict.fromkeys(hook.stack.name for hook in hooks))]
        told = msgspec.structs.replace(told, offerings=tuple(_offerings(account.tags, hooks, sites)))
    memberships = build_graph(account, told, stacks, now).all_memberships if told.offerings else ()
    return tuple(_without_others(item, memberships) for item in memberships)


def _offerings(tags: tuple[Tag, ...], hooks: Sequence[WebhookTag], sites: Sequence[Stack]) -> Iterator[Offering]:
    """One offering for each login webhook tag that has a product's name, else one for each product, else one named after the site."""
    taken = set[str]()
    named = {Key(Kind.TAG, tag.id): tag.name for tag in tags}
    called = {hook.key for hook in hooks}
    others = [name for key, name in named.items() if key not in called]
    for site in sites:
        makers = [named[hook.key] for hook in hooks if hook.stack is site and hook.operation in _MAKES_LOGIN and hook.key in named]
        families = [family for name in dict.fromkeys(makers) if (family := _shared_beginning(name, others))]
        products = [name for name in families or _products(tags, site) if _plain(name) not in taken]
        taken |= {_plain(name) for name in products}
        for name in {_plain(name): name for name in products}.values() or [site.title]:
            yield Offering(name=name, stack=site.name)


def _shared_beginning(name: str, others: Iterable[str]) -> str:
    """The words with which this name and another one begin: “Course A” of “Course A: create login” beside “Course A: purchased”."""
    words = list(re.finditer(r"[^\W_]+", name))
    plain = [word[0].casefold() for word in words]
    most = max((_common(plain, _plain(other).split()) for other in others), default=0)
    return name[: words[most - 1].end()].strip() if 0 < most < len(words) else ""


def _common(first: Sequence[str], second: Sequence[str]) -> int:
    return next((index for index, pair in enumerate(zip(first, second, strict=False)) if pair[0] != pair[1]), min(len(first), len(second)))


def _products(tags: Iterable[Tag], stack: Stack) -> tuple[str, ...]:
    """What stands before the word that tells the role: “Course A” of “Course A: purchased”. In the order of the tags. Something with
    sign-ups and without purchases is free, and is not taken for a course."""
    patterns = [(re.compile(item.pattern, re.IGNORECASE), item.role) for item in stack.tags]
    names: dict[str, str] = {}
    roles: dict[str, set[str]] = {}
    for tag in tags:
        match, role = next(((match, role) for regex, role in patterns if (match := regex.search(tag.name))), (None, ""))
        name = re.sub(r"[\W_]+$", "", tag.name[: match.start()]) if match else ""
        if role in (*_MARKS_PRODUCT, _SIGNS_UP) and _plain(name):
            names.setdefault(_plain(name), name.strip())
            roles.setdefault(_plain(name), set()).add(role)
    sold = (key for key, said in roles.items() if "purchase" in said or (_SIGNS_UP not in said and not _FREE.search(key)))
    return tuple(names[key] for key in sold)


def _without_others(membership: Membership, memberships: tuple[Membership, ...]) -> Membership:
    """Leave guesses to the offering with the longer name: “Course A VIP: access” is of “Course A VIP”, not of “Course A”. A webhook tag
    that bears another offering's name is that one's."""
    mine = _plain(membership.name)
    longer = [item for item in memberships if _plain(item.name).startswith(f"{mine} ")]
    theirs = {item.key for other in longer for item in other.assigned if item.role not in WEBHOOK_ROLES}
    names = [name for item in memberships if (name := _plain(item.name)) != mine]
    kept = tuple(item for item in membership.assigned if item.declared or (item.key not in theirs and not _of_another(item, mine, names)))
    return msgspec.structs.replace(membership, assigned=kept)


def _of_another(item: Assigned, mine: str, names: Iterable[str]) -> bool:
    """True for a webhook tag whose name begins with another offering's name, and with a longer one than this offering's."""
    if item.role not in WEBHOOK_ROLES:
        return False
    name = f"{_plain(item.object.name)} "
    own = len(mine) if name.startswith(f"{mine} ") else 0
    return any(name.startswith(f"{other} ") and len(other) > own for other in names)


def by_role(membership: Membership) -> Mapping[RoleName, tuple[Assigned, ...]]:
    """What is in each role, in the order of the manifest's keys, each object once."""
    found: dict[RoleName, dict[Key, Assigned]] = {}
    for item in membership.assigned:
        found.setdefault(item.role, {}).setdefault(item.key, item)
    return {role: tuple(found[role].values()) for role in RoleName if role in found}


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", " ", text).strip().casefold()
