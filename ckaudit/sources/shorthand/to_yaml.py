"""Automations -> the YAML of a manifest."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeAlias, assert_never

from ckaudit.model.automations import VERSION, Automation, AutomationStatus
from ckaudit.model.durations import UNITS
from ckaudit.model.notation import Part
from ckaudit.model.refs import Kind, Ref
from ckaudit.model.steps import (
    AddTag,
    AnyStep,
    AppAction,
    ConditionKind,
    Delay,
    Enrol,
    Event,
    Events,
    Exit,
    If,
    RemoveFromAutomation,
    RemoveTag,
    SetField,
    Split,
    StartAutomation,
    Test,
)
from ckaudit.model.triggers import Trigger, TriggerKind
from ckaudit.sources.shorthand.names import Names
from ckaudit.sources.yaml.write import quoted, scalar

_STEP = "    "


Comments: TypeAlias = Callable[[Trigger | AnyStep], Iterable[str]]


def automation_yaml(automation: Automation, names: Names | None = None, comments: Comments = lambda _: ()) -> str:
    """One automation as an item of “automations:”, indented by two, each line ended. The manifest's reader makes the same of it.

    ``names``: those of the account, as the reader will get them; an object that its name alone does not mean there is written with its id.
    ``comments``: lines to stand above an entry or a step, without their “#”; they must be harmless.
    """
    names = (names or Names()).with_automations([(automation.id, automation.name)])
    return "".join(f"  {line}\n" for line in _Yaml(names, comments).automation(automation))


def manifest_yaml(automations: Iterable[Automation], names: Names | None = None, comments: Iterable[tuple[int, str]] = ()) -> str:
    """A manifest with these automations and nothing else. ``comments``: of the text they were read from (``Reading.comments``); each is put
    above what stands below it there."""
    automations, parts, left = tuple(automations), [], deque(comments)
    names = (names or Names()).with_automations((item.id, item.name) for item in automations)
    for item, below in zip(automations, (*automations[1:], None), strict=False):
        above = _Above(left)
        head = above(item)
        body = automation_yaml(item, names, above)
        tail = above.rest(below.location.line if below and below.location else None)
        parts.append("".join([*(f"  # {line}\n" for line in head), body, *(f"    # {line}\n" for line in tail)]))
    return f"version: {VERSION}\nautomations:\n" + "\n".join(parts) if parts else f"version: {VERSION}\nautomations: []\n"


class _Above:
    """The comments of a text, each once: those above a part of it, without their “#”."""

    def __init__(self, left: deque[tuple[int, str]]) -> None:
        self.left = left

    def __call__(self, part: Part) -> list[str]:
        return self._until(part.location.line if part.location else 0)

    def rest(self, line: int | None) -> list[str]:
        """What is left in front of a line, but for what stands right above it and so is about that; all that is left for None."""
        if line is None:
            return self._until(self.left[-1][0] + 1) if self.left else []
        for number, _ in reversed([comment for comment in self.left if comment[0] < line]):
            line = number if number == line - 1 else line
        return self._until(line)

    def _until(self, line: int) -> list[str]:
        found = []
        while self.left and self.left[0][0] < line:
            found.append(self.left.popleft()[1].removeprefix("#").removeprefix(" "))
        return found


