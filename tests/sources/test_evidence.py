"""Reading people's timestamps: every list, in any state, inside its bounds, and nothing about a person but id, state and timestamp."""

from __future__ import annotations

import datetime as dt
import json
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckaudit.kit.credentials import Credential, CredentialKind
from ckaudit.kit.requests import COUNT_PATH
from ckaudit.model.account import Account as AccountModel
from ckaudit.model.account import SectionStatus, Tag
from ckaudit.model.errors import CredentialsError, KitUnreachableError
from ckaudit.model.evidence import Evidence, midnight
from ckaudit.model.holders import PersonState
from ckaudit.model.refs import Key, Kind
from ckaudit.sources.events import ROW
from ckaudit.sources.evidence import PARTIAL_FILE, SCHEMA, assemble_evidence, saved_evidence
from ckaudit.sources.evidence_file import evidence_bytes, read_evidence
from ckaudit.sources.evidence_list import AIMS, ReadList
from ckaudit.sources.evidence_plan import EvidencePlan, EvidenceRequest, ListPlan, complete_since, plan_evidence
from ckaudit.sources.live import Pulled, pull
from tests.fake_kit.accounts import CANARIES, CANARY_ADDRESS, account, form, person, sample, sequence, tag
from tests.fake_kit.app import KEY, TOKEN, FakeKit
from tests.fake_kit.clock import Clock
from tests.fake_kit.faults import Fault, after, always
from tests.fake_kit.server import Served

NOW = dt.datetime(2026, 6, 1, 15, 0, tzinfo=dt.UTC)
SINCE = "2025-12-03"
ASKED = "2025-12-01"
# one of them counts the subscribers
STRUCTURE = 16
LISTS = 9
FILES = ["account.json", "counts.json", "events.npz", "reading.json"]
EVIDENCE_PARTIAL = "evidence.partial.jsonl"
TAG = Key(Kind.TAG, 11)


def asking(*whole: Key, **changed: Any) -> EvidenceRequest:
    return EvidenceRequest(**{"now": NOW, "whole": lambda _: frozenset(whole), **changed})


def pull_into(
    folder: Path | None, kit: Served, clock: Clock, key: Credential, wanted: EvidenceRequest | None = None, **options: Any
) -> Pulled:
    return pull(key, api_url=kit.url, folder=folder, timing=clock.timing, evidence=wanted or asking(), **options)


def evidence_of(kit: Served, clock: Clock, key: Credential, wanted: EvidenceRequest | None = None) -> Evidence:
    pulled = pull_into(None, kit, clock, key, wanted)
    assert pulled.problem is None
    assert pulled.evidence is not None
    return pulled.evidence


def finished_lists(folder: Path) -> set[str]:
    """What an interrupted reading has read to the end, as paths of the API."""
    lines = [json.loads(line) for line in (folder / EVIDENCE_PARTIAL).read_text().splitlines()[1:]]
    return {f"/v4/{line['kind']}s/{line['id']}/subscribers" for line in lines}


def with_members(*people: dict[str, Any], **more: Any) -> FakeKit:
    """A fake Kit with one tag and its people."""
    found = account() | {"tags": [tag(11)], "_open": ("/v4/webhook_endpoints",)}
    found["members"]["tags"][11] = list(people)
    return FakeKit(found, **more)


def tagged(number: int, when: str = "2026-05-01T10:00:00Z", state: str = "active") -> dict[str, Any]:
    return person(number, "tagged_at", when, state)


def people_requests(kit: Served) -> list[tuple[str, dict[str, str]]]:
    """Requests for the people of a tag, form or sequence; the one that counts everybody belongs to the structure."""
    return [(seen.path, seen.query) for seen in kit.kit.seen if seen.path.endswith("/subscribers") and seen.path != COUNT_PATH]


def test_every_timestamp_is_read_with_its_state(kit: Served, clock: Clock, key: Credential) -> None:
    events = evidence_of(kit, clock, key).events
    rows = zip(events.person, events.kind, events.id, events.second, events.state, strict=True)
    assert [tuple(map(int, row)) for row in rows] == [
        (0, 0, 51, 1769853600, 0),
        (0, 1, 12, 1769940000, 0),
        (0, 2, 5, 1769940003, 0),
        (1, 1, 12, 1772359200, 4),
    ]


def test_every_list_is_asked_for_once_with_its_own_filters(kit: Served, clock: Clock, key: Credential) -> None:
    evidence_of(kit, clock, key)
    asked = dict(people_requests(kit))
    assert len(people_requests(kit)) == len(asked) == LISTS
    assert asked["/v4/tags/12/subscribers"] == {"status": "all", "slim": "true", "tagged_after": ASKED, "per_page": "1000"}
    assert asked["/v4/forms/51/subscribers"] == {"status": "all", "slim": "true", "added_after": ASKED, "per_page": "1000"}
    assert asked["/v4/sequences/5/subscribers"] == {"status": "all", "added_after": ASKED, "per_page": "1000"}


