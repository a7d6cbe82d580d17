from __future__ import annotations

import itertools
import textwrap
from pathlib import Path

import pytest

from ckaudit.model.account import Account, SectionName, SectionStatus
from ckaudit.model.errors import RuleFileError
from ckaudit.model.refs import Key, Kind
from ckaudit.testing.cases import case_account
from ckaudit.testing.check import CaseFailure, collect_cases
from ckaudit.testing.folders import RulesReport, check_rules
from tests.engine.planted import BAD_TAGS, write_rule


def write_cases(folder: Path, text: str, *, body: str = BAD_TAGS, needs: str = "") -> Path:
    write_rule(folder, body=body, needs=needs)
    path = folder / "bad_tag.cases.yaml"
    path.write_text(textwrap.dedent(text), encoding="utf-8")
    return path


def report(folder: Path, text: str, *, body: str = BAD_TAGS, needs: str = "") -> RulesReport:
    write_cases(folder, text, body=body, needs=needs)
    return check_rules((folder,), relaxed=True)


def failure(folder: Path, text: str, *, body: str = BAD_TAGS, needs: str = "") -> CaseFailure:
    (found,) = report(folder, text, body=body, needs=needs).failures
    return found


def mini(folder: Path, text: str) -> Account:
    """The account of the one case ``{account: text}``."""
    write_cases(folder, f"- {{name: x, kind: good, account: {text}}}")
    (case,) = collect_cases(folder)
    return case_account(case).declared.account


GOOD = """
- name: one bad tag
  kind: bad
  account: {tags: [bad, good]}
  expect:
    - object: tag bad
      severity: warning
      message: >-
        Tag bad
        is bad.
- name: good tags
  kind: good
  account: {tags: [good]}
- name: nothing at all
  kind: near-miss
  account: {}
"""


def test_cases_that_come_out_as_they_say_pass(tmp_path: Path) -> None:
    assert report(tmp_path, GOOD) == RulesReport(1, 3)


def test_a_rule_without_cases_does_not_pass(tmp_path: Path) -> None:
    write_rule(tmp_path)
    found = check_rules((tmp_path,), relaxed=True)
    assert (found.untested, found.passed) == (("ACME601 bad-tag",), False)


def test_one_rule_file_can_be_tested_alone(tmp_path: Path) -> None:
    write_cases(tmp_path, GOOD)
    (tmp_path / "broken.py").write_text("1 +")
    assert check_rules((tmp_path / "bad_tag.py",), relaxed=True).passed


BAD_CASE = """
- name: a case
  kind: bad
  account: {{tags: [bad]}}
  expect:
    - {expect}
"""


@pytest.mark.parametrize(
    ("expect", "said"),
    [
        ("{object: tag bad, message: Tag bad is good.}", "message differs\n  expected: Tag bad is good.\n  found:    Tag bad is bad."),
        ("{object: tag good, message: Tag bad is bad.}", "object differs"),
        ("{object: tag bad, severity: error, message: Tag bad is bad.}", "severity differs"),
        ("{object: tag bad, confidence: likely, message: Tag bad is bad.}", "confidence differs"),
        ("{object: tag bad, people: 7, message: Tag bad is bad.}", "people differs"),
        ("{object: tag bad, path: [a], message: Tag bad is bad.}", "path differs"),
        ("{object: tag bad, related: [tag x], message: Tag bad is bad.}", "related differs"),
        ("{object: tag bad, title: Tags are good, message: Tag bad is bad.}", "title differs"),
        ("{object: tag bad, fix: [Do nothing.], message: Tag bad is bad.}", "fix differs"),
    ],
)
def test_every_difference_is_named(expect: str, said: str, tmp_path: Path) -> None:
    found = failure(tmp_path, BAD_CASE.format(expect=expect))
    assert any(said in reason for reason in found.reasons)
    assert found.reasons[0].startswith(f"{tmp_path / 'bad_tag.cases.yaml'}:6:7: ")


VARIANTS = 'variants={"one": Variant("The tag is one"), "two": Variant("The tag is two")}'
ONE = """
    yield Finding(object=ObjectRef("tag", "bad", 1), message="m.", variant="one")
"""


def test_another_variant_is_a_difference(tmp_path: Path) -> None:
    write_cases(tmp_path, BAD_CASE.format(expect="{object: tag bad, variant: two, message: m.}"))
    write_rule(tmp_path, body=ONE, metadata=VARIANTS)
    (found,) = check_rules((tmp_path,), relaxed=True).failures
    assert "variant differs" in found.reasons[0]


