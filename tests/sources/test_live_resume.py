"""A pull that was interrupted, at whatever moment, goes on with what it has and ends with the same bytes."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import time
from pathlib import Path

import pytest

from ckaudit.kit.client import open_client
from ckaudit.kit.credentials import Credential, CredentialKind
from ckaudit.model.account import SectionStatus
from ckaudit.model.errors import CredentialsError, ExitStatus, OutputError, SnapshotError
from ckaudit.sources import resume
from ckaudit.sources.live import Pulled, pull, read_account
from tests.fake_kit.accounts import CANARIES, account, sample
from tests.fake_kit.app import KEY, TOKEN, FakeKit
from tests.fake_kit.clock import Clock
from tests.fake_kit.faults import Fault, after, always, no_faults
from tests.fake_kit.server import Served

PARTIAL = "pull.partial.jsonl"
REQUESTS = 16
OAUTH = Credential(CredentialKind.OAUTH, TOKEN)


def pull_into(folder: Path, kit: Served, clock: Clock, credential: Credential) -> Pulled:
    return pull(credential, api_url=kit.url, folder=folder, timing=clock.timing)


def without_accident(tmp_path: Path, kit: Served, clock: Clock, key: Credential) -> bytes:
    """The bytes of a pull nothing happens to."""
    pull_into(tmp_path / "calm", kit, clock, key)
    return (tmp_path / "calm" / "account.json").read_bytes()


def finished_paths(folder: Path) -> set[str]:
    """What an interrupted pull has read to the end, as paths of the API."""
    lines = [json.loads(line) for line in (folder / PARTIAL).read_text().splitlines()[1:]]
    return {f"/v4/sequences/{line['sequence']}/emails" if line["sequence"] else f"/v4/{line['section']}" for line in lines}


@pytest.mark.parametrize("killed_after", range(REQUESTS + 1))
def test_a_pull_interrupted_at_any_request_is_resumed_and_ends_the_same(
    kit: Served, clock: Clock, key: Credential, tmp_path: Path, killed_after: int
) -> None:
    expected = without_accident(tmp_path, kit, clock, key)
    folder = tmp_path / "resumed"
    kit.kit = FakeKit(sample(), faults=after(killed_after, Fault.RESET))
    first = pull_into(folder, kit, clock, key)
    if killed_after == REQUESTS:
        assert first.problem is None
        return
    assert first.problem is not None
    assert not (folder / "account.json").exists()
    done = finished_paths(folder) if killed_after else set()
    kit.kit = FakeKit(sample())
    second = pull_into(folder, kit, clock, key)
    assert second.problem is None
    assert done.isdisjoint(seen.path for seen in kit.kit.seen)
    assert (folder / "account.json").read_bytes() == expected
    assert {path.name for path in folder.iterdir()} == {"account.json", "counts.json", "reading.json"}


def whole_partial_file(folder: Path, kit: Served, clock: Clock, key: Credential, monkeypatch: pytest.MonkeyPatch) -> bytes:
    """The file of a pull that was killed after its last answer."""
    with monkeypatch.context() as patch:
        patch.setattr(resume.Store, "remove", resume.Store.close)
        pull_into(folder, kit, clock, key)
    (folder / "account.json").unlink()
    return (folder / PARTIAL).read_bytes()


def test_a_process_killed_in_the_middle_of_any_line_loses_that_unit_only(
    kit: Served, clock: Clock, key: Credential, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = without_accident(tmp_path, kit, clock, key)
    folder = tmp_path / "killed"
    whole = whole_partial_file(folder, kit, clock, key, monkeypatch)
    for cut in sorted(random.Random(7).sample(range(len(whole)), 15)):
        (folder / PARTIAL).write_bytes(whole[:cut])
        kit.kit = FakeKit(sample())
        assert pull_into(folder, kit, clock, key).problem is None
        assert (folder / "account.json").read_bytes() == expected
        assert kit.kit.count() <= REQUESTS - max(whole[:cut].count(b"\n") - 1, 0)


def test_a_pull_killed_after_its_last_answer_asks_nothing_again(
    kit: Served, clock: Clock, key: Credential, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole_partial_file(tmp_path, kit, clock, key, monkeypatch)
    kit.kit = FakeKit(sample())
    assert pull_into(tmp_path, kit, clock, key).problem is None
    assert kit.kit.count() == 0


def test_a_resumed_pull_may_be_interrupted_again_and_again(kit: Served, clock: Clock, key: Credential, tmp_path: Path) -> None:
    expected = without_accident(tmp_path, kit, clock, key)
    folder = tmp_path / "stubborn"
    for _ in range(40):
        kit.kit = FakeKit(sample(), faults=after(5, Fault.RESET))
        if pull_into(folder, kit, clock, key).problem is None:
            break
    assert (folder / "account.json").read_bytes() == expected


class InterruptAfter:
    """Progress that presses Ctrl-C at the n-th answer."""

    def __init__(self, count: int) -> None:
        self.count = count

    def update(self, done: int, expected: int, seconds_left: float) -> None:
        if done == self.count:
            signal.raise_signal(signal.SIGINT)


@pytest.mark.parametrize("count", [1, 2, 5, 9, 14, 15])
def test_ctrl_c_keeps_what_there_is(kit: Served, clock: Clock, key: Credential, tmp_path: Path, count: int) -> None:
    expected = without_accident(tmp_path, kit, clock, key)
    folder = tmp_path / "interrupted"
    pulled = pull(key, api_url=kit.url, folder=folder, timing=clock.timing, progress=InterruptAfter(count))
    if pulled.problem is None:
        assert (folder / "account.json").read_bytes() == expected
        return
    assert pulled.problem.message == "interrupted"
    assert pulled.problem.exit_status is ExitStatus.INCOMPLETE
    assert pull_into(folder, kit, clock, key).problem is None
    assert (folder / "account.json").read_bytes() == expected


def test_a_cancelled_task_stays_cancelled_for_callers_with_their_own_loop(kit: Served, clock: Clock, key: Credential) -> None:
    class Cancel:
        def update(self, done: int, expected: int, seconds_left: float) -> None:
            if done == 3:
                task.cancel()

    async def run() -> None:
        nonlocal task
        async with open_client(key, kit.url, clock.timing) as client:
            task = asyncio.ensure_future(read_account(client, progress=Cancel()))
            await task

    task: asyncio.Future[Pulled]
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(run())


def test_another_credential_of_the_same_account_goes_on_after_asking_who_it_is(
    kit: Served, clock: Clock, key: Credential, tmp_path: Path
) -> None:
    expected = without_accident(tmp_path, kit, clock, key)
    folder = tmp_path / "shared"
    kit.kit = FakeKit(sample(), faults=always(Fault.ERROR_500, "/v4/snippets"))
    pull_into(folder, kit, clock, key)
    kit.kit = FakeKit(sample())
    assert pull_into(folder, kit, clock, OAUTH).problem is None
    assert sorted(seen.path for seen in kit.kit.seen) == ["/v4/account", "/v4/snippets", "/v4/snippets", "/v4/subscribers"]
    assert (folder / "account.json").read_bytes() == expected


def test_what_one_credential_was_refused_another_is_asked_for_again(kit: Served, clock: Clock, key: Credential, tmp_path: Path) -> None:
    kit.kit = FakeKit({**sample(), "_open": ()}, faults=always(Fault.ERROR_500, "/v4/snippets"))
    pull_into(tmp_path, kit, clock, key)
    kit.kit = FakeKit({**sample(), "_open": ()})
    pulled = pull_into(tmp_path, kit, clock, OAUTH)
    assert kit.kit.count("/v4/webhook_endpoints") == 1
    assert {state.status for state in pulled.account.sections.values()} == {SectionStatus.COMPLETE}


def test_the_credential_of_another_account_is_turned_away(kit: Served, clock: Clock, key: Credential, tmp_path: Path) -> None:
    kit.kit = FakeKit(sample(), faults=after(8, Fault.RESET))
    pull_into(tmp_path, kit, clock, key)
    before = (tmp_path / PARTIAL).read_bytes()
    kit.kit = FakeKit({**sample(), "account": account(31)["account"]})
    with pytest.raises(SnapshotError, match="unfinished pull of account 27, and this is account 31"):
        pull_into(tmp_path, kit, clock, OAUTH)
    assert (tmp_path / PARTIAL).read_bytes() == before


def test_a_wrong_key_does_not_spoil_what_was_read(kit: Served, clock: Clock, key: Credential, tmp_path: Path) -> None:
    kit.kit = FakeKit(sample(), faults=after(8, Fault.RESET))
    pull_into(tmp_path, kit, clock, key)
    before = (tmp_path / PARTIAL).read_bytes()
    kit.kit = FakeKit(sample())
    assert isinstance(pull_into(tmp_path, kit, clock, Credential(CredentialKind.KEY, "wrong")).problem, CredentialsError)
    assert (tmp_path / PARTIAL).read_bytes() == before


def test_what_was_read_more_than_a_day_ago_is_read_again(kit: Served, clock: Clock, key: Credential, tmp_path: Path) -> None:
    kit.kit = FakeKit(sample(), faults=after(8, Fault.RESET))
    pull_into(tmp_path, kit, clock, key)
    os.utime(tmp_path / PARTIAL, (time.time() - 90_000, time.time() - 90_000))
    kit.kit = FakeKit(sample())
    pull_into(tmp_path, kit, clock, key)
    assert kit.kit.count() == REQUESTS


@pytest.mark.parametrize(
    "text", [b"", b"\n\n", b"{}\n", b'{"schema": "ckaudit.pull/v9", "salt": "00", "mark": ""}\n', b"\xff\x00", b"[" * 100_000]
)
def test_a_partial_file_that_is_not_ours_is_started_over(kit: Served, clock: Clock, key: Credential, tmp_path: Path, text: bytes) -> None:
    (tmp_path / PARTIAL).write_bytes(text)
    assert pull_into(tmp_path, kit, clock, key).problem is None
    assert kit.kit.count() == REQUESTS
    assert {path.name for path in tmp_path.iterdir()} == {"account.json", "counts.json", "reading.json"}


def test_the_partial_file_holds_no_secret(
    kit: Served, clock: Clock, key: Credential, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = whole_partial_file(tmp_path, kit, clock, key, monkeypatch).decode()
    assert [canary for canary in (*CANARIES, KEY) if canary in text] == []
    assert (tmp_path / PARTIAL).stat().st_mode & 0o077 == 0


def test_a_full_disk_ends_the_pull_with_what_was_read(
    kit: Served, clock: Clock, key: Credential, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_self: resume.Store, unit: object) -> None:
        raise OutputError("cannot write: No space left on device")

    monkeypatch.setattr(resume.Store, "add", full)
    pulled = pull_into(tmp_path, kit, clock, key)
    assert isinstance(pulled.problem, OutputError)
    assert pulled.account.info is not None
    assert not (tmp_path / "account.json").exists()


def test_a_folder_that_cannot_be_made_is_a_problem_and_no_traceback(kit: Served, clock: Clock, key: Credential, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    pulled = pull_into(tmp_path / "file" / "below", kit, clock, key)
    assert isinstance(pulled.problem, OutputError)


def test_without_faults_nothing_is_left_behind(kit: Served, clock: Clock, key: Credential, tmp_path: Path) -> None:
    kit.kit = FakeKit(sample(), faults=no_faults)
    pull_into(tmp_path, kit, clock, key)
    assert {path.name for path in tmp_path.iterdir()} == {"account.json", "counts.json", "reading.json"}
