"""What is asked of a rule beside its cases coming out: each thing it can lack is named, with what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from ckaudit.testing import Shortfall, check_rules
from tests.engine.planted import DOCS, write_rule

WHOLE = DOCS.replace("People get lost.", "People get lost among names that say nothing.").replace(
    "When nobody minds.", "When nobody but you ever reads the names."
)
BAD = "- {name: bad, kind: bad, account: {tags: [bad]}, expect: [{object: tag bad, message: Tag bad is bad.}]}"
NEAR = "- {name: near, kind: near-miss, account: {tags: [not bad]}}"
GOOD = "- {name: good, kind: good, account: {tags: [good]}}"
UNREAD = "- {name: unread, kind: missing-data, manifest: {}, not_evaluated: 'no account was read, only a manifest'}"
ENOUGH = (BAD, NEAR, GOOD)

EVENTS = """
  account: {}
  manifest: {automations: []}
  events:
    - {form: Free guide, people: 40, at: "2026-09-10T10:00:00Z", every: 37 hours}
    - {tag: Lead, people: 40, after: 1 second}
"""
EVERY_AUTOMATION = """
    for flow in graph.flows:
        yield Finding(object=flow.object, message="It is there.")
"""
SHOWN = "This was seen in the timestamps of 40 people (100% of those who could); no manifest says it."
SEEN = f"""
- name: timestamps show it
  kind: bad{EVENTS}
  expect: [{{object: "automation Free guide → Lead (observed)", message: "It is there. {SHOWN}"}}]
"""
SILENT = f"- name: nothing\n  kind: near-miss{EVENTS}"


def lacking(folder: Path, *cases: str, relaxed: bool = False, docs: str = WHOLE, **rule: str) -> list[str]:
    """What the rule of this file and these cases lacks."""
    write_rule(folder, docs=docs, **rule)
    (folder / "bad_tag.cases.yaml").write_text("\n".join(cases), encoding="utf-8")
    return [item.missing for item in check_rules((folder,), relaxed=relaxed).shortfalls]


def test_a_rule_with_all_that_is_asked_for_lacks_nothing(tmp_path: Path) -> None:
    assert lacking(tmp_path, *ENOUGH) == []


def test_a_regular_expression_that_hangs_on_what_people_write_is_lacking_with_its_line(tmp_path: Path) -> None:
    body = """
    import re
    for tag in graph.account.tags:
        if tag.name == "bad" or re.search(r"\\s+$", tag.name):
            yield Finding(object=tag.object, message="Tag bad is bad.")
