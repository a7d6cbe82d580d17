"""Automations, rules and what else moves people, as the manifest states them.

Words are those of Kit's screens. Semantics are Kit's (help articles 2502537 actions, 2502665 conditions, 2502670 events, 6611507 rules).
Durations are seconds. Every part keeps its place in the file.
"""

from __future__ import annotations

import enum

import msgspec

from ckaudit.model.errors import Location
from ckaudit.model.refs import Kind, ObjectRef, Ref
from ckaudit.model.steps import AnyStep, Effect, Part, Trigger


class AutomationStatus(enum.StrEnum):
    """Paused lets people in and holds them at the entry; inactive lets nobody in (help article 13974216)."""

    ACTIVE = "active"
    PAUSED = "paused"
    INACTIVE = "inactive"


class Origin(enum.StrEnum):
    """Who says so: Kit's API, the manifest, or timestamps."""

    API = "api"
    DECLARED = "declared"
    OBSERVED = "observed"


class Automation(Part, frozen=True, kw_only=True):
    """A visual automation. ``recurring`` and ``evergreen`` are None when the manifest does not say.

    ``seen`` is set for one that was read from timestamps (``origin`` observed): its first two objects, such as ``tag:11-sequence:5``. It
    stands for the id Kit does not show.
    """

    name: str
    id: int | None = None
    status: AutomationStatus = AutomationStatus.ACTIVE
    recurring: bool | None = None
    evergreen: bool | None = None
    entries: tuple[Trigger, ...] = ()
    steps: tuple[AnyStep, ...] = ()
    origin: Origin = Origin.DECLARED
    seen: str = ""

    @property
    def ref(self) -> Ref:
        """This automation as a reference."""
        return Ref(Kind.AUTOMATION, self.name, self.id, location=self.location)

    @property
    def object(self) -> ObjectRef:
        """This automation as results name it."""
        return ObjectRef("automation", self.name, self.seen or self.id)


class RuleActionKind(enum.StrEnum):
    """Kit's seven rule actions."""

    SUBSCRIBE_SEQUENCE = "subscribe_sequence"
    UNSUBSCRIBE_SEQUENCE = "unsubscribe_sequence"
    SUBSCRIBE_FORM = "subscribe_form"
    UNSUBSCRIBE_FORM = "unsubscribe_form"
    ADD_TAG = "add_tag"
    REMOVE_TAG = "remove_tag"
    SET_FIELD = "set_field"

    @property
    def effect(self) -> Effect:
        """What it does to its object."""
        return _EFFECTS[self]


_EFFECTS = {
    RuleActionKind.SUBSCRIBE_SEQUENCE: Effect.ENROLS,
    RuleActionKind.UNSUBSCRIBE_SEQUENCE: Effect.UNENROLS,
    RuleActionKind.SUBSCRIBE_FORM: Effect.JOINS_FORM,
    RuleActionKind.UNSUBSCRIBE_FORM: Effect.LEAVES_FORM,
    RuleActionKind.ADD_TAG: Effect.ADDS_TAG,
    RuleActionKind.REMOVE_TAG: Effect.REMOVES_TAG,
    RuleActionKind.SET_FIELD: Effect.SETS_FIELD,
}


class RuleAction(Part, frozen=True, kw_only=True):
    """One action of a rule. ``value`` is a field's new value."""

    kind: RuleActionKind
    ref: Ref
    value: str | None = None


class KitRule(Part, frozen=True, kw_only=True):
    """A rule of Kit's Rules screen: any trigger fires all actions. A rule needs no name."""

    name: str = ""
    enabled: bool = True
    when: tuple[Trigger, ...] = ()
    do: tuple[RuleAction, ...] = ()
    origin: Origin = Origin.DECLARED


class FormLink(Part, frozen=True, kw_only=True):
    """What a form does by itself, besides automations."""

    form: Ref
    sequence: Ref | None = None
    adds_tags: tuple[Ref, ...] = ()
    sets_fields: tuple[Ref, ...] = ()
    double_opt_in: bool | None = None