@pytest.mark.parametrize(
    ("metadata", "variant", "said"),
    [
        (VARIANTS, "three", "the rule has no variant “three”\n  ACME601 declares one, two."),
        (VARIANTS, "''", "an expectation needs “variant”\n  ACME601 declares one, two."),
        ("", "three", "the rule has no variant “three”\n  ACME601 declares no variants."),
    ],
)
def test_a_case_expects_only_declared_variants(metadata: str, variant: str, said: str, tmp_path: Path) -> None:
    path = write_cases(tmp_path, BAD_CASE.format(expect=f"{{object: tag bad, variant: {variant}, message: m.}}"))
    write_rule(tmp_path, metadata=metadata)
    with pytest.raises(RuleFileError) as caught:
        check_rules((tmp_path,), relaxed=True)
    assert str(caught.value).startswith(f"{path}:6:7: {said}")


def test_a_finding_nobody_expects_fails_a_good_case(tmp_path: Path) -> None:
    found = failure(tmp_path, "- {name: x, kind: good, account: {tags: [bad]}}")
    assert found.reasons == ("unexpected finding: ACME601 at tag bad: Tag bad is bad.",)


def test_a_finding_that_does_not_come_is_named(tmp_path: Path) -> None:
    found = failure(tmp_path, "- {name: x, kind: bad, account: {}, expect: [{object: tag bad, message: m}]}")
    assert "no such finding: a finding at tag bad" in found.reasons[0]


def test_findings_may_be_expected_in_any_order(tmp_path: Path) -> None:
    text = """
    - name: x
      kind: bad
      account: {tags: [bad 1, bad 2]}
      expect:
        - {object: tag bad 2, message: Tag bad 2 is bad.}
        - {object: tag bad 1, message: Tag bad 1 is bad.}
    """
    assert report(tmp_path, text).passed


def test_what_was_found_can_be_pasted_as_the_expectation(tmp_path: Path) -> None:
    found = failure(tmp_path, "- {name: x, kind: bad, account: {tags: [bad ☕, bad 2]}, expect: [{object: a, message: b}]}")
    pasted = "- name: x\n  kind: bad\n  account: {tags: [bad ☕, bad 2]}\n" + textwrap.indent(found.actual, "  ")
    assert report(tmp_path, pasted).passed


def test_a_case_with_missing_data_expects_the_reason(tmp_path: Path) -> None:
    text = '- {name: x, kind: missing-data, account: {refused: {tags: "Kit said no"}}, not_evaluated: Kit said no}'
    assert report(tmp_path, text, needs="Need.TAGS,").passed


def test_another_reason_is_a_failure(tmp_path: Path) -> None:
    text = '- {name: x, kind: missing-data, account: {refused: {tags: "Kit said no"}}, not_evaluated: something}'
    found = failure(tmp_path, text, needs="Need.TAGS,")
    assert found.reasons == ("not_evaluated differs\n  expected: something\n  found:    Kit said no",)
    assert found.actual == "not_evaluated: Kit said no\n"


def test_a_rule_that_is_evaluated_after_all_fails_a_case_with_missing_data(tmp_path: Path) -> None:
    text = "- {name: x, kind: missing-data, account: {}, not_evaluated: something}"
    assert failure(tmp_path, text).reasons == ("expected the rule not to be evaluated, but it was",)


def test_a_rule_that_is_not_evaluated_fails_a_good_case(tmp_path: Path) -> None:
    found = failure(tmp_path, '- {name: x, kind: good, account: {refused: {tags: "no"}}}', needs="Need.TAGS,")
    assert found.reasons == ("the rule was not evaluated: no",)


