"""The summary of several accounts in a real browser."""

from __future__ import annotations

from typing import Any

import pytest

from ckaudit.render.fleet import render_fleet
from tests.browser.conftest import Open
from tests.render import fleets

PAGES = {"normal": fleets.normal, "empty": fleets.of, "hostile": fleets.hostile}


def names_in(page: Any) -> list[str]:
    """The accounts that are shown, from top to bottom."""
    found: list[str] = page.eval_on_selector_all(
        "#overview tbody tr", "rows => rows.filter(row => !row.hidden).map(row => row.querySelector('a').textContent)"
    )
    return found


@pytest.mark.parametrize("name", PAGES)
def test_no_request_leaves_and_nothing_complains(open_report: Open, name: str) -> None:
    opened = open_report(render_fleet(PAGES[name](), "html"))
    opened.page.wait_for_load_state("networkidle")
    assert [url for url in opened.requests if not url.startswith("file:")] == []
    assert opened.complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing(open_report: Open, name: str, width: int, scheme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    found = axe.run(open_report(render_fleet(PAGES[name](), "html"), width=width, color_scheme=scheme).page).response["violations"]
    assert [(fault["id"], fault["nodes"][0]["html"][:200], fault["nodes"][0]["failureSummary"]) for fault in found] == []


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("name", PAGES)
def test_the_page_is_never_wider_than_the_window(open_report: Open, name: str, width: int) -> None:
    page = open_report(render_fleet(PAGES[name](), "html"), width=width).page
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_search_and_labels_leave_the_rows_that_fit(open_report: Open) -> None:
    page = open_report(render_fleet(fleets.normal(), "html")).page
    page.get_by_label("Label").select_option("monthly")
    assert names_in(page) == ["worst", "bad"]
    assert page.locator("[role=status]").text_content() == "2 of 5 accounts shown"
    page.get_by_label("Search").fill("studio of bad")
    assert names_in(page) == ["bad"]
    page.get_by_role("button", name="Show all").click()
    page.locator("#overview tbody tr[hidden]").first.wait_for(state="detached")


def test_a_heading_sorts_and_sorts_back(open_report: Open) -> None:
    page = open_report(render_fleet(fleets.of(fleets.row("b", 1), fleets.row("a", 10), fleets.row("c", 2)), "html")).page
    assert names_in(page) == ["a", "c", "b"]
    page.get_by_role("button", name="Account").click()
    assert names_in(page) == ["a", "b", "c"]
    page.get_by_role("button", name="Urgent").click()
    assert names_in(page) == ["a", "c", "b"]
    page.get_by_role("button", name="Urgent").click()
    assert names_in(page) == ["b", "c", "a"]


def test_without_its_script_the_page_is_complete(open_report: Open) -> None:
    page = open_report(render_fleet(fleets.normal(), "html"), java_script_enabled=False).page
    assert page.locator("#overview tbody tr").count() == 5
    assert page.locator(".lost li").count() == 2
    assert not page.locator("#filter").is_visible()


def test_on_a_telephone_every_number_has_its_name(open_report: Open) -> None:
    page = open_report(render_fleet(fleets.normal(), "html"), width=390).page
    cell = page.locator("#overview tbody tr").first.locator("td").first
    assert "Urgent" in cell.evaluate("cell => getComputedStyle(cell, '::before').content")
