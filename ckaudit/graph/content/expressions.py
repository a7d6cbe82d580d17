"""What one Liquid construct says: the names in it, its filters, the tags it tests.

The common forms (``{{ name | filter: "text" }}``, ``{% if a == "b" and subscriber.tags contains "c" %}``, ``{% assign x = name %}``) are
read with three regular expressions; everything else goes to python-liquid. Both are done once for each distinct construct, and most
accounts never load python-liquid (a quarter of a second). Measured on 2,000 emails of 10 kB with 29 names each (``bench/content.py``):
python-liquid on whole emails takes 2.7 times what html.parser takes, finding and reading the constructs this way 0.4 times. Each form
accepts what python-liquid accepts, with the same meaning; a test compares the two.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from liquid import Environment, RenderContext
    from liquid.ast import Node
    from liquid.expression import Expression

MAX_LENGTH = 2000
"""Characters of one construct that the real parser gets. It takes n² steps for some of n characters."""

_STRING = r"""(?:"[^"]*"|'[^']*')"""
_NUMBER = r"-?\d+(?:\.\d+)?"
_NAME = r"(?!(?:and|or|contains|not|in|if|else|unless)\b)[A-Za-z_][\w-]*+(?:\.[A-Za-z_][\w-]*+)*+"
_FILTER = rf"\|\s*+[A-Za-z_]\w*+\s*+(?::\s*+(?:{_STRING}|{_NUMBER})\s*+(?:,\s*+(?:{_STRING}|{_NUMBER})\s*+)*+)?+"
_VALUE = rf"(?:(?P<name>{_NAME})|(?P<text>{_STRING}))\s*+(?P<filters>(?:{_FILTER})*+)"
_TERM = rf"(?:{_NAME}|{_STRING}|{_NUMBER})"
_COMPARISON = rf"{_TERM}(?:(?:\s*+(?:==|!=|<>|<=|>=|<|>)\s*+|\s++contains\s++){_TERM})?+"

_OUTPUT = re.compile(rf"\s*+{_VALUE}")
_CONDITION = re.compile(rf"\s*+{_COMPARISON}(?:\s++(?:and|or)\s++{_COMPARISON})*+\s*+")
_ASSIGN = re.compile(rf"\s*+(?P<local>[A-Za-z_][\w-]*+)\s*+=\s*+{_VALUE}")
_TOKEN = re.compile(rf"{_STRING}|[A-Za-z_][\w.-]*")
_FILTER_NAME = re.compile(rf"\|\s*(\w+)|{_STRING}")
_LITERALS = frozenset({"and", "or", "contains", "true", "false", "nil", "null", "blank", "empty"})

# How a tag is handed to the real parser: its expression in the smallest template that may hold it.
_TEMPLATES = {
    "if": "{%% if %s %%}{%% endif %%}",
    "elsif": "{%% if %s %%}{%% endif %%}",
    "unless": "{%% unless %s %%}{%% endunless %%}",
    "case": "{%% case %s %%}{%% endcase %%}",
    "when": "{%% case 1 %%}{%% when %s %%}{%% endcase %%}",
    "for": "{%% for %s %%}{%% endfor %%}",
    "tablerow": "{%% tablerow %s %%}{%% endtablerow %%}",
    "capture": "{%% capture %s %%}{%% endcapture %%}",
}
_WITHOUT_EXPRESSION = frozenset({"else", "break", "continue", "comment", "raw", "ifchanged", "#", "include", "render"})


class Mention(msgspec.Struct, frozen=True):
    """A name in an expression. ``printed`` is True for the value of an output, False for tested names and arguments of filters."""

    name: str
    filters: tuple[str, ...] = ()
    printed: bool = False


class Parsed(msgspec.Struct, frozen=True):
    """One construct. ``contains`` are (name, text) of ``name contains "text"``; ``locals`` what the tag assigns, captures or loops over;
    ``error`` is empty when the construct can be read. ``cost`` counts the characters that went to the real parser; ``unread`` is True
    when they would have had to and might not."""

    mentions: tuple[Mention, ...] = ()
    contains: tuple[tuple[str, str], ...] = ()
    locals: tuple[str, ...] = ()
    error: str = ""
    cost: int = 0
    unread: bool = False


@lru_cache(maxsize=8192)
def read_output(expression: str, *, common_only: bool = False) -> Parsed:
    """The inside of ``{{ … }}``. An empty one prints nothing and is fine. ``common_only`` keeps it from the real parser."""
    if not expression.strip():
        return Parsed()
    if match := _OUTPUT.fullmatch(expression):
        return Parsed(_value(match, printed=True))
    return _parse(expression, "{{ %s }}", printed=True, common_only=common_only)


