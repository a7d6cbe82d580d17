"""What a consultant delivers besides the report: the tags as a table, and how the account works."""

from __future__ import annotations

import csv
import io

import html5lib
import msgspec
import pytest

from ckaudit.model.automations import Automation
from ckaudit.model.inventory import InventoryItem, Use
from ckaudit.model.refs import ObjectRef
from ckaudit.model.result import Result, Role
from ckaudit.render.formats import format_for
from ckaudit.render.handover import make_handover, render_handover, render_handover_html
from ckaudit.render.tags_csv import render_tags_csv
from tests.render import results


def tags(*items: InventoryItem) -> Result:
    return msgspec.structs.replace(results.empty(), inventory=items)


def rows(result: Result) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(render_tags_csv(result).removeprefix("\ufeff"))))


def tag(name: str, number: int, *uses: Use, last: str | None = None) -> InventoryItem:
    return InventoryItem(ObjectRef("tag", name, number), 7, "", uses, last)


@pytest.mark.parametrize(
    ("file", "form"),
    [
        ("tags.csv", "tags"),
        ("ada-tags.csv", "tags"),
        ("plan.csv", "csv"),
        ("stages.csv", "csv"),
        ("handover.md", "handover"),
        ("handover.html", "handover-html"),
        ("report.html", "html"),
        ("report.md", "markdown"),
    ],
)
def test_the_name_of_the_file_says_what_it_holds(file: str, form: str) -> None:
    assert format_for(file).name == form


def test_a_row_says_who_writes_a_tag_and_who_listens() -> None:
    (row,) = rows(tags(tag("VIP", 4, Use("added by", "Shop"), Use("starts", "Welcome"), Use("tested in", "Pitch"), last="2026-11-20")))
    assert (row["Tag"], row["Number in Kit"], row["People"], row["Last added"]) == ("VIP", "4", "7", "2026-11-20")
    assert (row["What writes it"], row["What listens to it"], row["What asks for it"]) == (
        "added by Shop",
        "starts Welcome",
        "tested in Pitch",
    )
    assert (row["Purpose"], row["Keep, merge or delete"]) == ("", "")


@pytest.mark.parametrize("other", ["vip ", "VIPs", "VIP 2025"])
def test_names_that_are_alike_are_shown_beside_each_other(other: str) -> None:
    assert {row["Tag"]: row["Name like it"] for row in rows(tags(tag("VIP", 4), tag(other, 5)))} == {"VIP": other, other: "VIP"}


def test_names_that_only_begin_alike_are_not() -> None:
    assert [row["Name like it"] for row in rows(tags(tag("Course A: module 1", 4), tag("Course A: module 2", 5)))] == ["", ""]


def test_objects_that_are_no_tags_have_no_row() -> None:
    assert rows(tags(InventoryItem(ObjectRef("form", "Free guide", 1)))) == []


def test_a_name_is_no_formula() -> None:
    assert rows(tags(tag("=1+1", 4)))[0]["Tag"] == "'=1+1"


def test_a_handover_tells_what_each_tag_of_an_offering_is_for() -> None:
    role = Role("purchase_tags", ObjectRef("tag", "Course: bought", 1), "Course", "declared", "stated")
    made = make_handover(msgspec.structs.replace(results.normal(), roles=(role,)))
    assert made.offerings[0].parts == (("tag that buyers get", "Course: bought"),)


def test_a_handover_has_every_automation_in_words() -> None:
    text = render_handover(results.normal())
    assert all(automation.name in text for automation in results.normal().automations)
    assert "1. Starts when one of these happens:" in text


def test_what_to_watch_out_for_leaves_notes_out() -> None:
    titles = render_handover(results.normal()).partition("## What to watch out for")[2]
    assert titles.count("\n- ") == sum(finding.severity != "info" for finding in results.normal().findings)


def test_a_handover_has_no_word_of_the_consultants_tools() -> None:
    assert "manifest" not in render_handover(results.normal()).lower()


@pytest.mark.parametrize("name", ["normal", "empty", "hostile", "large"])
def test_the_page_has_no_faults_and_no_foreign_element(name: str) -> None:
    page = render_handover_html(getattr(results, name)())
    parser = html5lib.HTMLParser(strict=False)
    parser.parse(page)
    # characters that are legal in a file but not in HTML come from the hostile names themselves
    assert [fault for fault in parser.errors if fault[1] != "invalid-codepoint"] == []
    assert "<script" not in page


def test_a_name_gives_no_mark_to_the_document() -> None:
    hostile = Automation(name="](http://evil.example) **x** <b>")
    text = render_handover(msgspec.structs.replace(results.empty(), automations=(hostile,)))
    assert "<b>" not in text
    assert "\\](http<!-- -->:" in text
