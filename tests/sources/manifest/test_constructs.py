"""Every construct of the manifest becomes the model's data."""

from __future__ import annotations

import pytest

from ckaudit.model.automations import AutomationStatus, RuleActionKind
from ckaudit.model.errors import Location
from ckaudit.model.integrations import Occasion
from ckaudit.model.offerings import AccountCreator, Billing, Orders, Revoker
from ckaudit.model.refs import Kind, Ref
from ckaudit.model.segments import MemberKind
from ckaudit.model.steps import (
    AddTag,
    AnyStep,
    AppAction,
    ConditionKind,
    Delay,
    Enrol,
    Event,
    EventPath,
    Events,
    Exit,
    If,
    RemoveFromAutomation,
    RemoveTag,
    SetField,
    Split,
    SplitPath,
    StartAutomation,
)
from ckaudit.model.steps import Test as Condition
from ckaudit.model.triggers import Trigger, TriggerKind
from tests.sources.manifest.helpers import ENTRIES, FILE, parse, steps


def at(line: int, column: int) -> Location:
    return Location(FILE, line, column)


def tag(name: str, line: int, column: int) -> Ref:
    return Ref(Kind.TAG, name, location=at(line, column))


STEP_TABLE: list[tuple[str, AnyStep]] = [
    ("- add_tag: VIP", AddTag(tag=tag("VIP", 5, 18), location=at(5, 9))),
    ("- remove_tag: 'AA: x'", RemoveTag(tag=tag("AA: x", 5, 21), location=at(5, 9))),
    ("- sequence: Welcome", Enrol(sequence=Ref(Kind.SEQUENCE, "Welcome", location=at(5, 19)), location=at(5, 9))),
    ("- {delay: 5 minutes}", Delay(seconds=300, text="5 minutes", location=at(5, 9))),
    (
        "- delay: 1 day\n  note: Over night\n  waiting: 7",
        Delay(seconds=86400, text="1 day", location=at(5, 9), note="Over night", waiting=7),
    ),
    ("- delay: 3 weeks", Delay(seconds=3 * 604800, text="3 weeks", location=at(5, 9))),
    ("- delay: 12 hours", Delay(seconds=12 * 3600, text="12 hours", location=at(5, 9))),
    (
        "- set_field: {field: country, value: Spain}",
        SetField(field=Ref(Kind.FIELD, "country", location=at(5, 28)), value="Spain", location=at(5, 9)),
    ),
    ("- set_field: {field: f, value: null}", SetField(field=Ref(Kind.FIELD, "f", location=at(5, 28)), value=None, location=at(5, 9))),
    ("- set_field: {field: f, value: ''}", SetField(field=Ref(Kind.FIELD, "f", location=at(5, 28)), value="", location=at(5, 9))),
    ("- set_field: {field: f, value: 010}", SetField(field=Ref(Kind.FIELD, "f", location=at(5, 28)), value="010", location=at(5, 9))),
    ("- set_field: {field: f, value: true}", SetField(field=Ref(Kind.FIELD, "f", location=at(5, 28)), value="true", location=at(5, 9))),
    ("- start_automation: A", StartAutomation(automation=Ref(Kind.AUTOMATION, "A", location=at(5, 27)), location=at(5, 9))),
    ("- remove_from_automation: A", RemoveFromAutomation(automation=Ref(Kind.AUTOMATION, "A", location=at(5, 33)), location=at(5, 9))),
    (
        "- app_action: Registers for the webinar",
        AppAction(app_action=Ref(Kind.APP_ACTION, "Registers for the webinar", location=at(5, 21)), location=at(5, 9)),
    ),
    ("- exit: true", Exit(location=at(5, 9))),
    (
        "- {if: {tag: VIP}, then: exit}",
        If(
            test=Condition(kind=ConditionKind.TAG, ref=tag("VIP", 5, 20), location=at(5, 14)),
            then=(Exit(location=at(5, 32)),),
            location=at(5, 9),
        ),
    ),
    (
        "- condition: {tag: VIP}\n  yes: []\n  no: exit",
        If(
            test=Condition(kind=ConditionKind.TAG, ref=tag("VIP", 5, 26), location=at(5, 20)),
            otherwise=(Exit(location=at(7, 13)),),
            location=at(5, 9),
        ),
    ),
    ("- wait: 5 minutes", Delay(seconds=300, text="5 minutes", location=at(5, 9))),
    ("- email_sequence: Welcome", Enrol(sequence=Ref(Kind.SEQUENCE, "Welcome", location=at(5, 25)), location=at(5, 9))),
    (
        "- goal: {tag: VIP}",
        Event(trigger=Trigger(kind=TriggerKind.TAG_ADDED, ref=tag("VIP", 5, 21), location=at(5, 15)), location=at(5, 9)),
    ),
    (
        "- if: {tag: VIP}\n  then: [{exit: true}]",
        If(
            test=Condition(kind=ConditionKind.TAG, ref=tag("VIP", 5, 19), location=at(5, 13)),
            then=(Exit(location=at(6, 16)),),
            location=at(5, 9),
        ),
    ),
    (
        "- if: {filter: lives in Spain}\n  then:\n  else:\n    - exit: true",
        If(
            test=Condition(kind=ConditionKind.FILTER, value="lives in Spain", location=at(5, 13)),
            otherwise=(Exit(location=at(8, 13)),),
            location=at(5, 9),
        ),
    ),
    (
        "- if: {opened_within: 30 days}\n  else: []",
        If(test=Condition(kind=ConditionKind.OPENED, seconds=30 * 86400, location=at(5, 13)), location=at(5, 9)),
    ),
    (
        "- split: [{tag: VIP, steps: [{exit: true}]}, {tag: B}, {otherwise: [{exit: true}]}]",
        Split(
            paths=(
                SplitPath(tag=tag("VIP", 5, 23), steps=(Exit(location=at(5, 36)),), location=at(5, 17)),
                SplitPath(tag=tag("B", 5, 58), location=at(5, 52)),
                SplitPath(tag=None, steps=(Exit(location=at(5, 75)),), location=at(5, 62)),
            ),
            location=at(5, 9),
        ),
    ),
    (
        "- event: {tag_removed: VIP}",
        Event(trigger=Trigger(kind=TriggerKind.TAG_REMOVED, ref=tag("VIP", 5, 30), location=at(5, 16)), location=at(5, 9)),
    ),
    (
        "- event: {date: 2026-12-24}",
        Event(trigger=Trigger(kind=TriggerKind.DATE, value="2026-12-24", location=at(5, 16)), location=at(5, 9)),
    ),
    (
        "- events:\n    - event: {app_event: booked a call}\n    - event: {purchases: Course A}\n      steps:\n        - exit: true",
        Events(
            paths=(
                EventPath(trigger=Trigger(kind=TriggerKind.APP_EVENT, value="booked a call", location=at(6, 20)), location=at(6, 13)),
                EventPath(
                    trigger=Trigger(kind=TriggerKind.PURCHASES, ref=Ref(Kind.PRODUCT, "Course A", location=at(7, 32)), location=at(7, 20)),
                    steps=(Exit(location=at(9, 17)),),
                    location=at(7, 13),
                ),
            ),
            location=at(5, 9),
        ),
    ),
]


