"""Accounts for the fake Kit, as plain data in the API's own shape.

Keys that begin with ``_`` are the fake's own: ``_state`` of a form, ``_open`` lists what an API key may read although Kit refuses it.
``members`` holds people: kind -> id -> list of subscribers.
"""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

Json = dict[str, Any]
THEN = "2026-01-05T09:00:00Z"
WEEK = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]

# Planted where they must not come out again.
CANARY_ADDRESS = "canary.person@private.example"
CANARY_NAME = "Canaria Birdsong"
CANARY_OWNER = "canary.owner@private.example"
CANARY_HANDSHAKE = "c4n4ryH4ndsh4k3"
CANARY_ACCESS_KEY = "canary-access-key-77"
CANARY_HOOK = "canaryhookpath"
CANARIES = (CANARY_ADDRESS, CANARY_NAME, CANARY_OWNER, CANARY_HANDSHAKE, CANARY_ACCESS_KEY, CANARY_HOOK)


def account(number: int = 27) -> Json:
    """An account with nothing in it."""
    return {
        "user": {"id": 41, "email": CANARY_OWNER},
        "account": {
            "id": number,
            "name": "Kit Greetings",
            "plan_type": "creator",
            "primary_email_address": CANARY_OWNER,
            "created_at": THEN,
            "timezone": {"name": "America/New_York", "friendly_name": "Eastern Time (US & Canada)", "utc_offset": "-05:00"},
            "sending_addresses": [
                {
                    "email_address": "hello@example.com",
                    "from_name": "Greetings",
                    "status": "confirmed",
                    "is_default": True,
                    "is_verified": True,
                    "is_dmarc_configured": False,
                }
            ],
            "plan": {
                "plan_type": "creator",
                "interval": "month",
                "subscriber_limit": 1000,
                "on_trial": False,
                "trial_lapse_date": None,
                "renews_at": THEN,
                "cancels_at": None,
            },
        },
        **{name: [] for name in ("tags", "forms", "sequences", "emails", "custom_fields", "snippets", "webhooks", "webhook_endpoints")},
        **{name: [] for name in ("segments", "email_templates", "broadcasts")},
        "members": {"tags": {}, "forms": {}, "sequences": {}},
    }


def tag(number: int, name: str = "") -> Json:
    """A tag."""
    return {"id": number, "name": name or f"Tag {number}", "created_at": THEN, "subscriber_count": number % 7}


def form(number: int, state: str = "active") -> Json:
    """A form in one of its states."""
    return {
        "id": number,
        "name": f"Form {number}",
        "created_at": THEN,
        "type": "embed",
        "format": None,
        "embed_js": f"https://greetings.kit.com/{number}/index.js",
        "embed_url": f"https://greetings.kit.com/{number}",
        "archived": state == "archived",
        "uid": f"uid{number}",
        "subscriber_count": 3,
        "_state": state,
    }


def sequence(number: int, name: str = "") -> Json:
    """A sequence without delivery data."""
    counts = ("recipients", "opens", "clicks", "email_unsubscribes", "bounces", "complaints")
    rates = ("open_rate", "click_rate", "click_to_open_rate", "unsubscribe_rate", "bounce_rate", "complaint_rate")
    stats = dict.fromkeys((*counts, *rates))
    return {
        "id": number,
        "name": name or f"Sequence {number}",
        "hold": False,
        "repeat": False,
        "created_at": THEN,
        "updated_at": THEN,
        "email_address": None,
        "email_template_id": None,
        "send_days": WEEK,
        "send_hour": 11,
        "time_zone": "America/New_York",
        "active": True,
        "exclude_subscriber_sources": [{"type": "tag", "ids": [12]}],
        "email_count": 2,
        "subscriber_count": 1,
        "stats": {"unsubscribers": 0, **stats},
    }


def email(number: int, sequence_id: int, position: int, content: str = "<p>Welcome!</p>") -> Json:
    """An email; the first goes out at once."""
    return {
        "id": number,
        "sequence_id": sequence_id,
        "subject": f"Letter {number}",
        "preview_text": "Hello",
        "email_address": "hello@example.com",
        "email_template_id": None,
        "published": True,
        "position": position,
        "delay_value": min(position, 1),
        "delay_unit": "days",
        "send_days": WEEK,
        "content": content,
    }


def snippet(number: int, *, archived: bool = False) -> Json:
    """An inline snippet."""
    return {
        "id": number,
        "name": f"Snippet {number}",
        "snippet_type": "inline",
        "archived": archived,
        "key": f"snippet-{number}",
        "created_at": THEN,
        "updated_at": THEN,
        "content": "Hello {{ subscriber.first_name }}",
        "document": {"id": number, "value": None, "value_html": "", "value_plain": None, "version": 1},
    }


def webhook(number: int, url: str, **event: Any) -> Json:
    """A legacy webhook, by default on a tag."""
    return {"id": number, "account_id": 27, "event": event or {"name": "tag_add", "tag_id": 12}, "target_url": url}


def endpoint(number: int, url: str) -> Json:
    """A webhook endpoint of the new generation."""
    return {
        "id": number,
        "name": f"Hook to {url}",
        "url": url,
        "events": ["subscriber.tag_added"],
        "status": "active",
        "source": "creator",
        "description": "A test webhook",
        "created_by_app": None,
        "created_at": THEN,
        "previous_secret_expires_at": None,
    }


