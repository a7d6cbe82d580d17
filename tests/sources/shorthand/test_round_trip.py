"""Manifest -> shorthand -> manifest is the same automations, and shorthand -> manifest -> shorthand the same text."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from ckaudit.model.account import Account
from ckaudit.model.automations import Automation
from ckaudit.model.errors import CkauditError
from ckaudit.sources.manifest import parse_manifest, read_manifests
from ckaudit.sources.shorthand import manifest_yaml, read, write
from ckaudit.sources.snapshot import read_snapshot
from ckaudit.sources.yaml.problems import Problems
from ckaudit.sources.yaml.reader import read_document
from ckaudit.sources.yaml.tree import plain
from tests.sources.manifest.helpers import STACKS, parse
from tests.sources.manifest.helpers import account as small_account
from tests.sources.shorthand.strategies import automations, bare, built, names_of

ROOT = Path(__file__).parents[3]
FILES = sorted(
    path
    for folder in (ROOT / "examples", ROOT / "tests", ROOT.parent / "shared" / "cases", ROOT.parent / "shared" / "discovery")
    for path in folder.rglob("*.yaml")
    if "automations" in path.name
)


def goes_around(made: tuple[Automation, ...], account: Account | None) -> None:
    """Both ways around, with full names and with fragments, and as YAML."""
    names = names_of(account, made)
    for short in (False, True):
        texts = [write(item, names, short=short) for item in made]
        reading = read("\n".join(texts), names)
        assert reading.problems == ()
        assert bare(reading.automations) == bare(made)
        assert [write(item, names, short=short) for item in reading.automations] == texts
    assert bare(parse(manifest_yaml(made, names), account).automations) == bare(made)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.parent.name))
def test_every_manifest_there_is(path: Path) -> None:
    try:
        account = read_snapshot(path.parent)
    except CkauditError:
        account = None
    for known in {id(account): account, 0: None}.values():
        goes_around(read_manifests([path], known).automations, known)


def test_what_was_read_without_an_account_is_written_by_name_for_one() -> None:
    (made,) = parse("version: 1\nautomations: [{name: A, steps: [{add_tag: VIP}, {add_tag: nobody}]}]").automations
    names = names_of(small_account(), (made,))
    assert write(made, names) == '* A\n+ VIP\n+ "nobody"\n'
    assert [step.ref and step.ref.id for step in parse(manifest_yaml([made], names), small_account()).automations[0].steps] == [11, None]


CASES = sorted((ROOT / "rules").rglob("*.cases.yaml"))


@pytest.mark.parametrize("path", CASES, ids=lambda path: str(path.name))
def test_every_manifest_of_the_cases_of_rules(path: Path) -> None:
    root = read_document(path.read_text(encoding="utf-8"), str(path), Problems()).root
    cases = plain(root) if root else None
    for case in cases if isinstance(cases, list) else ():
        manifest = case.get("manifest") if isinstance(case, dict) else None
        if isinstance(manifest, dict) and manifest.get("automations"):
            listed = parse_manifest(json.dumps({"version": 1, "automations": manifest["automations"]}), "x", None, STACKS).automations
            goes_around(listed, None)


@given(automations())
@settings(max_examples=150)
def test_any_automations_without_an_account(data: list[dict[str, Any]]) -> None:
    made = built(data, None)
    if made is not None:
        goes_around(made, None)


@given(automations())
@settings(max_examples=150)
def test_any_automations_of_an_account(data: list[dict[str, Any]]) -> None:
    account = small_account()
    made = built(data, account)
    if made is not None:
        goes_around(made, account)