@pytest.mark.parametrize(("text", "step"), STEP_TABLE, ids=[row[0].split("\n")[0] for row in STEP_TABLE])
def test_a_step_is_read_with_its_places(text: str, step: AnyStep) -> None:
    assert steps(text) == (step,)


@pytest.mark.parametrize("operator", ["is", "contains", "above", "below"])
def test_a_field_is_compared_with_a_value(operator: str) -> None:
    (step,) = steps(f"- if: {{field: age, {operator}: 30}}\n  then: []")
    assert isinstance(step, If)
    assert (step.test.kind, step.test.operator, step.test.value) == (ConditionKind.FIELD, operator, "30")


@pytest.mark.parametrize("operator", ["blank", "known"])
def test_a_field_is_blank_or_known(operator: str) -> None:
    (step,) = steps(f"- if: {{field: age, {operator}: true}}\n  then: []")
    assert isinstance(step, If)
    assert (step.test.operator, step.test.value) == (operator, None)


@pytest.mark.parametrize(
    ("text", "trigger", "kind", "name", "value"),
    [
        ("joins_form: Footer", TriggerKind.JOINS_FORM, Kind.FORM, "Footer", None),
        ("joins_form: any", TriggerKind.JOINS_FORM, None, None, None),
        ("tag_added: VIP", TriggerKind.TAG_ADDED, Kind.TAG, "VIP", None),
        ("field_changed: {field: country}", TriggerKind.FIELD_CHANGED, Kind.FIELD, "country", None),
        ("field_changed: {field: country, to: Spain}", TriggerKind.FIELD_CHANGED, Kind.FIELD, "country", "Spain"),
        ("field_changed: {field: country, to: ''}", TriggerKind.FIELD_CHANGED, Kind.FIELD, "country", ""),
        ("purchases: 101", TriggerKind.PURCHASES, Kind.PRODUCT, "101", None),
        ("app_event: booked", TriggerKind.APP_EVENT, None, None, "booked"),
        ("form: Footer", TriggerKind.JOINS_FORM, Kind.FORM, "Footer", None),
        ("form: any", TriggerKind.JOINS_FORM, None, None, None),
        ("tag: VIP", TriggerKind.TAG_ADDED, Kind.TAG, "VIP", None),
        ("product: Course A", TriggerKind.PURCHASES, Kind.PRODUCT, "Course A", None),
    ],
)
def test_an_entry_is_read(text: str, trigger: TriggerKind, kind: Kind | None, name: str | None, value: str | None) -> None:
    (entry,) = parse(f"{ENTRIES}      - {text}\n").automations[0].entries
    assert (entry.kind, entry.value, entry.location) == (trigger, value, at(5, 9))
    assert (entry.ref.kind, entry.ref.name) == (kind, name) if entry.ref else kind is None


