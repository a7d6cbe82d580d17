"""A consultant's folder of rules has what ours have: precedence, among themselves and with ours, head counts, variants."""

from __future__ import annotations

from pathlib import Path

import pytest

from ckaudit.engine.load import load_rules
from ckaudit.model.findings import ReportedFinding, Severity
from ckaudit.resources import rules_folder
from ckaudit.testing import check_rules
from tests.engine.course import Account
from tests.engine.planted import write_rule

AT_RELEASE = """
    for flow in graph.flows:
        yield Finding(object=flow.object, message="Mine.", variant="{variant}")
"""
AT_WELCOME = """
    for sequence in graph.account.sequences:
        yield Finding(object=graph.object(Key(Kind.SEQUENCE, sequence.id)), message="Mine.")
"""
SEVEN_WAITED = """
    for sequence in graph.account.sequences:
        item = graph.object(Key(Kind.SEQUENCE, sequence.id))
        yield Finding(object=item, message="Seven people waited.", severity=Severity.ERROR, people=7, people_who="waited")
"""
VARIANTS = """variants={
    "named-badly": Variant("The automation has a bad name", yields_to=("ACME602",)),
    "not-ours": Variant("The automation is not ours", Severity.ERROR, ("Ask who built it.",)),
}"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the consultant keeps the rules."""
    return tmp_path / "mine"


@pytest.fixture
def account() -> Account:
    """A course whose login email goes out too soon: CK202, which covers CK802 and has its 40 people."""
    made = Account()
    del made.release["steps"][2]
    made.events[2]["after"] = "2 seconds"
    return made


def own(folder: Path, number: int, body: str, metadata: str = "", theme: str = "TAGS") -> None:
    write_rule(folder, f"own-{number}", code=f"ACME{number}", body=body, metadata=metadata, theme=theme)


def found(account: Account, folder: Path) -> dict[str, ReportedFinding]:
    """What all rules find about access and automations, ours and those of the folder, by code."""
    result = account.audit(folder.parent, load_rules((rules_folder(), folder)))
    assert not result.crashed
    return {item.rule: item for item in result.findings if not item.rule.startswith("CK5")}


def test_without_a_word_each_finding_stands(account: Account, folder: Path) -> None:
    own(folder, 601, AT_RELEASE.format(variant=""))
    own(folder, 602, AT_RELEASE.format(variant=""))
    assert {code: item.covers for code, item in found(account, folder).items()} == {"ACME601": (), "ACME602": (), "CK202": ("CK802",)}


def test_an_own_rule_yields_to_another_own_rule(account: Account, folder: Path) -> None:
    own(folder, 601, AT_RELEASE.format(variant=""), 'yields_to=("ACME602",)')
    own(folder, 602, AT_RELEASE.format(variant=""))
    items = found(account, folder)
    assert "ACME601" not in items
    assert items["ACME602"].covers == ("ACME601",)


def test_an_own_rule_yields_to_one_of_ours_by_its_variant(account: Account, folder: Path) -> None:
    own(folder, 601, AT_RELEASE.format(variant=""), 'yields_to=("CK202 no-delay",)')
    own(folder, 602, AT_RELEASE.format(variant=""), 'yields_to=("CK202 too-late",)')
    items = found(account, folder)
    assert sorted(items) == ["ACME602", "CK202"]
    assert items["CK202"].covers == ("ACME601", "CK802")


@pytest.mark.parametrize(("variant", "stays"), [("named-badly", False), ("not-ours", True)])
def test_one_variant_of_an_own_rule_yields(account: Account, folder: Path, variant: str, stays: bool) -> None:
    own(folder, 601, AT_RELEASE.format(variant=variant), VARIANTS)
    own(folder, 602, AT_RELEASE.format(variant=""))
    assert ("ACME601" in found(account, folder)) is stays


def test_a_variant_of_an_own_rule_has_its_title_severity_and_steps(account: Account, folder: Path) -> None:
    own(folder, 601, AT_RELEASE.format(variant="not-ours"), VARIANTS)
    own(folder, 602, AT_RELEASE.format(variant=""))
    item = found(account, folder)["ACME601"]
    assert (item.title, item.severity, item.fix) == ("The automation is not ours", Severity.ERROR, ("Ask who built it.",))


@pytest.mark.parametrize(("evidence", "people"), [("CK802", (40, "got the login email too soon")), ("ACME801", (7, "waited"))])
def test_evidence_of_ours_and_of_their_own_counts_the_people_of_an_own_rule(
    account: Account, folder: Path, evidence: str, people: tuple[int, str]
) -> None:
    own(folder, 601, AT_WELCOME, f'people_from=("{evidence}",)')
    own(folder, 801, SEVEN_WAITED, theme="EVIDENCE")
    item = found(account, folder)["ACME601"]
    assert (item.people, item.people_who) == people


def test_an_own_rule_may_count_who_came_by(account: Account, folder: Path) -> None:
    own(folder, 601, AT_WELCOME, "counts_passers_by=True")
    own(folder, 602, AT_WELCOME)
    items = found(account, folder)
    assert items["ACME601"].people_who == "came into “A: welcome” in the last 90 days"
    assert items["ACME602"].people is None


def test_own_evidence_leaves_its_words_and_its_severity_to_what_names_the_cause(account: Account, folder: Path) -> None:
    own(folder, 601, AT_WELCOME)
    own(folder, 801, SEVEN_WAITED, 'yields_to=("ACME601",)', theme="EVIDENCE")
    items = found(account, folder)
    assert "ACME801" not in items
    assert (items["ACME601"].message, items["ACME601"].severity) == ("Mine. Seven people waited.", Severity.ERROR)


def test_the_cases_of_an_own_rule_may_name_its_variants_while_it_names_rules_of_ours(folder: Path) -> None:
    own(folder, 601, AT_RELEASE.format(variant="not-ours"), VARIANTS.replace("ACME602", "CK302 copy"))
    (folder / "own_601.cases.yaml").write_text(
        """
- name: an automation of somebody else
  kind: bad
  manifest: {automations: [{name: Theirs, entries: [{tag_added: Lead}], steps: [{add_tag: Theirs}]}]}
  expect: [{variant: not-ours, object: automation Theirs, severity: error, message: Mine.}]
""",
        encoding="utf-8",
    )
    assert check_rules((folder,), relaxed=True).passed
