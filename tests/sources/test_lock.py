"""Two pulls into one folder: the second says so, and a lock is never left behind."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ckaudit.model.errors import OutputError
from ckaudit.sources.lock import LOCK_FILE, locked
from tests.cli.running import command, environment, run
from tests.fake_kit.accounts import sample
from tests.fake_kit.app import KEY, FakeKit
from tests.fake_kit.server import Served


@contextlib.contextmanager
def a_pull(folder: Path, kit: Served) -> Iterator[subprocess.Popen[bytes]]:
    """A process that is in the middle of a pull."""
    kit.kit = FakeKit(sample(), latency=60)
    process = subprocess.Popen(command("pull", "-o", "mine"), cwd=folder, env=environment(KIT_API_KEY=KEY, KIT_API_URL=kit.url))
    try:
        for _ in range(3000):
            if kit.kit.count():
                break
            time.sleep(0.02)
        yield process
    finally:
        process.kill()
        process.wait()


def test_the_second_of_two_pulls_into_one_folder_says_so(tmp_path: Path, kit: Served) -> None:
    with a_pull(tmp_path, kit) as first:
        second = run("pull", "-o", "mine", cwd=tmp_path, KIT_API_KEY=KEY, KIT_API_URL=kit.url)
        assert second.status == 3
        assert f"another pull into mine is under way (process {first.pid})" in second.err
        assert "choose another folder" in second.err
        assert kit.kit.count() == 1


def test_a_pull_that_was_killed_keeps_nobody_out(tmp_path: Path, kit: Served) -> None:
    with a_pull(tmp_path, kit):
        pass
    kit.kit = FakeKit(sample())
    assert run("pull", "-o", "mine", cwd=tmp_path, KIT_API_KEY=KEY, KIT_API_URL=kit.url).status == 0
    assert not (tmp_path / "mine" / LOCK_FILE).exists()


def test_pulls_into_two_folders_do_not_mind_each_other(tmp_path: Path) -> None:
    with locked(tmp_path / "one"), locked(tmp_path / "two"):
        assert sorted(path.name for path in tmp_path.iterdir()) == ["one", "two"]


def test_a_folder_that_was_made_for_nothing_is_gone_again(tmp_path: Path) -> None:
    with locked(tmp_path / "one"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_link_in_place_of_the_lock_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("mine")
    (tmp_path / LOCK_FILE).symlink_to(tmp_path / "precious")
    with pytest.raises(OutputError), locked(tmp_path):
        pass
    assert (tmp_path / "precious").read_text() == "mine"


def hold_again_and_again(folder: str, rounds: int) -> None:
    """Two at a time would both find the mark."""
    mark = Path(folder) / "mark"
    done = 0
    while done < rounds:
        with contextlib.suppress(OutputError), locked(Path(folder)):
            os.close(os.open(mark, os.O_CREAT | os.O_EXCL))
            mark.unlink()
            done += 1


def test_never_two_have_it(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=hold_again_and_again, args=(str(tmp_path), 200)) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
