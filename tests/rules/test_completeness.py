"""The catalogue is complete: every rule of it exists under its name and code, and every rule is in it."""

from __future__ import annotations

import pytest

from ckaudit.engine.load import LoadedRule, load_rules
from ckaudit.resources import rules_folder

RULES = {loaded.rule.code: loaded for loaded in load_rules((rules_folder(),))}

# Codes are for good: a rule whose meaning changes gets a new one.
CATALOGUE = {
    "CK101": "free-plan",
    "CK102": "plan-on-trial",
    "CK103": "plan-ending",
    "CK104": "sender-unverified",
    "CK105": "dmarc-missing",
    "CK106": "free-mail-sender",
    "CK107": "plan-limit-exceeded",
    "CK201": "webhook-tag-not-removed",
    "CK202": "login-email-without-delay",
    "CK203": "no-revoke-path",
    "CK204": "login-email-without-webhook",
    "CK205": "revoke-not-synced",
    "CK206": "steps-after-revoke-event",
    "CK207": "revoke-as-entry-or-condition",
    "CK208": "revoke-in-other-automation",
    "CK209": "revoke-without-cleanup",
    "CK210": "revoke-tag-forever",
    "CK211": "shared-revoke-tag",
    "CK212": "revoke-behind-sequence",
    "CK213": "modules-without-delay",
    "CK214": "module-not-synced",
    "CK215": "sync-before-module-tag",
    "CK216": "sync-tag-added-twice",
    "CK217": "module-email-before-sync",
    "CK218": "module-sequence-reused",
    "CK219": "module-gap",
    "CK220": "purchase-without-automation",
    "CK221": "wrong-release-trigger",
    "CK222": "mixed-paid-and-free-entries",
    "CK223": "release-without-login-email",
    "CK224": "webhook-tag-with-second-job",
    "CK225": "webhook-tag-without-webhook",
    "CK226": "bad-webhook-target",
    "CK227": "unused-webhook",
    "CK228": "incomplete-tag-family",
    "CK229": "pause-treated-as-revoke",
    "CK230": "release-never-exercised",
    "CK231": "webhook-without-release",
    "CK232": "click-decides-access",
    "CK233": "login-behind-double-opt-in",
    "CK234": "revoke-without-asking",
    "CK237": "development-webhook",
    "CK238": "disabled-webhook-endpoint",
    "CK301": "automation-not-live",
    "CK302": "meaningless-automation-name",
    "CK303": "tag-loop",
    "CK304": "self-retrigger",
    "CK305": "event-that-cannot-happen",
    "CK306": "date-event-in-the-past",
    "CK307": "unreachable-step",
    "CK308": "missing-object",
    "CK309": "trigger-never-applied",
    "CK310": "two-automations-one-trigger",
    "CK311": "sequence-in-several-places",
    "CK312": "condition-always-the-same",
    "CK313": "live-form-into-stopped-automation",
    "CK314": "pitch-without-purchase-exit",
    "CK315": "entry-tag-kept",
    "CK316": "started-again-by-renewal",
    "CK317": "condition-races-with-entry",
    "CK318": "plan-tags-pile-up",
    "CK319": "letters-behind-purchase",
    "CK320": "waits-for-twin-tag",
    "CK321": "misspelt-product",
    "CK322": "emails-after-refund",
    "CK323": "same-rule-twice",
    "CK324": "condition-asks-too-soon",
    "CK325": "entry-without-path",
    "CK401": "hold-before-further-steps",
    "CK402": "inactive-sequence-in-use",
    "CK403": "no-published-email",
    "CK404": "first-email-is-draft",
    "CK405": "draft-in-the-middle",
    "CK406": "login-email-not-immediate",
    "CK407": "few-send-days",
    "CK408": "excludes-own-subscribers",
    "CK409": "extra-emails-in-login-sequence",
    "CK410": "not-repeatable",
    "CK411": "sender-not-owned",
    "CK412": "sequence-time-zone-differs",
    "CK501": "missing-preference-link",
    "CK502": "link-shortcode-misused",
    "CK503": "preference-link-without-choice",
    "CK504": "password-in-email",
    "CK505": "password-in-url",
    "CK506": "login-email-without-login-link",
    "CK507": "login-email-without-address",
    "CK508": "unknown-field",
    "CK509": "personalisation-without-fallback",
    "CK510": "broken-liquid",
    "CK511": "unknown-snippet",
    "CK512": "placeholder-left",
    "CK513": "bad-link",
    "CK514": "foreign-merge-tag",
    "CK515": "unknown-tag-in-liquid",
    "CK516": "link-from-empty-field",
    "CK517": "unknown-filter",
    "CK518": "personal-data-in-link",
    "CK601": "tag-in-several-spellings",
    "CK602": "many-unused-tags",
    "CK701": "download-sent-twice",
    "CK801": "webhook-tag-lingers",
    "CK802": "login-email-too-soon",
    "CK803": "bought-without-access",
    "CK804": "bought-without-login-email",
    "CK805": "paid-again-still-revoked",
    "CK806": "access-but-unreachable",
    "CK807": "automation-stopped",
    "CK808": "revoke-not-delivered",
    "CK809": "drip-stalled",
    "CK810": "modules-all-at-once",
    "CK811": "dunning-without-end",
    "CK812": "access-without-purchase",
    "CK813": "observed-but-not-declared",
    "CK814": "declared-but-not-observed",
    "CK815": "delay-differs",
    "CK816": "order-differs",
    "CK817": "removed-tag-stays",
    "CK901": "unknown-name-in-manifest",
    "CK902": "stale-manifest",
    "CK903": "unused-suppression",
    "CK904": "expired-suppression",
    "CK905": "old-snapshot",
}


@pytest.fixture(params=RULES.values(), ids=list(RULES))
def loaded(request: pytest.FixtureRequest) -> LoadedRule:
    """Each rule in turn."""
    found: LoadedRule = request.param
    return found


def test_the_catalogue_names_every_rule_and_no_other() -> None:
    assert {code: loaded.rule.name for code, loaded in RULES.items()} == CATALOGUE


def test_a_rule_is_named_by_its_file_and_stands_in_the_folder_of_its_theme(loaded: LoadedRule) -> None:
    assert loaded.file.stem == loaded.rule.name.replace("-", "_")
    assert loaded.file.parent.name == loaded.rule.theme
