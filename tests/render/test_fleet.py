"""The summary of several accounts in every format."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import html5lib
import jsonschema
import msgspec
import pytest

from ckaudit.model.branding import Branding
from ckaudit.render.fleet import render_fleet
from ckaudit.render.fleet_html import report_url
from ckaudit.render.formats import FLEET_FORMATS
from ckaudit.render.json import fleet_result_schema
from ckaudit.render.plain import columns
from tests.render import fleets

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("form", FLEET_FORMATS)
@pytest.mark.parametrize("result", [fleets.normal(), fleets.of(), fleets.hostile()], ids=["normal", "empty", "hostile"])
def test_the_same_result_gives_the_same_text(form: str, result: fleets.FleetResult) -> None:
    made = render_fleet(result, form)
    assert made == render_fleet(result, form)
    assert made.endswith("</html>" if form == "html" else "\n")


def test_accounts_stand_in_order_of_need_and_lost_ones_behind() -> None:
    names = [row.name for row in fleets.normal().accounts]
    assert names == ["worst", "bad", "warned", "part", "calm", "gone", "later"]


def test_rules_stand_by_how_many_accounts_have_them() -> None:
    rules = fleets.normal().rules
    assert [(rule.rule, rule.accounts, rule.findings, rule.people) for rule in rules] == [("CK501", 3, 35, None), ("CK203", 2, 14, 41)]


def test_the_counts_add_up() -> None:
    counts = fleets.normal().summary
    assert (counts.accounts, counts.audited, counts.incomplete, counts.failed, counts.not_run) == (7, 4, 1, 1, 1)
    assert (counts.error, counts.warning, counts.score, counts.exit_status) == (14, 36, 66, 3)


def test_nothing_at_all_is_clean() -> None:
    assert fleets.of().summary.exit_status == 0


@pytest.mark.parametrize("width", [60, 80, 120])
def test_text_keeps_to_its_width(width: int) -> None:
    for result in (fleets.normal(), fleets.of(fleets.row("日本" * 40, 1))):
        assert max(columns(line) for line in render_fleet(result, "text", width=width).splitlines()) <= width


def test_text_tells_every_account_and_every_reason() -> None:
    text = render_fleet(fleets.normal(), "text")
    assert all(row.name in text for row in fleets.normal().accounts)
    assert "KIT_X is not set" in text
    assert "* part: read in part only. Kit answered 500" in text
    assert "7 accounts: 4 audited, 1 in part, 1 failed, 1 not begun. 14 errors, 36" in text


def test_what_changed_is_told_in_text_on_the_page_and_in_a_table() -> None:
    assert "What changed:\n  worst: 2 new, 1 fixed, 0 unchanged, score 50 before and 41 now" in render_fleet(fleets.normal(), "text")
    page = render_fleet(fleets.normal(), "html")
    assert "2 new, 1 fixed, 0 unchanged, score 50 before and 41 now. Compared with 20 October 2026" in page
    assert "Compared with the audits before: 2 new, 1 fixed, 0 unchanged." in page
    lines = list(csv.DictReader(io.StringIO(render_fleet(fleets.normal(), "csv").removeprefix("\ufeff"))))
    assert [(line["new"], line["fixed"]) for line in lines[:2]] == [("2", "1"), ("", "")]


@pytest.mark.parametrize("form", ["text", "markdown", "csv"])
def test_no_name_moves_the_cursor_or_gives_orders(form: str) -> None:
    text = render_fleet(fleets.hostile(), form)
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert form == "csv" or not re.search(r"(?m)^\s*::", text)


def test_json_fits_its_schema_and_its_guide() -> None:
    found = json.loads(render_fleet(fleets.normal(), "json"))
    jsonschema.validate(found, fleet_result_schema())
    guide = (ROOT / "docs/fleet.md").read_text(encoding="utf-8")
    assert found["schema"] in guide
    assert [
        key for key in (*found["summary"], "rules", "accounts", "generated_at") if key in ("audited", "not_run") and key not in guide
    ] == []


def test_csv_has_a_line_for_each_account_and_no_formula() -> None:
    text = render_fleet(fleets.of(fleets.row("=1+1", 1, labels=("@x",)), fleets.lost("b", "-2")), "csv")
    lines = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    assert [(line["account"], line["errors"], line["reason"]) for line in lines] == [("'=1+1", "1", ""), ("b", "0", "'-2")]
    assert lines[0]["labels"] == "'@x"


def test_markdown_counts_what_does_not_fit() -> None:
    text = render_fleet(fleets.of(*(fleets.row(f"account {number}", number) for number in range(300))), "markdown")
    assert "And 100 more accounts." in text
    assert len(text) < 65_536


@pytest.mark.parametrize("result", [fleets.normal(), fleets.of(), fleets.hostile()], ids=["normal", "empty", "hostile"])
def test_the_page_is_valid_html(result: fleets.FleetResult) -> None:
    html5lib.HTMLParser(strict=True).parse(render_fleet(result, "html"))


def test_the_page_runs_nothing_foreign() -> None:
    page = render_fleet(fleets.hostile(), "html", Branding(name=fleets.EVIL, introduction=fleets.EVIL, contact=fleets.EVIL))
    assert "<script>alert" not in page
    assert "javascript:" not in page
    assert "onclick=" not in re.sub(r"<script>.*?</script>", "", page, flags=re.DOTALL).replace("onclick%3D", "")
    assert "\x1b" not in page
    assert "49" not in re.findall(r"<h1>(.*?)</h1>", page, re.DOTALL)[0]


@pytest.mark.parametrize(
    ("path", "url"),
    [
        ("anna/report.html", "./anna/report.html"),
        ("a/my plan.csv", "./a/my%20plan.csv"),
        ("javascript:alert(1)", "./javascript%3Aalert%281%29"),
        ("//evil.example/x", "./evil.example/x"),
        ("../../x", "./x"),
        ("..\\x", "./x"),
    ],
)
def test_a_report_s_address_stays_below_the_page(path: str, url: str) -> None:
    assert report_url(path) == url


def test_the_page_carries_the_brand() -> None:
    page = render_fleet(fleets.normal(), "html", Branding(name="Dana & Co", accent="#7a1f5c", contact="call me", tool_branding=False))
    assert "Dana &amp; Co" in page
    assert "call me" in page
    assert "--accent: #7a1f5c" in page
    assert "Made with ckaudit" not in page


def test_people_of_a_check_are_the_widest_finding_of_one_account_and_at_most_so_many() -> None:
    assert "at most 41 people in one account" in " ".join(render_fleet(fleets.normal(), "text").split())
    assert all("at least" not in render_fleet(fleets.normal(), form) for form in ("text", "markdown"))
    assert "People: at most so many in one account" in render_fleet(fleets.normal(), "html")


LITTLE = fleets.of(fleets.row("known"), fleets.row("thin", score=100, percent=31), fleets.row("dark", score=None, percent=4))


def test_a_partial_score_is_no_part_of_the_average_and_is_counted() -> None:
    assert (LITTLE.summary.score, LITTLE.summary.partial) == (80, 2)


def test_of_equal_accounts_those_nobody_could_judge_stand_first() -> None:
    assert [row.name for row in LITTLE.accounts] == ["dark", "known", "thin"]


@pytest.mark.parametrize("form", ["text", "html", "markdown"])
def test_an_average_says_which_accounts_it_leaves_out(form: str) -> None:
    words = " ".join(render_fleet(LITTLE, form, width=200).split())
    assert "Average score 80 of 100, without 2 accounts of which too little could be judged." in words
    assert "too little could be judged" not in render_fleet(fleets.normal(), form)
    none = fleets.of(fleets.row("thin", score=100, percent=31))
    assert "No average score: too little could be judged of 1 account." in " ".join(render_fleet(none, form, width=200).split())


@pytest.mark.parametrize("form", ["html", "markdown"])
def test_a_score_that_does_not_speak_of_everything_says_so(form: str) -> None:
    told = render_fleet(fleets.normal(), form)
    assert "90 % judged" in (told if isinstance(told, str) else told.decode())


@pytest.mark.parametrize("width", [60, 80, 120])
def test_the_table_says_how_much_was_judged_and_a_narrow_one_says_it_below(width: int) -> None:
    told = " ".join(str(render_fleet(fleets.normal(), "text", width=width)).split())
    assert ("judged worst" in told or "judged read on worst" in told) == (width >= 72)
    assert ("Not all checks could be judged: " in told) == (width < 72)
    assert "90 %" in told


def test_where_everything_was_judged_no_share_is_drawn() -> None:
    assert "judged" not in str(render_fleet(fleets.of(fleets.row("calm")), "text", width=100))


def test_the_text_marks_a_partial_score_and_says_how_much_was_judged() -> None:
    text = render_fleet(LITTLE, "text", width=120)
    assert "100?" in text
    assert "dark (4 %), thin (31 %)" in text
    assert "80?" not in text


@pytest.mark.parametrize(
    ("left_out", "said"),
    [({"unchanged": 23}, "23 known before"), ({"suppressed": 14}, "14 accepted"), ({"hidden": 2}, "2 below the chosen level")],
)
def test_an_account_whose_findings_are_left_out_is_not_said_to_have_none(left_out: dict[str, int], said: str) -> None:
    calm = fleets.row("b", score=21)
    result = fleets.of(msgspec.structs.replace(calm, summary=msgspec.structs.replace(calm.summary, **left_out)))
    page = render_fleet(result, "html")
    assert f"Nothing else was found: {said}." in page
    assert "nothing urgent and nothing important" not in page
    assert "Of 1 account nothing important was found besides what was known before, is accepted or is not shown." in page
    assert said in render_fleet(result, "text", width=120)
    assert said in render_fleet(result, "markdown")


def test_the_page_does_not_say_that_nothing_was_found_where_little_was_judged() -> None:
    page = render_fleet(LITTLE, "html")
    assert page.count("Nothing was found.") == 1
    assert page.count("Nothing was found in what could be judged.") == 2
    assert "Only 31 % of the checks could be judged." in page
    assert "1 account has nothing urgent and nothing important." in page
    assert "Of 2 accounts nothing important was found, but too little could be judged to say that all is well." in page


def test_markdown_and_the_table_say_how_much_was_judged() -> None:
    assert "100 (partial)" in render_fleet(LITTLE, "markdown")
    lines = list(csv.DictReader(io.StringIO(render_fleet(LITTLE, "csv").removeprefix("\ufeff"))))
    assert [line["judged_percent"] for line in lines] == ["4", "100", "31"]
