from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.cli.running import DEMO, NOW, Here

SEQUENCE = 2031746


@pytest.fixture
def snapshot(here: Here) -> Path:
    """The demo account in the working folder."""
    shutil.copytree(DEMO, here.cwd / "shop")
    return Path("shop")


def configure(here: Here, text: str) -> None:
    (here.cwd / "ckaudit.toml").write_text(text, encoding="utf-8")


def scan(here: Here, *more: str) -> dict[str, object]:
    ran = here("scan", "shop", "--now", NOW, "--format", "json", *more)
    assert ran.status in (0, 1), ran.err
    made: dict[str, object] = json.loads(ran.out)
    return made


def rules_of(result: dict[str, object]) -> set[str]:
    findings = result["findings"]
    assert isinstance(findings, list)
    return {finding["rule"] for finding in findings}


def test_the_configuration_speaks_where_the_command_line_is_silent(here: Here, snapshot: Path) -> None:
    configure(here, 'select = ["CK401"]\nfail_on = "never"\n')
    assert here("scan", snapshot, "--now", NOW).status == 0
    assert rules_of(scan(here)) == {"CK401"}
    assert rules_of(scan(here, "--select", "CK411")) == {"CK411"}


def test_an_accepted_finding_is_counted_and_listed(here: Here, snapshot: Path) -> None:
    assert here("suppress", "CK401", f"sequence:{SEQUENCE}", "--reason", "Fine", "--owner", "dana", "--snapshot", snapshot).status == 0
    ran = here("scan", snapshot, "--now", NOW, "--select", "CK401")
    assert (ran.status, "1 suppressed" in ran.out, "dana" in ran.out) == (0, True, True)
    assert here("scan", snapshot, "--now", NOW, "--select", "CK401", "--no-suppressions").status == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[severity]\nfree-plna = "info"', "ckaudit.toml:2:1: there is no rule “free-plna”\n  Did you mean “free-plan”?"),
        ('ignore = ["acess"]', "ckaudit.toml:1:11: there is no rule, code or theme “acess”\n  Did you mean “access”?"),
        ("[options.CK902]\nday = 3", "ckaudit.toml:2:1: CK902 has no option “day”\n  Did you mean “days”?"),
        ("[options.CK902]\ndays = 0", "ckaudit.toml:2:1: days: expected a whole number >= 1"),
        (
            f'[[suppress]]\nrule = "CK401"\nobject = {{kind = "sequence", id = {SEQUENCE}9}}\nreason = "x"',
            f"ckaudit.toml:3:30: the account has no sequence {SEQUENCE}9",
        ),
        ('[[suppress]]\nrule = "CK401"\nobject = {kind = "seqence", id = 1}\nreason = "x"', "Did you mean “sequence”?"),
        ('[report]\naccent = "#ffff00"', "ckaudit.toml:2:1: the accent colour #ffff00 is too pale"),
        ('[report]\nlogo = "nowhere.png"', "ckaudit.toml:2:1: cannot read the logo"),
    ],
)
def test_a_word_that_means_nothing_is_told_with_its_place(here: Here, snapshot: Path, text: str, said: str) -> None:
    configure(here, text)
    ran = here("scan", snapshot, "--now", NOW)
    assert ran.status == 2
    assert said in ran.err


def test_the_demo_does_without_the_configuration_of_the_folder(here: Here) -> None:
    configure(here, "nonsense = 1")
    assert here("scan", "--demo", "--now", NOW).status == 1


def test_a_named_configuration_that_is_not_there_gives_2(here: Here, snapshot: Path) -> None:
    ran = here("scan", snapshot, "--config", "no.toml")
    assert (ran.status, "cannot read no.toml" in ran.err) == (2, True)


def test_options_of_a_rule_reach_it(here: Here, snapshot: Path) -> None:
    later = ("--now", "2026-12-20T00:00:00Z")
    assert "CK902" not in rules_of(scan(here, *later))
    configure(here, "[options.stale-manifest]\ndays = 1\n")
    assert "CK902" in rules_of(scan(here, *later))


def test_against_its_own_result_nothing_is_new(here: Here, snapshot: Path) -> None:
    assert here("scan", snapshot, "--now", NOW, "-o", "base.json").status == 1
    ran = here("scan", snapshot, "--now", NOW, "--baseline", "base.json")
    assert ran.status == 0
    assert " unchanged, 0 fixed" in ran.out


def test_init_writes_a_configuration_once(here: Here, snapshot: Path) -> None:
    assert here("init", snapshot).status == 0
    text = (here.cwd / "ckaudit.toml").read_text(encoding="utf-8")
    assert "Tidewater Watercolour" in text
    again = here("init")
    assert (again.status, "is there already" in again.err) == (2, True)
    assert here("scan", snapshot, "--now", NOW).status == 1


