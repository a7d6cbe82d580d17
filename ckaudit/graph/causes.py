"""Who does what to whom: every automation step, rule, form and outside writer that adds, removes, enrols, sets or starts something.

A cause counts ("live") when it is an active or paused automation, an enabled rule, a form or an outside writer. Causes that are switched
off are kept beside, so that a message can say they exist.
"""

from __future__ import annotations

import enum
from collections import defaultdict
from collections.abc import Iterable, Iterator

import msgspec

from ckaudit.graph.flow import Flow, FlowNode
from ckaudit.model.automations import (
    AddTag,
    AutomationStatus,
    Enrol,
    KitRule,
    Manifest,
    Origin,
    RemoveFromAutomation,
    RemoveTag,
    RuleActionKind,
    SetField,
    StartAutomation,
)
from ckaudit.model.refs import Key, Kind, ObjectRef, Ref


class Effect(enum.StrEnum):
    """What a cause does to its target. Values are the edge kinds of the account graph."""

    ADDS_TAG = "applies"
    REMOVES_TAG = "removes"
    ENROLS = "enrols"
    UNENROLS = "unenrols"
    SETS_FIELD = "sets"
    STARTS = "starts_va"
    STOPS = "removes_va"
    JOINS_FORM = "joins"
    LEAVES_FORM = "leaves"


class Cause(msgspec.Struct, frozen=True, eq=False):
    """One thing that has an effect on ``target``. ``source`` is its node in the account graph, ``object`` how results name it.

    ``flow`` and ``node`` are set for steps of automations, ``rule`` for Kit's rules.
    """

    effect: Effect
    target: Key
    source: Key
    object: ObjectRef
    live: bool = True
    origin: Origin = Origin.DECLARED
    flow: Flow | None = None
    node: FlowNode | None = None
    rule: KitRule | None = None


_RULE_EFFECTS = {
    RuleActionKind.SUBSCRIBE_SEQUENCE: Effect.ENROLS,
    RuleActionKind.UNSUBSCRIBE_SEQUENCE: Effect.UNENROLS,
    RuleActionKind.SUBSCRIBE_FORM: Effect.JOINS_FORM,
    RuleActionKind.UNSUBSCRIBE_FORM: Effect.LEAVES_FORM,
    RuleActionKind.ADD_TAG: Effect.ADDS_TAG,
    RuleActionKind.REMOVE_TAG: Effect.REMOVES_TAG,
    RuleActionKind.SET_FIELD: Effect.SETS_FIELD,
}


class Causes:
    """Every cause of an account, to be asked by effect and target."""

    def __init__(self, flows: Iterable[Flow], manifest: Manifest) -> None:
        self._by_target: defaultdict[tuple[Effect, Key], list[Cause]] = defaultdict(list)
        self.all: tuple[Cause, ...] = (*_of_flows(flows), *_of_rules(manifest), *_of_forms(manifest), *_of_writers(manifest))
        self._by_unit: defaultdict[int | Key, list[Cause]] = defaultdict(list)
        for cause in self.all:
            self._by_target[cause.effect, cause.target].append(cause)
            self._by_unit[cause.flow.index if cause.flow else cause.source].append(cause)

    def of(self, effect: Effect, target: Key, *, dead: bool = False) -> tuple[Cause, ...]:
        """The live causes of this effect on this target, in the order of the manifest; with ``dead`` the switched-off ones instead."""
        return tuple(cause for cause in self._by_target.get((effect, target), ()) if cause.live is not dead)

    def by(self, unit: Flow | Key) -> tuple[Cause, ...]:
        """Every cause, live or not, of one automation, rule, form or outside writer."""
        return tuple(self._by_unit.get(unit.index if isinstance(unit, Flow) else unit, ()))


def rule_object(rule: KitRule, index: int) -> ObjectRef:
    """A rule as results name it; a nameless rule is named by its place in the manifest."""
    return ObjectRef("rule", rule.name or f"rule {index + 1}")


def _of_flows(flows: Iterable[Flow]) -> Iterator[Cause]:
    for flow in flows:
        live = flow.automation.status is not AutomationStatus.INACTIVE
        for node in flow.steps:
            effect, ref = _step_effect(node)
            if effect and ref:
                yield Cause(effect, ref.key, node.key, flow.ref, live, flow.automation.origin, flow, node)


def _step_effect(node: FlowNode) -> tuple[Effect | None, Ref | None]:
    match node.step:
        case AddTag(tag=ref):
            return Effect.ADDS_TAG, ref
        case RemoveTag(tag=ref):
            return Effect.REMOVES_TAG, ref
        case Enrol(sequence=ref):
            return Effect.ENROLS, ref
        case SetField(field=ref):
            return Effect.SETS_FIELD, ref
        case StartAutomation(automation=ref):
            return Effect.STARTS, ref
        case RemoveFromAutomation(automation=ref):
            return Effect.STOPS, ref
        case _:
            return None, None


def _of_rules(manifest: Manifest) -> Iterator[Cause]:
    for index, rule in enumerate(manifest.rules):
        for action in rule.do:
            source = Key(Kind.RULE, index)
            yield Cause(_RULE_EFFECTS[action.kind], action.ref.key, source, rule_object(rule, index), rule.enabled, rule.origin, rule=rule)


def _of_forms(manifest: Manifest) -> Iterator[Cause]:
    for link in manifest.form_links:
        source, named = link.form.key, ObjectRef("form", link.form.name, link.form.id)
        effects = [(Effect.ADDS_TAG, ref) for ref in link.adds_tags] + [(Effect.SETS_FIELD, ref) for ref in link.sets_fields]
        if link.sequence:
            effects.insert(0, (Effect.ENROLS, link.sequence))
        for effect, ref in effects:
            yield Cause(effect, ref.key, source, named)


def _of_writers(manifest: Manifest) -> Iterator[Cause]:
    for index, writer in enumerate(manifest.external):
        source, named = Key(Kind.EXTERNAL, index), ObjectRef("external", writer.name)
        for effect, refs in (
            (Effect.ADDS_TAG, writer.adds_tags),
            (Effect.REMOVES_TAG, writer.removes_tags),
            (Effect.ENROLS, writer.adds_to_sequences),
            (Effect.JOINS_FORM, writer.adds_to_forms),
            (Effect.SETS_FIELD, writer.sets_fields),
        ):
            for ref in refs:
                yield Cause(effect, ref.key, source, named)
