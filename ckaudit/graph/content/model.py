"""What is known about a text after reading it. Lines and columns count from 1 in the text as Kit stores it.

An account may have 100,000 emails, so a document keeps what it knows packed, and unpacks a part of it for the rule that asks.
"""

from __future__ import annotations

import bisect
import enum
import re
import sys
import zlib
from collections.abc import Iterable
from typing import TypeAlias, TypeVar

import msgspec

from ckaudit.graph.addresses import plain_link
from ckaudit.graph.content.names import PREFERENCE_NAMES, is_password
from ckaudit.model.account import Sequence, SequenceEmail
from ckaudit.model.findings import PathStep
from ckaudit.model.refs import Key, Kind, ObjectRef

# a parameter that hands over a password (AccessAlly's auto-login links): with Liquid as its value, or their own parameter with any value
_PASSWORD_PARAMETER = re.compile(r"[?&;]\w*(?:password|passwd|pwd|pass)=\s*\{\{|[?&;]accessally_password=[^&#\s]", re.IGNORECASE)

_LOGIN_SUBJECT = re.compile(r"\blog[\s-]?in\b|\bsign[\s-]?in\b|\bpassword\b|\baccess\b|\bget in\b|\bcome in\b", re.IGNORECASE)

# Stands for Liquid in visible text, character for character. Both are private-use characters: no word, no space, no punctuation.
MASK = "\ue000"
MASK_REST = "\ue001"


class MailPart(enum.StrEnum):
    """The parts of an email, in the words of Kit's editor. A snippet has a content only."""

    SUBJECT = "subject"
    PREVIEW = "preview text"
    CONTENT = "content"


_KEYS = {MailPart.SUBJECT: "subject", MailPart.PREVIEW: "preview_text", MailPart.CONTENT: "content"}
"""How Kit's API and the snapshot call them."""


class Position(msgspec.Struct, frozen=True, gc=False, order=True, array_like=True):
    """A place in an email or snippet."""

    part: MailPart
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.part}, line {self.line}, column {self.column}"

    def step(self, excerpt: str) -> PathStep:
        """This place as a step of a finding's path."""
        return PathStep("object", excerpt, str(self), part=_KEYS[self.part])


