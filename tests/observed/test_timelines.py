"""What a result says was seen of each automation, on the demo account."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from pathlib import Path

import msgspec
import numpy as np

from ckaudit.engine.pipeline import audit
from ckaudit.graph.build import build_graph
from ckaudit.model.account import SectionStatus
from ckaudit.model.automations import Origin
from ckaudit.model.events import make_events
from ckaudit.model.evidence import Evidence, ListRead, holders
from ckaudit.model.links import ComparedLink, ObservedLink
from ckaudit.model.refs import Key, Kind
from ckaudit.model.result import Link, ObservedAutomation, ObservedStep, Result
from ckaudit.observed.account import ObservedAccount
from ckaudit.observed.links import links_for_result
from ckaudit.observed.observe import observe
from ckaudit.sources.evidence_file import read_evidence
from ckaudit.sources.manifest import read_manifests
from ckaudit.sources.snapshot import read_snapshot
from ckaudit.sources.stacks import read_stacks

DEMO = Path(__file__).parents[2] / "examples" / "demo"
NOW = dt.datetime(2026, 11, 24, tzinfo=dt.UTC)


@lru_cache
def evidence() -> Evidence:
    found = read_evidence(DEMO)
    assert found
    return found


def account_with(found: Evidence | None, origin: Origin = Origin.DECLARED) -> ObservedAccount:
    account, stacks = read_snapshot(DEMO), read_stacks()
    manifest = read_manifests([DEMO / "automations.yaml"], account, stacks)
    automations = tuple(msgspec.structs.replace(item, origin=origin) for item in manifest.automations)
    return observe(build_graph(account, msgspec.structs.replace(manifest, automations=automations), stacks, NOW), found)


def result_of(found: Evidence | None = None, origin: Origin = Origin.DECLARED) -> Result:
    return audit(account_with(found or evidence(), origin), [])


@lru_cache
def usual() -> Result:
    return result_of()


def named(result: Result, name: str) -> ObservedAutomation:
    assert result.observed
    return next(item for item in result.observed.automations if item.automation.name == name)


def step_to(item: ObservedAutomation, target: str) -> ObservedStep:
    return next(step for step in item.steps if step.target.name == target)


def link(result: Result, source: str, target: str) -> Link:
    return next(item for item in result.links if (item.source.name, item.target.name) == (source, target))


def unread(name: str, status: SectionStatus) -> Evidence:
    """The evidence with one tag's list read another way."""
    number = next(tag.id for tag in read_snapshot(DEMO).tags if tag.name == name)
    lists = tuple(ListRead(item.key, status, item.since) if item.key.id == number else item for item in evidence().lists)
    return msgspec.structs.replace(evidence(), lists=lists)


def test_without_timestamps_nothing_was_seen() -> None:
    result = audit(account_with(None), [])
    assert (result.observed, result.links) == (None, ())


def test_every_automation_has_its_place() -> None:
    result = usual()
    assert result.observed
    assert [item.number for item in result.observed.automations] == list(range(10))
    assert [item.automation for item in result.observed.automations] == [item.object for item in result.automations]


def test_the_pause_of_november_shows() -> None:
    release = named(usual(), "Coastal Light - release")
    assert (release.people, release.stuck, release.last_went_on) == (222, 8, "2026-11-20T07:45:35Z")
    assert release.weeks
    assert sum(release.weeks.people) - sum(release.weeks.went_on) == 8


def test_steps_follow_each_other_as_in_the_automation() -> None:
    release = named(usual(), "Coastal Light - release")
    assert [step.target.name.removeprefix("Coastal Light: ") for step in release.steps] == [
        "Customer",
        "access",
        "module 1",
        "welcome",
        "module 2",
        "module 2 is open",
        "module 3",
        "module 3 is open",
        "module 4 is open",
        "finished",
    ]


def test_planned_and_seen_stand_beside_each_other() -> None:
    step = step_to(named(usual(), "Coastal Light - release"), "Coastal Light: welcome")
    assert (step.planned_min, step.planned_max, step.went_on, step.people) == (300, 300, 214, 214)
    assert step.delay_seconds is not None
    assert 300 <= step.delay_seconds <= 345
    assert [(item.seconds, item.people) for item in step.gaps] == [(300, 214)]


def test_what_was_observed_has_no_plan() -> None:
    step = step_to(named(result_of(origin=Origin.OBSERVED), "Coastal Light - release"), "Coastal Light: welcome")
    assert (step.planned_min, step.planned_max) == (None, None)


def test_tags_that_come_off_again_are_no_steps_and_are_named() -> None:
    replay = named(usual(), "Studio Circle - release")
    assert [item.name for item in replay.hidden] == ["AA: create login"]
    assert all("AA:" not in step.target.name for step in replay.steps)


def test_an_entry_whose_tag_comes_off_shows_who_still_has_it() -> None:
    failed = named(usual(), "Studio Circle - payment failed")
    assert (failed.people, [item.name for item in failed.hidden]) == (9, ["Studio Circle: payment failed"])
    assert step_to(failed, "Studio Circle: payment failed").went_on == 9


def test_a_condition_in_between_is_told() -> None:
    assert step_to(named(usual(), "Studio Circle - release"), "VIP").conditional
    assert step_to(named(usual(), "Workshop - registration"), "Workshop: no-show").conditional
    assert not step_to(named(usual(), "Studio Circle - release"), "Studio Circle: welcome").conditional