RULE_TRIGGERS = (
    "subscribes_to_sequence",
    "completes_sequence",
    "joins_form",
    "clicks_link",
    "tag_added",
    "tag_removed",
    "purchases",
    "app_event",
)


@pytest.mark.parametrize("trigger", RULE_TRIGGERS)
def test_a_trigger_of_a_rule_is_read(trigger: str) -> None:
    (when,) = parse(f"version: 1\nrules: [{{when: [{{{trigger}: X}}], do: [{{add_tag: Y}}]}}]\n").rules[0].when
    assert when.kind == trigger
    assert (when.ref.name if when.ref else when.value) == "X"


@pytest.mark.parametrize("action", [kind for kind in RuleActionKind if kind is not RuleActionKind.SET_FIELD])
def test_an_action_of_a_rule_is_read(action: RuleActionKind) -> None:
    (do,) = parse(f"version: 1\nrules: [{{when: [{{tag_added: Y}}], do: [{{{action}: X}}]}}]\n").rules[0].do
    assert (do.kind, do.ref.name, do.value) == (action, "X", None)
    assert do.ref.kind in str(action)


def test_a_rule_sets_a_field() -> None:
    text = "version: 1\nrules:\n  - enabled: false\n    when: [{tag_added: Y}]\n    do: [{set_field: {field: f, value: null}}]\n"
    (rule,) = parse(text).rules
    assert (rule.name, rule.enabled, rule.location) == ("", False, at(3, 5))
    assert (rule.do[0].ref.kind, rule.do[0].value, rule.do[0].location) == (Kind.FIELD, None, at(5, 10))


def test_a_form_link_is_read() -> None:
    text = "version: 1\nform_links:\n  - {form: F, sequence: S, adds_tags: [T, U], sets_fields: [f], double_opt_in: false}\n  - form: G\n"
    first, second = parse(text).form_links
    assert (first.form.name, first.sequence and first.sequence.name, first.double_opt_in) == ("F", "S", False)
    assert [ref.name for ref in (*first.adds_tags, *first.sets_fields)] == ["T", "U", "f"]
    assert (second.sequence, second.adds_tags, second.double_opt_in) == (None, (), None)


def test_the_incentive_email_of_a_form_is_read() -> None:
    text = "version: 1\nform_links: [{form: F, incentive_email: true, incentive_download: checklist.pdf}, {form: G}]\n"
    first, second = parse(text).form_links
    assert (first.incentive_email, first.incentive_download) == (True, "checklist.pdf")
    assert (second.incentive_email, second.incentive_download) == (None, "")


