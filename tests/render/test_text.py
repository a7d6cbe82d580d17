from __future__ import annotations

import re
import unicodedata

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from syrupy.assertion import SnapshotAssertion

from ckaudit.model.automations import Automation
from ckaudit.model.findings import NotEvaluated, Severity
from ckaudit.model.refs import ObjectRef
from ckaudit.render.plain import amount, clean, columns, cut, wrap
from ckaudit.render.text import Detail, in_runs, render_text
from ckaudit.render.text_findings import first_sentence
from tests.render.canonical import EMPTY, HOSTILE, LATE, NORMAL, PARTIAL, RESULTS

ESCAPES = re.compile("\x1b\\[[0-9;]*m")


@pytest.mark.parametrize("name", list(RESULTS))
def test_the_text_of_the_canonical_results_stays(name: str, snapshot: SnapshotAssertion) -> None:
    assert render_text(RESULTS[name]) == snapshot


@pytest.mark.parametrize(
    ("number", "what", "told"),
    [
        (1, "archived snippets", "1 archived snippet"),
        (1, "emails of inactive sequences", "1 email of inactive sequences"),
        (2, "draft emails", "2 draft emails"),
        (1200, "tags", "1,200 tags"),
    ],
)
def test_one_is_no_plural(number: int, what: str, told: str) -> None:
    assert amount(number, what) == told


def test_rules_that_lack_a_list_of_automations_stand_together_unless_asked() -> None:
    reasons = {"CK201": "no automations; links lack tags", "CK301": "no automations; links lack events"}
    waiting = tuple(NotEvaluated(code, code, ("automations",), reason) for code, reason in reasons.items())
    nothing_given = msgspec.structs.replace(PARTIAL, not_evaluated=waiting)
    assert "CK201, CK301: Kit's API shows no automations, and no manifest describes them" in render_text(nothing_given, width=200)
    assert all(f"{code}: {reason}" in render_text(nothing_given, width=200, verbose=1) for code, reason in reasons.items())


def test_drafts_that_nobody_corrected_are_named_as_such() -> None:
    names = ("Draft 1: Free guide to Welcome", "Drafts of letters")
    shown = msgspec.structs.replace(NORMAL, automations=tuple(Automation(name=name) for name in names))
    assert "1 automation has the name of a draft" in render_text(shown, width=200)


def test_drafts_that_count_for_nothing_are_counted() -> None:
    manifest = msgspec.structs.replace(NORMAL.coverage.manifest, drafts=("Draft 1: A to B", "Welcome"))
    shown = msgspec.structs.replace(NORMAL, coverage=msgspec.structs.replace(NORMAL.coverage, manifest=manifest))
    assert "2 automations in the manifest are drafts: nothing was concluded from them" in render_text(shown, width=300)


@pytest.mark.parametrize("verbose", [-1, 1])
def test_quiet_and_verbose_text_stays(verbose: int, snapshot: SnapshotAssertion) -> None:
    assert render_text(NORMAL, verbose=verbose) == snapshot


@pytest.mark.parametrize("name", list(RESULTS))
@pytest.mark.parametrize("width", [60, 80, 120])
def test_no_line_is_wider_than_asked(name: str, width: int) -> None:
    wide = [line for line in render_text(RESULTS[name], width=width).splitlines() if columns(line) > width]
    # a place in a file is not broken: people copy it
    assert [line for line in wide if not re.search(r":\d+:\d+$", line)] == []


@pytest.mark.parametrize("name", list(RESULTS))
def test_colour_changes_nothing_but_colour(name: str) -> None:
    coloured = render_text(RESULTS[name], colour=True)
    assert ESCAPES.search(coloured)
    assert ESCAPES.sub("", coloured) == render_text(RESULTS[name])


def test_without_colour_there_is_no_escape() -> None:
    assert "\x1b" not in "".join(render_text(result, verbose=1) for result in RESULTS.values())


def test_hostile_names_cannot_steer_the_terminal() -> None:
    shown = render_text(HOSTILE, verbose=1)
    assert {char for char in shown if unicodedata.category(char) in ("Cc", "Cf", "Zl", "Zp") and char != "\n"} == set()
    assert "\\x1b[2J" in shown


def test_names_of_10000_characters_are_cut() -> None:
    assert len(render_text(HOSTILE, verbose=1)) < 12_000


def test_findings_of_one_object_stand_together() -> None:
    shown = render_text(NORMAL)
    assert shown.count("automation “Course A - release”\n") == 1
    assert shown.index("CK202") < shown.index("CK201 webhook") < shown.index("CK501")


def test_two_objects_with_one_name_stand_apart() -> None:
    other = msgspec.structs.replace(LATE, object=ObjectRef("automation", "Course A - release", 7))
    assert render_text(msgspec.structs.replace(NORMAL, findings=(LATE, other))).count("automation “Course A - release”\n") == 2


def test_the_text_says_where_automations_come_from() -> None:
    def flat(text: str) -> str:
        return " ".join(text.split())

    assert "which says that it lists all of them" in flat(render_text(NORMAL))
    assert "which does not say that it is complete" in flat(render_text(EMPTY))
    assert "no list of them was given: none were looked at" in flat(render_text(PARTIAL))


def test_a_reason_that_many_rules_share_is_told_once() -> None:
    assert "  CK801, CK802: the timestamps of people were not read\n" in render_text(NORMAL)


