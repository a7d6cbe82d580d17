"""Simulated accounts as a person would describe them: the account, and the manifest that says what its automations really do.

A manifest is plain data, as JSON has it, so that it can be changed in one place. Every simulator keeps its structure elsewhere; that of
businesses keeps it in closures, which are read as they are so that it can be left alone.
"""

from __future__ import annotations

import datetime as dt
import inspect
import random
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ckaudit.model.account import Account, CustomField, Form, SectionName, SectionState, SectionStatus, Sequence, SequenceEmail, Tag
from ckaudit.model.events import Events, ObjectKind
from ckaudit.model.evidence import Evidence, ListRead
from ckaudit.model.refs import Key, Kind
from tests.evidence import business_simulator, second_simulator, simulator, structure, third_simulator
from tests.evidence.business_engine import Account as Business
from tests.evidence.second_account import (
    Account as SecondAccount,
)
from tests.evidence.second_account import (
    Add,
    Condition,
    DateEvent,
    Delay,
    Enrol,
    Exit,
    Goal,
    Remove,
    StartAnother,
)
from tests.evidence.truth import Obj, Truth

FORM, TAG, SEQUENCE = (int(kind) for kind in ObjectKind)
DAY, HOUR, MINUTE = 86400, 3600, 60
Steps = list[dict[str, Any]]
Document = dict[str, Any]
Emails = Mapping[Obj, list[tuple[int, str]]]
"""For each sequence its emails: how many days or hours each waits."""
SOME = {"field": "answer", "is": "a"}
"""A condition on something that leaves no timestamp."""
_WORDS = {FORM: "Form", TAG: "Tag", SEQUENCE: "Sequence"}
_STEP = {TAG: "add_tag", SEQUENCE: "sequence"}


@dataclass(frozen=True)
class Described:
    """An account, its timestamps, what caused them, and the right manifest."""

    label: str
    account: Account
    evidence: Evidence
    truth: Truth
    manifest: Document


def name(obj: Obj) -> str:
    """What an object is called."""
    return f"{_WORDS[obj[0]]} {obj[1]}"


def step(obj: Obj) -> dict[str, Any]:
    """The step that gives an object."""
    return {_STEP[obj[0]]: name(obj)}


def entry(obj: Obj) -> dict[str, Any]:
    """What starts an automation as somebody gets this."""
    return {{FORM: "joins_form", TAG: "tag_added", SEQUENCE: "subscribes_to_sequence"}[obj[0]]: name(obj)}


def given(objs: Iterable[Obj]) -> Document:
    """What a tool outside Kit gives, as the manifest lists it."""
    words = {TAG: "adds_tags", SEQUENCE: "adds_to_sequences", FORM: "adds_to_forms"}
    found: dict[str, list[str]] = {}
    for obj in dict.fromkeys(objs):
        found.setdefault(words[obj[0]], []).append(name(obj))
    return {"name": "Outside", **found}


def wait(seconds: float) -> Steps:
    """A delay in the largest unit that fits."""
    for unit, size in (("days", DAY), ("hours", HOUR), ("minutes", MINUTE)):
        if seconds >= size and seconds % size == 0:
            return [{"delay": f"{int(seconds // size)} {unit}"}]
    return [{"delay": f"{max(round(seconds / MINUTE), 1)} minutes"}] if seconds else []


def automation(number: int, entries: Iterable[Obj], steps: Steps) -> Document:
    return {"name": f"Path {number}", "entries": [entry(obj) for obj in entries], "steps": steps}


def document(automations: list[Document], rules: Iterable[Document] = (), **more: Any) -> Document:
    """A complete manifest."""
    named = [{"name": f"Rule {number}", **rule} for number, rule in enumerate(rules)]
    return {"version": 1, "complete": True, "automations": automations, "rules": named} | {
        key: value for key, value in more.items() if value
    }


def all_names(found: object) -> set[Obj]:
    """Every object that a manifest names."""
    if isinstance(found, dict):
        return set().union(*(all_names(part) for part in found.values()))
    if isinstance(found, list):
        return set().union(*(all_names(part) for part in found))
    word, _, number = found.partition(" ") if isinstance(found, str) else ("", "", "")
    return {(kind, int(number)) for kind, known in _WORDS.items() if word == known and number.isdecimal()}


