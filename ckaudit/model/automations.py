"""Automations, rules and what else moves people, as the manifest states them.

Words are those of Kit's screens. Semantics are Kit's (help articles 2502537 actions, 2502665 conditions, 2502670 events, 6611507 rules).
Every part keeps its place in the file. A new key is one field here, or in ``ckaudit.model.offerings``.
"""

from __future__ import annotations

import enum
from functools import cached_property
from typing import Annotated, ClassVar, TypeAlias

import msgspec
from msgspec import Meta

from ckaudit.model.errors import Location
from ckaudit.model.integrations import Integration
from ckaudit.model.notation import (
    AppActionRef,
    Date,
    FieldRefs,
    FormRef,
    Id,
    Key,
    Notation,
    OneOf,
    Part,
    SequenceRef,
    TagRef,
    TagRefs,
    WebhookRef,
)
from ckaudit.model.offerings import Offering
from ckaudit.model.refs import Kind, ObjectRef, Ref
from ckaudit.model.segments import SegmentFilter
from ckaudit.model.steps import AnyStep, Effect, SetField
from ckaudit.model.triggers import Entry, RuleTrigger

VERSION = 1  # of the manifest's format


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


class DraftFrom(enum.StrEnum):
    """What ckaudit or somebody made a draft from, without Kit's screens in view."""

    TIMESTAMPS = "timestamps"
    PASTE = "paste"
    SCREENSHOT = "screenshot"


class Automation(Part, frozen=True, kw_only=True):
    """A visual automation. ``recurring`` and ``evergreen`` are None when the manifest does not say.

    ``observed_id`` is set for one that was read from timestamps (``origin`` observed): its first two objects, such as
    ``tag:11-sequence:5``. It takes the place of the id that Kit does not show.

    A ``draft`` was not compared with Kit's screens yet. No rule sees it (``ckaudit.graph.drafts``): it accuses nobody and clears nothing.
    """

    notation: ClassVar = Notation("an automation", "Write it as in {name: Welcome, entries: [...], steps: [...]}.")

    name: Annotated[str, Meta(description="The name it has in Kit.")]
    id: Annotated[Id | None, Meta(description="The number in its address, …/automations/1982218/edit.")] = None
    status: Annotated[
        AutomationStatus, Meta(description="Active when left out. Paused lets people in and holds them; inactive lets nobody in.")
    ] = AutomationStatus.ACTIVE
    note: Annotated[str, Key("notes"), Meta(description="What it is for.")] = ""
    recurring: Annotated[bool | None, Meta(description="True when the same people are meant to go through again.")] = None
    evergreen: Annotated[bool | None, Meta(description="True when no end is planned.")] = None
    draft: Annotated[
        DraftFrom | None,
        Meta(description="What it was made from without being compared with Kit's screens. It does not count until this line is gone."),
    ] = None
    entries: Annotated[tuple[Entry, ...], Meta(description="Any of them starts the automation.")] = ()
    steps: Annotated[tuple[AnyStep, ...], Meta(description="Steps, in order.")] = ()
    origin: Origin = Origin.DECLARED
    observed_id: str = ""

    @property
    def is_described(self) -> bool:
        """False for one of which only the name is known: with neither entries nor steps, what it does is unknown, not nothing."""
        return bool(self.entries or self.steps) or self.origin is Origin.OBSERVED

    @property
    def has_made_up_name(self) -> bool:
        """True for a draft whose name is not that of an automation in Kit, because timestamps tell none."""
        return self.draft is DraftFrom.TIMESTAMPS

    @property
    def ref(self) -> Ref:
        """This automation as a reference."""
        return Ref(Kind.AUTOMATION, self.name, self.id, location=self.location)

    @property
    def object(self) -> ObjectRef:
        """This automation as results name it."""
        return ObjectRef("automation", self.name, self.observed_id or self.id)


