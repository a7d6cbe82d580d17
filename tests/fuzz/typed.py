"""What people type or copy into ckaudit, as parsers: shorthand, the text of a page, and saved pages of which the shape is shown."""

from __future__ import annotations

import functools
import json
from pathlib import Path

from ckaudit.model.account import Account
from ckaudit.model.automations import Automation

ROOT = Path(__file__).parents[2]
DEMO = ROOT / "examples" / "demo"
PASTES = ROOT / "tests" / "data" / "pastes"
NAME = "Course A - release"


def shorthand(data: bytes, _: Path) -> None:
    """It never raises, names places that exist, and what it understood can be written and read again."""
    from ckaudit.sources.shorthand import automation_yaml, read, write

    text = data.decode("utf-8", "replace")
    reading = read(text, _names())
    lines = text.splitlines() or [""]
    for problem in reading.problems:
        assert 1 <= problem.line <= len(lines) + 1, problem
        assert problem.message, problem
    for automation in reading.automations:
        again = read(write(automation, _names()), _names())
        assert reading.problems or not again.problems, (again.problems, write(automation, _names()))
        automation_yaml(automation, _names())


def paste(data: bytes, _: Path) -> None:
    """Every piece of the text ends up somewhere."""
    from ckaudit.sources.manifest.resolve import listings_of
    from ckaudit.sources.pages.paste import Role, read_page

    page = read_page(data.decode("utf-8-sig", "replace"), listings_of(_account(), [(None, NAME)]), NAME)
    assert all(line.role in Role for line in page.lines)


def shape(data: bytes, _: Path) -> None:
    """No word of the page comes out: the seeds have one that stands nowhere else."""
    from ckaudit.sources.pages.shape import Values, shape_of

    made = shape_of(data.decode("utf-8", "replace"), "page", Values(_account(), [(1982218, NAME)]))
    assert "zanzibar" not in made.lower()


@functools.cache
def _account() -> Account:
    from ckaudit.sources.snapshot import read_snapshot

    return read_snapshot(DEMO)


@functools.cache
def _automations() -> tuple[Automation, ...]:
    from ckaudit.sources.manifest import read_manifests
    from ckaudit.sources.stacks import read_stacks

    return read_manifests([DEMO / "automations.yaml"], _account(), read_stacks()).automations


@functools.cache
def _names():  # type: ignore[no-untyped-def]  # the type is imported as late as the module
    from ckaudit.sources.shorthand import Names

    return Names(_account(), [(item.id, item.name) for item in _automations()])


def shorthand_seeds() -> tuple[bytes, ...]:
    """The automations of the demo."""
    from ckaudit.sources.shorthand import write

    return tuple(write(item, _names()).encode() for item in _automations())


def paste_seeds() -> tuple[bytes, ...]:
    """Pages as people may copy them."""
    return tuple(path.read_bytes() for path in sorted(PASTES.glob("*.txt")))


def shape_seeds() -> tuple[bytes, ...]:
    """A page, a document and the requests of a page, with a secret word in each place for text."""
    page = (
        '<!doctype html><html><head><title>Zanzibar</title><script>var zanzibar = {"zanzibar": "Zanzibar"}</script></head><body>'
        '<!-- zanzibar --><div class="step" data-id="1982218" title="Zanzibar"><h1>Course A - release</h1><p>Zanzibar &amp; more</p>'
        '<input value="zanzibar"><a href="https://zanzibar.example/zanzibar?q=zanzibar">Zanzibar</a></div></body></html>'
    )
    document = json.dumps(
        {"automation": {"id": 1982218, "name": "Course A - release", "note": "Zanzibar", "steps": [{"text": "zanzibar"}]}}
    )
    content = {"mimeType": "application/json", "text": document}
    request = {"method": "GET", "url": "https://app.kit.com/automations/1982218?q=zanzibar"}
    har = {"log": {"entries": [{"request": request, "response": {"status": 200, "content": content}}]}}
    return (page.encode(), document.encode(), json.dumps(har).encode())
