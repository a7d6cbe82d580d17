"""How a manifest writes a struct. Its annotations are the one description from which ``ckaudit.sources.manifest`` makes the reader, the
JSON Schema and the reference page.

A field with a ``Meta(description=…)`` is a key of the file; without a default it is required. The type says what may be written, and
these say what a type cannot.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Annotated, Any, TypeAlias

import msgspec
from msgspec import Meta

from ckaudit.model.errors import Location
from ckaudit.model.refs import Kind, Ref


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """What every part of a manifest has: its place, and the owner's note."""

    location: Location | None = None
    note: str = ""


class Notation(msgspec.Struct, frozen=True):
    """What people call a part, as in “an offering”, and what to do when it is written wrongly.

    ``also`` are other words for its keys, such as those of Kit's screens: they are understood. ``answers`` say what to write instead of
    words that people try and that mean nothing here.
    """

    name: str
    hint: str
    also: Mapping[str, str] = {}
    answers: Mapping[str, str] = {}


class Key(msgspec.Struct, frozen=True):
    """The key of a field that is not the field's name."""

    name: str


class RefTo(msgspec.Struct, frozen=True):
    """The objects a reference may name."""

    kind: Kind


class OneOf(msgspec.Struct, frozen=True, eq=False):
    """A mapping of one key, which says the ``kind`` of the struct; ``keys`` has the annotated type of the value behind each."""

    notation: Notation
    keys: Mapping[enum.StrEnum, Any]


class Written(enum.Enum):
    """What a text or number is, where its type does not say."""

    DATE = "a date such as 2026-11-20"
    DURATION = "a number of minutes, hours, days or weeks"
    FIELD_VALUE = "anything but nothing, taken as it is written: Kit's fields hold text"
    HOST = "a host such as members.example.com"
    STACK = "the name of a stack"
    PRICE = "an amount and its currency, such as 290 dollars"
    OR_ANY = "or the word any, which means all of them"
    BESIDE = "a key of the step itself, not of the value behind the step's name"


TagRef: TypeAlias = Annotated[Ref, RefTo(Kind.TAG)]
FormRef: TypeAlias = Annotated[Ref, RefTo(Kind.FORM)]
SequenceRef: TypeAlias = Annotated[Ref, RefTo(Kind.SEQUENCE)]
FieldRef: TypeAlias = Annotated[Ref, RefTo(Kind.FIELD)]
AutomationRef: TypeAlias = Annotated[Ref, RefTo(Kind.AUTOMATION)]
SegmentRef: TypeAlias = Annotated[Ref, RefTo(Kind.SEGMENT)]
ProductRef: TypeAlias = Annotated[Ref, RefTo(Kind.PRODUCT)]
AppActionRef: TypeAlias = Annotated[Ref, RefTo(Kind.APP_ACTION)]
WebhookRef: TypeAlias = Annotated[Ref, RefTo(Kind.WEBHOOK)]

TagRefs: TypeAlias = tuple[TagRef, ...]
FormRefs: TypeAlias = tuple[FormRef, ...]
SequenceRefs: TypeAlias = tuple[SequenceRef, ...]
FieldRefs: TypeAlias = tuple[FieldRef, ...]

Id: TypeAlias = Annotated[int, Meta(ge=1)]
Date: TypeAlias = Annotated[str, Written.DATE]
Seconds: TypeAlias = Annotated[int, Written.DURATION]
FieldValue: TypeAlias = Annotated[str, Written.FIELD_VALUE]