class _Yaml:
    def __init__(self, names: Names, comments: Comments) -> None:
        self.names = names
        self.comments = comments

    def automation(self, automation: Automation) -> Iterator[str]:
        yield f"- name: {scalar(automation.name)}"
        if automation.id is not None:
            yield f"  id: {automation.id}"
        if automation.status is not AutomationStatus.ACTIVE:
            yield f"  status: {automation.status}"
        if automation.note:
            yield f"  notes: {scalar(automation.note)}"
        for key, value in (("recurring", automation.recurring), ("evergreen", automation.evergreen)):
            if value is not None:
                yield f"  {key}: {str(value).lower()}"
        if automation.draft is not None:
            yield f"  draft: {automation.draft}"
        if automation.entries:
            yield "  entries:"
            for entry in automation.entries:
                yield from (f"{_STEP}# {line}" for line in self.comments(entry))
                yield f"{_STEP}- {self.trigger(entry)}"
        if automation.steps:
            yield "  steps:"
            yield from self.steps(automation.steps, _STEP)

    def steps(self, steps: Sequence[AnyStep], indent: str) -> Iterator[str]:
        for step in steps:
            yield from (f"{indent}# {line}" for line in self.comments(step))
            yield f"{indent}- {self.step(step)}"
            beside = [f"{indent}  note: {scalar(step.note)}"] if step.note else []
            beside += [] if step.waiting is None else [f"{indent}  waiting: {step.waiting}"]
            branches = self.branches(step, indent)
            # the list of a split's paths goes on with its key
            yield from (*beside, *branches) if isinstance(step, If) else (*branches, *beside)

    def branches(self, step: AnyStep, indent: str) -> Iterator[str]:
        """What stands below the line of a step."""
        match step:
            case If():
                for key, side in (("then", step.then), ("else", step.otherwise)):
                    yield from self.listed(f"{indent}  {key}:", side, indent + _STEP, empty=key == "then" and not step.otherwise)
            case Split():
                for path in step.paths:
                    begin = f"{indent}    - tag: {self.name(path.tag)}" if path.tag else ""
                    if path.tag:
                        yield begin
                        yield from self.listed(f"{indent}      steps:", path.steps, indent + _STEP * 2)
                    else:
                        yield from self.listed(f"{indent}    - otherwise:", path.steps, indent + _STEP * 2, empty=True)
            case Events():
                for goal in step.paths:
                    yield f"{indent}    - event: {{{self.trigger(goal.trigger)}}}"
                    yield from self.listed(f"{indent}      steps:", goal.steps, indent + _STEP * 2)

    def listed(self, head: str, steps: Sequence[AnyStep], indent: str, *, empty: bool = False) -> Iterator[str]:
        """Steps below their key; without any, the key alone is written when it must be there."""
        if steps:
            yield head
            yield from self.steps(steps, indent)
        elif empty:
            yield f"{head} []"

    def step(self, step: AnyStep) -> str:
        """The line that says what a step is."""
        match step:
            case AddTag() | RemoveTag() | Enrol() | StartAutomation() | RemoveFromAutomation() | AppAction():
                return f"{step.__struct_config__.tag}: {self.name(step.ref)}"
            case Delay():
                return f"delay: {step.text}"
            case SetField():
                value = "null" if step.value is None else quoted(step.value)
                return f"set_field: {{field: {self.name(step.field)}, value: {value}}}"
            case Exit():
                return "exit: true"
            case If():
                return f"if: {{{self.test(step.test)}}}"
            case Split():
                return "split:"
            case Event():
                return f"event: {{{self.trigger(step.trigger)}}}"
            case Events():
                return "events:"
            case _:
                assert_never(step)

    def trigger(self, trigger: Trigger) -> str:
        """What happens, as a key and its value."""
        match trigger.kind, trigger.ref:
            case TriggerKind.FIELD_CHANGED, ref:
                value = "" if trigger.value is None else f", to: {quoted(trigger.value)}"
                return f"{trigger.kind}: {{field: {self.name(ref)}{value}}}"
            case _, Ref() as ref:
                return f"{trigger.kind}: {self.name(ref)}"
            case TriggerKind.JOINS_FORM, _:
                return f"{trigger.kind}: any"
            case TriggerKind.DATE, _:
                return f"{trigger.kind}: {trigger.value}"
            case _:
                return f"{trigger.kind}: {scalar(trigger.value or '')}"

    def test(self, test: Test) -> str:
        """What a condition looks at, as keys and values."""
        match test.kind:
            case ConditionKind.TAG:
                return f"tag: {self.name(test.ref)}"
            case ConditionKind.FIELD:
                value = "true" if test.value is None else quoted(test.value)
                return f"field: {self.name(test.ref)}, {test.operator}: {value}"
            case ConditionKind.FILTER:
                return f"filter: {scalar(test.value or '')}"
            case ConditionKind.OPENED:
                return f"opened_within: {_duration(test.seconds or 0)}"

    def name(self, ref: Ref | None) -> str:
        """A reference."""
        if ref is None:  # for the types: whoever asks has looked
            return '""'
        names = self.names
        if names.says(ref.kind, ref.name, ref.id) and not (ref.kind is Kind.FORM and ref.name == "any"):
            return scalar(ref.name)
        return str(ref.id) if names.named(ref.kind, ref.id) == ref.name else f"{{id: {ref.id}, name: {scalar(ref.name)}}}"


def _duration(seconds: int) -> str:
    unit = next(unit for unit in ("week", "day", "hour", "minute") if seconds % UNITS[unit] == 0)
    number = seconds // UNITS[unit]
    return f"{number} {unit}{'' if number == 1 else 's'}"
