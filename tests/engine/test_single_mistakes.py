"""One mistake in an otherwise clean account gives its own finding, never a handful: each case breaks the corrected guide in one place."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest

from tests.engine.whole import Whole

Mistake: TypeAlias = Callable[[Whole], None]
LOGIN = {"add_tag": "AA: release Course A"}
SYNC = {"add_tag": "AA: update user"}


def no_delay(whole: Whole) -> None:
    whole.steps.remove({"delay": "5 minutes"})


def delay_behind_the_mail(whole: Whole) -> None:
    whole.steps[1], whole.steps[2] = whole.steps[2], whole.steps[1]


def no_webhook_tag(whole: Whole) -> None:
    whole.steps.remove(LOGIN)


def webhook_tag_stays(whole: Whole) -> None:
    whole.steps.remove({"remove_tag": "AA: release Course A"})


def other_tag_removed(whole: Whole) -> None:
    whole.steps[3] = {"remove_tag": "AA: update user"}


def purchase_tag_removed(whole: Whole) -> None:
    whole.steps[3] = {"remove_tag": "Course A: purchase success"}


def welcome_holds(whole: Whole) -> None:
    whole.named("sequences", "Course A: welcome")["hold"] = True


def module_mail_holds(whole: Whole) -> None:
    whole.named("sequences", "Course A: module 2 is ready")["hold"] = True


def welcome_inactive(whole: Whole) -> None:
    whole.named("sequences", "Course A: welcome")["active"] = False


def login_mail_unpublished(whole: Whole) -> None:
    whole.named("sequence_emails", "Your login for Course A")["published"] = False


def login_mail_waits_two_days(whole: Whole) -> None:
    whole.named("sequence_emails", "Your login for Course A")["delay_value"] = 2


def no_preference_link(whole: Whole) -> None:
    mail = whole.named("sequence_emails", "Your login for Course A")
    mail["content"] = mail["content"].replace('<p><a href="{{ subscriber_preferences_url }}">Update your profile</a></p>', "")


def no_login_link(whole: Whole) -> None:
    mail = whole.named("sequence_emails", "Your login for Course A")
    mail["content"] = mail["content"].replace("https://members.example.com/login/", "https://www.example.org/hello")


def field_misspelt(whole: Whole) -> None:
    mail = whole.named("sequence_emails", "Module 2 is open")
    mail["content"] = mail["content"].replace("subscriber.first_name", "subscriber.frist_name")


def bare_first_name(whole: Whole) -> None:
    mail = whole.named("sequence_emails", "Module 2 is open")
    mail["content"] = mail["content"].replace(' | default: "there"', "")


def liquid_left_open(whole: Whole) -> None:
    whole.named("sequence_emails", "Module 2 is open")["content"] += "<p>{% if subscriber.first_name %}Bye</p>"


def link_to_staging(whole: Whole) -> None:
    mail = whole.named("sequence_emails", "Module 2 is open")
    mail["content"] = mail["content"].replace("https://members.example.com/course-a/module-2/", "http://localhost:8080/course-a/module-2/")


def automation_paused(whole: Whole) -> None:
    whole.automation["status"] = "paused"


def automation_inactive(whole: Whole) -> None:
    whole.automation["status"] = "inactive"


def automation_gone(whole: Whole) -> None:
    whole.manifest["automations"] = []


def no_revoke_event(whole: Whole) -> None:
    del whole.steps[16:]


def revoke_not_told(whole: Whole) -> None:
    del whole.steps[17:]


def revoke_not_cleaned_up(whole: Whole) -> None:
    del whole.steps[18:]


def revoke_tag_stays(whole: Whole) -> None:
    del whole.manifest["external"][1]["removes_tags"]


def revoke_event_too_early(whole: Whole) -> None:
    whole.steps.insert(4, whole.steps.pop(16))


def module_not_synced(whole: Whole) -> None:
    del whole.steps[6]
    whole.steps.remove({"remove_tag": "AA: update user"})


def module_synced_too_early(whole: Whole) -> None:
    whole.steps[5], whole.steps[6] = whole.steps[6], whole.steps[5]


def module_mail_before_sync(whole: Whole) -> None:
    whole.steps.insert(6, whole.steps.pop(8))


def modules_at_once(whole: Whole) -> None:
    del whole.steps[10]


def sync_tag_not_removed_between(whole: Whole) -> None:
    whole.steps.remove({"remove_tag": "AA: update user"})


def module_sequence_used_twice(whole: Whole) -> None:
    whole.named("sequences", "Course A: module 2 is ready")["repeat"] = False
    whole.steps[14] = {"sequence": "Course A: module 2 is ready"}


def tag_renamed_in_kit(whole: Whole) -> None:
    whole.named("tags", "Course A: module 2")["name"] = "Course A: second module"


def webhook_deleted(whole: Whole) -> None:
    del whole.objects("webhooks")[0]


def webhook_to_staging(whole: Whole) -> None:
    hook = whole.objects("webhooks")[0]
    hook["target_url"] = hook["target_url"].replace("https://members.", "https://staging.")


def free_plan(whole: Whole) -> None:
    info = whole.stored["sections"]["account"]["object"]
    info["plan_type"] = info["plan"]["plan_type"] = "free"


def sender_unconfirmed(whole: Whole) -> None:
    whole.stored["sections"]["account"]["object"]["sending_addresses"][0]["is_verified"] = False


def foreign_sender(whole: Whole) -> None:
    whole.named("sequences", "Course A: welcome")["email_address"] = "old@course-a.example"


def welcome_excludes_its_buyers(whole: Whole) -> None:
    number = whole.named("tags", "Course A: purchase success")["id"]
    whole.named("sequences", "Course A: welcome")["exclude_subscriber_sources"] = [{"type": "tag", "ids": [number]}]


def nothing_adds_the_purchase_tag(whole: Whole) -> None:
    whole.manifest["external"][0]["adds_tags"] = ["Course A: revoke access"]


MISTAKES: tuple[tuple[Mistake, str], ...] = (
    (no_delay, "CK202 no-delay warning"),
    (delay_behind_the_mail, "CK202 delay-after-email warning"),
    (no_webhook_tag, "CK204 no-webhook-tag error, CK227 nothing-adds info"),
    (webhook_tag_stays, "CK201 never-removed warning"),
    (other_tag_removed, "CK201 never-removed warning"),
    (purchase_tag_removed, "CK201 access-tag-removed error"),
    (welcome_holds, "CK401 webhook-tag-stays error"),
    (module_mail_holds, "CK401 webhook-tag-stays error"),
    (welcome_inactive, "CK402 fed error"),
    (login_mail_unpublished, "CK403 fed error"),
    (login_mail_waits_two_days, "CK406 waits-days error"),
    (no_preference_link, "CK501 sequence warning"),
    (no_login_link, "CK506 not-the-login-page warning"),
    (field_misspelt, "CK508 misspelt error"),
    (bare_first_name, "CK509 first-name warning"),
    (liquid_left_open, "CK510 unbalanced error"),
    (link_to_staging, "CK513 own-computer error"),
    (automation_paused, "CK301 paused-release error"),
    (automation_inactive, "CK301 inactive-release error"),
    (automation_gone, "CK220 nothing-starts error, CK227 nothing-adds info, CK227 nothing-adds info"),
    (no_revoke_event, "CK203 nothing-listens error"),
    (revoke_not_told, "CK205 no-webhook-tag error"),
    (revoke_not_cleaned_up, "CK209 warning"),
    (revoke_event_too_early, "CK206 error"),
    (module_not_synced, "CK214 never error"),
    (module_synced_too_early, "CK215 warning"),
    (module_mail_before_sync, "CK217 before-sync warning"),
    (modules_at_once, "CK213 warning"),
    (sync_tag_not_removed_between, "CK216 warning"),
    (module_sequence_used_twice, "CK218 error"),
    (tag_renamed_in_kit, "CK901 name error"),
    (webhook_deleted, "CK225 declared warning"),
    (webhook_to_staging, "CK226 not-live error"),
    (free_plan, "CK101 membership-needs-paid-plan error, CK107 events-or-conditions error, CK107 several-sequences warning"),
    (sender_unconfirmed, "CK104 none-confirmed error"),
    (foreign_sender, "CK411 whole-sequence error"),
    (welcome_excludes_its_buyers, "CK408 trigger error"),
)


def told(mistake: Mistake, folder: Path) -> str:
    whole = Whole()
    mistake(whole)
    result = whole.audit(folder)
    assert not result.crashed
    return ", ".join(" ".join(filter(None, (item.rule, item.variant, item.severity))) for item in result.findings)


@pytest.mark.parametrize(("mistake", "expected"), MISTAKES, ids=[mistake.__name__ for mistake, _ in MISTAKES])
def test_one_mistake_gives_its_own_finding(mistake: Mistake, expected: str, tmp_path: Path) -> None:
    assert told(mistake, tmp_path) == expected


@pytest.mark.parametrize(("mistake", "expected"), MISTAKES, ids=[mistake.__name__ for mistake, _ in MISTAKES])
def test_one_mistake_gives_one_error_at_most(mistake: Mistake, expected: str) -> None:
    # the free plan is two statements on purpose: the plan, and what exceeds it
    assert expected.count(" error") <= (2 if mistake is free_plan else 1)


@pytest.mark.parametrize("harmless", [revoke_tag_stays, nothing_adds_the_purchase_tag], ids=lambda item: item.__name__)
def test_what_is_no_mistake_gives_nothing(harmless: Mistake, tmp_path: Path) -> None:
    """The release operation takes the revoke tag off by itself; people hold the purchase tag, so something adds it."""
    assert told(harmless, tmp_path) == ""


def test_the_clean_account_gives_nothing(tmp_path: Path) -> None:
    assert told(lambda _: None, tmp_path) == ""