def test_a_rule_that_raises_fails_the_case_with_its_traceback(tmp_path: Path) -> None:
    found = failure(tmp_path, "- {name: x, kind: good, account: {}}", body="\n    yield from ()\n    raise ValueError('for its author')\n")
    assert "for its author" in "\n".join(found.reasons)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- kind: good\n  account: {}", ":1:3: a case needs “name”"),
        ("- name: x\n  account: {}", ":1:3: a case needs “kind”"),
        ("- name: x\n  kind: near miss\n  account: {}", ":2:9: no such kind of case"),
        ("- name: x\n  kind: good", ":1:3: a case needs an account or a manifest"),
        ("- name: x\n  kind: bad\n  account: {}", ":1:3: “expect” belongs to bad cases"),
        ("- name: x\n  kind: missing-data\n  account: {}", ":1:3: a case with missing data needs “not_evaluated”"),
        ("- name: x\n  kind: good\n  acount: {}", ":3:3: a case has no key “acount”\n  Did you mean “account”?"),
        ("- name: x\n  kind: good\n  account: {}\n  now: soon", ":4:8: this is not a time"),
        ("- name: x\n  kind: good\n  account: {}\n  options: {a: 1}", ":4:12: these options are wrong"),
        ("- name: x\n  kind: bad\n  account: {}\n  expect: [{object: tag x}]", ":4:12: an expectation needs “message”"),
        ("- name: x\n  kind: bad\n  account: {}\n  expect: [{object: 1, message: m}]", ":4:12: this expectation is wrong"),
        ("- name: x\n  kind: bad\n  account: {}\n  expect: [{objekt: tag x}]", "Did you mean “object”?"),
        ("- {name: x, kind: good, account: {}}\n- {name: x, kind: good, account: {}}", ":2:3: a second case is named “x”"),
        ("name: x", ":1:1: a case file must be a list"),
        ("- x", ":1:3: a case must be a mapping"),
        ("- {name: x, name: y, kind: good, account: {}}", ":1:13: the key “name” is here a second time"),
        ("- {name: x\n- y", ":1:3: this “{” is never closed"),
        (
            "a: &a [1, 1, 1]\n" + "".join(f"{b}: &{b} [*{a}, *{a}, *{a}]\n" for a, b in itertools.pairwise("abcdefghijklmnop")),
            ":1:4: “&” begins an anchor, which is not understood here",
        ),
        ("[" * 1_000_000, ":1:1001: values are nested more than 100 levels deep"),
        ("- {name: \x85}", ":1:10: here is the character U+0085"),
        ("- {name: [x], kind: good, account: {}}", ":1:10: name must be text"),
    ],
)
def test_a_wrong_case_file_is_told_with_its_place(text: str, said: str, tmp_path: Path) -> None:
    path = write_cases(tmp_path, text)
    with pytest.raises(RuleFileError) as caught:
        check_rules((tmp_path,), relaxed=True)
    assert str(path) in str(caught.value)
    assert said in str(caught.value)


def test_a_case_file_without_its_rule_is_an_error(tmp_path: Path) -> None:
    write_cases(tmp_path, GOOD)
    (tmp_path / "lost.cases.yaml").write_text("[]")
    with pytest.raises(RuleFileError, match="there is no rule lost"):
        check_rules((tmp_path,), relaxed=True)


def test_an_empty_mini_account_is_plausible(tmp_path: Path) -> None:
    account = mini(tmp_path, "{}")
    assert account.info
    assert account.info.plan
    assert account.info.sending_addresses
    assert (account.info.plan_type, account.info.plan.plan_type) == ("creator", "creator")
    (address,) = account.info.sending_addresses
    assert (address.is_verified, address.is_dmarc_configured, address.is_default) == (True, True, True)
    assert account.complete(*SectionName)


def test_objects_are_names_or_mappings_and_ids_count_from_1(tmp_path: Path) -> None:
    account = mini(tmp_path, "{tags: [a, {name: b, id: 2, subscriber_count: 5}, c, d], forms: [f]}")
    assert [(tag.id, tag.name, tag.subscriber_count) for tag in account.tags] == [(1, "a", 0), (2, "b", 5), (3, "c", 0), (4, "d", 0)]
    assert account.forms[0].id == 1


def test_a_sequence_has_one_published_immediate_email_unless_told(tmp_path: Path) -> None:
    account = mini(
        tmp_path,
        "{sequences: [Plain, {name: Empty, emails: []}, {name: Two, emails: [a, {subject: b, delay_unit: hours, delay_value: 5}]}]}",
    )
    emails = [
        (mail.id, mail.sequence_id, mail.subject, mail.published, mail.position, mail.delay_seconds) for mail in account.sequence_emails
    ]
    assert emails == [(1, 1, "Email 1", True, 0, 0), (2, 3, "a", True, 0, 0), (3, 3, "b", True, 1, 5 * 3600)]
    assert [sequence.email_count for sequence in account.sequences] == [1, 0, 2]
    assert account.sequence_emails[2].send_days is None


def test_a_sequence_is_active_and_sends_every_day(tmp_path: Path) -> None:
    (sequence,) = mini(tmp_path, "{sequences: [S]}").sequences
    assert (sequence.active, sequence.hold, sequence.repeat, sequence.send_hour) == (True, False, False, 9)
    assert sequence.send_days
    assert len(sequence.send_days) == 7


def test_webhooks_and_exclusions_name_their_objects_which_are_created(tmp_path: Path) -> None:
    account = mini(
        tmp_path,
        '{webhooks: [{tag: New, url: "https://x.example/?aal_genpass=hush"}, {form: F}, {link: "https://a.example/"}], '
        "sequences: [{name: S, excludes: [{tag: Buyer}, {sequence: Other}]}]}",
    )
    assert [tag.name for tag in account.tags] == ["New", "Buyer"]
    tagged, formed, linked = account.webhooks
    assert (tagged.event.name, tagged.event.tag_id, formed.event.form_id, linked.event.name) == ("tag_add", 1, 1, "link_click")
    assert "hush" not in tagged.target_url
    assert account.sequences[0].exclude_subscriber_sources
    assert [(item.type, item.ids) for item in account.sequences[0].exclude_subscriber_sources] == [("tag", (2,)), ("sequence", (2,))]


