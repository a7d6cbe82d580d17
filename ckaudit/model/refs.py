"""Names for the things of an account: an object's key in the graph, and a reference to it in a file."""

from __future__ import annotations

import enum
from functools import cached_property
from typing import NamedTuple

import msgspec

from ckaudit.model.errors import Location


class Kind(enum.StrEnum):
    """What a node of the account graph is. The first group has ids in Kit's API, the second lives in the manifest."""

    ACCOUNT = "account"
    TAG = "tag"
    FORM = "form"
    SEQUENCE = "sequence"
    EMAIL = "email"
    FIELD = "field"
    SEGMENT = "segment"
    SNIPPET = "snippet"
    WEBHOOK = "webhook"
    TEMPLATE = "template"
    BROADCAST = "broadcast"
    ADDRESS = "address"

    AUTOMATION = "automation"
    RULE = "rule"
    EXTERNAL = "external"
    PRODUCT = "product"
    OFFERING = "offering"
    LINK = "link"
    DATE = "date"
    APP_EVENT = "app_event"
    APP_ACTION = "app_action"
    ENTRY = "va_entry"
    ACTION = "va_action"
    CONDITION = "va_condition"
    EVENT = "va_event"


class Key(NamedTuple):
    """A node of the account graph. ``id`` is Kit's id (64-bit) or, where the API has none, the exact name."""

    kind: Kind
    id: int | str

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}"


class Ref(msgspec.Struct, frozen=True, dict=True):
    """A reference to an object as somebody wrote it, resolved against the snapshot.

    ``id`` is None when the API lists no such object (an unknown name, a product, or no snapshot at all): then the name stands for
    itself. ``known`` is False only when a snapshot was there and did not have it. ``lost`` is the path of a field of the object that could
    not be read.
    """

    kind: Kind
    name: str
    id: int | None = None
    known: bool = True
    location: Location | None = None
    lost: str = ""

    @cached_property
    def key(self) -> Key:
        """The node of the graph this reference means."""
        return Key(self.kind, self.name if self.id is None else self.id)

    @property
    def object(self) -> ObjectRef:
        """What it means, as results name it."""
        return ObjectRef(self.kind, self.name, self.id)


class ObjectRef(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """An object as results name it: ``{"kind": "tag", "id": 11, "name": "Customer"}``."""

    kind: str
    name: str
    id: int | str | None = None

    @property
    def key(self) -> Key:
        """Its node in the account graph."""
        return Key(Kind(self.kind), self.name if self.id is None else self.id)

    def __str__(self) -> str:
        return f"{self.kind} “{self.name}”"
