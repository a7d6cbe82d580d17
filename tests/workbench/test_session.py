"""The work on one automation after the other: what is listed, kept, saved and noticed."""

from __future__ import annotations

from pathlib import Path

import pytest

from ckaudit.cli.main import main
from ckaudit.model.errors import InputError
from ckaudit.sources.manifest import read_manifests
from ckaudit.sources.pages.paste import Meaning
from ckaudit.workbench.messages import Answer, Edit, Paste, State, Which
from tests.workbench.benches import NEW, demo, edit_of, listing, opened, session

DRAFT = "Coastal Light: purchased to Coastal Light: module 3 is open"


def states(bench: object) -> dict[str, State]:
    return {row.name: row.state for row in bench.list().rows}  # type: ignore[attr-defined]


class TestTheList:
    def test_described_automations_are_counted_among_those_known(self, tmp_path: Path) -> None:
        place = demo(tmp_path)
        (place / "automations").mkdir()
        (place / "automations" / "list.yaml").write_text(listing(["Win-back", "Coastal Light - release"]), encoding="utf-8")
        found = session(place).list()
        assert (found.described, found.known) == (10, 11)

    def test_a_name_alone_is_known_and_a_chain_of_timestamps_a_draft(self, tmp_path: Path) -> None:
        found = states(session(demo(tmp_path, listing(["Win-back"]))))
        assert (found["Win-back"], found[DRAFT]) == (State.NAME, State.DRAFT)

    def test_what_is_described_is_no_draft_any_more(self, tmp_path: Path) -> None:
        assert State.DRAFT not in states(session(demo(tmp_path))).values()

    def test_a_draft_that_a_file_has_is_listed_once(self, tmp_path: Path) -> None:
        bench = session(demo(tmp_path, ""))
        text = opened(bench, DRAFT)
        bench.save(edit_of(text, name="Release"))
        path = next((tmp_path / "account" / "automations").glob("*.yaml"))
        path.write_text(path.read_text(encoding="utf-8").replace("    entries:", "    draft: timestamps\n    entries:"), encoding="utf-8")
        found = states(bench)
        assert found["Release"] is State.DRAFT
        assert DRAFT not in found

    def test_a_draft_in_a_file_is_not_described(self, tmp_path: Path) -> None:
        text = listing(["Win-back"]) + "    draft: paste\n    entries: [{tag_added: Customer}]\n    steps: [{add_tag: VIP}]\n"
        found = session(demo(tmp_path, text)).list()
        assert (found.described, found.known, found.rows[0].state) == (0, 1, State.DRAFT)

    def test_a_broken_file_is_said_and_the_list_stays(self, tmp_path: Path) -> None:
        place = demo(tmp_path)
        bench = session(place)
        bench.list()
        (place / "automations.yaml").write_text("version: 1\nautomations: [\n", encoding="utf-8")
        found = bench.list()
        assert "automations.yaml" in found.problem
        assert len(found.rows) == 10


class TestOpening:
    def test_beside_a_step_stands_what_people_did(self, tmp_path: Path) -> None:
        found = opened(session(demo(tmp_path)), "Coastal Light - release")
        assert {step.name: step.seen for step in found.checked.steps}["Coastal Light: module 2"] == "205 people, 7 days"

    def test_the_lines_of_steps_are_those_of_the_text(self, tmp_path: Path) -> None:
        found = opened(session(demo(tmp_path)), "Coastal Light - release")
        lines = found.text.splitlines()
        named = [step for step in found.checked.steps if step.verb in ("Add tag", "Remove tag", "Email sequence")]
        assert len(named) > 10
        assert all(step.name in lines[step.line - 1] for step in named)

    def test_what_is_no_longer_there_is_said(self, tmp_path: Path) -> None:
        with pytest.raises(InputError, match="no longer there"):
            session(demo(tmp_path)).open(Which("name:Gone"))

    def test_a_list_in_brackets_is_left_alone(self, tmp_path: Path) -> None:
        text = "version: 1\nautomations: [{name: A, entries: [{tag_added: Customer}], steps: [{add_tag: VIP}]}]\n"
        bench = session(demo(tmp_path, text))
        with pytest.raises(InputError, match="in brackets"):
            opened(bench, "A")


