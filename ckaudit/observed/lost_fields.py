"""Fields that could not be read, with the other value each may have had: what rests on one of them is not known.

Only fields that something rests on are here. A lost date or statistic leaves what an account does as it is; neither is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from ckaudit.graph.graph import Graph
from ckaudit.model.account import Account, BadObject, Exclusion, SectionName
from ckaudit.model.refs import Kind, Ref

_PLACE = re.compile(r"([a-z_]+)(?:\[\d+\])*\.([a-z_]+)(?:\[(\d+)\]\.([a-z_]+))?")
_KINDS = {
    SectionName.ACCOUNT: Kind.ACCOUNT,
    SectionName.FORMS: Kind.FORM,
    SectionName.SEQUENCES: Kind.SEQUENCE,
    SectionName.SEQUENCE_EMAILS: Kind.EMAIL,
    SectionName.SNIPPETS: Kind.SNIPPET,
}
_FLAGS = ("published", "hold", "repeat", "archived", "is_default", "is_verified", "is_dmarc_configured")
_OTHERS: dict[str, object] = {
    "active": False,
    "delay_value": 60,
    "delay_unit": "hours",
    "send_days": ("monday",),
    "send_hour": 3,
    "time_zone": "Pacific/Auckland",
    "email_address": "unread@unread.invalid",
}


class LostField(msgspec.Struct, frozen=True):
    """A field of an object that is there. ``number`` and ``inner`` are given for one of a list of parts, such as sending addresses."""

    section: SectionName
    id: int
    name: str
    number: int | None
    inner: str
    path: str


def lost_fields(account: Account) -> tuple[LostField, ...]:
    """The fields without which something is not known."""
    found = (_lost(item) for item in account.bad_objects)
    return (*(item for item in found if item), *_unknown_units(account))


def _unknown_units(account: Account) -> Iterator[LostField]:
    """Emails that wait so many of something that nobody has described."""
    for email in account.sequence_emails:
        if email.delay_unit not in (None, "days", "hours"):
            path = f"the delay unit “{email.delay_unit}”"
            yield LostField(SectionName.SEQUENCE_EMAILS, email.id, "delay_unit", None, "", path)


def _lost(item: BadObject) -> LostField | None:
    place = _PLACE.match(item.path)
    if item.id is None or place is None or place[1] not in tuple(_KINDS):
        return None
    decisive = place[4] or place[2]
    if decisive not in (*_FLAGS, *_OTHERS, "content", "exclude_subscriber_sources") and place[2] != "exclude_subscriber_sources":
        return None
    number = int(place[3]) if place[3] and place[2] == "sending_addresses" else None
    return LostField(SectionName(place[1]), item.id, place[2], number, place[4] if number is not None else "", item.path)


def refs_of(account: Account, lost: tuple[LostField, ...]) -> tuple[Ref, ...]:
    """These fields as what a rule could not judge for."""
    names = {(section, item.id): _name(item) for section in _KINDS for item in _objects(account, section)}
    return tuple(Ref(_KINDS[item.section], names.get((item.section, item.id), ""), item.id, lost=item.path) for item in lost)


def otherwise(graph: Graph, lost: tuple[LostField, ...], *, bare: bool = False) -> Account:
    """The account in which each of these fields has its other value. A lost text lacks nothing, or (``bare``) everything."""
    account = graph.account
    for section in dict.fromkeys(item.section for item in lost):
        fields = [item for item in lost if item.section is section]
        changed = tuple(_changed(graph, item, fields, bare) for item in _objects(account, section))
        part: dict[str, Any] = {"info": changed[0] if changed else None} if section is SectionName.ACCOUNT else {str(section): changed}
        account = msgspec.structs.replace(account, **part)
    return account


def _objects(account: Account, section: SectionName) -> tuple[Any, ...]:
    if section is SectionName.ACCOUNT:
        return (account.info,) if account.info else ()
    found: tuple[Any, ...] = getattr(account, section)
    return found


def _changed(graph: Graph, item: Any, fields: list[LostField], bare: bool) -> Any:
    for lost in fields:
        if lost.id != item.id:
            continue
        old = getattr(item, lost.name)
        if lost.number is None:
            item = msgspec.structs.replace(item, **{lost.name: _other(graph, lost.name, old, bare)})
        elif old and lost.number < len(old):
            part = old[lost.number]
            part = msgspec.structs.replace(part, **{lost.inner: _other(graph, lost.inner, getattr(part, lost.inner), bare)})
            item = msgspec.structs.replace(item, **{lost.name: (*old[: lost.number], part, *old[lost.number + 1 :])})
    return item


def _other(graph: Graph, name: str, value: object, bare: bool) -> object:
    if name in _FLAGS:
        return not value
    if name == "content":
        return "<p>Hello.</p>" if bare else "".join(_letter(graph))
    if name == "exclude_subscriber_sources":
        account = graph.account
        groups = (("tag", account.tags), ("form", account.forms), ("sequence", account.sequences), ("segment", account.segments))
        return tuple(Exclusion(kind, tuple(item.id for item in items)) for kind, items in groups if items)
    return _OTHERS.get(name, value)


def _letter(graph: Graph) -> Iterator[str]:
    """The text of an email that lacks nothing."""
    yield from (
        f'<p><a href="https://{host}/login/">Log in</a> with {{{{ subscriber.email_address }}}}.</p>' for host in graph.membership_hosts
    )
    yield '<p><a href="{{ subscriber_preferences_url }}">Preferences</a> <a href="{{ unsubscribe_url }}">Unsubscribe</a></p>'


def _name(item: Any) -> str:
    return str(getattr(item, "name", None) or getattr(item, "subject", None) or "")
