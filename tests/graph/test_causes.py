from __future__ import annotations

from ckaudit.graph.causes import Cause, Causes
from ckaudit.graph.flow import compile_flows
from ckaudit.graph.nodes import SequenceTiming
from ckaudit.model.refs import Key, Kind
from ckaudit.model.steps import Effect
from ckaudit.sources.manifest import parse_manifest

MANIFEST = """version: 1
automations:
  - {name: Active, entries: [{tag_added: In}], steps: [{add_tag: X}, {remove_tag: Y}, {sequence: S}, {set_field: {field: f, value: v}}]}
  - {name: Paused, status: paused, entries: [{tag_added: In}], steps: [{add_tag: X}, {start_automation: Active}]}
  - {name: Off, status: inactive, entries: [{tag_added: In}], steps: [{add_tag: X}, {remove_from_automation: Active}]}
rules:
  - {name: On rule, when: [{tag_added: In}], do: [{add_tag: X}, {unsubscribe_sequence: S}, {subscribe_form: F}]}
  - {enabled: false, when: [{tag_added: In}], do: [{add_tag: X}]}
form_links:
  - {form: F, sequence: S, adds_tags: [X], sets_fields: [f]}
external:
  - {name: Shop, adds_tags: [X], removes_tags: [Y], adds_to_sequences: [S], adds_to_forms: [F], sets_fields: [f]}
"""


def causes() -> Causes:
    manifest = parse_manifest(MANIFEST, "automations.yaml", None, ())
    return Causes(compile_flows(manifest.automations, lambda key: SequenceTiming()), manifest)


def named(found: tuple[Cause, ...]) -> list[str]:
    return [f"{cause.object.kind} {cause.object.name}" for cause in found]


def test_active_and_paused_automations_enabled_rules_forms_and_integrations_count() -> None:
    found = causes().of(Effect.ADDS_TAG, Key(Kind.TAG, "X"))
    assert named(found) == ["automation Active", "automation Paused", "rule On rule", "form F", "external Shop"]
    assert all(cause.live for cause in found)


def test_what_is_switched_off_is_kept_beside() -> None:
    found = causes().of(Effect.ADDS_TAG, Key(Kind.TAG, "X"), live=False)
    assert named(found) == ["automation Off", "rule rule 2"]


def test_every_kind_of_effect_is_seen() -> None:
    every = causes()
    assert named(every.of(Effect.REMOVES_TAG, Key(Kind.TAG, "Y"))) == ["automation Active", "external Shop"]
    assert named(every.of(Effect.ENROLS, Key(Kind.SEQUENCE, "S"))) == ["automation Active", "form F", "external Shop"]
    assert named(every.of(Effect.UNENROLS, Key(Kind.SEQUENCE, "S"))) == ["rule On rule"]
    assert named(every.of(Effect.SETS_FIELD, Key(Kind.FIELD, "f"))) == ["automation Active", "form F", "external Shop"]
    assert named(every.of(Effect.JOINS_FORM, Key(Kind.FORM, "F"))) == ["rule On rule", "external Shop"]
    assert named(every.of(Effect.STARTS, Key(Kind.AUTOMATION, "Active"))) == ["automation Paused"]
    assert named(every.of(Effect.STOPS, Key(Kind.AUTOMATION, "Active"), live=False)) == ["automation Off"]


def test_what_an_integration_does_at_an_event_is_an_effect_after_its_delay() -> None:
    manifest = parse_manifest(
        "version: 1\nexternal: [{name: Shop, on: refund, after: 1 hour, removes_from_sequences: [S], unsubscribes: true}]",
        "m.yaml",
        None,
        (),
    )
    found = Causes((), manifest).all
    assert [(str(cause.effect), cause.ref.name, cause.after) for cause in found] == [
        ("unenrols", "S", 3600),
        ("unsubscribes", "every email", 3600),
    ]
    assert [cause.words for cause in found] == ["takes people out of “S”", "unsubscribes people from “every email”"]
    assert [cause.integration and str(cause.integration.on) for cause in found] == ["refund", "refund"]


def test_webhooks_and_app_actions_are_called() -> None:
    text = """version: 1
automations: [{name: A, entries: [{tag_added: In}], steps: [{app_action: Books a seat}]}]
rules: [{when: [{tag_added: In}], do: [{webhook: "https://x.example/hook"}, {app_action: Books a seat}]}]
"""
    manifest = parse_manifest(text, "m.yaml", None, ())
    every = Causes(compile_flows(manifest.automations, lambda key: SequenceTiming()), manifest)
    assert named(every.of(Effect.CALLS, Key(Kind.APP_ACTION, "Books a seat"))) == ["automation A", "rule rule 1"]
    assert named(every.of(Effect.CALLS, Key(Kind.WEBHOOK, "https://x.example/hook"))) == ["rule rule 1"]


def test_a_step_knows_its_automation_and_a_rule_itself() -> None:
    first, *_, rule, _, _ = causes().of(Effect.ADDS_TAG, Key(Kind.TAG, "X"))
    assert first.flow
    assert first.node
    assert first.node.id == "0/s0"
    assert rule.rule
    assert rule.rule.name == "On rule"


def test_conditions_and_goals_cause_nothing() -> None:
    text = (
        "version: 1\nautomations:\n  - {name: A, entries: [{tag_added: X}], steps: [{if: {tag: X}, then: []}, {event: {tag_added: X}}]}\n"
    )
    manifest = parse_manifest(text, "automations.yaml", None, ())
    assert Causes(compile_flows(manifest.automations, lambda key: SequenceTiming()), manifest).all == ()