@pytest.mark.parametrize(("text", "plan"), [("free", "free"), ("creator", "creator"), ("{plan_type: creator_pro}", "creator_pro")])
def test_a_plan_is_a_word_or_its_fields(text: str, plan: str, tmp_path: Path) -> None:
    info = mini(tmp_path, f"{{plan: {text}}}").info
    assert info
    assert info.plan
    assert (info.plan_type, info.plan.plan_type) == (plan, plan)


def test_fields_and_snippets_get_what_follows_from_their_name(tmp_path: Path) -> None:
    account = mini(tmp_path, "{custom_fields: [password], snippets: [My footer, {name: Old, key: old_one, archived: true}]}")
    assert [(field.key, field.label) for field in account.custom_fields] == [("password", "password")]
    assert [(snippet.key, snippet.archived) for snippet in account.snippets] == [("my_footer", False), ("old_one", True)]


def test_a_refused_section_is_empty_and_says_why(tmp_path: Path) -> None:
    account = mini(tmp_path, '{tags: [a], refused: {tags: "no"}}')
    assert (account.tags, account.state(SectionName.TAGS).status, account.state(SectionName.TAGS).reason) == (
        (),
        SectionStatus.REFUSED,
        "no",
    )
    assert account.complete(SectionName.FORMS)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{tagz: []}", "account has no key “tagz”\n  Did you mean “tags”?"),
        ("{tags: [{nam: x}]}", "an object of tags has no key “nam”\n  Did you mean “name”?"),
        ("{tags: [{name: 5}]}", "this is not an object of tags"),
        ("{tags: x}", "tags must be a list"),
        ("{tags: [[x]]}", "an object of tags must be text"),
        ("{plan: gold}", "“gold” is not a plan"),
        ("{refused: {tag: x}}", "refused has no key “tag”"),
        ("{webhooks: [{tag: New}], absent: [New]}", "tag “New” is named here and listed under “absent”"),
        ("{sequences: [{name: S, excludes: [{tags: Buyer}]}]}", "an exclusion has no key “tags”"),
        ("[]", "account must be a mapping"),
    ],
)
def test_a_wrong_mini_account_is_told_with_its_place(text: str, said: str, tmp_path: Path) -> None:
    found = failure(tmp_path, f"- {{name: x, kind: good, account: {text}}}")
    assert f"{tmp_path / 'bad_tag.cases.yaml'}:1:" in found.reasons[0]
    assert said in found.reasons[0]


ANY_MANIFEST = """
- name: x
  kind: good
  manifest:
    automations:
      - name: Release
        entries: [{tag_added: Bought}]
        steps:
          - add_tag: Login
          - sequence: Welcome
  account: {tags: [Bought]}
"""


def test_what_a_manifest_names_is_created_in_the_account(tmp_path: Path) -> None:
    write_cases(tmp_path, ANY_MANIFEST)
    (case,) = collect_cases(tmp_path)
    graph = case_account(case).declared
    assert [tag.name for tag in graph.account.tags] == ["Bought", "Login"]
    assert [sequence.name for sequence in graph.account.sequences] == ["Welcome"]
    assert Key(Kind.TAG, 2) in graph.network


def test_what_is_absent_is_not_created(tmp_path: Path) -> None:
    write_cases(tmp_path, ANY_MANIFEST.replace("{tags: [Bought]}", "{absent: [Login, Welcome]}"))
    (case,) = collect_cases(tmp_path)
    graph = case_account(case).declared
    assert ([tag.name for tag in graph.account.tags], graph.account.sequences) == (["Bought"], ())


def test_without_an_account_the_manifest_stands_alone(tmp_path: Path) -> None:
    write_cases(tmp_path, ANY_MANIFEST.replace("  account: {tags: [Bought]}\n", ""))
    (case,) = collect_cases(tmp_path)
    assert not case_account(case).declared.has_account


def test_places_in_the_manifest_of_a_case_are_those_of_the_case_file(tmp_path: Path) -> None:
    path = write_cases(tmp_path, ANY_MANIFEST)
    (case,) = collect_cases(tmp_path)
    (automation,) = case_account(case).declared.manifest.automations
    place = automation.steps[0].location
    assert place
    assert (place.file, place.line) == (str(path), 9)


def test_a_mistake_in_the_manifest_of_a_case_is_told_with_its_place(tmp_path: Path) -> None:
    found = failure(tmp_path, ANY_MANIFEST.replace("add_tag", "ad_tag"))
    assert f"{tmp_path / 'bad_tag.cases.yaml'}:9:" in found.reasons[0]
