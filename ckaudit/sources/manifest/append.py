"""Adds automations to the text of a manifest. Everything else stays as it is, comments and line ends too."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from ckaudit.model.automations import VERSION, Automation, AutomationStatus
from ckaudit.sources.yaml.problems import Problems
from ckaudit.sources.yaml.reader import read_document
from ckaudit.sources.yaml.tree import Items, Mapping, Node, Plain, Scalar, is_nothing, line_starts, plain
from ckaudit.sources.yaml.write import scalar

_FILE = "manifest"


def new_list(account: int | None) -> str:
    """A manifest that lists nothing yet."""
    head = [
        "# All automations of the account. One with its name alone is known, and not described yet.",
        f"version: {VERSION}",
        *([] if account is None else [f"account: {account}"]),
        "complete: false           # true once every automation, rule and tool that writes into Kit is listed",
        "automations: []",
    ]
    return "\n".join(head) + "\n"


def add_names(text: str, automations: Sequence[Automation]) -> str | None:
    """The text with the name, id and status of these automations at the end of its list; None when it is written in a way in which they
    cannot be added without touching what is there."""
    root = _root(text)
    if root is None or not automations:
        return None if root is None else text
    end = "\r\n" if "\r\n" in text else "\n"
    listed = root.values.get("automations")
    lines = [*items(automations, listed.column - 1 if isinstance(listed, Items) and listed.items else 2)]
    if listed is None:
        changed = f"{_ended(text, end)}{end}automations:{end}{end.join(lines)}{end}"
    elif is_nothing(listed) or (isinstance(listed, Items) and not listed.items):
        changed = _into_empty(text, root, listed, lines, end)
    else:
        changed = _at_the_end(text, root, lines, end)
    return changed if _only_added(root, changed, automations) else None


def set_complete(text: str) -> str | None:
    """The text with “complete: true”; None when it cannot be set without touching anything else."""
    root = _root(text)
    if root is None or "version" not in root.values:
        return None
    starts = line_starts(text)
    said = root.values.get("complete")
    if isinstance(said, Scalar) and said.text:
        begin = starts[said.line - 1] + said.column - 1
        changed = f"{text[:begin]}true{text[begin + len(said.text) :]}"
    elif said is None:
        at = starts[root.keys["version"].line - 1] + root.keys["version"].column - 1
        end = "\r\n" if "\r\n" in text else "\n"
        changed = f"{text[:at]}complete: true{end}{text[at:]}"
    else:
        return None
    now = _root(changed)
    same = now is not None and {**_plain(now), "complete": True} == {**_plain(root), "complete": True} and _plain(now)["complete"] is True
    return changed if same else None


def items(automations: Iterable[Automation], indent: int) -> Iterable[str]:
    """The lines of a list of automations that are known by name."""
    for automation in automations:
        yield f"{' ' * indent}- name: {scalar(automation.name)}"
        if automation.id is not None:
            yield f"{' ' * indent}  id: {automation.id}"
        if automation.status is not AutomationStatus.ACTIVE:
            yield f"{' ' * indent}  status: {automation.status}"


def _into_empty(text: str, root: Mapping, listed: Node, lines: Sequence[str], end: str) -> str:
    """Below “automations:” with nothing behind it, or in place of “[]”."""
    starts = line_starts(text)
    line = root.keys["automations"].line
    begin, after = starts[line - 1], starts[line] if line < len(starts) else len(text)
    head = text[begin:after]
    if isinstance(listed, Items):
        head = re.sub(r"\[[ \t]*\]", "", head, count=1)
    return f"{text[:begin]}{_ended(head.rstrip(), end)}{end.join(lines)}{end}{text[after:]}"


def _at_the_end(text: str, root: Mapping, lines: Sequence[str], end: str) -> str:
    """Below the last line of the list: in front of the blank lines and comments above the next key."""
    starts = line_starts(text)
    key = root.keys["automations"].line
    below = min((other.line for other in root.keys.values() if other.line > key), default=0)
    line = below - 1 if below else len(starts)
    while line > key and _is_empty(text[starts[line - 1] : starts[line] if line < len(starts) else len(text)]):
        line -= 1
    at = starts[line] if line < len(starts) else len(text)
    return f"{_ended(text[:at], end)}{end.join(lines)}{end}{text[at:]}"


def _is_empty(line: str) -> bool:
    """Whether a line is blank, or a comment from its first column on: those further in belong to what they stand in."""
    return not line.strip() or line.startswith("#")


def _ended(text: str, end: str) -> str:
    return text if not text or text.endswith(("\n", "\r")) else text + end


def _only_added(before: Mapping, text: str, automations: Sequence[Automation]) -> bool:
    """Whether a text says what it said before, and these automations."""
    now = _root(text)
    if now is None:
        return False
    said, was = _plain(now), _plain(before)
    old = was.get("automations") or []
    added = _root(f"version: 1\nautomations:\n{chr(10).join(items(automations, 2))}\n")
    more = _plain(added).get("automations") if added else None
    listed = said.get("automations")
    rest = [{key: value for key, value in every.items() if key != "automations"} for every in (said, was)]
    return rest[0] == rest[1] and isinstance(old, list) and isinstance(more, list) and listed == [*old, *more]


def _plain(root: Mapping) -> dict[str, Plain]:
    value = plain(root)
    return value if isinstance(value, dict) else {}


def _root(text: str) -> Mapping | None:
    problems = Problems()
    root = read_document(text, _FILE, problems).root
    return root if isinstance(root, Mapping) and not problems.count else None