class TestSaving:
    def test_a_new_automation_gets_a_file_of_its_own_that_an_audit_reads(self, tmp_path: Path) -> None:
        place = demo(tmp_path)
        bench = session(place)
        begun = bench.begin(Edit("", "Win-back", ""))
        saved = bench.save(edit_of(begun, NEW))
        (path,) = (place / "automations").glob("*.yaml")
        (automation,) = read_manifests([path]).automations
        assert (saved.is_written, path.name, automation.name, len(automation.steps)) == (True, "win-back.yaml", "Win-back", 3)
        assert states(bench)["Win-back"] is State.DESCRIBED

    def test_an_automation_of_a_list_is_described_in_its_own_file_and_the_list_stays_as_it_is(self, tmp_path: Path) -> None:
        place = demo(tmp_path, listing(["Win-back", "Other"]))
        before = (place / "automations.yaml").read_bytes()
        bench = session(place)
        bench.save(edit_of(opened(bench, "Win-back"), NEW))
        found = bench.list()
        assert (place / "automations.yaml").read_bytes() == before
        assert (found.described, found.known) == (1, 2)

    def test_only_its_own_lines_change_in_a_file_with_several(self, tmp_path: Path) -> None:
        place = demo(tmp_path)
        path = place / "automations.yaml"
        before = path.read_text(encoding="utf-8").splitlines()
        bench = session(place)
        first = opened(bench, "Coastal Light - release")
        bench.save(edit_of(first, first.text.replace("7d\n+ Coastal Light: module 2", "5d\n+ Coastal Light: module 2")))
        after = path.read_text(encoding="utf-8").splitlines()
        assert [(old.strip(), new.strip()) for old, new in zip(before, after, strict=True) if old != new] == [
            ("- delay: 7 days", "- delay: 5 days")
        ]

    def test_comments_stay(self, tmp_path: Path) -> None:
        place = demo(tmp_path)
        path = place / "automations.yaml"
        path.write_text(
            path.read_text(encoding="utf-8").replace("- add_tag: Customer\n", "- add_tag: Customer  # everybody\n", 1), encoding="utf-8"
        )
        bench = session(place)
        first = opened(bench, "Coastal Light - release")
        bench.save(edit_of(first, first.text + "+ VIP\n"))
        assert "- add_tag: Customer  # everybody\n" in path.read_text(encoding="utf-8")

    def test_windows_line_ends_stay(self, tmp_path: Path) -> None:
        place = demo(tmp_path)
        path = place / "automations.yaml"
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
        bench = session(place)
        first = opened(bench, "Coastal Light - release")
        bench.save(edit_of(first, first.text + "+ VIP\n"))
        assert path.read_bytes().count(b"\r\n") == path.read_bytes().count(b"\n")

    def test_a_text_with_problems_is_not_saved(self, tmp_path: Path) -> None:
        place = demo(tmp_path)
        bench = session(place)
        begun = bench.begin(Edit("", "Win-back", ""))
        saved = bench.save(edit_of(begun, "> Coastal Light\n"))
        assert (saved.is_written, saved.problems[0].line) == (False, 1)
        assert len(saved.problems[0].choices) > 1
        assert not list((place / "automations").glob("*.yaml"))

    def test_an_automation_without_steps_and_entries_is_not_saved(self, tmp_path: Path) -> None:
        bench = session(demo(tmp_path))
        assert bench.save(edit_of(bench.begin(Edit("", "Win-back", "")))).problems

    def test_the_status_that_the_list_states_goes_into_the_file(self, tmp_path: Path) -> None:
        place = demo(tmp_path, listing(["Win-back"]) + "    status: paused\n    id: 77\n")
        bench = session(place)
        bench.save(edit_of(opened(bench, "Win-back"), NEW))
        written = (place / "automations" / "win-back.yaml").read_text(encoding="utf-8")
        assert "id: 77" in written
        assert "status: paused" in written

    @pytest.mark.parametrize("name", ["CON", "../../evil", "…", "a/b\\c:d*e?", "Ünïcödé", "x" * 400])
    def test_any_name_becomes_a_file_name_that_every_system_takes(self, tmp_path: Path, name: str) -> None:
        place = demo(tmp_path)
        bench = session(place)
        assert bench.save(edit_of(bench.begin(Edit("", name, "")), NEW)).is_written
        (path,) = (place / "automations").glob("*.yaml")
        assert path.parent == place / "automations"
        assert path.stem not in ("con", "")
        assert len(path.name) < 80

    def test_two_of_one_name_get_two_files(self, tmp_path: Path) -> None:
        place = demo(tmp_path)
        bench = session(place)
        for _ in range(2):
            assert bench.save(edit_of(bench.begin(Edit("", "Win-back", "")), NEW)).is_written
        assert sorted(path.name for path in (place / "automations").glob("*.yaml")) == ["win-back-2.yaml", "win-back.yaml"]

    def test_a_new_file_that_no_audit_would_find_is_said(self, tmp_path: Path) -> None:
        bench = session(demo(tmp_path))
        bench.files.are_named = True
        assert "name this one there" in bench.save(edit_of(bench.begin(Edit("", "Win-back", "")), NEW)).note


