"""What a client reads."""

from __future__ import annotations

from functools import lru_cache

import msgspec
import pytest

from ckaudit.audit import AuditRequest, run_audit
from ckaudit.model.findings import NotEvaluated
from ckaudit.model.refs import ObjectRef
from ckaudit.model.result import Result, Role
from ckaudit.render.client import client_gaps, for_client, in_their_words, questions
from ckaudit.render.html import render_html
from ckaudit.render.options import RenderOptions, View
from ckaudit.resources import DEMO_CLOCK, demo_folder
from tests.render import results
from tests.render.test_html import Page

CONSULTANTS_WORDS = ("manifest", "ckaudit ", ".yaml", "`", "--", "not_evaluated", "CK9")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("The manifest names a tag.", "The description of your automations names a tag."),
        ("Nothing in the manifest does that.", "Nothing in the description of your automations does that."),
        ("“The manifest” waits.", "“The manifest” waits."),
        ("A sequence “manifest” and the manifest.", "A sequence “manifest” and the description of your automations."),
        ("It manifests itself.", "It manifests itself."),
        ("", ""),
    ],
)
def test_words_are_the_owners_and_names_stay(text: str, told: str) -> None:
    assert in_their_words(text) == told


def test_steps_of_the_consultant_are_left_out() -> None:
    steps = ("Open the tag.", "Add it to the manifest (`ckaudit discover`).", "Save.")
    finding = msgspec.structs.replace(results.normal().findings[0], fix=steps)
    told = for_client(msgspec.structs.replace(results.normal(), findings=(finding,))).findings[0]
    assert told.fix == ("Open the tag.", "Save.")


def test_a_step_that_quotes_a_name_with_such_a_word_stays() -> None:
    finding = msgspec.structs.replace(results.normal().findings[0], fix=("Open “my manifest.yaml”.", "Save."))
    assert for_client(msgspec.structs.replace(results.normal(), findings=(finding,))).findings[0].fix == finding.fix


def test_a_finding_is_never_left_without_a_step() -> None:
    finding = msgspec.structs.replace(results.normal().findings[0], fix=("Correct the manifest.",))
    told = for_client(msgspec.structs.replace(results.normal(), findings=(finding,))).findings[0]
    assert told.fix == ("Correct the description of your automations.",)


def test_what_was_guessed_is_asked() -> None:
    role = Role("purchase_tags", ObjectRef("tag", "Course: bought", 1), "Course", "inferred", "its name says so")
    asked, more = questions(msgspec.structs.replace(results.empty(), roles=(role,)))
    assert asked == ("Is “Course: bought” the tag that buyers get, for “Course”? We took it for that, because its name says so.",)
    assert more == 0


def test_what_was_stated_is_not_asked() -> None:
    role = Role("purchase_tags", ObjectRef("tag", "Course: bought", 1), "Course", "declared", "stated")
    assert questions(msgspec.structs.replace(results.empty(), roles=(role,))) == ((), 0)


def test_questions_are_a_short_list_and_the_rest_is_counted() -> None:
    roles = tuple(Role("access_tags", ObjectRef("tag", f"T{number}", number), "", "inferred", "its name says so") for number in range(20))
    asked, more = questions(msgspec.structs.replace(results.empty(), roles=roles))
    assert (len(asked), more) == (8, 12)


def test_checks_that_lack_the_same_are_one_line_without_the_line_of_a_file() -> None:
    reason = "no pause tag is known for “Course”: add `pause_tags: […]` to “Course” under `offerings` in automations.yaml"
    waiting = tuple(NotEvaluated(f"CK{number}", "x", (), reason) for number in (201, 202))
    told = client_gaps(msgspec.structs.replace(results.normal(), not_evaluated=waiting))
    assert "2 checks not judged: no pause tag is known for “Course”." in told


@lru_cache(maxsize=1)
def demo() -> Result:
    return run_audit(AuditRequest(source=demo_folder(), now=DEMO_CLOCK)).result


def test_a_clients_report_of_the_demo_has_no_word_of_the_consultants_tools() -> None:
    text = Page(render_html(demo())).text.rpartition("About this report")[0]
    assert [word for word in CONSULTANTS_WORDS if word in text] == []


def test_a_consultants_report_of_the_demo_has_files_and_codes() -> None:
    text = Page(render_html(demo(), RenderOptions(view=View.CONSULTANT))).text
    assert "Written in automations.yaml:" in text
    assert "CK901" in text


def test_every_other_finding_of_the_demo_is_in_the_clients_report_too() -> None:
    text = Page(render_html(demo())).text
    titles = [finding.title for finding in demo().findings if not finding.rule.startswith("CK9")]
    assert titles
    assert [title for title in titles if in_their_words(title) not in text] == []


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("the number was not read; one more `ckaudit pull` reads it", "the number was not read"),
        ("the timestamps were not read; `ckaudit pull` reads them; no site is known", "the timestamps were not read; no site is known"),
        ("list your courses, or name the site with --stack", "list your courses"),
        ("the tag “a; `ckaudit pull` b” is unknown", "the tag “a; `ckaudit pull` b” is unknown"),
    ],
)
def test_commands_are_left_out_of_reasons(reason: str, told: str) -> None:
    assert in_their_words(reason) == told
