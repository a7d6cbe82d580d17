"""The PDF's preparations. Weasyprint itself is an extra and takes part only where it is installed."""

from __future__ import annotations

import contextlib
import html
import importlib
import io
import re
import socket
import sys

import pytest

from ckaudit.model.errors import UsageError
from ckaudit.render.draw.svg import draw_css
from ckaudit.render.html import render_html, render_page
from ckaudit.render.options import RenderOptions
from ckaudit.render.pdf import flat_css, only_what_is_inside, render_pdf, with_drawings_styled
from tests.render import observed, results


def test_without_weasyprint_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    with pytest.raises(UsageError) as caught:
        render_pdf(results.empty())
    assert "install 'weasyprint" in caught.value.hint
    assert "report.html" in caught.value.hint


def test_colours_of_drawings_are_filled_in_and_dark_ones_left_out() -> None:
    css = flat_css(draw_css())
    assert "var(" not in css
    assert "@media" not in css
    assert "#1f2831" not in css  # the dark ground


def test_every_drawing_carries_its_style_sheet() -> None:
    page = with_drawings_styled(render_html(observed.observed()))
    assert len(re.findall('class="(?:flow|timeline)[ "]', page)) == page.count("<style>/* Drawings") > 3


def test_scripts_and_data_are_left_out() -> None:
    assert not re.search("<script", render_page(results.hostile(), RenderOptions(), on_paper=True))


@pytest.fixture(scope="module")
def printed() -> bytes:
    try:
        importlib.import_module("weasyprint")
    except (ImportError, OSError) as error:
        pytest.skip(f"weasyprint cannot be used here: {error}")
    return render_pdf(observed.observed())


def test_a_pdf_comes_out_where_weasyprint_is(printed: bytes) -> None:
    assert printed.startswith(b"%PDF-")


def test_no_heading_is_left_at_the_foot_of_a_page(printed: bytes) -> None:
    pypdf = pytest.importorskip("pypdf")
    found = re.findall(r"<h[2-5][^>]*>(.*?)</h[2-5]>", render_html(observed.observed()), re.DOTALL)
    headings = {_bare(html.unescape(re.sub("<[^>]+>", "", heading))) for heading in found}
    assert len(headings) > 20
    pages = [sheet.extract_text().replace("\0", "").strip() for sheet in pypdf.PdfReader(io.BytesIO(printed)).pages]
    assert [page.splitlines()[-1] for page in pages if _bare(page.splitlines()[-1]) in headings] == []


def _bare(text: str) -> str:
    return re.sub(r"\s", "", text)


HUNGRY = """<style>
@import "{url}/a.css"; body {{ background: url({url}/b.png) }}
@font-face {{ font-family: x; src: url({url}/f.ttf) }}
</style>
<link rel="stylesheet" href="{url}/g.css"><link rel="attachment" href="file:///etc/hostname">
<img src="{url}/c.png"><img src="file:///etc/hostname"><object data="{url}/d"></object><embed src="{url}/e"><p style="font-family: x">x</p>
<img src="data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'><image href='{url}/h.png' width='9'/></svg>">"""


def test_a_page_that_asks_for_files_and_hosts_gets_none() -> None:
    try:
        weasyprint = importlib.import_module("weasyprint")
    except (ImportError, OSError) as error:
        pytest.skip(f"weasyprint cannot be used here: {error}")
    asked: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.01)
        page = HUNGRY.format(url=f"http://127.0.0.1:{server.getsockname()[1]}")
        made = weasyprint.HTML(string=page, url_fetcher=only_what_is_inside(weasyprint)).write_pdf()
        with contextlib.suppress(TimeoutError):
            asked.append(server.accept()[0].recv(100))
    assert made.startswith(b"%PDF-")
    assert b"EmbeddedFile" not in made
    assert asked == []
