"""Every format a result can be written in: its name, the file names that mean it, and the function that makes it."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import msgspec

from ckaudit.model.errors import UsageError
from ckaudit.model.result import Result
from ckaudit.render.options import DEFAULT_OPTIONS, RenderOptions


class Format(msgspec.Struct, frozen=True):
    """``patterns`` are of file names in lower case; ``plain`` formats take the result alone, without options."""

    name: str
    module: str
    function: str
    patterns: tuple[str, ...]
    plain: bool = False


# In this order: the first format with a fitting pattern counts.
FORMATS = (
    Format("gitlab", "ckaudit.render.gitlab", "render_gitlab", ("gl-code-quality*.json",)),
    Format("sarif", "ckaudit.render.sarif", "render_sarif", ("*.sarif", "*.sarif.json")),
    Format("json", "ckaudit.render.json", "render_json", ("*.json",), plain=True),
    Format("html", "ckaudit.render.html", "render_html", ("*.html", "*.htm")),
    Format("pdf", "ckaudit.render.pdf", "render_pdf", ("*.pdf",)),
    Format("markdown", "ckaudit.render.markdown", "render_markdown", ("*.md", "*.markdown")),
    Format("csv", "ckaudit.render.csv", "render_csv", ("*.csv",)),
    Format("junit", "ckaudit.render.junit", "render_junit", ("*.xml",)),
    Format("text", "ckaudit.render.text", "render_text", ("*.txt",), plain=True),
    Format("github", "ckaudit.render.github", "render_github", ()),
)
_BY_NAME = {form.name: form for form in FORMATS}
BINARY = frozenset({"pdf"})
NAMES = tuple(name for name in ("text", "json", "sarif", "junit", "github", "gitlab", "csv", "markdown", "html") if name in _BY_NAME)


def format_for(file: str | Path) -> str:
    """The name of the format a file's name asks for. Raises UsageError when there is none."""
    name = Path(file).name.lower()
    for form in FORMATS:
        if any(fnmatchcase(name, pattern) for pattern in form.patterns):
            return form.name
    known = ", ".join(f"{form.patterns[0]} ({form.name})" for form in FORMATS if form.patterns)
    raise UsageError(f"the file name {name} tells no format", hint=f"Possible are {known}.")


def render(form: str, result: Result, options: RenderOptions = DEFAULT_OPTIONS) -> str | bytes:
    """The result in a format; bytes for those in ``BINARY``, text to be written as UTF-8 for the others.

    Raises:
        UsageError: there is no such format, or it needs an extra that is not installed.
    """
    chosen = _BY_NAME.get(form)
    if chosen is None:
        raise UsageError(f"there is no format “{form}”", hint=f"Possible are {', '.join(NAMES)}.")
    function: Callable[..., Any] = getattr(importlib.import_module(chosen.module), chosen.function)
    made: str | bytes = function(result) if chosen.plain else function(result, options)
    return made
