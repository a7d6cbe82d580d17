from __future__ import annotations

import datetime as dt

import msgspec
import pytest

from ckaudit.graph.build import build_graph
from ckaudit.graph.graph import Graph
from ckaudit.graph.membership import Membership
from ckaudit.model.account import Account, Sequence, SequenceEmail, Snippet, Tag, Webhook, WebhookEvent
from ckaudit.model.findings import Confidence
from ckaudit.model.offerings import AccountCreator
from ckaudit.model.refs import Key, Kind
from ckaudit.model.roles import WEBHOOK_ROLES, RoleName
from ckaudit.model.stack import suggest_stack
from ckaudit.sources.manifest import parse_manifest
from ckaudit.sources.stacks import read_stacks

NOW = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
SITE = "https://members.example.com/?"
LOGIN_MAIL = '<p><a href="https://members.example.com/login/">Log in</a></p>'


def account(
    *names: str, hooks: dict[str, str] | None = None, mails: dict[str, str] | None = None, host: str = SITE, unsubscribe: str = ""
) -> Account:
    """An account with these tags; ``hooks`` maps a tag to the command its webhook calls, ``mails`` a sequence to its only email."""
    tags = tuple(Tag(number, name) for number, name in enumerate((*names, *(name for name in hooks or {} if name not in names)), 1))
    by_name = {tag.name: tag.id for tag in tags}
    webhooks = [
        Webhook(number, WebhookEvent("tag_add", tag_id=by_name[name]), f"{host}{command}")
        for number, (name, command) in enumerate((hooks or {}).items(), 1)
    ]
    if unsubscribe:
        webhooks.append(Webhook(99, WebhookEvent("subscriber_unsubscribe"), unsubscribe))
    sequences = tuple(Sequence(number, name, active=True) for number, name in enumerate(mails or {}, 1))
    emails = tuple(
        SequenceEmail(number, number, subject="Hello", published=True, content=text)
        for number, text in enumerate((mails or {}).values(), 1)
    )
    return Account(tags=tags, webhooks=tuple(webhooks), sequences=sequences, sequence_emails=emails)


def graph(held: Account | None, manifest: str = "", stack: str | None = None) -> Graph:
    stacks = read_stacks()
    told = parse_manifest("version: 1\n" + manifest, "automations.yaml", held, stacks) if manifest else None
    return build_graph(held, told, stacks, NOW, stack)


def names(made: Graph, membership: Membership, *roles: RoleName) -> list[str]:
    return [made.object(key).name for key in membership.keys(*roles)]


HOOKS = {"AA: create login": "aal_genpass=REDACTED-1", "AA: update user": "aal_updateuser=REDACTED-1"}


def test_a_shop_with_a_tag_customer_is_no_membership() -> None:
    made = graph(account("Customer", "Course A: purchased", "Course A: access", "Course A: revoke access", "AA: create login"))
    assert made.memberships == ()
    assert not made.has_membership


def test_webhooks_of_strangers_are_no_membership() -> None:
    assert graph(account(hooks={"Customer": "hook=1"}, host="https://hooks.zapier.com/?")).memberships == ()


def test_an_offering_of_the_stack_none_is_no_membership() -> None:
    made = graph(account("Course A: purchased"), "automations: []\nofferings: [{name: Course A, stack: none}]\n")
    assert made.memberships == ()


def test_a_visible_webhook_of_a_known_stack_is_a_membership_that_says_how_it_was_found() -> None:
    made = graph(account(hooks=HOOKS))
    (found,) = made.memberships
    assert (found.stack.name, found.offering) == ("accessally", None)
    assert found.detected == "webhooks point to members.example.com"
    assert names(made, found, RoleName.WEBHOOK_LOGIN) == ["AA: create login"]
    assert names(made, found, RoleName.WEBHOOK_SYNC) == ["AA: update user"]


def test_wp_fusion_is_recognised_by_its_own_addresses() -> None:
    made = graph(account(hooks={"Import": "wpf_action=add&access_key=REDACTED-1", "Update": "wpf_action=update&access_key=REDACTED-1"}))
    (found,) = made.memberships
    assert found.stack.name == "wp-fusion"


