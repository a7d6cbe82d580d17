"""Lists are read forwards, page by page, once, with the same parameters."""

from __future__ import annotations

import asyncio
import base64
import json
from urllib.parse import quote

import msgspec
import pytest

from ckaudit.kit.client import Client, UnexpectedResponseError, open_client
from ckaudit.kit.credentials import Credential, CredentialKind
from ckaudit.kit.http import Params, Response
from ckaudit.kit.limiter import RateLimiter
from ckaudit.kit.paging import Page, pages, read_document
from ckaudit.kit.requests import PER_PAGE, ListRequest
from ckaudit.model.errors import IncompleteError, KitRefusedError, KitUnreachableError
from tests.fake_kit.accounts import big, sample
from tests.fake_kit.app import FakeKit
from tests.fake_kit.clock import Clock
from tests.fake_kit.server import Served

TAGS = ListRequest("/v4/tags", "tags", (("include", "subscriber_count"),))


def ids(found: list[Page]) -> list[int]:
    return [msgspec.json.decode(raw)["id"] for page in found for raw in page.objects]


def read_all(kit: Served, key: Credential, clock: Clock, request: ListRequest) -> list[Page]:
    async def run() -> list[Page]:
        async with open_client(key, kit.url, clock.timing) as client:
            return [page async for page in pages(client, request)]

    return asyncio.run(run())


@pytest.mark.parametrize(("count", "requests"), [(0, 1), (1, 1), (1000, 1), (1001, 2), (2500, 3)])
def test_a_list_takes_as_many_requests_as_it_has_pages(kit: Served, key: Credential, clock: Clock, count: int, requests: int) -> None:
    kit.kit = FakeKit(big(tags=count))
    found = read_all(kit, key, clock, TAGS)
    assert ids(found) == list(range(count, 0, -1))
    assert kit.kit.count() == requests
    assert [page.more for page in found] == [True] * (requests - 1) + [False]


def test_every_page_is_asked_with_the_same_parameters_and_an_encoded_cursor(kit: Served, key: Credential, clock: Clock) -> None:
    kit.kit = FakeKit(big(tags=5), largest_page=2)
    read_all(kit, key, clock, TAGS)
    first, second, third = kit.kit.seen
    assert first.query == {"include": "subscriber_count", "per_page": "1000"}
    for seen in (second, third):
        assert seen.query == first.query | {"after": seen.query["after"]}
        assert set("+/=") & set(seen.query["after"])
        assert f"after={quote(seen.query['after'], safe='')}" in seen.raw_query


def test_lists_of_people_are_read_the_same_way(kit: Served, key: Credential, clock: Clock) -> None:
    request = ListRequest("/v4/tags/12/subscribers", "subscribers", (("status", "all"), ("tagged_after", "2026-02-15")))
    assert ids(read_all(kit, key, clock, request)) == [2]


def test_a_total_is_passed_on_when_it_was_asked_for(kit: Served, key: Credential, clock: Clock) -> None:
    (page,) = read_all(kit, key, clock, ListRequest("/v4/tags", "tags", (("include_total_count", "true"),)))
    assert page.total == len(sample()["tags"])


def scripted(*bodies: object) -> tuple[list[Params], Clock, list[Page] | IncompleteError]:
    """Read a list from these bodies, the last forever; what was asked, and what came of it."""
    clock, asked, left = Clock(), [], list(bodies)

    async def transport(_path: str, params: Params) -> Response:
        asked.append(params)
        body = left.pop(0) if len(left) > 1 else left[0]
        return Response(200, body if isinstance(body, bytes) else json.dumps(body).encode())

    client = Client(transport, Credential(CredentialKind.KEY, "k"), RateLimiter(120, clock.timing), clock.timing)
    found: list[Page] = []

    async def run() -> list[Page] | IncompleteError:
        try:
            async for page in pages(client, TAGS):
                found.append(page)
        except IncompleteError as error:
            return error
        return found

    return asked, clock, asyncio.run(run())


def page_of(number: int, cursor: str | None, *, more: bool) -> dict[str, object]:
    return {"tags": [{"id": number}], "pagination": {"has_next_page": more, "end_cursor": cursor}}


def test_a_null_cursor_on_an_empty_list_is_fine() -> None:
    asked, _, found = scripted({"tags": [], "pagination": {"has_next_page": False, "end_cursor": None, "start_cursor": None}})
    assert found == [Page(())]
    assert len(asked) == 1


def test_a_list_without_pagination_is_one_page() -> None:
    asked, _, found = scripted({"tags": [{"id": 1}, {"id": 2}]})
    assert isinstance(found, list)
    assert (ids(found), len(asked), found[-1].more, found[-1].cut) == ([1, 2], 1, False, False)


def test_a_list_without_pagination_as_long_as_a_page_is_not_called_complete() -> None:
    _, _, found = scripted({"tags": [{"id": number} for number in range(int(PER_PAGE))]})
    assert isinstance(found, list)
    assert [page.cut for page in found] == [True]


@pytest.mark.parametrize("cursor", [None, "", "YQ=="])
def test_a_page_that_leads_nowhere_is_asked_again(cursor: str | None) -> None:
    asked, _, found = scripted(page_of(1, "YQ==", more=True), page_of(2, cursor, more=True), page_of(2, "Yg==", more=False))
    assert isinstance(found, list)
    assert (ids(found), len(asked)) == ([1, 2], 3)
    assert not any(page.cut for page in found)


