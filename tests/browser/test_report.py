"""The HTML report in a real browser."""

from __future__ import annotations

import io
import re
from functools import lru_cache
from typing import Any

import msgspec
import pytest

from ckaudit.model.automations import Automation
from ckaudit.model.branding import Branding
from ckaudit.model.result import Result
from ckaudit.model.steps import AddTag
from ckaudit.model.trend import TrendPoint
from ckaudit.render.account_map import render_map_html
from ckaudit.render.branding import read_logo
from ckaudit.render.diff_html import Side, render_diff_html
from ckaudit.render.draw.chart import make_chart
from ckaudit.render.draw.excerpt import sheets
from ckaudit.render.draw.layout import lay_out
from ckaudit.render.html import render_html
from ckaudit.render.options import RenderOptions, View
from tests.browser.conftest import Open
from tests.render import observed, results
from tests.render.draw.automations import chain, tag
from tests.render.test_diff_html import of_results, of_snapshots

CONSULTANT = RenderOptions(view=View.CONSULTANT)
LOGO = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 90 30"><rect width="90" height="30" fill="#17605a"/></svg>'
BRANDED = RenderOptions(
    Branding(
        name="Dana Reed Consulting",
        logo=read_logo(LOGO),
        accent="#7a1f5c",
        contact="dana@example.com",
        introduction="Dear Ines,\n\n- this is **your** audit\n- see [my page](https://example.com)",
        closing="*Kind regards*",
        tool_branding=False,
    )
)


@lru_cache
def html_of(name: str) -> str:
    """The report of a result of ``tests.render.results``."""
    if name == "branded":
        return render_html(results.normal(), BRANDED)
    if name == "later":
        past = tuple(
            TrendPoint(f"2026-{month:02}-20T09:00:00Z", 40 + 3 * month, 12 - month, 7, month, 1, 80, "0.1.0") for month in range(1, 11)
        )
        return render_html(results.normal(), RenderOptions(history=past, baseline=results.normal()))
    if name.startswith("observed"):
        return render_html(observed.hostile() if name == "observed hostile" else observed.observed())
    result: Result = getattr(results, name)()
    return render_html(result)


REPORTS = ("normal", "empty", "partial", "branded", "hostile", "later", "observed", "observed hostile")


