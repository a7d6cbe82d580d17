"""A pull whose process is killed (SIGKILL), at any request or any moment, goes on with what it has and ends with the same bytes."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import multiprocessing
import os
import random
import signal
import subprocess
import time
from collections.abc import Callable
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import Any

import pytest

from ckaudit.kit.credentials import Credential, CredentialKind
from ckaudit.kit.requests import COUNT_PATH
from ckaudit.model.refs import Key, Kind
from ckaudit.sources.evidence_plan import EvidenceRequest
from ckaudit.sources.live import pull
from tests.cli.running import command, environment
from tests.fake_kit.accounts import Json, person, sample, tag
from tests.fake_kit.app import KEY, FakeKit
from tests.fake_kit.faults import Fault
from tests.fake_kit.server import Served

NOW = dt.datetime(2026, 6, 1, 15, tzinfo=dt.UTC)
PARTIAL, EVIDENCE_PARTIAL = "pull.partial.jsonl", "evidence.partial.jsonl"
# 16 requests for the structure (one counts the subscribers), 9 lists of people: one has two pages, one is so long it is asked for again
REQUESTS = 16 + 9 + 1 + 1
STOP_SIGNAL = -int(signal.SIGKILL)


def an_account() -> Json:
    """The sample account with a long list, and one of two pages."""
    found = sample()
    found["tags"] = [tag(11, "Customer"), tag(12, "AA: create login"), tag(13, "Long")]
    found["members"]["tags"][11] = [person(n, "tagged_at", f"2026-05-0{n % 9 + 1}T10:00:00Z") for n in range(30, 36)]
    found["members"]["tags"][13] = [person(n, "tagged_at", f"2026-{n % 5 + 1:02d}-02T10:00:00Z") for n in range(100, 120)]
    return found


def a_kit() -> FakeKit:
    return FakeKit(an_account(), largest_page=4)


def asking() -> EvidenceRequest:
    return EvidenceRequest(now=NOW, max_people=6, with_emails=True, whole=lambda _: frozenset({Key(Kind.TAG, 12)}))


def work(url: str, folder: str) -> None:
    """What the process does: a whole pull."""
    pull(Credential(CredentialKind.KEY, KEY), api_url=url, folder=Path(folder), evidence=asking())


@pytest.fixture(scope="module")
def processes() -> ForkServerContext:
    """Real processes that start fast: a helper process imports once and forks."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["ckaudit.sources.live", "tests.sources.test_live_killed"])
    return context


class Killer:
    """Kills a process when the k-th request arrives, before it is answered."""

    def __init__(self, at: int) -> None:
        self.at = at
        self.pid: int | None = None

    def __call__(self, number: int, _path: str) -> Fault | None:
        if number + 1 < self.at:
            return None
        if self.pid is not None:
            os.kill(self.pid, signal.SIGKILL)
        return Fault.RESET


def run_and_kill(processes: ForkServerContext, kit: Served, folder: Path, at: int) -> int | None:
    """Pull into a folder; the exit status, -9 when it was killed."""
    killer = Killer(at)
    kit.kit = a_kit()
    kit.kit.faults = killer
    process = processes.Process(target=work, args=(kit.url, str(folder)))
    process.start()
    killer.pid = process.pid
    process.join(30)
    return process.exitcode


def finished(folder: Path) -> set[str]:
    """What is written down as finished, as paths of the API. A last line that was cut off does not count.

    Without the file of the structure the pull was finished as a whole, and the next one is a new one.
    """
    paths: set[str] = set()
    if not (folder / PARTIAL).exists():
        return paths
    for name in (PARTIAL, EVIDENCE_PARTIAL):
        lines = (folder / name).read_text().split("\n")[1:-1] if (folder / name).exists() else []
        for line in map(json.loads, lines):
            if name == EVIDENCE_PARTIAL:
                paths.add(f"/v4/{line['kind']}s/{line['id']}/subscribers")
            elif line["section"] == "account" and line["objects"][0].get("subscriber_count") is not None:
                paths |= {"/v4/account", COUNT_PATH}
            else:
                paths.add(f"/v4/sequences/{line['sequence']}/emails" if line["sequence"] else f"/v4/{line['section']}")
    return paths


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def calm(kit: Served, tmp_path: Path) -> dict[str, bytes]:
    """The folder of a pull nothing happens to."""
    kit.kit = a_kit()
    work(kit.url, str(tmp_path / "calm"))
    assert kit.kit.count() == REQUESTS
    found = files(tmp_path / "calm")
    assert set(found) == {"account.json", "counts.json", "reading.json", "events.npz", "people.json"}
    return found


