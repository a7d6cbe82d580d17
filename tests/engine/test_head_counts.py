"""What timestamps prove goes to the finding that names the cause: the people, the words, and the severity where it is worse."""

from __future__ import annotations

from pathlib import Path

import pytest

from ckaudit.model.findings import ReportedFinding, Severity
from tests.engine.course import START, Account


@pytest.fixture
def account() -> Account:
    return Account()


def found(account: Account, folder: Path) -> dict[str, ReportedFinding]:
    """The findings of themes 2, 3, 4 and 8 by rule."""
    result = account.audit(folder)
    assert not result.crashed
    return {item.rule: item for item in result.findings if item.rule[2] in "2348"}


def told(account: Account, folder: Path) -> dict[str, tuple[int | None, str, tuple[str, ...]]]:
    """Of each finding how many people, who they are, and what it covers."""
    return {rule: (item.people, item.people_who, item.covers) for rule, item in found(account, folder).items()}


def test_the_account_without_a_mistake_has_no_finding(account: Account, tmp_path: Path) -> None:
    assert told(account, tmp_path) == {}


def test_a_login_email_without_delay_has_the_people_and_words_of_those_who_got_it_too_soon(account: Account, tmp_path: Path) -> None:
    del account.release["steps"][2]
    account.events[2]["after"] = "2 seconds"
    (item,) = found(account, tmp_path).values()
    assert (item.rule, item.people, item.people_who, item.covers) == ("CK202", 40, "got the login email too soon", ("CK802",))
    assert "All 40 people who got “A: purchased”" in item.message
    assert item.severity is Severity.ERROR


def test_a_paused_release_has_the_people_who_wait_for_it(account: Account, tmp_path: Path) -> None:
    account.release["status"] = "paused"
    account.events[1]["people"] = account.events[2]["people"] = "1-28"
    assert told(account, tmp_path) == {"CK301": (12, "bought and got no login email", ("CK803", "CK804"))}


def test_buyers_who_are_in_no_login_sequence_say_more_than_that_it_is_empty(account: Account, tmp_path: Path) -> None:
    account.sequence["subscriber_count"] = 0
    del account.events[2]
    assert told(account, tmp_path) == {"CK804": (40, "bought and got no login email", ("CK230",))}


def test_of_the_counts_that_are_joined_the_widest_stays(account: Account, tmp_path: Path) -> None:
    account.release["entries"] = [{"joins_form": "Wrong form"}]
    account.events[1:] = [{"tag": "A: access", "people": 2, "after": "1 second"}]
    item = found(account, tmp_path)["CK220"]
    assert (item.people, item.people_who) == (40, "bought and got no login email")
    assert set(item.covers) >= {"CK803", "CK804"}


def test_a_webhook_to_a_test_site_has_the_people_whose_tag_stayed(account: Account, tmp_path: Path) -> None:
    account.hooks = {tag: url.replace("members", "staging") for tag, url in account.hooks.items()}
    account.offering["login_hosts"] = ["members.example.com"]
    account.again(tag="AA: login", people="1-9", after="1 second")
    items = account.audit(tmp_path).findings
    assert ("CK226", 9, ("CK801",)) in [(item.rule, item.people, item.covers) for item in items]


def test_a_failed_call_is_another_mistake_than_a_tag_that_is_never_taken_off_but_both_have_the_people(
    account: Account, tmp_path: Path
) -> None:
    del account.release["steps"][4]
    account.again(tag="AA: login", people="1-9", after="1 second")
    assert told(account, tmp_path) == {"CK201": (9, "kept the webhook tag", ()), "CK801": (9, "kept the webhook tag", ())}


def test_a_revoke_tag_forever_has_those_who_paid_again_and_is_as_bad_as_that(account: Account, tmp_path: Path) -> None:
    account.shop["removes_tags"] = []
    account.offering["purchase_tags"] = ["A: purchased", "A: again"]
    account.shop["adds_tags"].append("A: again")
    account.release["entries"].append({"tag_added": "A: again"})
    account.again(tag="A: revoke", people="1-7", after="20 days")
    account.again(tag="A: again", people="1-7", after="2 days")
    item = found(account, tmp_path)["CK210"]
    assert (item.people, item.people_who, item.covers) == (7, "paid again and stayed locked out", ("CK805",))
    assert item.severity is Severity.ERROR


def test_a_refund_nobody_passes_on_has_the_people_whose_webhook_tag_stayed(account: Account, tmp_path: Path) -> None:
    del account.release["steps"][6:]
    account.again(tag="A: revoke", people="1-7", after="20 days")
    account.again(tag="AA: update", people="1-7", after="1 second")
    item = found(account, tmp_path)["CK205"]
    assert (item.people, item.covers) == (7, ("CK808",))


def test_an_early_contact_tag_that_gives_access_has_those_who_never_paid(account: Account, tmp_path: Path) -> None:
    account.offering["early_contact_tags"] = ["A: began"]
    account.shop["adds_tags"].append("A: began")
    account.release["entries"].append({"tag_added": "A: began"})
    account.again(tag="A: began", people="50-58", at=START, every="11 hours")
    account.again(tag="A: access", people="50-58", after="1 second")
    item = found(account, tmp_path)["CK221"]
    assert (item.people, item.people_who, item.covers) == (9, "got in without a purchase", ("CK315", "CK812"))