def account_of(events: Events, manifest: Document, emails: Emails, held: Iterable[Obj] = ()) -> Account:
    """The account that has all these objects."""
    objs = sorted({*zip(events.kind.tolist(), events.id.tolist(), strict=True)} | all_names(manifest) | set(emails))
    hold = set(held)
    return Account(
        forms=tuple(Form(obj[1], name(obj)) for obj in objs if obj[0] == FORM),
        tags=tuple(Tag(obj[1], name(obj)) for obj in objs if obj[0] == TAG),
        sequences=tuple(Sequence(obj[1], name(obj), hold=obj in hold, active=True) for obj in objs if obj[0] == SEQUENCE),
        sequence_emails=tuple(
            SequenceEmail(place * 100 + position, obj[1], position=position, published=True, delay_value=value, delay_unit=unit)
            for place, obj in enumerate(objs)
            if obj[0] == SEQUENCE
            for position, (value, unit) in enumerate(emails.get(obj, [(0, "days")]))
        ),
        custom_fields=(CustomField(1, name="answer", key="answer", label="Answer"),),
        sections={section: SectionState(SectionStatus.COMPLETE) for section in SectionName},
    )


def described(label: str, world: Any, manifest: Document, emails: Emails, held: Iterable[Obj] = ()) -> Described:
    """All of it, with every list read completely."""
    account = account_of(world.events, manifest, emails, held)
    groups = ((Kind.FORM, account.forms), (Kind.TAG, account.tags), (Kind.SEQUENCE, account.sequences))
    read = tuple(ListRead(Key(kind, item.id), SectionStatus.COMPLETE) for kind, items in groups for item in items)
    return Described(label, account, Evidence(world.events, read, world.now), world.truth, manifest)


# -- the first simulator -------------------------------------------------------------------------------------------------------------


def first(seed: int, profile: str, *, medium: bool = False) -> Described:
    ranges = replace(simulator.PROFILES[profile], people=(4000, 9000)) if medium else simulator.PROFILES[profile]
    world = simulator.simulate(seed, ranges)
    made = structure.Builder(np.random.default_rng(seed), ranges)
    automations = [
        automation(number, item.entries, first_steps(item.code, 0, len(item.code))) for number, item in enumerate(made.automations)
    ]
    rules = [
        {
            "when": [{"completes_sequence": name(rule.trigger[1])} if rule.trigger[0] == "complete" else entry(rule.trigger[1])],
            "do": [{"add_tag" if what == "tag" else "subscribe_sequence": name(obj)} for what, obj in rule.actions],
        }
        for rule in made.rules
    ]
    clicks = [
        {"when": [{"clicks_link": f"https://site.example/{place}"}], "do": [{"add_tag": name(sequence.click)}]}
        for place, sequence in enumerate(made.sequences.values())
        if sequence.click
    ]
    links = [{"form": name(form), "adds_tags": [name(tag)]} for form, tag in made.form_tags.items()]
    outside = given([*made.purchases, *made.noise, *made.sync])
    manifest = document(automations, [*rules, *clicks], form_links=links, external=[outside])
    emails = {obj: sequence.delays for obj, sequence in made.sequences.items()}
    held = [obj for obj, sequence in made.sequences.items() if sequence.hold]
    return described(f"first {profile} {seed}", world, manifest, emails, held)


def first_steps(code: list[tuple[Any, ...]], begin: int, end: int) -> Steps:
    """A part of an automation's code as nested steps."""
    found: Steps = []
    at = begin
    while at < end:
        what, *rest = code[at]
        at += 1
        match what:
            case "tag" | "sequence":
                found.append(step(rest[0]))
            case "untag":
                found.append({"remove_tag": name(rest[0])})
            case "delay":
                found += wait(rest[0])
            case "event" if rest[1] == 0:
                found.append({"event": {"tag_added": name(rest[0])}})
            case "event" | "exit":  # inside a branch the simulator's goals hold for ever
                found.append({"exit": True})
            case "start":
                found.append({"start_automation": f"Path {rest[0]}"})
            case "if":
                test, there = rest
                has_else = code[there - 1][0] == "jump" and there - 1 >= at
                block: dict[str, Any] = {"if": {"tag": name(test[1])} if test[0] == "has" else SOME}
                block["then"] = first_steps(code, at, there - 1 if has_else else there)
                at = there
                if has_else:
                    block["else"] = first_steps(code, there, code[there - 1][1])
                    at = code[there - 1][1]
                found.append(block)
    return found


# -- the second simulator ------------------------------------------------------------------------------------------------------------


