"""Who does what to whom: every automation step, rule, form and integration that adds, removes, enrols, sets or starts something.

A cause counts ("live") when it is an active or paused automation, an enabled rule, a form or an integration. Causes that are switched
off are kept too, so that a message can say they exist.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

import msgspec

from ckaudit.graph.flow import Flow
from ckaudit.graph.nodes import FlowNode
from ckaudit.model.automations import FormLink, KitRule, Manifest, Origin
from ckaudit.model.errors import Location
from ckaudit.model.findings import PathStep
from ckaudit.model.integrations import Integration
from ckaudit.model.refs import Key, Kind, ObjectRef, Ref
from ckaudit.model.steps import Effect, SetField


class Cause(msgspec.Struct, frozen=True, eq=False):
    """One thing that has an effect on what ``ref`` means. ``source`` is its node in the account graph, ``object`` how results name it.

    ``flow`` and ``node`` are set for steps of automations, ``rule`` for Kit's rules, ``form`` for what a form does by itself,
    ``integration`` for what writes from outside. ``value`` is what a field is set to. ``number`` is its place among all causes of the
    account.
    """

    effect: Effect
    ref: Ref
    source: Key
    object: ObjectRef
    live: bool = True
    origin: Origin = Origin.DECLARED
    flow: Flow | None = None
    node: FlowNode | None = None
    rule: KitRule | None = None
    form: FormLink | None = None
    integration: Integration | None = None
    value: str | None = None
    number: int = 0

    @property
    def target(self) -> Key:
        """What it has an effect on."""
        return self.ref.key

    @property
    def unit(self) -> Key | None:
        """The automation or rule by its number, or the form, it belongs to; None for integrations, which nothing sets off."""
        if self.flow:
            return Key(Kind.AUTOMATION, self.flow.index)
        return None if self.integrated else self.source

    @property
    def after(self) -> int:
        """Seconds between the event at which an integration writes and its writing."""
        return (self.integration.after or 0) if self.integration else 0

    @property
    def integrated(self) -> bool:
        """True for what a shop, a site or a tool outside Kit does, or somebody by hand."""
        return self.source.kind is Kind.EXTERNAL

    @property
    def observed(self) -> bool:
        """True for what timestamps show and no manifest states."""
        return self.origin is Origin.OBSERVED

    @property
    def reached(self) -> bool:
        """False for a step that nobody comes to."""
        return self.flow is None or self.node is None or self.node.id in self.flow.reached

    @property
    def location(self) -> Location | None:
        """The step, rule, form or integration in the manifest."""
        stated = self.node or self.rule or self.form or self.integration
        return stated.location if stated else None

    @property
    def words(self) -> str:
        """What it does, after its name: ``adds “Customer”``."""
        return f"{_DOES[self.effect]} “{self.ref.name}”"

    @property
    def path_step(self) -> PathStep:
        """The step, rule, form or integration, for the path of a finding."""
        if self.node:
            return self.node.path_step(f"in “{self.object.name}”")
        who = {Kind.RULE: "Rule ", Kind.FORM: "Form "}.get(self.source.kind, "")
        return PathStep(kind="object", name=f"{who}“{self.object.name}” {self.words}", object=self.object)


_DOES = {
    Effect.ADDS_TAG: "adds",
    Effect.REMOVES_TAG: "takes off",
    Effect.SETS_FIELD: "changes the field",
    Effect.JOINS_FORM: "adds people to the form",
    Effect.LEAVES_FORM: "takes people out of the form",
    Effect.ENROLS: "puts people into",
    Effect.UNENROLS: "takes people out of",
    Effect.STARTS: "starts",
    Effect.STOPS: "takes people out of",
    Effect.UNSUBSCRIBES: "unsubscribes people from",
    Effect.CALLS: "calls",
}
EVERY_EMAIL = Ref(Kind.ACCOUNT, "every email")
"""What an integration that unsubscribes people takes them out of."""


class Causes:
    """Every cause of an account, to be asked by effect and target, or by who it belongs to."""

    def __init__(self, flows: Iterable[Flow], manifest: Manifest) -> None:
        found = (*_of_flows(flows), *_of_rules(manifest), *_of_forms(manifest), *_of_integrations(manifest))
        self.all = tuple(msgspec.structs.replace(cause, number=number) for number, cause in enumerate(found))
        self._by_target: defaultdict[tuple[Effect, Key], list[Cause]] = defaultdict(list)
        self._by_unit: defaultdict[Key, list[Cause]] = defaultdict(list)
        for cause in self.all:
            self._by_target[cause.effect, cause.target].append(cause)
            self._by_unit[cause.unit or cause.source].append(cause)

    def of(self, effect: Effect, target: Key, *, live: bool = True) -> tuple[Cause, ...]:
        """The live causes of this effect on this target, in the order of the manifest; with ``live`` False those switched off instead."""
        return tuple(cause for cause in self._by_target.get((effect, target), ()) if cause.live is live)

    def written_with(self, effect: Effect, target: Key) -> tuple[Cause, ...]:
        """What else the integrations write that have this effect on this target, perhaps in the same go: a form beside a purchase tag."""
        writers = dict.fromkeys(cause.source for cause in self.of(effect, target) if cause.integrated)
        found = (cause for writer in writers for cause in self.by(writer))
        return tuple(cause for cause in found if (cause.effect, cause.target) != (effect, target))

    def by(self, unit: Key) -> tuple[Cause, ...]:
        """Every cause, live or not, of one automation or rule (``Cause.unit``), form or integration (``Cause.source``)."""
        return tuple(self._by_unit.get(unit, ()))

    def by_flow(self, flow: Flow) -> tuple[Cause, ...]:
        """Every cause, live or not, of one automation."""
        return self.by(Key(Kind.AUTOMATION, flow.index))


def rule_object(rule: KitRule, index: int) -> ObjectRef:
    """A rule as results name it; a nameless rule is named by its place in the manifest."""
    return ObjectRef("rule", rule.name or f"rule {index + 1}")


def _of_flows(flows: Iterable[Flow]) -> Iterator[Cause]:
    for flow in flows:
        for node in flow.steps:
            if node.effect and node.ref:
                value = node.step.value if isinstance(node.step, SetField) else None
                yield Cause(node.effect, node.ref, node.key, flow.object, flow.live, flow.automation.origin, flow, node, value=value)


def _of_rules(manifest: Manifest) -> Iterator[Cause]:
    for index, rule in enumerate(manifest.rules):
        source, named = Key(Kind.RULE, index), rule_object(rule, index)
        for action in rule.do:
            yield Cause(action.kind.effect, action.ref, source, named, rule.enabled, rule.origin, rule=rule, value=action.value)


def _of_forms(manifest: Manifest) -> Iterator[Cause]:
    for link in manifest.form_links:
        effects = [(Effect.ADDS_TAG, ref) for ref in link.adds_tags] + [(Effect.SETS_FIELD, ref) for ref in link.sets_fields]
        if link.sequence:
            effects.insert(0, (Effect.ENROLS, link.sequence))
        for effect, ref in effects:
            yield Cause(effect, ref, link.form.key, link.form.object, form=link)


def _of_integrations(manifest: Manifest) -> Iterator[Cause]:
    for index, writer in enumerate(manifest.external):
        source, named = Key(Kind.EXTERNAL, index), ObjectRef("external", writer.name)
        for effect, refs in (
            (Effect.ADDS_TAG, writer.adds_tags),
            (Effect.REMOVES_TAG, writer.removes_tags),
            (Effect.ENROLS, writer.adds_to_sequences),
            (Effect.UNENROLS, writer.removes_from_sequences),
            (Effect.JOINS_FORM, writer.adds_to_forms),
            (Effect.SETS_FIELD, writer.sets_fields),
            (Effect.UNSUBSCRIBES, (EVERY_EMAIL,) if writer.unsubscribes else ()),
        ):
            for ref in refs:
                yield Cause(effect, ref, source, named, integration=writer)
