"""The HTML report as PDF, for pipelines without a browser. Needs the extra ``ckaudit[pdf]`` (weasyprint, and the system's Pango)."""

from __future__ import annotations

import importlib
import re
from types import ModuleType
from typing import Any

from ckaudit.installation import adding
from ckaudit.model.errors import UsageError
from ckaudit.model.result import Result
from ckaudit.render.draw.svg import draw_css
from ckaudit.render.html import render_page
from ckaudit.render.options import DEFAULT_OPTIONS, RenderOptions

PRINTED = 0.7
_PANGO = "apt-get install libpango-1.0-0 libpangoft2-1.0-0"
_BREAKS = """<style>
.fix, .finding > .facts, .why, .message, .own-title, h6, .group > summary h4 { break-before: auto; break-after: auto }
.finding, .automation, .fix, .why, .message, .steps li { break-inside: auto }
.maps .canvas, .evidence.drawn, .asides, .group > summary, .group > summary h4 { display: block }
.grades { display: flex; gap: 2rem } .grade-list { flex: 1 1 0 }
.front { break-after: auto }
.group > summary { break-inside: avoid; break-after: avoid }
</style>"""
"""Weasyprint gives up on a chain of parts that must stay together and is longer than a page, leaves its heading alone on a page, and cuts
what stands in a grid at the foot of a page."""


def render_pdf(result: Result, options: RenderOptions = DEFAULT_OPTIONS) -> bytes:
    """The printed report. Nothing is fetched.

    Raises:
        UsageError: weasyprint or Pango is missing; the message says how to get them, or how to do without.
    """
    weasyprint = _weasyprint()
    page = with_drawings_styled(render_page(result, options, on_paper=True))
    return bytes(weasyprint.HTML(string=page, url_fetcher=only_what_is_inside(weasyprint)).write_pdf())


def problem() -> UsageError | None:
    """Why no PDF can be made here, None when one can."""
    try:
        _weasyprint()
    except UsageError as error:
        return error
    return None


def _weasyprint() -> ModuleType:
    browser = "Or write report.html and print it from a browser."
    try:
        return importlib.import_module("weasyprint")
    except ImportError:
        message, hint = "a PDF needs the package weasyprint, and it is not installed", f"It comes with `{adding('pdf', 'weasyprint')}`."
    except OSError:
        message, hint = "a PDF needs the system's Pango, and it is not installed", f"Debian: `{_PANGO}`."
    raise UsageError(message, hint=f"{hint} {browser}")


def only_what_is_inside(weasyprint: ModuleType) -> Any:
    """What weasyprint fetches with: addresses that hold their data themselves, such as the logo's; no file and no host."""
    return weasyprint.urls.URLFetcher(allowed_protocols=("data",), allow_redirects=False)


def with_drawings_styled(html: str) -> str:
    """Drawings that carry their own style sheet, at the size they are printed at.

    Weasyprint applies the page's style sheet to the page only, knows no variables in a drawing and no ``zoom``.
    """
    style = f"<style>{flat_css(draw_css())}</style>"
    opening = re.compile(r'(<svg class="(?:flow|timeline)[ a-z]*" role="(?:group|img)") width="(\d+)" height="(\d+)"([^>]*>)')
    drawn = opening.sub(lambda m: f'{m[1]} width="{int(m[2]) * PRINTED:.0f}" height="{int(m[3]) * PRINTED:.0f}"{m[4]}{style}', html)
    return drawn.replace("</head>", f"{_BREAKS}</head>", 1)


def flat_css(css: str) -> str:
    """A style sheet without the dark colours, and with every variable replaced by its light value."""
    light = css.partition("@media")[0]
    colours = dict(re.findall(r"(?<![\w-])(--[\w-]++):\s*+([^;]{1,200});", light))
    return re.sub(r"var\((--[\w-]+)\)", lambda match: colours[match[1]], light)