def test_an_account_of_300_tags_takes_400_requests_and_does_not_leave_the_limit(kit: Served, clock: Clock, key: Credential) -> None:
    found = account() | {
        "tags": [tag(number) for number in range(1, 301)],
        "forms": [form(number) for number in range(1, 61)],
        "sequences": [sequence(number) for number in range(1, 41)],
        "_open": ("/v4/webhook_endpoints",),
    }
    kit.kit = FakeKit(found, clock=clock.now)
    evidence = evidence_of(kit, clock, key)
    assert len(people_requests(kit)) == len(evidence.lists) == 400
    assert kit.kit.statuses() == {200: 13 + 40 + 400}


def test_long_lists_among_300_tags_cost_a_few_requests_more(kit: Served, clock: Clock, key: Credential) -> None:
    kinds = {"tags": (300, tag, "tagged_at"), "forms": (20, form, "added_at"), "sequences": (15, sequence, "added_at")}
    found = account() | {"_open": ("/v4/webhook_endpoints",)}
    dice = random.Random(1)
    for kind, (count, make, timestamp) in kinds.items():
        found[kind] = [{**make(number), "subscriber_count": 5 * number % 300} for number in range(1, count + 1)]
        for number in (1, 2):
            days = [dt.timedelta(days=dice.uniform(0, 400)) for _ in range(900)]
            found["members"][kind][number] = [person(who, timestamp, f"{NOW - day:%Y-%m-%dT%H:%M:%SZ}") for who, day in enumerate(days)]
            found[kind][number - 1]["subscriber_count"] = 900
    kit.kit = FakeKit(found, clock=clock.now, largest_page=100)
    evidence = evidence_of(kit, clock, key, asking(max_people=200))
    assert {item.status for item in evidence.lists} == {SectionStatus.COMPLETE}
    assert len(evidence.shorter) == 6
    # one request for each of 335 lists; each of 6 long ones has a page that shows it is long, and a second page
    assert len(people_requests(kit)) <= 335 + 6 * 3
    assert kit.kit.count() <= 400
    assert clock.time - 1000 < 4 * 61


def test_the_plan_is_told_before_it_starts(kit: Served, clock: Clock, key: Credential) -> None:
    told: list[tuple[int, float, int]] = []
    evidence_of(kit, clock, key, asking(announce=lambda plan, seconds: told.append((plan.requests, seconds, len(people_requests(kit))))))
    assert told == [(LISTS, 0.0, 0)]


def test_progress_counts_structure_and_people_together(kit: Served, clock: Clock, key: Credential) -> None:
    seen: list[tuple[int, int]] = []

    class Recorder:
        def update(self, done: int, expected: int, seconds_left: float) -> None:
            seen.append((done, expected))

    pull_into(None, kit, clock, key, progress=Recorder())
    assert seen[-1] == (STRUCTURE + LISTS, STRUCTURE + LISTS)


# -- the plan ----------------------------------------------------------------------------------------------------------------------


def test_lists_of_objects_without_active_people_are_read_too() -> None:
    plan = plan_evidence(AccountModel(tags=(Tag(11, "Left", subscriber_count=0),)), NOW)
    assert [item.key for item in plan.lists] == [TAG]
    assert plan.requests == 1


def test_a_list_in_a_role_has_no_bounds_and_others_have() -> None:
    tags = (Tag(11, "Buyers", subscriber_count=5400), Tag(12, "Leads", subscriber_count=5400), Tag(13, "New"))
    plan = plan_evidence(AccountModel(tags=tags), NOW, whole=frozenset({TAG}))
    assert [(item.since, item.max_people, item.pages) for item in plan.lists] == [(None, None, 6), (ASKED, 2000, 2), (ASKED, 2000, 1)]


@pytest.mark.parametrize(("days", "since"), [(1, "2026-05-31"), (180, SINCE), (3650, "2016-06-03")])
def test_days_are_counted_back_from_the_clock_and_asked_for_with_a_margin(days: int, since: str) -> None:
    asked = plan_evidence(AccountModel(tags=(Tag(11, "A"),)), NOW, days=days).lists[0].since
    assert complete_since(asked) == midnight(dt.date.fromisoformat(since))
    assert asked == (dt.date.fromisoformat(since) - dt.timedelta(days=2)).isoformat()


# -- bounds ------------------------------------------------------------------------------------------------------------------------


def test_a_whole_list_is_read_to_its_end_from_its_beginning(kit: Served, clock: Clock, key: Credential) -> None:
    kit.kit = with_members(*(tagged(number, "2019-01-01T00:00:00Z") for number in range(1, 31)), largest_page=4)
    evidence = evidence_of(kit, clock, key, asking(TAG, max_people=5))
    assert len(evidence.events) == 30
    assert (evidence.of(TAG).status, evidence.of(TAG).since) == (SectionStatus.COMPLETE, None)
    assert "tagged_after" not in people_requests(kit)[0][1]


