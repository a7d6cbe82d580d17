"""Automations -> shorthand."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from typing import assert_never

from ckaudit.model.automations import Automation, AutomationStatus
from ckaudit.model.durations import UNITS
from ckaudit.model.refs import Ref
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
from ckaudit.sources.shorthand import signs
from ckaudit.sources.shorthand.names import Names

INDENT = "  "
_SIGNS = frozenset("".join(signs.SIGNS) + signs.FORM + signs.PRODUCT + signs.WITHIN + signs.ID + signs.QUOTE)
_HIDDEN = re.compile(r"[^\x20-\x7e]")
_JOINER = "\u200d"  # of emoji
_COMPARED = re.compile(r"[=~<>]")
_DELAY = re.compile(r"([0-9]+) (minute|hour|day|week)(s?)")
_OPERATORS = {word: sign for sign, word in signs.OPERATORS.items()}


def write(automation: Automation, names: Names | None = None, *, short: bool = False) -> str:
    """One automation as shorthand, each line ended. ``read`` makes the same automation of it.

    ``names``: those of the account, as ``read`` will get them. ``short``: with the shortest fragments that mean one name there, as
    somebody types it, instead of full names. A name that could be read as something else is in double quotes.
    """
    names = (names or Names()).with_automations([(automation.id, automation.name)])
    writer = _Writer(names, short)
    return "".join(f"{line}\n" for line in writer.automation(automation))


def write_steps(steps: Sequence[AnyStep], names: Names | None = None, *, short: bool = False) -> str:
    """As ``write``, for steps alone."""
    return "".join(f"{line}\n" for line in _Writer(names or Names(), short).steps(steps, ""))


def _is_plain(name: str) -> bool:
    """Whether a name can stand without quotes behind any sign."""
    return name[:1] not in _SIGNS and _is_visible(name)


def _is_visible(text: str) -> bool:
    """Whether a text is what it looks like: no spaces around it, nothing that cannot be seen or turns the reading direction."""
    if not text or text != text.strip():
        return False
    return (text.isascii() and text.isprintable()) or all(map(_is_ordinary, text))


def _is_ordinary(char: str) -> bool:
    return char == _JOINER or (char.isprintable() and unicodedata.bidirectional(char) not in ("R", "AL", "AN"))


def _text(text: str) -> str:
    """Text that is not a fragment of a name."""
    return text if _is_visible(text) and not text.startswith(signs.QUOTE) else _quoted(text)


def _quoted(text: str) -> str:
    """Text in double quotes, as JSON has it; what cannot be seen as an escape."""
    return _HIDDEN.sub(_escape, json.dumps(text, ensure_ascii=False))


def _escape(found: re.Match[str]) -> str:
    return found[0] if found[0].isprintable() else json.dumps(found[0])[1:-1]


class _Writer:
    def __init__(self, names: Names, short: bool) -> None:
        self.names = names
        self.short = short
        self.space = "" if short else " "
        self.indent = INDENT[: 1 if short else None]

    def automation(self, automation: Automation) -> Iterator[str]:
        yield f"{signs.AUTOMATION}{self.space}{_text(automation.name)}"
        if automation.id is not None:
            yield f"id: {automation.id}"
        if automation.status is not AutomationStatus.ACTIVE:
            yield f"status: {automation.status}"
        if automation.note:
            yield f"notes: {_text(automation.note)}"
        for key, value in (("recurring", automation.recurring), ("evergreen", automation.evergreen)):
            if value is not None:
                yield f"{key}: {str(value).lower()}"
        if automation.draft is not None:
            yield f"draft: {automation.draft}"
        for entry in automation.entries:
            yield f"{signs.ENTRY}{self.space}{self.trigger(entry)}"
        yield from self.steps(automation.steps, "")

    def steps(self, steps: Sequence[AnyStep], indent: str) -> Iterator[str]:
        for step in steps:
            first, *more = self.step(step, indent)
            yield indent + first
            if step.note:
                yield f"{indent}{self.indent}note: {_text(step.note)}"
            if step.waiting is not None:
                yield f"{indent}{self.indent}waiting: {step.waiting}"
            yield from more

    def step(self, step: AnyStep, indent: str) -> Iterator[str]:
        """The line of a step, then those of its branches."""
        sign, said = self.line(step)
        yield f"{sign}{self.space if sign and said else ''}{said}"
        deeper = indent + self.indent
        match step:
            case If():
                yield from self.steps(step.then, deeper)
                if step.otherwise:
                    yield indent + signs.OTHER
                    yield from self.steps(step.otherwise, deeper)
            case Split() | Events():
                for number, path in enumerate(step.branches[: len(step.paths)]):
                    if number:
                        said = self.trigger(path.trigger) if path.trigger else self.name(path.tag) if path.tag else ""
                        yield f"{indent}{signs.OTHER}{self.space if said else ''}{said}"
                    yield from self.steps(path.steps, deeper)

    def line(self, step: AnyStep) -> tuple[str, str]:
        """The sign of a step, and what stands behind it."""
        match step:
            case AddTag():
                return signs.ADD_TAG, self.name(step.tag)
            case RemoveTag():
                return signs.REMOVE_TAG, self.name(step.tag)
            case Enrol():
                return signs.SEQUENCE, self.name(step.sequence)
            case Delay():
                return "", _delay(step.text)
            case SetField():
                return signs.FIELD, self.field(step.field) + (self.compared(signs.IS, step.value) or f"{self.space}{signs.IS}")
            case StartAutomation():
                return signs.START, self.name(step.automation)
            case RemoveFromAutomation():
                return signs.REMOVE, self.name(step.automation)
            case AppAction():
                return signs.OWN_WORDS, _text(step.app_action.name)
            case Exit():
                return "", signs.EXIT
            case If():
                return signs.CONDITION, self.test(step.test)
            case Split():
                return signs.SPLIT, self.name(step.paths[0].tag) if step.paths and step.paths[0].tag else ""
            case Event():
                return signs.GOAL, self.trigger(step.trigger)
            case Events():
                return signs.GOALS, self.trigger(step.paths[0].trigger) if step.paths else ""  # what it waits for was wrong
            case _:
                assert_never(step)

    def trigger(self, trigger: Trigger) -> str:
        """An entry or what an event waits for, without the sign of either."""
        match trigger.kind, trigger.ref:
            case TriggerKind.TAG_ADDED, Ref() as tag:
                return self.name(tag, lambda text: _is_plain(text) and not signs.DATE.fullmatch(text))
            case TriggerKind.TAG_REMOVED, Ref() as tag:
                return f"{signs.REMOVE_TAG}{self.space}{self.name(tag)}"
            case TriggerKind.JOINS_FORM, None:
                return f"{signs.FORM}{self.space}{signs.ANY}"
            case TriggerKind.JOINS_FORM, Ref() as form:
                return f"{signs.FORM}{self.space}{self.name(form, lambda text: _is_plain(text) and text != signs.ANY)}"
            case TriggerKind.PURCHASES, Ref() as product:
                return f"{signs.PRODUCT}{self.space}{_text(product.name)}"
            case TriggerKind.FIELD_CHANGED, Ref() as field:
                return f"{signs.FIELD}{self.space}{self.field(field)}{self.compared(signs.IS, trigger.value)}"
            case TriggerKind.DATE, _:
                return trigger.value or ""
            case _:
                return f"{signs.OWN_WORDS}{self.space}{_text(trigger.value or '')}"

    def test(self, test: Test) -> str:
        """What a condition looks at."""
        match test.kind, test.ref:
            case ConditionKind.TAG, Ref() as tag:
                return self.name(tag)
            case ConditionKind.FIELD, Ref() as field:
                operator = _OPERATORS.get(test.operator, signs.IS)
                compared = "" if test.operator == "known" else self.compared(operator, test.value) or f"{self.space}{operator}"
                return f"{signs.FIELD}{self.space}{self.field(field)}{compared}"
            case ConditionKind.OPENED, _:
                return f"{signs.WITHIN}{self.space}{_duration(test.seconds or 0)}"
            case _:
                return f"{signs.OWN_WORDS}{self.space}{_text(test.value or '')}"

    def compared(self, operator: str, value: str | None) -> str:
        """A value behind a field; nothing for None."""
        return "" if value is None else f"{self.space}{operator}{self.space}{_text(value)}"

    def field(self, ref: Ref) -> str:
        """A custom field."""
        return self.name(ref, lambda text: _is_plain(text) and not _COMPARED.search(text))

    def name(self, ref: Ref, usable: Callable[[str], bool] = _is_plain) -> str:
        """A reference, from which ``read`` makes the same one."""
        names, name = self.names, ref.name
        if names.says(ref.kind, name, ref.id):
            if names.find(ref.kind, name) != name:
                return _quoted(name)  # a name that the account does not have
            if self.short:
                name = names.shortest(ref.kind, name, usable)
            return name if usable(name) else _quoted(name)
        if names.named(ref.kind, ref.id) == name:
            return f"{signs.ID}{ref.id}"
        return f"{signs.ID}{ref.id} {name if usable(name) else _quoted(name)}"


def _delay(text: str) -> str:
    """A delay: “5m” for “5 minutes”, and as it was written for anything unusual."""
    found = _DELAY.fullmatch(text)
    return f"{found[1]}{found[2][0]}" if found and (found[1] == "1") == (not found[3]) else text


def _duration(seconds: int) -> str:
    unit = next(unit for unit in ("week", "day", "hour", "minute") if seconds % UNITS[unit] == 0)
    return f"{seconds // UNITS[unit]}{unit[0]}"
