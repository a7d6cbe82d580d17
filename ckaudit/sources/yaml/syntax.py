"""Words for people in place of the YAML parser's own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from ckaudit.sources.yaml.tree import line_column

if TYPE_CHECKING:
    from yaml import Mark, MarkedYAMLError

_INDENTATION = ("this line does not line up with the lines above it", "Lines that belong together begin in the same column.")
_TAB = ("a tab cannot indent a line", "Replace it with spaces.")
MAX_DEPTH = 100  # a person draws a handful of conditions inside each other; each takes two levels
TOO_DEEP = (
    f"values are nested more than {MAX_DEPTH} levels deep",
    "Split the automation: Kit's “start another automation” is start_automation.",
)
_ESCAPES = "Write a backslash twice, or use single quotes, in which it is an ordinary character."


class SyntaxProblem(NamedTuple):
    """A syntax error in words. ``line`` and ``column`` count from 0, as the parser's do."""

    message: str
    line: int
    column: int
    hint: str


def explain(error: MarkedYAMLError, text: str) -> SyntaxProblem:
    """What is wrong, where, and what to do."""
    mark = error.problem_mark or error.context_mark
    if mark is None:  # the parser always gives one; this is for its type
        return SyntaxProblem(f"this is not valid YAML: {error.problem}", 0, 0, "")
    problem, start = str(error.problem), error.context_mark or mark
    char = text[mark.index : mark.index + 1]
    before = text[mark.index - mark.column : mark.index]
    if problem == "exceeded maximum nesting depth":  # the scanner's own limit, met where it reads far ahead of us
        return _problem(TOO_DEEP, mark)
    if "tab" in problem or char == "\t":
        return _problem(_TAB, mark)
    if problem == "found unexpected end of stream":
        return _problem(("this quote is never closed", "Add the closing quote at the end of the text."), start)
    if "escape" in problem or "hexdecimal" in problem:
        return _problem(("this is not a valid escape in double quotes", _ESCAPES), mark)
    if str(error.context) in ("while scanning an alias", "while scanning an anchor"):
        return _problem(_needs_quotes(text[start.index]), start)
    if problem == "found character that cannot start any token":
        return _problem(_needs_quotes(char), mark)
    if str(error.context) == "while scanning a block scalar":
        return _problem(_needs_quotes(text[start.index]), start)
    if problem == "mapping values are not allowed in this context":
        return _problem(_colon(text, mark) if re.search(r":\s|^\s*-\s", before) else _INDENTATION, mark)
    if problem.startswith("did not find expected ',' or"):
        return _unclosed(problem[-2], text, mark, start)
    if problem == "could not find expected ':'":
        return _problem(("there is no “: ” after this key", "Write “key: value”."), start)
    if problem == "did not find expected key" and before.strip():
        return _problem(("nothing may follow the end of a quoted text", "A quote inside single quotes is written twice: 'it''s'."), mark)
    if problem in ("did not find expected key", "did not find expected '-' indicator"):
        return _problem(_INDENTATION, mark)
    if problem == "block sequence entries are not allowed in this context":
        return _problem(("a list cannot begin on the line of its key", "Begin a new line before the “- ”."), mark)
    if mark.index >= len(text.rstrip()):
        return _end(text)
    if problem in ("did not find expected node content", "did not find expected <document start>"):
        return _problem((f"“{char}” is not expected here" if char.strip() else "a value is missing here", ""), mark)
    return _problem((f"this is not valid YAML: {problem}", ""), mark)


def _problem(words: tuple[str, str], mark: Mark) -> SyntaxProblem:
    return SyntaxProblem(words[0], mark.line, mark.column, words[1])


def _end(text: str) -> SyntaxProblem:
    """The parser's own place for this may be behind the end of the file."""
    line, column = line_column(text, len(text.rstrip()))
    return SyntaxProblem("the file ends too early", line - 1, column - 1, "Is a bracket or a value missing?")


def _needs_quotes(char: str) -> tuple[str, str]:
    return f"a value that begins with “{char}” needs quotes", f'Write "{char}…".'


def _colon(text: str, mark: Mark) -> tuple[str, str]:
    """A name such as ``Course A: purchased`` without quotes, the commonest slip of all."""
    return "a name with “: ” in it needs quotes", 'Write it as in tag_added: "Course A: purchased".'


def _unclosed(bracket: str, text: str, mark: Mark, start: Mark) -> SyntaxProblem:
    if text[mark.index : mark.index + 1] == ":":
        return _problem(_colon(text, mark), mark)
    opening = "{" if bracket == "}" else "["
    if not text[mark.index :].strip():
        return _problem((f"this “{opening}” is never closed", f"Add the “{bracket}”."), start)
    words = f"expected “,” or “{bracket}” here", f"The “{opening}” is in line {start.line + 1}, column {start.column + 1}."
    return _problem(words, mark)