def test_older_timestamps_on_a_first_page_do_not_end_the_reading(kit: Served, clock: Clock, key: Credential) -> None:
    people = [tagged(number, f"20{20 + number % 7}-02-01T00:00:00Z") for number in range(1, 21)]
    kit.kit = with_members(*people, largest_page=3)
    evidence = evidence_of(kit, clock, key, asking(TAG))
    assert len(evidence.events) == 20


@pytest.mark.parametrize("largest_page", [3, 6, 1000])
def test_a_list_exactly_as_long_as_the_bound_is_complete(kit: Served, clock: Clock, key: Credential, largest_page: int) -> None:
    kit.kit = with_members(*(tagged(number) for number in range(1, 7)), largest_page=largest_page)
    assert evidence_of(kit, clock, key, asking(max_people=6)).of(TAG).status is SectionStatus.COMPLETE


def test_recent_events_leave_out_what_only_whole_lists_reach_back_to(kit: Served, clock: Clock, key: Credential) -> None:
    kit.kit = with_members(tagged(1, "2019-01-01T00:00:00Z"), tagged(2))
    kit.kit.account["forms"] = [form(51)]
    evidence = evidence_of(kit, clock, key, asking(TAG))
    assert (len(evidence.events), len(evidence.recent())) == (2, 1)
    assert evidence.since == midnight(dt.date.fromisoformat(SINCE))


# -- long lists --------------------------------------------------------------------------------------------------------------------


def evenly(count: int, days: int = 180, *, until: dt.datetime = NOW - dt.timedelta(hours=1)) -> list[dict[str, Any]]:
    """People who came evenly in the last days, ids in random order."""
    ids = random.Random(5).sample(range(1, count + 1), count)
    step = dt.timedelta(days=days) / count
    return [tagged(number, f"{until - place * step:%Y-%m-%dT%H:%M:%SZ}") for place, number in enumerate(ids)]


def expected_since(people: list[dict[str, Any]], since: int) -> int:
    return sum(dt.datetime.fromisoformat(person["tagged_at"]).timestamp() >= since for person in people)


def windows(kit: Served) -> list[str]:
    """The days from which on people were asked for, in order, first pages only."""
    return [query["tagged_after"] for _, query in people_requests(kit) if "after" not in query]


@pytest.mark.parametrize("order", ["newest", "oldest", "id"])
def test_a_long_list_is_complete_since_a_later_day_whatever_its_order(kit: Served, clock: Clock, key: Credential, order: str) -> None:
    people = evenly(6000)
    kit.kit = with_members(*people, order=order)
    kit.kit.account["tags"][0]["subscriber_count"] = 5500
    evidence = evidence_of(kit, clock, key, asking(max_people=2000))
    found = evidence.of(TAG)
    assert found.status is SectionStatus.COMPLETE
    assert found.since is not None
    kept = np.count_nonzero(evidence.events.second >= found.since)
    assert kept == expected_since(people, found.since)
    assert 1000 < kept <= 2000
    # one page tells that they do not fit, two hold those who do
    assert len(people_requests(kit)) == 3
    assert evidence.shorter == {TAG: found.since} or evidence.since == found.since


def test_the_count_is_asked_for_only_where_a_list_may_be_long_and_on_first_pages(kit: Served, clock: Clock, key: Credential) -> None:
    kit.kit = with_members(*evenly(3000))
    kit.kit.account["tags"] += [tag(12)]
    kit.kit.account["tags"][0]["subscriber_count"] = 2900
    evidence_of(kit, clock, key)
    counted = [(path, "after" in query) for path, query in people_requests(kit) if "include_total_count" in query]
    assert counted == [("/v4/tags/11/subscribers", False)] * 2
    assert len(people_requests(kit)) == 4


def test_people_who_all_came_lately_take_some_steps(kit: Served, clock: Clock, key: Credential) -> None:
    people = [*evenly(2500, days=12), *evenly(300)]
    people = [{**person, "id": number} for number, person in enumerate(people)]
    kit.kit = with_members(*people)
    evidence = evidence_of(kit, clock, key, asking(max_people=1000))
    assert evidence.of(TAG).status is SectionStatus.COMPLETE
    assert np.count_nonzero(evidence.events.second >= (evidence.of(TAG).since or 0)) == expected_since(people, evidence.of(TAG).since or 0)
    assert len(windows(kit)) == len(set(windows(kit))) <= 1 + len(AIMS)