def go_on(kit: Served, folder: Path) -> None:
    """The next pull, which nobody kills. It asks for nothing that was finished."""
    done = finished(folder)
    kit.kit = a_kit()
    work(kit.url, str(folder))
    assert done.isdisjoint(seen.path for seen in kit.kit.seen)


def test_a_process_killed_at_any_request_is_resumed_with_the_same_bytes(
    processes: ForkServerContext, kit: Served, tmp_path: Path, calm: dict[str, bytes]
) -> None:
    for at in range(1, REQUESTS + 1):
        folder = tmp_path / str(at)
        assert run_and_kill(processes, kit, folder, at) == STOP_SIGNAL
        assert not (folder / "events.npz").exists()
        go_on(kit, folder)
        assert files(folder) == calm, f"killed at request {at}"


def test_a_process_killed_again_and_again_ends_with_the_same_bytes(
    processes: ForkServerContext, kit: Served, tmp_path: Path, calm: dict[str, bytes]
) -> None:
    folder = tmp_path / "stubborn"
    for _ in range(REQUESTS + 5):
        if run_and_kill(processes, kit, folder, at=12) == 0:
            break
    assert files(folder) == calm


@pytest.mark.parametrize("seed", range(3))
def test_a_process_killed_at_any_moment_is_resumed_with_the_same_bytes(
    processes: ForkServerContext, kit: Served, tmp_path: Path, calm: dict[str, bytes], seed: int
) -> None:
    folder, dice = tmp_path / "killed", random.Random(seed)
    for _ in range(8):
        kit.kit = a_kit()
        process = processes.Process(target=work, args=(kit.url, str(folder)))
        process.start()
        time.sleep(dice.uniform(0, 0.12))
        process.kill()  # a fast machine may be done before
        process.join(30)
        for name in ("account.json", "events.npz", "people.json"):
            if (folder / name).exists():
                assert (folder / name).read_bytes() == calm[name], "a file under its final name is whole"
    go_on(kit, folder) if folder.exists() else work(kit.url, str(folder))
    assert files(folder) == calm


class Crash(BaseException):
    """The process is gone."""


@pytest.mark.parametrize("survived", range(20))
def test_a_process_gone_between_two_steps_in_the_folder_is_resumed_and_reads_nothing_again(
    kit: Served, tmp_path: Path, calm: dict[str, bytes], monkeypatch: pytest.MonkeyPatch, survived: int
) -> None:
    folder, steps = tmp_path / "gone", 0
    kit.kit = a_kit()

    def step(real: Callable[..., Any]) -> Callable[..., Any]:
        def stepping(*arguments: Any, **named: Any) -> Any:
            nonlocal steps
            steps += 1
            if steps > survived:
                raise Crash
            return real(*arguments, **named)

        return stepping

    with monkeypatch.context() as patch, contextlib.suppress(Crash):
        patch.setattr(Path, "replace", step(Path.replace))
        patch.setattr(Path, "unlink", step(Path.unlink))
        work(kit.url, str(folder))
        assert steps <= survived, "the last case is one without a crash"
    all_read = kit.kit.count() == REQUESTS and (folder / PARTIAL).exists()
    go_on(kit, folder)
    assert files(folder) == calm
    assert kit.kit.count() == 0 or not all_read


@pytest.fixture
def environ(kit: Served) -> dict[str, str]:
    return environment(KIT_API_KEY=KEY, KIT_API_URL=kit.url)


@pytest.mark.parametrize("at", [3, 20])
def test_the_program_itself_killed_and_called_again(kit: Served, tmp_path: Path, environ: dict[str, str], at: int) -> None:
    arguments = command("pull", "--now", NOW.isoformat(), "--evidence-max", "6", "-o")
    kit.kit = a_kit()
    subprocess.run([*arguments, "calm"], cwd=tmp_path, env=environ, check=True, capture_output=True)
    killer = Killer(at)
    kit.kit = a_kit()
    kit.kit.faults = killer
    with subprocess.Popen([*arguments, "killed"], cwd=tmp_path, env=environ, stderr=subprocess.DEVNULL) as process:
        killer.pid = process.pid
    assert process.returncode == STOP_SIGNAL
    done = finished(tmp_path / "killed")
    kit.kit = a_kit()
    subprocess.run([*arguments, "killed"], cwd=tmp_path, env=environ, check=True, capture_output=True)
    assert done.isdisjoint(seen.path for seen in kit.kit.seen)
    assert files(tmp_path / "killed") == files(tmp_path / "calm")