class Variable(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """A name in Liquid, dotted as written (``subscriber.first_name``), with HTML entities already read.

    ``printed`` is False for names that are only tested, looped over or handed to a filter. ``attribute`` is the HTML attribute it stands
    in, empty in text. ``guarded``: empty values are taken care of by ``default``, an ``if`` around it, or a fallback assigned before.
    ``via`` is the name the mail gave it by ``assign``. ``encoded``: written as ``%7B%7B … %7D%7D`` in an address.
    """

    name: str
    position: Position
    filters: tuple[str, ...] = ()
    printed: bool = True
    attribute: str = ""
    guarded: bool = False
    in_comment: bool = False
    via: str = ""
    encoded: bool = False

    @property
    def root(self) -> str:
        """``subscriber`` of ``subscriber.first_name``."""
        return self.name.partition(".")[0]

    @property
    def leaf(self) -> str:
        """``first_name`` of ``subscriber.first_name``; everything behind the first dot."""
        return self.name.partition(".")[2]

    @property
    def is_password(self) -> bool:
        """True for a field that holds a password, as against a reset link, a hint or a passport."""
        return is_password(self.leaf)

    @property
    def is_preference_link(self) -> bool:
        """True for the link to the subscriber's preferences, as a finished link or as an address."""
        return self.name in PREFERENCE_NAMES


class FilterUse(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """A filter in Liquid, by its name."""

    name: str
    position: Position


class TagTest(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """``subscriber.tags contains "name"`` in a condition."""

    name: str
    position: Position


class Link(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """An address in the HTML: ``element`` is ``a``, ``area`` (href) or ``img`` (src). Liquid in ``href`` stands as written.

    ``liquid`` is the address with its Liquid replaced by nothing, ``text`` what people see of a link.
    """

    href: str
    position: Position
    element: str = "a"
    text: str = ""
    has_liquid: bool = False

    @property
    def plain(self) -> str:
        """The address as rules on links compare it: `signal_of(trigger).value` is another such."""
        return plain_link(self.href)

    def hands_over(self, passwords: tuple[Variable, ...]) -> bool:
        """True when the address carries one of these fields, or any value under a name that means password."""
        if any((variable.via or variable.leaf) in self.href for variable in passwords):
            return True
        return "=" in self.href and bool(_PASSWORD_PARAMETER.search(self.href))


class ProblemKind(enum.StrEnum):
    """How Liquid can be broken."""

    UNCLOSED = "unclosed"
    UNBALANCED = "unbalanced"
    UNPARSABLE = "unparsable"
    UNKNOWN_TAG = "unknown-tag"
    MARKUP = "markup"
    SMART_QUOTES = "smart-quotes"
    LOST_BRACE = "lost-brace"
    IN_COMMENT = "in-comment"


class LiquidProblem(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """Broken Liquid. ``excerpt`` is the Liquid itself, shortened, ``detail`` says what is wrong, without full stop."""

    kind: ProblemKind
    position: Position
    excerpt: str
    detail: str


class Text(msgspec.Struct, frozen=True, array_like=True):
    """What people see of one part: HTML entities read, Liquid replaced by ``MASK`` characters of the same length, a line break where a
    block begins or ends. ``starts`` are the offsets of its runs, ``lines`` and ``columns`` where each run stands. ``shown`` are the
    stretches (first offset, offset behind the last) that show words to the reader instead of saying them: quotations and code.
    """

    part: MailPart
    text: str
    starts: tuple[int, ...] = (0,)
    lines: tuple[int, ...] = (1,)
    columns: tuple[int, ...] = (1,)
    shown: tuple[tuple[int, int], ...] = ()

    def is_shown(self, offset: int) -> bool:
        """True for a character in a quotation or in code (``blockquote``, ``pre``, ``code``)."""
        place = bisect.bisect_right(self.shown, (offset, sys.maxsize)) - 1
        return place >= 0 and offset < self.shown[place][1]

    def line_at(self, place: Position) -> str:
        """The line people see at this place of the source, or right behind it; Liquid left out."""
        places = list(zip(self.lines, self.columns, strict=True))
        run = max(bisect.bisect_right(places, (place.line, place.column)) - 1, 0)
        start, (line, column) = self.starts[run], places[run]
        end = self.starts[run + 1] if run + 1 < len(self.starts) else len(self.text)
        offset = min(start + place.column - column, end) if place.line == line else end
        if self.text[offset : offset + 1] == "\n":
            offset += 1
        begin = self.text.rfind("\n", 0, offset) + 1
        return self.text[begin:].partition("\n")[0].replace(MASK, " ").replace(MASK_REST, "")

    def position(self, offset: int) -> Position:
        """Where a character of the text stands. The column is a little low behind an HTML entity."""
        run = max(bisect.bisect_right(self.starts, offset) - 1, 0)
        start = self.starts[run]
        breaks = self.text.count("\n", start, offset)
        if not breaks:
            return Position(self.part, self.lines[run], self.columns[run] + offset - start)
        return Position(self.part, self.lines[run] + breaks, offset - self.text.rfind("\n", start, offset))


Part = TypeVar("Part", Variable, TagTest, Link, LiquidProblem, Text, FilterUse)


def pack(parts: Iterable[Part]) -> bytes:
    """The parts in a tenth of their room; empty for none."""
    found = tuple(parts)
    return zlib.compress(msgspec.msgpack.encode(found), 1) if found else b""


def unpack(packed: bytes, kind: type[Part]) -> tuple[Part, ...]:
    """What ``pack`` made small."""
    if not packed:
        return ()
    found: tuple[Part, ...] = msgspec.msgpack.decode(zlib.decompress(packed), type=tuple[kind, ...])  # type: ignore[valid-type]  # a variable holds the type
    return found


class Document(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """A text that was read: an email with its subject and preview text, or a snippet. Everything stands in order of appearance.

    ``locals`` are the names it assigns, captures or loops over. ``shows`` are the keys of the snippets in it. ``owner`` is the email's
    sequence, None for a snippet. ``unread`` is True when part of its Liquid was not looked at. The parts that are ``packed`` are
    unpacked each time they are asked for: keep what you need of them, not the whole.
    """

    object: ObjectRef
    owner: ObjectRef | None = None
    locals: frozenset[str] = frozenset()
    shows: tuple[str, ...] = ()
    unread: bool = False
    packed_variables: bytes = b""
    packed_tag_tests: bytes = b""
    packed_links: bytes = b""
    packed_problems: bytes = b""
    packed_texts: bytes = b""
    packed_filters: bytes = b""

    @property
    def variables(self) -> tuple[Variable, ...]:
        """The names in its Liquid."""
        return unpack(self.packed_variables, Variable)

    @property
    def tag_tests(self) -> tuple[TagTest, ...]:
        """The tags that its conditions ask for."""
        return unpack(self.packed_tag_tests, TagTest)

    @property
    def links(self) -> tuple[Link, ...]:
        """Its addresses."""
        return unpack(self.packed_links, Link)

    @property
    def problems(self) -> tuple[LiquidProblem, ...]:
        """What is broken in its Liquid."""
        return unpack(self.packed_problems, LiquidProblem)

    @property
    def texts(self) -> tuple[Text, ...]:
        """What people see, part by part."""
        return unpack(self.packed_texts, Text)

    @property
    def filters(self) -> tuple[FilterUse, ...]:
        """The filters in its Liquid."""
        return unpack(self.packed_filters, FilterUse)

    @property
    def label(self) -> str:
        """How a sentence begins that is about this text."""
        return f"“{self.object.name}”" if self.owner else f"The snippet “{self.object.name}”"

    @property
    def passwords_in_addresses(self) -> tuple[Variable, ...]:
        """The password fields that it prints inside HTML attributes."""
        printed = (variable for variable in self.variables if variable.attribute and variable.printed)
        return tuple(variable for variable in printed if variable.root == "subscriber" and variable.is_password)

    @property
    def related(self) -> tuple[ObjectRef, ...]:
        """The sequence of an email."""
        return (self.owner,) if self.owner else ()


class Mail(msgspec.Struct, frozen=True, gc=False):
    """A published email of an active sequence. ``snippets`` are the live snippets it uses, directly or through others.

    ``readable`` is False when Kit's answer had no content, or more Liquid than is read: then nothing may be said about what is missing.
    """

    email: SequenceEmail
    sequence: Sequence
    own: Document
    snippets: tuple[Document, ...] = ()

    @property
    def readable(self) -> bool:
        """True when the whole content is known."""
        return self.email.content is not None and not any(document.unread for document in self.documents)

    @property
    def documents(self) -> tuple[Document, ...]:
        """The email and every snippet in it."""
        return (self.own, *self.snippets)

    @property
    def variables(self) -> tuple[Variable, ...]:
        """Names in the email and in its snippets."""
        return tuple(variable for document in self.documents for variable in document.variables)

    @property
    def links(self) -> tuple[Link, ...]:
        """Links of the email and of its snippets."""
        return tuple(link for document in self.documents for link in document.links)

    @property
    def texts(self) -> tuple[Text, ...]:
        """Visible text of the email and of its snippets."""
        return tuple(text for document in self.documents for text in document.texts)


Counts: TypeAlias = dict[str, int]


class Contents(msgspec.Struct, frozen=True):
    """What content rules look at: published emails of active sequences, and the snippets in them, each snippet once.

    ``mails`` stand in the order of their sequences' ids and of sending. ``used_in`` are the emails that show a snippet.
    ``not_looked_at`` counts what was left out, by a phrase ("draft emails").
    """

    mails: tuple[Mail, ...] = ()
    snippets: tuple[Document, ...] = ()
    not_looked_at: Counts = {}
    used_in: dict[ObjectRef, list[Mail]] = {}

    @property
    def documents(self) -> tuple[Document, ...]:
        """Every text once: the emails, then the snippets they use. A defect inside a snippet is found once, there."""
        return (*(mail.own for mail in self.mails), *self.snippets)

    def of(self, sequence: Key) -> tuple[Mail, ...]:
        """The emails of one sequence, in sending order."""
        if not isinstance(sequence.id, int) or sequence.kind is not Kind.SEQUENCE:
            return ()
        start = bisect.bisect_left(self.mails, sequence.id, key=_sequence_id)
        return self.mails[start : bisect.bisect_right(self.mails, sequence.id, lo=start, key=_sequence_id)]

    def login(self, sequence: Key, recognised: int | None) -> Mail | None:
        """The login email of a login sequence: the one that was recognised, else the only one, else the only one whose subject speaks of
        logging in. None when nobody can tell which it is."""
        mails = self.of(sequence)
        if recognised is not None:
            return next((mail for mail in mails if mail.email.id == recognised), None)
        named = mails if len(mails) == 1 else [mail for mail in mails if _LOGIN_SUBJECT.search(mail.email.subject or "")]
        return named[0] if len(named) == 1 else None

    def users(self, snippet: Document) -> tuple[Mail, ...]:
        """The emails that use this snippet."""
        return tuple(self.used_in.get(snippet.object, ()))


def _sequence_id(mail: Mail) -> int:
    return mail.sequence.id
