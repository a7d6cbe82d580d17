"""``ckaudit manifest write`` and ``shorthand`` as a person uses them."""

from __future__ import annotations

import shutil
from pathlib import Path

from ckaudit.sources.manifest import read_manifests
from tests.cli.running import DEMO, Here, run
from tests.sources.shorthand.strategies import bare


def test_there_and_back_is_the_same(here: Here) -> None:
    shutil.copytree(DEMO, here.cwd / "a")
    short = here("manifest", "shorthand", "a/automations.yaml", "--snapshot", "a")
    assert (short.status, short.out.startswith("* Coastal Light - release\n")) == (0, True)
    (here.cwd / "s.txt").write_text(short.out, encoding="utf-8")
    assert here("manifest", "write", "s.txt", "--snapshot", "a", "-o", "b.yaml").out == ""
    again, before = (read_manifests([path]).automations for path in ("b.yaml", "a/automations.yaml"))
    assert bare(again) == bare(before)


def test_what_is_typed_becomes_a_manifest(tmp_path: Path) -> None:
    ran = run("manifest", "write", cwd=tmp_path, stdin="* A\n# why\n> VIP\n5m\n")
    assert ran.out == (
        "version: 1\nautomations:\n  - name: A\n    entries:\n      # why\n      - tag_added: VIP\n    steps:\n      - delay: 5 minutes\n"
    )


def test_what_is_not_clear_is_listed_with_its_choices_and_nothing_is_written(here: Here) -> None:
    shutil.copytree(DEMO, here.cwd / "a")
    (here.cwd / "s.txt").write_text("* A\n+ module\n+ nobody\n")
    ran = here("manifest", "write", "s.txt", "--snapshot", "a", "-o", "b.yaml")
    assert (ran.status, (here.cwd / "b.yaml").exists()) == (2, False)
    assert "s.txt:2:3: 4 tags contain “module”" in ran.err
    assert "“Coastal Light: module 1”" in ran.err
    assert "s.txt:3:3: no tag contains “nobody”" in ran.err


def test_a_file_that_is_there_stays(here: Here) -> None:
    (here.cwd / "b.yaml").write_text("mine")
    (here.cwd / "s.txt").write_text("* A\n")
    assert here("manifest", "write", "s.txt", "-o", "b.yaml").status == 2
    assert (here.cwd / "b.yaml").read_text() == "mine"


def test_what_cannot_be_read_is_said(here: Here) -> None:
    (here.cwd / "x.txt").write_bytes(b"* \xff\n")
    (here.cwd / "e.txt").write_text("# nothing\n")
    for name, said in (("none.txt", "cannot read"), ("x.txt", "not UTF-8"), ("e.txt", "no automation")):
        ran = here("manifest", "write", name)
        assert (ran.status, said in ran.err) == (2, True)
    assert here("manifest", "shorthand").status == 2
