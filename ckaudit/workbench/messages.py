"""What the page and the session say to each other, as JSON. Lines and columns count from 1."""

from __future__ import annotations

import enum
from typing import Annotated

import msgspec
from msgspec import Meta

from ckaudit.sources.pages.paste import Meaning

MAX_TEXT = 200_000
MAX_NAME = 1_000

Name = Annotated[str, Meta(max_length=MAX_NAME)]
Key = Annotated[str, Meta(max_length=MAX_NAME + 100)]


class State(enum.StrEnum):
    """What is known of an automation. ``name``: only that it is there. ``draft``: what timestamps show. ``begun``: a text that no file
    has yet."""

    NAME = "name"
    DRAFT = "draft"
    BEGUN = "begun"
    DESCRIBED = "described"
    REFUSED = "refused"


class Row(msgspec.Struct, frozen=True):
    """One line of the list. ``people`` took the first step of a draft; ``draft_from``: what somebody made a draft in a file from
    (``paste``), empty for timestamps; ``is_edited``: it has a text that is not saved."""

    key: str
    name: str
    state: State
    status: str = "active"
    people: int | None = None
    draft_from: str = ""
    is_edited: bool = False


class Worklist(msgspec.Struct, frozen=True):
    """The list: what to do next comes first in each state. ``problem`` says why files cannot be read, in words."""

    account: str
    rows: tuple[Row, ...]
    described: int
    known: int
    is_complete: bool
    problem: str = ""


class Start(msgspec.Struct, frozen=True):
    """What the page needs once: the list, the account's names by kind, and the notation on half a page."""

    list: Worklist
    names: dict[str, tuple[str, ...]]
    meanings: tuple[str, ...]
    notation: str
    has_timestamps: bool


class Which(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An automation, by its key."""

    key: Key


class Edit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An automation in the making. ``base`` is the mark of the lines it began with, empty when no file has it. ``text`` is the shorthand
    below its name."""

    key: Key
    name: Name
    text: Annotated[str, Meta(max_length=MAX_TEXT)]
    status: str = "active"
    base: Annotated[str, Meta(max_length=100)] = ""


class Answer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What becomes of a draft: ``name`` is what it is called in Kit, when it is accepted."""

    key: Key
    is_accepted: bool
    name: Name = ""


class Wrong(msgspec.Struct, frozen=True):
    """A problem of the text. ``choices`` are the names that may be meant."""

    line: int
    column: int
    message: str
    hint: str = ""
    choices: tuple[str, ...] = ()


class Paste(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The text of an automation's page. ``answers`` say what words mean that were asked about."""

    name: Name
    text: Annotated[str, Meta(max_length=1_000_000)]
    answers: dict[Name, Meaning] = {}


class Step(msgspec.Struct, frozen=True):
    """What one line of the text says in words, and what people did there (``205 people, 7 days``; empty when nobody was seen)."""

    line: int
    verb: str
    name: str
    seen: str = ""


class Checked(msgspec.Struct, frozen=True):
    """What a text means: its problems, its lines in words, and the drawing as SVG (empty when there is nothing to draw)."""

    problems: tuple[Wrong, ...]
    steps: tuple[Step, ...]
    drawing: str


class Opened(msgspec.Struct, frozen=True):
    """An automation to work on. ``origin`` is what its file says by now, with the ``mark`` of these lines: where it is not ``base``,
    somebody changed them after the text was begun.

    ``file`` is where it stands or will stand. ``questions`` counts the conditions of a draft that nobody could see. ``from_list``: its name
    is one of a list made from Kit's page.
    """

    key: str
    state: State
    name: str
    status: str
    text: str
    base: str
    origin: str
    origin_name: str
    origin_status: str
    mark: str
    file: str
    checked: Checked
    questions: int = 0
    draft_from: str = ""
    from_list: bool = False
    has_changed: bool = False


class PastedStep(msgspec.Struct, frozen=True):
    """An entry or a step in words, the lines of the text it was read from, and why it is not sure."""

    words: str
    source: str
    unsure: str = ""


class PastedQuestion(msgspec.Struct, frozen=True):
    """Words that nobody knows, and a name beside which they stand."""

    label: str
    text: str
    example: str


class Pasted(msgspec.Struct, frozen=True):
    """What a page's text says. ``text`` is the shorthand; every piece of the page that is no step is ``noise`` or one of ``unknown``, with
    the reason. ``note`` says how far to trust it."""

    text: str
    steps: tuple[PastedStep, ...] = ()
    unknown: tuple[Wrong, ...] = ()
    questions: tuple[PastedQuestion, ...] = ()
    noise: int = 0
    note: str = ""


class Found(msgspec.Struct, frozen=True):
    """One finding about the automation."""

    rule: str
    severity: str
    title: str
    message: str
    people: str
    fix: tuple[str, ...]


class Judged(msgspec.Struct, frozen=True):
    """What an audit says of the automation in the making. ``unjudged`` says what it could not judge. ``is_late``: a newer text is being
    judged, so this says nothing. ``problem`` is why there was no audit."""

    findings: tuple[Found, ...] = ()
    unjudged: str = ""
    problem: str = ""
    is_late: bool = False


class Saved(msgspec.Struct, frozen=True):
    """What came of saving. Where the file was changed meanwhile nothing is written: ``theirs`` is what it says now, ``base`` its mark."""

    key: str
    list: Worklist
    note: str = ""
    is_written: bool = False
    has_changed: bool = False
    theirs: str = ""
    base: str = ""
    problems: tuple[Wrong, ...] = ()