@pytest.mark.parametrize("name", REPORTS)
def test_no_request_leaves_and_nothing_complains(open_report: Open, name: str) -> None:
    opened = open_report(html_of(name))
    opened.page.wait_for_load_state("networkidle")
    assert [url for url in opened.requests if not url.startswith(("file:", "data:image/"))] == []
    assert opened.complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    ("name", "width"),
    [("normal", 1280), ("normal", 390), ("partial", 1280), ("branded", 1280), ("later", 390), ("observed", 1280), ("observed", 390)],
)
def test_axe_finds_nothing(open_report: Open, name: str, width: int, scheme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    opened = open_report(html_of(name), width=width, color_scheme=scheme)
    found: list[dict[str, Any]] = axe.run(opened.page).response["violations"]
    assert [(fault["id"], fault["nodes"][0]["html"][:200], fault["nodes"][0]["failureSummary"]) for fault in found] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_in_a_map(open_report: Open, width: int, scheme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page = render_map_html(results.normal().map, "Tidewater Watercolour", Branding())
    opened = open_report(page, width=width, color_scheme=scheme)
    found = axe.run(opened.page).response["violations"]
    assert [(fault["id"], fault["nodes"][0]["html"][:200]) for fault in found] == []
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= width
    assert opened.complaints == []


def test_every_box_of_the_map_leads_to_a_place_of_the_report(open_report: Open) -> None:
    page = open_report(html_of("normal")).page
    places = page.evaluate("[...document.querySelectorAll('#map svg a')].map(a => a.getAttribute('href'))")
    assert places
    assert page.evaluate("links => links.filter(link => !document.getElementById(link.slice(1)))", places) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_an_opened_map_of_a_report(open_report: Open, scheme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page = open_report(html_of("normal"), color_scheme=scheme).page
    page.evaluate("for (const part of document.querySelectorAll('#map, #map details, #impact')) part.open = true")
    found = axe.run(page).response["violations"]
    assert [(fault["id"], fault["nodes"][0]["html"][:200], fault["nodes"][0]["failureSummary"]) for fault in found] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_a_page_of_differences(open_report: Open, scheme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    for diff in (of_results(), of_snapshots()):
        opened = open_report(render_diff_html(diff, (Side("october"), Side("november")), Branding()), width=390, color_scheme=scheme)
        found = axe.run(opened.page).response["violations"]
        assert [(fault["id"], fault["nodes"][0]["html"][:200]) for fault in found] == []
        assert opened.page.evaluate("document.documentElement.scrollWidth") <= 390
        assert opened.complaints == []


def test_axe_finds_nothing_in_a_hostile_report(open_report: Open) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    small = msgspec.structs.replace(results.hostile(), findings=results.hostile().findings[:8], inventory=results.hostile().inventory[:4])
    found = axe.run(open_report(render_html(small)).page).response["violations"]
    assert [(fault["id"], fault["nodes"][0]["html"][:200]) for fault in found] == []


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("name", REPORTS)
def test_the_page_is_never_wider_than_the_window(open_report: Open, name: str, width: int) -> None:
    page = open_report(html_of(name), width=width).page
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_no_script_of_a_hostile_account_runs(open_report: Open) -> None:
    opened = open_report(html_of("hostile"))
    assert opened.page.title() != "owned"
    assert opened.page.evaluate("document.querySelectorAll('img, iframe, object, embed, base, svg script, svg image').length") == 0
    assert opened.page.evaluate("document.querySelectorAll('script').length") == 2
    links = opened.page.evaluate("[...document.querySelectorAll('a')].map(a => a.getAttribute('href'))")
    assert [link for link in links if not re.match(r"#[\w-]+$|https://", link)] == []


def test_everything_is_readable_without_javascript(open_report: Open) -> None:
    page = open_report(html_of("normal"), java_script_enabled=False).page
    for summary in page.locator("details.group > summary, #automations > summary, .automation > summary").all():
        summary.click()
    text = page.inner_text("main")
    for finding in results.normal().findings:
        assert finding.message in text
    assert page.locator("#filter").is_hidden()
    assert page.locator("button:visible").count() == 0
    assert "AA: update user" in page.locator("#automations").inner_text()


def test_the_severity_filter_works_by_keyboard(open_report: Open) -> None:
    page = open_report(html_of("normal")).page
    page.locator("input[value=warning]").focus()
    page.keyboard.press("Space")
    page.locator("#open-all").press("Enter")
    assert page.locator("article.finding:visible").count() == 4
    assert page.locator("#filter [role=status]").inner_text() == "4 of 6 findings shown"


def test_search_hides_groups_and_themes_that_are_empty(open_report: Open) -> None:
    page = open_report(html_of("normal")).page
    page.locator("input[name=text]").focus()
    page.keyboard.type("buyers WAIT there")
    assert page.locator(".group:visible").all_inner_texts()[0].startswith("People wait in a sequence")
    assert page.locator(".group:visible").count() == 1
    assert page.locator(".part-of-plan:visible").count() == 1


def test_reset_shows_all_again(open_report: Open) -> None:
    page = open_report(html_of("normal")).page
    page.locator("input[name=text]").fill("no such words")
    assert page.locator(".group:visible").count() == 0
    page.locator("#filter button[type=reset]").press("Enter")
    page.wait_for_function("document.querySelectorAll('article.finding:not([hidden])').length === 6")


def test_columns_sort_by_keyboard_and_say_so(open_report: Open) -> None:
    page = open_report(render_html(results.normal(), CONSULTANT)).page
    page.locator("#list > summary").click()
    head = page.locator("#overview th", has_text="People")
    head.locator("button").press("Enter")
    people = page.locator("#overview tbody td:nth-child(4)").all_inner_texts()
    assert people[:3] == ["191", "41", "26"]
    assert head.get_attribute("aria-sort") == "descending"
    assert page.locator("#filter [role=status]").inner_text() == "Sorted by People"


def test_the_steps_can_be_copied(open_report: Open) -> None:
    page = open_report(html_of("normal"), permissions=["clipboard-read", "clipboard-write"]).page
    page.locator("#rule-CK401 > summary").click()
    page.locator("#rule-CK401 button.copy").press("Enter")
    page.locator("#rule-CK401 button.copy", has_text="Copied").wait_for()
    assert "1. Open the sequence.\n2. Switch" in page.evaluate("navigator.clipboard.readText()").replace("\r", "")


def test_a_link_to_a_folded_automation_opens_it(open_report: Open) -> None:
    page = open_report(html_of("large")).page
    assert page.locator("#automation-3").get_attribute("open") is None
    page.evaluate("location.hash = 'automation-3'")
    page.locator("#automation-3[open]").wait_for()


def test_the_first_tab_stop_skips_to_the_report(open_report: Open) -> None:
    page = open_report(html_of("normal")).page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#main"


def test_nothing_moves(open_report: Open) -> None:
    page = open_report(html_of("normal")).page
    assert page.evaluate("document.getAnimations().length") == 0


def texts_stay_inside(page: Any) -> list[str]:
    """Texts of drawings that leave their box."""
    found: list[str] = page.evaluate(
        """[...document.querySelectorAll('.flow g[role=img]')].filter(g => g.getBoundingClientRect().width).flatMap(g => {
             const box = g.querySelector('rect, path').getBoundingClientRect();
             return [...g.querySelectorAll('text:not(.number)')].filter(t => {
               const r = t.getBoundingClientRect();
               return r.left < box.left || r.right > box.right || r.top < box.top - 1 || r.bottom > box.bottom + 1;
             }).map(t => t.textContent);
           })"""
    )
    return found


@pytest.mark.parametrize("name", ["normal", "hostile"])
def test_words_stay_inside_their_boxes(open_report: Open, name: str) -> None:
    assert texts_stay_inside(open_report(html_of(name)).page) == []


def numbered(count: int, name: str) -> Automation:
    """An automation whose every step has a name of its own."""
    steps = tuple(AddTag(tag=tag(f"{name}n{number}z")) for number in range(count))
    return Automation(name=name, steps=steps)


@pytest.mark.parametrize("paper", ["A4", "Letter"])
def test_a_printed_report_cuts_no_drawing(open_report: Open, paper: str) -> None:
    pypdf = pytest.importorskip("pypdf")
    flows = tuple(numbered(count, f"q{number}") for number, count in enumerate((5, 11, 12, 13, 30, 60)))
    page = open_report(render_html(msgspec.structs.replace(results.normal(), automations=flows, findings=()), CONSULTANT)).page
    pdf = pypdf.PdfReader(io.BytesIO(page.pdf(format=paper)))
    pages = [sheet.extract_text() for sheet in pdf.pages]
    for flow in flows:
        for sheet in sheets(make_chart(flow)):
            names = [frame.box.name for frame in lay_out(sheet.chart).frames if frame.box.name]
            holding = {number for number, text in enumerate(pages) for name in names if name in text}
            assert len(holding) == 1, (flow.name, names, holding)


def test_a_printed_report_opens_what_is_folded(open_report: Open) -> None:
    pypdf = pytest.importorskip("pypdf")
    flows = tuple(numbered(3, f"q{number}") for number in range(20))
    page = open_report(render_html(msgspec.structs.replace(results.normal(), automations=flows, findings=()), CONSULTANT)).page
    assert page.locator("#automation-0").get_attribute("open") is None
    text = "".join(sheet.extract_text() for sheet in pypdf.PdfReader(io.BytesIO(page.pdf(format="A4"))).pages)
    assert all(f"q{number}n2z" in text for number in range(20))


def test_the_first_page_is_one_printed_page(open_report: Open) -> None:
    pypdf = pytest.importorskip("pypdf")
    pages = pypdf.PdfReader(io.BytesIO(open_report(html_of("branded")).page.pdf(format="A4"))).pages
    assert "What could not be seen" in pages[0].extract_text()
    assert "This week" in pages[1].extract_text()


def test_addresses_are_printed_behind_links(open_report: Open) -> None:
    pypdf = pytest.importorskip("pypdf")
    text = "".join(
        sheet.extract_text() for sheet in pypdf.PdfReader(io.BytesIO(open_report(html_of("normal")).page.pdf(format="A4"))).pages
    )
    assert "(https://app.kit.com/automations/2214095/edit)" in re.sub(r"\s", "", text)


def test_a_report_without_its_style_sheet_still_reads(open_report: Open) -> None:
    bare = re.sub(r"<style>.*?</style>", "", html_of("normal"), flags=re.DOTALL)
    page = open_report(bare).page
    fills = page.evaluate("[...document.querySelectorAll('.flow rect')].map(r => getComputedStyle(r).fill)")
    assert set(fills) == {"none"}


def test_chains_are_drawn_whole(open_report: Open) -> None:
    flow = Automation(name="Chain", steps=chain(60))
    page = open_report(render_html(msgspec.structs.replace(results.empty(), automations=(flow,)))).page
    assert page.locator("#automation-0 .flow g.action").count() == 60


def test_links_can_be_searched_by_keyboard(open_report: Open) -> None:
    page = open_report(html_of("observed")).page
    page.locator("#links > summary").click()
    page.locator("form.row-filter input").focus()
    page.keyboard.type("over several")
    assert page.locator("table.links tbody tr:visible").count() == 1
    assert page.locator(".link-group:visible").count() == 1
    assert page.locator("form.row-filter [role=status]").inner_text() == "1 of 8 links shown"
    page.locator("form.row-filter input").fill("")
    assert page.locator("table.links tbody tr:visible").count() == 8


def test_what_was_seen_is_there_without_javascript(open_report: Open) -> None:
    page = open_report(html_of("observed"), java_script_enabled=False).page
    page.locator("#automations > summary").click()
    page.locator("#automation-0 > summary").click()
    assert "412 of 430 people who got the tag “Course A: purchased”" in page.locator("#automation-0").inner_text()
    assert page.locator("form.row-filter").is_hidden()
    assert page.locator("#automation-0 svg.timeline:visible").count() == 3


@pytest.mark.parametrize("width", [1280, 390])
def test_charts_and_their_words_stay_on_the_page(open_report: Open, width: int) -> None:
    page = open_report(html_of("observed"), width=width).page
    outside = page.evaluate(
        """[...document.querySelectorAll('svg.timeline text')].filter(t => {
             const [r, box] = [t.getBoundingClientRect(), t.closest('svg').getBoundingClientRect()];
             return r.left < box.left - 1 || r.right > box.right + 1 || box.right > innerWidth;
           }).map(t => t.textContent)"""
    )
    assert outside == []


def test_words_on_links_stay_in_their_boxes(open_report: Open) -> None:
    page = open_report(html_of("observed hostile")).page
    outside = page.evaluate(
        """[...document.querySelectorAll('svg.links g')].flatMap(g => {
             const box = g.querySelector('rect').getBoundingClientRect();
             return [...g.querySelectorAll('text')].filter(t => {
               const r = t.getBoundingClientRect();
               return r.left < box.left || r.right > box.right || r.bottom > box.bottom + 1;
             }).map(t => t.textContent);
           })"""
    )
    assert outside == []


def test_a_printed_report_keeps_the_sentences_and_leaves_the_tables_of_weeks(open_report: Open) -> None:
    pypdf = pytest.importorskip("pypdf")
    page = open_report(render_html(observed.observed(), CONSULTANT)).page
    pages = pypdf.PdfReader(io.BytesIO(page.pdf(format="A4"))).pages
    text = re.sub(r"\s+", " ", " ".join(sheet.extract_text() for sheet in pages))
    assert "nine in ten of them within 3 seconds" in text
    assert "Weeks begin on Monday" not in text
    assert "Your account does this, and the list of automations does not say so." in text


def test_all_findings_open_and_close_at_once(open_report: Open) -> None:
    page = open_report(html_of("normal")).page
    assert page.locator("details.group[open]").count() == 0
    page.locator("#open-all").press("Enter")
    assert page.locator("details.group:not([open])").count() == 0
    page.locator("#open-all").press("Enter")
    assert page.locator("details.group[open]").count() == 0


def test_a_link_to_a_folded_finding_opens_it(open_report: Open) -> None:
    page = open_report(html_of("normal")).page
    page.locator(".actions a").first.click()
    page.wait_for_function("document.querySelectorAll('details.group[open]').length === 1")


def test_a_clients_printed_report_has_the_findings_and_leaves_the_appendix(open_report: Open) -> None:
    pypdf = pytest.importorskip("pypdf")
    pages = pypdf.PdfReader(io.BytesIO(open_report(html_of("normal")).page.pdf(format="A4"))).pages
    text = re.sub(r"\s+", " ", " ".join(sheet.extract_text() for sheet in pages))
    assert all(finding.message[:40] in text for finding in results.normal().findings)
    assert "Where it is used" not in text
