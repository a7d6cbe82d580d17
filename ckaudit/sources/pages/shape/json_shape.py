"""JSON -> its shape, and whether it holds what nobody may see."""

from __future__ import annotations

import re
from typing import Any

from ckaudit.sources.pages.shape.tree import MAX_DEPTH, Shapes
from ckaudit.sources.pages.shape.values import Values

_SECRET = re.compile(r"(?:set-?)?cookies?2?|(?:proxy-?)?authorization|x-(?:kit-)?api-(?:key|secret)|x-csrf-token", re.IGNORECASE)


def json_node(value: Any, values: Values, shapes: Shapes, label: str = "", depth: int = 0) -> int:
    """The shape of a value of ``msgspec.json.decode``; ``label`` is what stands in front of it, such as its key."""
    head = f"{label}: " if label else ""
    match value:
        case dict():
            inside = value.items() if depth < MAX_DEPTH else ()
            nodes = [json_node(item, values, shapes, values.key(str(key)), depth + 1) for key, item in inside]
            return shapes.node(f"{head}object({len(value)})", nodes)
        case list():
            items = value if depth < MAX_DEPTH else ()
            return shapes.node(f"{head}array({len(value)})", [json_node(item, values, shapes, "", depth + 1) for item in items])
        case str():
            return shapes.node(f"{head}{values.text(value)}")
        case bool():
            return shapes.node(f"{head}boolean")
        case int():
            return shapes.node(f"{head}{'minus ' if value < 0 else ''}{values.digits(str(abs(value)))}")
        case float():
            return shapes.node(f"{head}number")
        case _:
            return shapes.node(f"{head}null")


def secret_in(value: Any) -> str:
    """The name of a cookie's or authorization header's key with something in it, anywhere; empty when there is none."""
    todo = [value]
    while todo:
        item = todo.pop()
        if isinstance(item, list):
            todo += item
        elif isinstance(item, dict):
            named = item.get("name")
            if isinstance(named, str) and _SECRET.fullmatch(named.strip()) and item.get("value") not in (None, ""):
                return named.strip().lower()
            for key, inside in item.items():
                if _SECRET.fullmatch(str(key).strip()) and inside not in (None, "", [], {}):
                    return str(key).strip().lower()
                todo.append(inside)
    return ""
