"""Write the demo account: ``demo_account.toml`` (typed the short way) becomes ``demo/account.json`` (a snapshot), and the people of
``demo_people.py`` become ``demo/events.npz``.

Run ``python -m examples.make_demo`` after a change. The same input gives the same bytes.
"""

from __future__ import annotations

import datetime as dt
import sys
import tomllib
from pathlib import Path
from typing import Any

import msgspec

from ckaudit.graph.build import build_graph
from ckaudit.model import account as model
from ckaudit.model.evidence import Evidence
from ckaudit.model.refs import Kind
from ckaudit.model.roles import RoleName
from ckaudit.sources.evidence_file import write_evidence
from ckaudit.sources.manifest import read_manifests
from ckaudit.sources.snapshot import write_snapshot
from ckaudit.sources.stacks import read_stacks
from examples import demo_people

HERE = Path(__file__).parent
SOURCE = HERE / "demo_account.toml"
TARGET = HERE / "demo"

WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
COLUMNS: dict[type[msgspec.Struct], tuple[str, ...]] = {
    model.Tag: ("id", "name", "created_at", "subscriber_count"),
    model.Form: ("id", "name", "created_at", "type", "format", "uid", "archived", "subscriber_count"),
    model.CustomField: ("id", "key", "label"),
    model.Segment: ("id", "name", "created_at"),
    model.EmailTemplate: ("id", "name", "is_default", "category"),
    model.Broadcast: ("id", "subject", "status", "created_at", "send_at", "public"),
}


def rate(part: int, whole: int) -> float:
    """Percent with two digits, as Kit gives them."""
    return round(100 * part / whole, 2) if whole else 0.0


def rows(kind: type[msgspec.Struct], table: list[list[Any]]) -> list[dict[str, Any]]:
    """Short rows as objects. TOML has no null: the word ``none`` stands for it."""
    return [{name: value for name, value in zip(COLUMNS[kind], row, strict=True) if value != "none"} for row in table]


def form(short: dict[str, Any]) -> dict[str, Any]:
    """A form with the address Kit derives from its uid."""
    return short | {"embed_url": f"https://tidewater-watercolour.kit.example/{short['uid']}"}


def field(short: dict[str, Any]) -> dict[str, Any]:
    """A custom field with the internal name Kit makes of its id and key."""
    return short | {"name": f"ck_field_{short['id']}_{short['key']}"}


def broadcast(short: dict[str, Any]) -> dict[str, Any]:
    """A broadcast; a sent one was published when it went out."""
    return short | {"published_at": short.get("send_at") if short["status"] == "completed" else None}


def webhook(account_id: int, row: list[Any]) -> dict[str, Any]:
    """A legacy webhook on a tag, or on every unsubscribe."""
    number, tag, target = row
    event = {"name": "subscriber_unsubscribe"} if tag == "none" else {"name": "tag_add", "tag_id": tag}
    return {"id": number, "event": event, "target_url": target, "account_id": account_id}


def snippet(short: dict[str, Any]) -> dict[str, Any]:
    """An inline snippet keeps its text in ``content``, a block snippet in its document."""
    html = short.get("html")
    return short | {"document": {"value_html": html} if html else None}


def stats(numbers: list[int]) -> dict[str, Any]:
    """Delivery numbers with the rates that follow from them."""
    recipients, opens, clicks, unsubscribes, bounces, complaints = numbers
    return {
        "unsubscribers": unsubscribes,
        "recipients": recipients,
        "opens": opens,
        "clicks": clicks,
        "email_unsubscribes": unsubscribes,
        "bounces": bounces,
        "complaints": complaints,
        "open_rate": rate(opens, recipients),
        "click_rate": rate(clicks, recipients),
        "click_to_open_rate": rate(clicks, opens),
        "unsubscribe_rate": rate(unsubscribes, recipients),
        "bounce_rate": rate(bounces, recipients),
        "complaint_rate": rate(complaints, recipients),
    }