def test_customers_of_another_course_are_no_loss_in_a_list_that_was_read_whole() -> None:
    number = next(tag.id for tag in read_snapshot(DEMO).tags if tag.name == "Customer")
    older = [who for who, at in bought(evidence(), "Coastal Light: purchased").items() if at < min(bought(evidence(), "Customer").values())]
    rows = evidence().events
    timestamps = {"person": older, "kind": 1, "id": number, "second": 1_700_000_000, "state": 0}
    events = make_events(*(np.append(getattr(rows, name), np.broadcast_to(value, len(older))) for name, value in timestamps.items()))
    lists = tuple(ListRead(item.key, item.status, None if item.key.id == number else item.since) for item in evidence().lists)
    step = step_to(named(result_of(Evidence(events, lists, evidence().day)), "Studio Circle - release"), "Customer")
    assert (step.people, step.went_on, step.had_before, step.bounded) == (39, 39, 11, False)


def test_customers_of_another_course_may_be_no_loss_in_a_list_that_was_read_from_a_day_on() -> None:
    step = step_to(named(usual(), "Studio Circle - release"), "Customer")
    assert (step.people, step.went_on, step.had_before, step.bounded) == (50, 39, 0, True)
    assert not step_to(named(usual(), "Studio Circle - release"), "Studio Circle: access").bounded


def bought(found: Evidence, tag: str) -> dict[int, int]:
    """Who got this tag, and when."""
    number = next(item.id for item in read_snapshot(DEMO).tags if item.name == tag)
    held = holders(found.events, Key(Kind.TAG, number))
    return dict(zip(held.person.tolist(), held.second.tolist(), strict=True))


def test_of_a_list_that_nobody_read_nothing_is_said() -> None:
    release = named(result_of(unread("Coastal Light: access", SectionStatus.REFUSED)), "Coastal Light - release")
    assert all("Coastal Light: access" not in (step.source.name, step.target.name) for step in release.steps)
    assert [item.name for item in release.partial] == ["Coastal Light: access"]


def test_of_a_list_that_was_read_in_part_it_is_said() -> None:
    release = named(result_of(unread("Coastal Light: access", SectionStatus.PARTIAL)), "Coastal Light - release")
    assert step_to(release, "Coastal Light: access").partial
    assert not step_to(release, "Customer").partial


def test_a_long_list_that_is_complete_from_a_later_day_on_shortens_the_time_looked_at() -> None:
    later = int(dt.datetime(2026, 10, 1, 12, tzinfo=dt.UTC).timestamp())
    number = next(tag.id for tag in read_snapshot(DEMO).tags if tag.name == "Newsletter: subscribed")
    lists = tuple(ListRead(item.key, item.status, later) if item.key.id == number else item for item in evidence().lists)
    result = result_of(msgspec.structs.replace(evidence(), lists=lists))
    welcome, release = named(result, "Newsletter - welcome"), named(result, "Coastal Light - release")
    assert (welcome.since, release.since) == ("2026-10-01T12:00:00Z", "2026-06-01T00:00:00Z")
    assert welcome.weeks
    assert (welcome.weeks.first, len(welcome.weeks.people)) == ("2026-09-28", 9)


def test_links_name_who_declares_them() -> None:
    declared = link(usual(), "Coastal Light: module 1", "Coastal Light: welcome")
    assert ([item.name for item in declared.causes], declared.planned_seconds) == (["Coastal Light - release"], 300)
    assert link(usual(), "Workshop: no-show", "Workshop: invited").causes == ()


def test_a_link_to_what_a_tool_outside_writes_names_the_tool() -> None:
    graph = account_with(evidence(), Origin.DECLARED).declared
    begun, bought = (
        next(tag.key for tag in graph.account.tags if tag.name == f"Studio Circle: {end}") for end in ("checkout started", "purchased")
    )
    seen = ComparedLink(begun, bought, ObservedLink(begun, bought, 52, 0.34, 400, 180, 780, 0.7))
    (outside,) = links_for_result(graph, evidence(), (seen,), ())
    assert [(item.kind, item.name) for item in outside.causes] == [("external", "ThriveCart")]


def test_what_people_do_when_it_suits_them_is_no_link_and_listed_as_by_hand() -> None:
    looks = {(look.source.name, look.target.name): look.why for look in usual().look_linked}
    assert looks["Studio Circle: checkout started", "Studio Circle: purchased"] == "by hand"


def test_links_over_several_steps_and_what_they_go_past_are_marked() -> None:
    assert link(usual(), "Studio Circle: purchased", "Studio Circle: access").indirect
    assert link(usual(), "Customer", "Studio Circle: access").indirect
    assert not link(usual(), "Coastal Light: purchased", "Customer").indirect


def test_declared_links_without_a_trace_say_how_many_came() -> None:
    assert link(usual(), "Studio Circle: cancelled", "Studio Circle: former member").source_people == 7
    assert link(usual(), "Coastal Light: module 1", "Coastal Light: welcome").source_people is None


def test_a_rule_that_is_switched_off_need_not_leave_a_trace() -> None:
    assert all(item.source.name != "Old website pop-up" for item in usual().links)


def test_numbers_of_an_automation_are_few() -> None:
    result = usual()
    assert result.observed
    assert max(len(msgspec.json.encode(item)) for item in result.observed.automations) < 6000