class TestNothingIsLost:
    def test_a_text_that_was_typed_is_there_in_the_next_sitting(self, tmp_path: Path) -> None:
        place = demo(tmp_path)
        bench = session(place)
        first = opened(bench, "Coastal Light - release")
        bench.check(edit_of(first, first.text + "+ not yet"))
        again = opened(session(place), "Coastal Light - release")
        assert again.text == first.text + "+ not yet"
        assert not again.has_changed

    def test_one_that_was_begun_is_there_too(self, tmp_path: Path) -> None:
        place = demo(tmp_path)
        bench = session(place)
        begun = bench.begin(Edit("", "", ""))
        bench.check(edit_of(begun, "> Cust", name="Win-back"))
        assert states(session(place))["Win-back"] is State.BEGUN

    def test_a_text_that_says_what_the_file_says_is_not_kept(self, tmp_path: Path) -> None:
        place = demo(tmp_path)
        bench = session(place)
        first = opened(bench, "Coastal Light - release")
        bench.check(edit_of(first, first.text + "+ x"))
        bench.check(edit_of(first))
        assert not bench.kept.path.exists()

    def test_a_file_that_changed_meanwhile_is_not_overwritten(self, tmp_path: Path) -> None:
        place = demo(tmp_path)
        path = place / "automations.yaml"
        bench = session(place)
        first = opened(bench, "Coastal Light - release")
        path.write_text(path.read_text(encoding="utf-8").replace("delay: 5 minutes", "delay: 9 minutes", 1), encoding="utf-8")
        theirs = path.read_bytes()
        mine = edit_of(first, first.text + "+ VIP\n")
        saved = bench.save(mine)
        assert (saved.is_written, saved.has_changed, path.read_bytes()) == (False, True, theirs)
        assert "9m" in saved.theirs
        assert bench.save(Edit(mine.key, mine.name, mine.text, mine.status, saved.base)).is_written
        assert "9m" not in opened(bench, "Coastal Light - release").text

    def test_a_change_of_another_automation_in_the_same_file_is_no_conflict(self, tmp_path: Path) -> None:
        place = demo(tmp_path)
        path = place / "automations.yaml"
        bench = session(place)
        first = opened(bench, "Coastal Light - release")
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace("notes: Made on the evening before the doors opened", "notes: Another note"), encoding="utf-8")
        assert bench.save(edit_of(first, first.text + "+ VIP\n")).is_written
        assert "notes: Another note" in path.read_text(encoding="utf-8")

    def test_reopening_says_that_the_file_changed(self, tmp_path: Path) -> None:
        place = demo(tmp_path)
        path = place / "automations.yaml"
        bench = session(place)
        first = opened(bench, "Coastal Light - release")
        bench.check(edit_of(first, first.text + "+ VIP\n"))
        path.write_text(path.read_text(encoding="utf-8").replace("delay: 5 minutes", "delay: 9 minutes", 1), encoding="utf-8")
        again = opened(session(place), "Coastal Light - release")
        assert again.has_changed
        assert "9m" in again.origin

    def test_a_damaged_work_file_is_said_and_stays(self, tmp_path: Path) -> None:
        place = demo(tmp_path)
        bench = session(place)
        bench.kept.path.parent.mkdir(parents=True)
        bench.kept.path.write_text("{", encoding="utf-8")
        with pytest.raises(InputError, match="was damaged"):
            bench.list()
        assert bench.kept.path.read_text(encoding="utf-8") == "{"

    def test_thrown_away_is_what_was_typed_and_not_the_file(self, tmp_path: Path) -> None:
        place = demo(tmp_path)
        bench = session(place)
        first = opened(bench, "Coastal Light - release")
        bench.check(edit_of(first, "> nothing"))
        bench.discard(Which(first.key))
        assert opened(bench, "Coastal Light - release").text == first.text


