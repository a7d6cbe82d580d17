"""What the Liquid of one text means: its names, the tags it tests, what is broken. Never raises on what people write."""

from __future__ import annotations

import re

import msgspec

from ckaudit.graph.content.constructs import Construct, Scan, scan
from ckaudit.graph.content.expressions import Mention, Parsed, filters_in, read_output, read_tag
from ckaudit.graph.content.markup import Markup, Place, encoded_liquid, read_markup
from ckaudit.graph.content.model import FilterUse, Link, LiquidProblem, MailPart, Position, ProblemKind, TagTest, Text, Variable

_BLOCKS = frozenset({"if", "unless", "case", "for", "tablerow", "capture", "ifchanged", "comment", "raw", "doc"})
_BRANCHES = {"else": ("if", "unless", "case", "for"), "elsif": ("if", "unless"), "when": ("case",)}
_SINGLES = frozenset({"assign", "increment", "decrement", "cycle", "echo", "include", "render", "break", "continue", "liquid", "#"})
_LITERAL_BLOCKS = frozenset({"comment", "raw", "doc"})
_TAGS = "subscriber.tags"
# Nobody writes so much of it, but a text of 1 MB can consist of it, and must not keep anybody waiting.
DEEPEST = 100
MAX_PROBLEMS = 100
MAX_PARSED = 20_000
"""Characters of one text that go to the real parser (a third of a second of the worst); the common forms are read without it."""
_LINK_NAMES = re.compile(r"(?:subscriber_preferences|unsubscribe)_(?:url|link)")


class Reading(msgspec.Struct, frozen=True):
    """One part of an email, read. ``unread`` is True when part of its Liquid was not looked at, because it was too much."""

    variables: tuple[Variable, ...] = ()
    tag_tests: tuple[TagTest, ...] = ()
    links: tuple[Link, ...] = ()
    problems: tuple[LiquidProblem, ...] = ()
    text: Text | None = None
    locals: frozenset[str] = frozenset()
    filters: tuple[FilterUse, ...] = ()
    unread: bool = False


def read_html(text: str) -> Reading:
    """Read a content."""
    scanned = scan(text)
    return _Walk(scanned, MailPart.CONTENT, read_markup(scanned)).reading()


def read_line(text: str, part: MailPart) -> Reading:
    """Read a subject or a preview text: no HTML, the same Liquid."""
    scanned = scan(text)
    visible = Text(part, scanned.masked) if text.strip() else None
    return _Walk(scanned, part, Markup((), visible, (Place(),) * len(scanned.found))).reading()


class _Block(msgspec.Struct):
    """An open block: ``tests`` are the names its conditions look at, ``target`` what a capture fills."""

    tag: str
    index: int
    tests: set[str]
    target: str = ""


class _Alias(msgspec.Struct, frozen=True):
    """A name the mail gave to something: ``name`` is empty for a fixed text."""

    name: str
    guarded: bool


_UNNAMED = _Alias("", guarded=False)


