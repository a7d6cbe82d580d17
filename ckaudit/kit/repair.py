"""One odd value costs its field, not the object it is in.

Where nothing is lost a value is converted: ``"9"`` and ``9.0`` are 9, ``"12%"`` is a rate of 12. Else the field is left out, as if Kit had
not sent it, and named. An item of a list costs the list: half of it would be taken for the whole. Only an object without what it needs,
its id first of all, cannot be kept; an id is never guessed at.
"""

from __future__ import annotations

import re
from typing import Any, TypeVar

import msgspec

from ckaudit.model.account import BadObject

MAX_REPAIRS = 50  # of one object; every repair looks at the whole object again

T = TypeVar("T")
_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]")
_EXPECTED = re.compile(r"Expected `([a-z]+)")
_INTEGER = re.compile(r"-?\d{1,18}(\.0+)?", re.ASCII)
_NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,15})?%?", re.ASCII)
_TEXTS = ("content", "value_html", "value_plain")  # a number is not what an email says
_BOOLEANS = {"true": True, "false": False, "1": True, "0": False}

Step = str | int


def repair(kind: type[T], value: Any, path: str) -> tuple[T | None, tuple[BadObject, ...]]:
    """The object and the fields it lost; or no object, and what is wrong with it. ``value`` is decoded JSON, and is changed."""
    lost: list[BadObject] = []
    for _ in range(MAX_REPAIRS):
        try:
            return msgspec.convert(value, type=kind), tuple(lost)
        except msgspec.ValidationError as error:
            reason, _, where = str(error).partition(" - at `$")
            where = where.rstrip("`")
            problem = BadObject(path + where, reason.replace("`", ""))
        steps = _steps(where)
        if steps in ((), ("id",)):
            break
        if _converted(value, steps, reason):
            continue
        if not _left_out(value, steps):
            break
        lost.append(problem)
    needed = problem.reason.rpartition("missing required field ")[2]
    return None, (next((item for item in lost if item.path == f"{path}.{needed}"), problem),)


def _steps(where: str) -> tuple[Step, ...]:
    return tuple(name or int(number) for name, number in _STEP.findall(where))


def _parent(value: Any, steps: tuple[Step, ...]) -> Any:
    for step in steps[:-1]:
        value = value[step]
    return value


def _converted(value: Any, steps: tuple[Step, ...], reason: str) -> bool:
    """True when the value could be replaced by an equal one of the type that is expected."""
    parent, last = _parent(value, steps), steps[-1]
    expected = _EXPECTED.match(reason)
    better = _equal(parent[last], expected[1] if expected else "")
    if better is None or (last in _TEXTS and isinstance(better, str)):
        return False
    parent[last] = better
    return True


def _equal(value: object, expected: str) -> bool | int | float | str | None:
    """The same in the type that is expected, or None when something would be lost."""
    text = value.strip() if isinstance(value, str) else str(value).lower() if isinstance(value, int | float) else ""
    if expected == "int" and not isinstance(value, bool) and _INTEGER.fullmatch(text):
        return int(text.partition(".")[0])
    if expected == "float" and isinstance(value, str) and _NUMBER.fullmatch(text):
        return float(text.rstrip("%"))
    if expected == "bool":
        return _BOOLEANS.get(text.lower())
    if expected == "str" and isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return None


def _left_out(value: Any, steps: tuple[Step, ...]) -> bool:
    """Leave out the field the steps lead to, or the field whose list they lead into. False when there is none."""
    while steps:
        parent, last = _parent(value, steps), steps[-1]
        if isinstance(last, str) and isinstance(parent, dict) and last in parent:
            del parent[last]
            return True
        steps = steps[:-1]
    return False
