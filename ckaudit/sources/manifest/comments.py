"""Comments that accept a finding: ``# ckaudit: ignore CK311 reason`` on a manifest line."""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterator

from ckaudit.model.automations import IgnoreComment
from ckaudit.model.errors import Location
from ckaudit.sources.yaml.problems import Problems, quote
from ckaudit.sources.yaml.reader import Document
from ckaudit.sources.yaml.tree import Items, Mapping, Node, line_starts

_COMMENT = re.compile(r"(?:^|(?<=[ \t\r\n]))#[ \t]*ckaudit:[ \t]*([^\r\n]*)")
_IGNORE = re.compile(r"ignore[ \t]+([\w-]+(?:[ \t]*,[ \t]*[\w-]+)*)(.*)", re.IGNORECASE)
_CODE = re.compile(r"[A-Za-z]{2,4}[0-9]{3}")
_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)+")
_EXAMPLE = "Write “# ckaudit: ignore CK311 the reason”."


def read_comments(document: Document, problems: Problems) -> tuple[IgnoreComment, ...]:
    """The suppression comments of a file, from top to bottom. One that is wrong goes to ``problems``."""
    if "ckaudit:" not in document.text or document.root is None:
        return ()
    starts = line_starts(document.text)
    ends = _last_lines(document.root)
    comments = []
    for found in _COMMENT.finditer(document.text):
        if any(start <= found.start() < end for start, end in document.texts):
            continue
        line = bisect.bisect_right(starts, found.start())
        place = Location(document.file, line, found.start() - starts[line - 1] + 1)
        comment = _comment(found[1].strip(), place, problems)
        if comment is None:
            continue
        first = _covered(document.text, starts, line, ends)
        if first is None:
            problems.add("this comment covers nothing", place, "Put it on the line it is about, or on the line above.")
        else:
            comments.append(IgnoreComment(comment[0], comment[1], place, (first, ends[first])))
    return tuple(comments)


def _comment(words: str, place: Location, problems: Problems) -> tuple[tuple[str, ...], str] | None:
    """The rules and the reason; None when the comment is wrong."""
    found = _IGNORE.fullmatch(words)
    if not found:
        problems.add("this comment for ckaudit names no rule to ignore", place, _EXAMPLE)
        return None
    rules = tuple(rule.strip() for rule in found[1].split(","))
    for rule in rules:
        if not _CODE.fullmatch(rule) and not _NAME.fullmatch(rule):
            problems.add(f"{quote(rule)} is neither a rule's code nor its name", place, _EXAMPLE)
            return None
    reason = found[2].strip().lstrip("-:–— ").strip()
    if not reason:
        problems.add(f"ignoring {', '.join(rules)} needs a reason", place, _EXAMPLE)
        return None
    return rules, reason


def _covered(text: str, starts: list[int], line: int, ends: dict[int, int]) -> int | None:
    """The line of the value a comment is about: its own, or the next when nothing but the comment (or a lone “-”) is on it."""
    if line in ends:
        return line
    while line <= len(starts):
        begin = text[starts[line - 1] : starts[line] if line < len(starts) else None].partition("#")
        if begin[0].strip(" \t\r\n-") or not begin[1]:
            return None
        line += 1
        if line in ends:
            return line
    return None


def _last_lines(root: Node) -> dict[int, int]:
    """For each line on which a list item or a key begins: the last line of what belongs to it."""
    ends: dict[int, int] = {}
    for first, last in _spans(root):
        ends[first] = max(ends.get(first, 0), last)
    return ends


def _spans(node: Node) -> Iterator[tuple[int, int]]:
    if isinstance(node, Items):
        for item in node.items:
            yield item.line, item.last
            yield from _spans(item)
    elif isinstance(node, Mapping):
        for key, value in node.values.items():
            yield node.keys[key].line, max(node.keys[key].last, value.last)
            yield from _spans(value)
