"""What ckaudit knows about a membership stack. The data is in ``ckaudit/stacks/<name>.toml``, one file each."""

from __future__ import annotations

import enum
from collections.abc import Iterable

import msgspec

from ckaudit.model.nearest import did_you_mean
from ckaudit.model.offerings import AccountCreator, Revoker


class Operation(enum.StrEnum):
    """What a membership site does when a webhook tag is added."""

    LOGIN = "login"
    SYNC = "sync"
    RELEASE = "release"
    REVOKE = "revoke"
    OTHER = "other"


class AccessModel(enum.StrEnum):
    """``forbidden``: a revoke tag wins over the access tag. ``linked``: removing the access tag ends access. ``platform``: tags do not
    decide on access. ``stated``: the tags that the offering names decide, and nothing more is known.
    """

    FORBIDDEN = "forbidden"
    LINKED = "linked"
    PLATFORM = "platform"
    STATED = "stated"


class TargetPattern(msgspec.Struct, frozen=True):
    """How a webhook's target address tells the operation: a regular expression searched in the redacted address."""

    pattern: str
    operation: Operation


class TagPattern(msgspec.Struct, frozen=True):
    """How a tag's name suggests a role: a regular expression searched in the name without regard to case."""

    pattern: str
    role: str


class Signals(msgspec.Struct, frozen=True):
    """Which signals of this stack can reach Kit at all. None: unknown."""

    refund: bool | None = None
    cancel: bool | None = None
    failed_payment: bool | None = None
    pause: bool | None = None


class Stack(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A description of how a membership plugin, platform, cart or connector behaves. None means that no public documentation says it: such
    a key stands in ``unknown``, and rules do not conclude from it.

    ``site``: what sentences call the site, its title when empty. ``is_site`` is False for what gives no access by itself (no site at all,
    or a connector that passes calls on): an offering of it is a membership only when it names what gives access. ``stated_only``: its
    webhooks look like another stack's, so people state it and it is never detected. ``minimum_delay`` is seconds between webhook tag and
    login email.
    """

    name: str
    title: str
    access_model: AccessModel
    site: str = ""
    is_site: bool = True
    account_created_by: AccountCreator | None = None
    revoked_by: Revoker | None = None
    removes_own_tags: bool | None = None
    webhook_tags: bool = False
    needs_paid_plan: bool = False
    unsubscribed_lose_access: bool = False
    unsubscribe_ends_subscription: bool = False
    purchase_tag_is_webhook: bool = False
    stated_only: bool = False
    minimum_delay: int = 300
    login_hosts: tuple[str, ...] = ()
    targets: tuple[TargetPattern, ...] = ()
    tags: tuple[TagPattern, ...] = ()
    signals: Signals = Signals()
    unknown: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()


def suggest_stack(name: str, known: Iterable[str]) -> str:
    """The hint for a stack that there is not: the nearest name, and the one that fits every site."""
    return " ".join(part for part in (did_you_mean(name, known), "For a site that is not in the list, write “generic”.") if part)
