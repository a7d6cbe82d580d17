"""What a finding says fits the way in which the rule failed: title, severity and fix steps are its variant's, and steps speak only of
what the finding names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

import pytest

from ckaudit.engine.load import LoadedRule, load_rules
from ckaudit.model.findings import Finding
from ckaudit.model.refs import ObjectRef
from ckaudit.model.rules import Variant
from ckaudit.resources import rules_folder
from ckaudit.testing.cases import read_cases, run_case

RULES = load_rules((rules_folder(),))

# What a step may call the things a finding names, and of which kinds they are.
NOUNS = {
    "address": {"address"},
    "automation": {"automation"},
    "domain": {"address"},
    "draft": {"email"},
    "email": {"email"},
    "entry": {"entry"},
    "event": {"event"},
    "field": {"field"},
    "form": {"form"},
    "goal": {"event"},
    "rule": {"rule"},
    "sequence": {"sequence"},
    "site": {"webhook"},
    "snippet": {"snippet"},
    "step": {"step"},
    "tag": {"tag"},
    "webhook": {"webhook"},
}
# Whatever it is, the finding names it.
ANYTHING = {"everything", "one", "places", "those", "what"}
NAMED = re.compile(r"((?:\w+(?:, | and | or ))*\w+) (?:is )?named (?:first )?in this finding")
DAY = re.compile(r"\b\d{1,2} [A-Z][a-z]+ \d{4}\b")


@pytest.fixture(params=RULES, ids=[loaded.rule.code for loaded in RULES])
def loaded(request: pytest.FixtureRequest) -> LoadedRule:
    """Each rule in turn."""
    found: LoadedRule = request.param
    return found


def test_a_finding_has_the_title_of_its_variant(loaded: LoadedRule) -> None:
    assert [finding.title for finding in found(loaded)] == [declared(loaded, finding).title for finding in found(loaded)]


def test_a_finding_has_the_severity_that_its_variant_declares(loaded: LoadedRule) -> None:
    others = [
        finding.variant
        for finding in found(loaded)
        if (severity := declared(loaded, finding).severity) and finding.severity is not severity
    ]
    assert others == []


def test_a_finding_has_the_steps_of_its_variant(loaded: LoadedRule) -> None:
    steps = {finding.variant: declared(loaded, finding).fix or loaded.docs.fix for finding in found(loaded)}
    # what timestamps alone show is looked up first
    others = [finding.variant for finding in found(loaded) if finding.fix[int(finding.observed) :] != steps[finding.variant]]
    assert others == []


def test_steps_speak_of_what_the_finding_names(loaded: LoadedRule) -> None:
    assert [line for finding in found(loaded) for line in unnamed(finding)] == []


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ("Open the sequence named in this finding.", "sequence"),
        ("Open the tags, forms and sequences named in this finding.", ""),
        ("Open what is named first in this finding.", ""),
        ("Open the house named in this finding.", "house"),
        ("Click the step shown in the path.", "the path"),
        ("Replace the words quoted in the finding.", "quotes nothing"),
        ("Pay before the day named in this finding.", "day"),
    ],
)
def test_a_step_about_something_else_is_noticed(step: str, said: str) -> None:
    finding = Finding(object=ObjectRef("tag", "T", 1), message="It is bad.", fix=(step,))
    assert [line.partition(": ")[0] for line in unnamed(finding)] == ([said] if said else [])


def found(loaded: LoadedRule) -> tuple[Finding, ...]:
    """What the rule finds in its cases. They run once for all tests of this file."""
    return _found(loaded.rule.code)


@cache
def _found(code: str) -> tuple[Finding, ...]:
    loaded = next(item for item in RULES if item.rule.code == code)
    return tuple(finding for case in read_cases(loaded) for finding in run_case(case).findings)


def declared(loaded: LoadedRule, finding: Finding) -> Variant:
    """The way of failing as RULE declares it."""
    return loaded.rule.variants.get(finding.variant) or Variant(loaded.rule.title)


def unnamed(finding: Finding) -> Iterator[str]:
    """The steps that speak of something the finding does not have, each behind what that is."""
    kinds = {str(item.kind) for item in (finding.object, *finding.related, *finding.path)}
    kinds |= {str(step.object.kind) for step in finding.path if step.object}
    for step in finding.fix:
        for words in NAMED.findall(step):
            if not any(_has(finding, kinds, noun) for noun in re.split(r", | and | or ", words)):
                yield f"{words}: {step}"
        if "shown in the path" in step and not finding.path:
            yield f"the path: {step}"
        if re.search(r"quoted in (?:this|the) finding", step) and "“" not in finding.message:
            yield f"quotes nothing: {step}"


def _has(finding: Finding, kinds: set[str], noun: str) -> bool:
    if noun == "day":
        return bool(DAY.search(finding.message))
    if noun == "place":
        return finding.location is not None
    return noun in ANYTHING or bool(kinds & _kinds(noun)) or f"{noun} “" in finding.message


def _kinds(noun: str) -> set[str]:
    return NOUNS.get(noun) or NOUNS.get(noun.removesuffix("s")) or NOUNS.get(noun.removesuffix("es")) or set()
