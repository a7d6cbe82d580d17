"""Every format a result can be written in: its name, what is particular about it, and the function that makes it."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, overload

import msgspec

from ckaudit.model.errors import UsageError

if TYPE_CHECKING:
    from ckaudit.model.result import Result
    from ckaudit.render.options import RenderOptions

TextFormat: TypeAlias = Literal[
    "text",
    "concise",
    "json",
    "baseline",
    "sarif",
    "junit",
    "github",
    "gitlab",
    "csv",
    "tags",
    "handover",
    "handover-html",
    "markdown",
    "html",
]
BinaryFormat: TypeAlias = Literal["pdf"]


class Format(msgspec.Struct, frozen=True, kw_only=True):
    """One format. ``function`` makes it; it is imported when it is asked for, so that this table costs nothing.

    ``patterns`` are of file names in lower case, the usual name first. ``is_plain``: made from the result alone, without options.
    ``is_binary``: bytes, for files only. ``for_files``: asked for by a file's name alone. ``is_whole``: shows the whole account and what
    changed since the baseline; the others list what is new. ``points_at_lines``: names lines of the snapshot, and finding them takes as
    long as reading it. ``problem`` says why it cannot be made here, and None where it can. ``gives_orders``: its lines are meant to be
    obeyed by the log they are printed to.
    """

    name: str
    function: str
    patterns: tuple[str, ...] = ()
    is_plain: bool = False
    is_binary: bool = False
    is_whole: bool = False
    points_at_lines: bool = False
    problem: str = ""
    gives_orders: bool = False
    for_files: bool = False


FORMATS = {
    form.name: form
    for form in (
        Format(name="text", function="text.render_text", patterns=("*.txt",), is_plain=True),
        Format(name="concise", function="concise.render_concise", points_at_lines=True),
        Format(name="json", function="json.render_json", patterns=("*.json",), is_plain=True),
        Format(name="baseline", function="baseline.render_baseline", patterns=("baseline*.json", "*baseline.json"), is_plain=True),
        Format(name="sarif", function="sarif.render_sarif", patterns=("*.sarif", "*.sarif.json"), points_at_lines=True),
        Format(name="junit", function="junit.render_junit", patterns=("*.xml",), points_at_lines=True),
        Format(name="github", function="github.render_github", points_at_lines=True, gives_orders=True),
        Format(name="gitlab", function="gitlab.render_gitlab", patterns=("gl-code-quality*.json",), points_at_lines=True),
        Format(name="csv", function="csv.render_csv", patterns=("*.csv",)),
        Format(name="tags", function="tags_csv.render_tags_csv", patterns=("tags*.csv", "*-tags.csv"), is_plain=True, for_files=True),
        Format(name="handover", function="handover.render_handover", patterns=("handover*.md", "*-handover.md"), for_files=True),
        Format(
            name="handover-html",
            function="handover.render_handover_html",
            patterns=("handover*.html", "*-handover.html"),
            for_files=True,
        ),
        Format(name="markdown", function="markdown.render_markdown", patterns=("*.md", "*.markdown"), is_whole=True),
        Format(name="html", function="html.render_html", patterns=("*.html", "*.htm"), is_whole=True),
        Format(name="pdf", function="pdf.render_pdf", patterns=("*.pdf",), is_whole=True, is_binary=True, problem="pdf.problem"),
    )
}
FLEET_FORMATS = {
    "text": "fleet_text.render_fleet_text",
    "json": "json.render_json",
    "csv": "fleet_text.render_fleet_csv",
    "markdown": "fleet_text.render_fleet_markdown",
    "html": "fleet_html.render_fleet_html",
}
"""The formats of what came of several accounts."""
LISTED = tuple(form.name for form in FORMATS.values() if not form.is_binary and not form.for_files)
"""What can go to standard output, as ``--format`` offers it."""


def format_for(file: str | Path) -> Format:
    """The format a file's name asks for: of the patterns that fit, the longest. Raises UsageError when there is none."""
    name = Path(file).name.lower()
    fitting = [(len(pattern), form) for form in FORMATS.values() for pattern in form.patterns if fnmatchcase(name, pattern)]
    if not fitting:
        known = ", ".join(f"{form.patterns[0]} ({form.name})" for form in FORMATS.values() if form.patterns)
        raise UsageError(f"the file name {name} names no format", hint=f"Possible are {known}.")
    return max(fitting, key=lambda entry: entry[0])[1]


@overload
def render_result(result: Result, form: TextFormat, options: RenderOptions | None = None) -> str: ...
@overload
def render_result(result: Result, form: BinaryFormat, options: RenderOptions | None = None) -> bytes: ...
@overload
def render_result(result: Result, form: str, options: RenderOptions | None = None) -> str | bytes: ...
def render_result(result: Result, form: str, options: RenderOptions | None = None) -> str | bytes:
    """The result in a format; bytes for a binary one, text to be written as UTF-8 for the others.

    Raises:
        UsageError: there is no such format, or it needs an extra that is not installed.
    """
    chosen = FORMATS.get(form)
    if chosen is None:
        raise UsageError(f"there is no format “{form}”", hint=f"Possible are {', '.join(FORMATS)}.")
    function = imported(chosen.function)
    if chosen.points_at_lines and options and options.root:
        from ckaudit.render.readers import from_root

        result, options = from_root(result, options)
    made: str | bytes = function(result) if chosen.is_plain or options is None else function(result, options)
    return made


def render_bytes(result: Result, form: str, options: RenderOptions | None = None) -> bytes:
    """The same as a file holds it."""
    made = render_result(result, form, options)
    return made if isinstance(made, bytes) else made.encode("utf-8", "replace")


def why_not(form: str) -> UsageError | None:
    """Why a format cannot be made here, as what it needs is not installed; None when it can."""
    name = FORMATS[form].problem
    found: UsageError | None = imported(name)() if name else None
    return found


def imported(function: str) -> Callable[..., Any]:
    """A function of this room by its module and name."""
    module, _, name = function.partition(".")
    found: Callable[..., Any] = getattr(importlib.import_module(f"ckaudit.render.{module}"), name)
    return found
