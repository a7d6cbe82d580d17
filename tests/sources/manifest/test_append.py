"""Names are added to a manifest's list; everything else stays letter by letter."""

from __future__ import annotations

import difflib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ckaudit.model.automations import Automation, AutomationStatus
from ckaudit.sources.manifest.append import add_names, new_list, set_complete
from tests.sources.manifest.helpers import parse
from tests.sources.manifest.writer import Writer
from tests.sources.shorthand.strategies import NAMES, automations

NEW = (Automation(name="New: one", id=7, status=AutomationStatus.PAUSED), Automation(name="Two"))

TEXTS = {
    "a list": "version: 1\nautomations:\n  - name: A\n    steps:\n      - add_tag: VIP  # a comment\n\n# the rules\nrules: []\n",
    "a list at the end": "version: 1\nautomations:\n- name: A\n  steps: [{add_tag: VIP}]",
    "an indented comment behind it": "version: 1\nautomations:\n  - name: A\n    # not described\n  # nor this\nrules: []\n",
    "a text of several lines": "version: 1\nautomations:\n  - name: A\n    notes: |\n      one\n      # no comment\n\n\nrules: []\n",
    "nothing in it": "version: 1\nautomations:\n#  - name: an example\n# more\nrules: []\n",
    "an empty list": "version: 1\nautomations: []  # none yet\nrules: []\n",
    "no list": "# mine\nversion: 1\nrules: []\n",
    "line ends of Windows": "version: 1\r\nautomations:\r\n  - name: A\r\n\r\nrules: []\r\n",
    "made by ckaudit": new_list(27),
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_names_are_added_and_nothing_else_changes(text: str) -> None:
    changed = add_names(text, NEW)
    assert changed is not None
    before, after = parse(text), parse(changed)
    assert [item.name for item in after.automations] == [*(item.name for item in before.automations), "New: one", "Two"]
    assert (after.automations[-2].id, after.automations[-2].status) == (7, AutomationStatus.PAUSED)
    gone = [line for line in difflib.ndiff(text.splitlines(), changed.splitlines()) if line.startswith("-")]
    assert [line for line in gone if "[]" not in line] == []
    assert ("\r\n" in text) == ("\r\n" in changed)
    assert "\n" not in changed.replace("\r\n", "") or "\r\n" not in text


@pytest.mark.parametrize(
    "text",
    [
        "version: 1\nautomations: [{name: A}]\n", '{"version": 1, "automations": [{"name": "A"}]}', "version: 1\nautomations: ~\n",
        "version: 1\nautomations: {}\n", "version: [", "", "just text", "version: 1\nautomations:\n  - name: A\n    notes: 'b\n\n# c'\n",
    ],
)  # fmt: skip
def test_what_cannot_be_added_to_safely_is_left_alone(text: str) -> None:
    changed = add_names(text, NEW)
    assert changed is None or [item.name for item in parse(changed).automations][-2:] == ["New: one", "Two"]


@given(automations(), st.integers(), st.lists(NAMES, min_size=1, max_size=3))
@settings(max_examples=100)
def test_any_manifest_keeps_what_it_says(data: list[dict[str, Any]], seed: int, names: list[str]) -> None:
    import random

    text = Writer(random.Random(seed)).manifest({"version": 1, "automations": data, "rules": []})
    changed = add_names(text, [Automation(name=name) for name in names])
    if changed is None:
        return
    for line in text.splitlines():
        assert line in changed or "[]" in line
    for name in names:
        assert name in [item.text for item in _names(changed)]


def _names(text: str) -> list[Any]:
    from ckaudit.sources.yaml.problems import Problems
    from ckaudit.sources.yaml.reader import read_document

    root: Any = read_document(text, "x", Problems()).root
    return [item.values["name"] for item in root.values["automations"].items]


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        ("version: 1\ncomplete: false  # not yet\n", "version: 1\ncomplete: true  # not yet\n"),
        ("version: 1\ncomplete: true\n", "version: 1\ncomplete: true\n"),
        ("# mine\nversion: 1\n", "# mine\ncomplete: true\nversion: 1\n"),
        ("complete: {}\nversion: 1\n", None),
        ("rules: []\n", None),
    ],
)
def test_a_list_is_said_to_be_complete(text: str, changed: str | None) -> None:
    assert set_complete(text) == changed