def test_thousands_of_one_day_stay_a_part_and_cost_a_few_requests(kit: Served, clock: Clock, key: Credential) -> None:
    kit.kit = with_members(*(tagged(number, "2026-06-01T10:00:00Z") for number in range(1, 5001)))
    kit.kit.account["tags"][0]["subscriber_count"] = 4000
    evidence = evidence_of(kit, clock, key, asking(max_people=2000))
    assert evidence.of(TAG).status is SectionStatus.PARTIAL
    assert len(evidence.events) == 2000
    assert len(people_requests(kit)) == 1 + len(AIMS) - 1 + 2


def test_a_long_list_whose_count_nobody_tells_is_narrowed_by_halves(kit: Served, clock: Clock, key: Credential) -> None:
    people = evenly(5000)
    kit.kit = with_members(*people, counts=False)
    evidence = evidence_of(kit, clock, key, asking(max_people=2000))
    found = evidence.of(TAG)
    assert (found.status, np.count_nonzero(evidence.events.second >= (found.since or 0))) == (
        SectionStatus.COMPLETE,
        expected_since(people, found.since or 0),
    )
    assert len(people_requests(kit)) == 2 + 2 + 2


def test_a_list_with_fewer_people_than_kits_own_count_of_it_is_partial(kit: Served, clock: Clock, key: Credential) -> None:
    kit.kit = with_members(*evenly(1500))
    kit.kit.account["tags"][0]["subscriber_count"] = 1500
    kit.kit.hide = 200
    assert evidence_of(kit, clock, key).of(TAG).status is SectionStatus.PARTIAL


def test_a_short_window_of_one_list_does_not_shorten_the_others(kit: Served, clock: Clock, key: Credential) -> None:
    kit.kit = with_members(*evenly(3000))
    kit.kit.account["tags"] += [tag(12)]
    kit.kit.account["members"]["tags"][12] = [tagged(9001, "2026-01-05T00:00:00Z")]
    evidence = evidence_of(kit, clock, key, asking(max_people=1000))
    assert evidence.since == midnight(dt.date.fromisoformat(SINCE))
    since = evidence.shorter[TAG]
    recent = evidence.recent()
    assert 12 in recent.id
    assert recent.second[recent.id == 11].min() >= since


def test_what_lists_may_not_show_yet_and_what_happens_meanwhile_is_left_out(kit: Served, clock: Clock, key: Credential) -> None:
    times = ("12:00:00", "14:55:00", "14:55:01", "15:20:00")
    kit.kit = with_members(*(tagged(number, f"2026-06-01T{time}Z") for number, time in enumerate(times, 1)))
    pulled = pull_into(None, kit, clock, key)
    assert pulled.evidence is not None
    assert pulled.roster is not None
    assert len(pulled.evidence.events) == 2
    assert pulled.roster.ids == (1, 2)


# -- rows --------------------------------------------------------------------------------------------------------------------------


def test_a_row_that_two_pages_repeat_counts_once_with_its_later_timestamp(kit: Served, clock: Clock, key: Credential) -> None:
    kit.kit = with_members(tagged(3, "2026-05-04T00:00:00Z"), tagged(2, "2026-05-03T00:00:00Z"), largest_page=2)
    kit.kit.account["members"]["tags"][11] += [tagged(2, "2026-05-02T00:00:00Z", "cancelled"), tagged(1, "2026-05-01T00:00:00Z")]
    events = evidence_of(kit, clock, key).events
    assert [int(second) - midnight(dt.date(2026, 5, 1)) for second in events.second] == [0, 2 * 86400, 3 * 86400]
    assert list(events.state) == [0, 0, 0]


def moving(kit: Served, change: Callable[[list[dict[str, Any]]], list[dict[str, Any]]]) -> Callable[[int, str], None]:
    """Changes the people of the tag when its second page is asked for."""

    def plan(_number: int, path: str) -> None:
        members = kit.kit.account["members"]["tags"]
        if path.startswith("/v4/tags/11/") and kit.kit.count(path) == 2:
            members[11] = change(members[11])

    return plan


def test_a_person_deleted_between_two_pages_costs_nobody_else_his_place(kit: Served, clock: Clock, key: Credential) -> None:
    kit.kit = with_members(*(tagged(number, f"2026-05-0{number}T00:00:00Z") for number in range(1, 8)), largest_page=2)
    # pages: 7 6 | 5 4 | 3 2 | 1; the second one begins behind person 6, who is gone
    kit.kit.faults = moving(kit, lambda people: [person for person in people if person["id"] != 6])
    evidence = evidence_of(kit, clock, key, asking(TAG))
    assert evidence.of(TAG).status is SectionStatus.COMPLETE
    assert len(evidence.events) == 7


