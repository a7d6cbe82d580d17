"""Finds Liquid in a text: where each construct stands and what it says, before anybody asks what it means."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from functools import lru_cache

import msgspec

from ckaudit.graph.content.model import MASK, MASK_REST

# One construct: it ends at the first closing mark, and before the next opening one (Liquid's own tokenizer does the same).
_CONSTRUCT = re.compile(
    r"""\{(?: \{ (?P<output> (?: [^{}]++ | (?! \{\{ | \{% | \}\} ) . )*+ ) \}\}
          | %  (?P<tag>    (?: [^{%]++ | (?! \{\{ | \{% | %\}  ) . )*+ ) %\}
          | (?P<open> [{%] ) )""",
    re.DOTALL | re.VERBOSE,
)
# "{<b>{ name }}" and "{{ name }</b>}": formatting split the braces themselves
_SPLIT_OPEN = re.compile(r"\{(?:\s*+<[^<>]++>)++\s*+[{%](?=[\s\w<&-])")
_SPLIT_CLOSE = re.compile(r"[^{}]{0,300}?[}%](?:\s*+<[^<>]++>)++\s*+\}")
_ONE_CLOSE = re.compile(r"[^{}<>]{1,120}\}")
# "{ subscriber.first_name }": a brace was lost
_LOST_BRACE = re.compile(r"\b(?:subscriber|snippet)\.[\w-]++[^{}<>\n]{0,80}?(?P<close>\}\}?)")
# What may stand between a brace and the name behind it, looked for from the name: from every space it would take square time
_BEFORE_NAME = 200

_TAG = re.compile(r"\s*(#|\w+)(.*)", re.DOTALL)
_MARKUP_OR_STRING = re.compile(r"""(?P<string>"[^"]*"|'[^']*')|</?[a-zA-Z][^<>]*>|<!--(?:.*?-->)?""", re.DOTALL)
_STRING = re.compile(r"""("[^"]*"|'[^']*')""")
_SMART = str.maketrans({**dict.fromkeys("“”„‟«»″", '"'), **dict.fromkeys("‘’‚‛‹›′", "'")})
_INVISIBLE = str.maketrans({"\u00a0": " ", "\u200b": None, "\u200c": None, "\u200d": None, "\u2060": None, "\ufeff": None})
_NO_MASKS = str.maketrans({MASK: " ", MASK_REST: " "})


class Construct(msgspec.Struct, frozen=True, gc=False):
    """What ``{{ … }}`` or ``{% … %}`` says. ``tag`` is empty for an output; ``expression`` has entities read and formatting removed.

    ``problem`` is ``markup`` when formatting stands inside, ``smart-quotes`` when typographic quotes do, else empty.
    """

    tag: str
    expression: str
    problem: str = ""


class Found(msgspec.Struct, frozen=True, gc=False):
    """A construct in a text: offset, line and column of its first brace, the characters as they stand there, what it says."""

    start: int
    line: int
    column: int
    raw: str
    construct: Construct


class Broken(msgspec.Struct, frozen=True, gc=False):
    """Something that was meant to be a construct and is none. ``problem`` is ``unclosed``, ``markup`` or ``lost-brace``."""

    start: int
    raw: str
    problem: str
    detail: str


class Scan(msgspec.Struct, frozen=True):
    """A text and the Liquid in it, in order of appearance. ``masked`` has every construct replaced by as many ``MASK`` characters."""

    source: str
    masked: str
    found: tuple[Found, ...] = ()
    broken: tuple[Broken, ...] = ()


def scan(text: str) -> Scan:
    """Find every construct of a text, and what looks like a broken one."""
    source = text.translate(_NO_MASKS) if MASK in text or MASK_REST in text else text
    if "{" not in source and "}}" not in source:
        return Scan(source, source)
    found: list[Found] = []
    broken: list[Broken] = []
    line, last, line_start = 1, 0, 0
    for match in _CONSTRUCT.finditer(source):
        start = match.start()
        if breaks := source.count("\n", last, start):
            line, line_start = line + breaks, source.rfind("\n", last, start) + 1
        last = start
        output, tag, mark = match.groups()
        if mark:
            broken.append(_unclosed(source, start, "{" + mark))
        else:
            found.append(
                Found(start, line, start - line_start + 1, match.group(), _read_tag(tag) if output is None else _read_output(output))
            )
    masked = _masked(source, found)
    broken += _leftovers(masked, source)
    return Scan(source, masked, tuple(found), tuple(_apart(broken)))


def _apart(broken: list[Broken]) -> Iterator[Broken]:
    """In order, without those that lie in another one: one slip, one problem."""
    end = 0
    for item in sorted(broken, key=lambda item: item.start):
        if item.start >= end:
            yield item
            end = item.start + len(item.raw)


def _masked(source: str, found: list[Found]) -> str:
    """Lines stay where they are."""
    parts: list[str] = []
    last = 0
    for item in found:
        parts += (source[last : item.start], _filler(item.raw))
        last = item.start + len(item.raw)
    return "".join((*parts, source[last:]))


@lru_cache(maxsize=4096)
def _filler(raw: str) -> str:
    return MASK + "".join(char if char == "\n" else MASK_REST for char in raw[1:])


@lru_cache(maxsize=8192)
def _read_output(inside: str) -> Construct:
    text, problem = _cleaned(inside)
    return Construct("", text, problem)


@lru_cache(maxsize=8192)
def _read_tag(inside: str) -> Construct:
    text, problem = _cleaned(inside)
    match = _TAG.fullmatch(text)
    return Construct(match[1], match[2].strip(), problem) if match else Construct("?", text.strip(), problem)


def _cleaned(inside: str) -> tuple[str, str]:
    """The expression without whitespace control, entities, invisible characters, formatting and typographic quotes; and the problem."""
    text, problem = inside.removeprefix("-").removesuffix("-"), ""
    if "<" in text:
        plain = _MARKUP_OR_STRING.sub(lambda match: match["string"] or "", text)
        text, problem = plain, "markup" if plain != text else ""
    text = html.unescape(text).translate(_INVISIBLE)
    outside = _STRING.split(text)[::2]
    if any(part != part.translate(_SMART) for part in outside):
        pieces = _STRING.split(text)
        text = "".join(piece if index % 2 else piece.translate(_SMART) for index, piece in enumerate(pieces))
        problem = problem or "smart-quotes"
    return text, problem


def _unclosed(source: str, start: int, mark: str) -> Broken:
    rest = source[start + 2 : start + 400]
    closing = "}}" if mark == "{{" else "%}"
    if split := _SPLIT_CLOSE.match(rest):
        return Broken(start, mark + split.group(), "markup", "formatting splits its closing braces")
    if single := _ONE_CLOSE.match(rest):
        return Broken(start, mark + single.group(), "unclosed", "it ends with one brace instead of two")
    first = re.split(r"[<\n{]", rest, maxsplit=1)[0]
    return Broken(start, mark + first, "unclosed", f"“{mark}” is never closed with “{closing}”")


def _leftovers(text: str, source: str) -> Iterator[Broken]:
    """Broken constructs in what is left when the whole ones are masked."""
    if "{" in text:
        for match in _SPLIT_OPEN.finditer(text):
            end = source.find("}", match.end(), match.end() + 200)
            raw = source[match.start() : end + 1 if end >= 0 else match.end()]
            yield Broken(match.start(), raw, "markup", "formatting splits its opening braces")
    if "subscriber." in text or "snippet." in text:
        for match in _LOST_BRACE.finditer(text):
            start = _one_brace_before(text, match.start())
            if start < match.start() or match["close"] == "}}":
                yield Broken(start, text[start : match.end()], "lost-brace", "Liquid needs two braces on each side")


def _one_brace_before(text: str, name: int) -> int:
    """Where the single brace stands that only blanks part from a name; the name's own place without one."""
    before = text[max(name - _BEFORE_NAME, 0) : name].rstrip()
    if not before.endswith("{") or before.endswith("{{"):
        return name
    return text.rindex("{", 0, name)