def broadcast(number: int) -> Json:
    """A draft."""
    return {
        "id": number,
        "publication_id": number,
        "created_at": THEN,
        "subject": f"Broadcast {number}",
        "preview_text": None,
        "description": None,
        "public": False,
        "published_at": None,
        "send_at": None,
        "status": "draft",
        "thumbnail_alt": None,
        "thumbnail_url": None,
        "content": "<p>Long text</p>",
        "public_url": None,
        "email_address": "hello@example.com",
        "email_template": {"id": 6, "name": "Text Only"},
        "subscriber_filter": [{"all": [{"type": "all_subscribers"}]}],
    }


def person(number: int, timestamp: str, when: str, state: str = "active") -> Json:
    """A subscriber as lists under a tag, form or sequence show one."""
    return {
        "id": number,
        "first_name": CANARY_NAME,
        "email_address": CANARY_ADDRESS,
        "state": state,
        "created_at": THEN,
        timestamp: when,
        "fields": {"category": None},
    }


def sample() -> Json:
    """A small account with something in every list, canaries included."""
    site = f"https://members.example.com/?aal_genpass={CANARY_HANDSHAKE}"
    return account() | {
        "tags": [tag(11, "Customer"), tag(12, "AA: create login"), tag(2**53 + 1, "Größe 日本 🎉 \u202etag")],
        "forms": [form(51), form(52, "archived"), form(53, "trashed")],
        "sequences": [sequence(5, "Welcome"), sequence(6, "Pitch"), sequence(7, "Empty")],
        "emails": [email(62, 5, 1), email(61, 5, 0), email(63, 6, 0, '<a href="{{ unsubscribe_link }}">bye</a>')],
        "custom_fields": [{"id": 1, "name": "ck_field_1_last_name", "key": "last_name", "label": "Last name"}],
        "snippets": [snippet(1), snippet(2, archived=True)],
        "webhooks": [
            webhook(2, site),
            webhook(3, f"https://members.example.com/?wpf_action=update&access_key={CANARY_ACCESS_KEY}&send_notification=false"),
            webhook(4, f"https://hooks.zapier.com/hooks/catch/1/{CANARY_HOOK}/"),
            webhook(9, site, name="link_click", initiator_value=f"https://example.com/buy?who={CANARY_ACCESS_KEY}"),
        ],
        "webhook_endpoints": [endpoint(1, site)],
        "segments": [{"id": 75, "name": "Segment B", "created_at": THEN}],
        "email_templates": [{"id": 6, "name": "Text Only", "is_default": True, "category": "HTML"}],
        "broadcasts": [broadcast(1), broadcast(2)],
        "members": {
            "tags": {12: [person(1, "tagged_at", "2026-02-01T10:00:00Z"), person(2, "tagged_at", "2026-03-01T10:00:00Z", "cancelled")]},
            "forms": {51: [person(1, "added_at", "2026-01-31T10:00:00Z")]},
            "sequences": {5: [person(1, "added_at", "2026-02-01T10:00:03Z")]},
        },
        "_open": ("/v4/webhook_endpoints",),
    }


def big(*, tags: int = 0, sequences: int = 0, emails_each: int = 1) -> Json:
    """An account of a given size."""
    return account() | {
        "tags": [tag(number) for number in range(1, tags + 1)],
        "sequences": [sequence(number) for number in range(1, sequences + 1)],
        "emails": [email(10 * number + n, number, n) for number in range(1, sequences + 1) for n in range(emails_each)],
    }


def from_snapshot(path: Path) -> Json:
    """The account of a snapshot, with what a snapshot leaves out made up."""
    sections = json.loads(path.read_text(encoding="utf-8"))["sections"]
    found = {name: section["objects"] for name, section in sections.items() if "objects" in section}
    found["emails"] = found.pop("sequence_emails", [])
    counts = json.loads(path.with_name("counts.json").read_text(encoding="utf-8"))
    for name in ("tags", "forms", "sequences"):
        found[name] = [item | counts.get(name, {}).get(str(item["id"]), {}) for item in found.get(name, [])]
    head = account() | found | {"_open": ("/v4/webhook_endpoints",)}
    head["account"] = {**head["account"], **(sections["account"].get("object") or {})}
    return head | {"members": members_of(path.parent)}


def members_of(folder: Path) -> Json:
    """The people of a snapshot's timestamps, with names and addresses that must not come out again."""
    from ckaudit.model.events import ObjectKind
    from ckaudit.model.holders import PersonState
    from ckaudit.sources.events import read_events

    members: Json = {"tags": {}, "forms": {}, "sequences": {}}
    events = read_events(folder)
    rows = zip(events.person, events.kind, events.id, events.second, events.state, strict=True) if events else ()
    for number, kind, owner, second, state in rows:
        timestamp = "tagged_at" if kind == ObjectKind.TAG else "added_at"
        when = dt.datetime.fromtimestamp(int(second), dt.UTC).isoformat().replace("+00:00", "Z")
        somebody = person(int(number) + 10_000, timestamp, when, PersonState(state).name.lower())
        members[f"{ObjectKind(kind).kind}s"].setdefault(int(owner), []).append(somebody)
    return members
