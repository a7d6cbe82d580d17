"""The fake Kit behaves as Kit's documents say; otherwise tests against it would prove nothing."""

from __future__ import annotations

import http.client
import json
import re
from typing import Any
from urllib.parse import urlencode, urlsplit

import jsonschema
import pytest

from tests.fake_kit.accounts import account, big, from_snapshot, sample
from tests.fake_kit.app import KEY, TOKEN, FakeKit
from tests.fake_kit.clock import Clock
from tests.fake_kit.published import examples, schema_of
from tests.fake_kit.server import Served

Json = dict[str, Any]


class Asked:
    """One answer, read with the standard library: nothing of ckaudit is in between."""

    def __init__(self, kit: Served, path: str, method: str = "GET", headers: dict[str, str] | None = None, **query: Any) -> None:
        connection = http.client.HTTPConnection(urlsplit(kit.url).netloc, timeout=10)
        try:
            target = f"{path}?{urlencode(query)}" if query else path
            connection.request(method, target, headers={"X-Kit-Api-Key": KEY} if headers is None else headers)
            response = connection.getresponse()
            self.status, self.headers, self.body = response.status, response.headers, response.read()
        finally:
            connection.close()

    @property
    def json(self) -> Json:
        found: Json = json.loads(self.body)
        return found


def ids(asked: Asked, envelope: str) -> list[int]:
    return [item["id"] for item in asked.json[envelope]]


READS: list[tuple[str, str, dict[str, str]]] = [
    ("/v4/account", "/v4/account", {}),
    ("/v4/tags", "/v4/tags", {}),
    ("/v4/tags", "/v4/tags", {"include": "subscriber_count"}),
    ("/v4/forms", "/v4/forms", {"status": "all", "include": "subscriber_count"}),
    ("/v4/sequences", "/v4/sequences", {}),
    ("/v4/sequences/{sequence_id}/emails", "/v4/sequences/5/emails", {"include_content": "true"}),
    ("/v4/custom_fields", "/v4/custom_fields", {}),
    ("/v4/snippets", "/v4/snippets", {"include_content": "true"}),
    ("/v4/webhooks", "/v4/webhooks", {}),
    ("/v4/segments", "/v4/segments", {}),
    ("/v4/email_templates", "/v4/email_templates", {}),
    ("/v4/broadcasts", "/v4/broadcasts", {}),
    ("/v4/tags/{tag_id}/subscribers", "/v4/tags/12/subscribers", {"status": "all"}),
    ("/v4/sequences/{sequence_id}/subscribers", "/v4/sequences/5/subscribers", {"status": "all"}),
]


@pytest.mark.parametrize(("operation", "path", "query"), READS)
def test_answers_fit_the_published_document(kit: Served, operation: str, path: str, query: dict[str, str]) -> None:
    schema = schema_of(operation, 200)
    assert schema is not None
    jsonschema.validate(Asked(kit, path, **query).json, schema)


def test_a_refusal_fits_the_published_document(kit: Served) -> None:
    asked = Asked(kit, "/v4/tags", headers={"X-Kit-Api-Key": "wrong"})
    schema = schema_of("/v4/tags", 401)
    assert schema is not None
    jsonschema.validate(asked.json, schema)


SHAPES = {
    "list-tags.json": ("/v4/tags", {}),
    "list-tags.with-subscriber-count.json": ("/v4/tags", {"include": "subscriber_count"}),
    "list-forms.json": ("/v4/forms", {}),
    "list-forms.with-subscriber-count.json": ("/v4/forms", {"include": "subscriber_count"}),
    "list-sequences.json": ("/v4/sequences", {}),
    "list-sequences.with-stats.json": ("/v4/sequences", {"include": "stats"}),
    "list-sequence-emails.json": ("/v4/sequences/5/emails", {}),
    "list-sequence-emails.with-content.json": ("/v4/sequences/5/emails", {"include_content": "true"}),
    "list-custom-fields.json": ("/v4/custom_fields", {}),
    "list-snippets.json": ("/v4/snippets", {"include_content": "true"}),
    "list-webhooks.json": ("/v4/webhooks", {}),
    "list-webhook-endpoints.json": ("/v4/webhook_endpoints", {}),
    "list-segments.json": ("/v4/segments", {}),
    "list-email-templates.json": ("/v4/email_templates", {}),
    "list-broadcasts.json": ("/v4/broadcasts", {}),
    "list-subscribers-for-a-tag.json": ("/v4/tags/12/subscribers", {}),
    "list-subscribers-for-a-sequence.json": ("/v4/sequences/5/subscribers", {}),
}