def test_a_person_merged_into_another_between_two_pages_counts_once_with_the_later_timestamp(
    kit: Served, clock: Clock, key: Credential
) -> None:
    kit.kit = with_members(*(tagged(number, f"2026-05-0{number}T00:00:00Z") for number in range(1, 6)), largest_page=2)
    merged = tagged(2, "2026-05-05T00:00:00Z", "cancelled")
    kit.kit.faults = moving(kit, lambda people: [person for person in people if person["id"] not in (2, 5)] + [merged])
    pulled = pull_into(None, kit, clock, key, asking(TAG))
    assert pulled.evidence is not None
    assert pulled.roster is not None
    assert pulled.evidence.of(TAG).status is SectionStatus.COMPLETE
    persons = [pulled.roster.subscriber(int(number)) for number in pulled.evidence.events.person]
    assert sorted(persons) == sorted(set(persons))


def test_timestamps_with_an_offset_are_read_as_utc_and_the_zone_of_this_machine_does_not_matter(
    kit: Served, clock: Clock, key: Credential, monkeypatch: pytest.MonkeyPatch
) -> None:
    times = ("2026-05-01T02:00:00+02:00", "2026-05-01T00:00:00Z", "2026-04-30T17:00:00-07:00")
    kit.kit = with_members(*(tagged(number, when) for number, when in enumerate(times)))
    bytes_of = {}
    for zone in ("UTC", "Pacific/Auckland", "America/Los_Angeles"):
        monkeypatch.setenv("TZ", zone)
        time.tzset()
        bytes_of[zone] = evidence_bytes(evidence_of(kit, clock, key))
    monkeypatch.undo()
    time.tzset()
    assert len(set(bytes_of.values())) == 1
    assert set(evidence_of(kit, clock, key).events.second) == {midnight(dt.date(2026, 5, 1))}


def test_ids_above_32_bits_stay_apart(kit: Served, clock: Clock, key: Credential) -> None:
    kit.kit = with_members(tagged(2**63 - 1), tagged(2**32 + 7), tagged(7))
    assert list(evidence_of(kit, clock, key).events.person) == [0, 1, 2]


@pytest.mark.parametrize(
    "row",
    [
        tagged(2**63),
        tagged(-2),
        tagged("2"),  # type: ignore[arg-type]
        tagged(None),  # type: ignore[arg-type]
        tagged(2, "2026-99-99T00:00:00Z"),
        tagged(2, "0001-01-01T00:00:00Z"),
    ],
)
def test_a_row_that_makes_no_sense_is_left_out_and_the_list_is_partial(kit: Served, clock: Clock, key: Credential, row: Any) -> None:
    kit.kit = with_members(tagged(1, "2026-05-02T00:00:00Z"), row)
    evidence = evidence_of(kit, clock, key, asking(TAG))
    assert (len(evidence.events), evidence.of(TAG).status) == (1, SectionStatus.PARTIAL)


def test_a_state_kit_adds_later_is_kept_as_other(kit: Served, clock: Clock, key: Credential) -> None:
    kit.kit = with_members(tagged(1, state="sleeping"))
    assert list(evidence_of(kit, clock, key).events.state) == [int(PersonState.OTHER)]


def read(number: int, *rows: tuple[int, int, int], kind: Kind = Kind.TAG) -> ReadList:
    return ReadList(kind, number, None, None, SectionStatus.COMPLETE, rows)


def assembled(*lists: ReadList) -> Evidence:
    plan = EvidencePlan(NOW, tuple(ListPlan(item.key) for item in lists))
    return assemble_evidence(plan, {item.key: item for item in lists})


@pytest.mark.parametrize(("states", "kept"), [((0, 4), 4), ((4, 0), 4), ((1, 0), 1), ((5, 0), 0), ((5, 3), 3), ((5, 5), 5), ((0, 0), 0)])
def test_a_person_seen_in_two_states_keeps_one(states: tuple[int, int], kept: int) -> None:
    evidence = assembled(read(1, (9, 100, states[0]), (10, 100, 0)), read(2, (9, 200, states[1])))
    assert list(evidence.events.state[evidence.events.person == 0]) == [kept, kept]


def test_people_are_numbered_by_ascending_id_whatever_list_comes_first() -> None:
    evidence = assembled(read(1, (900, 1, 0)), read(2, (30, 1, 0), (900, 2, 0)))
    assert list(zip(evidence.events.person, evidence.events.id, strict=True)) == [(0, 2), (1, 1), (1, 2)]


def test_nothing_read_is_no_evidence_of_anything() -> None:
    evidence = assemble_evidence(EvidencePlan(NOW, (ListPlan(TAG),)), {})
    assert (len(evidence.events), evidence.of(TAG).status) == (0, SectionStatus.SKIPPED)


@given(st.lists(st.tuples(st.integers(1, 30), st.integers(0, 2**40)), max_size=40), st.integers(0, 2**60))
def test_other_subscriber_ids_in_the_same_order_give_the_same_bytes(rows: list[tuple[int, int]], shift: int) -> None:
    unique = dict(rows)
    one = assembled(read(1, *((number, second, 0) for number, second in unique.items())))
    other = assembled(read(1, *((number + shift, second, 0) for number, second in unique.items())))
    assert evidence_bytes(one) == evidence_bytes(other)


