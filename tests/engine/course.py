"""A course that is wired without a mistake, and what happened to its buyers: to be broken in one place and audited."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from ckaudit.engine.load import LoadedRule
from ckaudit.model.result import Result
from tests.engine.whole import audit_mini, mini_accounts

START = "2026-09-10T10:00:00Z"
LOGIN = '<a href="https://members.example.com/login/">Log in as {{ subscriber.email_address }}</a> {{ subscriber_preferences_link }}'
STEPS = [
    {"add_tag": "A: access"},
    {"add_tag": "AA: login"},
    {"delay": "5 minutes"},
    {"sequence": "A: welcome"},
    {"remove_tag": "AA: login"},
    {"event": {"tag_added": "A: revoke"}},
    {"add_tag": "AA: update"},
    {"delay": "5 minutes"},
    {"remove_tag": "AA: update"},
]


class Account:
    """The course and its 40 buyers."""

    def __init__(self) -> None:
        self.sequence: dict[str, Any] = {
            "name": "A: welcome",
            "repeat": True,
            "subscriber_count": 40,
            "emails": [{"subject": "Your login", "content": LOGIN}],
        }
        self.hooks = {
            "AA: login": "https://members.example.com/?aal_genpass=X",
            "AA: update": "https://members.example.com/?aal_updateuser=X",
        }
        self.release: dict[str, Any] = {"name": "Release of A", "entries": [{"tag_added": "A: purchased"}], "steps": copy.deepcopy(STEPS)}
        self.offering: dict[str, Any] = {
            "name": "A",
            "stack": "accessally",
            "orders": "external",
            "billing": "one-off",
            "purchase_tags": ["A: purchased"],
            "access_tags": ["A: access"],
            "revoke_tags": ["A: revoke"],
            "webhook_tags": {"login": ["AA: login"], "sync": ["AA: update"]},
            "login_sequences": ["A: welcome"],
        }
        self.shop: dict[str, Any] = {"name": "Shop", "adds_tags": ["A: purchased", "A: revoke"], "removes_tags": ["A: revoke"]}
        self.manifest: dict[str, Any] | None = {
            "complete": True,
            "checked": "2026-11-20",
            "automations": [self.release],
            "external": [self.shop],
            "offerings": [self.offering],
        }
        self.tags: list[Any] = [{"name": "A: purchased", "subscriber_count": 40}]
        self.sequences: list[Any] = [self.sequence]
        self.events: list[dict[str, Any]] = [
            {"tag": "A: purchased", "people": 40, "at": START, "every": "37 hours"},
            {"tag": "A: access", "people": 40, "after": "1 second"},
            {"sequence": "A: welcome", "people": 40, "after": "5 minutes"},
        ]

    def again(self, **group: Any) -> None:
        """More timestamps of buyers; ``after`` counts from their latest."""
        self.events.append(group)

    def audit(self, folder: Path, by: Sequence[LoadedRule] | None = None) -> Result:
        """Write it down as a mini account and audit it, by every built-in rule unless others are given."""
        hooks = [{"tag": tag, "url": url} for tag, url in self.hooks.items()]
        given: dict[str, Any] = {"name": "x", "account": {"tags": self.tags, "sequences": self.sequences, "webhooks": hooks}}
        given |= {"manifest": self.manifest} if self.manifest else {}
        file = folder / "account.yaml"
        file.write_text(yaml.safe_dump([given | {"events": self.events}], sort_keys=False, allow_unicode=True), encoding="utf-8")
        (node,) = mini_accounts(file)
        return audit_mini(node, by)
