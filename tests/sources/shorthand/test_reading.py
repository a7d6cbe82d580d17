"""What lines mean, and what is said of those that mean nothing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ckaudit.model.account import SectionStatus, Tag
from ckaudit.model.automations import Automation
from ckaudit.model.steps import AddTag
from ckaudit.sources.manifest.records import fields_of
from ckaudit.sources.shorthand import NOTATION, Names, Problem, Reading, manifest_yaml, read, write
from ckaudit.sources.shorthand.parse import OF_AUTOMATION, OF_STEP
from ckaudit.sources.shorthand.signs import SIGNS
from tests.sources.manifest.helpers import account, parse
from tests.sources.shorthand.strategies import bare

COURSE = account(
    tags=(Tag(1, "Course A: module 1"), Tag(2, "Course A: module 2"), Tag(3, "Customer"), Tag(4, "Customer VIP"), Tag(5, "Lead"))
)


def reading(text: str, **lists: object) -> Reading:
    """The steps of one automation, in the account of a course."""
    return read(f"* A\n{text}", Names(account(**lists) if lists else COURSE))


def said(text: str) -> list[tuple[int, int, str]]:
    """Where the problems of steps are (line from that below the name), and what they say."""
    return [(item.line - 1, item.column, item.message) for item in reading(text).problems]


def only(text: str) -> Automation:
    """The one automation of a text without problems."""
    found = read(text)
    assert found.problems == ()
    (automation,) = found.automations
    return automation


def test_the_notation_on_half_a_page_is_what_is_read() -> None:
    lines = [line[:28].rstrip() for line in NOTATION.splitlines() if line[:28].strip()]
    delays = [part for line in lines if line.startswith("5m") for part in line.split()]
    automation = only("\n".join(line for line in lines if not line.startswith("5m")) + "\n" + "\n".join(delays))
    assert automation.name == "Course A - release"
    assert len(automation.entries) == 5
    assert {type(step).__name__ for step in automation.steps} == {
        "AddTag", "RemoveTag", "Enrol", "Delay", "SetField", "StartAutomation", "RemoveFromAutomation", "AppAction", "Exit", "Event", "If",
        "Split", "Events",
    }  # fmt: skip


def test_shorthand_is_the_manifest_written_shorter() -> None:
    long = """\
version: 1
automations:
  - {name: A, id: 7, status: paused, entries: [{joins_form: any}], steps: [{add_tag: VIP, note: for buyers}, {delay: 5 minutes},
     {if: {field: country, is: Spain}, then: [{exit: true}], else: [{event: {date: 2026-12-24}}]},
     {split: [{tag: VIP}]}, {sequence: Welcome}]}