class TestDrafts:
    def test_an_accepted_draft_is_described_under_the_name_it_has_in_kit(self, tmp_path: Path) -> None:
        bench = session(demo(tmp_path, listing(["Release"])))
        key = opened(bench, DRAFT).key
        assert bench.answer(Answer(key, is_accepted=True, name="Release")).is_written
        found = bench.list()
        assert states(bench)["Release"] is State.DESCRIBED
        assert (found.described, found.known) == (1, 1)
        assert DRAFT not in states(bench)

    def test_an_accepted_draft_is_declared_as_it_was_seen(self, tmp_path: Path) -> None:
        bench = session(demo(tmp_path, ""))
        before = opened(bench, DRAFT)
        bench.answer(Answer(before.key, is_accepted=True, name="Release"))
        assert opened(bench, "Release").text == before.text

    def test_conditions_that_nobody_could_see_stay_questions(self, tmp_path: Path) -> None:
        bench = session(demo(tmp_path, ""))
        key = opened(bench, "Palette guide to Palette guide: finished").key
        assert "1 condition is still a question" in bench.answer(Answer(key, is_accepted=True)).note

    def test_a_refused_draft_stays_refused_until_it_is_taken_back(self, tmp_path: Path) -> None:
        place = demo(tmp_path, "")
        bench = session(place)
        answer = Answer(opened(bench, DRAFT).key, is_accepted=False)
        bench.answer(answer)
        assert states(session(place))[DRAFT] is State.REFUSED
        bench.answer(answer)
        assert states(session(place))[DRAFT] is State.DRAFT

    def test_accepting_a_draft_of_a_file_takes_its_line_out(self, tmp_path: Path) -> None:
        head = "version: 1\nautomations:\n  - name: Win-back  # seen\n    draft: paste\n"
        text = f"{head}    entries:\n      - tag_added: Customer\n    steps:\n      - add_tag: VIP\n"
        place = demo(tmp_path, text)
        bench = session(place)
        assert bench.answer(Answer(opened(bench, "Win-back").key, is_accepted=True)).is_written
        written = (place / "automations.yaml").read_text(encoding="utf-8")
        assert written == text.replace("    draft: paste\n", "")

    def test_the_files_of_drafts_that_ckaudit_made_are_the_drafts_and_lose_their_heads_when_accepted(self, tmp_path: Path) -> None:
        place = demo(tmp_path, "")
        assert main(["-q", "manifest", "new", str(place), "--now", "2026-11-24"]) == 0
        bench = session(place)
        drafts = [row for row in bench.list().rows if row.state is State.DRAFT]
        assert len(drafts) == len(list((place / "automations").glob("draft-*.yaml")))
        assert all(row.key.startswith("name:Draft") for row in drafts)
        assert bench.answer(Answer(drafts[-1].key, is_accepted=True, name="Release")).is_written
        (path,) = [path for path in (place / "automations").glob("draft-*.yaml") if "Release" in path.read_text(encoding="utf-8")]
        written = path.read_text(encoding="utf-8")
        assert written.startswith("version: 1\n")
        assert "draft:" not in written
        assert "% of those who could" in written

    def test_a_draft_that_somebody_described_meanwhile_is_said_to_be_gone(self, tmp_path: Path) -> None:
        bench = session(demo(tmp_path, ""))
        first = opened(bench, DRAFT)
        bench.save(edit_of(bench.begin(Edit("", "Mine", "")), first.text))
        with pytest.raises(InputError, match="no longer there"):
            bench.answer(Answer(first.key, is_accepted=True))


