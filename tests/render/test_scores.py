"""Scores of parts, and offerings that could not be judged, in every format that shows what was not judged."""

from __future__ import annotations

import msgspec
import pytest

from ckaudit.engine.score import grade
from ckaudit.model.automations import Automation
from ckaudit.model.errors import Location
from ckaudit.model.findings import Passed, Severity, Suppressed
from ckaudit.model.result import ManifestCoverage, Result, Score, Summary
from ckaudit.model.steps import Delay
from ckaudit.render.client import for_client
from ckaudit.render.coverage import files_named
from ckaudit.render.formats import render_result
from ckaudit.render.options import RenderOptions, View
from ckaudit.render.scores import format_part, score_sentences, unjudged_offerings
from ckaudit.render.text import next_step
from ckaudit.render.view_front import front_page, plain_sentences
from tests.render.results import normal

SCORES = (
    Score("theme", "access", 54),
    Score("theme", "emails", None),
    Score("automation", "Release", 54),
    Score("automation", "Welcome", 100),
    Score("offering", "Course A", 54, ("revoke_tags",)),
    Score("offering", "Course B", None, ("webhook_tags: {login: […]}", "purchase_tags"), Location("automations.yaml", 12, 5)),
    Score("offering", "Course C", None),
)
RESULT = msgspec.structs.replace(normal(), scores=SCORES)


def test_an_offering_without_a_score_is_named_with_what_it_lacks_and_where_it_stands() -> None:
    told = "The offering “Course B” (automations.yaml:12) could not be judged: it lacks webhook_tags: {login: […]} and purchase_tags."
    assert unjudged_offerings(RESULT) == [told]


def test_scores_of_parts_are_said_the_worst_first() -> None:
    assert score_sentences(RESULT) == [
        "Scores by theme: access 54.",
        "Scores by automation: “Release” 54, 1 at 100.",
        "Scores by offering: “Course A” 54, 2 without a score.",
    ]


def test_where_all_parts_have_100_nothing_is_said_but_the_themes() -> None:
    assert score_sentences(msgspec.structs.replace(RESULT, scores=(Score("theme", "access", 100), Score("automation", "A", 100)))) == [
        "Scores by theme: access 100."
    ]


PARTLY = (
    Score("theme", "access", 100, judged_percent=40),
    Score("automation", "Release", 70, judged_percent=79),
    Score("automation", "Welcome", 100, judged_percent=80),
    Score("offering", "Course A", 100, judged_percent=79),
)


def test_a_part_of_which_little_was_judged_is_never_said_to_be_at_100_without_that() -> None:
    assert score_sentences(msgspec.structs.replace(RESULT, scores=PARTLY)) == [
        "Scores by theme: access 100 (partly judged: 40 %).",
        "Scores by automation: “Release” 70 (partly judged: 79 %), 1 at 100 (80 % judged).",
        "Scores by offering: 1 at 100 but only partly judged (79 %).",
    ]


@pytest.mark.parametrize("form", ["text", "markdown", "html"])
def test_every_format_with_scores_says_that_one_is_partly_judged(form: str) -> None:
    assert "partly judged" in rendered(form, msgspec.structs.replace(RESULT, scores=PARTLY))
    assert "partly judged" not in rendered(form, RESULT)


def test_the_page_shows_a_part_that_was_partly_judged_in_grey() -> None:
    assert '<li class="partial"><span class="name">Course A <span class="fine">partly judged: 79 %</span>' in rendered(
        "html", msgspec.structs.replace(RESULT, scores=PARTLY)
    )


MOSTLY = (
    Score("theme", "access", 88, judged_percent=99),
    Score("automation", "Release", 100, judged_percent=92),
    Score("automation", "Welcome", 100, judged_percent=85),
    Score("automation", "News", 100),
    Score("offering", "Course A", 100, judged_percent=92),
)


def test_a_score_says_what_part_was_judged_whenever_that_is_not_all() -> None:
    assert score_sentences(msgspec.structs.replace(RESULT, scores=MOSTLY)) == [
        "Scores by theme: access 88 (99 % judged).",
        "Scores by automation: 1 at 100, 2 at 100 (at least 85 % judged).",
        "Scores by offering: 1 at 100 (92 % judged).",
    ]
    assert [format_part(item) for item in MOSTLY[:4:3]] == ["88, 99 % judged", "100"]


@pytest.mark.parametrize("form", ["text", "markdown", "html"])
@pytest.mark.parametrize("percent", [80, 99])
def test_every_format_with_scores_says_what_part_of_a_good_one_was_judged(form: str, percent: int) -> None:
    told = (Score("theme", "access", 100, judged_percent=percent),)
    assert f"{percent} % judged" in rendered(form, msgspec.structs.replace(RESULT, scores=told))


@pytest.mark.parametrize("form", ["text", "markdown", "html"])
def test_the_score_of_the_account_says_what_part_was_judged_unless_that_is_all(form: str) -> None:
    told = "92 % of the checks could be judged" if form == "html" else "100/100 (92 % judged)"
    assert told in " ".join(rendered(form, clean(92)).split())
    assert "judged)" not in rendered(form, clean(100))
    assert "of the checks could be judged" not in rendered(form, clean(100))


