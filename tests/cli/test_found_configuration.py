"""A configuration that lies somewhere can say much, but it makes no program run that nobody named."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.running import DEMO, NOW, Here
from tests.engine.planted import write_rule

TOUCHES = "import pathlib\npathlib.Path('ran').touch()"
COMMANDS = (
    ("scan", DEMO, "--now", NOW),
    ("rules", "list"),
    ("explain", "ACME601"),
    ("suppress", "ACME601", "tag:1", "--reason", "x"),
)


@pytest.fixture(autouse=True)
def _rules_beside_a_configuration(here: Here) -> None:
    write_rule(here.cwd / "mine", before=TOUCHES)
    (here.cwd / "ckaudit.toml").write_text('fail_on = "never"\nrules = ["mine"]\n')
    (here.cwd / "below").mkdir()


@pytest.mark.parametrize("folder", [".", "below"])
@pytest.mark.parametrize("arguments", COMMANDS, ids=lambda arguments: arguments[0])
def test_a_found_configuration_runs_no_rules(
    here: Here, arguments: tuple[str | Path, ...], folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(here.cwd / folder)
    ran = here(*arguments)
    assert ran.status == 2
    assert "ckaudit.toml:2:1: this configuration lists folders of rules" in ran.err
    assert "--config" in ran.err
    assert not list(here.cwd.rglob("ran"))


def test_the_table_of_a_project_runs_no_rules(here: Here) -> None:
    (here.cwd / "ckaudit.toml").rename(here.cwd / "before")
    (here.cwd / "pyproject.toml").write_text('[tool.ckaudit]\nrules = ["mine"]\n')
    assert here("rules", "list").status == 2
    assert not (here.cwd / "ran").exists()


@pytest.mark.parametrize(
    ("more", "environment"), [(("--config", "ckaudit.toml"), {}), (("--rules", "mine"), {}), ((), {"CKAUDIT_CONFIG": "ckaudit.toml"})]
)
def test_a_named_one_does(here: Here, more: tuple[str, ...], environment: dict[str, str]) -> None:
    ran = here("rules", "list", *more, **environment)
    assert ran.status == 0, ran.err
    assert "ACME601" in ran.out
    assert (here.cwd / "ran").exists()


def test_commands_that_run_no_rules_do_not_mind(here: Here) -> None:
    assert here("graph", DEMO).status == 0
    assert not (here.cwd / "ran").exists()
