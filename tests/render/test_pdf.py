"""The PDF's preparations. Weasyprint itself is an extra and takes part only where it is installed."""

from __future__ import annotations

import importlib
import re
import sys

import pytest

from ckaudit.model.errors import UsageError
from ckaudit.render.draw.svg import draw_css
from ckaudit.render.html import render_html
from ckaudit.render.pdf import flat_css, render_pdf, with_drawings_styled, without_script
from tests.render import results


def test_without_weasyprint_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    with pytest.raises(UsageError) as caught:
        render_pdf(results.empty())
    assert "ckaudit[pdf]" in caught.value.hint
    assert "report.html" in caught.value.hint


def test_colours_of_drawings_are_filled_in_and_dark_ones_left_out() -> None:
    css = flat_css(draw_css())
    assert "var(" not in css
    assert "@media" not in css
    assert "#1f2831" not in css  # the dark ground


def test_every_drawing_carries_its_style_sheet() -> None:
    html = with_drawings_styled(render_html(results.normal()))
    assert len(re.findall('class="(?:flow|strip)[ "]', html)) == html.count("<style>/* Drawings") > 3


def test_scripts_and_data_are_left_out() -> None:
    assert not re.search("<script", without_script(render_html(results.hostile())))


def test_a_pdf_comes_out_where_weasyprint_is() -> None:
    try:
        importlib.import_module("weasyprint")
    except (ImportError, OSError) as error:
        pytest.skip(f"weasyprint cannot be used here: {error}")
    assert render_pdf(results.normal()).startswith(b"%PDF-")