def test_the_json_has_how_much_of_each_part_was_judged() -> None:
    assert '"judged_percent": 40' in rendered("json", msgspec.structs.replace(RESULT, scores=PARTLY))


@pytest.mark.parametrize("form", ["text", "concise", "github", "sarif", "junit", "markdown", "html", "json"])
def test_every_format_names_an_offering_that_could_not_be_judged(form: str) -> None:
    assert "Course B" in rendered(form, RESULT)


@pytest.mark.parametrize("form", ["text", "markdown", "html", "json"])
def test_every_format_with_a_score_has_those_of_the_parts(form: str) -> None:
    assert "Release" in rendered(form, RESULT)
    assert "Course A" in rendered(form, RESULT)


def test_the_summary_of_the_text_counts_offerings_that_were_not_judged() -> None:
    assert "1 offering not judged" in rendered("text", RESULT)


def rendered(form: str, result: Result) -> str:
    text = render_result(result, form)
    return text if isinstance(text, str) else text.decode()


def clean(percent: int, score: int | None = 100) -> Result:
    summary = Summary(passed=9, score=score, judged_percent=percent, grade=grade(score, percent))
    return msgspec.structs.replace(normal(), findings=(), suppressed=(), not_evaluated=(), summary=summary)


@pytest.mark.parametrize("view", View)
def test_an_account_of_which_little_was_judged_is_not_said_to_need_nothing(view: View) -> None:
    front = front_page(clean(31), (), RenderOptions(view=view))
    assert front.sentences[1] == "Nothing was found in what could be judged (31 % of the checks)."
    assert front.nothing.startswith("Nothing that needs to be done was found in what could be judged (31 % of the checks). ")
    known = front_page(clean(80), (), RenderOptions(view=view))
    assert (known.sentences[1], known.nothing) == ("It found nothing wrong.", "Nothing needs to be done.")


@pytest.mark.parametrize("view", View)
def test_what_was_accepted_was_found_and_is_said_to_be(view: View) -> None:
    told = msgspec.structs.replace(clean(80), suppressed=(Suppressed(normal().findings[0], "Fine"),))
    front = front_page(told, (), RenderOptions(view=view))
    assert front.sentences[1] == "Nothing was found, besides 1 finding that was accepted."
    assert front.nothing == "Nothing that needs to be done was found, besides 1 finding that was accepted."
    passed = len(for_client(told).passed if view is View.CLIENT else told.passed)
    assert front.sentences[2].startswith(f"{passed} of {passed + 1} checks found everything in order.")


def test_what_is_below_the_chosen_level_was_found() -> None:
    told = clean(80)
    told = msgspec.structs.replace(told, summary=msgspec.structs.replace(told.summary, hidden=3))
    assert plain_sentences(told)[1] == "Nothing was found; 3 findings below the chosen level are not shown."


def test_nothing_urgent_is_not_said_where_something_urgent_was_accepted() -> None:
    finding = normal().findings[0]
    small, big = (msgspec.structs.replace(finding, severity=severity) for severity in (Severity.WARNING, Severity.ERROR))
    told = msgspec.structs.replace(clean(80), findings=(small,), suppressed=(Suppressed(big, "Fine"),))
    assert plain_sentences(told)[1].startswith("Nothing urgent, besides 1 finding that was accepted. 1 problem")
    told = msgspec.structs.replace(told, suppressed=(Suppressed(small, "Fine"),))
    assert plain_sentences(told)[1].startswith("Nothing urgent. 1 problem")


def test_an_automation_of_which_only_the_name_is_known_was_not_looked_at() -> None:
    bare = msgspec.structs.replace(clean(80), automations=(Automation(name="Known by name"),))
    assert "automation" not in plain_sentences(bare)[0]
    described = Automation(name="Described", steps=(Delay(seconds=60, text="1 minute"),))
    assert "1 automation." in plain_sentences(msgspec.structs.replace(bare, automations=(*bare.automations, described)))[0]


def test_many_manifests_are_counted_and_not_listed() -> None:
    files = ManifestCoverage(files=tuple(f"automations/{number}.yaml" for number in range(8)))
    assert files_named(files) == "automations/0.yaml and 7 more files"
    assert files_named(ManifestCoverage(files=("a.yaml", "b.yaml"))) == "a.yaml, b.yaml"


def test_few_checks_without_a_score_are_counted() -> None:
    few = msgspec.structs.replace(clean(100, None), passed=(Passed("CK101", "a", "All is well", 1),))
    assert plain_sentences(few)[1] == "Nothing was found in what could be judged (1 check)."


@pytest.mark.parametrize("severity", [Severity.WARNING, Severity.INFO])
def test_nothing_urgent_is_said_of_what_could_be_judged(severity: Severity) -> None:
    found = tuple(msgspec.structs.replace(finding, severity=severity) for finding in normal().findings[:1])
    assert "in what could be judged (31 % of the checks). 1" in plain_sentences(msgspec.structs.replace(clean(31), findings=found))[1]
    assert "could be judged" not in plain_sentences(msgspec.structs.replace(clean(80), findings=found))[1]


def test_the_next_step_where_little_was_judged_is_to_have_more_judged() -> None:
    assert next_step(clean(80)).startswith("nothing to do here")
    assert next_step(clean(79)).startswith("run all checks on more of the account")
