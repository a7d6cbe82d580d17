"""Short ways to read manifests in tests."""

from __future__ import annotations

from typing import Any

from ckaudit.model.account import Account, AccountInfo, CustomField, Form, SectionName, SectionState, SectionStatus, Sequence, Tag
from ckaudit.model.automations import Automation, Manifest
from ckaudit.model.errors import ManifestError, Problem
from ckaudit.model.steps import AnyStep
from ckaudit.sources.manifest import parse_manifest

FILE = "automations.yaml"
STACKS = ("accessally", "none", "wp-fusion")

STEPS = "version: 1\nautomations:\n  - name: A\n    steps:\n"
ENTRIES = "version: 1\nautomations:\n  - name: A\n    entries:\n"


def parse(text: str, account: Account | None = None) -> Manifest:
    """The manifest in a text."""
    return parse_manifest(text, FILE, account, STACKS)


def problems(text: str, account: Account | None = None) -> tuple[Problem, ...]:
    """What is wrong with a text; empty when nothing is."""
    try:
        parse(text, account)
    except ManifestError as error:
        return error.problems
    return ()


def steps(text: str, account: Account | None = None) -> tuple[AnyStep, ...]:
    """Steps written as the items of a list, each beginning with “- ”."""
    body = "".join(f"      {line}\n" for line in text.splitlines())
    return automation(STEPS + body, account).steps


def automation(text: str, account: Account | None = None) -> Automation:
    """The first automation of a manifest."""
    return parse(text, account).automations[0]


def account(status: SectionStatus = SectionStatus.COMPLETE, **lists: Any) -> Account:
    """A small account; all sections have one status."""
    usual: dict[str, Any] = {
        "tags": (Tag(11, "VIP"), Tag(12, "Customer"), Tag(13, "2024")),
        "forms": (Form(21, "Footer"), Form(22, "Twin"), Form(23, "Twin")),
        "sequences": (Sequence(31, "Welcome"),),
        "custom_fields": (
            CustomField(41, "country", "Country"),
            CustomField(42, "land", "country"),
            CustomField(43, "x1", "Same"),
            CustomField(44, "x2", "Same"),
        ),
    }
    return Account(info=AccountInfo(27, "Test"), sections={name: SectionState(status) for name in SectionName}, **(usual | lists))
