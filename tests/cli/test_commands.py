"""What the commands do, in this process."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys

import jsonschema
import pytest

from ckaudit.cli.main import COMMANDS, cli
from ckaudit.cli.terminal import Terminal
from tests.cli.running import DEMO, NOW, ROOT, Here
from tests.engine.planted import BAD_TAGS, write_rule


def test_every_command_of_the_list_is_there_with_help_and_examples() -> None:
    context = cli.make_context("ckaudit", ["schema"], obj=Terminal({}))
    for name in COMMANDS:
        found = cli.get_command(context, name)
        assert found
        assert found.help


def test_the_demo_is_audited(here: Here) -> None:
    ran = here("scan", "--demo", "--now", NOW)
    assert ran.status == 1
    assert "Tidewater Watercolour" in ran.out


def test_select_and_ignore_take_lists_with_commas(here: Here) -> None:
    ran = here("scan", DEMO, "--select", "CK201,CK203", "--select", "login-email-without-delay", "--ignore", "CK203", "--format", "json")
    assert [rule["code"] for rule in json.loads(ran.out)["rules"]] == ["CK201", "CK202"]


def test_an_unknown_rule_is_an_error_before_anything_is_read(here: Here) -> None:
    ran = here("scan", "nowhere", "--select", "CK2O2")
    assert (ran.status, ran.out) == (2, "")
    assert "there is no rule, code or theme “CK2O2”" in ran.err


@pytest.mark.parametrize("option", ["--min-severity=error", "--min-confidence=certain"])
def test_what_filters_hide_is_counted(option: str, here: Here) -> None:
    full = json.loads(here("scan", DEMO, "--format", "json").out)["summary"]
    some = json.loads(here("scan", DEMO, "--format", "json", option).out)["summary"]
    assert some["hidden"] > 0
    assert some["hidden"] + some["error"] + some["warning"] + some["info"] == full["error"] + full["warning"] + full["info"]
    assert some["score"] == full["score"]


def test_results_are_written_to_files_and_with_full_the_text_still_comes(here: Here) -> None:
    ran = here("scan", DEMO, "-o", "deep/result.json", "-o", "result.txt", "--now", NOW, "--full")
    assert json.loads((here.cwd / "deep/result.json").read_text())["findings"]
    assert (here.cwd / "result.txt").read_text() == ran.out
    assert "Written: deep/result.json" in ran.err


def test_beside_a_file_the_terminal_gets_a_summary(here: Here) -> None:
    ran = here("scan", DEMO, "-o", "result.json", "--now", NOW)
    assert "Tidewater" in ran.out
    assert "score" in ran.out
    assert "fix:" not in ran.out


def test_a_format_that_is_asked_for_comes_beside_a_file_too(here: Here) -> None:
    ran = here("scan", DEMO, "-o", "result.json", "--now", NOW, "--format", "text")
    assert "fix:" in ran.out


def test_a_scan_fits_on_a_few_screens_and_full_has_everything(here: Here) -> None:
    short, full = (here("scan", DEMO, "--now", NOW, *more).out.splitlines() for more in ((), ("--full",)))
    assert len(short) <= 100
    assert len(full) > 3 * len(short)


def test_statistics_count_every_finding(here: Here) -> None:
    findings = json.loads(here("scan", DEMO, "--now", NOW, "--format", "json").out)["findings"]
    lines = here("scan", DEMO, "--now", NOW, "--statistics").out.splitlines()
    assert sum(int(line.split()[0]) for line in lines) == len(findings)
    assert {line.split()[1] for line in lines} == {finding["rule"] for finding in findings}


def test_concise_lines_begin_with_a_place(here: Here) -> None:
    *lines, last, _read_on = here("scan", DEMO, "--now", NOW, "--format", "concise").out.splitlines()
    assert all(re.match(r"[^:]+:\d+:\d+: CK\d{3} (error|warning|info): ", line) for line in lines)
    assert last.startswith(f"{len(lines)} findings")


def test_a_report_can_only_be_opened_when_it_is_written(here: Here) -> None:
    ran = here("scan", DEMO, "-o", "result.json", "--open")
    assert ran.status == 2
    assert "-o report.html --open" in ran.err


@pytest.mark.parametrize("name", ["report.docx", "result", "x.yaml", "json"])
def test_a_file_name_that_tells_no_format_is_an_error_that_lists_what_exists(name: str, here: Here) -> None:
    ran = here("scan", DEMO, "-o", name)
    assert ran.status == 2
    assert "*.json (json)" in ran.err


def test_a_folder_is_not_overwritten(here: Here) -> None:
    (here.cwd / "result.json").mkdir()
    ran = here("scan", DEMO, "-o", "result.json")
    assert ran.status == 2
    assert "result.json is a folder" in ran.err


def test_a_file_that_cannot_be_written_gives_3(here: Here) -> None:
    (here.cwd / "file").write_text("x")
    ran = here("scan", DEMO, "-o", "file/result.json")
    assert ran.status == 3
    assert "cannot write file/result.json" in ran.err


def test_rules_of_ones_own_run_beside_the_built_in_ones(here: Here) -> None:
    write_rule(here.cwd / "mine", body=BAD_TAGS.replace('startswith("bad")', 'startswith("AA")'))
    result = json.loads(here("scan", DEMO, "--rules", "mine", "--format", "json").out)
    assert {"ACME601", "CK203"} <= {finding["rule"] for finding in result["findings"]}


def test_a_broken_rule_of_ones_own_gives_2_with_its_place(here: Here) -> None:
    (here.cwd / "mine").mkdir()
    (here.cwd / "mine" / "odd.py").write_text("x =")
    ran = here("scan", DEMO, "--rules", "mine")
    assert ran.status == 2
    assert "mine/odd.py:1:" in ran.err


def test_an_unknown_stack_gives_the_nearest(here: Here) -> None:
    ran = here("scan", DEMO, "--stack", "acessally")
    assert ran.status == 2
    assert "Did you mean “accessally”" in ran.err


def test_a_time_that_is_none_is_an_error(here: Here) -> None:
    assert here("scan", DEMO, "--now", "today").status == 2


def test_the_clock_can_be_set(here: Here) -> None:
    assert json.loads(here("scan", DEMO, "--now", "2027-01-02", "--format", "json").out)["generated_at"] == "2027-01-02T00:00:00Z"


def test_a_manifest_alone_is_audited_and_said_so(here: Here) -> None:
    for arguments in (["--manifest", DEMO / "automations.yaml"], [DEMO / "automations.yaml"]):
        ran = here("scan", *arguments, "--now", NOW)
        assert ran.status == 1
        assert "No account is read: the manifest is audited alone" in ran.err
        assert "No account was read: this is about the list of automations alone." in ran.out


def test_a_demo_and_a_snapshot_exclude_each_other(here: Here) -> None:
    assert here("scan", DEMO, "--demo").status == 2


def files_of(ran_json: str) -> list[str]:
    files: list[str] = json.loads(ran_json)["coverage"]["manifest"]["files"]
    return files


def test_the_manifest_is_looked_for_in_the_snapshot_beside_it_and_here(here: Here) -> None:
    (here.cwd / "clients/a").mkdir(parents=True)
    shutil.copy(DEMO / "account.json", here.cwd / "clients/a")
    text = "version: 1\nautomations: []\n"
    places = ["automations.yaml", "clients/automations/b.yaml", "clients/automations/a.yml", "clients/a/automations.yml"]
    assert files_of(here("scan", "clients/a", "--format", "json").out) == []
    found = []
    for place in places:
        (here.cwd / place).parent.mkdir(exist_ok=True)
        (here.cwd / place).write_text(text)
        found.append(files_of(here("scan", "clients/a", "--format", "json").out))
    assert found == [
        ["automations.yaml"],
        ["clients/automations/b.yaml"],
        ["clients/automations/a.yml", "clients/automations/b.yaml"],
        ["clients/a/automations.yml"],
    ]


def test_the_snapshot_may_be_named_by_its_file(here: Here) -> None:
    shutil.copytree(DEMO, here.cwd / "a")
    assert files_of(here("scan", "a/account.json", "--format", "json").out) == ["a/automations.yaml"]


def test_a_named_manifest_replaces_the_default_ones(here: Here) -> None:
    shutil.copytree(DEMO, here.cwd / "a")
    (here.cwd / "other.yaml").write_text("version: 1\nautomations: []\n")
    assert files_of(here("scan", "a", "--manifest", "other.yaml", "--format", "json").out) == ["other.yaml"]


def test_save_keeps_the_account_that_was_audited(here: Here) -> None:
    here("scan", DEMO, "--save", "kept")
    assert (here.cwd / "kept/account.json").read_bytes() == (DEMO / "account.json").read_bytes()


def test_rules_lists_all_in_80_columns(here: Here) -> None:
    listed = here("rules")
    assert listed.status == 0
    assert "CK202" in listed.out
    assert max(len(line) for line in listed.out.splitlines()) <= 80
    assert here("rules", "list").out == listed.out


def test_rules_are_there_as_json(here: Here) -> None:
    found = {rule["code"]: rule for rule in json.loads(here("rules", "list", "--format", "json").out)}
    assert found["CK202"]["name"] == "login-email-without-delay"


@pytest.mark.parametrize("word", ["CK202", "ck202", "login-email-without-delay"])
def test_a_rule_is_explained_by_code_and_by_name(word: str, here: Here) -> None:
    ran = here("explain", word)
    assert ran.status == 0
    headings = [ran.out.index(f"\n{heading}\n---") for heading in ("What it finds", "Why it matters", "How to fix it in Kit", "Sources")]
    assert headings == sorted(headings)


def test_words_find_the_rules_about_them(here: Here) -> None:
    ran = here("explain", "refund", "access")
    assert ran.status == 0
    assert "rules about “refund access”:" in ran.out
    assert ran.out.index("CK203") < ran.out.index("CK101")  # what says so in its title comes first


def test_a_misspelt_word_is_read_as_the_nearest_that_a_rule_says(here: Here) -> None:
    assert "about “access”:" in here("explain", "acess").out


def test_words_that_only_one_rule_says_explain_it(here: Here) -> None:
    assert here("explain", "tag loop").out.startswith("CK303 ")


def test_a_word_that_no_rule_says_is_not_read_as_a_shorter_one(here: Here) -> None:
    ran = here("explain", "chargeback")
    assert (ran.status, "“chargeback”" in ran.err) == (2, True)


def test_the_beginning_of_a_code_lists_what_begins_so(here: Here) -> None:
    listed = here("explain", "ck10").out
    assert "CK101" in listed
    assert "CK201" not in listed


def test_words_that_no_rule_says_find_nothing(here: Here) -> None:
    ran = here("explain", "xyzzy")
    assert ran.status == 2
    assert "no rule is called “xyzzy” or says so" in ran.err


def test_explaining_a_rule_loads_that_rule_alone() -> None:
    code = "import sys; from ckaudit.cli.main import main; main(['explain', 'ck202']); print(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    (loaded,) = (name for name in ran.stdout.splitlines()[-1].split() if name.startswith("ckaudit_rule_"))
    assert loaded.endswith("login_email_without_delay")


def test_an_unknown_rule_is_not_explained(here: Here) -> None:
    ran = here("explain", "login-mail-without-delay")
    assert ran.status == 2
    assert "Did you mean “login-email-without-delay”" in ran.err


def test_a_folder_of_rules_is_tested(here: Here) -> None:
    write_rule(here.cwd / "mine")
    cases = here.cwd / "mine/bad_tag.cases.yaml"
    cases.write_text("- {name: x, kind: good, account: {tags: [good]}}\n")
    assert here("rules", "test", "mine", "--relaxed").out == "1 rule, 1 case: all as expected.\n"
    held = here("rules", "test", "mine")
    assert held.status == 1
    assert "LACKING ACME601 bad-tag\n  mine/bad_tag.py\n  - the section “Why it matters” is thin" in held.out
    assert held.out.endswith("1 rule, 1 case: all as expected; 1 rule below the bar (--relaxed asks only for cases).\n")
    cases.write_text("- {name: x, kind: good, account: {tags: [bad]}}\n")
    failed = here("rules", "test", "mine")
    assert failed.status == 1
    assert "FAILED ACME601 good: x\n  mine/bad_tag.cases.yaml:1:3\n  unexpected finding" in failed.out
    cases.write_text("- {name: x}\n")
    assert here("rules", "test", "mine").status == 2
    cases.unlink()
    assert here("rules", "test", "mine").status == 1


@pytest.mark.parametrize("form", ["graphml", "dot", "mermaid", "json"])
def test_the_graph_comes_in_four_formats(form: str, here: Here) -> None:
    ran = here("graph", DEMO, "--format", form)
    assert ran.status == 0
    assert {"graphml": "<graphml", "dot": "digraph", "mermaid": "flowchart", "json": '"directed"'}[form] in ran.out


@pytest.mark.parametrize("name", ["manifest", "result", "snapshot"])
def test_every_schema_is_one_and_says_which(name: str, here: Here) -> None:
    schema = json.loads(here("schema", name).out)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_a_result_fits_its_schema(here: Here) -> None:
    jsonschema.validate(json.loads(here("scan", DEMO, "--format", "json").out), json.loads(here("schema", "result").out))


def test_an_unknown_schema_lists_those_there_are(here: Here) -> None:
    ran = here("schema", "reslt")
    assert ran.status == 2
    assert "manifest" in ran.err


def test_a_valid_manifest_is_told_so(here: Here) -> None:
    shutil.copytree(DEMO, here.cwd / "a")
    assert here("manifest", "check", "a/automations.yaml").status == 0
    ran = here("manifest", "check", "--snapshot", "a")
    assert "a/automations.yaml" in ran.out + ran.err


def test_without_a_manifest_the_check_says_how(here: Here) -> None:
    ran = here("manifest", "check")
    assert ran.status == 2
    assert "ckaudit manifest check FILE" in ran.err


def test_a_bug_is_a_sentence_and_4(here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("about kit_canary0123456789")

    monkeypatch.setattr("ckaudit.cli.configuration.load_rules", broken)
    ran = here("rules", KIT_API_KEY="kit_canary0123456789")
    assert (ran.status, ran.out) == (4, "")
    assert "ckaudit has a bug here (RuntimeError)" in ran.err
    assert "Traceback" not in ran.err
    loud = here("rules", "list", "-v", "-v")
    assert "Traceback" in loud.err
    assert "about [credential]" in loud.err


def test_standard_input_that_is_closed_holds_no_key(here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", None)
    ran = here("scan", "--api-key-file", "-")
    assert ran.status == 3
    assert "standard input is empty" in ran.err
