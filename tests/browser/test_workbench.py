"""The workbench in a real browser: what people do with it, and what other sites cannot."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ckaudit.workbench.server import Workbench
from tests.browser.conftest import Opened
from tests.workbench.benches import demo, edit_of, listing, opened, session

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

Start = Callable[..., Opened]
DRAFT = "Coastal Light: purchased to Coastal Light: module 3 is open"
HOSTILE = "<img src=x onerror=\"document.title='owned'\">\u202e</script><b>&amp;"


@contextmanager
def answering(place: Path) -> Iterator[Workbench]:
    """A workbench over the account in a folder."""
    with Workbench(session(place)) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def start(chromium: Browser) -> Iterator[Start]:
    """Starts a workbench over a folder and opens its page. ``server`` of what comes back is the workbench."""
    with ExitStack() as stack:

        def begin(place: Path, *, width: int = 1280, height: int = 900, **options: Any) -> Opened:
            server = stack.enter_context(answering(place))
            context = stack.enter_context(chromium.new_context(viewport={"width": width, "height": height}, **options))
            result = Opened(context.new_page())
            result.server = server  # type: ignore[attr-defined]
            result.page.goto(server.url)
            result.page.locator("#rows button, #trouble:not([hidden])").first.wait_for()
            return result

        yield begin


def choose(page: Page, name: str) -> None:
    """Open an automation of the list, and wait until it is judged."""
    page.locator("#rows button", has_text=name).first.click()
    page.locator("#editor").wait_for()
    page.wait_for_function("name => document.getElementById('name').value.includes(name)", arg=name)


def judged(page: Page) -> None:
    page.locator("#judged:not([hidden]):not([aria-busy])").wait_for()


def said(page: Page, words: str) -> None:
    page.wait_for_function("words => document.getElementById('said').textContent.includes(words)", arg=words)


def active(page: Page) -> str:
    found: str = page.evaluate("document.activeElement.id || document.activeElement.dataset.role || document.activeElement.textContent")
    return found


class TestByKeyboardAlone:
    def test_an_automation_is_described_from_nothing_and_saved(self, start: Start, tmp_path: Path) -> None:
        place = demo(tmp_path)
        page = start(place).page
        keys = page.keyboard
        keys.press("n")
        page.wait_for_function("() => document.activeElement.id === 'name'")
        keys.type("Win-back")
        for _ in range(4):
            keys.press("Tab")
        assert active(page) == "text"
        keys.type("> light: purch")
        page.locator("#names [aria-selected=true]", has_text="Coastal Light: purchased").wait_for()
        keys.press("Tab")
        keys.press("Enter")
        keys.type("+ cust")
        keys.press("Enter")  # the only name: it is written in full
        keys.type("7d\n= light: wel")
        keys.press("Tab")
        keys.press("Enter")
        keys.type("? vip\n+ cust")
        keys.press("Escape")
        assert (
            page.locator("#text").input_value() == "> Coastal Light: purchased\n+ Customer\n7d\n= Coastal Light: welcome\n? VIP\n  + cust"
        )
        keys.press("Control+s")
        said(page, "Saved: ")
        written = (place / "automations" / "win-back.yaml").read_text(encoding="utf-8")
        assert re.findall(r"(?m)^ *- (?!name)(.*)$", written) == [
            'tag_added: "Coastal Light: purchased"',
            "add_tag: Customer",
            "delay: 7 days",
            'sequence: "Coastal Light: welcome"',
            "if: {tag: VIP}",
            "add_tag: Customer",
        ]
        assert page.locator("#rows [aria-current]").inner_text().startswith("Win-back")

    def test_the_list_is_walked_and_left_with_arrows_enter_and_escape(self, start: Start, tmp_path: Path) -> None:
        page = start(demo(tmp_path)).page
        page.keyboard.press("/")
        assert active(page) == "find"
        page.keyboard.type("studio")
        page.wait_for_function("() => document.querySelectorAll('#rows button').length === 4")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        page.wait_for_function("() => document.activeElement.id === 'text'")
        assert page.locator("#name").input_value() == "Studio Circle - payment failed"
        page.keyboard.press("Escape")
        assert active(page).startswith("Studio Circle - payment failed")

    @pytest.mark.parametrize(("key", "state"), [("a", "described"), ("r", "refused")])
    def test_a_draft_is_accepted_or_refused_with_one_key(self, start: Start, tmp_path: Path, key: str, state: str) -> None:
        page = start(demo(tmp_path, "")).page
        choose(page, DRAFT)
        page.keyboard.press(key)
        page.locator(f"#rows .item.is-{state}", has_text=DRAFT).wait_for()
        page.wait_for_function("name => document.getElementById('name').value !== name", arg=DRAFT)  # the next one

    def test_a_draft_is_changed_with_one_key(self, start: Start, tmp_path: Path) -> None:
        place = demo(tmp_path, "")
        page = start(place).page
        choose(page, DRAFT)
        page.keyboard.press("c")
        assert active(page) == "text"
        page.keyboard.press("Control+End")
        page.keyboard.type("\n+ vip")
        page.locator("#name").fill("Release")
        page.keyboard.press("Control+s")
        said(page, "Saved: ")
        assert "- add_tag: VIP" in (place / "automations" / "release.yaml").read_text(encoding="utf-8")

    def test_the_letters_of_a_name_answer_nothing(self, start: Start, tmp_path: Path) -> None:
        page = start(demo(tmp_path, "")).page
        choose(page, DRAFT)
        page.locator("#name").fill("")
        page.keyboard.type("arc")
        page.wait_for_function("() => [...document.querySelectorAll('#rows .item-name')].some(item => item.textContent === 'arc')")
        assert page.locator("#state").inner_text() == "Draft from timestamps"

    def test_blocks_need_no_signs(self, start: Start, tmp_path: Path) -> None:
        place = demo(tmp_path)
        page = start(place).page
        page.keyboard.press("n")
        page.wait_for_function("() => document.activeElement.id === 'name'")
        page.keyboard.type("Win-back")
        page.locator("#as-blocks").focus()
        page.keyboard.press("Enter")
        page.get_by_role("button", name="Add a step", exact=True).press("Enter")
        assert active(page) == "kind"
        page.keyboard.press("Tab")
        page.keyboard.type("Customer")
        page.keyboard.press("Enter")
        assert active(page) == "kind"
        page.keyboard.press("Tab")
        page.keyboard.type("VIP")
        page.keyboard.press("Control+s")
        said(page, "Saved: ")
        written = (place / "automations" / "win-back.yaml").read_text(encoding="utf-8")
        assert "- tag_added: Customer" in written
        assert "- add_tag: VIP" in written

    def test_the_next_one_comes_by_itself(self, start: Start, tmp_path: Path) -> None:
        page = start(demo(tmp_path, listing(["Win-back", "Other"]))).page
        choose(page, "Win-back")
        page.locator("#text").press("Control+End")
        page.keyboard.type("> Customer\n+ vip")
        page.keyboard.press("Control+Enter")
        said(page, "Saved: ")
        assert page.locator("#name").input_value() == "Other"
        assert page.locator("#count").inner_text() == "1 of 2 described"


class TestWhileTyping:
    def test_drawing_findings_and_people_follow(self, start: Start, tmp_path: Path) -> None:
        page = start(demo(tmp_path)).page
        choose(page, "Coastal Light - release")
        page.locator("#margin span", has_text="205 people, 7 days").wait_for()
        judged(page)
        assert page.locator("#findings li").count() >= 1
        boxes = page.locator("#drawing svg [role=img]").count()
        page.locator("#text").press("Control+End")
        page.keyboard.type("+ vip\n")
        page.wait_for_function("count => document.querySelectorAll('#drawing svg [role=img]').length > count", arg=boxes)

    def test_a_fragment_of_several_names_is_asked_about(self, start: Start, tmp_path: Path) -> None:
        page = start(demo(tmp_path)).page
        page.keyboard.press("n")
        page.wait_for_function("() => document.activeElement.id === 'name'")
        page.keyboard.type("Win-back")
        page.locator("#text").focus()
        page.keyboard.type("> Coastal Light: m")
        page.locator("#problems .choice", has_text="Coastal Light: module 2").click()
        page.locator("#problems li").wait_for(state="detached")
        assert page.locator("#text").input_value() == "> Coastal Light: module 2"

    def test_a_draft_that_fits_a_name_is_taken_over(self, start: Start, tmp_path: Path) -> None:
        page = start(demo(tmp_path, listing(["Release"]))).page
        choose(page, "Release")
        page.locator("#fits-list button", has_text=DRAFT).click()
        page.wait_for_function("() => document.getElementById('text').value.includes('+ Coastal Light: module 2')")


class TestPasting:
    def test_the_text_of_a_page_is_read_asked_about_and_taken(self, start: Start, tmp_path: Path) -> None:
        first = start(demo(tmp_path, listing(["Release"])))
        page = first.page
        choose(page, "Release")
        page.locator("#paste summary").click()
        page.locator("#page-text").fill("Tag is added\nCoastal Light: purchased\nZorp\nCustomer\n<b>x</b>\n")
        page.locator("#read-page").click()
        page.locator("#page-found select").select_option("add_tag")
        page.locator("#page-found select").wait_for(state="detached")
        assert "from 3: Zorp · 4: Customer" in page.locator("#page-found").inner_text()
        assert "5: <b>x</b>" in page.locator("#page-found").inner_text()
        page.locator("#take-page").click()
        assert page.locator("#text").input_value() == "> Coastal Light: purchased\n+ Customer\n"
        assert first.complaints == []


class TestNothingIsLost:
    def test_what_was_typed_is_there_after_closing_and_opening_again(self, start: Start, tmp_path: Path) -> None:
        place = demo(tmp_path)
        first = start(place)
        choose(first.page, "Studio Circle - release")
        first.page.locator("#text").press("Control+End")
        first.page.keyboard.type("+ not yet")
        first.page.close()  # at once
        page = start(place).page
        page.locator("#rows button", has_text="not saved").wait_for()
        choose(page, "Studio Circle - release")
        assert page.locator("#text").input_value().endswith("+ not yet")

    def test_a_file_that_changed_meanwhile_is_shown_beside_the_text(self, start: Start, tmp_path: Path) -> None:
        place = demo(tmp_path)
        path = place / "automations.yaml"
        page = start(place).page
        choose(page, "Studio Circle - release")
        page.locator("#text").press("Control+End")
        page.keyboard.type("+ Customer")
        theirs = path.read_text(encoding="utf-8").replace(
            'delay: 5 minutes\n      - remove_tag: "AA: create login"\n      - if',
            'delay: 9 minutes\n      - remove_tag: "AA: create login"\n      - if',
        )
        path.write_text(theirs, encoding="utf-8")
        page.keyboard.press("Control+s")
        page.locator("#theirs", has_text="9m").wait_for()
        assert path.read_text(encoding="utf-8") == theirs
        page.locator("#keep-mine").click()
        said(page, "Saved: ")
        assert "delay: 9 minutes" not in path.read_text(encoding="utf-8")

    def test_the_files_own_text_is_taken_instead(self, start: Start, tmp_path: Path) -> None:
        place = demo(tmp_path)
        path = place / "automations.yaml"
        page = start(place).page
        choose(page, "Studio Circle - cancelled")
        page.locator("#text").press("Control+End")
        page.keyboard.type("+ Customer")
        bench = session(place)
        first = opened(bench, "Studio Circle - cancelled")
        page.wait_for_function("() => [...document.querySelectorAll('#rows .fine')].some(item => item.textContent.includes('not saved'))")
        bench = session(place)
        path.write_text(path.read_text(encoding="utf-8").replace(first.name, "Studio Circle - over", 1), encoding="utf-8")
        page.keyboard.press("Control+s")
        page.locator("#conflict:not([hidden])").wait_for()
        page.locator("#take-theirs").click()
        page.wait_for_function("() => !document.getElementById('text').value.includes('+ Customer')")
        assert edit_of(opened(session(place), "Studio Circle - over")).text == page.locator("#text").input_value()

    def test_a_workbench_that_ended_is_said(self, start: Start, tmp_path: Path) -> None:
        page = start(demo(tmp_path)).page
        page.locator("#end").click()
        page.locator("#trouble", has_text="has ended").wait_for()


class TestOtherSites:
    def test_another_site_gets_nothing_even_if_it_knows_the_token(self, start: Start, tmp_path: Path) -> None:
        first = start(demo(tmp_path))
        server: Workbench = first.server  # type: ignore[attr-defined]
        context = first.page.context
        context.route("http://evil.example/**", lambda route: route.fulfill(body="<title>evil</title>", content_type="text/html"))
        evil = context.new_page()
        evil.goto("http://evil.example/")
        address = server.url.partition("#")[0]
        asked = """([url, token]) => fetch(url + 'ask/list', {method: 'POST', body: '{}',
            headers: {'Content-Type': 'application/json', 'X-Workbench-Token': token}}).then(a => a.text(), () => 'refused')"""
        simple = (
            "url => fetch(url + 'ask/list', {method: 'POST', body: '{}', mode: 'no-cors'}).then(a => a.type + a.status, () => 'refused')"
        )
        assert evil.evaluate(asked, [address, server.token]) == "refused"
        assert evil.evaluate(simple, address) in ("opaque0", "refused")
        evil.set_content(f'<iframe src="{address}"></iframe><script src="{address}workbench.js"></script>')
        assert not [frame for frame in evil.frames[1:] if frame.query_selector("#rows")]

    def test_under_another_name_the_page_is_not_there(self, start: Start, tmp_path: Path, chromium: Browser) -> None:
        server: Workbench = start(demo(tmp_path)).server  # type: ignore[attr-defined]
        with chromium.new_context(extra_http_headers={"X-Workbench-Token": server.token}) as context:
            answer = context.request.post(f"http://127.0.0.1:{server.server_port}/ask/list", headers={"Host": "evil.example"}, data="{}")
            assert answer.status == 421

    def test_a_browser_that_is_started_gets_in_with_its_code_once(self, start: Start, tmp_path: Path, chromium: Browser) -> None:
        server: Workbench = start(demo(tmp_path)).server  # type: ignore[attr-defined]
        address = server.url_for_once
        with chromium.new_context() as context:
            page = context.new_page()
            page.goto(address)
            page.locator("#rows button").first.wait_for()
            page.reload()
            page.locator("#rows button").first.wait_for()
        with chromium.new_context() as context:
            page = context.new_page()
            page.goto(address)
            page.locator("#trouble", has_text="ckaudit manifest edit").wait_for()

    def test_without_the_token_the_page_says_what_to_do(self, start: Start, tmp_path: Path, chromium: Browser) -> None:
        server: Workbench = start(demo(tmp_path)).server  # type: ignore[attr-defined]
        with chromium.new_context() as context:
            page = context.new_page()
            page.goto(server.url.partition("#")[0])
            page.locator("#trouble", has_text="ckaudit manifest edit").wait_for()
            assert page.locator("#rows button").count() == 0

    def test_nothing_is_loaded_from_elsewhere_and_the_token_leaves_the_address(self, start: Start, tmp_path: Path) -> None:
        first = start(demo(tmp_path))
        choose(first.page, "Coastal Light - release")
        judged(first.page)
        server: Workbench = first.server  # type: ignore[attr-defined]
        assert {url.split("/")[2] for url in first.requests if not url.startswith("data:")} == {server.hosts[0]}
        assert first.complaints == []
        assert server.token not in first.page.url


class TestLooks:
    @pytest.mark.parametrize("scheme", ["light", "dark"])
    @pytest.mark.parametrize("width", [1280, 390])
    def test_axe_finds_nothing(self, start: Start, tmp_path: Path, width: int, scheme: str) -> None:
        axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
        page = start(demo(tmp_path, listing(["Win-back"])), width=width, color_scheme=scheme).page

        def faults() -> list[Any]:
            found: list[dict[str, Any]] = axe.run(page).response["violations"]
            return [(fault["id"], fault["nodes"][0]["html"][:200], fault["nodes"][0]["failureSummary"]) for fault in found]

        assert faults() == []
        choose(page, DRAFT)
        judged(page)
        assert faults() == []
        page.locator("#as-blocks").click()
        assert faults() == []
        page.locator("#help").click()
        assert faults() == []

    @pytest.mark.parametrize("scheme", ["light", "dark"])
    def test_axe_finds_nothing_while_names_and_problems_are_shown(self, start: Start, tmp_path: Path, scheme: str) -> None:
        axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
        page = start(demo(tmp_path, listing(["Win-back"])), color_scheme=scheme).page
        choose(page, "Win-back")
        page.locator("#text").press("Control+End")
        page.keyboard.type("> Coastal Light: m")
        page.locator("#names:not([hidden])").wait_for()
        page.locator("#problems li").wait_for()
        found = axe.run(page).response["violations"]
        assert [(fault["id"], fault["nodes"][0]["html"][:200], fault["nodes"][0]["failureSummary"]) for fault in found] == []

    @pytest.mark.parametrize("width", [1280, 900, 390])
    def test_the_page_is_never_wider_than_the_window(self, start: Start, tmp_path: Path, width: int) -> None:
        page = start(demo(tmp_path), width=width).page
        for name in ("Coastal Light - release", "Workshop - registration"):
            choose(page, name)
            judged(page)
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            page.locator("#as-blocks").click()
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            page.locator("#as-text").click()
            if width == 390:
                page.locator("#back").click()

    def test_on_a_telephone_there_is_one_thing_at_a_time(self, start: Start, tmp_path: Path) -> None:
        page = start(demo(tmp_path), width=390, height=800).page
        assert not page.locator("#editor").is_visible()
        choose(page, "Coastal Light - release")
        assert not page.locator("#rows").is_visible()
        page.locator("#back").click()
        assert page.locator("#rows").is_visible()

    def test_names_full_of_markup_are_text(self, start: Start, tmp_path: Path) -> None:
        place = demo(tmp_path, listing([HOSTILE.replace("\u202e", "")]))
        account = place / "account.json"
        account.write_text(
            account.read_text(encoding="utf-8").replace('"name": "Customer"', '"name": "<img src=x onerror=alert(1)>"'), encoding="utf-8"
        )
        first = start(place)
        page = first.page
        page.locator("#rows button").first.click()
        page.locator("#editor").wait_for()
        page.locator("#text").press("Control+End")
        page.keyboard.type("> img")
        page.locator("#names li").wait_for()
        page.keyboard.press("Tab")
        page.keyboard.type("\n? & <b>who?</b>\n+ VIP")
        page.locator("#drawing svg").wait_for()
        page.locator("#as-blocks").click()
        page.keyboard.press("Control+s")
        said(page, "Saved: ")
        judged(page)
        assert page.title() == "Automations – ckaudit"
        assert page.evaluate("document.querySelectorAll('img, iframe, b, script:not([src])').length") == 0
        assert first.complaints == []

    def test_a_hundred_automations_are_found_at_once(self, start: Start, tmp_path: Path) -> None:
        page = start(demo(tmp_path, listing([f"Automation {number:03}" for number in range(100)]))).page
        assert page.locator("#rows .item.is-name").count() == 100
        page.locator("#find").fill("077")
        page.wait_for_function("() => document.querySelectorAll('#rows .item.is-name').length === 1")
        page.keyboard.press("Enter")
        page.locator("#editor").wait_for()
        page.locator("#text").press("Control+End")
        page.keyboard.type("> Customer\n+ vip")
        page.keyboard.press("Control+s")
        said(page, "Saved: ")
        assert page.locator("#count").inner_text() == "1 of 100 described"