class TestJudging:
    def test_a_mistake_is_found_while_it_is_typed(self, tmp_path: Path) -> None:
        bench = session(demo(tmp_path))
        begun = bench.begin(Edit("", "Win-back", ""))
        fine = {found.rule for found in bench.judge(edit_of(begun, NEW)).findings}
        wrong = bench.judge(edit_of(begun, NEW + "! Customer\nexit\n+ VIP\n")).findings
        assert {found.rule for found in wrong} - fine

    def test_findings_are_those_of_this_automation(self, tmp_path: Path) -> None:
        bench = session(demo(tmp_path))
        one = {found.message for found in bench.judge(edit_of(opened(bench, "Coastal Light - release"))).findings}
        two = {found.message for found in bench.judge(edit_of(opened(bench, "Studio Circle - release"))).findings}
        assert one
        assert two
        assert not one & two

    def test_nothing_is_written_by_judging(self, tmp_path: Path) -> None:
        place = demo(tmp_path)
        before = {path: path.read_bytes() for path in place.rglob("*") if path.is_file()}
        bench = session(place)
        first = opened(bench, "Coastal Light - release")
        bench.judge(edit_of(first, first.text + "+ VIP\n"))
        assert {path: path.read_bytes() for path in place.rglob("*") if path.is_file()} == before

    def test_what_could_not_be_judged_is_said(self, tmp_path: Path) -> None:
        bench = session(demo(tmp_path, ""))
        found = bench.judge(edit_of(bench.begin(Edit("", "Win-back", "")), NEW))
        assert "could not be judged" in found.unjudged

    def test_a_text_of_which_nothing_can_be_read_is_not_judged_as_fine(self, tmp_path: Path) -> None:
        bench = session(demo(tmp_path))
        begun = bench.begin(Edit("", "Win-back", ""))
        assert bench.judge(edit_of(begun, "what?\n")).problem
        assert "leaves a line out" in bench.judge(edit_of(begun, NEW + "what?\n")).unjudged


class TestPasting:
    PAGE = "Tag is added\nCoastal Light: purchased\nAdd tag\nCustomer\nDelay\n5 minutes\nEmail sequence\nCoastal Light: welcome\nHelp\n"

    def test_the_text_of_a_page_becomes_steps_with_their_sources(self, tmp_path: Path) -> None:
        found = session(demo(tmp_path)).paste(Paste("Release", self.PAGE))
        assert found.text == NEW
        assert all(step.source for step in found.steps)
        assert "never been tried" in found.note

    def test_words_nobody_knows_are_asked_about_once(self, tmp_path: Path) -> None:
        place = demo(tmp_path)
        page = self.PAGE.replace("Add tag", "Zorp")
        (asked,) = session(place).paste(Paste("Release", page)).questions
        assert session(place).paste(Paste("Release", page, {asked.label: Meaning.ADD_TAG})).text == NEW
        assert session(place).paste(Paste("Release", page)).text == NEW

    def test_a_text_without_steps_says_so(self, tmp_path: Path) -> None:
        found = session(demo(tmp_path)).paste(Paste("Release", "Hello\n"))
        assert (found.text, found.steps) == ("", ())
        assert "no steps" in found.note

    def test_nothing_is_written_before_it_is_saved(self, tmp_path: Path) -> None:
        place = demo(tmp_path)
        session(place).paste(Paste("Release", self.PAGE))
        assert not (place / "automations").exists()
