"""Keeps the comments and the style of lines that stay the same when an automation is written anew."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterator, Sequence

import msgspec

from ckaudit.sources.yaml.problems import Problems
from ckaudit.sources.yaml.reader import Document, read_document
from ckaudit.sources.yaml.tree import Plain, plain

_ORDER = "ckaudit:"


class _Line(msgspec.Struct, frozen=True):
    """A line with a value. ``says`` are the lines that it would be if each step had its own, without style; ``above`` are the comments and
    blank lines in front of it, ``behind`` is the one on it."""

    text: str
    says: tuple[str, ...]
    above: tuple[str, ...] = ()
    behind: str = ""


def with_comments(old: str, new: str) -> str:
    """The new text, with the lines of the old one that say the same as they were, and with its comments.

    A comment belongs to the value below or in front of it. Where that is gone it stays as a line of its own, in its place; but one that
    accepts a finding there (``# ckaudit: ignore …``) goes with what it was about.
    """
    before, last = _lines(old)
    after = [line for line, _ in _split(new)]
    places = _places(before, after)
    written: list[str] = []
    done = 0  # lines of the old text whose comments are written, or that are kept
    kept_until = 0  # lines of the new text that a kept line has said
    for number, text in enumerate(after):
        at = places.get(number)
        if at is not None:
            for gone in before[done:at]:
                written += _left_of(gone, _indent(text))
            if at >= done:
                written += [*_moved(before[at].above, _indent(text)), f"{_indent(text)}{before[at].text.strip()}"]
                kept_until = number + len(before[at].says)
            done = max(done, at + 1)
        elif number >= kept_until:
            ahead = next((place for place in range(number, len(after)) if place in places), len(after))
            until = max(done, places.get(ahead, len(before)))
            if until - done == ahead - number and len(before[done].says) == 1:  # as many are gone as come: each is in its place
                written += _changed(before[done], text)
                done += 1
            else:
                for gone in before[done:until]:
                    written += _left_of(gone, _indent(text))
                done = until
                written.append(text)
    for gone in before[done:]:
        written += _left_of(gone, "  ")
    return with_all("".join(f"{line}\n" for line in (*written, *_moved(last, "  "))), old)


def _places(before: Sequence[_Line], after: Sequence[str]) -> dict[int, int]:
    """For each line of the new text that an old line says, alone or together with those behind it: the number of that line."""
    flat = [(number, part) for number, line in enumerate(before) for part in range(len(line.says))]
    said = [before[number].says[part] for number, part in flat]
    wanted = [_value(text)[0][0] for text in after]
    match = difflib.SequenceMatcher(None, said, wanted, autojunk=False)
    pairs = {flat[block.a + step]: block.b + step for block in match.get_matching_blocks() for step in range(block.size)}
    found: dict[int, int] = {}
    for number, line in enumerate(before):
        first = pairs.get((number, 0))
        if first is not None and all(pairs.get((number, part)) == first + part for part in range(len(line.says))):
            found |= {first + part: number for part in range(len(line.says))}
    return found


def _changed(gone: _Line, text: str) -> list[str]:
    """A new line in the place of an old one, with its comments."""
    above = [comment for comment in gone.above if _stays(comment)]
    behind = f"  {gone.behind}" if gone.behind and _stays(gone.behind) else ""
    return [*_moved(above, _indent(text)), f"{text}{behind}"]


def _left_of(gone: _Line, indent: str) -> list[str]:
    """What stays of a line that is gone: its comments."""
    comments = [*gone.above, *([gone.behind] if gone.behind else [])]
    return _moved([comment for comment in comments if comment.strip() and _stays(comment)], indent)


def with_all(text: str, old: str) -> str:
    """The text, with the comments of the old one that it lacks below it: those inside of values that were written over several lines."""
    lacking = Counter(filter(_stays, comments_in(old))) - Counter(comments_in(text))
    return text + "".join(f"  {comment}\n" for comment in lacking.elements())


def comments_in(text: str) -> list[str]:
    """Every comment of a text, from top to bottom."""
    document = _noted(text)
    found = []
    done = 0
    for at in _hashes(text):
        if at >= done and not any(start <= at < end for start, end in document.texts):
            done = end if (end := text.find("\n", at)) >= 0 else len(text)
            found.append(text[at:done].strip())
    return found


def _noted(text: str) -> Document:
    """The text read so that it is noted where quoted texts are: that is done where a comment may be meant for ckaudit."""
    return read_document(text if _ORDER in text else f"{text}\n# {_ORDER}", "", Problems())


def _stays(comment: str) -> bool:
    return _ORDER not in comment


def _moved(comments: Sequence[str], indent: str) -> list[str]:
    return [f"{indent}{text.strip()}" if text.strip() else "" for text in comments]


def _indent(text: str) -> str:
    return text[: len(text) - len(text.lstrip())]


def _lines(text: str) -> tuple[list[_Line], tuple[str, ...]]:
    """The lines with values, and the comments behind the last of them."""
    found: list[_Line] = []
    above: list[str] = []
    for line, is_inside in _split(text):
        if is_inside:  # a further line of a text
            found.append(_Line(line, (line,)))
        elif not line.strip() or line.lstrip()[0] == "#":
            above.append(line)
        else:
            says, behind = _value(line)
            found.append(_Line(line, says, tuple(above), behind))
            above = []
    return found, tuple(above)


def _split(text: str) -> list[tuple[str, bool]]:
    """The lines, and whether each goes on with a text that began above it."""
    inside = _insides(text)
    return [(line, number in inside) for number, line in enumerate(text.splitlines())]


def _insides(text: str) -> set[int]:
    """The numbers of the lines, from 0, on which a quoted or block text goes on."""
    document = _noted(text)
    found: set[int] = set()
    for start, end in document.texts:
        first = document.text.count("\n", 0, start)
        found |= set(range(first + 1, document.text.count("\n", 0, max(start, end - 1)) + 1))
    return found


def _value(line: str) -> tuple[tuple[str, ...], str]:
    """What a line says whatever its quotes and spaces, and the comment behind it."""
    text = line.strip()
    root = _noted(text).root
    if root is None:
        return (text,), ""
    return tuple(_said(plain(root))) or (text,), next(iter(comments_in(text)), "")


def _said(value: Plain) -> Iterator[str]:
    """A value as the lines it would be if every step and every key of it had its own."""
    match value:
        case [dict() as first, *more]:
            lines = list(_said(first))
            yield f"- {lines[0]}" if lines else "-"
            yield from lines[1:]
            for item in more:
                yield from _said([item])
        case dict():
            for key, inner in value.items():
                if isinstance(inner, list) and inner and all(isinstance(item, dict) for item in inner):
                    yield f"{key}:"
                    yield from _said(inner)
                else:
                    yield f"{key}:" if inner is None else f"{key}: {inner!r}"
        case _:
            yield repr(value)


def _hashes(text: str) -> Iterator[int]:
    """Where a comment may begin: a # after a space."""
    at = text.find("#")
    while at >= 0:
        if at == 0 or text[at - 1].isspace():
            yield at
        at = text.find("#", at + 1)
