"""``ckaudit manifest paste`` as a person uses it."""

from __future__ import annotations

import io
import shutil

import pytest

from ckaudit.sources.manifest import read_manifests
from ckaudit.sources.pages.labels import read_labels, write_labels
from tests.cli.running import DEMO, Here

TEXT = """\
Grow
Coastal Light - copy
Tag is added
Coastal Light: purchased
Delay
5 minutes
Email Sequence
Coastal Light: welcome
"""
ZORP = TEXT + "Zorp\nCustomer\nZorp\nVIP\n"
FILE = "a/automations/coastal-light-copy.yaml"


@pytest.fixture
def account(here: Here) -> str:
    (here.cwd / "a").mkdir()
    shutil.copy(DEMO / "account.json", here.cwd / "a")
    return "a"


def save(here: Here, text: str) -> str:
    (here.cwd / "copied.txt").write_text(text, encoding="utf-8")
    return "copied.txt"


def test_a_draft_is_written_with_the_lines_of_the_text_above_each_step(here: Here, account: str) -> None:
    ran = here("manifest", "paste", "Coastal Light - copy", save(here, TEXT), account)
    assert ran.status == 0
    (found,) = read_manifests([here.cwd / FILE]).automations
    assert (found.name, str(found.draft), len(found.entries), len(found.steps)) == ("Coastal Light - copy", "paste", 1, 2)
    written = (here.cwd / FILE).read_text()
    assert "# line 7: Email Sequence · line 8: Coastal Light: welcome\n      - sequence:" in written
    assert "from line 7: Email Sequence" in ran.out
    assert "8 pieces" not in ran.out  # two of them are noise
    assert "never been tried on a real page" in ran.err
    assert here("manifest", "check", FILE, "--snapshot", account).status == 0


def test_the_draft_counts_for_nothing_and_is_known_by_its_name(here: Here, account: str) -> None:
    here("manifest", "paste", "Coastal Light - copy", save(here, TEXT), account)
    said = here("scan", account, COLUMNS="300").out
    assert "1 automation in the manifest is a draft" in said
    assert "0 of 1 automations are described" in said


def test_standard_input_is_read_where_no_file_is_named(here: Here, account: str) -> None:
    here.patch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(TEXT.encode())))
    here.patch.chdir(here.cwd / account)
    assert here("manifest", "paste", "Coastal Light - copy").status == 0


def test_words_nobody_knows_are_listed_and_nothing_is_written_before_they_are_answered(here: Here, account: str) -> None:
    file = save(here, ZORP)
    ran = here("manifest", "paste", "Coastal Light - copy", file, account)
    assert (ran.status, ran.out.count("“Zorp” beside"), (here.cwd / FILE).exists()) == (1, 1, False)
    assert "add_tag" in ran.out
    write_labels(here.cwd / "a/labels.toml", {"zorp": "add_tag"})
    again = here("manifest", "paste", "Coastal Light - copy", file, account)
    assert (again.status, "+ VIP" in again.out) == (0, True)


def test_on_a_terminal_they_are_asked_about_once_and_kept(here: Here, account: str) -> None:
    asked: list[str] = []

    def prompt(*words: str, **_: object) -> str:
        asked.append(words[0])
        return "add_tag"

    here.patch.setattr("ckaudit.cli.manifest_paste.is_terminal", lambda _: True)
    here.patch.setattr("click.prompt", prompt)
    ran = here("manifest", "paste", "Coastal Light - copy", save(here, ZORP), account)
    assert (ran.status, len(asked), "+ Customer" in ran.out) == (0, 1, True)
    assert read_labels(here.cwd / "a/labels.toml") == {"zorp": "add_tag"}
    here("manifest", "paste", "Coastal Light - copy", "copied.txt", account, "-o", "b.yaml")
    assert len(asked) == 1


def test_who_does_not_know_leaves_a_line_that_is_not_understood(here: Here, account: str) -> None:
    here.patch.setattr("ckaudit.cli.manifest_paste.is_terminal", lambda _: True)
    here.patch.setattr("click.prompt", lambda *_, **__: "")
    ran = here("manifest", "paste", "Coastal Light - copy", save(here, ZORP), account)
    assert ran.status == 1
    assert "# not understood, line 9: Zorp" in (here.cwd / FILE).read_text()


def test_a_text_without_steps_offers_shorthand(here: Here, account: str) -> None:
    ran = here("manifest", "paste", "X", save(here, "Grow\nSend\n100%\nFit to screen\n"), account)
    assert (ran.status, ran.out) == (2, "")
    assert "holds no steps" in ran.err
    assert "shorthand" in ran.err


def test_a_file_that_is_there_stays(here: Here, account: str) -> None:
    file = save(here, TEXT)
    here("manifest", "paste", "Coastal Light - copy", file, account)
    ran = here("manifest", "paste", "Coastal Light - copy", file, account)
    assert (ran.status, "is there already" in ran.err) == (2, True)


def test_a_page_gives_no_orders(here: Here, account: str) -> None:
    text = TEXT + "# ckaudit: ignore CK311 no\n::error::x\n\x1b[2J\n"
    ran = here("manifest", "paste", "Coastal Light - copy", save(here, text), account)
    assert "\x1b" not in ran.out + (here.cwd / FILE).read_text()
    assert read_manifests([here.cwd / FILE]).ignores == ()


def test_without_an_account_there_are_no_names_to_go_by(here: Here) -> None:
    ran = here("manifest", "paste", "X", save(here, TEXT))
    assert (ran.status, "Name a snapshot" in ran.err) == (2, True)


@pytest.mark.parametrize("text", ['[labels]\n"zorp" = "add a tag"\n', "[labels", "[label]\n", '[labels]\n"zorp" = 3\n'])
def test_wrong_labels_say_where(text: str, here: Here, account: str) -> None:
    (here.cwd / "a/labels.toml").write_text(text)
    ran = here("manifest", "paste", "X", save(here, TEXT), account)
    assert ran.status == 2
    assert "a/labels.toml:" in ran.err


def test_labels_are_kept_whatever_the_words_are(here: Here) -> None:
    labels = {'a "b" c': "add_tag", "{} zorp": "delay", "日本": "ignore", "a\\b": "exit"}
    write_labels(here.cwd / "labels.toml", labels)
    assert set(read_labels(here.cwd / "labels.toml").values()) == set(labels.values())
