"""``ckaudit manifest prompt`` as a person uses it."""

from __future__ import annotations

import shutil

from tests.cli.running import DEMO, Here


def test_the_brief_warns_that_names_leave_the_machine_even_when_quiet(here: Here) -> None:
    shutil.copytree(DEMO, here.cwd / "a")
    ran = here("manifest", "prompt", "a", "-q")
    assert (ran.status, '"Customer"' in ran.out, '"Coastal Light - release"' in ran.out) == (0, True, True)
    assert "names of the account. ckaudit sends it to nobody" in ran.err
    assert here("manifest", "prompt", "a", "-o", "brief.txt").out == ""
    assert (here.cwd / "brief.txt").read_text() == ran.out


def test_without_a_snapshot_there_are_no_names(here: Here) -> None:
    ran = here("manifest", "prompt")
    assert (ran.status, "The notation" in ran.out, "without names" in ran.err) == (0, True, True)


def test_in_the_folder_of_a_snapshot_it_need_not_be_named(here: Here) -> None:
    shutil.copy(DEMO / "account.json", here.cwd)
    assert '"Customer"' in here("manifest", "prompt").out


def test_drafts_from_timestamps_are_no_automations_to_write_down(here: Here) -> None:
    shutil.copy(DEMO / "account.json", here.cwd)
    draft = "{name: Draft 1, draft: timestamps, entries: [{tag_added: VIP}]}"
    (here.cwd / "automations.yaml").write_text(f"version: 1\nautomations: [{{name: Welcome}}, {draft}]\n")
    said = here("manifest", "prompt").out
    assert 'written down yet (1):\n    "Welcome"' in said
    assert "Draft 1" not in said