def test_a_webhook_on_something_else_than_a_tag_says_nothing_of_tags() -> None:
    made = graph(account("Customer", unsubscribe=f"{SITE}wpf_action=kit_unsubscribed"))
    assert made.webhook_tags == ()


def test_a_custom_operation_on_a_tag_named_revoke_revokes() -> None:
    made = graph(account(hooks={"AA: run revoke": "aal_fieldop=REDACTED-1", "AA: run release": "aal_fieldop=REDACTED-1"}))
    (found,) = made.memberships
    assert names(made, found, RoleName.WEBHOOK_REVOKE) == ["AA: run revoke"]
    assert names(made, found, RoleName.WEBHOOK_RELEASE) == ["AA: run release"]


def test_the_stack_of_the_command_line_counts_where_no_offering_does() -> None:
    made = graph(account("Customer"), stack="accessally")
    (found,) = made.memberships
    assert (found.stack.name, found.offering is not None) == ("accessally", True)


def test_an_offering_wins_over_the_command_line_and_over_webhooks() -> None:
    made = graph(account(hooks=HOOKS), "automations: []\nofferings: [{name: Course A, stack: wp-fusion}]\n", stack="membervault")
    assert [item.stack.name for item in made.memberships] == ["wp-fusion"]


def test_what_an_offering_states_is_declared_and_not_guessed_at_again() -> None:
    held = account("Course A: purchased", "Course A: bought", "Course A: access")
    made = graph(held, 'automations: []\nofferings: [{name: Course A, stack: accessally, purchase_tags: ["Course A: bought"]}]\n')
    (found,) = made.memberships
    assert names(made, found, RoleName.PURCHASE) == ["Course A: bought"]
    assert found.declared(RoleName.PURCHASE)
    assert names(made, found, RoleName.ACCESS) == ["Course A: access"]
    assert not found.declared(RoleName.ACCESS)


def test_a_stated_webhook_tag_leaves_the_other_webhook_tags_to_inference() -> None:
    made = graph(
        account(hooks=HOOKS),
        'automations: []\nofferings: [{name: Course A, stack: accessally, webhook_tags: {login: ["AA: create login"]}}]\n',
    )
    (found,) = made.memberships
    assert names(made, found, RoleName.WEBHOOK_LOGIN) == ["AA: create login"]
    assert names(made, found, RoleName.WEBHOOK_SYNC) == ["AA: update user"]
    assert not found.declared(RoleName.WEBHOOK_SYNC)


def test_a_webhook_wins_over_the_name_of_its_tag() -> None:
    made = graph(account(hooks={"Course A: access": "aal_updateuser=REDACTED-1"}))
    (found,) = made.memberships
    assert names(made, found, RoleName.WEBHOOK_SYNC) == ["Course A: access"]
    assert names(made, found, RoleName.ACCESS) == []


def test_structure_wins_over_names() -> None:
    text = 'automations:\n  - {name: Welcome, entries: [{tag_added: "Course A: access"}], steps: [{add_tag: "AA: create login"}]}\n'
    made = graph(account("Course A: access", hooks=HOOKS), text)
    (found,) = made.memberships
    assert names(made, found, RoleName.PURCHASE) == ["Course A: access"]
    assert names(made, found, RoleName.ACCESS) == []


def test_an_entry_whose_name_says_refund_is_no_purchase_tag() -> None:
    text = 'automations:\n  - {name: Out, entries: [{tag_added: "Course A: refunded"}], steps: [{add_tag: "AA: create login"}]}\n'
    made = graph(account("Course A: refunded", hooks=HOOKS), text)
    (found,) = made.memberships
    assert names(made, found, RoleName.PURCHASE) == []


def test_every_inferred_role_says_why() -> None:
    made = graph(account("Course A: access", hooks=HOOKS))
    reasons = {item.object.name: item.reason for item in made.memberships[0].assigned}
    assert reasons == {
        "AA: create login": "its webhook calls AccessAlly on members.example.com",
        "AA: update user": "its webhook calls AccessAlly on members.example.com",
        "Course A: access": "its name looks like an access tag",
    }


