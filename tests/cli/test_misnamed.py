"""What lies beside a snapshot under nearly the right name is not passed over in silence; what is no manifest is called what it is."""

from __future__ import annotations

import shutil

import pytest

from tests.cli.running import DEMO, NOW, Here


@pytest.fixture
def kit(here: Here) -> Here:
    shutil.copytree(DEMO, here.cwd / "kit")
    return here


@pytest.mark.parametrize(
    "name", ["automation.yaml", "Automations.YAML", "manifest.yml", "automtions.yml", "automations.yaml.txt", "kit-list.yaml"]
)
def test_a_file_that_is_probably_the_manifest_is_named(kit: Here, name: str) -> None:
    (kit.cwd / "kit/automations.yaml").rename(kit.cwd / "kit" / name)
    ran = kit("scan", "kit", "-q", "--now", NOW)
    assert f"kit/{name} was not read" in ran.err
    assert "automations.yaml" in ran.err
    checked = kit("manifest", "check", "--snapshot", "kit")
    assert (checked.status, f"Is kit/{name} the one?" in checked.err) == (2, True)


def test_one_that_lies_beside_the_folder_is_named_too(kit: Here) -> None:
    (kit.cwd / "kit/automations.yaml").rename(kit.cwd / "manifest.yaml")
    assert "manifest.yaml was not read" in kit("scan", "kit", "-q", "--now", NOW).err


@pytest.mark.parametrize(
    ("name", "text"), [("notes.txt", "rules of the house: none"), ("translations.yaml", "a: 1\n"), ("README.md", "# Automations\n")]
)
def test_other_files_are_nobodys_business(kit: Here, name: str, text: str) -> None:
    (kit.cwd / "kit/automations.yaml").unlink()
    (kit.cwd / "kit" / name).write_text(text)
    assert "was not read" not in kit("scan", "kit", "-q", "--now", NOW).err


def test_nothing_is_said_while_there_is_a_manifest(kit: Here) -> None:
    shutil.copy(kit.cwd / "kit/automations.yaml", kit.cwd / "kit/manifest.yaml")
    assert "was not read" not in kit("scan", "kit", "--now", NOW).err


def test_what_ckaudit_wrote_itself_is_named_in_one_sentence(kit: Here) -> None:
    kit("scan", "kit", "-q", "-o", "result.json", "--now", NOW)
    for file, what in (("result.json", "a result"), ("kit/account.json", "a snapshot"), ("kit/counts.json", "the numbers of people")):
        ran = kit("manifest", "check", file)
        assert ran.status == 2
        assert ran.err.count("error:") == 1
        assert f"{file}:1:1: this is {what}" in ran.err
        assert len(ran.err.splitlines()) == 2


QUOTED = """\
version: 1
automations:
  - name: {name}
    entries: [{{tag_added: {tag}}}]
    steps: [{{add_tag: Customer}}]
"""


@pytest.mark.parametrize(
    ("name", "tag", "status"),
    [
        ("Welcome", "Reader", 0),
        ("“Welcome”", "Reader", 1),
        ("Welcome", "‘Reader’", 1),
        ("«Bienvenue»", "Reader", 1),
        ("„Willkommen“", "Reader", 1),
        ("The “good” list", "Reader", 0),
        ("“Good” and “bad”, both", "Reader", 0),
        ("Reader’s", "Reader", 0),
    ],
)
def test_names_in_typographic_quotes_are_doubted(here: Here, name: str, tag: str, status: int) -> None:
    (here.cwd / "automations.yaml").write_text(QUOTED.format(name=name, tag=tag), encoding="utf-8")
    ran = here("manifest", "check", "automations.yaml")
    assert (ran.status, "typographic quotes" in ran.out) == (status, status == 1)


@pytest.mark.parametrize(("first", "second", "status"), [("", "", 1), ("id: 5, ", "", 1), ("id: 5, ", "id: 6, ", 0)])
def test_an_automation_that_is_listed_twice_is_doubted(here: Here, first: str, second: str, status: int) -> None:
    items = "".join(f"  - {{{number}name: Welcome, entries: [{{tag_added: a}}], steps: [{{add_tag: b}}]}}\n" for number in (first, second))
    (here.cwd / "automations.yaml").write_text(f"version: 1\nautomations:\n{items}")
    ran = here("manifest", "check", "automations.yaml")
    assert (ran.status, "automations.yaml:4:" in ran.out and "second time (line 3" in ran.out) == (status, status == 1)