def test_diff_takes_two_of_a_kind(here: Here, snapshot: Path) -> None:
    here("scan", snapshot, "--now", NOW, "-o", "base.json")
    assert here("diff", "base.json", "base.json").out.startswith("Unchanged (")
    assert here("diff", snapshot, snapshot).out == "No difference.\n"
    assert here("diff", snapshot, "base.json").status == 2
    assert json.loads(here("diff", snapshot, snapshot, "--format", "json").out)["schema"] == "ckaudit.diff/v1"


@pytest.mark.parametrize("target", ["sequence", "sequence:", "seqence:5"])
def test_suppress_wants_kind_and_id(here: Here, target: str) -> None:
    assert here("suppress", "CK401", target, "--reason", "x").status == 2
    assert not (here.cwd / "ckaudit.toml").exists()


def test_suppress_tells_what_the_account_does_not_have(here: Here, snapshot: Path) -> None:
    ran = here("suppress", "CK401", "sequence:203174", "--reason", "x", "--snapshot", snapshot)
    assert (ran.status, "there is no sequence 203174" in ran.err) == (2, True)


def test_suppress_takes_a_name_and_writes_what_it_found(here: Here, snapshot: Path) -> None:
    ran = here("suppress", "CK401", "Coastal Light: module 3 is open", "--reason", "x", "--snapshot", snapshot)
    assert (ran.status, f'id = {SEQUENCE}, name = "Coastal Light: module 3 is open"' in ran.out) == (0, True)
    assert here("scan", snapshot, "--now", NOW, "--select", "CK401").status == 0
    again = here("suppress", "hold-before-further-steps", str(SEQUENCE), "--reason", "x", "--snapshot", snapshot)
    assert (again.status, "ckaudit.toml:1:1: this suppression is there already" in again.err) == (2, True)


def test_suppress_looks_into_the_account_that_lies_here(here: Here, snapshot: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(snapshot)
    assert f"id = {SEQUENCE}" in here("suppress", "CK401", "Coastal Light: module 3 is open", "--reason", "x").out


def test_init_does_not_take_the_place_of_another_configuration(here: Here) -> None:
    (here.cwd / "pyproject.toml").write_text("[tool.ckaudit]\nignore = ['CK101']\n")
    ran = here("init")
    assert (ran.status, "would take its place" in ran.err, (here.cwd / "ckaudit.toml").exists()) == (2, True, False)
    assert here("init", "--force").status == 0
    assert "does not count beside ckaudit.toml" in here("rules", "list", "-v").err
    assert here("init", "-o", "pyproject.toml", "--force").status == 2


def test_every_command_works_with_what_the_configuration_names(here: Here, snapshot: Path) -> None:
    (here.cwd / "kit").mkdir()
    (snapshot / "automations.yaml").rename(here.cwd / "kit" / "mine.yaml")
    configure(here, 'manifest = ["kit/mine.yaml"]\nstack = "accessally"\n')
    assert "kit/mine.yaml: valid" in here("manifest", "check").out
    assert "Coastal Light - release" in here("manifest", "draw").out
    assert "Coastal Light - release" in here("graph", snapshot, "--format", "mermaid").out


def test_the_manifest_is_looked_for_beside_the_configuration_as_well(here: Here, snapshot: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    configure(here, "")
    (here.cwd / "automations.yaml").write_text("version: 1\nautomations: [{name: Only here}]\n")
    (snapshot / "automations.yaml").unlink()
    (here.cwd / "a" / "b").mkdir(parents=True)
    monkeypatch.chdir(here.cwd / "a" / "b")
    assert "Only here" in here("graph", here.cwd / snapshot, "--format", "mermaid").out


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('manifest = ["a.yaml",\n "nowhere.yaml"]', "ckaudit.toml:1:13: there is no file a.yaml"),
        ('rules = ["mine"]', "ckaudit.toml:1:10: there is no file or folder mine"),
        ('stack = "acessally"', "ckaudit.toml:1:1: there is no stack “acessally”\n  Did you mean “accessally”?"),
        ('[severity]\nCK401 = "info"\nhold-before-further-steps = "error"', "are the same rule"),
        (
            '[[suppress]]\nrule = "CK401"\nobject = {kind = "sequence", name = "Coastal Light: module 3"}\nreason = "x"',
            "ckaudit.toml:3:30: the account has no sequence “Coastal Light: module 3”\n  Did you mean 2031746",
        ),
    ],
)
def test_what_is_not_there_is_told_with_its_place(here: Here, snapshot: Path, text: str, said: str) -> None:
    configure(here, text)
    ran = here("scan", snapshot, "--now", NOW, "--config", "ckaudit.toml")
    assert (ran.status, said in ran.err) == (2, True), ran.err