@pytest.mark.parametrize("word", ["remove_from_sequence", "unsubscribe_sequence"])
def test_a_rule_takes_people_out_of_a_sequence_in_two_words(word: str) -> None:
    (do,) = parse(f"version: 1\nrules: [{{when: [{{tag: Y}}], do: [{{{word}: X}}]}}]\n").rules[0].do
    assert (do.kind, do.ref.name) == (RuleActionKind.UNSUBSCRIBE_SEQUENCE, "X")


def test_a_webhook_of_a_rule_keeps_no_secret() -> None:
    address = "https://site.example/?aal_genpass=s3cr3tHANDSHAKE&operation_id=4&send_notification=true"
    manifest = parse(f"version: 1\nrules: [{{when: [{{tag_added: Y}}], do: [{{webhook: '{address}'}}]}}]\n")
    assert manifest.rules[0].do[0].ref.name == "https://site.example/?aal_genpass=&operation_id=&send_notification=true"
    assert "s3cr3t" not in repr(manifest)


def test_an_integration_is_listed_once_for_each_event() -> None:
    text = """version: 1
external:
  - {name: Shop, on: purchase, product: Course A, after: 10 minutes, adds_tags: [T, U]}
  - {name: Shop, on: refund, removes_from_sequences: [S], unsubscribes: true}
  - name: Site
"""
    bought, refunded, other = parse(text).external
    assert (bought.on, bought.product and bought.product.name, bought.after) == (Occasion.PURCHASE, "Course A", 600)
    assert [ref.name for ref in bought.adds_tags] == ["T", "U"]
    assert (refunded.on, [ref.name for ref in refunded.removes_from_sequences], refunded.unsubscribes) == (Occasion.REFUND, ["S"], True)
    assert (other.on, other.product, other.after, other.unsubscribes) == (None, None, None, False)


def test_what_a_segment_is_made_of_is_read() -> None:
    text = """version: 1
segments:
  - {name: Buyers, any: [{tag: Customer}, {purchases: Course A}]}
  - {name: Cold, all: [{form: F}, {sequence: S}], none: [{filter: opened an email this month}]}
"""
    buyers, cold = parse(text).segments
    assert (buyers.segment.kind, buyers.segment.name) == (Kind.SEGMENT, "Buyers")
    assert [(member.kind, member.ref and member.ref.name) for member in buyers.any_of] == [
        (MemberKind.TAG, "Customer"),
        (MemberKind.PURCHASES, "Course A"),
    ]
    assert [member.kind for member in cold.all_of] == [MemberKind.FORM, MemberKind.SEQUENCE]
    assert [(member.kind, member.value) for member in cold.none_of] == [(MemberKind.FILTER, "opened an email this month")]


@pytest.mark.parametrize(
    ("groups", "alone"),
    [
        ("any: [{tag: A}, {tag: B}]", ["A", "B"]),
        ("all: [{tag: A}]", ["A"]),
        ("all: [{tag: A}, {tag: B}]", []),
        ("any: [{tag: A}], none: [{tag: B}]", []),
        ("any: [{tag: A}], all: [{tag: B}]", []),
        ("none: [{tag: A}]", []),
        ("any: [{tag: A}, {filter: lives in Spain}]", ["A"]),
    ],
)
def test_what_alone_puts_people_into_a_segment(groups: str, alone: list[str]) -> None:
    (segment,) = parse(f"version: 1\nsegments: [{{name: S, {groups}}}]\n").segments
    assert [key.id for key in segment.sufficient] == alone


def test_an_integration_is_read() -> None:
    text = """version: 1
external:
  - {name: Z, adds_tags: [T], removes_tags: [U], adds_to_sequences: [S], adds_to_forms: [F], sets_fields: [f]}
"""
    (writer,) = parse(text).external
    lists = (writer.adds_tags, writer.removes_tags, writer.adds_to_sequences, writer.adds_to_forms, writer.sets_fields)
    assert [(refs[0].kind, refs[0].name) for refs in lists] == [
        (Kind.TAG, "T"),
        (Kind.TAG, "U"),
        (Kind.SEQUENCE, "S"),
        (Kind.FORM, "F"),
        (Kind.FIELD, "f"),
    ]
    assert writer.name == "Z"