@pytest.mark.parametrize("name", SHAPES)
def test_objects_have_the_keys_of_the_documented_example(kit: Served, name: str) -> None:
    path, query = SHAPES[name]
    documented = json.loads(examples()[name])
    (envelope,) = set(documented) - {"pagination"}
    shown = Asked(kit, path, **query).json
    assert set(shown) == set(documented)
    assert set(shown["pagination"]) == set(documented["pagination"])
    assert set(shown[envelope][0]) == set(documented[envelope][0])


@pytest.mark.parametrize(("status", "name"), [(401, "error-401.json"), (403, "error-403.json"), (404, "error-404.json")])
def test_error_bodies_are_those_documented(kit: Served, status: int, name: str) -> None:
    kit.kit = FakeKit(sample(), refuse={"/v4/tags": status})
    asked = Asked(kit, "/v4/tags")
    assert (asked.status, asked.json) == (status, json.loads(examples()[name]))


def test_pages_follow_one_another_without_a_gap(kit: Served) -> None:
    kit.kit = FakeKit(big(tags=5))
    seen: list[int] = []
    query: dict[str, Any] = {"per_page": 2}
    while True:
        asked = Asked(kit, "/v4/tags", **query)
        seen += ids(asked, "tags")
        if not asked.json["pagination"]["has_next_page"]:
            break
        query["after"] = asked.json["pagination"]["end_cursor"]
    assert seen == [5, 4, 3, 2, 1]
    assert kit.kit.count() == 3


def test_a_page_has_500_objects_unless_asked_and_1000_at_most(kit: Served) -> None:
    kit.kit = FakeKit(big(tags=1200))
    assert len(Asked(kit, "/v4/tags").json["tags"]) == 500
    assert len(Asked(kit, "/v4/tags", per_page=1000).json["tags"]) == 1000
    assert [Asked(kit, "/v4/tags", per_page=size).status for size in (1001, 0, "x")] == [422] * 3


def test_a_cursor_needs_its_percent_encoding(kit: Served) -> None:
    kit.kit = FakeKit(big(tags=3))
    cursor = Asked(kit, "/v4/tags", per_page=1).json["pagination"]["end_cursor"]
    assert set("+=") <= set(cursor)
    assert Asked(kit, f"/v4/tags?after={cursor}").status == 422
    assert Asked(kit, "/v4/tags", after=cursor).status == 200


def test_an_empty_list_has_null_cursors(kit: Served) -> None:
    kit.kit = FakeKit(account())
    pagination = Asked(kit, "/v4/tags").json["pagination"]
    assert (pagination["start_cursor"], pagination["end_cursor"], pagination["has_next_page"]) == (None, None, False)


def test_a_total_comes_only_when_asked_for(kit: Served) -> None:
    assert "total_count" not in Asked(kit, "/v4/tags").json["pagination"]
    assert Asked(kit, "/v4/tags", per_page=1, include_total_count="true").json["pagination"]["total_count"] == 3


def test_forms_and_people_that_are_not_active_are_invisible_unless_asked_for(kit: Served) -> None:
    assert ids(Asked(kit, "/v4/forms"), "forms") == [51]
    assert ids(Asked(kit, "/v4/forms", status="all"), "forms") == [53, 52, 51]
    assert ids(Asked(kit, "/v4/forms", status="trashed"), "forms") == [53]
    assert ids(Asked(kit, "/v4/tags/12/subscribers"), "subscribers") == [1]
    assert ids(Asked(kit, "/v4/tags/12/subscribers", status="all"), "subscribers") == [2, 1]
    assert Asked(kit, "/v4/forms", status="odd").status == Asked(kit, "/v4/tags/12/subscribers", status="odd").status == 422


def test_people_can_be_asked_for_by_the_time_of_their_tag(kit: Served) -> None:
    query = {"status": "all", "tagged_after": "2026-02-15"}
    assert ids(Asked(kit, "/v4/tags/12/subscribers", **query), "subscribers") == [2]
    assert ids(Asked(kit, "/v4/forms/51/subscribers", added_before="2026-01-01"), "subscribers") == []


