"""Files made to do harm, and places that cannot be used: one sentence, the right status, bounded time and memory, no traceback."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
import threading
import zipfile
from pathlib import Path

import numpy as np
import pytest

from tests.cli.running import DEMO, NOW, Here, environment

BRACKETS = b"[" * 1_000_000
LAUGHS = "\n".join(
    ["a: &a [x, x, x]", *(f"{b}: &{b} [*{a}, *{a}, *{a}]" for a, b in zip("abcdefghijklmno", "bcdefghijklmnop", strict=True))]
)
SNAPSHOT_HEAD = b'{"schema": "ckaudit.snapshot/v1", "sections": {"tags": {"status": "complete", "objects": ['

# Runs commands one after the other with bounded memory and prints what each cost: [[status, CPU seconds, standard error], …]
LIMITED = """
import contextlib, io, json, resource, sys, time
resource.setrlimit(resource.RLIMIT_AS, (2_000_000_000, 2_000_000_000))
from ckaudit.cli.main import main
done = []
for arguments in json.loads(sys.argv[1]):
    sys.stderr, started = io.TextIOWrapper(io.BytesIO(), "utf-8"), time.process_time()
    status = main(arguments)
    sys.stderr.flush()
    done.append([status, time.process_time() - started, sys.stderr.buffer.getvalue().decode()])
print(json.dumps(done))
"""


def claims(shape: str, *, size: int | None = None) -> bytes:
    """An evidence file whose members are small and claim to be large: by the head of the array, or by the archive's own table."""
    head = b"\x93NUMPY\x01\x00" + (118).to_bytes(2, "little")
    member = head + f"{{'descr': '<i8', 'fortran_order': False, 'shape': ({shape}), }}".encode().ljust(117) + b"\n" + bytes(64)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        version = io.BytesIO()
        np.save(version, np.array(1), allow_pickle=False)
        archive.writestr("version.npy", version.getvalue())
        for name in ("person", "kind", "id", "second", "state"):
            archive.writestr(f"{name}.npy", member)
            if size is not None:
                archive.getinfo(f"{name}.npy").file_size = size
    return made.getvalue()


BOMBS = {
    "brackets/automations.yaml": BRACKETS,
    "braces/automations.yaml": b"{a: " * 1_000_000,
    "dashes/automations.yaml": b"- " * 1_000_000,
    "aliases/automations.yaml": LAUGHS.encode(),
    "large/automations.yaml": b"#" * 6_000_000,
    "brackets/account.json": SNAPSHOT_HEAD + BRACKETS,
    "braces/account.json": b'{"a":' * 1_000_000,
    "brackets/result.json": b'{"schema": "ckaudit.result/v1", "tool": ' + BRACKETS,
    "brackets/ckaudit.toml": b"x = " + BRACKETS[:900_000],
    "dots/ckaudit.toml": b"a." * 400_000 + b"b = 1",
    "brackets/FLEET.toml": b"x = " + BRACKETS[:900_000],
    "brackets/fleet.json": b'{"schema": "ckaudit.fleet/v1", "tool": ' + BRACKETS,
    "rows/events.npz": claims("1000000000000,"),
    "size/events.npz": claims("8,", size=2**40),
    "cube/events.npz": claims("1000000, 1000000, 1000000"),
}


def command_for(name: str) -> list[str]:
    match Path(name).name:
        case "automations.yaml":
            return ["manifest", "check", name]
        case "result.json":
            return ["report", name]
        case "ckaudit.toml":
            return ["scan", "--demo", "--config", name]
        case "FLEET.toml":
            return ["fleet", name]
        case "fleet.json":
            return ["fleet", "merge", name]
        case _:
            return ["scan", str(Path(name).parent)]