@pytest.mark.parametrize(
    ("result", "said"),
    [(NORMAL, "Next: ckaudit explain CK202"), (EMPTY, "Next: nothing to do here"), (PARTIAL, "Next: run the command again with -v -v")],
)
def test_the_next_step_is_named(result: object, said: str) -> None:
    assert said in render_text(result)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("people", "said"),
    [(None, "delay, likely\n"), (0, ", at most 0 people\n"), (1, ", at most 1 person\n"), (12345, ", at most 12,345 people\n")],
)
def test_people_are_counted_when_the_data_says_so(people: int | None, said: str) -> None:
    finding = msgspec.structs.replace(LATE, people=people)
    assert said in render_text(msgspec.structs.replace(NORMAL, findings=(finding,)))


def test_people_who_were_counted_one_by_one_are_not_at_most() -> None:
    finding = msgspec.structs.replace(LATE, people=12345, people_who="bought and have no access")
    text = render_text(msgspec.structs.replace(NORMAL, findings=(finding,)), width=200)
    assert ", 12,345 people who bought and have no access\n" in text


def test_severity_is_a_word_also_without_colour() -> None:
    for severity in Severity:
        finding = msgspec.structs.replace(LATE, severity=severity)
        assert f"\n  {severity.ljust(7)}  CK202" in render_text(msgspec.structs.replace(NORMAL, findings=(finding,)))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("Größe 日本 🎉", "Größe 日本 🎉"),
        ("👩‍👧 family", "👩‍👧 family"),
        ("a\nb\tc\rd", "a b c d"),
        ("\x1b[31m", "\\x1b[31m"),
        ("a\u202eb\u2066c", "a\\u202eb\\u2066c"),
        ("a\u200bb\ufeff", "a\\u200bb\\ufeff"),
        ("\x00\x7f\x9b", "\\x00\\x7f\\x9b"),
        ("\U000e0041", "\\U000e0041"),
        ("\ud800", "\\ud800"),
    ],
)
def test_only_what_could_do_harm_is_shown_as_an_escape(text: str, shown: str) -> None:
    assert clean(text) == shown


def test_wide_characters_count_twice_and_joined_ones_not() -> None:
    assert (columns("日本"), columns("e\u0301"), columns("abc")) == (4, 1, 3)


@given(st.text(max_size=80), st.integers(min_value=4, max_value=60))
def test_cut_text_fits(text: str, most: int) -> None:
    assert columns(cut(text, most)) <= most


@given(st.text(max_size=80), st.integers(min_value=10, max_value=60))
def test_wrapped_text_fits_and_loses_nothing(text: str, width: int) -> None:
    safe = clean(text)
    lines = wrap(safe, width, "  ", "    ")
    assert all(columns(line) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(safe.split())


def test_a_name_gives_no_orders_to_a_github_job() -> None:
    named = msgspec.structs.replace(NORMAL.account, name="::error title=x::y")
    made = render_text(msgspec.structs.replace(NORMAL, account=named))
    assert not re.search(r"(?m)^\s*(::|##\[)", made)
    assert "error title=x" in made


def test_no_character_that_is_made_visible_counts_as_printable() -> None:
    printable = "".join(char for char in map(chr, range(0x110000)) if char.isprintable())
    assert clean(f"\0{printable}") == f"\\x00{printable}"


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("One. Two.", "One."),
        ("“A. B” is off. It waits.", "“A. B” is off."),
        ("v1.2 is out. Two.", "v1.2 is out."),
        ("No stop", "No stop"),
        ("Really? Yes.", "Really?"),
    ],
)
def test_a_first_sentence_ends_where_it_ends(text: str, first: str) -> None:
    assert first_sentence(text) == first


@pytest.mark.parametrize(
    ("codes", "told"),
    [
        (["CK201"], "CK201"),
        (["CK201", "CK202"], "CK201, CK202"),
        (["CK201", "CK202", "CK203", "CK301"], "CK201–CK203, CK301"),
        (["CK203", "CK202", "CK201"], "CK203, CK202, CK201"),
        (["ACME1", "ACME2", "ACME3"], "ACME1, ACME2, ACME3"),
        (["CK299", "ACME300", "CK301"], "CK299, ACME300, CK301"),
    ],
)
def test_codes_that_follow_one_another_are_a_run(codes: list[str], told: str) -> None:
    assert in_runs(codes) == told


def test_on_a_screen_findings_of_a_rule_stand_together_and_its_fix_once() -> None:
    names = [f"Course {number}" for number in range(9)]
    findings = tuple(
        msgspec.structs.replace(LATE, object=ObjectRef("automation", name), message=f"{name} is late. It hurts.") for name in names
    )
    shown = render_text(msgspec.structs.replace(NORMAL, findings=findings), detail=Detail.SHORT)
    assert "CK202 login-email-without-delay, 9 findings" in shown
    assert shown.count("fix: ") == 1
    assert "Course 2 is late." in shown
    assert "Course 3 is late." not in shown
    assert "and 6 more" in shown


def test_on_a_screen_what_is_left_out_is_counted_and_named() -> None:
    findings = tuple(msgspec.structs.replace(LATE, rule=f"CK{number}") for number in range(201, 220))
    shown = " ".join(render_text(msgspec.structs.replace(NORMAL, findings=findings), detail=Detail.SHORT).split())
    assert "and 11 more findings: CK209" in shown
    assert "--full" in shown


@pytest.mark.parametrize("name", list(RESULTS))
@pytest.mark.parametrize("detail", list(Detail))
def test_no_short_line_is_wider_than_asked(name: str, detail: Detail) -> None:
    wide = [line for line in render_text(RESULTS[name], width=60, detail=detail).splitlines() if columns(line) > 60]
    assert [line for line in wide if not re.search(r":\d+:\d+$", line)] == []


def test_hostile_names_cannot_steer_the_terminal_in_short_either() -> None:
    shown = render_text(HOSTILE, detail=Detail.SHORT)
    assert {char for char in shown if unicodedata.category(char) in ("Cc", "Cf", "Zl", "Zp") and char != "\n"} == set()
