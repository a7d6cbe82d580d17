"""What follows from a signal is what walking through everything by hand gives: the same things, the same delays."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from ckaudit.graph.signals import Signal
from ckaudit.model.automations import AutomationStatus, Manifest, RuleActionKind
from ckaudit.model.refs import Key, Kind
from ckaudit.model.steps import AddTag, AnyStep, Enrol, RemoveTag, SetField, StartAutomation
from ckaudit.model.triggers import Trigger, TriggerKind
from tests.graph.brute_force import Place, below, places
from tests.graph.random_accounts import FIELD, manifests, reactions_of
from tests.graph.random_automations import TAGS, tag, timing

SIGNALS = (
    *(Signal(tag(name).key, TriggerKind.TAG_ADDED) for name in TAGS),
    Signal(Key(Kind.FORM, "form 1"), TriggerKind.JOINS_FORM),
    Signal(FIELD.key, TriggerKind.FIELD_CHANGED, "Spain"),
)
K = TriggerKind


class Come(NamedTuple):
    """Somebody comes to a step of an automation or an action of a rule or form, after so many seconds."""

    what: tuple[str, ...]
    seconds: int
    waits: bool


class ByHand:
    """Everything that follows from a signal, along every way on which no automation, rule or form comes twice."""

    def __init__(self, manifest: Manifest, start: Signal) -> None:
        self.manifest, self.start = manifest, start
        self.circle = False
        self.comes: list[Come] = []
        self.hear(start, 0, False, ())

    def hear(self, signal: Signal, seconds: int, waits: bool, units: tuple[str, ...]) -> None:
        for unit, done in (*self.automations(signal), *self.rules(signal), *self.forms(signal)):
            if unit in units:
                self.circle = self.circle or unit != units[-1]
                continue
            for what, (after, blocked), fired in done:
                self.comes.append(Come((unit, *what), seconds + after, waits or blocked))
                for other, extra in fired:
                    if other != self.start:
                        self.hear(other, seconds + after + extra, waits or blocked, (*units, unit))

    def automations(self, signal: Signal) -> Iterator[tuple[str, list]]:  # type: ignore[type-arg]
        for number, one in enumerate(self.manifest.automations):
            started = signal == Signal(Key(Kind.AUTOMATION, str(number)))
            if one.status is not AutomationStatus.INACTIVE and (started or any(met(entry, signal) for entry in one.entries)):
                table, steps = places(one), dict(all_steps(one.steps, ""))
                yield (
                    f"automation {number}",
                    [((name,), when, fires(steps[name])) for name in table if name in steps for when in times(table, name)],
                )

    def rules(self, signal: Signal) -> Iterator[tuple[str, list]]:  # type: ignore[type-arg]
        for number, one in enumerate(self.manifest.rules):
            if one.enabled and any(met(when, signal) for when in one.when):
                done = (((str(act.kind.effect), str(act.ref.key), str(act.value)), act) for act in one.do)
                yield f"rule {number}", [(what, (0, False), list(action(act.kind, act.ref.key, act.value))) for what, act in done]

    def forms(self, signal: Signal) -> Iterator[tuple[str, list]]:  # type: ignore[type-arg]
        if signal.kind is K.JOINS_FORM:
            links = [link for link in self.manifest.form_links if link.form.key == signal.key]
            done = [("tag", ref, action(RuleActionKind.ADD_TAG, ref.key, None)) for link in links for ref in link.adds_tags]
            done += [
                ("sequence", link.sequence, action(RuleActionKind.SUBSCRIBE_SEQUENCE, link.sequence.key, None))
                for link in links
                if link.sequence
            ]
            if done:
                yield str(signal.key), [((kind, str(ref.key.id)), (0, False), list(fired)) for kind, ref, fired in done]


def met(trigger: Trigger, signal: Signal) -> bool:
    if trigger.kind is not signal.kind:
        return False
    if trigger.ref is None:
        return trigger.kind is K.JOINS_FORM
    return trigger.ref.key == signal.key and (trigger.value is None or trigger.value == signal.value)


def action(kind: RuleActionKind, key: Key, value: str | None) -> Iterator[tuple[Signal, int]]:
    match kind:
        case RuleActionKind.ADD_TAG:
            yield Signal(key, K.TAG_ADDED), 0
        case RuleActionKind.REMOVE_TAG:
            yield Signal(key, K.TAG_REMOVED), 0
        case RuleActionKind.SUBSCRIBE_FORM:
            yield Signal(key, K.JOINS_FORM), 0
        case RuleActionKind.SUBSCRIBE_SEQUENCE:
            yield Signal(key, K.SUBSCRIBES_TO_SEQUENCE), 0
            yield Signal(key, K.COMPLETES_SEQUENCE), timing(key).planned
        case RuleActionKind.SET_FIELD:
            yield Signal(key, K.FIELD_CHANGED, value or ""), 0


def fires(step: AnyStep) -> list[tuple[Signal, int]] | None:
    match step:
        case AddTag():
            return list(action(RuleActionKind.ADD_TAG, step.tag.key, None))
        case RemoveTag():
            return list(action(RuleActionKind.REMOVE_TAG, step.tag.key, None))
        case Enrol():
            return list(action(RuleActionKind.SUBSCRIBE_SEQUENCE, step.sequence.key, None))
        case SetField():
            return list(action(RuleActionKind.SET_FIELD, step.field.key, step.value))
        case StartAutomation():
            return [(Signal(step.automation.key), 0)]
        case _:
            return []


def all_steps(steps: tuple[AnyStep, ...], prefix: str) -> Iterator[tuple[str, AnyStep]]:
    for number, step in enumerate(steps):
        name = f"{prefix}s{number}"
        if step.effect:
            yield name, step
        for branch in step.branches:
            yield from all_steps(branch.steps, f"{name}/{branch.id}/")


def times(table: dict[str, Place], target: str) -> set[tuple[int, bool]]:
    """Every time at which somebody who walks from the top comes to a place; who only a goal pulls there comes some time."""
    found = set(walk(table, "start", target, 0, False))
    return found or ({(0, True)} if target in reached(table) else set())


def walk(table: dict[str, Place], name: str, target: str, seconds: int, waits: bool) -> Iterator[tuple[int, bool]]:
    if name == target:
        yield seconds, waits
        return
    here = table[name]
    if here.passes:
        for other in here.following:
            yield from walk(table, other, target, seconds + here.seconds, waits or here.kind == "goal")


def reached(table: dict[str, Place]) -> set[str]:
    """Where people come: by steps, or from where they wait to a goal further down."""
    seen, todo = {"start"}, ["start"]
    while todo:
        here = table[todo.pop()]
        pulled = [other for other in below(table, here.id) if table[other].kind == "goal"] if here.waits else []
        for other in (*(here.following if here.passes else ()), *pulled):
            if other not in seen:
                seen.add(other)
                todo.append(other)
    return seen


def name_of(item: object) -> tuple[str, ...]:
    cause = item.cause  # type: ignore[attr-defined]
    if cause.flow:
        return f"automation {cause.flow.index}", cause.node.id.split("/", 1)[1]
    if cause.rule:
        return f"rule {cause.source.id}", str(cause.effect), str(cause.target), str(cause.value)
    return str(cause.source), "tag" if cause.target.kind is Kind.TAG else "sequence", str(cause.target.id)


@settings(max_examples=200, deadline=None)
@given(manifests, st.sampled_from(SIGNALS))
def test_the_same_things_with_the_same_delays(manifest: Manifest, signal: Signal) -> None:
    by_hand = ByHand(manifest, signal)
    expected: dict[tuple[str, ...], list[Come]] = {}
    for come in by_hand.comes:
        expected.setdefault(come.what, []).append(come)
    found = {name_of(item): item for item in reactions_of(manifest, timing).what_follows(signal)}
    assert found.keys() == expected.keys()
    for what, comes in expected.items():
        waits, least = min((come.waits, come.seconds) for come in comes)
        assert (found[what].waits, found[what].span.min_seconds) == (waits, least)
        if not by_hand.circle:
            assert found[what].span.max_seconds == max(come.seconds for come in comes)
            assert found[what].span.open_ended == any(come.waits for come in comes)


@settings(max_examples=100, deadline=None)
@given(manifests, st.sampled_from(SIGNALS))
def test_what_follows_from_a_signal_was_led_to_by_it(manifest: Manifest, signal: Signal) -> None:
    reactions = reactions_of(manifest, timing)
    for item in reactions.what_follows(signal):
        led = reactions.what_led_to(item.cause)
        assert any(one.kind is signal.kind and one.key in (signal.key, None) for one in led)


@settings(max_examples=100, deadline=None)
@given(manifests, st.sampled_from(SIGNALS))
def test_what_everybody_gets_is_among_what_somebody_gets(manifest: Manifest, signal: Signal) -> None:
    reactions = reactions_of(manifest, timing)
    sure = {item.cause.number for item in reactions.what_follows(signal, sure=True)}
    assert sure <= {item.cause.number for item in reactions.what_follows(signal)}