def test_names_give_roles_only_within_the_family_of_the_offering() -> None:
    held = account("Course A: access", "course_a access", "Course AB: access", "Course B: access")
    made = graph(held, "automations: []\nofferings: [{name: Course A, stack: accessally}]\n")
    (found,) = made.memberships
    assert names(made, found, RoleName.ACCESS) == ["Course A: access", "course_a access"]


def test_a_sequence_whose_mail_leads_to_the_login_page_is_a_login_sequence() -> None:
    made = graph(account(hooks=HOOKS, mails={"Welcome": LOGIN_MAIL, "News": "<p>Hello</p>"}))
    (found,) = made.memberships
    assert names(made, found, RoleName.LOGIN_SEQUENCE) == ["Welcome"]


def test_a_webhook_tag_of_two_offerings_makes_nobodys_release() -> None:
    text = """automations:
  - {name: Course B - release, entries: [{tag_added: "B: bought"}], steps: [{add_tag: "AA: create login"}]}
offerings:
  - {name: A, stack: accessally, purchase_tags: ["A: bought"], webhook_tags: {login: ["AA: create login"]}}
  - {name: B, stack: accessally, purchase_tags: ["B: bought"], webhook_tags: {login: ["AA: create login"]}}
"""
    made = graph(None, text)
    assert [item.is_release(made.flows[0]) for item in made.memberships] == [False, True]


PRODUCTS = {"MV Ink": "external/1", "MV Paper": "external/2", "MV Glue": "external/3"}


def bundle(*offerings: str) -> list[list[str]]:
    """The webhook tags each of these MemberVault offerings is taken to have, where three tags have webhooks."""
    held = account(hooks=PRODUCTS, host="https://studio.vipmembervault.com/")
    made = graph(held, "automations: []\nofferings:\n" + "".join(f"  - {{name: {line}, stack: membervault}}\n" for line in offerings))
    return [names(made, item, *WEBHOOK_ROLES) for item in made.memberships]


def test_a_webhook_tag_that_one_offering_states_as_its_own_is_not_guessed_for_the_others() -> None:
    assert bundle("Ink, purchase_tags: [MV Ink]", "Paper, access_tags: [MV Paper]") == [["MV Ink", "MV Glue"], ["MV Paper", "MV Glue"]]


def test_a_webhook_tag_that_several_offerings_state_is_guessed_for_all() -> None:
    shared = "purchase_tags: [MV Ink, MV Paper, MV Glue]"
    assert bundle(f"Ink, {shared}", f"Paper, {shared}", "Glue") == [["MV Ink", "MV Paper", "MV Glue"]] * 3


def test_the_login_webhook_of_the_site_that_one_offering_states_is_guessed_for_the_others() -> None:
    made = graph(
        account(hooks=HOOKS),
        'automations: []\nofferings:\n  - {name: A, stack: accessally, webhook_tags: {login: ["AA: create login"]}}\n'
        "  - {name: B, stack: accessally}\n",
    )
    assert [names(made, item, RoleName.WEBHOOK_LOGIN) for item in made.memberships] == [["AA: create login"]] * 2


def test_an_automation_whose_entries_all_revoke_is_no_release() -> None:
    text = """automations:
  - {name: Out, entries: [{tag_added: "A: revoke"}, {tag_added: "A: cancelled"}], steps: [{add_tag: "AA: create login"}]}
  - {name: Both, entries: [{tag_added: "A: revoke"}, {tag_added: "A: bought"}], steps: [{add_tag: "AA: create login"}]}
offerings:
  - name: A
    stack: accessally
    purchase_tags: ["A: bought"]
    revoke_tags: ["A: revoke"]
    cancel_tags: ["A: cancelled"]
    webhook_tags: {login: ["AA: create login"]}
"""
    made = graph(None, text)
    (found,) = made.memberships
    assert [(found.is_revoke(flow), found.is_release(flow)) for flow in made.flows] == [(True, False), (False, True)]


