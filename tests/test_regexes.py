"""No regular expression of the package or its rules hangs: every one is found in the source, attacked and measured."""

from __future__ import annotations

import importlib
import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from ckaudit.engine.load import load_rules
from ckaudit.kit.credentials import hide_secret
from ckaudit.sources.stacks import read_stacks
from ckaudit.testing.regexes import FoundPattern, find_patterns, slow_patterns

ROOT = Path(__file__).parents[1]
# Put together from data: what stacks hold and how a key is looked for are looked at below; the rest is the search for patterns itself.
FROM_DATA = {"roles.py", "suggestions.py", "webhooks.py", "regexes.py", "credentials.py"}


def modules() -> dict[Path, Mapping[str, object]]:
    """Every source file of the package and the rules, with the names its module has."""
    found: dict[Path, Mapping[str, object]] = {}
    for path in sorted((ROOT / "ckaudit").rglob("*.py")):
        if path.stem != "__main__":
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
            found[path] = vars(importlib.import_module(name))
    found |= {loaded.file: loaded.check.__globals__ for loaded in load_rules([ROOT / "rules"])}  # type: ignore[attr-defined]
    return found


def slow(pattern: str, *, anywhere: bool = True) -> bool:
    return any(slow_patterns([FoundPattern(Path("x.py"), 1, re.compile(pattern), anywhere)]))


def test_no_pattern_of_the_package_or_of_a_rule_takes_more_than_linear_time() -> None:
    found, unknown = find_patterns(modules())
    assert len(found) > 150
    assert {place.partition(":")[0] for place in unknown} <= FROM_DATA
    assert [f"{item.found.file.name}:{item.found.line} {item.attack}" for item in slow_patterns(found)] == []


def test_every_file_that_imports_re_is_looked_at() -> None:
    """A rule file or module that is loaded in another way would be missed in silence."""
    looked_at = {path.resolve() for path in modules()}
    sources = [path for folder in ("ckaudit", "rules") for path in (ROOT / folder).rglob("*.py")]
    assert [path for path in sources if "import re\n" in path.read_text(encoding="utf-8") and path.resolve() not in looked_at] == []


def test_no_pattern_of_a_stack_takes_more_than_linear_time() -> None:
    texts = [item.pattern for stack in read_stacks().values() for item in (*stack.tags, *stack.targets)]
    found = [FoundPattern(Path("stacks"), 1, re.compile(text, re.IGNORECASE)) for text in texts]
    assert len(found) > 20
    assert [item.found.regex.pattern for item in slow_patterns(found)] == []


def test_looking_for_a_key_in_all_its_spellings_takes_linear_time(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(re, "sub", lambda pattern, *_, **__: asked.append(pattern) or "")
    hide_secret("text", "kit_aaaaaaaaaaaaaaaaaaaaaaaaaa")
    monkeypatch.undo()
    found = [FoundPattern(Path("credentials"), 1, re.compile(asked[0], re.IGNORECASE))]
    assert list(slow_patterns(found)) == []


@pytest.mark.parametrize(
    "pattern",
    [
        r"(?P<open>(?<!\{)\{)?\s*\b(?:subscriber|snippet)\.[\w-]+[^{}<>\n]{0,80}?\}",  # a lost brace, looked for from every space
        r"\[\s*(?:(?:your|the)?\s*(?:first\s)?name|(?:insert)?\s*link)\s*\]",  # blanks that two parts may take
        r"%7B%7B(.*?)%7D%7D",  # an end that never comes, looked for from every beginning
        r"\s+$",
        r"<a [^>]*>",
        r"(a+)+$",
        r"(?:a|aa)+$",
        r"(\w+\s?)*;",
        r"a*a*a*b",
        r"\d+\.\d+",
    ],
)
def test_a_pattern_that_hangs_is_found(pattern: str) -> None:
    assert slow(pattern)


@pytest.mark.parametrize(
    "pattern",
    [
        r"\[\s*+name\s*+\]",
        r"%7B%7B((?:[^%]|%(?!7B)){0,200}+)%7D%7D",
        r"\s{1,20}$",
        r"(?<!\d)\d++\.\d",
        "a+",
        r"[^<>]*",
        r"\bnew\b|\bold\b",
        "<!--",
    ],
)
def test_a_pattern_in_order_is_let_through(pattern: str) -> None:
    assert not slow(pattern)


def test_a_pattern_that_is_only_matched_at_the_start_may_begin_with_a_repetition() -> None:
    assert not slow(r"\d+\.\d", anywhere=False)
    assert slow(r"\d+\.\d")
    assert slow(r"\s*(a|b)?\s*c", anywhere=False)


def found_in(folder: Path, source: str) -> tuple[list[FoundPattern], list[str]]:
    path = folder / "x.py"
    path.write_text(source, encoding="utf-8")
    return find_patterns({path: {"WORD": "[a-z]+"}})


@pytest.mark.parametrize(
    ("source", "pattern"),
    [
        ('A = re.compile(r"a+")', "a+"),
        ('def f(x):\n    return [re.sub("a" + "b", "", y) for y in x]', "ab"),
        ('A = [re.compile(rf"{WORD}x", re.I)]', "[a-z]+x"),
        ('re.search(rf"(?<!a){re.escape(y)}", z)', "(?<!a)x"),
    ],
)
def test_patterns_are_found_wherever_they_stand(source: str, pattern: str, tmp_path: Path) -> None:
    found, unknown = found_in(tmp_path, source)
    assert [item.regex.pattern for item in found] == [pattern]
    assert unknown == []


def test_a_pattern_made_of_data_is_named_as_unknown(tmp_path: Path) -> None:
    assert found_in(tmp_path, "re.compile(item.pattern)") == ([], ["x.py:1"])


@pytest.mark.parametrize(
    ("use", "anywhere"),
    [("A.match(x)", False), ("A.fullmatch(x)", False), ("A.search(x)", True), ("A.sub('', x)", True), ("f(A)", True), ("", True)],
)
def test_how_a_pattern_is_used_decides_where_it_may_begin(use: str, anywhere: bool, tmp_path: Path) -> None:
    found, _ = found_in(tmp_path, f"A = re.compile('a')\n{use}\n")
    assert [item.anywhere for item in found] == [anywhere]
