"""The ways in which a rule fails, wherever rules are described, and the title and steps of the one that happened."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest

from ckaudit.engine.load import LoadedRule, load_rules
from ckaudit.model.findings import ReportedFinding
from ckaudit.model.result import Result
from ckaudit.render.catalogue import explain_text
from ckaudit.render.options import DEFAULT_OPTIONS
from ckaudit.render.rule_pages import rule_pages
from ckaudit.render.sarif import render_sarif
from ckaudit.render.view import Group
from ckaudit.render.view_findings import groups_of
from tests.engine.planted import finding, write_rule
from tests.render import results

RULE_STEPS = ("Open **Subscribers**, then Tags.", "Rename the tag.")
OWN_STEPS = ("Delete the tag.", "Tell the team.")
VARIANTS = f"""variants={{
    "plain": Variant("The tag is plainly bad"),
    "worse": Variant("The tag is worse than bad", Severity.ERROR, {OWN_STEPS}),
}}"""


@pytest.fixture
def rule(tmp_path: Path) -> LoadedRule:
    """A rule with two variants, one of them with a severity and steps of its own."""
    write_rule(tmp_path, metadata=VARIANTS)
    (loaded,) = load_rules((tmp_path,))
    return loaded


def test_explain_lists_them_behind_the_steps_of_the_rule(rule: LoadedRule) -> None:
    text = explain_text(rule)
    listed = """
The ways it fails
-----------------
  plain (warning): The tag is plainly bad
  worse (error): The tag is worse than bad
    1. Delete the tag.
    2. Tell the team.

When to ignore it
"""
    assert listed in text


def test_explain_says_nothing_of_them_where_there_is_one_way(tmp_path: Path) -> None:
    write_rule(tmp_path)
    (loaded,) = load_rules((tmp_path,))
    assert "The ways it fails" not in explain_text(loaded)


def test_the_page_of_a_rule_lists_them(rule: LoadedRule) -> None:
    page = rule_pages((rule,))["ACME601.md"]
    listed = """## The ways it fails

| variant | severity | what is wrong |
|---|---|---|
| `plain` | warning | The tag is plainly bad |
| `worse` | error | The tag is worse than bad |

How to fix `worse`:

1. Delete the tag.
2. Tell the team.

## When to ignore it
"""
    assert listed in page


def reported(variant: str, title: str, fix: tuple[str, ...], number: int = 1) -> ReportedFinding:
    return finding(number, variant=variant, title=title, fix=fix, fingerprint=f"{number:016}")


PLAIN = reported("plain", "The tag is plainly bad", RULE_STEPS)
WORSE = reported("worse", "The tag is worse than bad", OWN_STEPS, 2)


def result_of(rule: LoadedRule, *found: ReportedFinding) -> Result:
    return msgspec.structs.replace(results.empty(), findings=found, rules=(rule.text,))


def sarif(rule: LoadedRule) -> Any:
    log = json.loads(render_sarif(result_of(rule, PLAIN, WORSE)))
    schema = json.loads((Path(__file__).parents[1] / "data/sarif/sarif-2.1.0-rtm.5.json").read_text(encoding="utf-8"))
    jsonschema.Draft4Validator(schema).validate(log)
    return log["runs"][0]


def test_sarif_describes_them_with_the_rule(rule: LoadedRule) -> None:
    (described,) = sarif(rule)["tool"]["driver"]["rules"]
    assert described["messageStrings"] == {"plain": {"text": "The tag is plainly bad"}, "worse": {"text": "The tag is worse than bad"}}
    assert described["help"]["text"].endswith(
        "plain (warning): The tag is plainly bad\n\nworse (error): The tag is worse than bad\n1. Delete the tag.\n2. Tell the team."
    )
    assert "#### worse (error): The tag is worse than bad\n\n1. Delete the tag." in described["help"]["markdown"]


def test_a_result_of_sarif_says_which_it_is(rule: LoadedRule) -> None:
    assert [item["properties"]["variant"] for item in sarif(rule)["results"]] == ["plain", "worse"]


def group(rule: LoadedRule, *found: ReportedFinding) -> Group:
    (made,) = groups_of(result_of(rule, *found), DEFAULT_OPTIONS)
    return made


def test_findings_of_one_variant_stand_under_its_title_and_above_its_steps(rule: LoadedRule) -> None:
    made = group(rule, WORSE, reported("worse", WORSE.title, OWN_STEPS, 3))
    assert (made.title, made.fix) == ("The tag is worse than bad", OWN_STEPS)
    assert [item.fix for item in made.findings] == [(), ()]


def test_findings_of_several_variants_stand_under_the_title_of_the_rule_and_have_the_steps_that_differ(rule: LoadedRule) -> None:
    made = group(rule, PLAIN, WORSE)
    assert (made.title, made.fix) == ("A tag has a bad name", RULE_STEPS)
    assert [item.fix for item in made.findings] == [(), OWN_STEPS]


def test_steps_that_no_finding_has_stand_nowhere(rule: LoadedRule) -> None:
    other = reported("worse", WORSE.title, ("Ask somebody.",), 3)
    made = group(rule, WORSE, other)
    assert made.fix == ()
    assert [item.fix for item in made.findings] == [OWN_STEPS, ("Ask somebody.",)]
