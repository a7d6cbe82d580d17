"""Random automations, rules and form links that set each other off, as hypothesis strategies."""

from __future__ import annotations

from hypothesis import strategies as st

from ckaudit.graph.causes import Causes
from ckaudit.graph.flow import compile_flows
from ckaudit.graph.reactions import Reactions
from ckaudit.model.automations import Automation, AutomationStatus, FormLink, KitRule, Manifest, RuleAction, RuleActionKind
from ckaudit.model.refs import Kind, Ref
from ckaudit.model.steps import SetField, StartAutomation
from ckaudit.model.triggers import Trigger, TriggerKind
from tests.graph.random_automations import SEQUENCES, blocks, simple, tags

FIELD = Ref(Kind.FIELD, "country")
forms = st.sampled_from(("form 1", "form 2")).map(lambda name: Ref(Kind.FORM, name))
sequences = st.sampled_from(tuple(SEQUENCES)).map(lambda name: Ref(Kind.SEQUENCE, name))
values = st.sampled_from(("Peru", "Spain"))
on_field = st.builds(Trigger, kind=st.just(TriggerKind.FIELD_CHANGED), ref=st.just(FIELD), value=st.one_of(st.none(), values))
on_form = st.builds(Trigger, kind=st.just(TriggerKind.JOINS_FORM), ref=st.one_of(st.none(), forms))
on_tag = st.builds(Trigger, kind=st.just(TriggerKind.TAG_ADDED), ref=tags)
on_sequence = st.builds(Trigger, kind=st.sampled_from((TriggerKind.COMPLETES_SEQUENCE, TriggerKind.SUBSCRIBES_TO_SEQUENCE)), ref=sequences)
moves = st.one_of(
    st.builds(SetField, field=st.just(FIELD), value=values),
    st.sampled_from(("0", "1")).map(lambda name: StartAutomation(automation=Ref(Kind.AUTOMATION, name))),
)
leaf = st.lists(simple, max_size=2).map(tuple)
steps = st.lists(st.one_of(simple, moves, blocks(leaf)), max_size=3).map(tuple)
automations = st.builds(
    Automation,
    name=st.just("?"),
    status=st.sampled_from((AutomationStatus.ACTIVE, AutomationStatus.ACTIVE, AutomationStatus.PAUSED, AutomationStatus.INACTIVE)),
    entries=st.lists(st.one_of(on_tag, on_form, on_field), max_size=2).map(tuple),
    steps=steps,
)
actions = st.one_of(
    st.builds(RuleAction, kind=st.sampled_from((RuleActionKind.ADD_TAG, RuleActionKind.REMOVE_TAG)), ref=tags),
    st.builds(RuleAction, kind=st.just(RuleActionKind.SUBSCRIBE_FORM), ref=forms),
    st.builds(RuleAction, kind=st.just(RuleActionKind.SUBSCRIBE_SEQUENCE), ref=sequences),
    st.builds(RuleAction, kind=st.just(RuleActionKind.SET_FIELD), ref=st.just(FIELD), value=values),
)
rules = st.builds(
    KitRule,
    enabled=st.sampled_from((True, True, False)),
    when=st.lists(st.one_of(on_tag, on_form, on_sequence), min_size=1, max_size=2).map(tuple),
    do=st.lists(actions, min_size=1, max_size=2).map(tuple),
)
links = st.builds(FormLink, form=forms, adds_tags=st.lists(tags, max_size=1).map(tuple), sequence=st.one_of(st.none(), sequences))
manifests = st.builds(
    lambda several, ruled, linked: Manifest(
        automations=tuple(
            Automation(name=str(n), status=one.status, entries=one.entries, steps=one.steps) for n, one in enumerate(several)
        ),
        rules=ruled,
        form_links=linked,
    ),
    st.lists(automations, min_size=1, max_size=3),
    st.lists(rules, max_size=2).map(tuple),
    st.lists(links, max_size=1).map(tuple),
)


def reactions_of(manifest: Manifest, timing: object) -> Reactions:
    """The reactions of an account that is all in the manifest."""
    flows = compile_flows(manifest.automations, timing)  # type: ignore[arg-type]
    return Reactions(flows, Causes(flows, manifest), manifest, timing)  # type: ignore[arg-type]
