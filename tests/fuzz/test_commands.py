"""Damaged files given to the program itself: a status that is promised, one sentence, no traceback, nothing on standard output."""

from __future__ import annotations

import random
import shutil

import pytest

from tests.cli.running import DEMO, NOW, Here
from tests.fuzz.targets import TARGETS

# The parser whose damaged inputs are used, the file they are written to, and the command.
COMMANDS = (
    ("snapshot", "kept/account.json", ("scan", "kept", "--now", NOW)),
    ("snapshot", "kept/account.json", ("graph", "kept", "--format", "json")),
    ("snapshot", "kept/account.json", ("diff", "kept", str(DEMO), "--format", "markdown")),
    ("events", "kept/events.npz", ("discover", "kept", "--now", NOW)),
    ("events", "kept/events.npz", ("scan", "kept", "--now", NOW, "--select", "evidence")),
    ("manifest", "kept/automations.yaml", ("scan", "kept/automations.yaml", "--now", NOW)),
    ("manifest", "kept/automations.yaml", ("manifest", "draw", "kept/automations.yaml")),
    ("config", "ckaudit.toml", ("scan", str(DEMO), "--now", NOW, "--select", "account")),
    ("result", "r.json", ("report", "r.json", "--format", "html")),
    ("result", "r.json", ("scan", "--demo", "--baseline", "r.json", "--now", NOW, "--select", "account")),
    ("result", "r.json", ("diff", "r.json", "r.json")),
    ("fleet", "FLEET.toml", ("fleet", "FLEET.toml", "--now", NOW)),
)


@pytest.mark.parametrize(("target", "file", "arguments"), COMMANDS, ids=lambda value: " ".join(value) if isinstance(value, tuple) else "")
def test_the_program_takes_damaged_files(here: Here, target: str, file: str, arguments: tuple[str, ...]) -> None:
    shutil.copytree(DEMO, here.cwd / "kept")
    dice, damaged = random.Random(f"{target} {arguments}"), TARGETS[target]
    for _ in range(10):
        data = dice.choice(damaged.mutators)(dice, dice.choice(damaged.seeds()))
        (here.cwd / file).write_bytes(data)
        ran = here(*arguments)
        assert ran.status in (0, 1, 2, 3), (ran.err, data)
        assert "Traceback" not in ran.err
        assert ran.status != 2 or (ran.out == "" and "error: " in ran.err), ran.err
