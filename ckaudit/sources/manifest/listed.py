"""The list of automations in one file, their descriptions in others: what is listed by its name alone is the automation that is described.

It works on the trees, before names are looked up: a name that stands in the list and above a description is one automation, not two.
"""

from __future__ import annotations

from collections.abc import Iterable

from ckaudit.sources.yaml.problems import Problems, quote
from ckaudit.sources.yaml.reader import Document
from ckaudit.sources.yaml.tree import Items, Mapping, Node, Scalar, ScalarKind

_DESCRIBES = ("entries", "steps")
_MUST_AGREE = ("status", "recurring", "evergreen")
_JOINED = ("id", *_MUST_AGREE, "notes")


def join_listed(documents: Iterable[Document], problems: Problems) -> list[tuple[int | None, str]]:
    """Take each automation of which only the name is listed out of the trees when another file describes it, and give its other keys to
    that. Gives ids and names of all automations that are left, so that steps can name those that come later.

    A draft is not compared with Kit's screens yet, so it is joined with nothing; a step that names it means the one in the list.
    """
    lists = [listed for document in documents if (listed := _listed(document))]
    items = [item for listed in lists for item in listed.items if isinstance(item, Mapping) and _name(item)]
    described: dict[str, list[Mapping]] = {}
    for item in items:
        if _is_described(item) and "draft" not in item.values:
            described.setdefault(_name(item), []).append(item)
    for listed in lists:
        listed.items = [item for item in listed.items if not (isinstance(item, Mapping) and _joined(item, described, problems))]
    left = [item for listed in lists for item in listed.items if isinstance(item, Mapping) and _name(item)]
    sure = {_name(item) for item in left if "draft" not in item.values}
    return [(_id(item), _name(item)) for item in left if "draft" not in item.values or _name(item) not in sure]


def _joined(item: Mapping, described: dict[str, list[Mapping]], problems: Problems) -> bool:
    """Join a listed automation with its description; False when it is described itself, or nowhere."""
    if _is_described(item) or "draft" in item.values:
        return False
    named = described.get(_name(item), [])
    possible = [other for other in named if other.file != item.file]
    mine = _id(item)
    same = [other for other in possible if mine is not None and _id(other) == mine]
    unnumbered = [other for other in possible if mine is None or _id(other) is None]
    other = next(iter(same or unnumbered), None)
    if other is None:
        return False
    named.remove(other)  # of two with one name, each is described once
    for key in _JOINED:
        if key not in item.values:
            continue
        if key not in other.values:
            other.keys[key], other.values[key] = item.keys[key], item.values[key]
        elif key in _MUST_AGREE and _said(other.values[key]) != _said(item.values[key]):
            there = other.keys[key].location
            message = f"{quote(_name(item))} is “{key}: {_said(item.values[key])}” here and “{key}: {_said(other.values[key])}” at {there}"
            problems.add(message, item.keys[key].location, "Correct one of them.")
    return True


def _listed(document: Document) -> Items | None:
    root = document.root
    listed = root.values.get("automations") if isinstance(root, Mapping) else None
    return listed if isinstance(listed, Items) else None


def _is_described(item: Mapping) -> bool:
    return any(isinstance(value := item.values.get(key), Items) and value.items for key in _DESCRIBES)


def _name(item: Mapping) -> str:
    return _said(item.values.get("name"))


def _id(item: Mapping) -> int | None:
    return whole(item.values.get("id"))


def _said(node: Node | None) -> str:
    return node.text if isinstance(node, Scalar) else ""


def whole(node: Node | None) -> int | None:
    """The number a value is; None for anything else."""
    return int(node.text) if isinstance(node, Scalar) and node.kind is ScalarKind.WHOLE and len(node.text) < 20 else None
