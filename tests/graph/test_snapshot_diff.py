from __future__ import annotations

import msgspec
import pytest

from ckaudit.graph.snapshot_diff import compare_snapshots
from ckaudit.model.account import Account, AccountInfo, SectionName, SectionState, SectionStatus, SequenceEmail, Tag
from ckaudit.model.automations import Manifest
from ckaudit.model.errors import InputError
from ckaudit.render.diff import render_diff
from ckaudit.sources.manifest import parse_manifest
from tests.engine.planted import account

COMPLETE = {name: SectionState(SectionStatus.COMPLETE) for name in SectionName}


def manifest(*steps: str, name: str = "Welcome") -> Manifest:
    lines = "".join(f"      - {step}\n" for step in steps)
    text = f"version: 1\nautomations:\n  - name: {name}\n    id: 7\n    entries: [{{tag_added: T}}]\n    steps:\n{lines}"
    return parse_manifest(text, "automations.yaml", None, {})


def test_objects_come_go_and_change_their_names() -> None:
    old, new = account("kept", "old name"), account("kept", "new name", "more")
    diff = compare_snapshots(old, msgspec.structs.replace(new, tags=new.tags[1:]))
    assert [item.name for item in diff.added] == ["more"]
    assert [item.name for item in diff.removed] == ["kept"]
    assert [(item.object.name, item.renamed_from) for item in diff.changed] == [("new name", "old name")]


def test_counts_of_people_are_no_change() -> None:
    old = account("a")
    new = msgspec.structs.replace(old, tags=(Tag(1, "a", subscriber_count=99),))
    assert compare_snapshots(old, new).changed == ()


def test_changed_fields_of_the_account_are_told() -> None:
    old = account("a")
    new = msgspec.structs.replace(old, info=AccountInfo(id=27, name="Demo", plan_type="free"))
    (change,) = compare_snapshots(old, new).changed
    assert [(field.field, field.before, field.after) for field in change.fields] == [("plan_type", "creator", "free")]


def test_a_section_that_was_not_read_completely_has_nothing_removed() -> None:
    diff = compare_snapshots(account("a"), account(tags=SectionState(SectionStatus.PARTIAL, "cut")))
    assert diff.removed == ()
    assert diff.not_compared == ("tags",)


def test_automations_are_compared_step_by_step() -> None:
    old, new = manifest("add_tag: A", "delay: 5 minutes"), manifest("add_tag: A", "delay: 1 day", "{if: {tag: B}, then: [{exit: true}]}")
    (change,) = compare_snapshots(account(), account(), old, new).automations
    assert change.lines[-6:] == (
        "  Add tag “A”",
        "- Delay 5 minutes",
        "+ Delay 1 day",
        "+ Has tag “B”?",
        "+   Yes:",
        "+     Exit this automation",
    )


def test_a_renamed_automation_is_the_same_by_its_id() -> None:
    (change,) = compare_snapshots(account(), account(), manifest("exit: true"), manifest("exit: true", name="Hello")).automations
    assert change.lines[:2] == ("- Name: Welcome", "+ Name: Hello")


def test_equal_automations_and_a_missing_manifest_say_nothing() -> None:
    same = manifest("exit: true")
    assert compare_snapshots(account(), account(), same, same).automations == ()
    assert compare_snapshots(account(), account(), same, None).automations == ()


def with_content(text: str) -> Account:
    return msgspec.structs.replace(account(), sequence_emails=(SequenceEmail(id=9, sequence_id=5, subject="Hello", content=text),))


def test_a_long_text_shows_the_lines_that_differ() -> None:
    start = "<p>" + "one " * 40 + "</p>"
    old, new = with_content(f"{start}<p>two</p><p>three</p><p>four</p>"), with_content(f"{start}<p>two!</p><p>three</p><p>four</p>")
    (change,) = compare_snapshots(old, new).changed
    assert change.fields[0].lines[1:] == ("- <p>two</p>", "+ <p>two!</p>", "  <p>three</p>")


def test_a_short_text_is_told_whole_and_needs_no_lines() -> None:
    (change,) = compare_snapshots(with_content("<p>a</p>"), with_content("<p>b</p>")).changed
    assert (change.fields[0].before, change.fields[0].lines) == ("<p>a</p>", ())


def test_endless_texts_are_told_by_their_length_only() -> None:
    (change,) = compare_snapshots(with_content("<br>a" * 5000), with_content("<br>b" * 5000)).changed
    assert (change.fields[0].before, change.fields[0].lines) == ("25,000 characters", ())


def test_two_accounts_are_refused() -> None:
    other = msgspec.structs.replace(account(), info=AccountInfo(id=99))
    with pytest.raises(InputError, match="two accounts"):
        compare_snapshots(account(), other)


@pytest.mark.parametrize("form", ["text", "markdown"])
def test_hostile_names_stay_harmless(form: str) -> None:
    shown = render_diff(compare_snapshots(account(), account("\x1b[31m\u202e<script>`x`")), form)
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert form == "text" or "<script>" not in shown


def test_no_difference_is_said() -> None:
    assert render_diff(compare_snapshots(account(), account()), "text") == "No difference.\n"