def second(seed: int, profile: str, *, medium: bool = False) -> Described:
    settings = replace(second_simulator.PROFILES[profile], people=6000) if medium else second_simulator.PROFILES[profile]
    world = second_simulator.simulate(settings, seed)
    rng = random.Random(f"{settings}{seed}")
    start = second_simulator.EPOCH + rng.randrange(300 * DAY)
    made = SecondAccount(rng, start, start + settings.days * DAY)
    second_simulator.build(made, settings)
    automations = [automation(number, item.entries, second_steps(item.steps)) for number, item in enumerate(made.automations)]
    rules, by_site = list[Document](), list[Obj]()
    for rule in made.rules:
        if rule.slow != (0, 0):
            by_site += [action.tag for action in rule.actions if isinstance(action, Add)]
            continue
        when = [{"completes_sequence": name(obj)} if rule.completes else entry(obj) for obj in rule.triggers]
        rules.append({"when": when, "do": [second_action(action) for action in rule.actions]})
    outside = [*by_site, *made.bought, *(obj for pair in made.bundles for obj in pair)]
    outside += [obj for _, _, objs in made.lists for obj in objs]
    outside += [obj for row in made.webinars for obj in row[2:]] + [tag for _, tag in made.by_hand]
    outside += [reaction.does for found in made.reactions.values() for reaction in found if reaction.does[0] == TAG]
    clicks = [
        {"when": [{"clicks_link": f"https://site.example/{place}"}], "do": [{"add_tag": name(tag)}]}
        for place, tag in enumerate(dict.fromkeys(tag for _, _, tag in made.clicked))
    ]
    links = [{"form": name(form), "double_opt_in": True} for form in made.confirmed]
    manifest = document(automations, [*rules, *clicks], form_links=links, external=[given(outside)])
    emails = {obj: [(delay, "hours" if mails.hourly else "days") for delay in mails.delays] for obj, mails in made.mails.items()}
    held = [obj for obj, mails in made.mails.items() if mails.hold]
    return described(f"second {profile} {seed}", world, manifest, emails, held)


def second_action(action: Add | Remove | Enrol) -> dict[str, Any]:
    match action:
        case Add(tag):
            return {"add_tag": name(tag)}
        case Remove(tag):
            return {"remove_tag": name(tag)}
        case Enrol(sequence):
            return {"subscribe_sequence": name(sequence)}


def second_steps(steps: Iterable[object]) -> Steps:
    found: Steps = []
    for one in steps:
        match one:
            case Add(obj) | Enrol(obj):
                found.append(step(obj))
            case Remove(tag):
                found.append({"remove_tag": name(tag)})
            case Delay(seconds):
                found += wait(seconds)
            case Goal(tag):
                found.append({"event": {"tag_added": name(tag)}})
            case DateEvent(at):
                found.append({"event": {"date": dt.datetime.fromtimestamp(at, dt.UTC).date().isoformat()}})
            case StartAnother(number):
                found.append({"start_automation": f"Path {number}"})
            case Exit():
                found.append({"exit": True})
            case Condition():
                test = {"tag": name(one.tag)} if one.tag else SOME
                block: dict[str, Any] = {"if": test, "then": second_steps(one.yes)}
                found.append(block | ({"else": second_steps(one.no)} if one.no else {}))
    return found


# -- the third simulator -------------------------------------------------------------------------------------------------------------


def third(seed: int, profile: str, *, medium: bool = False) -> Described:
    world = third_simulator.make(seed, third_simulator.USUAL if profile == "usual" else third_simulator.HARD)
    emails: dict[Obj, list[tuple[int, str]]] = {}
    calls: set[Obj] = set()
    automations = [automation(number, flow.entries, third_steps(flow.steps, emails, calls)) for number, flow in enumerate(world.flows)]
    done = all_names(automations)
    seen = {(kind, number) for kind, number in zip(world.events.kind.tolist(), world.events.id.tolist(), strict=True)}
    caused = {effect for _, effect in world.truth}
    site = {"name": "Site", "removes_tags": [name(obj) for obj in sorted(calls)]}
    outside = given(sorted(obj for obj in seen | done if obj not in caused and obj[0] == TAG))
    manifest = document(automations, external=[outside, *([site] if calls else [])])
    return described(f"third {profile} {seed}", world, manifest, emails)


def third_steps(steps: list[third_simulator.Step], emails: dict[Obj, list[tuple[int, str]]], calls: set[Obj]) -> Steps:
    found: Steps = []
    for one in steps:
        match one.do:
            case "wait":
                found += wait(one.seconds)
            case "goal":
                found.append({"event": {"tag_added": name(one.what)}})
            case "branch":
                block: dict[str, Any] = {"if": SOME, "then": third_steps(one.yes, emails, calls)}
                found.append(block | ({"else": third_steps(one.no, emails, calls)} if one.no else {}))
            case _:
                found.append(step(one.what))
                if one.do == "webhook":
                    calls.add(one.what)
                if one.what[0] == SEQUENCE:
                    days = one.seconds / DAY
                    emails[one.what] = [(0, "days"), (int(days), "days") if days == int(days) else (round(one.seconds / HOUR), "hours")]
    return found


