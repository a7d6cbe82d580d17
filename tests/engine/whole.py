"""Audits of whole accounts with every built-in rule: the corrected guide with one mistake, and mini accounts."""

from __future__ import annotations

import copy
import datetime as dt
import functools
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from ckaudit.engine.load import LoadedRule, load_rules
from ckaudit.engine.pipeline import audit
from ckaudit.graph.build import build_graph
from ckaudit.model.result import Result
from ckaudit.observed.observe import observe
from ckaudit.resources import rules_folder
from ckaudit.sources.manifest import parse_manifest
from ckaudit.sources.snapshot import read_snapshot
from ckaudit.sources.stacks import read_stacks
from ckaudit.sources.yaml.tree import Node
from ckaudit.testing.case_file import items_of, read_case_file
from ckaudit.testing.cases import Case, CaseKind, case_account

ROOT = Path(__file__).parents[2]
CLEAN = ROOT / "examples" / "accessally-guide" / "corrected"
NOW = dt.datetime(2026, 11, 24, 12, tzinfo=dt.UTC)


@functools.cache
def rules() -> tuple[LoadedRule, ...]:
    """Every built-in rule, loaded once."""
    return load_rules((rules_folder(),))


@functools.cache
def _clean_texts() -> tuple[str, str]:
    return (CLEAN / "account.json").read_text(encoding="utf-8"), (CLEAN / "automations.yaml").read_text(encoding="utf-8")


class Whole:
    """The corrected guide as plain data, to be broken in one place. ``account`` holds the sections' objects by section name."""

    def __init__(self) -> None:
        stored, manifest = _clean_texts()
        self.stored: dict[str, Any] = json.loads(stored)
        self.manifest: dict[str, Any] = copy.deepcopy(yaml.safe_load(manifest))
        self.manifest["checked"] = "2026-11-20"

    def objects(self, section: str) -> list[dict[str, Any]]:
        """The objects of a section, to be changed in place."""
        found: list[dict[str, Any]] = self.stored["sections"][section]["objects"]
        return found

    def named(self, section: str, name: str) -> dict[str, Any]:
        """The object of this name."""
        return next(item for item in self.objects(section) if name in (item.get("name"), item.get("subject")))

    @property
    def automation(self) -> dict[str, Any]:
        """The release automation."""
        found: dict[str, Any] = self.manifest["automations"][0]
        return found

    @property
    def steps(self) -> list[dict[str, Any]]:
        """Its steps."""
        found: list[dict[str, Any]] = self.automation["steps"]
        return found

    @property
    def offering(self) -> dict[str, Any]:
        """The offering."""
        found: dict[str, Any] = self.manifest["offerings"][0]
        return found

    def audit(self, folder: Path) -> Result:
        """Write it down, read it as the program does, and audit it."""
        (folder / "account.json").write_text(json.dumps(self.stored), encoding="utf-8")
        (folder / "counts.json").write_bytes((CLEAN / "counts.json").read_bytes())
        account, stacks = read_snapshot(folder), read_stacks()
        text = yaml.safe_dump(self.manifest, sort_keys=False, allow_unicode=True)
        return audit(observe(build_graph(account, parse_manifest(text, "automations.yaml", account, stacks), stacks, NOW), None), rules())


def mini_accounts(file: Path) -> tuple[Node, ...]:
    """The mini accounts of a file."""
    root = read_case_file(file)
    assert root is not None
    return tuple(items_of(root, "a file of mini accounts"))


def audit_mini(node: Node, by: Sequence[LoadedRule] | None = None) -> Result:
    """Audit one mini account, by every built-in rule unless others are given."""
    rule = rules()[0]
    usual = {"name": "", "kind": CaseKind.GOOD, "expect": (), "not_evaluated": "", "options": rule.rule.options(), "stack": None}
    case = Case(rule=rule, now=NOW, node=node, **usual)  # type: ignore[arg-type]
    return audit(case_account(case), rules() if by is None else by)
