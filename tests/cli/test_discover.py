"""``ckaudit discover``, and what the options about evidence do."""

from __future__ import annotations

import datetime as dt
import functools
import json
import random
from pathlib import Path
from typing import Any

import pytest

from ckaudit.kit.requests import COUNT, COUNT_PATH
from ckaudit.model.account import Account, AccountInfo, Form, SectionName, SectionState, SectionStatus, Sequence, Tag
from ckaudit.model.events import ObjectKind, make_events
from ckaudit.model.evidence import Evidence, ListRead
from ckaudit.model.refs import Key, Kind
from ckaudit.sources import live
from ckaudit.sources.evidence_file import write_evidence
from ckaudit.sources.snapshot import write_snapshot
from tests.cli.running import DEMO, Here
from tests.cli.test_bad_input import check
from tests.fake_kit.accounts import CANARIES, account, form, person, sample, sequence, tag
from tests.fake_kit.app import KEY, FakeKit
from tests.fake_kit.clock import Clock
from tests.fake_kit.faults import Fault, always
from tests.fake_kit.server import Served

NOW = "2026-11-24T12:00:00Z"
BASE = dt.datetime(2026, 9, 1, tzinfo=dt.UTC)
DAY = int(dt.datetime(2026, 11, 24, tzinfo=dt.UTC).timestamp())
PEOPLE = 80
SECTIONS = {name: SectionState(SectionStatus.COMPLETE) for name in SectionName}