"""
    short = only(
        "*A\nid: 7\nstatus: paused\n>@any\n+VIP\n  note: for buyers\n5m\n?%country=Spain\n exit\n|\n !2026-12-24\n/VIP\n=Welcome\n"
    )
    assert bare(short) == bare(parse(long).automations[0])


@pytest.mark.parametrize("number", [0, 1])
def test_the_examples_of_the_guide_are_read(number: int) -> None:
    guide = (Path(__file__).parents[3] / "docs" / "shorthand.md").read_text(encoding="utf-8")
    example = re.findall(r"```shorthand\n(.*?)```", guide, re.DOTALL)[number]
    automation = only(example)
    assert write(automation) == example


def test_comments_stay_above_what_they_are_about() -> None:
    found = read("# of the file\n* A\n# first\n> x\n? VIP\n  # inner\n  exit\n# last\n\n# of B\n* B\n+ y\n# end")
    assert manifest_yaml(found.automations, None, found.comments) == (
        "version: 1\nautomations:\n  # of the file\n  - name: A\n    entries:\n      # first\n      - tag_added: x\n    steps:\n"
        "      - if: {tag: VIP}\n        then:\n          # inner\n          - exit: true\n    # last\n\n"
        "  # of B\n  - name: B\n    steps:\n      - add_tag: y\n    # end\n"
    )


def test_every_key_of_the_manifest_can_be_written() -> None:
    keys = [field.key for field in fields_of(Automation)]
    assert [key for key in keys if key not in ("name", "entries", "steps")] == [*OF_AUTOMATION]
    assert {field.key for field in fields_of(AddTag) if field.beside} == {*OF_STEP}


def test_an_automation_with_nothing_below_its_name_is_known_and_not_described() -> None:
    first, second = read("* A\n* B\nid: 2\n+ x\n").automations
    assert (first.is_described, second.is_described, second.id) == (False, True, 2)


def test_steps_without_a_name_belong_to_the_one_that_is_given() -> None:
    assert read("+ VIP", name="Course A").automations[0].name == "Course A"
    assert read("+ VIP").problems == (Problem(1, 1, "this automation has no name", "Write a line above it: * and its name in Kit."),)


@pytest.mark.parametrize(
    ("fragment", "name"),
    [
        ("customer", "Customer"), ("Customer", "Customer"), ("vip", "Customer VIP"), ("2", "Course A: module 2"), ("LEAD", "Lead"),
        ("co 1", "Course A: module 1"), ("le 1", "Course A: module 1"), ("ustomer v", "Customer VIP"),
        ('"Customer VIP"', "Customer VIP"), ("#5", "Lead"), ("#5 Lead", "Lead"), ('"nobody has it"', "nobody has it"),
    ],
)  # fmt: skip
def test_a_fragment_is_the_one_name_that_contains_it(fragment: str, name: str) -> None:
    found = reading(f"+ {fragment}")
    assert found.problems == ()
    assert found.automations[0].steps[0].ref is not None
    assert found.automations[0].steps[0].ref.name == name


@pytest.mark.parametrize("fragment", ["c", "module", "cust", "o", "co a", "1 co", "customer lead", "#5 Customer", "vip2"])
def test_what_is_not_clear_is_not_guessed(fragment: str) -> None:
    found = reading(f"+ Lead\n+ {fragment}\n- Lead")
    assert [(item.line, item.column) for item in found.problems] == [(3, 3)]
    assert len(found.automations[0].steps) == 2
    assert found.problems[0].hint


def test_an_unclear_fragment_names_its_choices() -> None:
    (problem,) = reading("+ module").problems
    assert problem.choices == ("Course A: module 1", "Course A: module 2")
    assert problem.message == "2 tags contain “module”"
    assert problem.hint == "Type more of the one you mean: “Course A: module 1”, “Course A: module 2”."


def test_many_choices_are_not_all_listed() -> None:
    (problem,) = read("* A\n+ course", Names(account(tags=tuple(Tag(n, f"Course {n}") for n in range(1, 99))))).problems
    assert len(problem.choices) == 12
    assert problem.message == "more than 12 tags contain “course”"


def test_a_tag_is_not_looked_for_among_sequences() -> None:
    assert said("+ Welcome") == [(1, 3, "no tag contains “Welcome”")]
    assert said("= Welcome") == []


def test_in_an_account_that_was_read_in_part_only_full_names_are_sure() -> None:
    names = Names(account(SectionStatus.PARTIAL))
    assert read("* A\n+ VIP", names).problems == ()
    (problem,) = read("* A\n+ vi", names).problems
    assert "Not all tags of this account were read" in problem.hint


def test_without_an_account_names_stand_for_themselves() -> None:
    step = only("* A\n+ anything at all").steps[0]
    assert step.ref is not None
    assert (step.ref.name, step.ref.known) == ("anything at all", True)


def test_an_automation_may_name_one_that_comes_below_it() -> None:
    found = read("* A\n>> win\n* Win-back\n> Lead", Names(COURSE))
    assert found.problems == ()
    assert found.automations[0].steps[0].ref is not None
    assert found.automations[0].steps[0].ref.name == "Win-back"


def test_an_id_and_a_name_must_agree() -> None:
    assert said("+ #5 Customer") == [(1, 3, "id 5 is the tag “Lead”, not “Customer”")]


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("+", (1, 2), "the tag is missing"),
        ("Lead", (1, 1), "this line has no sign"),
        ("add_tag: Lead", (1, 1), "there is no “add_tag:” of an automation"),
        ("+ Lead\n  + Customer", (2, 3), "this line is indented and the one above it opens no branch"),
        ("? Lead\n    + Customer\n  + Lead", (3, 3), "this line is in the column of none above it"),
        ("|", (1, 1), "there is nothing above it that this | goes on with"),
        ("? Lead\n  exit\n|\n  exit\n|", (5, 1), "this condition has a no side already"),
        ("? Lead\n  exit\n| Customer", (3, 3), "a condition has no further paths"),
        ("+ Lead\n> Lead", (2, 1), "this entry is below a step"),
        ("5 fortnights", (1, 1), "“5 fortnights” is not a time that Kit has"),
        ("0d", (1, 1), "a time of 0 is none"),
        ('+ "Lead', (1, 3), "this quote is never closed, or something follows it"),
        ('+ "Lead" too', (1, 3), "this quote is never closed, or something follows it"),
        (r'+ "\q"', (1, 3), "this text in double quotes has an escape that means nothing"),
        ('+ ""', (1, 3), "there is nothing between the quotes"),
        ("% country Spain", (1, 3), "no custom field contains “country Spain”"),
        ("? % land >", (1, 5), "there is nothing to compare the field with"),
        ("! 2026-02-31", (1, 3), "“2026-02-31” is not a date of the calendar"),
        ("> - Lead", (1, 3), "no automation starts when a tag is removed"),
        ("! @ Footer", (1, 3), "no event waits for somebody to join a form"),
        ("/ Lead\n|\n| Customer", (3, 1), "this path is below the one for everybody else"),
        ("+ Lead\nwaiting: many", (2, 10), "expected a whole number for “waiting”, found “many”"),
        ("? Lead\n \texit", (2, 3), "this line is indented with tabs and spaces"),
        ("+ \x07", (1, 3), "here is the character U+0007, which no name in Kit has"),
        ("@ Footer", (1, 1), "this line has no sign"),
    ],
)  # fmt: skip
def test_a_line_that_is_wrong_says_where_and_why(text: str, place: tuple[int, int], message: str) -> None:
    assert said(text)[:1] == [(*place, message)]
    assert all(item.hint or "expected" in item.message or "calendar" in item.message for item in reading(text).problems)


def test_branches_are_not_nested_without_end() -> None:
    found = reading("".join(" " * depth + "? Lead\n" for depth in range(5000)))
    assert found.problems[0].message == "branches are nested more than 20 deep"


PIECES = [*SIGNS, *'\n\n\n  \t"\\#@$<~:x1mé', "VIP", "Lead", "note: ", "id: 1", "exit", "5m", "\ud800", "\u2028", "* A\n"]


@given(st.lists(st.sampled_from(PIECES), max_size=60).map("".join))
@settings(max_examples=500)
def test_any_text_is_read_or_refused(text: str) -> None:
    for names in (None, Names(COURSE)):
        found = read(text, names)
        lines = text.split("\n")
        assert list(found.problems) == sorted(found.problems, key=lambda item: (item.line, item.column))
        for problem in found.problems:
            assert 1 <= problem.line <= len(lines)
            assert 1 <= problem.column <= len(lines[problem.line - 1]) + 1
            assert problem.message
        if not found.problems:
            again = [write(item, names) for item in found.automations]
            assert bare(read("".join(again), names).automations) == bare(found.automations)
            assert manifest_yaml(found.automations, names)


@given(st.text(max_size=60))
def test_any_characters_are_read_or_refused(text: str) -> None:
    read(text)
    read(f"* A\n+ {text}", Names(COURSE))
    read(f'* A\n+ "{text}', Names(COURSE))
