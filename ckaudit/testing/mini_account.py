"""Mini accounts: an account in a few lines, for the cases of rules. Everything not given is plausible (see ``DEFAULTS`` below).

An object is its name, or a mapping with the API's field names. Sequences carry their ``emails`` and may say ``excludes: [{tag: NAME}]``;
webhooks say ``tag:``, ``form:``, ``sequence:`` or ``field:`` with a name. What the manifest, a webhook or an exclusion names and the
account does not list is created, unless it is listed under ``absent``. Ids count from 1 per kind unless given.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias

import msgspec

from ckaudit.kit.decode import OBJECT_TYPES, KitObject, in_order, redacted
from ckaudit.model.account import Account, SectionName, SectionState, SectionStatus
from ckaudit.model.refs import Kind, Ref
from ckaudit.sources.snapshot import account_of
from ckaudit.sources.yaml.tree import Mapping as MappingNode
from ckaudit.sources.yaml.tree import Node, Plain, is_nothing, plain
from ckaudit.testing.case_file import error_at, items_of, mapping_of, text_of

CREATED = "2026-01-01T00:00:00Z"
WEEK = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
ADDRESS = "hello@example.com"

PLANS: Mapping[str, dict[str, Plain]] = {
    "free": {"plan_type": "free", "interval": "month", "subscriber_limit": 1000, "on_trial": False},
    "creator": {
        "plan_type": "creator",
        "interval": "month",
        "subscriber_limit": 1000,
        "on_trial": False,
        "renews_at": "2026-12-01T00:00:00Z",
    },
}

# What an object has unless the case says otherwise, by section.
DEFAULTS: Mapping[SectionName, dict[str, Plain]] = {
    SectionName.TAGS: {"created_at": CREATED, "subscriber_count": 0},
    SectionName.FORMS: {"created_at": CREATED, "type": "embed", "format": "inline", "archived": False, "subscriber_count": 0},
    SectionName.SEQUENCES: {
        "hold": False,
        "repeat": False,
        "created_at": CREATED,
        "updated_at": CREATED,
        "send_days": list(WEEK),
        "send_hour": 9,
        "time_zone": "UTC",
        "active": True,
        "subscriber_count": 0,
    },
    SectionName.SEQUENCE_EMAILS: {"published": True, "preview_text": "", "delay_unit": "days", "content": "<p>Hello.</p>"},
    SectionName.CUSTOM_FIELDS: {},
    SectionName.SNIPPETS: {"snippet_type": "inline", "created_at": CREATED, "content": "Hello."},
    SectionName.WEBHOOKS: {},
    SectionName.WEBHOOK_ENDPOINTS: {"events": [], "status": "active", "source": "creator", "created_at": CREATED},
    SectionName.SEGMENTS: {"created_at": CREATED},
    SectionName.EMAIL_TEMPLATES: {"is_default": False, "category": "HTML"},
    SectionName.BROADCASTS: {"status": "completed", "created_at": CREATED, "public": False},
}

# The key that a plain text stands for.
NAME_KEYS: Mapping[SectionName, str] = {
    SectionName.SEQUENCE_EMAILS: "subject",
    SectionName.BROADCASTS: "subject",
    SectionName.CUSTOM_FIELDS: "key",
    SectionName.WEBHOOK_ENDPOINTS: "url",
}

SECTIONS: Mapping[Kind, SectionName] = {
    Kind.TAG: SectionName.TAGS,
    Kind.FORM: SectionName.FORMS,
    Kind.SEQUENCE: SectionName.SEQUENCES,
    Kind.FIELD: SectionName.CUSTOM_FIELDS,
    Kind.SEGMENT: SectionName.SEGMENTS,
    Kind.SNIPPET: SectionName.SNIPPETS,
}

# How a webhook names its object: its event unless stated, and the key of the id.
_HOOKED: Mapping[str, tuple[Kind, str, str]] = {
    "tag": (Kind.TAG, "tag_add", "tag_id"),
    "form": (Kind.FORM, "form_subscribe", "form_id"),
    "sequence": (Kind.SEQUENCE, "course_subscribe", "sequence_id"),
    "field": (Kind.FIELD, "field_value_updated", "custom_field_id"),
}
# Keys of the notation that the API does not have.
_SHORTHANDS: Mapping[SectionName, tuple[str, ...]] = {
    SectionName.SEQUENCES: ("emails", "excludes"),
    SectionName.WEBHOOKS: (*_HOOKED, "link", "url"),
}
_LISTS = tuple(str(name) for name in DEFAULTS if name is not SectionName.SEQUENCE_EMAILS)
_ACCOUNT_KEYS = ("id", "name", "plan", "created_at", "timezone", "sending_addresses", "subscriber_count")
_MINI_KEYS = (*_ACCOUNT_KEYS, *_LISTS, "refused", "absent")

Draft: TypeAlias = tuple[dict[str, Plain], Node]


class _Builder:
    """One account in the making: the objects of each section as the API would send them, and the node each came from."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.parts = {} if is_nothing(node) else mapping_of(node, "account", _MINI_KEYS)
        self.drafts: dict[SectionName, list[Draft]] = {name: [] for name in DEFAULTS}

    def read(self, name: SectionName, items: Iterable[Node], extra: tuple[str, ...] = ()) -> list[Draft]:
        """Read the objects of a section and number those without an id."""
        what = f"an object of {name}"
        fields = OBJECT_TYPES[name].__struct_fields__
        drafts = self.drafts[name]
        for item in items:
            if isinstance(item, MappingNode):
                given = {key: plain(node) for key, node in mapping_of(item, what, (*fields, *extra)).items()}
            else:
                given = {NAME_KEYS.get(name, "name"): text_of(item, what)}
            drafts.append((DEFAULTS[name] | given, item))
        return drafts

    def create(self, kind: Kind, name: str, number: int | None = None) -> None:
        """Add an object that something names, unless it is there or listed under ``absent``."""
        section = SECTIONS[kind]
        if self.find(kind, name, number) is None and name not in self.absent():
            given: dict[str, Plain] = _field(name) if kind is Kind.FIELD else {"name": name}
            self.drafts[section].append((DEFAULTS[section] | given | ({"id": number} if number is not None else {}), self.node))

    def find(self, kind: Kind, name: str, number: int | None = None) -> dict[str, Plain] | None:
        """The object with this name (a field's key or label) or id."""
        for draft, _ in self.drafts[SECTIONS[kind]]:
            if (number is not None and draft.get("id") == number) or name in (draft.get("name"), draft.get("key"), draft.get("label")):
                return draft
        return None

    def number(self, name: SectionName) -> None:
        """Give ids to the objects that have none."""
        used = {draft.get("id") for draft, _ in self.drafts[name]}
        following = 1
        for draft, _ in self.drafts[name]:
            while "id" not in draft and following in used:
                following += 1
            if "id" not in draft:
                draft["id"] = following
                used.add(following)

    def absent(self) -> tuple[str, ...]:
        """Names that must not be created."""
        node = self.parts.get("absent")
        return tuple(text_of(item, "absent") for item in items_of(node, "absent")) if node else ()