def test_policies_and_own_rules_of_the_configuration_are_listed_and_explained(here: Here) -> None:
    configure(here, '[policy.tags]\nkind = "tag"\nprefixes = ["A"]\nmessage = "See the wiki."\n')
    assert "POL001" in here("rules").out
    assert "See the wiki." in here("explain", "POL001").out
    configure(here, "nonsense = 1")
    assert here("explain", "CK401").status == 0
    assert here("explain", "POL001").status == 2


def test_suppress_refuses_what_accepts_nothing_unless_told(here: Here, snapshot: Path) -> None:
    asked = ("suppress", "CK401", f"sequence:{SEQUENCE - 2}", "--reason", "x", "--snapshot", snapshot, "--now", NOW)
    ran = here(*asked)
    assert (ran.status, "CK401 has no finding at" in ran.err, f"It finds sequence:{SEQUENCE}." in ran.err) == (2, True, True)
    assert not (here.cwd / "ckaudit.toml").exists()
    assert here(*asked, "--force").status == 0


def test_suppress_says_when_a_rule_could_not_be_judged(here: Here, snapshot: Path) -> None:
    (snapshot / "automations.yaml").unlink()
    ran = here("suppress", "CK301", "automation:Welcome", "--reason", "x", "--snapshot", snapshot, "--now", NOW)
    assert (ran.status, "it could not be judged" in ran.err) == (2, True)


def test_suppress_without_a_snapshot_says_that_nobody_looked(here: Here) -> None:
    ran = here("suppress", "CK401", "sequence:5", "--reason", "x")
    assert (ran.status, "nobody looked" in ran.err) == (0, True)


@pytest.mark.parametrize("folder", [".", "elsewhere", "shop"])
def test_the_configuration_beside_the_snapshot_counts_from_every_folder(
    here: Here, snapshot: Path, folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(here, 'ignore = ["CK401"]\n')
    (snapshot / "ckaudit.toml").write_text('select = ["CK401"]\n')
    (here.cwd / "elsewhere").mkdir()
    place = (here.cwd / "shop").resolve()
    monkeypatch.chdir(here.cwd / folder)
    ran = here("scan", place, "--now", NOW, "--format", "json")
    assert {rule["code"] for rule in json.loads(ran.out)["rules"]} == {"CK401"}
    assert "Configuration: " in ran.err
    assert ("does not count for this account" in ran.err) == (folder != "shop")


def test_the_configuration_beside_a_named_manifest_counts(here: Here, snapshot: Path) -> None:
    (here.cwd / "lists").mkdir()
    (here.cwd / "lists" / "ckaudit.toml").write_text('select = ["CK401"]\n')
    (snapshot / "automations.yaml").rename(here.cwd / "lists" / "mine.yaml")
    ran = here("scan", snapshot, "--manifest", "lists/mine.yaml", "--now", NOW)
    assert "Configuration: lists/ckaudit.toml\n" in ran.err


def test_suppress_writes_into_the_configuration_that_scan_reads(here: Here, snapshot: Path) -> None:
    configure(here, "")
    (snapshot / "ckaudit.toml").write_text('fail_on = "error"\n')
    here("suppress", "CK401", f"sequence:{SEQUENCE}", "--reason", "x", "--snapshot", snapshot, "--now", NOW)
    assert "CK401" in (snapshot / "ckaudit.toml").read_text()


def test_suppress_all_accepts_what_a_rule_finds_now_at_every_object(here: Here, snapshot: Path) -> None:
    ran = here("suppress", "CK509", "--all", "--snapshot", snapshot, "--reason", "as it was", "--now", NOW)
    assert ran.status == 0, ran.err
    assert "CK509" not in rules_of(scan(here))


def test_suppress_all_without_a_rule_leaves_only_what_is_wrong_in_your_own_files(here: Here, snapshot: Path) -> None:
    ran = here("suppress", "--all", "--snapshot", snapshot, "--reason", "as it was", "--now", NOW)
    assert ran.status == 0, ran.err
    assert rules_of(scan(here)) == {"CK901"}


def test_suppress_all_a_second_time_adds_nothing(here: Here, snapshot: Path) -> None:
    for _ in range(2):
        ran = here("suppress", "--all", "--snapshot", snapshot, "--reason", "as it was", "--now", NOW)
    assert (ran.status, ran.out) == (0, "")
    assert "everything that is found now is accepted already" in ran.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("CK602", "tag:1", "--all"), "exclude each other"),
        (("CK602",), "the rule or the object is missing"),
        ((), "the rule or the object is missing"),
        (("--all",), "needs an account"),
        (("CK101", "--all", "--snapshot", "shop"), "CK101: nothing is found now"),
    ],
)
def test_suppress_says_what_is_missing(here: Here, snapshot: Path, arguments: tuple[str, ...], said: str) -> None:
    ran = here("suppress", *arguments, "--reason", "x", "--now", NOW)
    assert ran.status == 2
    assert said in ran.err