def test_who_makes_the_login_and_who_revokes_has_defaults_by_stack() -> None:
    made = graph(None, "automations: []\nofferings: [{name: A, stack: accessally}, {name: B, stack: woocommerce, revoked_by: hand}]\n")
    first, second = made.memberships
    assert (first.created_by, first.revoked_by_kit) == (AccountCreator.WEBHOOK, True)
    assert (second.created_by, second.revoked_by_hand) == (AccountCreator.SITE, True)


def with_snippet(mail: str, *snippets: Snippet) -> Graph:
    return graph(msgspec.structs.replace(account(hooks=HOOKS, mails={"Welcome": mail}), snippets=snippets))


def test_a_login_link_in_a_snippet_makes_a_login_sequence_through_other_snippets_too() -> None:
    outer, inner = Snippet(1, "Box", "box", content="{{snippet.button}}"), Snippet(2, "Button", "button", content=LOGIN_MAIL)
    for mail, snippets in (("Hi {{ snippet.button }}", (inner,)), ("Hi {{- snippet.box }}", (outer, inner))):
        (found,) = with_snippet(mail, *snippets).memberships[0].keys(RoleName.LOGIN_SEQUENCE)
        assert found.id == 1
    assert "in the snippet “Button”" in with_snippet("{{ snippet.box }}", outer, inner).logins.reason(Key(Kind.SEQUENCE, 1))


def test_a_password_field_in_a_snippet_is_printed_by_the_mail() -> None:
    made = with_snippet("{{ snippet.box }}", Snippet(1, "Box", "box", content="{{ subscriber.accessally_password }}"))
    assert made.logins.shows_password(Key(Kind.SEQUENCE, 1))


@pytest.mark.parametrize(
    ("mail", "snippet"),
    [
        ("Hi", Snippet(1, "Box", "box", content=LOGIN_MAIL)),
        ("{{ snippet.box }}", Snippet(1, "Box", "box", content=LOGIN_MAIL, archived=True)),
        ("{{ snippet.boxes }}", Snippet(1, "Box", "box", content=LOGIN_MAIL)),
        ("{{ snippet.box }}", Snippet(1, "Box", "box", content="{{ snippet.box }}")),
        ("{{ snippet.box }}", Snippet(1, "Box", "box", content='<a href="https://members.example.com/">Home</a>')),
    ],
)
def test_snippets_that_are_not_shown_or_hold_no_login_make_no_login_sequence(mail: str, snippet: Snippet) -> None:
    assert with_snippet(mail, snippet).logins.sequences == ()


INVITES = """automations:
  - {name: Join, entries: [{tag_added: Paying}], steps: [{add_tag: Invite}]}
  - {name: Letters, entries: [{tag_added: Paying}], steps: [{add_tag: Reader}]}
offerings:
  - {name: Makers, stack: %s, purchase_tags: [Paying], revoke_tags: [Left], webhook_tags: {login: [Invite]}}
"""


@pytest.mark.parametrize("stack", ["none", "generic", "zapier", "circle"])
def test_an_offering_that_names_access_tags_is_a_membership_on_any_platform(stack: str) -> None:
    made = graph(account("Paying", "Invite", "Left", "Reader"), INVITES % stack)
    (found,) = made.memberships
    assert found.created_by is AccountCreator.WEBHOOK
    assert found.calls_site
    assert found.stack.removes_own_tags is None


def test_an_automation_that_only_starts_on_a_purchase_tag_gives_nobody_access() -> None:
    made = graph(account("Paying", "Invite", "Left", "Reader"), INVITES % "generic")
    (found,) = made.memberships
    assert [flow.name for flow in made.flows if found.is_release(flow)] == ["Join"]


def test_a_connector_is_no_membership_by_itself() -> None:
    assert (
        graph(account("Customer"), "automations: []\nofferings: [{name: Book, stack: zapier, purchase_tags: [Customer]}]\n").memberships
        == ()
    )