@pytest.mark.parametrize(("counted", "status"), [(40, SectionStatus.COMPLETE), (60, SectionStatus.PARTIAL), (None, SectionStatus.COMPLETE)])
def test_a_whole_list_clearly_shorter_than_kits_count_is_partial(
    kit: Served, clock: Clock, key: Credential, counted: int | None, status: SectionStatus
) -> None:
    kit.kit = with_members(*(tagged(number) for number in range(1, 41)))
    kit.kit.account["tags"][0]["subscriber_count"] = counted
    assert evidence_of(kit, clock, key, asking(TAG)).of(TAG).status is status


def test_a_bounded_list_may_be_shorter_than_kits_count(kit: Served, clock: Clock, key: Credential) -> None:
    kit.kit = with_members(tagged(1))
    kit.kit.account["tags"][0]["subscriber_count"] = 5000
    assert evidence_of(kit, clock, key).of(TAG).status is SectionStatus.COMPLETE


# -- what goes wrong ---------------------------------------------------------------------------------------------------------------


def test_a_list_deleted_in_the_meantime_is_refused_and_the_others_are_read(kit: Served, clock: Clock, key: Credential) -> None:
    kit.kit = FakeKit(sample(), refuse={"/v4/tags/12/subscribers": 404})
    evidence = evidence_of(kit, clock, key)
    assert evidence.of(Key(Kind.TAG, 12)).status is SectionStatus.REFUSED
    assert len(evidence.events) == 2


def test_a_credential_that_may_read_no_lists_of_a_kind_is_not_asked_for_all(kit: Served, clock: Clock, key: Credential) -> None:
    found = account() | {"tags": [tag(number) for number in range(1, 101)], "forms": [form(51)], "_open": ("/v4/webhook_endpoints",)}
    kit.kit = FakeKit(found, refuse={f"/v4/tags/{number}/subscribers": 403 for number in range(1, 101)})
    evidence = evidence_of(kit, clock, key)
    assert len(people_requests(kit)) < 25
    assert {item.status for item in evidence.lists[1:]} == {SectionStatus.REFUSED}
    assert evidence.lists[0].status is SectionStatus.COMPLETE


def test_a_key_revoked_on_the_way_ends_the_reading(kit: Served, clock: Clock, key: Credential, tmp_path: Path) -> None:
    kit.kit = FakeKit(sample(), refuse={"/v4/tags/12/subscribers": 401})
    pulled = pull_into(tmp_path, kit, clock, key)
    assert isinstance(pulled.problem, CredentialsError)
    assert (tmp_path / "account.json").is_file()


def test_when_the_network_fails_the_account_is_there_and_the_timestamps_are_not(
    kit: Served, clock: Clock, key: Credential, tmp_path: Path
) -> None:
    kit.kit = FakeKit(sample(), faults=always(Fault.ERROR_500, "/v4/tags/12/subscribers"))
    pulled = pull_into(tmp_path, kit, clock, key)
    assert isinstance(pulled.problem, KitUnreachableError)
    assert pulled.snapshot == tmp_path / "account.json"
    assert not (tmp_path / "events.npz").exists()
    assert pulled.evidence is not None
    assert pulled.evidence.of(Key(Kind.TAG, 12)).status is SectionStatus.SKIPPED


# -- the folder --------------------------------------------------------------------------------------------------------------------


def test_the_same_account_gives_the_same_bytes_and_they_read_back(kit: Served, clock: Clock, key: Credential, tmp_path: Path) -> None:
    pulled = pull_into(tmp_path / "a", kit, clock, key)
    pull_into(tmp_path / "b", kit, clock, key)
    assert (tmp_path / "a/events.npz").read_bytes() == (tmp_path / "b/events.npz").read_bytes()
    stored = read_evidence(tmp_path / "a")
    assert stored is not None
    assert pulled.evidence is not None
    assert (stored.lists, stored.day) == (pulled.evidence.lists, pulled.evidence.day)
    assert evidence_bytes(stored) == evidence_bytes(pulled.evidence)
    assert sorted(path.name for path in (tmp_path / "a").iterdir()) == FILES


def test_the_structure_does_not_depend_on_whether_timestamps_are_read(kit: Served, clock: Clock, key: Credential, tmp_path: Path) -> None:
    pull_into(tmp_path / "with", kit, clock, key)
    pull(key, api_url=kit.url, folder=tmp_path / "without", timing=clock.timing)
    assert (tmp_path / "with/account.json").read_bytes() == (tmp_path / "without/account.json").read_bytes()


