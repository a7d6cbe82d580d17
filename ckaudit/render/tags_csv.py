"""Every tag for a spreadsheet: who has it, what writes it and what listens to it, and empty columns to decide what becomes of it."""

from __future__ import annotations

import csv
import io
from collections import defaultdict

from ckaudit.model.inventory import InventoryItem
from ckaudit.model.names import sameness
from ckaudit.model.result import Result
from ckaudit.model.roles import ROLE_WORDS
from ckaudit.render.csv import BYTE_ORDER_MARK, cell

COLUMNS = (
    "Tag",
    "Number in Kit",
    "People",
    "Last added",
    "What writes it",
    "What listens to it",
    "What asks for it",
    "Taken for",
    "Name like it",
    "Purpose",
    "Keep, merge or delete",
)
_WRITERS = ("added by", "removed by")
_LISTENERS = ("starts", "fires rule", "calls", "moves people on in")


def render_tags_csv(result: Result) -> str:
    """Comma-separated as the action plan is; one row for each tag, by name. "Last added" is empty where timestamps were not read."""
    tags = sorted(
        (item for item in result.inventory if item.object.kind == "tag"), key=lambda item: (item.object.name, str(item.object.id))
    )
    roles: defaultdict[object, dict[str, None]] = defaultdict(dict)
    for role in result.roles:
        roles[role.object.kind, role.object.id][ROLE_WORDS.get(role.role) or role.role] = None
    near = _neighbours([item.object.name for item in tags])
    out = io.StringIO(newline="")
    out.write(BYTE_ORDER_MARK)
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for item in tags:
        taken = "; ".join(roles.get((item.object.kind, item.object.id), ()))
        writer.writerow([cell(value) for value in (*_row(item), taken, near[item.object.name], "", "")])
    return out.getvalue()


def _row(item: InventoryItem) -> tuple[object, ...]:
    others = [use.how for use in item.uses if use.how not in (*_WRITERS, *_LISTENERS)]
    return (
        " ".join(item.object.name.splitlines()),
        "" if item.object.id is None else item.object.id,
        "" if item.people is None else item.people,
        item.last_added or "",
        _said(item, _WRITERS),
        _said(item, _LISTENERS),
        _said(item, tuple(dict.fromkeys(others))),
    )


def _said(item: InventoryItem, kinds: tuple[str, ...]) -> str:
    return "; ".join(f"{use.how} {' '.join(use.where.splitlines())}" for use in item.uses if use.how in kinds)


def _neighbours(names: list[str]) -> dict[str, str]:
    """For each name another that is the same but for case and spaces, for order and plural, or for a year; empty when there is none."""
    alike: defaultdict[tuple[int, str], list[str]] = defaultdict(list)
    for name in names:
        for kind, same in enumerate(sameness(name)):
            if same:
                alike[kind, same].append(name)
    found = dict.fromkeys(names, "")
    for (_, _), group in sorted(alike.items(), key=lambda entry: -entry[0][0]):
        for name, other in zip(group, (*group[1:], group[0]), strict=True):
            found[name] = other if len(group) > 1 else found[name]
    return found