def test_bombs_cost_neither_time_nor_memory(tmp_path: Path) -> None:
    for name, data in BOMBS.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
        if path.name == "events.npz":
            shutil.copy(DEMO / "account.json", path.parent)
    commands = [command_for(name) for name in BOMBS]
    ran = subprocess.run(
        [sys.executable, "-c", LIMITED, json.dumps(commands)], cwd=tmp_path, env=environment(), capture_output=True, check=True, timeout=100
    )
    for name, (status, seconds, said) in zip(BOMBS, json.loads(ran.stdout), strict=True):
        assert status == 2, (name, said)
        assert seconds < 8, name
        assert "Traceback" not in said
        assert "error: " in said, name


def hostile_kinds(folder: Path) -> dict[str, Path]:
    """Things that are no files."""
    (folder / "folder.json").mkdir()
    (folder / "loop.json").symlink_to("loop.json")
    (folder / "dangling.json").symlink_to("nowhere")
    (folder / "deep").symlink_to(folder, target_is_directory=True)
    return {
        "a folder": folder / "folder.json",
        "a link to itself": folder / "loop.json",
        "a link to nothing": folder / "dangling.json",
        "a file in a file": DEMO / "account.json" / "x.json",
        "a name that is too long": folder / ("a" * 300 + ".yaml"),
        "a path that is too long": Path("/".join(["deep"] * 60) + "/x.json"),
    }


READERS: tuple[tuple[str, ...], ...] = (
    ("scan", "FILE"),
    ("scan", "--demo", "--manifest", "FILE"),
    ("scan", "--demo", "--config", "FILE"),
    ("scan", "--demo", "--baseline", "FILE"),
    ("scan", "--demo", "--rules", "FILE"),
    ("report", "FILE"),
    ("diff", "FILE", "FILE"),
    ("diff", str(DEMO), "FILE"),
    ("discover", "FILE"),
    ("graph", "FILE"),
    ("init", "FILE", "-o", "new.toml"),
    ("manifest", "check", "FILE"),
    ("manifest", "draw", "FILE"),
    ("manifest", "new", "FILE"),
    ("rules", "test", "FILE"),
    ("suppress", "CK203", "tag:1", "--reason", "x", "--snapshot", "FILE"),
    ("fleet", "FILE"),
    ("pull", "-o", "new", "--api-key-file", "FILE"),
)


@pytest.mark.parametrize("arguments", READERS, ids=" ".join)
def test_what_is_no_file_is_told_in_a_sentence(here: Here, arguments: tuple[str, ...]) -> None:
    for what, path in hostile_kinds(here.cwd).items():
        ran = here(*(path if word == "FILE" else word for word in arguments))
        assert ran.status in (2, 3), (what, ran.status, ran.err)
        assert "error: " in ran.err, what
        assert "Traceback" not in ran.err
        assert "a bug" not in ran.err


WRITERS: tuple[tuple[str, ...], ...] = (
    ("scan", "--demo", "-o", "TARGET.html", "-q"),
    ("scan", "--demo", "-o", "TARGET.json", "-q"),
    ("scan", "--demo", "--save", "TARGET.dir", "-q"),
    ("scan", "--demo", "--history", "TARGET.dir", "-q"),
    ("report", "result.json", "-o", "TARGET.md", "-q"),
    ("diff", str(DEMO), str(DEMO), "-o", "TARGET.html"),
    ("discover", str(DEMO), "--save", "TARGET.dir", "-q"),
    ("init", "-o", "TARGET.new"),
    ("manifest", "draw", str(DEMO / "automations.yaml"), "--format", "svg", "-o", "TARGET.dir"),
    ("manifest", "new", "--demo", "-o", "TARGET.dir"),
    ("suppress", "CK203", "tag:1", "--reason", "x", "--config", "TARGET.toml"),
    ("fleet", "FLEET.toml", "-o", "TARGET.dir", "-q"),
)
OLD = {
    "TARGET.html": "<p>old</p>",
    "TARGET.json": "{}",
    "TARGET.md": "old",
    "TARGET.toml": '[report]\nname = "Us"\n',
}