def test_timestamps_of_an_older_state_do_not_stay_beside_a_newer_account(
    kit: Served, clock: Clock, key: Credential, tmp_path: Path
) -> None:
    pull_into(tmp_path, kit, clock, key)
    pull(key, api_url=kit.url, folder=tmp_path, timing=clock.timing)
    assert {path.name for path in tmp_path.iterdir()} == {"account.json", "counts.json", "reading.json"}


@pytest.mark.parametrize("killed_after", range(STRUCTURE, STRUCTURE + LISTS))
def test_a_reading_interrupted_at_any_request_is_resumed_and_ends_the_same(
    kit: Served, clock: Clock, key: Credential, tmp_path: Path, killed_after: int
) -> None:
    pull_into(tmp_path / "calm", kit, clock, key)
    folder = tmp_path / "resumed"
    kit.kit = FakeKit(sample(), faults=after(killed_after, Fault.RESET))
    assert pull_into(folder, kit, clock, key).problem is not None
    finished = (folder / EVIDENCE_PARTIAL).read_bytes().count(b"\n") - 1
    kit.kit = FakeKit(sample())
    later = asking(now=NOW + dt.timedelta(hours=20))
    assert pull_into(folder, kit, clock, key, later).problem is None
    assert kit.kit.count() == LISTS - finished
    for name in FILES:
        assert (folder / name).read_bytes() == (tmp_path / "calm" / name).read_bytes()
    assert sorted(path.name for path in folder.iterdir()) == FILES


class InterruptAfter:
    """Progress that presses Ctrl-C at the n-th answer."""

    def __init__(self, count: int) -> None:
        self.count = count

    def update(self, done: int, expected: int, seconds_left: float) -> None:
        if done == self.count:
            signal.raise_signal(signal.SIGINT)


@pytest.mark.parametrize("count", [STRUCTURE + 1, STRUCTURE + 5, STRUCTURE + LISTS - 1])
def test_ctrl_c_keeps_the_account_and_the_finished_lists(kit: Served, clock: Clock, key: Credential, tmp_path: Path, count: int) -> None:
    pulled = pull_into(tmp_path, kit, clock, key, progress=InterruptAfter(count))
    assert pulled.problem is not None
    assert pulled.problem.message == "interrupted"
    assert {path.name for path in tmp_path.iterdir()} == {
        "account.json",
        "counts.json",
        "reading.json",
        "pull.partial.jsonl",
        EVIDENCE_PARTIAL,
    }
    kept = finished_lists(tmp_path)
    finished = len(kept)
    # the list whose answer was the last need not have been finished
    assert finished or count == STRUCTURE + 1
    kit.kit = FakeKit(sample())
    assert pull_into(tmp_path, kit, clock, key).problem is None
    # a request that was under way may arrive late, but never one for a list that was finished
    asked = {path for path, _ in people_requests(kit)}
    assert LISTS - finished <= len(asked)
    assert asked.isdisjoint(kept)


def test_a_reading_that_was_interrupted_can_be_finished_without_timestamps(
    kit: Served, clock: Clock, key: Credential, tmp_path: Path
) -> None:
    kit.kit = FakeKit(sample(), faults=after(STRUCTURE + 3, Fault.RESET))
    pull_into(tmp_path, kit, clock, key)
    kit.kit = FakeKit(sample())
    assert pull(key, api_url=kit.url, folder=tmp_path, timing=clock.timing).problem is None
    assert kit.kit.count() == 0
    assert {path.name for path in tmp_path.iterdir()} == {"account.json", "counts.json", "reading.json"}


def test_other_bounds_read_the_lists_again(kit: Served, clock: Clock, key: Credential, tmp_path: Path) -> None:
    kit.kit = FakeKit(sample(), faults=after(STRUCTURE + LISTS - 1, Fault.RESET))
    pull_into(tmp_path, kit, clock, key)
    kit.kit = FakeKit(sample())
    pull_into(tmp_path, kit, clock, key, asking(days=30))
    assert len(people_requests(kit)) == LISTS


def test_another_credential_of_the_same_account_goes_on_with_the_lists(kit: Served, clock: Clock, key: Credential, tmp_path: Path) -> None:
    kit.kit = FakeKit(sample(), faults=after(STRUCTURE + LISTS - 1, Fault.RESET))
    pull_into(tmp_path, kit, clock, key)
    finished = (tmp_path / EVIDENCE_PARTIAL).read_bytes().count(b"\n") - 1
    kit.kit = FakeKit(sample())
    pull_into(tmp_path, kit, clock, Credential(CredentialKind.OAUTH, TOKEN))
    assert len(people_requests(kit)) == LISTS - finished