def test_nothing_about_a_membership_that_nobody_stated_is_certain() -> None:
    (found,) = graph(account(hooks=HOOKS)).memberships
    assert found.confidence(RoleName.REVOKE) is Confidence.LIKELY
    assert found.confidence() is Confidence.LIKELY


def test_where_no_documentation_says_who_takes_access_away_it_is_unknown_until_somebody_does() -> None:
    told = "automations: []\nofferings: [{name: Course A, stack: kajabi%s}]\n"
    assert graph(account("Left"), told % "").memberships[0].revoker_unknown
    assert not graph(account("Left"), told % ", revoked_by: site").memberships[0].revoker_unknown
    assert not graph(account("Left"), told % ", revoke_tags: [Left]").memberships[0].revoker_unknown


def test_every_stack_says_of_what_it_does_or_that_it_is_unknown_and_where_that_is_written() -> None:
    for stack in read_stacks().values():
        stated = {key for key in ("account_created_by", "revoked_by", "removes_own_tags") if getattr(stack, key) is not None}
        assert {*stated, *stack.unknown} == {"account_created_by", "revoked_by", "removes_own_tags"}, stack.name
        assert stated.isdisjoint(stack.unknown), stack.name
        assert stack.sources or stack.name in ("generic", "none"), stack.name


def test_a_stack_that_is_not_known_is_answered_with_one_that_fits_every_site() -> None:
    assert "memberpress" in read_stacks()
    assert suggest_stack("memberpres", read_stacks()) == "Did you mean “memberpress”? For a site that is not in the list, write “generic”."


def test_a_guess_clears_nothing() -> None:
    made = graph(account("Course A: purchased", hooks=HOOKS), "automations: []\nofferings: [{name: Course A, stack: accessally}]\n")
    (found,) = made.memberships
    assert names(made, found, RoleName.PURCHASE) == ["Course A: purchased"]
    assert not found.states(RoleName.PURCHASE)
    assert found.states(RoleName.WEBHOOK_LOGIN)


def test_a_webhook_that_a_rule_calls_counts_like_a_visible_one() -> None:
    rule = "{when: [{tag_added: Let in}], do: [{webhook: 'https://members.example.com/?aal_genpass=abc'}]}"
    made = graph(account("Let in"), f"rules: [{rule}]\n")
    (tag,) = made.webhook_tags
    assert (tag.key, tag.stack.name, tag.stated, tag.target) == (
        Key(Kind.TAG, 1),
        "accessally",
        True,
        "https://members.example.com/?aal_genpass=",
    )
    assert [names(made, item, RoleName.WEBHOOK_LOGIN) for item in made.memberships] == [["Let in"]]
    assert made.object(tag.webhook).name == tag.target


@pytest.mark.parametrize(
    "rule",
    [
        "{enabled: false, when: [{tag_added: Let in}], do: [{webhook: 'https://members.example.com/?aal_genpass=abc'}]}",
        "{when: [{tag_removed: Let in}], do: [{webhook: 'https://members.example.com/?aal_genpass=abc'}]}",
        "{when: [{tag_added: Let in}], do: [{webhook: 'https://tool.example.com/hook'}]}",
        "{when: [{tag_added: Let in}], do: [{app_action: 'https://members.example.com/?aal_genpass=abc'}]}",
    ],
)
def test_what_calls_no_membership_site_when_a_tag_is_added_is_no_webhook_tag(rule: str) -> None:
    assert graph(account("Let in"), f"rules: [{rule}]\n").webhook_tags == ()


def test_what_a_segment_is_made_of_is_in_the_graph() -> None:
    made = graph(
        account("Customer", "Cold"), "segments: [{name: Buyers, any: [{tag: Customer}, {filter: in Spain}], none: [{tag: Cold}]}]\n"
    )
    edges = [(str(target), data["kind"]) for _, target, data in made.network.out_edges(Key(Kind.SEGMENT, "Buyers"), data=True)]
    assert edges == [("tag:1", "includes"), ("tag:2", "leaves_out")]
