"""Ctrl-C at any moment: status 3 or the work is done, one sentence, no traceback, and every file is the old one or the new one."""

from __future__ import annotations

import contextlib
import inspect
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import pytest

import ckaudit
from ckaudit.resources import rules_folder
from ckaudit.sources.files import write_atomically
from tests.cli.running import DEMO, NOW, Here, Ran, command, environment
from tests.engine.planted import write_rule


@contextlib.contextmanager
def interrupting(at: int, counted: Callable[[CodeType], bool]) -> Iterator[list[int]]:
    """Ctrl-C when the ``at``-th of the counted functions is entered; the list holds how many were. 0: never."""
    count = [0]

    def hook(frame: FrameType, event: str, _: Any) -> None:
        if event == "call" and counted(frame.f_code):
            count[0] += 1
            if count[0] == at:
                sys.setprofile(None)
                raise KeyboardInterrupt

    sys.setprofile(hook)
    try:
        yield count
    finally:
        sys.setprofile(None)


OURS = (str(Path(ckaudit.__file__).parent), str(rules_folder()))


def ours(code: CodeType) -> bool:
    """Functions of ckaudit and its rules. Generators are left out: they are also entered when they are thrown away, and Python then prints
    an interruption and goes on."""
    return not code.co_flags & inspect.CO_GENERATOR and code.co_filename.startswith(OURS)


# A command, and how many moments of it are tried.
CALLS = (
    (("scan", "--demo", "--now", NOW, "-q", "-o", "plan.csv", "-o", "r.json", "--save", "kept", "--history", "past"), 6),
    (("report", "old.json", "-q", "-o", "r.html", "-o", "plan.csv"), 12),
    (("suppress", "CK203", "tag:1", "--reason", "x", "--config", "ckaudit.toml"), 12),
    (("manifest", "draw", str(DEMO / "automations.yaml"), "--format", "svg", "-o", "drawings"), 12),
)


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(("arguments", "moments"), CALLS, ids=lambda value: " ".join(value[:2]) if isinstance(value, tuple) else "")
def test_no_moment_leaves_half_a_file(here: Here, arguments: tuple[str, ...], moments: int) -> None:
    def put_back() -> None:
        for path in sorted(here.cwd.rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()
        for name, data in before.items():
            (here.cwd / name).write_bytes(data)

    here("scan", "--demo", "--now", NOW, "-q", "-o", "old.json")
    (here.cwd / "r.html").write_text("<p>old</p>")
    (here.cwd / "ckaudit.toml").write_text("# old\n")
    before = files(here.cwd)
    normal = here(*arguments).status
    put_back()
    with interrupting(0, ours) as count:
        here(*arguments)
    after = files(here.cwd)
    interrupted = 0
    for moment in range(1, moments + 1):
        put_back()
        with interrupting(max(2, count[0] * moment // moments - moment % 3), ours):
            ran = here(*arguments)
        check(ran, normal)
        interrupted += ran.status == 3
        for name, data in files(here.cwd).items():
            assert data in (before.get(name), after.get(name)), (name, moment)
        assert set(before) <= set(files(here.cwd))
    assert interrupted > moments // 2


def check(ran: Ran, normal: int) -> None:
    assert ran.status in (3, normal), ran.err
    assert "Traceback" not in ran.err
    assert "a bug" not in ran.err
    assert ran.status == normal or "interrupted" in ran.err


def lines_of_writing(path: Path, at: int) -> int:
    """Write a file with Ctrl-C at the ``at``-th line that is run; returns how many were. -1: never."""
    count = 0

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal count
        if not frame.f_code.co_filename.endswith("files.py"):
            return None
        count += event == "line"
        if count == at:
            sys.settrace(None)
            raise KeyboardInterrupt
        return trace

    before = sys.gettrace()
    try:
        sys.settrace(trace)
        write_atomically(path, b"new")
    except KeyboardInterrupt:
        pass
    finally:
        sys.settrace(before)
    return count


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # a file nobody closes, between two lines
def test_every_line_of_writing_a_file_may_be_the_last(tmp_path: Path) -> None:
    path = tmp_path / "file"
    total = lines_of_writing(path, -1)
    assert path.read_text() == "new"
    for at in range(1, total + 1):
        path.write_text("old")
        lines_of_writing(path, at)
        assert path.read_text() in ("old", "new")
        left = [item for item in tmp_path.iterdir() if item != path]
        # The line that removes the file may itself be the one that is not reached.
        assert left == [] or at > total - 3, at
        for item in left:
            item.unlink()


AT_THE_START = """
import signal, sys
at, count = int(sys.argv.pop(1)), 0
def hook(frame, event, _):
    global count
    count += event == "call"
    # Python itself ignores whatever is raised where the loader forgets a module's lock (importlib, KeyedRef.remove).
    if count >= at and frame.f_code.co_name != "remove":
        sys.setprofile(None)
        signal.raise_signal(signal.SIGINT)
from ckaudit.__main__ import main
sys.setprofile(hook)
status = main()
sys.setprofile(None)
sys.exit(status)
"""


@pytest.mark.parametrize("at", [2, 40, 400, 2500])
def test_while_python_still_loads(tmp_path: Path, at: int) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", AT_THE_START, str(at), "scan", "--demo"],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert ran.returncode == 3
    assert ran.stdout == b""
    assert b"Traceback" not in ran.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_pressed_again_and_again(tmp_path: Path) -> None:
    write_rule(
        tmp_path / "mine",
        body="\n    yield from ()\n    import sys, time\n    print('now', file=sys.stderr, flush=True)\n    time.sleep(60)\n",
    )
    process = subprocess.Popen(
        command("scan", DEMO, "-q", "--rules", "mine", "--select", "ACME601"), cwd=tmp_path, env=environment(), stdout=-1, stderr=-1
    )
    assert process.stderr
    assert process.stderr.readline() == b"now\n"
    for _ in range(20):
        process.send_signal(signal.SIGINT)
        os.sched_yield()
    _, said = process.communicate(timeout=60)
    assert process.returncode == 3
    assert b"Traceback" not in said
