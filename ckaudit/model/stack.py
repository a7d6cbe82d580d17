"""What ckaudit knows about a membership stack. The data is in ``ckaudit/stacks/<name>.toml``, one file each."""

from __future__ import annotations

import enum

import msgspec

from ckaudit.model.findings import Severity


class Operation(enum.StrEnum):
    """What a membership site does when a webhook tag is added."""

    LOGIN = "login"
    SYNC = "sync"
    RELEASE = "release"
    REVOKE = "revoke"
    OTHER = "other"


class AccessModel(enum.StrEnum):
    """``forbidden``: a revoke tag wins over the access tag. ``linked``: removing the access tag ends access. ``platform``: neither."""

    FORBIDDEN = "forbidden"
    LINKED = "linked"
    PLATFORM = "platform"


class TargetPattern(msgspec.Struct, frozen=True):
    """How a webhook's target address tells the operation: a regular expression searched in the redacted address."""

    pattern: str
    operation: Operation


class TagPattern(msgspec.Struct, frozen=True):
    """How a tag's name suggests a role: a regular expression searched in the name without regard to case."""

    pattern: str
    role: str


class Signals(msgspec.Struct, frozen=True):
    """Which signals of this stack can reach Kit at all."""

    refund: bool = True
    cancel: bool = True
    failed_payment: bool = True
    pause: bool = True


class Stack(msgspec.Struct, frozen=True):
    """A membership plugin, platform or cart. ``minimum_delay`` is seconds between webhook tag and login email.

    ``stated_only``: its webhooks look like another stack's, so people state it and it is never detected.
    """

    name: str
    title: str
    access_model: AccessModel
    removes_own_tags: bool
    webhook_tags: bool = True
    needs_paid_plan: bool = False
    shows_password: bool = True
    purchase_tag_is_webhook: bool = False
    stated_only: bool = False
    minimum_delay: int = 300
    targets: tuple[TargetPattern, ...] = ()
    tags: tuple[TagPattern, ...] = ()
    signals: Signals = Signals()
    severities: dict[str, Severity] = {}
    sources: tuple[str, ...] = ()
