"""The short way of reading Liquid agrees with python-liquid, and nothing people write raises."""

from __future__ import annotations

import string
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from ckaudit.graph.content import expressions
from ckaudit.graph.content.constructs import scan
from ckaudit.graph.content.expressions import Parsed, read_output, read_tag
from tests.graph.content.reading import document

# Words python-liquid refuses behind a dot; Liquid itself takes them, and so does the short way
RESERVED = {"if", "else", "and", "or", "not", "in", "contains", "true", "false", "nil", "null", "blank", "empty"}
RESERVED |= {"with", "for", "as", "required", "cols", "limit", "offset", "reversed", "continue"}
NAMES = st.from_regex(r"[a-z_][a-z0-9_-]{0,6}(\.[a-z_][a-z0-9_-]{0,6}){0,2}", fullmatch=True).filter(
    lambda name: not RESERVED & set(name.split("."))
)
TEXTS = st.text(st.sampled_from(string.ascii_letters + " &<>|.,{"), max_size=6).map(lambda text: f'"{text}"')
NUMBERS = st.sampled_from(["0", "-1", "2.5", "10"])
LITERALS = st.sampled_from(["blank", "empty", "nil", "true", "false"])
TERMS = st.one_of(NAMES, TEXTS, NUMBERS, LITERALS)
SPACE = st.sampled_from([" ", "  "])
FILTERS = st.builds(lambda name, arguments: f" | {name}" + (": " + ", ".join(arguments) if arguments else ""),
                    st.sampled_from(["default", "upcase", "date", "x"]), st.lists(st.one_of(TEXTS, NUMBERS), max_size=2))  # fmt: skip
OUTPUTS = st.builds(lambda value, filters: f" {value}{''.join(filters)} ", st.one_of(NAMES, TEXTS), st.lists(FILTERS, max_size=3))
COMPARISONS = st.one_of(
    TERMS,
    st.builds(lambda left, space, operator, right: f"{left}{space}{operator}{space}{right}", TERMS, SPACE,
              st.sampled_from(["==", "!=", "<>", "<", ">", "<=", ">=", "contains"]), TERMS),
)  # fmt: skip
CONDITIONS = st.lists(COMPARISONS, min_size=1, max_size=3).map(" and ".join)


def really(template: str, *, printed: bool) -> Parsed:
    """What python-liquid makes of it."""
    return expressions._really(template, printed=printed)


def same(short: Parsed, full: Parsed) -> bool:
    return (short.mentions, short.contains, short.locals, short.error) == (full.mentions, full.contains, full.locals, full.error)


@given(OUTPUTS)
@settings(max_examples=150)
def test_outputs_are_read_as_python_liquid_reads_them(expression: str) -> None:
    assert same(read_output(expression), really("{{" + expression + "}}", printed=True))


@given(CONDITIONS)
@settings(max_examples=150)
def test_conditions_are_read_as_python_liquid_reads_them(condition: str) -> None:
    assert same(read_tag("if", condition), really("{% if " + condition + " %}{% endif %}", printed=False))


@given(OUTPUTS)
@settings(max_examples=50)
def test_assignments_are_read_as_python_liquid_reads_them(value: str) -> None:
    assert same(read_tag("assign", f"x ={value}"), really("{% assign x =" + value + "%}", printed=False))


LIQUID = ["{{", "}}", "{%", "%}", "{", "}", "%", " if ", " endif ", " else ", " for x in y ", " capture z ", " case a ", " when 1 "]
WORDS = [" subscriber.a ", " | default: ", "raw", "comment", "endcomment", "x", "[", ".", ":", "=", ">", "<", "/", '"', "'", "“", '="']
HTML = [
    "<b>",
    "</b>",
    "<a href=",
    "<!--",
    "-->",
    "<![if x]>",
    "<![",
    "<style>",
    "</style>",
    "&quot;",
    "&#0;",
    "%7B%7Bunsubscribe_url%7D%7D",
]
ODD = ["\n", "\ue000", "\ue001", "\u202e", "\x00", "🎨"]
PIECES = st.sampled_from([*LIQUID, *WORDS, *HTML, *ODD])


@given(st.lists(PIECES, max_size=40).map("".join))
@settings(max_examples=400)
def test_nothing_people_write_raises(content: str) -> None:
    read = document(content, subject=content, preview=content)
    lines = content.split("\n")
    for position in [place.position for group in (read.variables, read.tag_tests, read.problems) for place in group]:
        assert 1 <= position.line <= len(lines)
        assert 1 <= position.column <= len(lines[position.line - 1]) + 1


@given(st.lists(PIECES, max_size=40).map("".join))
@settings(max_examples=200)
def test_masking_keeps_length_and_lines(content: str) -> None:
    scanned = scan(content)
    assert len(scanned.masked) == len(content)
    assert [index for index, char in enumerate(content) if char == "\n"] == [
        index for index, char in enumerate(scanned.masked) if char == "\n"
    ]


@pytest.mark.parametrize(
    ("tag", "expression", "mentions"),
    [
        ("for", "x in subscriber.tags limit: 2", ["subscriber.tags"]),
        ("case", "subscriber.plan", ["subscriber.plan"]),
        ("when", '"a", subscriber.b', ["subscriber.b"]),
        ("cycle", '"a", subscriber.b', ["subscriber.b"]),
        ("else", "", []),
        ("endif", "", []),
    ],
)
def test_every_tag_gives_its_names(tag: str, expression: str, mentions: list[str]) -> None:
    parsed: Any = read_tag(tag, expression)
    assert [mention.name for mention in parsed.mentions] == mentions
    assert parsed.error == ""


def test_deep_nesting_is_an_error_not_a_crash() -> None:
    assert read_output("a" + "[a" * 5000 + "]" * 5000).error