def sequence(short: dict[str, Any], zone: str) -> dict[str, Any]:
    """A sequence with the defaults of Kit's settings page."""
    return {
        "id": short["id"],
        "name": short["name"],
        "hold": short.get("hold", False),
        "repeat": short.get("repeat", False),
        "created_at": short["created_at"],
        "updated_at": short["updated_at"],
        "email_address": short.get("sender"),
        "email_template_id": short.get("template"),
        "send_days": short.get("days", WEEK),
        "send_hour": short.get("hour", 11),
        "time_zone": short.get("zone", zone),
        "active": short.get("active", True),
        "exclude_subscriber_sources": [{"type": kind, "ids": ids} for kind, ids in short.get("excludes", [])],
        "email_count": len(short["emails"]),
        "subscriber_count": short["people"],
        "stats": stats(short["stats"]),
    }


def emails(short: dict[str, Any], default_sender: str) -> list[dict[str, Any]]:
    """The emails of a sequence, in order. Emails that wait hours have no send days."""
    out = []
    for position, mail in enumerate(short["emails"]):
        value, unit = mail["after"].split()
        out.append(
            {
                "id": mail["id"],
                "sequence_id": short["id"],
                "subject": mail["subject"],
                "preview_text": mail["preview"] or None,
                "email_address": short.get("sender", default_sender),
                "email_template_id": short.get("template"),
                "published": mail.get("published", True),
                "position": position,
                "delay_value": int(value),
                "delay_unit": unit,
                "send_days": None if unit == "hours" else short.get("days", WEEK),
                "content": mail["content"],
            }
        )
    return out


def account_info(short: dict[str, Any]) -> dict[str, Any]:
    """The account, with ``none`` read as null."""
    plan = {key: None if value == "none" else value for key, value in short["plan"].items()}
    return short | {"plan": plan}


def build(source: dict[str, Any]) -> model.Account:
    """The account as the model has it, every object checked against its struct."""
    tables, info = source["tables"], account_info(source["account"])
    sender = next(address["email_address"] for address in info["sending_addresses"] if address["is_default"])
    sequences = source["sequences"]
    lists = {
        "tags": rows(model.Tag, tables["tags"]),
        "forms": [form(row) for row in rows(model.Form, tables["forms"])],
        "sequences": [sequence(short, info["timezone"]["name"]) for short in sequences],
        "sequence_emails": [mail for short in sequences for mail in emails(short, sender)],
        "custom_fields": [field(row) for row in rows(model.CustomField, tables["custom_fields"])],
        "snippets": [snippet(short) for short in source["snippets"]],
        "webhooks": [webhook(info["id"], row) for row in tables["webhooks"]],
        "webhook_endpoints": source["webhook_endpoints"],
        "segments": rows(model.Segment, tables["segments"]),
        "email_templates": rows(model.EmailTemplate, tables["email_templates"]),
        "broadcasts": [broadcast(row) for row in rows(model.Broadcast, tables["broadcasts"])],
    }
    sections = {name: {"status": "complete"} for name in model.SectionName}
    day = dt.datetime.fromtimestamp(demo_people.NOW, dt.UTC).date()
    return msgspec.convert({"info": info, "sections": sections, "read_on": day} | lists, model.Account)


def people_of(account: model.Account) -> Evidence:
    """The timestamps of its people, read as `ckaudit pull` reads them: lists with a role from the beginning."""
    stacks = read_stacks()
    manifest = read_manifests([TARGET / "automations.yaml"], account, stacks)
    graph = build_graph(account, manifest, stacks, dt.datetime.fromtimestamp(demo_people.NOW, dt.UTC))
    return demo_people.evidence(account, frozenset(key for key in graph.keys(*RoleName) if key.kind in (Kind.TAG, Kind.SEQUENCE)))


def main() -> None:
    """Write the demo."""
    account = build(tomllib.loads(SOURCE.read_text(encoding="utf-8")))
    sys.stdout.write(f"{write_snapshot(TARGET, account)} written\n")
    sys.stdout.write(f"{write_evidence(TARGET, people_of(account))} written\n")


if __name__ == "__main__":
    main()
