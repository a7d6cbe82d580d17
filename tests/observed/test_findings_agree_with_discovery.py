"""What rules say of things that only timestamps show, discovery says too, and the other way round: on the demo, of whose automations the
manifest lists one that does nothing of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from ckaudit.audit import AuditRequest, run_audit
from ckaudit.model.refs import Key, Kind
from ckaudit.model.result import Result
from ckaudit.resources import DEMO_CLOCK, demo_folder

IDLE = """version: 1
automations:
  - name: Idle
    entries: [{joins_form: "Newsletter footer"}]
    steps: [{add_tag: "VIP"}]
"""
ON_THE_WAY = ("CK802", "CK803", "CK804", "CK809", "CK813")
"""Rules that say what people got after something else, or did not get."""


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Result:
    told = (demo_folder() / "automations.yaml").read_text(encoding="utf-8")
    file: Path = tmp_path_factory.mktemp("manifest") / "automations.yaml"
    file.write_text(IDLE + told[told.index("\nofferings:") :], encoding="utf-8")
    return run_audit(AuditRequest(source=demo_folder(), manifests=(file,), now=DEMO_CLOCK)).result


def test_every_observed_link_is_a_finding_and_every_such_finding_a_link(result: Result) -> None:
    said = [(item.object.key, target.key) for item in result.findings if item.rule == "CK813" for target in item.related]
    found = {(source, target) for source, target in said if target.kind is not Kind.AUTOMATION}
    observed = {(link.source.key, link.target.key) for link in result.links if link.status == "observed" and not link.indirect}
    assert found == observed
    assert len(found) > 20


def test_discovery_says_something_of_all_that_rules_name(result: Result) -> None:
    ends = {end.key for link in (*result.links, *result.look_linked) for end in (link.source, link.target)}
    said = ends | {item.object.key for item in result.without_cause}
    named = {item.object.key for item in result.findings if item.rule in ON_THE_WAY}
    assert named <= said


def test_where_login_emails_went_out_too_soon_discovery_shows_the_way_from_the_purchase(result: Result) -> None:
    (finding,) = [item for item in result.findings if item.rule == "CK802"]
    reached = followers(result, {related.key for related in finding.related})
    assert finding.object.key in reached


def followers(result: Result, found: set[Key]) -> set[Key]:
    """These objects and all that links lead to from there."""
    while more := {link.target.key for link in result.links if link.source.key in found} - found:
        found |= more
    return found
