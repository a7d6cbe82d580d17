"""What sets automations and rules off, and what goals wait for, as the manifest states it. A new trigger is one line of ``_TRIGGERS``.

Words are those of Kit's screens. Semantics are Kit's (help article 2502670, events).
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, TypeAlias

import msgspec
from msgspec import Meta

from ckaudit.model.notation import Date, FieldRef, FieldValue, FormRef, Key, Notation, OneOf, Part, ProductRef, SequenceRef, TagRef, Written
from ckaudit.model.refs import Key as ObjectKey
from ckaudit.model.refs import Kind, Ref


class TriggerKind(enum.StrEnum):
    """What can start an automation, meet an event or fire a rule."""

    JOINS_FORM = "joins_form"
    TAG_ADDED = "tag_added"
    TAG_REMOVED = "tag_removed"
    FIELD_CHANGED = "field_changed"
    PURCHASES = "purchases"
    APP_EVENT = "app_event"
    DATE = "date"
    SUBSCRIBES_TO_SEQUENCE = "subscribes_to_sequence"
    COMPLETES_SEQUENCE = "completes_sequence"
    CLICKS_LINK = "clicks_link"


class Trigger(Part, frozen=True, kw_only=True):
    """Something that happens to a person: an entry, an event or a rule's trigger.

    ``ref`` is the form (None for "any form"), tag, field, product or sequence; ``value`` the field's new value (None: any change),
    the date (``YYYY-MM-DD``), the link address or the app's own words.
    """

    kind: TriggerKind
    ref: Ref | None = None
    value: str | None = None

    @property
    def target(self) -> ObjectKey | None:
        """The object it is about, None for any form, a link, a date or an app's event."""
        return self.ref.key if self.ref else None

    def matches(self, kind: TriggerKind, key: ObjectKey) -> bool:
        """True when this is what it waits for. "Any form" waits for every form."""
        if self.kind is not kind:
            return False
        if self.ref is None:
            return kind is TriggerKind.JOINS_FORM and key.kind is Kind.FORM
        return self.ref.key == key


class FieldChange(msgspec.Struct, frozen=True):
    """The value behind ``field_changed``."""

    notation: ClassVar = Notation("“field_changed”", "Write it as in field_changed: {field: country, to: Spain}; “to” may be left out.")

    field: Annotated[FieldRef, Meta(description="The custom field.")]
    value: Annotated[FieldValue | None, Key("to"), Meta(description="The new value; any when left out.")] = None


_TRIGGERS: Mapping[TriggerKind, Any] = {
    TriggerKind.JOINS_FORM: Annotated[FormRef, Written.OR_ANY, Meta(description="Joins this form or landing page; “any” means any form.")],
    TriggerKind.TAG_ADDED: Annotated[TagRef, Meta(description="This tag is added.")],
    TriggerKind.TAG_REMOVED: Annotated[TagRef, Meta(description="This tag is removed.")],
    TriggerKind.FIELD_CHANGED: Annotated[FieldChange, Meta(description="This custom field changes.")],
    TriggerKind.PURCHASES: Annotated[ProductRef, Meta(description="Purchases the product of this name.")],
    TriggerKind.APP_EVENT: Annotated[str, Meta(description="What an app reports, in its own words.")],
    TriggerKind.DATE: Annotated[Date, Meta(description="This date occurs, such as 2026-12-24.")],
    TriggerKind.SUBSCRIBES_TO_SEQUENCE: Annotated[SequenceRef, Meta(description="Subscribes to this sequence.")],
    TriggerKind.COMPLETES_SEQUENCE: Annotated[SequenceRef, Meta(description="Completes this sequence.")],
    TriggerKind.CLICKS_LINK: Annotated[str, Meta(description="Clicks the link with this address.")],
}


# what people write for some of them
_ALSO = {"form": "joins_form", "tag": "tag_added", "product": "purchases", "custom_field": "field_changed"}
_ANSWERS = {
    "sequence": "Only rules start on a sequence: with “subscribes_to_sequence” or “completes_sequence”.",
    "completes_sequence": "Only rules start on a sequence: write a rule that adds a tag, and the tag here.",
    "clicks_link": "Only rules start on a click: write a rule that adds a tag, and the tag here.",
    "link": "Only rules start on a click, with “clicks_link”.",
    "segment": "Nothing in Kit starts on a segment.",
    "webhook": "Nothing in Kit starts on a webhook: write what it does under “external”, and the tag it adds here.",
}


def _triggers(name: str, *words: str) -> OneOf:
    keys: dict[enum.StrEnum, Any] = {kind: _TRIGGERS[kind] for kind in map(TriggerKind, words)}
    also = {word: key for word, key in _ALSO.items() if key in words}
    answers = {word: answer for word, answer in _ANSWERS.items() if word not in words}
    return OneOf(Notation(name, "Write it as in {tag_added: Customer}.", also=also, answers=answers), keys)


Entry: TypeAlias = Annotated[Trigger, _triggers("an entry", "joins_form", "tag_added", "field_changed", "purchases", "app_event")]
Goal: TypeAlias = Annotated[Trigger, _triggers("an event", "tag_added", "tag_removed", "purchases", "field_changed", "date", "app_event")]
RuleTrigger: TypeAlias = Annotated[
    Trigger,
    _triggers(
        "a trigger of a rule",
        "subscribes_to_sequence",
        "completes_sequence",
        "joins_form",
        "clicks_link",
        "tag_added",
        "tag_removed",
        "purchases",
        "app_event",
    ),
]