class RuleActionKind(enum.StrEnum):
    """Kit's seven rule actions, and what apps and older screens add: webhooks, and what an installed app does."""

    SUBSCRIBE_SEQUENCE = "subscribe_sequence"
    UNSUBSCRIBE_SEQUENCE = "unsubscribe_sequence"
    SUBSCRIBE_FORM = "subscribe_form"
    UNSUBSCRIBE_FORM = "unsubscribe_form"
    ADD_TAG = "add_tag"
    REMOVE_TAG = "remove_tag"
    SET_FIELD = "set_field"
    WEBHOOK = "webhook"
    APP_ACTION = "app_action"

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
    RuleActionKind.WEBHOOK: Effect.CALLS,
    RuleActionKind.APP_ACTION: Effect.CALLS,
}


_NO_EMAIL = "Kit's rules send no single email: write the sequence it is in, as in {subscribe_sequence: Welcome}."


class RuleAction(Part, frozen=True, kw_only=True):
    """One action of a rule. ``value`` is a field's new value."""

    kind: RuleActionKind
    ref: Ref
    value: str | None = None


Action: TypeAlias = Annotated[
    RuleAction,
    OneOf(
        Notation(
            "an action of a rule",
            "Write it as in {add_tag: VIP}.",
            also={
                "sequence": "subscribe_sequence",
                "add_to_sequence": "subscribe_sequence",
                "remove_from_sequence": "unsubscribe_sequence",
                "form": "subscribe_form",
                "add_to_form": "subscribe_form",
                "remove_from_form": "unsubscribe_form",
                "custom_field": "set_field",
            },
            answers={
                "tag": "Write “add_tag” or “remove_tag”.",
                "email": _NO_EMAIL,
                "send_email": _NO_EMAIL,
                "wait": "Kit's rules do not wait: automations do, with “delay”.",
                "delay": "Kit's rules do not wait: only automations do.",
                "unsubscribe": "Kit's rules unsubscribe nobody from everything: write “unsubscribe_sequence” or “unsubscribe_form”.",
                "start_automation": "Kit's rules start no automation directly: add the tag that starts it.",
            },
        ),
        {
            RuleActionKind.SUBSCRIBE_SEQUENCE: Annotated[SequenceRef, Meta(description="Subscribe to this sequence.")],
            RuleActionKind.UNSUBSCRIBE_SEQUENCE: Annotated[SequenceRef, Meta(description="Unsubscribe from this sequence.")],
            RuleActionKind.SUBSCRIBE_FORM: Annotated[FormRef, Meta(description="Subscribe to this form.")],
            RuleActionKind.UNSUBSCRIBE_FORM: Annotated[FormRef, Meta(description="Unsubscribe from this form.")],
            RuleActionKind.ADD_TAG: Annotated[TagRef, Meta(description="Add this tag.")],
            RuleActionKind.REMOVE_TAG: Annotated[TagRef, Meta(description="Remove this tag.")],
            RuleActionKind.SET_FIELD: Annotated[SetField, Meta(description="Set a custom field.")],
            RuleActionKind.WEBHOOK: Annotated[
                WebhookRef,
                Meta(description="Call this address. Secrets in it are not kept: leave them out, as in https://site.example/?key=."),
            ],
            RuleActionKind.APP_ACTION: Annotated[AppActionRef, Meta(description="What an installed app does, in its own words.")],
        },
    ),
]


class KitRule(Part, frozen=True, kw_only=True):
    """A rule of Kit's Rules screen: any trigger fires all actions. A rule needs no name."""

    notation: ClassVar = Notation("a rule", "Write it as in {when: [{tag_added: Customer}], do: [{add_tag: VIP}]}.")

    name: Annotated[str, Meta(description="A name for the reader.")] = ""
    enabled: Annotated[bool, Meta(description="False when it is switched off.")] = True
    when: Annotated[tuple[RuleTrigger, ...], Meta(min_length=1, description="Any of them fires the rule.")]
    do: Annotated[tuple[Action, ...], Meta(min_length=1, description="All of them are done.")]
    origin: Origin = Origin.DECLARED