"""
    (missing,) = lacking(tmp_path, *ENOUGH, body=body)
    assert "the regular expression takes" in missing
    assert "' '" in missing


def test_a_relaxed_test_asks_for_cases_alone(tmp_path: Path) -> None:
    assert lacking(tmp_path, BAD, docs=DOCS, relaxed=True) == []


def test_what_is_lacking_names_its_rule_its_file_and_what_to_do(tmp_path: Path) -> None:
    write_rule(tmp_path, docs=WHOLE)
    (tmp_path / "bad_tag.cases.yaml").write_text("\n".join((BAD, GOOD, GOOD.replace("good", "fine", 1))), encoding="utf-8")
    assert check_rules((tmp_path,)).shortfalls == (
        Shortfall(
            "ACME601 bad-tag",
            tmp_path / "bad_tag.cases.yaml",
            "no case is a near miss",
            "Write an account that looks like a bad one and is in order (kind: near-miss).",
        ),
    )


@pytest.mark.parametrize(
    ("cases", "missing"),
    [
        ((NEAR, GOOD), "no case is bad"),
        ((BAD, NEAR), "only 1 of its cases must be silent; 2 are asked for"),
    ],
)
def test_too_few_cases_are_named(cases: tuple[str, ...], missing: str, tmp_path: Path) -> None:
    assert lacking(tmp_path, *cases) == [missing]


def test_a_rule_that_needs_data_shows_what_it_says_without(tmp_path: Path) -> None:
    assert lacking(tmp_path / "without", *ENOUGH, needs="Need.TAGS,") == ["it needs tags, and no case shows what it says without"]
    assert lacking(tmp_path / "with", *ENOUGH, UNREAD, needs="Need.TAGS,") == []


def test_every_variant_has_a_bad_case(tmp_path: Path) -> None:
    body = '    yield Finding(object=ObjectRef("tag", "bad", 1), message="It is bad.", variant="one")\n'
    variants = 'variants={"one": Variant("The tag is one"), "two": Variant("The tag is two")}'
    bad = "- {name: bad, kind: bad, account: {}, expect: [{variant: one, object: tag bad, message: It is bad.}]}"
    assert "no bad case shows the variant “two”" in lacking(tmp_path, bad, NEAR, GOOD, body=body, metadata=variants)


def test_variants_have_titles_of_their_own(tmp_path: Path) -> None:
    variants = 'variants={"one": Variant("The tag is bad"), "two": Variant("The tag is bad")}'
    assert "2 variants have one title: The tag is bad" in lacking(tmp_path, NEAR, GOOD, metadata=variants)


def test_a_title_is_no_sentence_with_a_full_stop(tmp_path: Path) -> None:
    variants = 'variants={"one": Variant("the tag is bad.")}'
    assert "a title is not written like one: the tag is bad." in lacking(tmp_path, NEAR, GOOD, metadata=variants)


@pytest.mark.parametrize(
    ("message", "missing"),
    [
        ("Tag bad is bad", "a message is not a sentence: Tag bad is bad"),
        ("Tag “bad” has None of it.", "a message has a gap: Tag “bad” has None of it."),
        ("Tag {name} is bad.", "a message has a gap: Tag {name} is bad."),
    ],
)
def test_messages_are_whole_sentences(message: str, missing: str, tmp_path: Path) -> None:
    body = f'    yield Finding(object=ObjectRef("tag", "bad", 1), message="{message}")\n'
    bad = f"- {{name: bad, kind: bad, account: {{}}, expect: [{{object: tag bad, message: '{message}'}}]}}"
    assert lacking(tmp_path, bad, NEAR, GOOD, body=body) == [missing]


def test_a_thin_section_is_named(tmp_path: Path) -> None:
    thin = WHOLE.replace("When nobody but you ever reads the names.", "Never.")
    assert lacking(tmp_path, *ENOUGH, docs=thin) == ["the section “When to ignore it” is thin: Never."]


def test_options_are_described_and_mentioned(tmp_path: Path) -> None:
    before = 'class Own(Options, frozen=True):\n    days: Annotated[int, msgspec.Meta(description="How long")] = 3\n'
    assert lacking(tmp_path, *ENOUGH, before=before, options="Own") == [
        "the description of the option “days” is not a sentence",
        "the documentation does not mention the option “days”",
    ]


UNSAID = "it does not say what it does with automations that only timestamps show"
BOTH_SAID = "it judges automations that only timestamps show, and says why it cannot (“unseen”)"


@pytest.mark.parametrize(
    ("metadata", "missing"),
    [
        ("", {UNSAID}),
        ('unseen="they do not show names"', set()),
        ("observed=ObservedUse.JUDGED", set()),
        ('observed=ObservedUse.JUDGED, unseen="they do not show names"', {BOTH_SAID}),
    ],
)
def test_a_rule_about_automations_says_what_it_does_with_those_that_only_timestamps_show(
    metadata: str, missing: set[str], tmp_path: Path
) -> None:
    found = lacking(tmp_path, *ENOUGH, theme="AUTOMATIONS", needs="Need.AUTOMATIONS,", metadata=metadata)
    assert {item for item in found if "only timestamps show" in item and item.startswith("it ")} == missing


def test_a_rule_that_judges_what_timestamps_show_has_cases_of_it(tmp_path: Path) -> None:
    judged = {"body": EVERY_AUTOMATION, "metadata": "observed=ObservedUse.JUDGED"}
    assert "no bad case has an automation that only timestamps show" in lacking(tmp_path / "none", *ENOUGH, **judged)
    assert lacking(tmp_path / "one", SEEN, NEAR, GOOD, **judged) == ["0 near misses have timestamps; 1 are asked for, as many as bad ones"]


def test_what_timestamps_show_only_silences_a_rule_that_says_so(tmp_path: Path) -> None:
    silenced = {"body": "    yield from ()\n", "metadata": "observed=ObservedUse.SILENCES"}
    assert "0 near misses have timestamps; 1 are asked for, as many as bad ones" in lacking(tmp_path / "none", NEAR, GOOD, **silenced)
    assert lacking(tmp_path / "one", NEAR, SILENT, **silenced) == ["no case is bad"]
