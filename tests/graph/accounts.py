"""Graphs for tests, from a few objects and a manifest's parts."""

from __future__ import annotations

import datetime as dt
from typing import Any

from ckaudit.graph.build import build_graph
from ckaudit.graph.graph import Graph
from ckaudit.model.account import Account, AccountInfo, SendingAddress, Sequence, SequenceEmail
from ckaudit.model.automations import Automation, Manifest
from ckaudit.model.refs import Kind, Ref
from ckaudit.model.steps import AnyStep, ConditionKind, If, Test
from ckaudit.sources.stacks import read_stacks

NOW = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)


def graph_of(account: Account | None = None, **manifest: Any) -> Graph:
    """The graph of an account and the parts of a manifest; without parts nothing is declared."""
    return build_graph(account, Manifest(**manifest) if manifest else None, read_stacks(), NOW)


def info(*addresses: SendingAddress, **fields: Any) -> AccountInfo:
    """An account head with these sending addresses."""
    return AccountInfo(1, "Test account", sending_addresses=addresses, **fields)


def mail(sequence: int, number: int, **fields: Any) -> SequenceEmail:
    """A published email; ``fields`` as in the API."""
    usual: dict[str, Any] = {"published": True, "position": number, "delay_unit": "days", "delay_value": 0}
    return SequenceEmail(number, sequence, **(usual | fields))


def account_of(*sequences: Sequence, mails: tuple[SequenceEmail, ...] = (), head: AccountInfo | None = None) -> Account:
    """An account of sequences and their emails."""
    return Account(info=head, sequences=sequences, sequence_emails=mails)


def automation(*steps: AnyStep, name: str = "Automation", **fields: Any) -> Automation:
    """A declared automation."""
    return Automation(name=name, steps=steps, **fields)


def seq(number: int, name: str = "") -> Ref:
    """A reference to a sequence."""
    return Ref(Kind.SEQUENCE, name or f"Sequence {number}", number)


def has_tag(tag: Ref, *then: AnyStep, otherwise: tuple[AnyStep, ...] = ()) -> If:
    """A condition on a tag."""
    return If(test=Test(kind=ConditionKind.TAG, ref=tag), then=then, otherwise=otherwise)