@pytest.mark.parametrize("text", [b"", b"{}\n", b"\xff\n", b'{"schema": "ckaudit.evidence/v1", "account": 31, "day": "2020-01-01"}\n'])
def test_a_partial_file_that_is_not_of_this_reading_is_started_over(
    kit: Served, clock: Clock, key: Credential, tmp_path: Path, text: bytes
) -> None:
    (tmp_path / EVIDENCE_PARTIAL).write_bytes(text)
    pull_into(tmp_path, kit, clock, key)
    assert people_requests(kit)[0][1].get("added_after") == ASKED
    assert sorted(path.name for path in tmp_path.iterdir()) == FILES


def test_no_address_or_name_of_a_person_reaches_the_folder(kit: Served, clock: Clock, key: Credential, tmp_path: Path) -> None:
    kit.kit = FakeKit(sample(), faults=after(STRUCTURE + LISTS - 1, Fault.RESET))
    pull_into(tmp_path, kit, clock, key)
    kept = (tmp_path / EVIDENCE_PARTIAL).read_text()
    assert (tmp_path / EVIDENCE_PARTIAL).stat().st_mode & 0o077 == 0
    kit.kit = FakeKit(sample())
    pull_into(tmp_path, kit, clock, key)
    with np.load(tmp_path / "events.npz", allow_pickle=False) as stored:
        assert stored.files == ["version", "rows", "day", "lists"]
        assert stored["rows"].dtype == ROW
    assert [canary for canary in (*CANARIES, KEY) if canary in kept] == []


@pytest.mark.parametrize("killed_after", [STRUCTURE + 1, STRUCTURE + LISTS - 1])
def test_a_reading_with_addresses_is_resumed_and_ends_the_same(
    kit: Served, clock: Clock, key: Credential, tmp_path: Path, killed_after: int
) -> None:
    pull_into(tmp_path / "calm", kit, clock, key, asking(with_emails=True))
    kit.kit = FakeKit(sample(), faults=after(killed_after, Fault.RESET))
    pull_into(tmp_path / "resumed", kit, clock, key, asking(with_emails=True))
    finished = finished_lists(tmp_path / "resumed")
    kit.kit = FakeKit(sample())
    pull_into(tmp_path / "resumed", kit, clock, key, asking(with_emails=True))
    assert kit.kit.count() == LISTS - len(finished)
    for name in (*FILES, "people.json"):
        assert (tmp_path / "resumed" / name).read_bytes() == (tmp_path / "calm" / name).read_bytes()


def test_addresses_wanted_later_are_read_and_no_longer_wanted_ones_forgotten(
    kit: Served, clock: Clock, key: Credential, tmp_path: Path
) -> None:
    broken = after(STRUCTURE + LISTS - 1, Fault.RESET)
    kit.kit = FakeKit(sample(), faults=broken)
    pull_into(tmp_path, kit, clock, key)
    kit.kit = FakeKit(sample(), faults=always(Fault.RESET, "/v4/sequences/5/subscribers"))
    pull_into(tmp_path, kit, clock, key, asking(with_emails=True))
    assert CANARY_ADDRESS in (tmp_path / EVIDENCE_PARTIAL).read_text(), "lists read without addresses before are read again"
    kit.kit = FakeKit(sample(), faults=always(Fault.RESET))
    pull_into(tmp_path, kit, clock, key)
    assert CANARY_ADDRESS not in (tmp_path / EVIDENCE_PARTIAL).read_text()


def test_a_fault_in_choosing_whole_lists_ends_the_pull_with_the_account_stored(
    kit: Served, clock: Clock, key: Credential, tmp_path: Path
) -> None:
    def fails(_: AccountModel) -> frozenset[Key]:
        raise CredentialsError("no")

    assert pull_into(tmp_path, kit, clock, key, asking(whole=fails)).problem is not None
    assert (tmp_path / "account.json").is_file()


@pytest.mark.parametrize("now", [-1, 2**62, 32_503_680_000])
def test_what_was_left_on_a_day_that_no_calendar_has_is_not_used(tmp_path: Path, now: int) -> None:
    header = {"schema": SCHEMA, "pull": "a", "now": now}
    (tmp_path / PARTIAL_FILE).write_text(json.dumps(header) + "\n", encoding="utf-8")
    assert saved_evidence(tmp_path, "a") == (None, ())


@pytest.mark.parametrize(("second", "used"), [(1_700_000_000, 1), (-1, 0), (2**62, 0)])
def test_a_list_that_was_left_with_times_that_no_calendar_has_is_read_again(tmp_path: Path, second: int, used: int) -> None:
    header = {"schema": SCHEMA, "pull": "a", "now": 1_700_000_000}
    item = {"kind": "tag", "id": 5, "since": None, "max_people": None, "status": "complete", "rows": [[7, second, 0]], "window": None}
    (tmp_path / PARTIAL_FILE).write_text(f"{json.dumps(header)}\n{json.dumps(item)}\n", encoding="utf-8")
    assert len(saved_evidence(tmp_path, "a")[1]) == used