def build_account(node: Node, references: Iterable[Ref] = ()) -> Account:
    """The account of a case. ``references`` are those of its manifest, read without an account.

    Raises:
        RuleFileError: the notation is wrong; says where.
    """
    builder = _Builder(node)
    for name in DEFAULTS:
        if name in builder.parts:
            builder.read(name, items_of(builder.parts[name], name), _SHORTHANDS.get(name, ()))
    _create_named(builder, references)
    for name in DEFAULTS:
        builder.number(name)
    _resolve_sequences(builder)
    _resolve_webhooks(builder)
    _finish_names(builder)
    drafts = {SectionName.ACCOUNT: [_head(builder)], **builder.drafts}
    refused = _refused(builder)
    objects = {name: redacted(in_order(_convert(name, draft) for draft in items)) for name, items in drafts.items() if name not in refused}
    complete = {name: SectionState(SectionStatus.COMPLETE) for name in SectionName}
    return account_of(objects, complete | refused, ())


def _refused(builder: _Builder) -> dict[SectionName, SectionState]:
    """The sections Kit refuses in this case, with the reason."""
    node = builder.parts.get("refused")
    if node is None:
        return {}
    reasons = mapping_of(node, "refused", tuple(SectionName)).items()
    return {SectionName(key): SectionState(SectionStatus.REFUSED, text_of(reason, "the reason")) for key, reason in reasons}


def _create_named(builder: _Builder, references: Iterable[Ref]) -> None:
    for ref in references:
        if ref.kind in SECTIONS:
            builder.create(ref.kind, ref.name, ref.id)
    for draft, item in builder.drafts[SectionName.WEBHOOKS]:
        for word, (kind, _, _) in _HOOKED.items():
            if word in draft:
                builder.create(kind, text_of(mapping_of(item, "a webhook")[word], word))
    for draft, item in builder.drafts[SectionName.SEQUENCES][:]:
        if "excludes" in draft:
            for kind, name in _exclusions(item):
                builder.create(kind, name)


def _exclusions(item: Node) -> list[tuple[Kind, str]]:
    found = []
    for part in items_of(mapping_of(item, "a sequence")["excludes"], "excludes"):
        named = mapping_of(part, "an exclusion", ("tag", "sequence", "form", "segment"))
        found += [(Kind(word), text_of(name, word)) for word, name in named.items()]
    return found


