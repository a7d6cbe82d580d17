"""Who yields to whom, pair by pair: with all rules on, exactly the owner's finding remains."""

from __future__ import annotations

from pathlib import Path

import pytest

from ckaudit.model.findings import ReportedFinding
from ckaudit.sources.yaml.tree import Node, plain
from ckaudit.testing.case_file import mapping_of, text_of
from tests.engine.whole import Whole, audit_mini, mini_accounts

PAIRS = mini_accounts(Path(__file__).parent / "pairs.yaml")
LINK = "https://members.example.com/login/"


def audited(whole: Whole, folder: Path) -> dict[str, ReportedFinding]:
    result = whole.audit(folder)
    assert not result.crashed
    return {item.rule: item for item in result.findings}


@pytest.mark.parametrize("node", PAIRS, ids=[text_of(mapping_of(node, "a pair")["name"], "name") for node in PAIRS])
def test_only_the_owner_of_the_cause_speaks(node: Node) -> None:
    result = audit_mini(node)
    assert not result.crashed
    # the mini accounts' emails are one line long and offer no preferences link
    found = sorted({item.rule for item in result.findings} - {"CK501"})
    assert found == plain(mapping_of(node, "a pair")["found"])


def test_a_holding_sequence_before_the_removal_is_ck401_and_names_the_tag_that_stays(tmp_path: Path) -> None:
    whole = Whole()
    whole.named("sequences", "Course A: welcome")["hold"] = True
    found = audited(whole, tmp_path)
    assert list(found) == ["CK401"]
    assert "The webhook tag “AA: release Course A” stays on them" in found["CK401"].message


def test_a_sync_tag_left_after_a_revoke_is_ck209_not_ck201(tmp_path: Path) -> None:
    whole = Whole()
    del whole.steps[18:]
    assert list(audited(whole, tmp_path)) == ["CK209"]


def test_a_sync_tag_added_twice_without_removal_is_ck216_not_ck201(tmp_path: Path) -> None:
    whole = Whole()
    whole.steps.remove({"remove_tag": "AA: update user"})
    assert list(audited(whole, tmp_path)) == ["CK216"]


def test_a_draft_in_front_of_the_login_mail_is_ck404_not_ck406(tmp_path: Path) -> None:
    whole = Whole()
    login = whole.named("sequence_emails", "Your login for Course A")
    draft = login | {"id": 900, "subject": "Before we start", "published": False, "position": 0}
    login |= {"position": 1, "delay_value": 1}
    whole.objects("sequence_emails").append(draft)
    assert list(audited(whole, tmp_path)) == ["CK404"]


@pytest.mark.parametrize(
    ("moves", "owner"),
    [("never told", "CK214"), ("told too early", "CK215"), ("mail before the telling", "CK217")],
)
def test_what_is_wrong_with_telling_the_site_of_a_module_is_one_of_three(moves: str, owner: str, tmp_path: Path) -> None:
    whole = Whole()
    if moves == "never told":
        del whole.steps[9], whole.steps[6]
    elif moves == "told too early":
        whole.steps[5], whole.steps[6] = whole.steps[6], whole.steps[5]
    else:
        whole.steps.insert(6, whole.steps.pop(8))
    assert list(audited(whole, tmp_path)) == [owner]


def test_a_revoke_nobody_is_told_of_is_ck205_not_ck203(tmp_path: Path) -> None:
    whole = Whole()
    del whole.steps[17:]
    assert list(audited(whole, tmp_path)) == ["CK205"]


def test_a_revoke_tag_as_entry_is_ck207_alone(tmp_path: Path) -> None:
    whole = Whole()
    whole.automation["entries"].append({"tag_added": "Course A: revoke access"})
    assert list(audited(whole, tmp_path)) == ["CK207"]


def test_an_early_contact_tag_as_entry_is_ck221_not_ck220(tmp_path: Path) -> None:
    whole = Whole()
    whole.named("tags", "No newsletter")["name"] = "Course A: early contact"
    whole.manifest["external"][2]["adds_tags"] = ["Course A: early contact"]
    whole.automation["entries"] = [{"tag_added": "Course A: early contact"}]
    whole.offering["early_contact_tags"] = ["Course A: early contact"]
    assert list(audited(whole, tmp_path)) == ["CK221"]


def test_a_reused_module_sequence_is_ck218_and_names_ck311(tmp_path: Path) -> None:
    whole = Whole()
    whole.named("sequences", "Course A: module 2 is ready")["repeat"] = False
    whole.steps[14] = {"sequence": "Course A: module 2 is ready"}
    found = audited(whole, tmp_path)
    assert list(found) == ["CK218"]
    assert found["CK218"].covers == ("CK311",)


def test_a_branch_without_webhook_tag_is_ck204_not_ck202(tmp_path: Path) -> None:
    whole = Whole()
    whole.steps[0:2] = [{"if": {"tag": "No newsletter"}, "else": [{"add_tag": "AA: release Course A"}, {"delay": "5 minutes"}]}]
    assert list(audited(whole, tmp_path)) == ["CK204"]


def test_a_password_in_an_address_is_ck505_alone(tmp_path: Path) -> None:
    whole = Whole()
    mail = whole.named("sequence_emails", "Your login for Course A")
    mail["content"] = mail["content"].replace(LINK, LINK + "?password={{ subscriber.accessally_password }}")
    whole.objects("custom_fields").append(
        {"id": 1, "key": "accessally_password", "label": "accessally_password", "name": "ck_field_1_accessally_password"}
    )
    assert list(audited(whole, tmp_path)) == ["CK505"]


def test_the_plan_and_what_exceeds_it_both_stay_and_refer_to_each_other(tmp_path: Path) -> None:
    whole = Whole()
    info = whole.stored["sections"]["account"]["object"]
    info["plan_type"] = info["plan"]["plan_type"] = "free"
    found = audited(whole, tmp_path)
    assert list(found) == ["CK101", "CK107"]
    assert "CK101" in found["CK107"].message


def test_a_switched_off_release_is_ck301_and_names_what_it_would_have_done(tmp_path: Path) -> None:
    whole = Whole()
    whole.automation["status"] = "inactive"
    found = audited(whole, tmp_path)
    assert list(found) == ["CK301"]
    assert found["CK301"].covers == ("CK203", "CK227")


def test_an_offering_that_nothing_releases_is_ck220_not_ck203(tmp_path: Path) -> None:
    whole = Whole()
    whole.manifest["automations"] = []
    found = audited(whole, tmp_path)
    assert "CK203" not in found
    assert found["CK220"].covers == ("CK203",)
