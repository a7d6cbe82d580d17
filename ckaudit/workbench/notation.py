"""An automation as the page has it: its name and status in fields of their own, and the shorthand below the name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from ckaudit.graph.words import Label, step_label, trigger_label
from ckaudit.model.automations import Automation, AutomationStatus
from ckaudit.model.errors import Location
from ckaudit.model.steps import all_steps
from ckaudit.sources.shorthand import Names, read, write
from ckaudit.workbench.messages import Step, Wrong
from ckaudit.workbench.observations import Links, seen_at


class Meant(msgspec.Struct, frozen=True):
    """What a text means: the automation without its broken lines, None where it has no name; and its problems."""

    automation: Automation | None
    problems: tuple[Wrong, ...]


def text_of(automation: Automation, names: Names) -> str:
    """The shorthand of an automation, without its name, id and status, and without the line that makes it a draft."""
    bare = msgspec.structs.replace(automation, id=None, status=AutomationStatus.ACTIVE, draft=None)
    return write(bare, names).partition("\n")[2]


def meaning(name: str, status: str, number: int | None, text: str, names: Names) -> Meant:
    """What a text below a name means. Lines of problems are those of the text."""
    first = write(Automation(name=name or "?"), None).partition("\n")[0]
    found = read(f"{first}\n{text}", names)
    problems = [Wrong(max(item.line - 1, 1), item.column, item.message, item.hint, item.choices) for item in found.problems]
    if not name.strip():
        problems.insert(0, Wrong(1, 1, "this automation has no name", "Write the name it has in Kit above the steps."))
    if len(found.automations) > 1:
        place = found.automations[1].location or Location("", 1, 1)
        hint = "Here is one automation at a time: “New automation” begins another."
        problems.append(Wrong(max(place.line - 1, 1), 1, "a second automation begins here", hint))
    if not found.automations:
        return Meant(None, tuple(problems))
    read_so = found.automations[0]
    stated = AutomationStatus(status) if status in tuple(AutomationStatus) else AutomationStatus.ACTIVE
    automation = msgspec.structs.replace(
        read_so,
        name=name if name.strip() else read_so.name,
        id=read_so.id or number,
        status=stated if read_so.status is AutomationStatus.ACTIVE else read_so.status,
    )
    return Meant(automation, tuple(problems))


def lines_of(automation: Automation, links: Links) -> tuple[Step, ...]:
    """What the lines of a text say in words, and what people did there. For an automation that was read from the text."""
    seen = {id(step): found.words for step, found in seen_at(automation, links)}
    return tuple(sorted(_lines(automation, seen), key=lambda step: step.line))


def _lines(automation: Automation, seen: dict[int, str]) -> Iterator[Step]:
    for entry in automation.entries:
        yield from _line(entry.location, trigger_label(entry), "")
    for step in all_steps(automation.steps):
        yield from _line(step.location, step_label(step), seen.get(id(step), ""))


def _line(place: Location | None, label: Label, seen: str) -> Iterable[Step]:
    return [Step(place.line - 1, label.verb, label.name, seen)] if place else []