@pytest.fixture
def places(here: Here) -> Here:
    """A folder with a stored result, a fleet file, and older files where the commands write."""
    here("scan", "--demo", "--now", NOW, "-o", "result.json", "-q")
    (here.cwd / "FLEET.toml").write_text(f'[account.one]\nsnapshot = "{DEMO}"\n')
    for name, text in OLD.items():
        (here.cwd / name).write_text(text)
    return here


def inventory(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


FULL_DISK = """
import io, json, resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (60, 60))
from ckaudit.cli.main import main
out, sys.stdout = sys.stdout, io.TextIOWrapper(io.BytesIO(), "utf-8")
print(json.dumps([main(arguments) for arguments in json.loads(sys.argv[1])]), file=out)
"""


def test_a_full_disk_leaves_every_old_file_as_it_was(places: Here) -> None:
    before = inventory(places.cwd)
    ran = subprocess.run(
        [sys.executable, "-c", FULL_DISK, json.dumps(WRITERS)],
        cwd=places.cwd,
        env=environment(PYTHONDONTWRITEBYTECODE="1"),  # or Python would keep the half of what it compiles
        capture_output=True,
        check=True,
        timeout=100,
    )
    said = ran.stderr.decode()
    assert json.loads(ran.stdout) == [3] * len(WRITERS), said
    assert said.count("error: ") >= len(WRITERS)
    assert "Traceback" not in said
    after = inventory(places.cwd)
    assert {name: after.get(name) for name in before} == before
    assert {Path(name).name for name in after.keys() - before.keys()} <= {"fleet.partial.jsonl"}, "a half file"


@pytest.mark.parametrize("arguments", WRITERS, ids=" ".join)
def test_what_was_there_is_replaced_whole_and_nothing_is_left_over(places: Here, arguments: tuple[str, ...]) -> None:
    ran = places(*arguments)
    assert ran.status in (0, 1), ran.err
    assert list(places.cwd.rglob(".ckaudit-*")) == []
    changed = {name for name, text in OLD.items() if (places.cwd / name).read_text("utf-8") != text}
    assert changed == {word for word in arguments if word in OLD}


@pytest.mark.parametrize("arguments", WRITERS, ids=" ".join)
def test_a_place_that_cannot_be_written_is_told_in_a_sentence(places: Here, arguments: tuple[str, ...]) -> None:
    (places.cwd / "file").write_text("")
    ran = places(*(word.replace("TARGET", "file/TARGET") for word in arguments))
    assert ran.status in (2, 3), ran.err
    assert "error: " in ran.err
    assert "a bug" not in ran.err
    assert (places.cwd / "file").read_text() == ""


def test_a_link_is_replaced_and_what_it_leads_to_stays(places: Here) -> None:
    (places.cwd / "precious").write_text("precious")
    for name in ("link.html", "link.md"):
        (places.cwd / name).symlink_to("precious")
    places("report", "result.json", "-o", "link.html", "-o", "link.md")
    assert (places.cwd / "precious").read_text() == "precious"
    assert not (places.cwd / "link.html").is_symlink()


@pytest.mark.parametrize("name", ["account.json", "people.json"])
def test_a_result_replaces_no_file_of_a_snapshot(here: Here, name: str) -> None:
    shutil.copytree(DEMO, here.cwd / "mine")
    (here.cwd / "mine/people.json").write_text("{}")
    before = inventory(here.cwd)
    for option in ("-o", "--list-people"):
        ran = here("scan", "mine", option, f"mine/{name}")
        assert ran.status == 2
        assert "belongs to a snapshot" in ran.err
    assert inventory(here.cwd) == before


def test_a_result_replaces_nothing_that_is_read(here: Here) -> None:
    (here.cwd / "automations.json").write_text('{"version": 1, "automations": []}')
    (here.cwd / "key.txt").write_text("kit_0123456789")
    before = inventory(here.cwd)
    assert "automations.json is read" in here("scan", "--manifest", "automations.json", "-o", "automations.json").err
    assert "key.txt is read" in here("scan", "--api-key-file", "key.txt", "-o", "./key.txt").err
    assert inventory(here.cwd) == before


def test_a_baseline_may_be_brought_up_to_date(here: Here) -> None:
    here("scan", "--demo", "--now", NOW, "-o", "base.json", "-q")
    assert here("scan", "--demo", "--now", NOW, "--baseline", "base.json", "-o", "base.json", "-q").status == 0


@pytest.mark.skipif(sys.platform == "win32", reason="named pipes")
def test_pipes_are_read_when_named_and_passed_over_when_found(here: Here) -> None:
    here("scan", "--demo", "--now", NOW, "-o", "result.json", "-q")
    os.mkfifo(here.cwd / "pipe")
    writer = threading.Thread(target=lambda: (here.cwd / "pipe").write_bytes((here.cwd / "result.json").read_bytes()))
    writer.start()
    assert here("report", "pipe", "--format", "csv").status == 0
    writer.join()
    for name in ("ckaudit.toml", "automations.yaml", "pyproject.toml", "account.json"):
        os.mkfifo(here.cwd / name)
    shutil.copytree(DEMO, here.cwd / "mine")
    (here.cwd / "mine/events.npz").unlink(missing_ok=True)
    os.mkfifo(here.cwd / "mine/events.npz")
    assert here("scan", "--demo", "-q").status == 1
    assert here("rules", "list").status == 0
    assert "not a regular file" in here("scan", "mine").err
    assert "not a regular file" in here("scan", ".").err


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="needs /dev/zero")
@pytest.mark.parametrize("arguments", [("report",), ("manifest", "check"), ("scan", "--demo", "--config"), ("fleet",), ("scan",)])
def test_a_file_without_end_is_not_read_to_it(here: Here, arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ckaudit.sources.stored.MAX_SIZE", 3_000_000)
    ran = here(*arguments, "/dev/zero")
    assert ran.status == 2
    assert "error: " in ran.err


ENCODED = {
    "a mark at the beginning": lambda text: b"\xef\xbb\xbf" + text.encode(),
    "lines that end as on Windows": lambda text: text.replace("\n", "\r\n").encode(),
    "UTF-16": lambda text: text.encode("utf-16"),
    "UTF-16 without a mark": lambda text: text.encode("utf-16-le"),
    "Latin-1": lambda text: ("ä" + text).encode("latin-1", "replace"),
}


@pytest.mark.parametrize("how", ENCODED)
def test_text_in_another_encoding_is_read_or_told(here: Here, how: str) -> None:
    here("scan", "--demo", "--now", NOW, "-o", "plain.json", "-q")
    files = {
        "automations.yaml": ((DEMO / "automations.yaml").read_text("utf-8"), ("manifest", "check")),
        "ckaudit.toml": ('fail_on = "never"\n# a\n', ("scan", "--demo", "--config")),
        "result.json": ((here.cwd / "plain.json").read_text("utf-8"), ("report",)),
        "account.json": ((DEMO / "account.json").read_text("utf-8"), ("scan", "--fail-on", "never")),
    }
    fine = how in ("a mark at the beginning", "lines that end as on Windows")
    for name, (text, arguments) in files.items():
        (here.cwd / name).write_bytes(ENCODED[how](text))
        ran = here(*arguments, name)
        (here.cwd / name).unlink()
        assert ran.status == (0 if fine else 2), (name, ran.err)
        assert fine or how == "UTF-16 without a mark" or "UTF-" in ran.err, (name, ran.err)
        assert "Traceback" not in ran.err


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_names_of_files_that_are_no_text_or_give_orders(here: Here) -> None:
    (here.cwd / "automations").mkdir()
    for name in (b"\xff\xfe.yaml", b"a\n::error::x.yaml", b"\x1b[2J.yaml", "\u202e.yaml".encode()):
        (here.cwd / "automations" / os.fsdecode(name)).write_text("version: 1\nautomations: [{name: A}]\n")
    for arguments in (("scan", DEMO, "--format", "json"), ("scan", DEMO, "--format", "github"), ("manifest", "check"), ("graph", DEMO)):
        ran = here(*arguments, *(["--manifest", next((here.cwd / "automations").iterdir())] if arguments[0] == "scan" else []))
        assert ran.status in (0, 1, 2), ran.err
        assert "a bug" not in ran.err
        assert not [line for line in ran.err.splitlines() if line.lstrip().startswith(("::", "##["))]
        assert "\x1b[2J" not in ran.err + ran.out


# As root, file modes hold only without two capabilities (linux/capability.h: DAC_OVERRIDE 1, DAC_READ_SEARCH 2).
WITHOUT_RIGHTS = """
import ctypes, io, json, os, sys
from ckaudit.cli.main import main
if os.geteuid() == 0:
    libc = ctypes.CDLL(None, use_errno=True)
    head, sets = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
    if libc.capget(head, sets):
        sys.exit(77)
    sets[0] &= ~0b110
    if libc.capset(head, sets):
        sys.exit(77)
done, out = [], sys.stdout
for arguments in json.loads(sys.argv[1]):
    sys.stdout, sys.stderr = (io.TextIOWrapper(io.BytesIO(), "utf-8") for _ in range(2))
    status = main(arguments)
    sys.stderr.flush()
    done.append([status, sys.stderr.buffer.getvalue().decode()])
print(json.dumps(done), file=out)
"""
FORBIDDEN = (
    ("scan", "mine"),
    ("scan", "mine/account.json"),
    ("scan", "--demo", "--manifest", "mine/automations.yaml"),
    ("scan", "--demo", "--config", "TARGET.toml"),
    ("scan", "--demo", "--rules", "mine"),
    ("scan", "--demo", "--baseline", "result.json"),
    ("scan", "--demo", "--history", "mine"),
    ("scan", "--demo", "-o", "new.html", "-q"),
    ("scan", "--demo", "--save", "new", "-q"),
    ("report", "result.json"),
    ("diff", "mine", "mine"),
    ("graph", "mine"),
    ("discover", "mine"),
    ("init",),
    ("init", "mine", "-o", "x.toml"),
    ("manifest", "check", "mine/automations.yaml"),
    ("manifest", "new", "mine"),
    ("manifest", "draw", "mine/automations.yaml"),
    ("fleet", "FLEET.toml"),
    ("rules", "test", "mine"),
    ("suppress", "CK203", "tag:1", "--reason", "x", "--config", "TARGET.toml"),
    ("pull", "-o", "new", "--api-key-file", "result.json"),
)


@pytest.mark.skipif(sys.platform != "linux", reason="capabilities are Linux's")
def test_without_the_rights_every_command_says_so(places: Here) -> None:
    shutil.copytree(DEMO, places.cwd / "mine")
    for name in ("mine", "result.json", "TARGET.toml", "FLEET.toml"):
        (places.cwd / name).chmod(0)
    places.cwd.chmod(0o555)
    try:
        ran = subprocess.run(
            [sys.executable, "-c", WITHOUT_RIGHTS, json.dumps(FORBIDDEN)],
            cwd=places.cwd,
            env=environment(),
            capture_output=True,
            timeout=100,
            check=False,
        )
    finally:
        places.cwd.chmod(0o755)
        (places.cwd / "mine").chmod(0o755)
    if ran.returncode == 77:
        pytest.skip("the capabilities of root cannot be given up here")
    assert ran.returncode == 0, ran.stderr.decode()
    for command, (status, said) in zip(FORBIDDEN, json.loads(ran.stdout), strict=True):
        assert status in (2, 3), (command, status, said)
        assert "error: " in said, command
        assert "a bug" not in said, (command, said)
