"""A rule does not pass beside a finding that takes the ground from under it."""

from __future__ import annotations

from pathlib import Path

import pytest

from ckaudit.model.result import Result
from tests.engine.whole import audit_mini, mini_accounts

ACCOUNT = """
- account:
    tags: [{{name: "Course A: purchased"}}, {{name: "Course A: refunded"}}, {{name: "AA: sync"}}, Lead]
    webhooks:
      - {{tag: "AA: sync", url: "https://{sync}/?aal_update=x"}}
      - {{tag: "Course A: purchased", url: "https://members.example.com/?aal_genpass=x"}}
      - {{tag: Lead, url: "https://{lead}/hook"}}
  manifest:
    complete: true
    automations:
      - name: Refunds
        entries: [{{tag_added: "Course A: refunded"}}]
        steps: [{{add_tag: "AA: sync"}}, {{delay: 5 minutes}}, {{remove_tag: "AA: sync"}}]
    external: [{{name: Shop, adds_tags: ["Course A: purchased", "Course A: refunded"]}}]
    offerings:
      - name: Course A
        stack: accessally
        purchase_tags: ["Course A: purchased"]
        revoke_tags: ["Course A: refunded"]
        webhook_tags: {{sync: ["AA: sync"]}}
"""


def audited(folder: Path, *, sync: str = "members.example.com", lead: str = "hooks.example.com") -> Result:
    file = folder / "accounts.yaml"
    file.write_text(ACCOUNT.format(sync=sync, lead=lead), encoding="utf-8")
    (node,) = mini_accounts(file)
    return audit_mini(node)


def test_a_refund_is_not_said_to_reach_the_site_where_its_webhook_calls_another_place(tmp_path: Path) -> None:
    result = audited(tmp_path, sync="staging.example.com")
    assert {"CK226", "CK237"} & {item.rule for item in result.findings}
    assert "CK205" not in {item.rule for item in result.passed}
    (answer,) = (item for item in result.not_evaluated if item.rule == "CK205")
    assert "whether this holds is known when that is put right" in answer.reason


@pytest.mark.parametrize("lead", ["hooks.example.com", "webhook.site"])
def test_it_passes_where_the_webhook_is_right_whatever_others_do(tmp_path: Path, lead: str) -> None:
    assert "CK205" in {item.rule for item in audited(tmp_path, lead=lead).passed}


def test_what_was_found_stays_found(tmp_path: Path) -> None:
    file = tmp_path / "accounts.yaml"
    told = ACCOUNT.replace('{{add_tag: "AA: sync"}}, ', "").format(sync="staging.example.com", lead="hooks.example.com")
    file.write_text(told, encoding="utf-8")
    (node,) = mini_accounts(file)
    assert "CK205" in {item.rule for item in audit_mini(node).findings}
