"""The rules of the file: YAML 1.2, JSON, characters, sizes, depth."""

from __future__ import annotations

import json
import time

import pytest

from ckaudit.model.steps import AddTag
from tests.sources.manifest.helpers import ENTRIES, FILE, STEPS, parse, problems, steps


def name_of(text: str) -> str:
    """What a value becomes where a name is wanted."""
    (writer,) = parse(f"version: 1\nexternal:\n  - name: {text}\n").external
    return writer.name


@pytest.mark.parametrize(
    "text",
    [
        "yes", "no", "on", "off", "Yes", "NO", "True", "FALSE", "Null", "y", "n",
        "2026-11-20", "2026-11-20T10:00:00Z", "12:30:45", "1:20", "010", "0o17", "0x1F", "1_000", "+5", ".5", "5.", ".inf", ".nan", "=",
        "2024", "1.50", "1e3", "-7", "null and void", "~x",
        "a#b", "it's", 'say "hi"', "50%", "a & b", "a * b", "a, b", "a [b]",
    ],
)  # fmt: skip
def test_plain_text_stays_as_it_is_written(text: str) -> None:
    assert name_of(text) == text


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("'true'", "true"),
        ('"null"', "null"),
        ("'a: b # c'", "a: b # c"),
        (r'"tab\there \u00e9 \x41 \/ \U0001F30A"', "tab\there é A / 🌊"),
        ("Workshop 🌊", "Workshop 🌊"),
        ("|-\n      a # b\n      c: d", "a # b\nc: d"),
        (">-\n      a\n      b", "a b"),
        ("one\n      two", "one two"),
        ("x   # a comment", "x"),
    ],
)
def test_quotes_escapes_and_blocks_are_those_of_yaml(text: str, name: str) -> None:
    assert name_of(text) == name


@pytest.mark.parametrize("text", ["true", "false", "null", "~", ""])
def test_true_false_and_nothing_are_no_names(text: str) -> None:
    assert len(problems(f"version: 1\nexternal:\n  - name: {text}\n")) == 1


@pytest.mark.parametrize("word", ["yes", "True", "on", "1", "'true'"])
def test_only_true_and_false_are_booleans(word: str) -> None:
    assert [problem.message[:22] for problem in problems(f"version: 1\ncomplete: {word}")] == ["expected true or false"]


def test_the_keys_yes_no_and_on_are_text() -> None:
    assert [problem.message for problem in problems("version: 1\nyes: 1\nno: 2\non: 3\n")] == [
        f"a manifest has no key “{key}”" for key in ("yes", "no", "on")
    ]


def test_a_number_with_a_leading_zero_is_a_name_and_never_octal() -> None:
    (step,) = steps("- add_tag: 010")
    assert isinstance(step, AddTag)
    assert (step.tag.name, step.tag.id) == ("010", None)


def test_positions_count_characters_inside_flow_mappings() -> None:
    text = f"{STEPS}      - {{note: 🌊🌊é, split: [{{tag: 'a b', steps: [{{ad_tag: X}}]}}]}}\n"
    (problem,) = problems(text)
    assert problem.location
    assert (problem.location.line, problem.location.column) == (5, text.splitlines()[4].index("ad_tag") + 1)


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_every_kind_of_line_end_counts(line_end: str) -> None:
    assert [str(problem.location) for problem in problems(f"{STEPS}      - ad_tag: X\n".replace("\n", line_end))] == [f"{FILE}:5:9"]


def test_a_byte_order_mark_is_no_character_of_the_first_line() -> None:
    assert [str(problem.location) for problem in problems("\ufeffversion: 2")] == [f"{FILE}:1:10"]


def test_json_is_read_with_the_same_places() -> None:
    text = json.dumps({"version": 1, "automations": [{"name": "A", "steps": [{"add_tag": "T"}, {"dely": "5 minutes"}]}]}, indent="\t")
    (problem,) = problems(text)
    line = next(number for number, line in enumerate(text.splitlines(), 1) if "dely" in line)
    assert str(problem.location) == f"{FILE}:{line}:{text.splitlines()[line - 1].index('dely')}"
    assert problem.hint == "Did you mean “delay”?"


@pytest.mark.parametrize("indent", [None, 1])
@pytest.mark.parametrize("ascii_only", [True, False])
def test_emoji_in_json_are_read_and_do_not_shift_columns(indent: int | None, ascii_only: bool) -> None:
    data = {"version": 1, "external": [{"name": "🌊 \\ud83c\\udf0a é 🌊", "adds_tags": [], "adds_tag": []}], "rules": "🌊", "x": 1}
    text = json.dumps(data, indent=indent, ensure_ascii=ascii_only)
    places = [(text.count("\n", 0, start) + 1, start - text.rfind("\n", 0, start)) for start in map(text.index, ('"adds_tag"', '"x"'))]
    found = [
        (problem.location.line, problem.location.column) for problem in problems(text) if problem.location and "no key" in problem.message
    ]
    assert found == places
    good = json.dumps({"version": 1, "external": [{"name": "🌊 \\ud83c"}]}, ensure_ascii=ascii_only)
    assert parse(good).external[0].name == "🌊 \\ud83c"


def test_half_a_pair_of_escapes_is_a_problem() -> None:
    (problem,) = problems('{"version": 1, "external": [{"name": "\\ud83c"}]}')
    assert problem.message == "this is not a valid escape in double quotes"


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? ", "[{"])
def test_a_million_brackets_are_one_problem(opening: str) -> None:
    (problem,) = problems(opening * 1_000_000)
    assert problem.message == "values are nested more than 100 levels deep"


def test_forty_conditions_inside_each_other_are_fine() -> None:
    lines, indent = [], ""
    for _ in range(40):
        lines += [f"{indent}- if: {{tag: T}}", f"{indent}  else:"]
        indent += "    "
    assert len(steps("\n".join([*lines, f"{indent}- exit: true"]))) == 1


def test_aliases_that_would_grow_without_end_are_refused() -> None:
    bomb = "a: &a [x, x]\n" + "".join(f"{chr(98 + n)}: &{chr(98 + n)} [*{chr(97 + n)}, *{chr(97 + n)}]\n" for n in range(20))
    found = problems(f"version: 1\n{bomb}")
    assert {problem.message.split(",")[0] for problem in found[:20]} == {"“&” begins an anchor", "“*” begins an alias"}


def test_an_alias_of_itself_is_refused() -> None:
    assert [problem.message for problem in problems("version: 1\nrules: &r [*r]\n")] == [
        "“&” begins an anchor, which is not understood here",
        "“*” begins an alias, which is not understood here",
    ]


def test_a_long_line_of_long_names_is_quick() -> None:
    started = time.process_time()
    names = ", ".join(f"'{'n' * 500}{number}'" for number in range(4000))
    assert len(parse(f"version: 1\nexternal: [{{name: A, adds_tags: [{names}]}}]").references) == 4000
    assert len(problems("version: 1\n" + "".join(f"key{number}: 1\n" for number in range(100_000)))) == 21
    assert time.process_time() - started < 30


def test_comments_and_blank_lines_are_nothing() -> None:
    assert parse("# first\n\nversion: 1 # one\n\n# last").automations == ()


def test_an_entry_may_be_written_in_any_style() -> None:
    block = parse(f'{ENTRIES}      -\n        tag_added: "VIP"\n').automations[0].entries[0]
    flow = parse(f"{ENTRIES}      - {{'tag_added': VIP}}\n").automations[0].entries[0]
    assert block.ref
    assert flow.ref
    assert block.ref.name == flow.ref.name == "VIP"