@pytest.fixture(autouse=True)
def _without_waiting(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ckaudit.pull.pull", functools.partial(live.pull, timing=clock.timing))


def journeys() -> list[tuple[int, int, int, int]]:
    """(person, second he joins form 51, gets tag 11, gets into sequence 5)."""
    dice = random.Random(5)
    starts = [int(BASE.timestamp()) + dice.randrange(60 * 86400) for _ in range(PEOPLE)]
    return [(number, at, tagged := at + dice.randrange(3), tagged + 300 + dice.randrange(4)) for number, at in enumerate(starts)]


def snapshot(folder: Path, name: str = "Lead magnet") -> Path:
    """A snapshot in which a form adds a tag, and five minutes later people get into a sequence."""
    people = journeys()
    kinds = (ObjectKind.FORM, ObjectKind.TAG, ObjectKind.SEQUENCE)
    rows = [(row[0], int(kind), number, row[1 + kind], 0) for row in people for kind, number in zip(kinds, (51, 11, 5), strict=True)]
    account = Account(
        info=AccountInfo(27, "Kit Greetings"),
        tags=(Tag(11, name),),
        forms=(Form(51, "Free guide"),),
        sequences=(Sequence(5, "Welcome"),),
        sections=SECTIONS,
    )
    lists = tuple(
        ListRead(key, SectionStatus.COMPLETE, int(BASE.timestamp()))
        for key in (Key(Kind.FORM, 51), Key(Kind.TAG, 11), Key(Kind.SEQUENCE, 5))
    )
    write_snapshot(folder, account)
    write_evidence(folder, Evidence(make_events(*zip(*rows, strict=True)), lists, DAY))
    return folder


def served_account() -> dict[str, Any]:
    """The same account as the fake Kit has it."""

    def text(second: int) -> str:
        return dt.datetime.fromtimestamp(second, dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    found = account() | {"tags": [tag(11)], "forms": [form(51)], "sequences": [sequence(5)], "_open": ("/v4/webhook_endpoints",)}
    people = journeys()
    found["members"] = {
        "forms": {51: [person(row[0] + 1, "added_at", text(row[1])) for row in people]},
        "tags": {11: [person(row[0] + 1, "tagged_at", text(row[2]), "inactive" if row[0] % 9 == 0 else "active") for row in people]},
        "sequences": {5: [person(row[0] + 1, "added_at", text(row[3])) for row in people]},
    }
    return found


def pairs(text: str) -> list[tuple[int, int, str]]:
    return [(link["source"]["id"], link["target"]["id"], link["status"]) for link in json.loads(text)["links"]]


def test_links_are_found_in_a_snapshot(here: Here) -> None:
    snapshot(here.cwd / "mine")
    ran = here("discover", "mine", "--now", NOW)
    assert (ran.status, ran.err) == (0, "")
    assert [line.split()[0] for line in ran.out.splitlines() if "%" in line] == ["→"] * 2
    assert ran.out.index("5 minutes") > ran.out.index("at once")
    assert "\n\nFound in 240 timestamps since 2026-09-01.\nNot seen: " in ran.out


def test_json_is_a_result_with_links_and_coverage(here: Here) -> None:
    snapshot(here.cwd / "mine")
    result = json.loads(here("discover", "mine", "--format", "json", "--now", NOW).out)
    assert result["schema"] == "ckaudit.result/v1"
    assert result["coverage"]["evidence"] == {"events": 3 * PEOPLE, "since": "2026-09-01T00:00:00Z"}
    assert [(link["source"]["name"], link["target"]["name"], link["support"]) for link in result["links"]] == [
        ("Free guide", "Lead magnet", PEOPLE),
        ("Lead magnet", "Welcome", PEOPLE),
    ]


def test_mermaid_is_a_chart(here: Here) -> None:
    snapshot(here.cwd / "mine")
    assert here("discover", "mine", "--format", "mermaid", "--now", NOW).out.startswith("flowchart LR\n")


def test_a_manifest_beside_the_snapshot_is_compared(here: Here) -> None:
    snapshot(here.cwd / "mine")
    text = "version: 1\nautomations: [{name: A, entries: [{joins_form: Free guide}], steps: [{add_tag: Lead magnet}]},"
    text += " {name: B, entries: [{joins_form: Free guide}], steps: [{sequence: Welcome}]}]\n"
    (here.cwd / "mine/automations.yaml").write_text(text)
    assert pairs(here("discover", "mine", "--format", "json", "--now", NOW).out) == [
        (51, 5, "declared"),
        (51, 11, "both"),
        (11, 5, "observed"),
    ]


def test_a_scan_has_the_links_too_unless_they_are_not_wanted(here: Here) -> None:
    snapshot(here.cwd / "mine")
    assert len(pairs(here("scan", "mine", "--format", "json", "--now", NOW).out)) == 2
    without = json.loads(here("scan", "mine", "--format", "json", "--no-evidence", "--now", NOW).out)
    assert (without["links"], without["coverage"]["evidence"]["events"]) == ([], 0)


def test_saving_a_snapshot_elsewhere_takes_its_timestamps_along(here: Here) -> None:
    snapshot(here.cwd / "mine")
    here("scan", "mine", "--save", "copy", "--now", NOW)
    assert (here.cwd / "copy/events.npz").read_bytes() == (here.cwd / "mine/events.npz").read_bytes()


def test_a_snapshot_without_timestamps_gives_3_and_says_how_to_read_them(here: Here) -> None:
    without = DEMO.parent / "accessally-guide" / "as-written"
    check(here("discover", without, "--now", NOW), 3, "there are no timestamps", "without --no-evidence")


def test_a_manifest_alone_has_no_links(here: Here) -> None:
    check(here("discover", DEMO / "automations.yaml"), 3, "there are no timestamps")


def test_discover_without_evidence_makes_no_sense(here: Here) -> None:
    check(here("discover", "--no-evidence"), 2, "--no-evidence leaves out what discover works with")


def test_damaged_timestamps_give_2_with_the_file(here: Here) -> None:
    snapshot(here.cwd / "mine")
    (here.cwd / "mine/events.npz").write_bytes(b"PK\x03\x04 nothing")
    check(here("discover", "mine"), 2, "mine/events.npz", "ckaudit pull")
    assert here("scan", "mine", "--no-evidence", "--fail-on", "never").status == 0


# -- live --------------------------------------------------------------------------------------------------------------------------


def test_an_account_is_read_and_its_links_found_in_one_go(here: Here, kit: Served) -> None:
    kit.kit = FakeKit(served_account())
    ran = here("discover", "--format", "json", "--now", NOW, KIT_API_KEY=KEY, KIT_API_URL=kit.url)
    assert ran.status == 0
    assert pairs(ran.out) == [(51, 11, "observed"), (11, 5, "observed")]
    assert set(kit.kit.methods()) == {"GET"}


def test_a_pull_and_a_discover_give_the_same_links(here: Here, kit: Served) -> None:
    kit.kit = FakeKit(served_account())
    alive = here("discover", "--format", "json", "--now", NOW, KIT_API_KEY=KEY, KIT_API_URL=kit.url).out
    assert "240 timestamps" in here("pull", "-o", "mine", "--now", NOW).out
    assert here("discover", "mine", "--format", "json", "--now", NOW).out == alive


def test_the_plan_is_said_before_the_reading(here: Here, kit: Served) -> None:
    ran = here("pull", "-o", "mine", "--now", NOW, KIT_API_KEY=KEY, KIT_API_URL=kit.url)
    assert ran.err == (
        "Reading timestamps of 3 tags, 3 forms and 3 sequences: about 9 requests, no waiting. "
        "--no-evidence leaves them out; Ctrl-C keeps what there is.\n"
    )
    assert here("pull", "-o", "mine", "-q", "--now", NOW).err == ""


@pytest.mark.parametrize("command", [["pull", "-o", "mine"], ["scan", "--fail-on", "never"], ["graph"]])
def test_no_evidence_asks_for_nobody(command: list[str], here: Here, kit: Served) -> None:
    ran = here(*command, "--no-evidence", "--now", NOW, KIT_API_KEY=KEY, KIT_API_URL=kit.url)
    assert (ran.status, ran.err) == (0, "")
    asked = [(seen.path, seen.query) for seen in kit.kit.seen if seen.path.endswith("subscribers")]
    assert asked == [(COUNT_PATH, dict(COUNT))], "only how many there are, and no list of people"


def test_a_graph_has_what_timestamps_show(here: Here) -> None:
    snapshot(here.cwd / "mine")
    edges = json.loads(here("graph", "mine", "--format", "json", "--now", NOW).out)["edges"]
    seen = [(edge["source"], edge["target"], edge["support"]) for edge in edges if edge["origin"] == "observed"]
    assert seen == [("form:51", "tag:11", PEOPLE), ("tag:11", "sequence:5", PEOPLE)]
    without = json.loads(here("graph", "mine", "--format", "json", "--no-evidence", "--now", NOW).out)["edges"]
    assert not [edge for edge in without if edge["origin"] == "observed"]


def test_the_bounds_reach_kit(here: Here, kit: Served) -> None:
    kit.kit = FakeKit(served_account(), largest_page=10)
    ran = here("pull", "-o", "mine", "--evidence-days", "80", "--evidence-max", "20", "--now", NOW, KIT_API_KEY=KEY, KIT_API_URL=kit.url)
    asked = [seen.query["tagged_after"] for seen in kit.kit.seen if seen.path == "/v4/tags/11/subscribers"]
    # 80 days and two to spare; 80 people do not fit, so a later day is asked for, from which on all are read
    assert asked == ["2026-09-03"] * 2 + ["2026-10-14"] * 2
    assert "48 timestamps" in ran.out
    assert "only in part" not in ran.out


@pytest.mark.parametrize("option", ["--evidence-days=0", "--evidence-max=0", "--evidence-days=x", "--evidence-days=99999"])
def test_bounds_that_make_no_sense_are_refused(option: str, here: Here) -> None:
    assert here("pull", "-o", "mine", option).status == 2


def test_the_list_of_a_tag_with_a_role_is_read_whole(here: Here, kit: Served) -> None:
    here("pull", "-o", "mine", "--now", NOW, KIT_API_KEY=KEY, KIT_API_URL=kit.url)
    asked = {seen.path: seen.query for seen in kit.kit.seen}
    assert "tagged_after" not in asked["/v4/tags/12/subscribers"]  # the webhook tag
    assert "tagged_after" in asked[f"/v4/tags/{2**53 + 1}/subscribers"]


def test_the_manifest_beside_the_snapshot_tells_roles(here: Here, kit: Served) -> None:
    (here.cwd / "mine").mkdir()
    text = "version: 1\nautomations: []\nofferings: [{name: A, stack: accessally, revoke_tags: [{id: 9007199254740993, name: "
    (here.cwd / "mine/automations.yaml").write_text(text + '"Größe 日本 🎉 \\u202etag"}]}]\n', "utf-8")
    here("pull", "-o", "mine", "--now", NOW, KIT_API_KEY=KEY, KIT_API_URL=kit.url)
    asked = {seen.path: seen.query for seen in kit.kit.seen}
    assert "tagged_after" not in asked[f"/v4/tags/{2**53 + 1}/subscribers"]


def test_a_broken_manifest_does_not_end_a_pull_and_ends_a_scan_before_the_timestamps(here: Here, kit: Served) -> None:
    (here.cwd / "automations.yaml").write_text("version: 1\nautomation: []\n")
    ran = here("pull", "-o", "mine", "--now", NOW, KIT_API_KEY=KEY, KIT_API_URL=kit.url)
    assert ran.status == 0
    assert "The automations have problems" in ran.err
    kit.kit = FakeKit(sample())
    check(here("scan", "--now", NOW), 2, "automations.yaml:2:1")
    assert not [seen for seen in kit.kit.seen if seen.path.endswith("subscribers")]


def test_what_was_read_is_used_when_the_rest_fails(here: Here, kit: Served) -> None:
    kit.kit = FakeKit(served_account(), faults=always(Fault.ERROR_500, "/v4/sequences/5/subscribers"))
    ran = here("discover", "--format", "json", "--now", NOW, KIT_API_KEY=KEY, KIT_API_URL=kit.url)
    assert ran.status == 3
    assert pairs(ran.out) == [(51, 11, "observed")]
    assert "The links are those of what was read until then." in ran.err


def test_no_canary_reaches_anything(here: Here, kit: Served) -> None:
    ran = here("discover", "-v", "-v", "--save", "kept", "--now", NOW, KIT_API_KEY=KEY, KIT_API_URL=kit.url)
    written = [path.read_bytes().decode("utf-8", "replace") for path in here.cwd.rglob("*") if path.is_file()]
    assert [canary for canary in (*CANARIES, KEY) if canary in "\n".join([ran.out, ran.err, *written])] == []


def test_people_with_a_test_tag_count_nowhere(here: Here) -> None:
    snapshot(here.cwd / "mine")
    (here.cwd / "ckaudit.toml").write_text('test_tags = ["Lead magnet"]\n')
    assert pairs(here("discover", "mine", "--format", "json", "--now", NOW).out) == []
    assert json.loads(here("scan", "mine", "--format", "json", "--now", NOW).out)["coverage"]["evidence"]["events"] == 0


def test_a_test_tag_the_account_does_not_have_is_an_error(here: Here) -> None:
    snapshot(here.cwd / "mine")
    (here.cwd / "ckaudit.toml").write_text('test_tags = ["Lead magnets"]\n')
    check(here("scan", "mine", "--now", NOW), 2, "ckaudit.toml:1:", "there is no tag “Lead magnets”", "Did you mean “Lead magnet”?")


def test_what_is_not_sure_enough_has_a_cause_all_the_same(here: Here) -> None:
    """Links that --min-confidence leaves out are neither called something else nor listed as without a cause."""
    some, all_of_it = (
        json.loads(here("discover", "--demo", "--format", "json", f"--min-confidence={share}").out) for share in ("0.99", "0.6")
    )
    observed = [sum(1 for link in found["links"] if link["support"]) for found in (some, all_of_it)]
    assert 0 < observed[0] < observed[1]
    assert some["look_linked"] == all_of_it["look_linked"]
    assert some["without_cause"] == all_of_it["without_cause"]
