"""Where automations stand in their files."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ckaudit.model.errors import InputError
from ckaudit.workbench.files import Files, blocks_in, folder_for, with_block

TWO = """\
version: 1
automations:
  # the first
  - name: A
    # inside
    steps:
      - add_tag: VIP
    # still A

  # of B
  - name: B
    entries: [{tag_added: Customer}]
# of the rules
rules: []
"""


def test_each_automation_has_its_lines_and_comments_between_belong_to_what_follows() -> None:
    one, two = blocks_in(TWO, "a.yaml")
    assert (one.first, one.last, two.first, two.last) == (4, 8, 11, 12)


def test_other_lines_in_the_place_of_one_leave_the_rest() -> None:
    one, _ = blocks_in(TWO, "a.yaml")
    assert with_block(TWO, one, "- name: C\n") == "".join(TWO.splitlines(keepends=True)[:3]) + "  - name: C\n" + "".join(
        TWO.splitlines(keepends=True)[8:]
    )


def test_the_mark_changes_with_the_lines_and_not_with_line_ends() -> None:
    one, _ = blocks_in(TWO, "a.yaml")
    assert blocks_in(TWO.replace("\n", "\r\n"), "a.yaml")[0].mark == one.mark
    assert blocks_in(TWO.replace("VIP", "Other"), "a.yaml")[0].mark != one.mark
    assert blocks_in(TWO.replace("Customer", "Other"), "a.yaml")[0].mark == one.mark


@pytest.mark.parametrize("text", ["version: 1\n", "automations: []\n", "automations: [\n", "", "- a\n", '{"version": 1}'])
def test_a_file_without_a_list_has_none(text: str) -> None:
    assert blocks_in(text, "a.yaml") == ()


@pytest.mark.parametrize("text", ["automations: [{name: A}]\n", '{"automations": [{"name": "A"}]}', "automations:\n-\n  name: A\n"])
def test_a_list_whose_lines_cannot_be_told_apart_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="dash on a line of its own"):
        blocks_in(text, "a.yaml")


def test_new_files_go_where_an_audit_finds_them(tmp_path: Path) -> None:
    assert folder_for([], tmp_path) == tmp_path / "automations"
    assert folder_for([tmp_path / "automations.yaml"], tmp_path / "account") == tmp_path / "automations"
    assert folder_for([tmp_path / "automations" / "a.yaml"], tmp_path) == tmp_path / "automations"


@pytest.mark.skipif(os.name == "nt", reason="permissions of POSIX")
@pytest.mark.parametrize("mode", [0o644, 0o600])
def test_the_permissions_of_a_file_stay(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(TWO, encoding="utf-8")
    path.chmod(mode)
    Files([path], tmp_path).write(path, TWO)
    assert path.stat().st_mode & 0o777 == mode


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_a_link_still_leads_to_its_file(tmp_path: Path) -> None:
    (tmp_path / "real.yaml").write_text(TWO, encoding="utf-8")
    (tmp_path / "a.yaml").symlink_to("real.yaml")
    Files([tmp_path / "a.yaml"], tmp_path).write(tmp_path / "a.yaml", "other")
    assert (tmp_path / "a.yaml").is_symlink()
    assert (tmp_path / "real.yaml").read_text(encoding="utf-8") == "other"