@pytest.mark.parametrize("cursor", [None, "", "YQ=="])
def test_a_list_that_keeps_leading_nowhere_is_stopped_and_not_called_complete(cursor: str | None) -> None:
    asked, _, found = scripted(page_of(1, "YQ==", more=True), page_of(2, cursor, more=True))
    assert isinstance(found, list)
    assert (ids(found), len(asked)) == ([1, 2], 4)
    assert [page.cut for page in found] == [False, True]


def test_a_list_of_empty_pages_without_an_end_is_cut() -> None:
    bodies = [{"tags": [], "pagination": {"has_next_page": True, "end_cursor": f"c{number}"}} for number in range(100)]
    asked, _, found = scripted(*bodies)
    assert isinstance(found, list)
    assert found[-1].cut
    assert len(asked) < 60


def test_a_cursor_whose_object_is_gone_makes_the_list_begin_again(kit: Served, key: Credential, clock: Clock) -> None:
    kit.kit = FakeKit(big(tags=7), largest_page=2)

    def remove(number: int, _path: str) -> None:
        if number == 1:
            kit.kit.account["tags"] = [item for item in kit.kit.account["tags"] if item["id"] != 6]

    kit.kit.faults = remove
    found = read_all(kit, key, clock, TAGS)
    assert ids(found) == [7, 6, 7, 5, 4, 3, 2, 1]
    assert not any(page.cut for page in found)


def test_a_list_that_is_gone_is_refused_at_its_beginning(kit: Served, key: Credential, clock: Clock) -> None:
    def remove(number: int, _path: str) -> None:
        if number == 1:
            kit.kit.account["tags"] = [item for item in kit.kit.account["tags"] if item["id"] != 12]

    kit.kit = FakeKit(sample(), largest_page=1, faults=remove)
    with pytest.raises(KitRefusedError):
        read_all(kit, key, clock, ListRequest("/v4/tags/12/subscribers", "subscribers", (("status", "all"),)))
    assert kit.kit.count() == 3


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"Retry later",
        b"<html>",
        b'{"tags": [{"id": 1}, {"i',
        b'{"tags": [], "pagination": {"has_next_page": tru}}',
        b"[]",
        b"[" * 100_000,
        {"pagination": {"has_next_page": False}},
        {"tags": {}, "pagination": {"has_next_page": False}},
        {"tags": [], "pagination": {"has_next_page": "no"}},
        {"errors": ["odd"]},
    ],
)
def test_a_body_that_is_not_kits_is_asked_again_and_then_given_up(body: object) -> None:
    asked, _, found = scripted(body, page_of(1, "YQ==", more=False))
    assert isinstance(found, list)
    assert (ids(found), len(asked)) == ([1], 2)
    asked, _, outcome = scripted(body)
    assert isinstance(outcome, KitUnreachableError)
    assert (len(asked), outcome.hint != "") == (3, True)


def test_pages_read_before_a_fault_stay_valid() -> None:
    clock, found = Clock(), []

    async def transport(_path: str, params: Params) -> Response:
        if dict(params).get("after"):
            return Response(422, b'{"errors": ["The after param is not a known cursor"]}')
        return Response(200, json.dumps(page_of(1, base64.b64encode(b"x").decode(), more=True)).encode())

    client = Client(transport, Credential(CredentialKind.KEY, "k"), RateLimiter(120, clock.timing), clock.timing)

    async def run() -> None:
        async for page in pages(client, TAGS):
            found.append(page)

    with pytest.raises(KitRefusedError):
        asyncio.run(run())
    assert ids(found) == [1] * 4, "the list began again three times"


def test_the_top_level_of_a_body_keeps_its_parts_as_text() -> None:
    assert {key: bytes(value) for key, value in read_document(b'{"a": {"b": 1}}').items()} == {"a": b'{"b": 1}'}


@pytest.mark.parametrize(
    "odd",
    [
        b'\xef\xbb\xbf{"tags": [{"id": 1, "name": "A"}]}',
        b'{"tags": [{"id": 1, "name": "A", "count": NaN}]}',
        b'{"tags": [{"id": 1, "name": "A", "count": -Infinity}]}',
        b'{"tags": [{"id": 1, "name": "A\\ud83d"}]}',
    ],
)
def test_one_odd_value_does_not_cost_the_list(odd: bytes) -> None:
    (tag,) = msgspec.json.decode(read_document(odd)["tags"])
    assert (tag["id"], tag["name"][0]) == (1, "A")


def test_what_is_mended_leaves_texts_alone() -> None:
    body = b'{"tags": [{"name": "NaN \\"NaN\\" \\ud83d\\ude00", "count": NaN}]}'
    assert msgspec.json.decode(read_document(body)["tags"]) == [{"name": 'NaN "NaN" \U0001f600', "count": None}]


@pytest.mark.parametrize("broken", [b"", b"[]", b'{"a": ', b'"' * 100_000, b'"' + b'\\"' * 100_000])
def test_what_is_no_json_stays_none(broken: bytes) -> None:
    with pytest.raises(UnexpectedResponseError):
        read_document(broken)


def test_a_list_without_an_end_is_left(key: Credential, clock: Clock) -> None:
    asked = 0

    async def endless(_path: str, _params: Params) -> Response:
        nonlocal asked
        asked += 1
        body = {"tags": [{"id": asked, "name": f"T{asked}"}], "pagination": {"has_next_page": True, "end_cursor": f"c{asked}"}}
        return Response(200, json.dumps(body).encode())

    async def run() -> int:
        client = Client(endless, key, RateLimiter(10**6, clock.timing), clock.timing)
        return len([page async for page in pages(client, TAGS, 20)])

    with pytest.raises(KitUnreachableError, match="GET /v4/tags has no end: it was left after 20 pages"):
        asyncio.run(run())
    assert asked == 20
