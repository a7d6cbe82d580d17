"""What every page of ours is made with: templates that escape, one style sheet, a policy that lets nothing in."""

from __future__ import annotations

import base64
import hashlib
from functools import lru_cache
from typing import TYPE_CHECKING

from ckaudit.model.branding import Branding
from ckaudit.render.branding import accents
from ckaudit.render.draw.svg import draw_css
from ckaudit.render.markdown_subset import safe_url
from ckaudit.render.plain import clean, count, cut, plural
from ckaudit.render.vocabulary import CONFIDENCE_MEANINGS, SEVERITIES, SEVERITY_MEANINGS
from ckaudit.resources import reports_folder

if TYPE_CHECKING:
    from jinja2 import Environment

MAX_TEXT = 2400


def page_style(branding: Branding, about: str = "") -> str:
    """The style sheet, in the accent colour of a brand. Printed pages have numbers and, with ``about``, say what they are of."""
    style = f"{report_file('report.css')}\n{draw_css()}\n{_running(branding, about)}"
    if not branding.accent:
        return style
    light, dark = accents(branding.accent)
    return f"{style}\n:root {{ --accent: {light}; }}\n@media screen and (prefers-color-scheme: dark) {{ :root {{ --accent: {dark}; }} }}\n"


def _running(branding: Branding, about: str) -> str:
    """What stands at the foot of every printed page. A name is foreign text: each of its characters is written by its number."""
    words = " · ".join(part for part in (cut(branding.name), cut(about)) if part)
    return (
        "@page { @bottom-left { content: " + css_string(words) + "; font: 9px sans-serif; color: #55616e } "
        '@bottom-right { content: counter(page) " / " counter(pages); font: 9px sans-serif; color: #55616e } }\n'
    )


def css_string(text: str) -> str:
    """Text as a string of a style sheet. Letters and digits stand as they are, everything else as an escape that ends with a space."""
    return '"' + "".join(char if char.isascii() and char.isalnum() else f"\\{ord(char):x} " for char in text) + '"'


def page_policy(style: str, script: str = "", *, has_logo: bool = False) -> str:
    """Content-Security-Policy: nothing from anywhere, this style sheet and this script only."""
    parts = [
        "default-src 'none'",
        f"style-src 'sha256-{_sha256(style)}'",
        *([f"script-src 'sha256-{_sha256(script)}'"] if script else []),
        *(["img-src data:"] if has_logo else []),
        "base-uri 'none'",
        "form-action 'none'",
    ]
    return "; ".join(parts)


def _sha256(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")


@lru_cache(maxsize=8)
def report_file(name: str) -> str:
    """A file of ``reports/``."""
    return (reports_folder() / name).read_text(encoding="utf-8")


@lru_cache(maxsize=1)
def page_environment() -> Environment:
    """Templates of ``reports/``. Every value is escaped, and an unknown one is an error."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(reports_folder()),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_harmless,
    )
    environment.globals |= {
        "count": count,
        "plural": plural,
        "safe_url": safe_url,
        "severities": SEVERITIES,
        "severity_meanings": SEVERITY_MEANINGS,
        "confidence_meanings": CONFIDENCE_MEANINGS,
    }
    return environment


def _harmless(value: object) -> object:
    """Foreign text on its way into the page: without characters that hide or reorder, and not endless. Ready markup stays as it is."""
    if type(value) is str:
        return clean(value, keep_newlines=True) if len(value) <= MAX_TEXT else cut(value, MAX_TEXT)
    return value
