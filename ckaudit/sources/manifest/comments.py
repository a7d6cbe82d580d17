"""Suppression comments: ``# ckaudit: ignore CK311 reason`` behind a line, or on a line of its own above what it covers."""

from __future__ import annotations

import re

from ckaudit.model.automations import IgnoreComment
from ckaudit.model.errors import Location
from ckaudit.sources.manifest.problems import Problems
from ckaudit.sources.manifest.tree import Node

_COMMENT = re.compile(r"#\s*ckaudit\s*:\s*(?P<word>[A-Za-z]+)(?P<rest>.*)")
_RULE = re.compile(r"([A-Z]{2,4}\d{3}|[a-z0-9]+(?:-[a-z0-9]+)+)$")


def read_comments(text: str, file: str, root: Node, problems: Problems) -> tuple[IgnoreComment, ...]:
    """Every suppression comment of a file. A malformed one is noted: a comment that silences nothing is worse than none."""
    if "ckaudit" not in text:
        return ()
    nodes = list(root.walk())
    inside = _scalar_lines(nodes)
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        match = _COMMENT.search(line) if number not in inside else None
        if match and _is_comment(line, match.start()):
            place = Location(file, number, match.start() + 1)
            parsed = _parse(match, place, problems)
            if parsed:
                alone = not line[: match.start()].strip()
                found.append(IgnoreComment(*parsed, place, _covers(nodes, number, alone=alone)))
    return tuple(found)


def _parse(match: re.Match[str], place: Location, problems: Problems) -> tuple[tuple[str, ...], str] | None:
    example = "Write: # ckaudit: ignore CK311 the reason"
    if match["word"] != "ignore":
        problems.add(place, f"“{match['word']}” is no word for a ckaudit comment", example)
        return None
    rules: list[str] = []
    rest, comma = match["rest"].strip(), True
    while rest:
        word, _, after = rest.partition(" ")
        name = word.rstrip(",")
        if not (comma and _RULE.match(name)):
            break
        rules.append(name)
        comma, rest = word.endswith(","), after.strip()
    if not rules:
        problems.add(place, "this comment names no rule", example)
        return None
    if not rest:
        problems.add(place, "this comment gives no reason", example)
        return None
    return tuple(rules), rest


def _is_comment(line: str, start: int) -> bool:
    """True when the “#” begins a comment: at the start, or behind a space and outside quotes."""
    if start and not line[start - 1].isspace():
        return False
    quote = ""
    for place, character in enumerate(line[:start]):
        if quote:
            quote = "" if character == quote and not (quote == '"' and line[place - 1] == "\\") else quote
        elif character in "'\"" and (not place or line[place - 1] in " \t[{,:-"):
            quote = character
    return not quote


def _scalar_lines(nodes: list[Node]) -> set[int]:
    """Lines that lie inside a text of several lines: nothing there is a comment."""
    lines: set[int] = set()
    for node in nodes:
        if isinstance(node.value, str) and node.last_line > node.location.line + 1:
            lines.update(range(node.location.line + 1, node.last_line))
    return lines


def _covers(nodes: list[Node], line: int, *, alone: bool) -> tuple[int, int]:
    """First and last line that a comment covers: everything nested in what begins on its line, or on the next one when it stands alone."""
    starts = sorted({node.location.line for node in nodes})
    target = line if not alone else next((start for start in starts if start > line), line)
    last = max((node.last_line for node in nodes if node.location.line == target), default=target)
    return (min(line, target), max(last, target))
