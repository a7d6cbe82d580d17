"""Does a regular expression hang on hostile text? Found in the source, attacked with text made from its own parts, and measured.

What people write into an email must cost time in proportion to its length. A pattern that backtracks, or that looks far ahead from every
place where it may begin, takes four times as long for twice the text: a megabyte of it means hours. Time is this thread's, not the clock's.
"""

from __future__ import annotations

import ast
import importlib
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import Any

import msgspec

_ANYWHERE = frozenset({"search", "sub", "subn", "split", "findall", "finditer"})
_AT_THE_START = frozenset({"match", "fullmatch"})
_ESCAPED = "x"
"""Stands for what ``re.escape`` returns: text that means itself."""
MANY = 16
"""A repetition that may happen so often is attacked."""
_SPECIMENS = "a0 _-.\n\t<>{}[]()\"'%&=/:@,;#*`|\\é“"
_PREFIXES, _PUMPS = 12, 24
MAX_TEXT = 32_000
"""Characters: square time takes a tenth of a second or more for so many, linear time a few thousandths."""
_NOTICED, _NOTHING = 0.01, 0.0001  # seconds
_MAYBE, _SQUARE = 5, 8  # times as long for four times the text: linear is 4, square 16


class FoundPattern(msgspec.Struct, frozen=True):
    """A pattern in a source file. ``anywhere`` is False where it is only ever matched from a given place."""

    file: Path
    line: int
    regex: re.Pattern[Any]
    anywhere: bool = True


class Attack(msgspec.Struct, frozen=True):
    """Text that makes a pattern slow: ``prefix``, then ``pump`` again and again, then ``end``."""

    prefix: str
    pump: str
    end: str

    def text(self, length: int) -> str:
        """About ``length`` characters of it."""
        return self.prefix + self.pump * (length // len(self.pump) or 1) + self.end

    def __str__(self) -> str:
        return f"{self.prefix!r} and many times {self.pump!r}"


class SlowPattern(msgspec.Struct, frozen=True):
    """A pattern whose time grows faster than the text: ``ratio`` is how many times longer it takes for four times the text."""

    found: FoundPattern
    attack: Attack
    ratio: float

    @property
    def times(self) -> str:
        """The ratio as a message says it."""
        return "very many" if self.ratio == float("inf") else f"{self.ratio:.0f}"


# -- finding them -----------------------------------------------------------------------------------------------------------------


def find_patterns(files: Mapping[Path, Mapping[str, object]]) -> tuple[list[FoundPattern], list[str]]:
    """Every pattern that is compiled or used in these files.

    Args:
        files: each file, with the names its module has when it is loaded.

    Returns:
        The patterns, and ``file:line`` of those that are put together from data and cannot be known beforehand.
    """
    trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in files}
    uses = _uses(trees)
    found: list[FoundPattern] = []
    unknown: list[str] = []
    for path, tree in trees.items():
        names = {id(node.value): _target(node) for node in ast.walk(tree) if isinstance(node, ast.Assign | ast.AnnAssign)}
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            method = _of_re(call)
            if method is None:
                continue
            text = _text(call.args[0], files[path])
            if text is None:
                unknown.append(f"{path.name}:{call.lineno}")
                continue
            methods = uses.get(_known_as(path, names.get(id(call), "")), _ANYWHERE) if method == "compile" else {method}
            found.append(FoundPattern(path, call.lineno, re.compile(text, _flags(call)), bool(methods - _AT_THE_START)))
    return found, unknown


def _of_re(call: ast.Call) -> str | None:
    """``search`` for ``re.search(…)``."""
    function = call.func
    if not (isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name) and function.value.id == "re" and call.args):
        return None
    return function.attr if function.attr in _ANYWHERE | _AT_THE_START | {"compile"} else None


def _target(node: ast.Assign | ast.AnnAssign) -> str:
    target = node.targets[0] if isinstance(node, ast.Assign) else node.target
    return target.id if isinstance(target, ast.Name) else ""


def _known_as(path: Path, name: str) -> str:
    """A name with an underscore belongs to its file alone."""
    return f"{path}:{name}" if name.startswith("_") else name


