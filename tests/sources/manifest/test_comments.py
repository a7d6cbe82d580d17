"""Comments that accept findings: what they cover, what is no comment, what is wrong with one."""

from __future__ import annotations

import pytest

from ckaudit.model.automations import IgnoreComment
from ckaudit.model.errors import Location
from tests.sources.manifest.helpers import FILE, parse, problems

TEXT = """version: 1
automations:
  - name: A
    entries:
      - tag_added: VIP
    steps:
      - add_tag: X
      - if: {tag: VIP}
        then:
          - delay: 5 minutes
          - exit: true
        else: [
          {exit: true},
        ]

      # about nothing
      - sequence: S
  - name: B
rules: []
"""


def comments(text: str) -> tuple[IgnoreComment, ...]:
    return parse(text).ignores


def covered_from(line: int, text: str = TEXT) -> tuple[int, int]:
    """What a comment at the end of a line of ``TEXT`` covers."""
    lines = text.splitlines()
    column = len(lines[line - 1]) + 3
    lines[line - 1] += "  # ckaudit: ignore CK311 why not"
    (comment,) = comments("\n".join(lines))
    assert comment.location == Location(FILE, line, column)
    return comment.covers


@pytest.mark.parametrize(
    ("line", "last"),
    [
        (1, 1),  # version
        (2, 18),  # all automations
        (3, 17),  # the automation that begins here
        (4, 5),  # its entries
        (5, 5),
        (6, 17),  # its steps
        (7, 7),
        (8, 14),  # the condition with both sides, to the closing bracket
        (9, 11),  # one side
        (10, 10),
        (12, 14),
        (13, 13),
        (17, 17),
        (18, 18),
        (19, 19),
    ],
)
def test_a_comment_covers_what_begins_on_its_line(line: int, last: int) -> None:
    assert covered_from(line) == (line, last)


def with_line(after: int, added: str) -> str:
    lines = TEXT.splitlines()
    return "\n".join([*lines[:after], added, *lines[after:]])


@pytest.mark.parametrize(("after", "last"), [(0, 2), (2, 18), (5, 18), (7, 15), (16, 18), (17, 19)])
def test_a_comment_on_its_own_line_covers_what_begins_below(after: int, last: int) -> None:
    (comment,) = comments(with_line(after, "# ckaudit: ignore CK311 why not"))
    assert comment.covers == (after + 2, last)


def test_several_comments_above_each_other_cover_the_same() -> None:
    text = with_line(7, "# ckaudit: ignore CK311 one\n    # note\n      # ckaudit: ignore tag-loop two")
    assert [(comment.rules, comment.covers) for comment in comments(text)] == [(("CK311",), (11, 17)), (("tag-loop",), (11, 17))]


def test_a_comment_behind_a_lone_dash_covers_the_item() -> None:
    (comment,) = comments("version: 1\nautomations:\n  - # ckaudit: ignore CK311 x\n    name: A\n    steps: []\n")
    assert comment.covers == (4, 5)


@pytest.mark.parametrize(
    ("words", "rules", "reason"),
    [
        ("# ckaudit: ignore CK311 it is meant", ("CK311",), "it is meant"),
        ("# ckaudit: ignore ck311, tag-loop ,CK303 it is meant", ("ck311", "tag-loop", "CK303"), "it is meant"),
        ("#ckaudit:ignore CK311: it is # meant", ("CK311",), "it is # meant"),
        ("# ckaudit: ignore sequence-in-several-places - on purpose", ("sequence-in-several-places",), "on purpose"),
        ("# see the guide # ckaudit: ignore CK311 \u202ex", ("CK311",), "\u202ex"),
        ("# ckaudit: IGNORE ABC123 own rule", ("ABC123",), "own rule"),
    ],
)
def test_rules_and_reason_are_read(words: str, rules: tuple[str, ...], reason: str) -> None:
    (comment,) = comments(f"version: 1\nrules: [] {words}\n")
    assert (comment.rules, comment.reason) == (rules, reason)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("# ckaudit: ignore CK311", "ignoring CK311 needs a reason"),
        ("# ckaudit: ignore CK311, CK303  -", "ignoring CK311, CK303 needs a reason"),
        ("# ckaudit: ignore", "this comment for ckaudit names no rule to ignore"),
        ("# ckaudit: ignroe CK311 x", "this comment for ckaudit names no rule to ignore"),
        ("# ckaudit: ignore because I say so", "“because” is neither a rule's code nor its name"),
        ("# ckaudit: ignore CK311, 303 x", "“303” is neither a rule's code nor its name"),
    ],
)
def test_a_wrong_comment_is_a_problem(words: str, message: str) -> None:
    (problem,) = problems(f"version: 1\nrules: []   {words}\n")
    assert (problem.message, problem.location) == (message, Location(FILE, 2, 13))
    assert problem.hint == "Write “# ckaudit: ignore CK311 the reason”."


@pytest.mark.parametrize(
    "text",
    [
        "version: 1\n# ckaudit: ignore CK311 x\n",
        "version: 1\nrules: [\n]  # ckaudit: ignore CK311 x\n",
        "version: 1\n# ckaudit: ignore CK311 x\n\nrules: []\n",
    ],
)
def test_a_comment_about_nothing_is_a_problem(text: str) -> None:
    assert [problem.message for problem in problems(text)] == ["this comment covers nothing"]


@pytest.mark.parametrize(
    "value",
    [
        "'x # ckaudit: ignore CK311 y'",
        '"x # ckaudit: ignore CK311 y"',
        "'x\n      # ckaudit: ignore CK311 y'",
        "|\n      x\n      # ckaudit: ignore CK311 y",
        ">-\n      # ckaudit: ignore CK311 y\n\n      x",
        "x#ckaudit:ignore-CK311",
    ],
)
def test_a_hash_inside_a_text_is_no_comment(value: str) -> None:
    manifest = parse(f"version: 1\nautomations:\n  - name: A\n    notes: {value}\n    id: 5\n")
    assert manifest.ignores == ()
    assert "ckaudit" in manifest.automations[0].note


def test_a_comment_behind_the_bar_of_a_block_text_is_one() -> None:
    (comment,) = comments("version: 1\nautomations:\n  - name: A\n    notes: |  # ckaudit: ignore CK311 y\n      x\n      y\n    id: 5\n")
    assert comment.covers == (4, 6)


def test_a_comment_right_behind_a_block_text_is_one() -> None:
    (comment,) = comments("version: 1\nautomations:\n  - name: A\n    notes: |\n      x\n    # ckaudit: ignore CK311 y\n    id: 5\n")
    assert comment.covers == (7, 7)


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_lines_are_counted_by_every_kind_of_line_end(line_end: str) -> None:
    text = "version: 1\n\nrules:\n  # ckaudit: ignore CK311 why\n  - when: [{tag_added: X}]\n    do: [{add_tag: Y}]\n"
    (comment,) = comments(text.replace("\n", line_end))
    assert (comment.location.line, comment.covers, comment.reason) == (4, (5, 6), "why")


def test_words_about_ckaudit_without_a_colon_are_a_plain_comment() -> None:
    assert comments("# ckaudit reads this\nversion: 1 # made for ckaudit\n") == ()