class _Walk:
    """Goes through the constructs of one text in order."""

    def __init__(self, scanned: Scan, part: MailPart, markup: Markup) -> None:
        self._scan, self._part, self._markup = scanned, part, markup
        self._index = 0
        self._blocks: list[_Block] = []
        self._aliases: dict[str, _Alias] = {}
        self._locals: set[str] = set()
        self._variables: list[Variable] = []
        self._tests: list[TagTest] = []
        self._filters: list[FilterUse] = []
        self._problems: list[LiquidProblem] = []
        self._cost = 0
        self._unread = False

    def reading(self) -> Reading:
        """Everything that is known about the text."""
        for index, item in enumerate(self._scan.found):
            self._index = index
            self._construct(item.construct)
            if len(self._blocks) > DEEPEST:
                self._problem(
                    ProblemKind.UNBALANCED, f"blocks stand in each other more than {DEEPEST} deep; the rest of the text is not read"
                )
                self._blocks.clear()
                self._unread = True
                break
        for block in self._blocks:
            self._problem(ProblemKind.UNBALANCED, f"“{{% {block.tag} %}}” has no “{{% end{block.tag} %}}”", block.index)
        for broken in self._scan.broken[:MAX_PROBLEMS]:
            self._problems.append(
                LiquidProblem(ProblemKind(broken.problem), self._position(broken.start), _excerpt(broken.raw), broken.detail)
            )
        self._comments()
        for link in self._markup.links:
            self._encoded(link)
        return Reading(
            tuple(self._variables),
            tuple(self._tests),
            self._markup.links,
            tuple(sorted(self._problems, key=lambda problem: problem.position)[:MAX_PROBLEMS]),
            self._markup.text,
            frozenset(self._locals),
            tuple(self._filters),
            self._unread,
        )

    # -- one construct ----------------------------------------------------------------------------------------------------------

    def _construct(self, construct: Construct) -> None:
        literal = bool(self._blocks) and self._blocks[-1].tag in _LITERAL_BLOCKS
        if literal and not self._ends_literal(construct):
            return
        if construct.problem == "markup":
            self._problem(ProblemKind.MARKUP, "formatting stands inside the braces")
        elif construct.problem == "smart-quotes":
            self._problem(ProblemKind.SMART_QUOTES, "it has typographic quotes where Liquid needs straight ones")
        if construct.tag:
            self._tag(construct)
        else:
            self._mentions(self._checked(construct))

    def _ends_literal(self, construct: Construct) -> bool:
        block = self._blocks[-1]
        if construct.tag == "comment" and block.tag == "comment":
            self._blocks.append(_Block("comment", self._index, set()))
        return construct.tag == f"end{block.tag}"

    def _tag(self, construct: Construct) -> None:
        tag = construct.tag
        if tag.startswith("end") and tag[3:] in _BLOCKS:
            self._close(tag[3:])
        elif tag in _BRANCHES:
            self._branch(construct)
        elif tag in _BLOCKS:
            self._open(construct)
        elif tag in _SINGLES:
            parsed = self._checked(construct)
            self._assign(parsed) if tag == "assign" else self._mentions(parsed)
        else:
            self._problem(ProblemKind.UNKNOWN_TAG, f"Liquid has no tag “{tag[:30]}”" if tag != "?" else "the tag has no name")

    def _open(self, construct: Construct) -> None:
        parsed = self._checked(construct)
        block = _Block(construct.tag, self._index, set(), "")
        if construct.tag in {"if", "unless", "case"}:
            block.tests = self._tested(parsed)
        if construct.tag == "capture" and parsed.locals:
            block.target = parsed.locals[0]
            self._aliases[block.target] = _Alias("", guarded=True)
        self._mentions(parsed)
        self._blocks.append(block)

    def _branch(self, construct: Construct) -> None:
        block = next((block for block in reversed(self._blocks) if block.tag in _BRANCHES[construct.tag]), None)
        if block is None:
            self._problem(ProblemKind.UNBALANCED, f"“{{% {construct.tag} %}}” stands outside of any block it belongs to")
            return
        parsed = self._checked(construct)
        block.tests |= self._tested(parsed)
        self._mentions(parsed)

    def _close(self, tag: str) -> None:
        if not any(block.tag == tag for block in self._blocks):
            self._problem(ProblemKind.UNBALANCED, f"“{{% end{tag} %}}” closes nothing")
            return
        while (block := self._blocks.pop()).tag != tag:
            self._problem(ProblemKind.UNBALANCED, f"“{{% {block.tag} %}}” has no “{{% end{block.tag} %}}”", block.index)

    # -- names ------------------------------------------------------------------------------------------------------------------

    def _checked(self, construct: Construct) -> Parsed:
        """What a construct says, as long as the text has not used up its share of the real parser."""
        tag, inside, spent = construct.tag, construct.expression, self._cost >= MAX_PARSED
        parsed = read_tag(tag, inside, common_only=spent) if tag else read_output(inside, common_only=spent)
        self._cost += parsed.cost
        self._unread |= parsed.unread
        if parsed.error and not construct.problem:
            self._problem(ProblemKind.UNPARSABLE, f"Liquid cannot read it ({parsed.error})")
        if not parsed.error and "|" in inside:
            self._filters += [FilterUse(name, self._here()) for name in filters_in(inside)]
        self._locals.update(parsed.locals)
        for left, text in parsed.contains:
            alias = self._aliases.get(left)
            if left == _TAGS or (alias and alias.name == _TAGS):
                self._tests.append(TagTest(text, self._here()))
        return parsed

    def _tested(self, parsed: Parsed) -> set[str]:
        names = {mention.name for mention in parsed.mentions}
        return names | {alias.name for name in names if (alias := self._aliases.get(name))}

    def _mentions(self, parsed: Parsed) -> None:
        for mention in parsed.mentions:
            self._mention(mention)

    def _mention(self, mention: Mention) -> None:
        alias = self._aliases.get(mention.name) or _UNNAMED
        guarded = alias.guarded or "default" in mention.filters or self._is_tested(mention.name) or self._is_tested(alias.name)
        captured = next((block.target for block in reversed(self._blocks) if block.target), "") if self._blocks else ""
        printed = mention.printed and not captured
        if mention.printed and captured and not guarded:
            self._aliases[captured] = _Alias(alias.name or mention.name, guarded=False)
        place = self._markup.places[self._index]
        self._variables.append(
            Variable(
                alias.name or mention.name,
                self._here(),
                mention.filters,
                printed=printed,
                attribute=place.attribute,
                guarded=guarded,
                in_comment=place.comment is not None,
                via=mention.name if alias.name else "",
            )
        )

    def _assign(self, parsed: Parsed) -> None:
        self._mentions(parsed)
        if not parsed.locals:
            return
        local = parsed.locals[0]
        before = self._aliases.get(local)
        source = parsed.mentions[0] if parsed.mentions else None
        if source is None:
            self._aliases[local] = _Alias(before.name if before else "", guarded=True)
            return
        known = self._aliases.get(source.name) or _Alias(source.name, guarded=False)
        guarded = known.guarded or "default" in source.filters or self._is_tested(source.name)
        self._aliases[local] = _Alias(known.name, guarded=guarded or bool(before and before.guarded))

    def _is_tested(self, name: str) -> bool:
        return bool(self._blocks and name) and any(name in block.tests for block in self._blocks)

    def _encoded(self, link: Link) -> None:
        attribute = "src" if link.element == "img" else "href"
        for inside in encoded_liquid(link.href):
            if _LINK_NAMES.fullmatch(inside):
                self._variables.append(Variable(inside, link.position, attribute=attribute, encoded=True))

    # -- problems -----------------------------------------------------------------------------------------------------------------

    def _comments(self) -> None:
        """The first comment with Liquid and something else in it. A comment that holds nothing but tags hides them from the editor."""
        for index, (item, place) in enumerate(zip(self._scan.found, self._markup.places, strict=True)):
            if place.comment is not None and (not item.construct.tag or re.search(r"[^\W_]", place.comment)):
                self._problem(ProblemKind.IN_COMMENT, "Kit runs Liquid inside HTML comments", index)
                return

    def _problem(self, kind: ProblemKind, detail: str, index: int | None = None) -> None:
        item = self._scan.found[self._index if index is None else index]
        self._problems.append(LiquidProblem(kind, Position(self._part, item.line, item.column), _excerpt(item.raw), detail))

    def _here(self) -> Position:
        item = self._scan.found[self._index]
        return Position(self._part, item.line, item.column)

    def _position(self, offset: int) -> Position:
        line = self._scan.source.count("\n", 0, offset) + 1
        return Position(self._part, line, offset - self._scan.source.rfind("\n", 0, offset))


def _excerpt(raw: str) -> str:
    """The construct on one line, without formatting, short enough for a message."""
    text = " ".join(re.sub(r"<[^<>]*>", "", raw[:2000]).split())
    return text if len(text) <= 80 else text[:79] + "…"