def test_modules_that_come_at_once_are_not_told_twice(account: Account, tmp_path: Path) -> None:
    account.offering["module_tags"] = ["A: module 1", "A: module 2"]
    modules = [{"add_tag": "A: module 1"}, {"delay": "7 days"}, {"add_tag": "A: module 2"}]
    assert account.manifest
    account.manifest["automations"].append({"name": "Modules of A", "entries": [{"tag_added": "A: access"}], "steps": modules})
    account.again(tag="A: module 1", people=40, after="1 second")
    account.again(tag="A: module 2", people=40, after="2 seconds")
    item = found(account, tmp_path)["CK810"]
    assert (item.people, item.covers) == (40, ("CK815",))


def test_who_waits_behind_a_sequence_that_holds_is_in_the_finding_about_it(account: Account, tmp_path: Path) -> None:
    account.offering["module_tags"] = ["A: module 1", "A: module 2"]
    account.sequences.append({"name": "A: first week", "hold": True, "subscriber_count": 40})
    account.release["steps"][5:5] = [{"add_tag": "A: module 1"}, {"sequence": "A: first week"}, {"add_tag": "A: module 2"}]
    account.again(tag="A: module 1", people=40, after="1 second")
    account.again(tag="A: module 2", people="1-20", after="7 days")
    item = found(account, tmp_path)["CK401"]
    assert item.covers == ("CK809",)
    assert item.people == 40
    assert "have not got “A: module 2”" in item.message


def test_who_waits_behind_a_sequence_that_is_switched_off_is_in_the_finding_about_it(account: Account, tmp_path: Path) -> None:
    account.offering["module_tags"] = ["A: module 1", "A: module 2"]
    account.sequences.append({"name": "A: first week", "active": False, "subscriber_count": 40})
    account.release["steps"][5:5] = [{"add_tag": "A: module 1"}, {"sequence": "A: first week"}, {"add_tag": "A: module 2"}]
    account.again(tag="A: module 1", people=40, after="1 second")
    account.again(tag="A: module 2", people="1-20", after="7 days")
    items = found(account, tmp_path)
    assert items["CK402"].covers == ("CK809",)
    assert "CK809" not in items


def test_a_sync_tag_that_stays_behind_a_refund_has_the_people_on_whom_it_stayed(account: Account, tmp_path: Path) -> None:
    del account.release["steps"][-1]
    account.again(tag="A: revoke", people="1-7", after="20 days")
    account.again(tag="AA: update", people="1-7", after="1 second")
    items = found(account, tmp_path)
    assert items["CK209"].covers == ("CK808",)
    assert items["CK209"].people == 7


def test_one_kept_sync_tag_is_told_once_and_the_automation_of_the_refund_is_named(account: Account, tmp_path: Path) -> None:
    account.offering["module_tags"] = ["A: module 1", "A: module 2"]
    account.release["steps"][5:] = [
        *({"add_tag": "A: module 1"}, {"add_tag": "AA: update"}, {"delay": "7 days"}),
        *({"add_tag": "A: module 2"}, {"add_tag": "AA: update"}),
    ]
    assert account.manifest
    refund = {"name": "Refund of A", "entries": [{"tag_added": "A: revoke"}], "steps": [{"add_tag": "AA: update"}]}
    account.manifest["automations"].append(refund)
    account.again(tag="A: module 1", people=40, after="1 second")
    account.again(tag="A: module 2", people=40, after="7 days")
    account.again(tag="A: revoke", people="1-7", after="20 days")
    account.again(tag="AA: update", people="1-7", after="1 second")
    items = found(account, tmp_path)
    assert set(items) & {"CK209", "CK216", "CK808"} == {"CK216"}
    assert set(items["CK216"].covers) >= {"CK209", "CK808"}
    assert "Refund of A" in [item.name for item in items["CK216"].related]
    assert "From the same cause, at “Refund of A”: " in items["CK216"].message


def test_an_automation_that_only_timestamps_show_yields_to_what_happened_to_people(account: Account, tmp_path: Path) -> None:
    account.manifest = None
    account.hooks = {"AA: login": account.hooks["AA: login"]}
    account.events[1:] = [
        {"tag": "AA: login", "people": 40, "after": "1 second"},
        {"sequence": "A: welcome", "people": 40, "after": "2 seconds"},
    ]
    item = found(account, tmp_path)["CK802"]
    assert (item.people, item.covers, item.observed) == (40, ("CK202",), False)


def test_without_a_proof_those_are_counted_who_came_by(account: Account, tmp_path: Path) -> None:
    account.offering["module_tags"] = ["A: module 1"]
    account.release["steps"][5:5] = [{"delay": "1 day"}, {"add_tag": "A: module 1"}]
    account.again(tag="A: module 1", people="1-33", after="1 day")
    assert told(account, tmp_path)["CK214"] == (33, "got “A: module 1” in the last 90 days", ())


def test_without_timestamps_nobody_is_counted(account: Account, tmp_path: Path) -> None:
    del account.release["steps"][2]
    account.events = []
    assert (item := found(account, tmp_path)["CK202"]).people is None
    assert item.people_who == ""
