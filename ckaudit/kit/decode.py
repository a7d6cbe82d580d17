"""Kit's JSON -> the model, object by object: what is odd is reported with its path and left out, the rest is kept.

Shared by the live pull and by snapshots, whose objects have the same field names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

import msgspec

from ckaudit.kit.redact import Labels, redact_text, redact_url
from ckaudit.kit.repair import repair
from ckaudit.model.account import (
    AccountInfo,
    BadObject,
    Broadcast,
    CustomField,
    EmailTemplate,
    Form,
    SectionName,
    SectionState,
    SectionStatus,
    Segment,
    Sequence,
    SequenceEmail,
    Snippet,
    Tag,
    Webhook,
    WebhookEndpoint,
)

KitObject = (
    AccountInfo
    | Tag
    | Form
    | Sequence
    | SequenceEmail
    | CustomField
    | Snippet
    | Webhook
    | WebhookEndpoint
    | Segment
    | EmailTemplate
    | Broadcast
)
T = TypeVar("T")
_NO_JSON = "not valid JSON text"

OBJECT_TYPES: dict[SectionName, type[KitObject]] = {
    SectionName.ACCOUNT: AccountInfo,
    SectionName.TAGS: Tag,
    SectionName.FORMS: Form,
    SectionName.SEQUENCES: Sequence,
    SectionName.SEQUENCE_EMAILS: SequenceEmail,
    SectionName.CUSTOM_FIELDS: CustomField,
    SectionName.SNIPPETS: Snippet,
    SectionName.WEBHOOKS: Webhook,
    SectionName.WEBHOOK_ENDPOINTS: WebhookEndpoint,
    SectionName.SEGMENTS: Segment,
    SectionName.EMAIL_TEMPLATES: EmailTemplate,
    SectionName.BROADCASTS: Broadcast,
}


class Decoded(msgspec.Struct, frozen=True):
    """What came out of a list: the good objects in stored order, each id once, secrets replaced; and what was odd.

    ``bad``: the objects and single fields that were left out. ``unreadable``: those of them that are whole objects.
    """

    section: SectionName
    objects: tuple[KitObject, ...] = ()
    bad: tuple[BadObject, ...] = ()
    unreadable: tuple[BadObject, ...] = ()

    def state(self, read: SectionState) -> SectionState:
        """How far the section is known, of which ``read`` came: not completely, when an object of it could not be read."""
        if read.status is not SectionStatus.COMPLETE or not self.unreadable:
            return read
        first, total = self.unreadable[0], len(self.objects) + len(self.unreadable)
        what = self.section.replace("_", " ")
        reason = f"{len(self.unreadable)} of {total} {what} could not be read, first {first.path}: {first.reason}"
        return SectionState(SectionStatus.PARTIAL, reason)


def decode_list(section: SectionName, raws: Iterable[msgspec.Raw], path: str) -> Decoded:
    """Decode the objects of one section. ``path`` names the list in reports of what is odd: ``tags`` gives ``tags[3].name``."""
    kind = OBJECT_TYPES[section]
    objects: dict[int, KitObject] = {}
    bad: list[BadObject] = []
    unreadable: list[BadObject] = []
    for index, raw in enumerate(raws):
        decoded, odd = _decode_or_repair(kind, raw, path if section is SectionName.ACCOUNT else f"{path}[{index}]")
        bad += odd if decoded is None else (msgspec.structs.replace(item, id=decoded.id) for item in odd)
        if decoded is None:
            unreadable += odd
        else:
            objects.setdefault(decoded.id, decoded)
    return Decoded(section, redacted(in_order(objects.values())), tuple(bad), tuple(unreadable))


def _decode_or_repair(kind: type[T], raw: msgspec.Raw, path: str) -> tuple[T | None, tuple[BadObject, ...]]:
    """One object and the fields it lost, or none and why."""
    try:
        try:
            return msgspec.json.decode(raw, type=kind), ()
        except msgspec.ValidationError:
            return repair(kind, _without_nulls(msgspec.json.decode(raw)), path)
    except (ValueError, RecursionError):
        return None, (BadObject(path, _NO_JSON),)


def decode_object(kind: type[T], raw: bytes | msgspec.Raw, path: str) -> T | BadObject:
    """One object as it is, or what is wrong with it. A null where the model has no null counts as an absent key."""
    try:
        try:
            return msgspec.json.decode(raw, type=kind)
        except msgspec.ValidationError:
            return msgspec.convert(_without_nulls(msgspec.json.decode(raw)), type=kind)
    except msgspec.ValidationError as error:
        reason, _, where = str(error).partition(" - at `$")
        return BadObject(path + where.rstrip("`"), reason.replace("`", ""))
    except (ValueError, RecursionError):
        return BadObject(path, _NO_JSON)


def _without_nulls(value: object) -> object:
    if isinstance(value, dict):
        return {key: _without_nulls(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_without_nulls(item) for item in value]
    return value


def in_order(objects: Iterable[KitObject]) -> tuple[KitObject, ...]:
    """Stored order: by id, emails by sequence, position (unknown last) and id."""
    return tuple(sorted(objects, key=_order))


def _order(item: KitObject) -> tuple[int, bool, int, int]:
    if isinstance(item, SequenceEmail):
        return item.sequence_id, item.position is None, item.position or 0, item.id
    return 0, False, 0, item.id


def redacted(objects: tuple[KitObject, ...]) -> tuple[KitObject, ...]:
    """The same objects with the secrets of webhook addresses replaced; labels are numbered in the order given."""
    labels = Labels()
    return tuple(_redacted(item, labels) for item in objects)


def _redacted(item: KitObject, labels: Labels) -> KitObject:
    if isinstance(item, Webhook):
        url = redact_url(item.target_url, labels)
        link = _maybe(item.event.initiator_value, lambda text: redact_url(text, labels))
        return msgspec.structs.replace(item, target_url=url, event=msgspec.structs.replace(item.event, initiator_value=link))
    if isinstance(item, WebhookEndpoint):
        url = redact_url(item.url, labels)
        name = _maybe(item.name, lambda text: redact_text(text, labels))
        description = _maybe(item.description, lambda text: redact_text(text, labels))
        return msgspec.structs.replace(item, url=url, name=name, description=description)
    return item


def _maybe(text: str | None, change: Callable[[str], str]) -> str | None:
    return None if text is None else change(text)
