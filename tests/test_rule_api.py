"""What a rule may import: few names, in groups, each on the page of documentation."""

from __future__ import annotations

import importlib
import re
import sys
from pathlib import Path

import pytest

from ckaudit import rule

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "rule-api.md"
MAX_NAMES = 60
sys.path.insert(0, str(ROOT / "docs"))
make_rule_api = importlib.import_module("make_rule_api")


@pytest.mark.parametrize("name", rule.__all__)
def test_every_name_is_documented(name: str) -> None:
    entry = re.search(rf"^### `{name}`\n\n(.+)$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert entry, name
    assert len(entry[1]) > 20


def test_every_group_is_a_chapter() -> None:
    chapters = re.findall(r"^## (.+)$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert chapters == list(make_rule_api.groups())


def test_every_name_is_in_one_group() -> None:
    assert [name for names in make_rule_api.groups().values() for name in names] == rule.__all__


def test_the_page_is_what_the_code_says() -> None:
    assert make_rule_api.page() == PAGE.read_text(encoding="utf-8")


def test_the_names_stay_few() -> None:
    assert len(rule.__all__) <= MAX_NAMES


def test_every_name_is_used_by_a_rule() -> None:
    """What no rule needs is taken out, and what a single function needs goes back into it."""
    rules = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "rules").rglob("*.py"))
    assert [name for name in rule.__all__ if not re.search(rf"\b{name}\b", rules)] == []
