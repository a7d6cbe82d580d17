"""Case files as YAML whose every value knows its place, and what its parts must be: what is not raises RuleFileError there."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from ckaudit.model.errors import RuleFileError
from ckaudit.model.nearest import did_you_mean
from ckaudit.sources.yaml.files import read_text
from ckaudit.sources.yaml.problems import Problems
from ckaudit.sources.yaml.reader import read_document
from ckaudit.sources.yaml.tree import Items, Mapping, Node, Scalar, ScalarKind


def read_case_file(file: Path) -> Node | None:
    """What is in a file; None when that is nothing.

    Raises:
        RuleFileError: it cannot be read or is not YAML; says where.
    """
    problems = Problems()
    text = read_text(file, "a case file", problems)
    root = None if text is None else read_document(text, str(file), problems).root
    problems.stop_if_any(RuleFileError, "the case file")
    return root


def error_at(node: Node, message: str, hint: str = "") -> RuleFileError:
    """An error at a value."""
    return RuleFileError(message, location=node.location, hint=hint)


def mapping_of(node: Node, what: str, allowed: Collection[str] = ()) -> dict[str, Node]:
    """The value as a mapping with no keys but ``allowed`` (empty: any). ``what`` names the value for people."""
    if not isinstance(node, Mapping):
        raise error_at(node, f"{what} must be a mapping (key: value)")
    for key, place in node.keys.items():
        if allowed and key not in allowed:
            raise error_at(place, f"{what} has no key “{key}”", did_you_mean(key, allowed))
    return node.values


def items_of(node: Node, what: str) -> list[Node]:
    """The value as a list."""
    if isinstance(node, Items):
        return node.items
    raise error_at(node, f"{what} must be a list")


def text_of(node: Node, what: str) -> str:
    """The value as text."""
    if isinstance(node, Scalar) and node.kind is ScalarKind.TEXT:
        return node.text
    raise error_at(node, f"{what} must be text")