@lru_cache(maxsize=8192)
def read_tag(tag: str, expression: str, *, common_only: bool = False) -> Parsed:
    """The inside of ``{% tag expression %}``; the balance of blocks is not looked at here. ``common_only`` as in ``read_output``."""
    if tag in _WITHOUT_EXPRESSION or tag.startswith("end"):
        return Parsed()
    if tag in {"if", "elsif", "unless"} and _CONDITION.fullmatch(expression):
        return _condition(expression)
    if tag == "assign" and (match := _ASSIGN.fullmatch(expression)):
        return Parsed(_value(match, printed=False), locals=(match["local"],))
    template = _TEMPLATES.get(tag) or f"{{%% {tag} %s %%}}"
    return _parse(expression, template, printed=tag in {"echo", "liquid"}, common_only=common_only)


def filters_in(expression: str) -> tuple[str, ...]:
    """The names of the filters of an expression that can be read, in order."""
    return tuple(found[1] for found in _FILTER_NAME.finditer(expression) if found[1]) if "|" in expression else ()


def _value(match: re.Match[str], *, printed: bool) -> tuple[Mention, ...]:
    filters = filters_in(match["filters"])
    name = match["name"]
    return (Mention(name, filters, printed),) if name and name not in _LITERALS else ()


def _condition(expression: str) -> Parsed:
    tokens = _TOKEN.findall(expression)
    names = tuple(Mention(token) for token in tokens if token[0] not in "\"'" and token not in _LITERALS)
    triples = zip(tokens, tokens[1:], tokens[2:], strict=False)
    lefts = {mention.name for mention in names}
    contains = tuple((left, right[1:-1]) for left, word, right in triples if word == "contains" and left in lefts and right[0] in "\"'")
    return Parsed(names, contains)


# -- the real parser --------------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def _environment() -> Environment:
    from liquid import Environment

    return Environment()


def _parse(expression: str, template: str, *, printed: bool, common_only: bool) -> Parsed:
    if len(expression) > MAX_LENGTH:
        return Parsed(error="it is too long")
    if common_only:
        return Parsed(unread=True)
    return msgspec.structs.replace(_really(template % expression, printed=printed), cost=len(expression))


def _really(template: str, *, printed: bool) -> Parsed:
    from liquid import RenderContext
    from liquid.exceptions import LiquidError

    try:
        parsed = _environment().parse(template)
        nodes = list(_all_nodes(parsed.nodes, RenderContext(parsed)))
    except LiquidError as error:
        return Parsed(error=str(error.message or "it cannot be read"))
    except RecursionError:
        return Parsed(error="it is nested too deeply")
    expressions = [expression for node in nodes for expression in node.expressions()]
    mentions = tuple(mention for expression in expressions for mention in _mentions(expression, printed=printed))
    contains = tuple(pair for expression in expressions for pair in _contains(expression))
    names = (str(name) for node in nodes for name in (*node.template_scope(), *node.block_scope()))
    return Parsed(mentions, contains, tuple(dict.fromkeys(names)))


def _all_nodes(nodes: Iterable[Node], context: RenderContext) -> Iterator[Node]:
    for node in nodes:
        yield node
        yield from _all_nodes(node.children(context, include_partials=False), context)


def _mentions(expression: Expression, *, printed: bool, filters: tuple[str, ...] = ()) -> Iterator[Mention]:
    from liquid.builtin.expressions import FilteredExpression, Path

    if isinstance(expression, Path):
        yield Mention(".".join(str(part) for part in expression.path), filters, printed)
        yield from _of_all(part for part in expression.path if isinstance(part, Path))
    elif isinstance(expression, FilteredExpression):
        used = tuple(item.name for item in expression.filters or ())
        yield from _mentions(expression.left, printed=printed, filters=used)
        yield from _of_all(child for item in expression.filters or () for child in item.children())
    else:
        yield from _of_all(expression.children())


def _of_all(expressions: Iterable[Expression]) -> Iterator[Mention]:
    for expression in expressions:
        yield from _mentions(expression, printed=False)


def _contains(expression: Expression) -> Iterator[tuple[str, str]]:
    from liquid.builtin.expressions import Path, StringLiteral
    from liquid.builtin.expressions.logical import ContainsExpression

    if isinstance(expression, ContainsExpression) and isinstance(expression.left, Path) and isinstance(expression.right, StringLiteral):
        yield ".".join(str(part) for part in expression.left.path), expression.right.value
    for child in expression.children():
        yield from _contains(child)