def _resolve_sequences(builder: _Builder) -> None:
    """Turn the ``emails`` and ``excludes`` of sequences into what the API sends."""
    for draft, item in builder.drafts[SectionName.SEQUENCES]:
        if draft.pop("excludes", None):
            excluded: list[Plain] = [{"type": str(kind), "ids": [_id(builder, item, kind, name)]} for kind, name in _exclusions(item)]
            draft["exclude_subscriber_sources"] = excluded
        draft.setdefault("exclude_subscriber_sources", [])
        first = len(builder.drafts[SectionName.SEQUENCE_EMAILS])
        if "emails" in draft:
            del draft["emails"]
            builder.read(SectionName.SEQUENCE_EMAILS, items_of(mapping_of(item, "a sequence")["emails"], "emails"))
        else:
            builder.drafts[SectionName.SEQUENCE_EMAILS].append((dict(DEFAULTS[SectionName.SEQUENCE_EMAILS]), item))
        emails = builder.drafts[SectionName.SEQUENCE_EMAILS][first:]
        draft.setdefault("email_count", len(emails))
        for position, (email, _) in enumerate(emails):
            email.update({"sequence_id": draft["id"]} | {"position": position, "delay_value": min(position, 1)} | email)
            email.setdefault("subject", f"Email {position + 1}")
            email.setdefault("send_days", None if email["delay_unit"] == "hours" else list(WEEK))
    builder.number(SectionName.SEQUENCE_EMAILS)


def _resolve_webhooks(builder: _Builder) -> None:
    """Turn ``{tag: NAME, url: …}`` into what the API sends."""
    for draft, item in builder.drafts[SectionName.WEBHOOKS]:
        event: dict[str, Plain] = {}
        for word, (kind, name, key) in _HOOKED.items():
            if word in draft:
                event |= {"name": name, key: _id(builder, item, kind, str(draft.pop(word)))}
        if "link" in draft:
            event |= {"name": "link_click", "initiator_value": draft.pop("link")}
        given = draft.get("event")
        draft["event"] = event | (given if isinstance(given, dict) else {"name": given} if given else {})
        draft["target_url"] = draft.pop("url", draft.get("target_url", "https://members.example.com/"))
        draft.setdefault("account_id", 1)


def _finish_names(builder: _Builder) -> None:
    """What follows from a name: a field's label, a snippet's key, an endpoint's name."""
    for draft, _ in builder.drafts[SectionName.CUSTOM_FIELDS]:
        draft.setdefault("label", draft.get("key"))
        draft.setdefault("name", f"ck_field_{draft['id']}_{draft.get('key')}")
    for draft, _ in builder.drafts[SectionName.SNIPPETS]:
        draft.setdefault("key", _slug(str(draft.get("name"))))
    for draft, _ in builder.drafts[SectionName.WEBHOOK_ENDPOINTS]:
        draft.setdefault("name", f"Endpoint {draft['id']}")


def _id(builder: _Builder, item: Node, kind: Kind, name: str) -> Plain:
    found = builder.find(kind, name)
    if found is None:
        raise error_at(item, f"{kind} “{name}” is named here and listed under “absent”", "Give the object by its id instead.")
    return found["id"]


def _field(name: str) -> dict[str, Plain]:
    return {"key": _slug(name), "label": name}


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_") or "field"


def _convert(name: SectionName, draft: Draft) -> KitObject:
    data, node = draft
    try:
        return msgspec.convert(data, OBJECT_TYPES[name])
    except msgspec.ValidationError as error:
        raise error_at(node, f"this is not an object of {name}: {error}") from None


def _head(builder: _Builder) -> Draft:
    """The account section as the API would send it."""
    given = {key: plain(builder.parts[key]) for key in _ACCOUNT_KEYS if key in builder.parts}
    plan = given.pop("plan", "creator")
    if isinstance(plan, str):
        if plan not in PLANS:
            hint = f"Possible are {', '.join(PLANS)}, or a mapping with the API's keys."
            raise error_at(builder.parts["plan"], f"“{plan}” is not a plan", hint)
        plan = PLANS[plan]
    elif isinstance(plan, dict):
        plan = PLANS["creator"] | plan
    zone = given.pop("timezone", "UTC")
    addresses = given.pop("sending_addresses", [ADDRESS])
    data: dict[str, Plain] = {
        "id": 1,
        "name": "Test account",
        "created_at": CREATED,
        "plan_type": plan["plan_type"] if isinstance(plan, dict) else None,
        "plan": plan,
        "timezone": {"name": zone} if isinstance(zone, str) else zone,
        "sending_addresses": _addresses(addresses),
        "subscriber_count": max(_counts(builder), default=0),
        **given,
    }
    return data, builder.node


def _counts(builder: _Builder) -> Iterator[int]:
    """How many people the tags and forms have."""
    for name in (SectionName.TAGS, SectionName.FORMS):
        yield from (count for draft, _ in builder.drafts[name] if isinstance(count := draft.get("subscriber_count"), int))


def _addresses(given: Plain) -> Plain:
    if not isinstance(given, list):
        return given
    found: list[Plain] = []
    for index, item in enumerate(given):
        plain: dict[str, Plain] = item if isinstance(item, dict) else {"email_address": item}
        usual: dict[str, Plain] = {"is_verified": True, "is_dmarc_configured": True, "is_default": index == 0, "status": "confirmed"}
        found.append(usual | plain)
    return found