LISTS = [
    "purchase_tags",
    "optin_tags",
    "early_contact_tags",
    "access_tags",
    "module_tags",
    "revoke_tags",
    "cancel_tags",
    "pause_tags",
    "failed_payment_tags",
    "login_sequences",
    "module_sequences",
    "dunning_sequences",
    "pitch_sequences",
]


@pytest.mark.parametrize("key", LISTS)
def test_a_list_of_an_offering_is_read(key: str) -> None:
    (offering,) = parse(f"version: 1\nofferings: [{{name: C, stack: none, {key}: [B, A]}}]\n").offerings
    refs: tuple[Ref, ...] = getattr(offering, key)
    assert [ref.name for ref in refs] == ["B", "A"]
    assert refs[0].kind is (Kind.TAG if key.endswith("_tags") else Kind.SEQUENCE)


def test_an_offering_is_read() -> None:
    text = """version: 1
offerings:
  - name: Course A
    stack: accessally
    orders: mixed
    billing: payment-plan
    price: 290 dollars
    refunds: false
    account_created_by: platform
    revoked_by: hand
    products: [Course A, 2024]
    webhook_tags: {login: [L], sync: [Y, L], release: [], revoke: [R]}
    login_hosts: [members.example.com]
"""
    (offering,) = parse(text).offerings
    assert (offering.name, offering.stack, offering.refunds) == ("Course A", "accessally", False)
    words = (offering.orders, offering.billing, offering.account_created_by, offering.revoked_by)
    assert words == (Orders.MIXED, Billing.PAYMENT_PLAN, AccountCreator.PLATFORM, Revoker.HAND)
    assert offering.price == "290 dollars"
    assert (offering.products, offering.login_hosts) == (("Course A", "2024"), ("members.example.com",))
    hooks = offering.webhook_tags
    assert [[ref.name for ref in refs] for refs in (hooks.login, hooks.sync, hooks.release, hooks.revoke)] == [["L"], ["Y", "L"], [], ["R"]]


def test_what_an_offering_does_not_say_is_none() -> None:
    (offering,) = parse("version: 1\nofferings: [{name: C, stack: none}]\n").offerings
    assert (offering.orders, offering.billing, offering.refunds, offering.account_created_by, offering.revoked_by) == (None,) * 5


def test_an_automation_is_read() -> None:
    text = "version: 1\nautomations:\n  - {name: A, id: 7, status: paused, notes: Why, recurring: true, evergreen: false}\n  - name: B\n"
    first, second = parse(text).automations
    assert (first.name, first.id, first.status, first.note) == ("A", 7, AutomationStatus.PAUSED, "Why")
    assert (first.recurring, first.evergreen, first.location) == (True, False, at(3, 5))
    assert (second.id, second.status, second.recurring, second.evergreen) == (None, AutomationStatus.ACTIVE, None, None)
    assert (second.entries, second.steps) == ((), ())


def test_the_head_of_a_manifest_is_read() -> None:
    manifest = parse("version: 1\ncomplete: true\nchecked: 2026-11-20\naccount: 27\nautomations:\nrules: []\n")
    assert (manifest.complete, manifest.checked, manifest.account, manifest.files) == (True, "2026-11-20", 27, (FILE,))
    assert (manifest.automations, manifest.rules) == ((), ())


def test_the_least_manifest_is_not_complete() -> None:
    manifest = parse("version: 1")
    assert (manifest.complete, manifest.checked, manifest.account) == (False, None, None)


def test_steps_in_steps_in_steps_are_read() -> None:
    text = """- split:
    - tag: A
      steps:
        - if: {tag: B}
          else:
            - events:
                - event: {tag_added: C}
                  steps: [{add_tag: D}]"""
    (split,) = steps(text)
    assert isinstance(split, Split)
    (condition,) = split.paths[0].steps
    assert isinstance(condition, If)
    (events,) = condition.otherwise
    assert isinstance(events, Events)
    (added,) = events.paths[0].steps
    assert isinstance(added, AddTag)
    assert added.tag == tag("D", 12, 43)