class ExternalWriter(Part, frozen=True, kw_only=True):
    """What else writes into the account: a shop, a membership site, Zapier, or somebody's bulk work."""

    name: str
    adds_tags: tuple[Ref, ...] = ()
    removes_tags: tuple[Ref, ...] = ()
    adds_to_sequences: tuple[Ref, ...] = ()
    adds_to_forms: tuple[Ref, ...] = ()
    sets_fields: tuple[Ref, ...] = ()


class Orders(enum.StrEnum):
    """Who takes the order."""

    ACCESSALLY = "accessally"
    EXTERNAL = "external"
    MIXED = "mixed"


class Billing(enum.StrEnum):
    """How an offering is paid."""

    FREE = "free"
    ONE_OFF = "one-off"
    PAYMENT_PLAN = "payment-plan"
    SUBSCRIPTION = "subscription"


class AccountCreator(enum.StrEnum):
    """Who creates the buyer's login."""

    WEBHOOK = "webhook"
    SITE = "site"
    PLATFORM = "platform"


class Revoker(enum.StrEnum):
    """Who takes access away."""

    KIT = "kit"
    SITE = "site"
    HAND = "hand"


class WebhookTags(msgspec.Struct, frozen=True):
    """Tags whose adding makes the membership site act, by what the site does. A tag may stand in several."""

    login: tuple[Ref, ...] = ()
    sync: tuple[Ref, ...] = ()
    release: tuple[Ref, ...] = ()
    revoke: tuple[Ref, ...] = ()


class Offering(Part, frozen=True, kw_only=True):
    """What the tags mean for people's access to one product. Only ``name`` and ``stack`` are required; None means not stated."""

    name: str
    stack: str
    orders: Orders | None = None
    billing: Billing | None = None
    refunds: bool | None = None
    account_created_by: AccountCreator | None = None
    revoked_by: Revoker | None = None
    products: tuple[str, ...] = ()
    purchase_tags: tuple[Ref, ...] = ()
    optin_tags: tuple[Ref, ...] = ()
    early_contact_tags: tuple[Ref, ...] = ()
    access_tags: tuple[Ref, ...] = ()
    module_tags: tuple[Ref, ...] = ()
    revoke_tags: tuple[Ref, ...] = ()
    cancel_tags: tuple[Ref, ...] = ()
    pause_tags: tuple[Ref, ...] = ()
    failed_payment_tags: tuple[Ref, ...] = ()
    webhook_tags: WebhookTags = WebhookTags()
    login_sequences: tuple[Ref, ...] = ()
    module_sequences: tuple[Ref, ...] = ()
    dunning_sequences: tuple[Ref, ...] = ()
    pitch_sequences: tuple[Ref, ...] = ()
    login_hosts: tuple[str, ...] = ()


class IgnoreComment(msgspec.Struct, frozen=True):
    """``# ckaudit: ignore CK311 reason`` on a manifest line. It covers the line it stands on and everything nested below it."""

    rules: tuple[str, ...]
    reason: str
    location: Location
    covers: tuple[int, int]


class Manifest(msgspec.Struct, frozen=True):
    """One or more manifest files, resolved and merged.

    ``complete`` says that every automation, rule and outside writer is listed; only then may a rule say "nothing ever …" for certain.
    ``checked`` is the date (``YYYY-MM-DD``) somebody last compared it with the screen. ``lists_automations`` is False for one that says
    nothing about what moves people, such as a file with ``offerings`` alone; an empty list says that there are none.
    """

    files: tuple[str, ...] = ()
    complete: bool = False
    lists_automations: bool = True
    checked: str | None = None
    account: int | None = None
    automations: tuple[Automation, ...] = ()
    rules: tuple[KitRule, ...] = ()
    form_links: tuple[FormLink, ...] = ()
    external: tuple[ExternalWriter, ...] = ()
    offerings: tuple[Offering, ...] = ()
    ignores: tuple[IgnoreComment, ...] = ()
    references: tuple[Ref, ...] = ()
