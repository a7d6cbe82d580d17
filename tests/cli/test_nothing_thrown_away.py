"""What was read or made is not lost to one file that cannot be written; what cannot be made is said before anything is read."""

from __future__ import annotations

import functools
import json
import sys
from pathlib import Path

import pytest

from ckaudit.sources import live
from tests.cli.running import DEMO, NOW, Here
from tests.fake_kit.app import KEY
from tests.fake_kit.clock import Clock
from tests.fake_kit.server import Served


@pytest.fixture(autouse=True)
def _without_waiting(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ckaudit.pull.pull", functools.partial(live.pull, timing=clock.timing))


@pytest.fixture
def no_pdf(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "weasyprint", None)


@pytest.mark.usefixtures("no_pdf")
def test_a_missing_pdf_library_is_said_first_and_everything_else_is_written(here: Here, kit: Served) -> None:
    ran = here("scan", "-o", "x.pdf", "-o", "r.json", "-o", "r.html", "--format", "json", KIT_API_KEY=KEY, KIT_API_URL=kit.url)
    assert ran.status == 2
    assert ran.err.startswith("error: x.pdf will not be written: a PDF needs the package weasyprint")
    assert ran.err.index("x.pdf") < ran.err.index("Reading timestamps")
    assert json.loads(ran.out) == json.loads((here.cwd / "r.json").read_text("utf-8"))
    assert (here.cwd / "r.html").exists()
    assert not (here.cwd / "x.pdf").exists()


@pytest.mark.usefixtures("no_pdf")
def test_a_live_account_is_kept_when_a_file_could_not_be_written(here: Here, kit: Served) -> None:
    for folder in ("account-27", "account-27-2"):
        ran = here("scan", "-o", "x.pdf", KIT_API_KEY=KEY, KIT_API_URL=kit.url)
        assert f"What was read is kept: `ckaudit scan {folder}`" in ran.err
        assert {path.name for path in (here.cwd / folder).iterdir()} >= {"account.json", "events.npz"}
    assert here("scan", "account-27", "-q").status in (0, 1)


@pytest.mark.usefixtures("no_pdf")
def test_an_account_that_is_saved_anyway_is_not_kept_twice(here: Here, kit: Served) -> None:
    here("scan", "--save", "mine", "-o", "x.pdf", KIT_API_KEY=KEY, KIT_API_URL=kit.url)
    assert [path.name for path in here.cwd.iterdir()] == ["mine"]


def test_a_live_audit_that_goes_well_leaves_nothing_behind(here: Here, kit: Served) -> None:
    here("scan", KIT_API_KEY=KEY, KIT_API_URL=kit.url)
    assert list(here.cwd.iterdir()) == []


def test_a_live_account_is_kept_when_the_configuration_names_what_is_not_there(here: Here, kit: Served) -> None:
    (here.cwd / "ckaudit.toml").write_text('[[suppress]]\nrule = "CK401"\nobject = {kind = "sequence", id = 999}\nreason = "x"\n')
    ran = here("scan", KIT_API_KEY=KEY, KIT_API_URL=kit.url)
    assert (ran.status, "the account has no sequence 999" in ran.err) == (2, True)
    assert (here.cwd / "account-27" / "account.json").exists()


def test_a_manifest_that_is_invalid_is_said_before_the_first_request(here: Here, kit: Served) -> None:
    (here.cwd / "automations.yaml").write_text("version: 1\nautomatons: []\n")
    assert here("scan", KIT_API_KEY=KEY, KIT_API_URL=kit.url).status == 2
    assert kit.kit.seen == []


@pytest.mark.parametrize("first", [True, False])
def test_an_output_that_cannot_be_written_leaves_the_others_alone(first: bool, here: Here) -> None:
    (here.cwd / "no").touch()
    names = ("no/r.json", "r.csv") if first else ("r.csv", "no/r.json")
    ran = here("scan", DEMO, "--now", NOW, *(part for name in names for part in ("-o", name)))
    assert ran.status == 3
    assert "cannot write no/r.json" in ran.err
    assert (here.cwd / "r.csv").exists()
    assert "score" in ran.out


@pytest.mark.usefixtures("no_pdf")
def test_a_report_without_the_library_says_so_and_writes_the_rest(here: Here) -> None:
    here("scan", DEMO, "--now", NOW, "-o", "r.json", "-q")
    ran = here("report", "r.json", "-o", "x.pdf", "-o", "r.html")
    assert (ran.status, (here.cwd / "r.html").exists()) == (2, True)
    assert "x.pdf will not be written" in ran.err


def folder(here: Here) -> Path:
    """A snapshot in the working directory."""
    for name in ("account.json", "automations.yaml"):
        (here.cwd / name).write_bytes((DEMO / name).read_bytes())
    return here.cwd


def test_the_account_of_the_working_directory_is_audited(here: Here) -> None:
    folder(here)
    ran = here("scan", "--now", NOW, "--format", "json")
    assert "Account: account.json in this folder.\n" in ran.err
    assert json.loads(ran.out)["account"]["name"] == "Tidewater Watercolour"
    assert ran.out == here("scan", ".", "--now", NOW, "--format", "json").out


def test_a_key_in_the_environment_does_not_change_which_account_that_is(here: Here, kit: Served) -> None:
    folder(here)
    ran = here("scan", "--now", NOW, KIT_API_KEY=KEY, KIT_API_URL=kit.url)
    assert "Kit is not asked" in ran.err
    assert kit.kit.seen == []


def test_whoever_saves_a_live_account_reads_it(here: Here, kit: Served) -> None:
    (folder(here) / "automations.yaml").unlink()
    assert here("scan", "--save", "new", "-q", "--format", "json", KIT_API_KEY=KEY, KIT_API_URL=kit.url).status in (0, 1)
    assert (here.cwd / "new" / "account.json").exists()


def test_a_manifest_beside_the_working_directory_counts_as_for_the_folder_by_name(here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    folder(here)
    (here.cwd / "snapshot").mkdir()
    (here.cwd / "account.json").rename(here.cwd / "snapshot" / "account.json")
    monkeypatch.chdir(here.cwd / "snapshot")
    assert "Automations: ../automations.yaml" in here("scan", "--now", NOW).err