class FormLink(Part, frozen=True, kw_only=True):
    """What a form does by itself, besides automations."""

    notation: ClassVar = Notation("a form link", "Write it as in {form: Free preview, sequence: Pitch}.")

    form: Annotated[FormRef, Meta(description="The form or landing page.")]
    sequence: Annotated[SequenceRef | None, Meta(description="The sequence the form subscribes people to.")] = None
    adds_tags: Annotated[TagRefs, Meta(description="Tags the form adds.")] = ()
    sets_fields: Annotated[FieldRefs, Meta(description="Custom fields the form fills.")] = ()
    double_opt_in: Annotated[bool | None, Meta(description="True when people confirm their address first.")] = None
    incentive_email: Annotated[bool | None, Meta(description="True when the form itself sends its incentive email.")] = None
    incentive_download: Annotated[
        str, Meta(description="What the button of the incentive email gives: an address, or the name of the uploaded file.")
    ] = ""


class IgnoreComment(msgspec.Struct, frozen=True):
    """``# ckaudit: ignore CK311 reason`` on a manifest line. It covers its own line and everything nested below it."""

    rules: tuple[str, ...]
    reason: str
    location: Location
    covers: tuple[int, int]


class Manifest(msgspec.Struct, frozen=True, dict=True):
    """One or more manifest files, resolved and merged.

    ``complete`` says that every automation, rule and integration is listed; only then may a rule say "nothing ever …" for certain.
    ``checked`` is the date (``YYYY-MM-DD``) somebody last compared it with the screen. ``lists_automations`` is False for one that says
    nothing about what moves people, such as a file with ``offerings`` alone; an empty list says that there are none. ``drafts`` are the
    names of the drafts that were set aside (``ckaudit.graph.drafts``).
    """

    notation: ClassVar = Notation("a manifest", "A manifest begins with “version: 1”; “automations:” and its other keys follow.")

    version: Annotated[Id, Meta(description="Version of the manifest's format; 1 is the only one.")] = VERSION
    files: tuple[str, ...] = ()
    complete: Annotated[bool, Meta(description="True when every automation, rule and integration of the account is listed.")] = False
    lists_automations: bool = True
    checked: Annotated[Date | None, Meta(description="The day somebody last compared this with Kit's screens.")] = None
    account: Annotated[Id | None, Meta(description="Number of the account. A manifest of another account is refused.")] = None
    automations: Annotated[tuple[Automation, ...], Meta(description="Visual automations.")] = ()
    rules: Annotated[tuple[KitRule, ...], Meta(description="Rules of Kit's Rules screen.")] = ()
    form_links: Annotated[tuple[FormLink, ...], Meta(description="What forms do by themselves.")] = ()
    external: Annotated[
        tuple[Integration, ...],
        Meta(description="Integrations: what else writes into the account, such as shops, sites, Zapier, bulk work by hand."),
    ] = ()
    segments: Annotated[tuple[SegmentFilter, ...], Meta(description="What segments are made of; Kit's API does not say.")] = ()
    offerings: Annotated[tuple[Offering, ...], Meta(description="What the tags mean for people's access.")] = ()
    ignores: tuple[IgnoreComment, ...] = ()
    references: tuple[Ref, ...] = ()
    drafts: tuple[str, ...] = ()

    @cached_property
    def undescribed(self) -> tuple[Automation, ...]:
        """The automations of which only the name is known, and which are not switched off."""
        return tuple(item for item in self.automations if not item.is_described and item.status is not AutomationStatus.INACTIVE)

    @property
    def has_names_only(self) -> bool:
        """True when all it says about what moves people are names of automations: nothing can be judged by that."""
        says = any(item.is_described for item in self.automations) or self.rules or self.form_links or self.external
        return bool(self.undescribed) and not says