def _uses(trees: Mapping[Path, ast.Module]) -> dict[str, set[str]]:
    """Name to what is asked of it (``PATTERN.match``). A name that is handed on may be searched with."""
    uses: dict[str, set[str]] = {}
    for path, tree in trees.items():
        asked = {id(node.value): node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                uses.setdefault(_known_as(path, node.id), set()).add(asked.get(id(node), "search"))
            elif isinstance(node, ast.Attribute) and id(node) in asked:
                uses.setdefault(_known_as(path, node.attr), set()).add(asked[id(node)])
    return uses


def _text(node: ast.expr, names: Mapping[str, object]) -> str | bytes | None:
    """The pattern an expression gives, without running anything."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str | bytes) else None
    if isinstance(node, ast.Name):
        value = names.get(node.id)
        return value if isinstance(value, str | bytes) else None
    if isinstance(node, ast.JoinedStr):
        parts = [_text(part.value if isinstance(part, ast.FormattedValue) else part, names) for part in node.values]
        return "".join(part for part in parts if isinstance(part, str)) if all(isinstance(part, str) for part in parts) else None
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = _text(node.left, names), _text(node.right, names)
        return left + right if isinstance(left, str) and isinstance(right, str) else None
    escaped = any(isinstance(part, ast.Attribute) and part.attr == "escape" for part in ast.walk(node))
    return _ESCAPED if escaped else None


def _flags(call: ast.Call) -> int:
    named = [part.attr for keyword in call.keywords for part in ast.walk(keyword.value) if isinstance(part, ast.Attribute)]
    given = [part.attr for argument in call.args[1:] for part in ast.walk(argument) if isinstance(part, ast.Attribute)]
    flags = 0
    for name in (*named, *given):
        flag = getattr(re, name, 0)
        flags |= flag if isinstance(flag, re.RegexFlag) else 0
    return flags


# -- attacking them ---------------------------------------------------------------------------------------------------------------


def slow_patterns(found: Iterable[FoundPattern]) -> Iterator[SlowPattern]:
    """Those whose time grows faster than the text. Each is named with the attack that shows it."""
    for item in found:
        if slow := _slowest(item):
            yield slow


def _slowest(found: FoundPattern) -> SlowPattern | None:
    run = _runner(found)
    for attack in _attacks(found.regex):
        if ratio := _growth(run, attack):
            return SlowPattern(found, attack, ratio)
    return None


def _growth(run: Callable[[str], object], attack: Attack) -> float:
    """How many times longer four times the text takes, if that is far more than four times; else 0.

    The text grows slowly at first: a pattern whose time doubles with each character must show before it hangs this.
    """
    length = 24
    while length <= MAX_TEXT:
        took = _seconds(run, attack.text(length))
        if took > _NOTICED:
            long = took if took > 20 * _NOTICED else min(took, _seconds(run, attack.text(length)))
            short = min(_seconds(run, attack.text(length // 4)) for _ in range(2))
            return long / short if long > _NOTICED / 2 and long > _SQUARE * short else 0
        if 1500 < length < 3000 and (took < _NOTHING or took < _MAYBE * _seconds(run, attack.text(length // 4))):
            return 0
        length = length * 5 // 4 if length < 100 else length * 2
    return 0


def _runner(found: FoundPattern) -> Callable[[str], object]:
    regex = found.regex
    given = str.encode if isinstance(regex.pattern, bytes) else str
    if found.anywhere:
        return lambda text: [None for _ in regex.finditer(given(text))]
    return lambda text: (regex.match(given(text)), regex.fullmatch(given(text)))


def _seconds(run: Callable[[str], object], text: str) -> float:
    before = time.thread_time()
    run(text)
    return time.thread_time() - before


def _attacks(regex: re.Pattern[Any]) -> Iterator[Attack]:
    """Each beginning of the pattern, then over and over each thing it may repeat, then something it cannot go on with."""
    pattern = regex.pattern.decode("latin-1") if isinstance(regex.pattern, bytes) else regex.pattern
    parsed = importlib.import_module("re._parser").parse(pattern, regex.flags & ~re.DEBUG if isinstance(regex.pattern, str) else 0)
    sketch = _Sketch()
    sketch.sequence(parsed, [""])
    if not sketch.repeats:
        return
    prefixes = list(dict.fromkeys(["", *sketch.prefixes]))[:_PREFIXES]
    whole = [text for text in sketch.prefixes if text]
    pumps = list(dict.fromkeys([*sketch.pumps, *whole, *(prefix + pump for prefix in whole for pump in sketch.pumps)]))
    singles = dict.fromkeys(char for text in (*sketch.pumps, *whole) for char in text)
    pumps = list(dict.fromkeys([*singles, *pumps]))[:_PUMPS]
    for prefix, pump, end in product(prefixes, pumps, ("", "\x00")):
        yield Attack(prefix, pump, end)


class _Sketch:
    """Strings that a parsed pattern begins with, and those it may repeat."""

    def __init__(self) -> None:
        self.prefixes: list[str] = []
        self.pumps: list[str] = []
        self.repeats = False

    def sequence(self, items: Any, before: list[str]) -> list[str]:
        """Follow the items one after the other. ``before`` and the answer: texts that lead there."""
        texts = before
        for name, value in items:
            texts = self._item(str(name), value, texts)[:4]
            self.prefixes += texts
        return texts

    def _item(self, name: str, value: Any, texts: list[str]) -> list[str]:
        if name in {"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"}:
            return self._repeat(value, texts)
        if name == "SUBPATTERN":
            return self.sequence(value[-1], texts)
        if name == "ATOMIC_GROUP":
            return self.sequence(value, texts)
        if name == "BRANCH":
            return [text for branch in value[1] for text in self.sequence(branch, texts[:1])]
        if name in {"ASSERT", "ASSERT_NOT"}:
            self.sequence(value[1], [""])  # it may repeat, too
            return texts
        options = _characters(name, value)
        return [text + options[0] for text in texts] + [texts[0] + option for option in options[1:3]] if options else texts

    def _repeat(self, value: Any, texts: list[str]) -> list[str]:
        least, most, body = value
        once = self.sequence(body, [""])
        if int(most) >= MANY:
            self.repeats = True
            self.pumps += [text for text in once if text]
            if len(body) == 1:
                self.pumps += _characters(str(body[0][0]), body[0][1])[:4]
        inside = once[0] if once else ""
        longer = [text + inside * max(int(least), 1) for text in texts]
        return longer if int(least) else [*texts, *longer]


def _characters(name: str, value: Any) -> list[str]:
    """Characters that one item of a parsed pattern matches, the plainest first."""
    if name == "LITERAL":
        return [chr(value)]
    if name == "NOT_LITERAL":
        return [char for char in _SPECIMENS if ord(char) != value]
    if name == "ANY":
        return list("a 0")
    if name == "IN":
        own = [chr(code) for kind, code in value if str(kind) == "LITERAL"]
        own += [chr(low) for kind, bounds in value if str(kind) == "RANGE" for low in bounds]
        pool = [*own, *_SPECIMENS]
        return [char for char in dict.fromkeys(pool) if _in_class(char, value)]
    return []


def _in_class(char: str, items: Sequence[tuple[Any, Any]]) -> bool:
    negated = bool(items) and str(items[0][0]) == "NEGATE"
    hit = False
    for kind, value in items:
        match str(kind):
            case "LITERAL":
                hit |= ord(char) == value
            case "RANGE":
                hit |= value[0] <= ord(char) <= value[1]
            case "CATEGORY":
                hit |= bool(re.match(_CATEGORIES[str(value)], char))
    return hit != negated


_CATEGORIES = {
    "CATEGORY_DIGIT": r"\d",
    "CATEGORY_NOT_DIGIT": r"\D",
    "CATEGORY_SPACE": r"\s",
    "CATEGORY_NOT_SPACE": r"\S",
    "CATEGORY_WORD": r"\w",
    "CATEGORY_NOT_WORD": r"\W",
}