# -- businesses ----------------------------------------------------------------------------------------------------------------------


def business(seed: int, kind: str, *, medium: bool = False) -> Described:
    """The same account again, with a look at what it listens to before its people live."""
    size = business_simulator.MEDIUM if medium else business_simulator.SMALL
    world = business_simulator.simulate(kind, seed, size)
    rng = random.Random(f"{kind} {seed} {size}")
    made = Business(rng, int(rng.uniform(*size)), rng.randint(150, 420))
    {"creator": business_simulator.creator, "membership": business_simulator.membership, "shop": business_simulator.shop}[kind](made)
    notes = Notes()
    for obj, listeners in made.listeners.items():
        for listener in listeners:
            notes.note(obj, listener)
    caused = {effect for _, effect in world.truth}
    seen = {(kind, number) for kind, number in zip(world.events.kind.tolist(), world.events.id.tolist(), strict=True)}
    outside = [*notes.outside, *sorted(obj for obj in seen if obj[0] == TAG and obj not in caused)]
    links = [{"form": name(form), "double_opt_in": True} for form in sorted(made.confirmed)]
    manifest = document(notes.automations, notes.rules, form_links=links, external=[given(outside)])
    emails = {obj: timetable(end) for obj, end in made.ends.items()}
    return described(f"{kind} {seed}", world, manifest, emails)


def timetable(end: Callable[[int], int]) -> list[tuple[int, str]]:
    held = inspect.getclosurevars(end).nonlocals
    return [(0, "days"), *([] if held["days"] == 0 else [(held["days"] * 12, "hours")] if held["hours"] else [(held["days"], "days")])]


class Notes:
    """What each listener of a business does, as a manifest says it."""

    def __init__(self) -> None:
        self.automations: list[Document] = []
        self.rules: list[Document] = []
        self.outside: list[Obj] = []

    def note(self, obj: Obj, listener: Callable[..., Any]) -> None:
        kind, held = listener.__qualname__.split(".")[0], inspect.getclosurevars(listener).nonlocals
        match kind:
            case "rule":
                self.rules.append({"when": [entry(obj)], "do": [_action(what) for what in held["what"]]})
            case "when_done":
                self.rules.append({"when": [{"completes_sequence": name(held["sequence"])}], "do": [_action(held["target"])]})
            case "cart":
                self.rules.append({"when": [entry(obj)], "do": [{"remove_tag": name(held["left"])}]})
            case "clicks":
                self.rules.append({"when": [{"clicks_link": f"https://site.example/{held['tag'][1]}"}], "do": [_action(held["tag"])]})
            case "site" | "nightly" | "webinar" | "leaving":
                self.outside += [value for key, value in held.items() if key in ("target", "tag", "attended", "missed", "failed", "former")]
            case _:
                self.automations.append(automation(len(self.automations), [obj], self.steps(listener)))

    def steps(self, listener: Callable[..., Any]) -> Steps:
        kind, held = listener.__qualname__.split(".")[0], inspect.getclosurevars(listener).nonlocals
        match kind:
            case "steps":
                return [part for what in held["what"] for part in ([step(what)] if isinstance(what, tuple) else wait(what))]
            case "some":
                block: dict[str, Any] = {"if": SOME, "then": self.steps(held["then"])}
                return [block | ({"else": self.steps(held["other"])} if held["other"] else {})]
            case "unless":
                return [{"if": {"tag": name(held["tag"])}, "then": [{"exit": True}], "else": self.steps(held["then"])}]
            case "login":
                self.outside += [held["created"]] if held["created"] else []
                return [step(held["tag"]), {"delay": "5 minutes"}, {"remove_tag": name(held["tag"])}]
            case "quiz":
                ways = zip(held["types"], held["ways"], strict=True)
                return [{"split": [{"tag": name(tag), "steps": self.steps(way)} for tag, way in ways]}]
        raise AssertionError(kind)


def _action(obj: Obj) -> dict[str, Any]:
    return {"add_tag" if obj[0] == TAG else "subscribe_sequence": name(obj)}


FAMILIES: Mapping[str, tuple[Callable[..., Described], tuple[str, ...]]] = {
    "first": (first, tuple(simulator.PROFILES)),
    "second": (second, tuple(second_simulator.PROFILES)),
    "third": (third, ("usual", "hard")),
    "business": (business, business_simulator.KINDS),
}