@pytest.mark.parametrize(
    ("path", "envelope", "switch", "keys"),
    [
        ("/v4/tags", "tags", {"include": "subscriber_count"}, {"subscriber_count"}),
        ("/v4/forms", "forms", {"include": "subscriber_count"}, {"subscriber_count"}),
        ("/v4/sequences", "sequences", {"include": "stats"}, {"stats"}),
        ("/v4/sequences/5/emails", "emails", {"include_content": "true"}, {"content"}),
        ("/v4/snippets", "snippets", {"include_content": "true"}, {"content", "document"}),
    ],
)
def test_what_is_optional_is_absent_unless_asked_for(kit: Served, path: str, envelope: str, switch: dict[str, str], keys: set[str]) -> None:
    plain, full = (set(Asked(kit, path, **query).json[envelope][0]) for query in ({}, switch))
    assert full - plain == keys


def test_slim_broadcasts_lose_five_keys(kit: Served) -> None:
    full, slim = (set(Asked(kit, "/v4/broadcasts", **query).json["broadcasts"][0]) for query in ({}, {"slim": "true"}))
    assert full - slim == {"content", "public_url", "email_address", "email_template", "subscriber_filter"}


def test_archived_snippets_come_alone(kit: Served) -> None:
    assert ids(Asked(kit, "/v4/snippets"), "snippets") == [1]
    assert ids(Asked(kit, "/v4/snippets", archived="true"), "snippets") == [2]


def test_webhook_endpoints_refuse_a_key_and_accept_a_token(kit: Served) -> None:
    kit.kit = FakeKit({**sample(), "_open": ()})
    assert Asked(kit, "/v4/webhook_endpoints").status == 401
    assert Asked(kit, "/v4/webhook_endpoints", headers={"Authorization": f"Bearer {TOKEN}"}).status == 200


@pytest.mark.parametrize("path", ["/v4/tags/11", "/v4/purchases2", "/v4/sequences/999/emails", "/v4/tags/999/subscribers", "/"])
def test_what_does_not_exist_is_a_404(kit: Served, path: str) -> None:
    assert Asked(kit, path).status == 404


def test_the_rate_limit_is_a_rolling_window_per_credential_and_answers_in_plain_text(kit: Served) -> None:
    clock = Clock()
    kit.kit = FakeKit(sample(), limit=2, window=60, clock=clock.now)
    assert [Asked(kit, "/v4/tags").status for _ in range(2)] == [200, 200]
    clock.time += 30
    refused = Asked(kit, "/v4/tags")
    assert (refused.status, refused.body, refused.headers.get("retry-after")) == (429, b"Retry later", None)
    assert refused.headers["content-type"].startswith("text/plain")
    assert Asked(kit, "/v4/tags", headers={"Authorization": f"Bearer {TOKEN}"}).status == 200
    clock.time += 30
    assert Asked(kit, "/v4/tags").status == 200


def test_large_answers_are_compressed_when_the_client_can_read_that(kit: Served) -> None:
    headers = {"X-Kit-Api-Key": KEY, "Accept-Encoding": "gzip"}
    assert Asked(kit, "/v4/broadcasts", headers=headers).headers["content-encoding"] == "gzip"


def test_every_request_is_counted_with_its_method(kit: Served) -> None:
    kit.kit.expects_writes = True
    Asked(kit, "/v4/tags", method="DELETE")
    Asked(kit, "/v4/tags")
    assert kit.kit.methods() == {"DELETE": 1, "GET": 1}
    assert [seen.status for seen in kit.kit.seen] == [404, 200]


def test_a_snapshot_can_be_served(tmp_path: Any, kit: Served) -> None:
    sections: dict[str, Any] = {"account": {"object": {"id": 7, "name": "Demo"}}, "tags": {"objects": [{"id": 1, "name": "a"}]}}
    sections |= {"sequences": {"objects": [{"id": 2}]}, "sequence_emails": {"objects": [{"id": 3, "sequence_id": 2, "position": None}]}}
    (tmp_path / "account.json").write_text(json.dumps({"sections": sections}))
    (tmp_path / "counts.json").write_text('{"tags": {"1": {"subscriber_count": 4}}}')
    kit.kit = FakeKit(from_snapshot(tmp_path / "account.json"))
    assert Asked(kit, "/v4/tags", include="subscriber_count").json["tags"] == [{"id": 1, "name": "a", "subscriber_count": 4}]
    assert Asked(kit, "/v4/account").json["account"]["name"] == "Demo"
    assert ids(Asked(kit, "/v4/sequences/2/emails"), "emails") == [3]


def test_the_request_ids_look_like_request_ids(kit: Served) -> None:
    assert re.fullmatch(r"[\w-]+", Asked(kit, "/v4/tags").headers["x-request-id"])
