"""Keeps the comments and the style of lines that stay the same when an automation is written anew."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterator, Sequence

import msgspec

from ckaudit.sources.yaml.problems import Problems
from ckaudit.sources.yaml.reader import Document, read_document
from ckaudit.sources.yaml.tree import plain

_ORDER = "ckaudit:"


class _Line(msgspec.Struct, frozen=True):
    """A line with a value. ``says`` is its value without style, ``above`` are the comments and blank lines in front of it, ``behind`` is
    the one on it."""

    text: str
    says: str
    above: tuple[str, ...] = ()
    behind: str = ""


def with_comments(old: str, new: str) -> str:
    """The new text, with the lines of the old one that say the same as they were, and with its comments.

    A comment belongs to the value below or in front of it. Where that is gone it stays as a line of its own, in its place; but one that
    accepts a finding there (``# ckaudit: ignore …``) goes with what it was about.
    """
    before, last = _lines(old)
    after, _ = _lines(new)
    written: list[str] = []
    match = difflib.SequenceMatcher(None, [line.says for line in before], [line.says for line in after], autojunk=False)
    for kind, first, end, start, stop in match.get_opcodes():
        if kind == "equal":
            for one, two in zip(before[first:end], after[start:stop], strict=True):
                indent = _indent(two.text)
                written += [*_moved(one.above, indent), f"{indent}{one.text.strip()}"]
        else:
            written += _replaced(before[first:end], after[start:stop])
    text = "".join(f"{line}\n" for line in (*written, *_moved(last, "  ")))
    return with_all(text, old)


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


def _replaced(before: Sequence[_Line], after: Sequence[_Line]) -> Iterator[str]:
    """Other lines in the place of some: comments above them come first, those behind them follow their line where there is one."""
    indent = _indent((after or before)[0].text)
    same = len(before) == len(after)
    for place, line in enumerate(before):
        yield from _moved([text for text in line.above if _stays(text)], indent)
        if line.behind and not same and _stays(line.behind):
            yield f"{indent}{line.behind}"
        if same:
            kept = f"  {line.behind}" if line.behind and _stays(line.behind) else ""
            yield f"{after[place].text}{kept}"
    if not same:
        yield from (line.text for line in after)


def _stays(comment: str) -> bool:
    return _ORDER not in comment


def _moved(comments: Sequence[str], indent: str) -> list[str]:
    return [f"{indent}{text.strip()}" if text.strip() else "" for text in comments]


def _indent(text: str) -> str:
    return text[: len(text) - len(text.lstrip())]


def _lines(text: str) -> tuple[list[_Line], tuple[str, ...]]:
    """The lines with values, and the comments behind the last of them."""
    inside = _insides(text)
    found: list[_Line] = []
    above: list[str] = []
    for number, line in enumerate(text.splitlines()):
        if number in inside:  # the further lines of a text
            found.append(_Line(line, line))
        elif not line.strip() or line.lstrip()[0] == "#":
            above.append(line)
        else:
            says, behind = _value(line)
            found.append(_Line(line, says, tuple(above), behind))
            above = []
    return found, tuple(above)


def _insides(text: str) -> set[int]:
    """The numbers of the lines, from 0, on which a quoted or block text goes on."""
    document = _noted(text)
    found: set[int] = set()
    for start, end in document.texts:
        first = document.text.count("\n", 0, start)
        found |= set(range(first + 1, document.text.count("\n", 0, max(start, end - 1)) + 1))
    return found


def _value(line: str) -> tuple[str, str]:
    """What a line says whatever its quotes and spaces, and the comment behind it."""
    text = line.strip()
    document = _noted(text)
    if document.root is None:
        return text, ""
    return repr(plain(document.root)), next(iter(comments_in(text)), "")


def _hashes(text: str) -> Iterator[int]:
    """Where a comment may begin: a # after a space."""
    at = text.find("#")
    while at >= 0:
        if at == 0 or text[at - 1].isspace():
            yield at
        at = text.find("#", at + 1)
