from __future__ import annotations

import tomllib
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ckaudit.sources.config_places import toml_places

TEXT = '''# a comment with [brackets] and = signs
select = ["CK1", "it's # no comment", 'b\\']
a."b.c".d = 1
long = """
[not.a.table]
x = "1"
"""

[severity]
CK101 = "info"  # why
[[suppress]]
object = {kind = "tag", id = 5, names = ["x", "y"]}
[[suppress]]
  rule = "CK202"
[suppress.object]
kind = "form"
'''


def test_every_kind_of_place_is_found() -> None:
    tomllib.loads(TEXT)
    places = toml_places(TEXT)
    assert places[("select",)] == (2, 1)
    assert places[("select", 1)] == (2, 18)
    assert places[("a", "b.c", "d")] == (3, 1)
    assert places[("severity", "CK101")] == (10, 1)
    assert places[("suppress", 0)] == (11, 1)
    assert places[("suppress", 0, "object", "id")] == (12, 25)
    assert places[("suppress", 0, "object", "names", 1)] == (12, 47)
    assert places[("suppress", 1, "rule")] == (14, 3)
    assert places[("suppress", 1, "object", "kind")] == (16, 1)


def test_text_over_several_lines_holds_no_places() -> None:
    assert not any("not" in path for path in toml_places(TEXT))


def _paths(value: Any, at: tuple[str | int, ...] = ()) -> set[tuple[str | int, ...]]:
    items: list[tuple[str | int, Any]] = []
    if isinstance(value, dict):
        items = list(value.items())
    elif isinstance(value, list):
        items = list(enumerate(value))
    return {(*at, key) for key, _ in items}.union(*(_paths(item, (*at, key)) for key, item in items))


_WORDS = st.text(st.sampled_from("ab\"'#[]{}=., "), max_size=6)
_VALUES = st.recursive(_WORDS | st.integers() | st.booleans(), lambda inner: st.lists(inner, max_size=3), max_leaves=6)


def _toml(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(_toml(item) for item in value)} ]"
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"' if isinstance(value, str) else str(value).lower()


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.sampled_from("abcd"), st.dictionaries(_WORDS, _VALUES, max_size=3), max_size=3))
def test_what_tomllib_reads_has_a_place(data: dict[str, Any]) -> None:
    lines = [
        line for name, table in data.items() for line in (f"[{name}]", *(f"{_toml(key)} = {_toml(item)}" for key, item in table.items()))
    ]
    text = "\n".join(lines)
    assert set(toml_places(text)) == _paths(tomllib.loads(text))
