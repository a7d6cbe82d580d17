"""Two snapshots of one account: objects added, removed, renamed and changed, and automations step by step."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from ckaudit.graph.words import describe, describe_step
from ckaudit.model.account import Account, SectionName
from ckaudit.model.automations import Automation, Manifest
from ckaudit.model.errors import InputError
from ckaudit.model.refs import ObjectRef
from ckaudit.model.steps import AnyStep, Branch, SetField

# Numbers and timestamps that change by themselves say nothing about what somebody did.
_MOVING = frozenset(("subscriber_count", "stats", "updated_at", "email_count", "id"))
_MAX_LENGTH = 120
_MAX_LINES, _LINES_SHOWN, _MAX_LINE_LENGTH = 4000, 40, 300
_BLOCK_END = re.compile(r"(</(?:p|div|li|h[1-6]|tr|td|ul|ol|table|blockquote)>|<br\s*/?>)", re.IGNORECASE)
_KINDS: Mapping[SectionName, str] = {
    SectionName.TAGS: "tag",
    SectionName.FORMS: "form",
    SectionName.SEQUENCES: "sequence",
    SectionName.SEQUENCE_EMAILS: "email",
    SectionName.CUSTOM_FIELDS: "field",
    SectionName.SNIPPETS: "snippet",
    SectionName.WEBHOOKS: "webhook",
    SectionName.WEBHOOK_ENDPOINTS: "webhook",
    SectionName.SEGMENTS: "segment",
    SectionName.EMAIL_TEMPLATES: "template",
    SectionName.BROADCASTS: "broadcast",
}


class FieldChange(msgspec.Struct, frozen=True):
    """One field with its two values as text; long ones are given by their length. ``lines`` are then the lines that differ, with ``+ ``,
    ``- `` or two spaces in front; the content of emails counts a new line where a block ends.
    """

    field: str
    before: str
    after: str
    lines: tuple[str, ...] = ()


class ObjectChange(msgspec.Struct, frozen=True):
    """An object that is in both snapshots and differs. ``renamed_from`` is its earlier name, empty when it kept it."""

    object: ObjectRef
    renamed_from: str = ""
    fields: tuple[FieldChange, ...] = ()


class AutomationChange(msgspec.Struct, frozen=True):
    """An automation, line by line: lines begin with ``+ ``, ``- `` or two spaces, and two more for each level inside a branch."""

    object: ObjectRef
    lines: tuple[str, ...]


class SnapshotDiff(msgspec.Struct, frozen=True):
    """What changed. ``not_compared`` names sections that were not read completely in both."""

    added: tuple[ObjectRef, ...] = ()
    removed: tuple[ObjectRef, ...] = ()
    changed: tuple[ObjectChange, ...] = ()
    automations: tuple[AutomationChange, ...] = ()
    not_compared: tuple[str, ...] = ()

    @property
    def differs(self) -> bool:
        """Whether anything that could be compared is not the same."""
        return bool(self.added or self.removed or self.changed or self.automations)


def compare_snapshots(old: Account, new: Account, before: Manifest | None = None, after: Manifest | None = None) -> SnapshotDiff:
    """What changed from ``old`` to ``new``, ordered by kind and id. Automations are compared when both have manifests.

    Raises:
        InputError: they are of different accounts.
    """
    if old.info and new.info and old.info.id != new.info.id:
        raise InputError(f"these are two accounts: {old.info.id} and {new.info.id}", hint="Compare snapshots of the same account.")
    added: list[ObjectRef] = []
    removed: list[ObjectRef] = []
    changed: list[ObjectChange] = list(_account_change(old, new))
    skipped: list[str] = []
    for section, kind in _KINDS.items():
        if not (old.complete(section) and new.complete(section)):
            skipped.append(str(section))
            continue
        first, second = _by_id(old, section), _by_id(new, section)
        added += [_object(kind, second[key]) for key in sorted(second.keys() - first.keys())]
        removed += [_object(kind, first[key]) for key in sorted(first.keys() - second.keys())]
        pairs = ((first[key], second[key]) for key in sorted(first.keys() & second.keys()))
        changed += [change for one, other in pairs if (change := _change(kind, one, other))]
    automations = tuple(_automations(before.automations, after.automations)) if before and after else ()
    return SnapshotDiff(tuple(added), tuple(removed), tuple(changed), automations, tuple(skipped))


def _by_id(account: Account, section: SectionName) -> dict[int, Any]:
    return {item.id: item for item in getattr(account, str(section))}


def _object(kind: str, item: Any) -> ObjectRef:
    return ObjectRef(kind, _name(item), item.id)


def _name(item: Any) -> str:
    names = (getattr(item, field, None) for field in ("name", "subject", "target_url", "url"))
    return next((str(name) for name in names if name), "")


def _change(kind: str, old: Any, new: Any) -> ObjectChange | None:
    fields = tuple(_field_changes(old, new, {"name"} if kind != "account" else set()))
    renamed = _name(old) if getattr(old, "name", None) != getattr(new, "name", None) and kind != "account" else ""
    return ObjectChange(_object(kind, new), renamed, fields) if fields or renamed else None


def _account_change(old: Account, new: Account) -> Iterator[ObjectChange]:
    if old.info and new.info and (change := _change("account", old.info, new.info)):
        yield change


def _field_changes(old: Any, new: Any, without: Iterable[str]) -> Iterator[FieldChange]:
    for field in old.__struct_fields__:
        first, second = getattr(old, field), getattr(new, field)
        if field in _MOVING or field in without or first == second:
            continue
        yield FieldChange(field, _text(first), _text(second), _changed_lines(first, second))


def _text(value: Any) -> str:
    """A value in one short text."""
    if value is None:
        return "nothing"
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return text if len(text) <= _MAX_LENGTH else f"{len(text):,} characters"


def _changed_lines(old: Any, new: Any) -> tuple[str, ...]:
    """What differs between two long texts, with one line around it; nothing for short ones, which are given whole."""
    if not (isinstance(old, str) and isinstance(new, str)) or max(len(old), len(new)) <= _MAX_LENGTH:
        return ()
    first, second = _text_lines(old), _text_lines(new)
    if len(first) + len(second) > _MAX_LINES:
        return ()
    found = [line for line in difflib.unified_diff(first, second, n=1, lineterm="") if not line.startswith(("---", "+++"))]
    shown = [f"{line[0]} {line[1:]}" if line[0] in "+- " else "  …" for line in found[1:]]
    return tuple(line if len(line) <= _MAX_LINE_LENGTH else f"{line[:_MAX_LINE_LENGTH]}…" for line in shown[:_LINES_SHOWN])


def _text_lines(text: str) -> list[str]:
    lines = (line.strip() for line in _BLOCK_END.sub(r"\1\n", text).splitlines())
    return [line for line in lines if line]


def _automations(old: Iterable[Automation], new: Iterable[Automation]) -> Iterator[AutomationChange]:
    """Changed automations, paired by id, else by name; those of one side are all plus or all minus."""
    left = list(new)
    for automation in old:
        twin = _twin(automation, left)
        if twin:
            left.remove(twin)
        lines = _line_diff(_lines(automation), _lines(twin) if twin else [])
        if lines:
            yield AutomationChange((twin or automation).object, lines)
    for automation in left:
        yield AutomationChange(automation.object, _line_diff([], _lines(automation)))


def _twin(automation: Automation, others: list[Automation]) -> Automation | None:
    by_id = (other for other in others if automation.id is not None and other.id == automation.id)
    by_name = (other for other in others if other.name == automation.name and (automation.id is None or other.id is None))
    return next(by_id, None) or next(by_name, None)


def _line_diff(old: list[str], new: list[str]) -> tuple[str, ...]:
    lines = [line for line in difflib.ndiff(old, new, charjunk=None) if not line.startswith("?")] if old and new else []
    if not (old and new):
        lines = [f"- {line}" for line in old] + [f"+ {line}" for line in new]
    return tuple(lines) if any(line[0] != " " for line in lines) else ()


def _lines(automation: Automation) -> list[str]:
    head = [f"Name: {automation.name}", f"Status: {automation.status}"]
    return [*head, *(f"Entry: {describe(entry)}" for entry in automation.entries), *_step_lines(automation.steps, "")]


def _step_lines(steps: Iterable[AnyStep], indent: str) -> Iterator[str]:
    for step in steps:
        value = f" to “{step.value}”" if isinstance(step, SetField) and step.value is not None else ""
        yield f"{indent}{describe_step(step)}{value}"
        for branch in step.branches:
            if branch.steps or branch.tag or branch.trigger:
                yield f"{indent}  {_head(branch)}:"
                yield from _step_lines(branch.steps, f"{indent}    ")


def _head(branch: Branch) -> str:
    """What takes people into a branch."""
    if branch.trigger:
        return describe(branch.trigger)
    return f"Tag “{branch.tag.name}”" if branch.tag else {"yes": "Yes", "no": "No"}.get(branch.name, "Otherwise")
