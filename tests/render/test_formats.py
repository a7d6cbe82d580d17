"""The machine formats, read back by the tools they are for or checked against their schema."""

from __future__ import annotations

import csv
import html
import io
import json
import re
from collections import Counter
from functools import lru_cache
from pathlib import Path
from typing import Any

import jsonschema
import junitparser
import msgspec
import pytest

from ckaudit.model.errors import UsageError
from ckaudit.model.findings import PathStep, Severity
from ckaudit.model.refs import ObjectRef
from ckaudit.model.result import Result
from ckaudit.render import sarif as sarif_module
from ckaudit.render.formats import LISTED, format_for, render_result
from ckaudit.render.locations import uri
from ckaudit.render.markdown import MAX_CHARACTERS, md
from ckaudit.render.options import RenderOptions, View
from ckaudit.render.sarif import render_sarif
from ckaudit.render.text import render_text
from tests.render import results

DATA = Path(__file__).parents[1] / "data"
RESULTS = ("normal", "empty", "partial", "hostile", "large")
LINES = RenderOptions(account_file="snapshot/account.json", account_lines={("sequence", 33, ""): 412})


@lru_cache
def result_of(name: str) -> Result:
    made: Result = getattr(results, name)()
    return made


def text_of(form: str, name: str, options: RenderOptions | None = None) -> str:
    made = render_result(result_of(name), form, options or RenderOptions())
    assert isinstance(made, str)
    return made


@pytest.mark.parametrize("form", LISTED)
@pytest.mark.parametrize("name", RESULTS)
def test_every_format_draws_every_result_the_same_each_time(form: str, name: str) -> None:
    text = text_of(form, name)
    assert text.encode("utf-8") == text_of(form, name).encode("utf-8")
    assert form in ("csv", "html") or text.endswith("\n")


@pytest.mark.parametrize(
    ("file", "form"),
    [
        ("report.html", "html"),
        ("out/Result.JSON", "json"),
        ("result.sarif", "sarif"),
        ("result.sarif.json", "sarif"),
        ("junit.xml", "junit"),
        ("plan.csv", "csv"),
        ("report.md", "markdown"),
        ("gl-code-quality.json", "gitlab"),
        ("gl-code-quality-report.json", "gitlab"),
        ("x.txt", "text"),
        ("report.pdf", "pdf"),
    ],
)
def test_the_format_follows_the_name(file: str, form: str) -> None:
    assert format_for(file).name == form
    assert format_for(Path(file)).name == form


@pytest.mark.parametrize("file", ["report", "report.docx", "html", ".sarif.bak"])
def test_a_name_without_a_format_names_the_possible_ones(file: str) -> None:
    with pytest.raises(UsageError) as caught:
        format_for(file)
    assert "*.html (html)" in caught.value.hint


def test_an_unknown_format_is_refused() -> None:
    with pytest.raises(UsageError, match="yaml"):
        render_result(result_of("empty"), "yaml")


# -- SARIF --------------------------------------------------------------------------------------------------------------------------


@lru_cache
def sarif_schema() -> Any:
    return json.loads((DATA / "sarif" / "sarif-2.1.0-rtm.5.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", RESULTS)
def test_sarif_fits_its_schema(name: str) -> None:
    jsonschema.Draft4Validator(sarif_schema()).validate(json.loads(text_of("sarif", name)))


def run_of(name: str, options: RenderOptions | None = None) -> Any:
    return json.loads(text_of("sarif", name, options))["runs"][0]


@pytest.mark.parametrize("name", RESULTS)
def test_every_sarif_result_has_a_file_a_line_a_rule_and_a_fingerprint(name: str) -> None:
    run = run_of(name)
    for result in run["results"]:
        place = result["locations"][0]["physicalLocation"]
        assert place["artifactLocation"]["uri"]
        assert place["region"]["startLine"] >= 1
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["message"]["text"]
        assert result["partialFingerprints"]["primaryLocationLineHash"] == f"{result['partialFingerprints']['ckaudit/v1']}:1"


def test_a_manifest_finding_points_at_its_line_and_another_at_the_object_in_the_snapshot() -> None:
    places = [result["locations"][0]["physicalLocation"] for result in run_of("normal", LINES)["results"]]
    assert places[0] == {"artifactLocation": {"uri": "automations.yaml"}, "region": {"startLine": 72, "startColumn": 9}}
    assert places[3]["artifactLocation"]["uri"] == "snapshot/account.json"
    assert places[3]["region"]["startLine"] == 412


EMAIL = RenderOptions(account_lines={("email", 5, ""): 20, ("email", 5, "subject"): 21, ("email", 5, "content"): 29})


def test_a_finding_about_an_email_points_at_the_text_it_is_about_and_each_step_at_its_own() -> None:
    steps = (PathStep("object", "{{ a", "content, line 2, column 1", part="content"), PathStep("object", "b", "subject", part="subject"))
    told = msgspec.structs.replace(result_of("normal").findings[3], object=ObjectRef("email", "Hello", 5), path=steps, location=None)
    run = json.loads(render_sarif(msgspec.structs.replace(result_of("normal"), findings=(told,)), EMAIL))["runs"][0]
    (found,) = [result for result in run["results"] if not result.get("suppressions")]
    assert found["locations"][0]["physicalLocation"]["region"]["startLine"] == 29
    flow = found["codeFlows"][0]["threadFlows"][0]["locations"]
    assert [step["location"]["physicalLocation"]["region"]["startLine"] for step in flow] == [29, 21]


def test_the_flagged_path_is_a_code_flow() -> None:
    flow = run_of("normal")["results"][0]["codeFlows"][0]["threadFlows"][0]["locations"]
    assert [step["location"]["message"]["text"] for step in flow] == [
        "Add tag “AA: create login” (asks for the login)",
        "Email sequence “Studio Circle: welcome” (sends the login email)",
    ]


def test_rules_carry_help_in_markdown_with_the_steps() -> None:
    rule = run_of("normal")["tool"]["driver"]["rules"][0]
    assert "1. Open Automations" in rule["help"]["markdown"]
    assert rule["helpUri"].startswith("https://")


def test_rules_say_how_sure_they_are_and_whether_they_are_about_exposure() -> None:
    normal = json.loads(text_of("json", "normal"))
    normal["rules"][0] |= {"confidence": "likely"}
    normal["rules"][1] |= {"confidence": "certain", "exposure": 8.5}
    log = json.loads(render_result(msgspec.convert(normal, Result), "sarif"))
    first, second, third = (rule["properties"] for rule in log["runs"][0]["tool"]["driver"]["rules"][:3])
    assert (first["precision"], "security-severity" in first, "security" in first["tags"]) == ("medium", False, False)
    assert (second["precision"], second["security-severity"], "security" in second["tags"]) == ("very-high", "8.5", True)
    assert "precision" not in third  # a result of an older ckaudit


REPOSITORY = RenderOptions(repository="https://github.com/anna/ckaudit/blob/v1/")


def linked(form: str, options: RenderOptions) -> str:
    """The result in a format, where its rules have pages."""
    rules = tuple(msgspec.structs.replace(rule, docs=f"docs/rules/{rule.code}.md") for rule in result_of("normal").rules)
    findings = tuple(msgspec.structs.replace(finding, docs=f"docs/rules/{finding.rule}.md") for finding in result_of("normal").findings)
    made = render_result(msgspec.structs.replace(result_of("normal"), rules=rules, findings=findings), form, options)
    assert isinstance(made, str)
    return made


def test_rules_have_an_address_where_the_repository_is_known() -> None:
    driver = json.loads(linked("sarif", REPOSITORY))["runs"][0]["tool"]["driver"]
    assert driver["informationUri"] == "https://github.com/anna/ckaudit/blob/v1/README.md"
    assert driver["rules"][0]["helpUri"] == "https://github.com/anna/ckaudit/blob/v1/docs/rules/CK202.md"
    unknown = json.loads(linked("sarif", RenderOptions()))["runs"][0]["tool"]["driver"]
    assert "informationUri" not in unknown
    assert "helpUri" not in unknown["rules"][0]


@pytest.mark.parametrize("form", ["markdown", "html", "csv"])
def test_reports_for_people_lead_to_the_pages_of_rules(form: str) -> None:
    page = "https://github.com/anna/ckaudit/blob/v1/docs/rules/CK2"
    assert page in linked(form, msgspec.structs.replace(REPOSITORY, view=View.CONSULTANT))
    assert page not in linked(form, RenderOptions(view=View.CONSULTANT))


def test_a_client_s_page_does_not_lead_to_the_pages_of_rules() -> None:
    assert "github.com/anna" not in linked("html", REPOSITORY)


@pytest.mark.parametrize("docs", ["../../evil", "docs/rules/x.md", "javascript:alert(1)", "docs/rules/CK202.md#a b", ""])
def test_only_pages_of_rules_are_looked_for_in_the_repository(docs: str) -> None:
    assert REPOSITORY.page(docs) == ""


def test_codes_are_links_on_a_terminal_that_takes_them() -> None:
    result = json.loads(linked("json", RenderOptions()))
    text = render_text(msgspec.convert(result, Result), repository=REPOSITORY.repository)
    link = "\x1b]8;;https://github.com/anna/ckaudit/blob/v1/docs/rules/CK202.md\x1b\\CK202\x1b]8;;\x1b\\"
    assert link in text
    assert text.replace(link, "CK202").count("\x1b]8") == text.count("\x1b]8") - 2 * text.count(link)
    assert "\x1b]8" not in render_text(msgspec.convert(result, Result))


def test_too_many_results_are_cut_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sarif_module, "MAX_RESULTS", 4)
    run = run_of("normal")
    assert len(run["results"]) == 4
    notes = [note["message"]["text"] for note in run["invocations"][0]["toolExecutionNotifications"]]
    assert any(note.startswith("4 of 7 findings") for note in notes)


def test_a_file_that_would_be_too_large_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sarif_module, "MAX_BYTES", 100_000)
    text = text_of("sarif", "large")
    assert len(text.encode()) <= 100_001
    assert 0 < len(json.loads(text)["runs"][0]["results"]) < 300


def test_a_broken_rule_makes_the_sarif_run_unsuccessful() -> None:
    run = run_of("partial")
    assert run["invocations"][0]["executionSuccessful"] is False


@pytest.mark.parametrize(
    ("file", "address"),
    [
        ("a b/ü.yaml", "a%20b/%C3%BC.yaml"),
        ("./x.yaml", "x.yaml"),
        ("/tmp/x.yaml", "file:///tmp/x.yaml"),
        ("C:\\a\\x.yaml", "file:///C:/a/x.yaml"),
        ("kit\\a b.yaml", "kit/a%20b.yaml"),
    ],
)
def test_files_become_addresses(file: str, address: str) -> None:
    assert uri(file) == address


# -- JUnit --------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", RESULTS)
def test_junit_is_read_back_with_the_right_counts(name: str) -> None:
    result = result_of(name)
    xml = junitparser.JUnitXml.fromstring(text_of("junit", name).encode())
    others = (result.passed, result.not_evaluated, result.crashed, result.suppressed)
    assert xml.tests == len(result.findings) + sum(map(len, others))
    assert xml.failures == sum(finding.severity is not Severity.INFO for finding in result.findings)
    assert xml.skipped == len(result.not_evaluated) + len(result.suppressed)
    assert xml.errors == len(result.crashed)
    assert sum(suite.tests for suite in xml) == xml.tests


# -- what somebody accepted ---------------------------------------------------------------------------------------------------------


# a baseline is what later audits compare with: what was accepted counts in them, not in it
@pytest.mark.parametrize("form", sorted(set(LISTED) - {"baseline"}))
def test_every_format_lists_what_was_accepted_with_reason_owner_and_end(form: str) -> None:
    text = text_of(form, "normal")
    words = " ".join(html.unescape(text).split())
    assert "The link stands in the template footer" in words
    assert "dana" in words
    assert "2027-03-01" in words.replace("\\", "")


def test_an_accepted_finding_is_a_suppressed_result_of_sarif() -> None:
    (accepted,) = [result for result in run_of("normal")["results"] if "suppressions" in result]
    (suppression,) = accepted["suppressions"]
    assert (suppression["kind"], suppression["status"]) == ("external", "accepted")
    assert suppression["justification"] == "The link stands in the template footer (dana, until 2027-03-01)"
    assert suppression["location"]["physicalLocation"]["region"]["startLine"] == 12


def test_accepted_findings_of_a_large_account_leave_room_in_markdown() -> None:
    result = result_of("normal")
    many = msgspec.structs.replace(result_of("large"), suppressed=result.suppressed * 5000)
    text = render_result(many, "markdown")
    assert isinstance(text, str)
    assert len(text) <= MAX_CHARACTERS
    assert "- and 4,985 more" in text


# -- GitHub -------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", RESULTS)
def test_github_gets_at_most_ten_annotations_of_a_kind_and_a_count(name: str) -> None:
    lines = text_of("github", name).splitlines()
    accepted = [line for line in lines if not line.startswith("::")]
    found = Counter(str(finding.severity) for finding in result_of(name).findings)
    found["error"] += len(result_of(name).crashed)
    shown = {kind: sum(line.startswith(f"::{kind} ") for line in lines) for kind in ("error", "warning", "notice")}
    assert shown == {"error": min(10, found["error"]), "warning": min(10, found["warning"]), "notice": min(9, found["info"]) + 1}
    assert all(re.match(r"::(error|warning|notice) [^:]*::", line) for line in lines if line not in accepted)
    assert lines[-1].startswith("::notice title=ckaudit::")
    assert len(accepted) == len(result_of(name).suppressed)
    assert all(line.startswith("Accepted: ") for line in accepted)


def test_ten_notices_leave_room_for_the_count() -> None:
    info = results.findings()[-1]
    text = render_result(msgspec.structs.replace(result_of("normal"), findings=(info,) * 30), "github")
    assert isinstance(text, str)
    assert text.count("::notice") == 10


def test_github_shows_the_worst_first() -> None:
    kinds = [line.split(" ")[0] for line in text_of("github", "normal").splitlines()]
    assert kinds == ["::error", "::error", "::error", "::warning", "::warning", "::notice", "Accepted:", "::notice"]


# -- GitLab -------------------------------------------------------------------------------------------------------------------------

GITLAB_SCHEMA = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "properties": {
            "description": {"type": "string", "minLength": 1},
            "check_name": {"type": "string", "minLength": 1},
            "fingerprint": {"type": "string", "minLength": 1},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "required": ["path", "lines"],
                "properties": {
                    "path": {"type": "string", "minLength": 1, "not": {"pattern": "^\\./"}},
                    "lines": {"type": "object", "required": ["begin"], "properties": {"begin": {"type": "integer", "minimum": 1}}},
                },
            },
        },
    },
}


@pytest.mark.parametrize("name", RESULTS)
def test_gitlab_fits_the_documented_shape(name: str) -> None:
    issues = json.loads(text_of("gitlab", name))
    jsonschema.Draft202012Validator(GITLAB_SCHEMA).validate(issues)
    assert len(issues) == len(result_of(name).findings) + len(result_of(name).suppressed)
    accepted = issues[len(result_of(name).findings) :]
    assert {issue["severity"] for issue in accepted} <= {"info"}
    assert all(issue["description"].startswith("Accepted: ") for issue in accepted)


# -- CSV ----------------------------------------------------------------------------------------------------------------------------


def rows_of(name: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text_of("csv", name).removeprefix("\ufeff"), newline="")))


@pytest.mark.parametrize("name", RESULTS)
def test_the_plan_has_one_row_for_each_finding(name: str) -> None:
    rows = rows_of(name)
    assert len(rows) == len(result_of(name).findings) + len(result_of(name).suppressed) + 1
    assert {len(row) for row in rows} == {16}


def test_owner_and_date_wait_to_be_filled_in() -> None:
    head, *rows = rows_of("normal")
    assert all(row[head.index("Owner")] == row[head.index("Due")] == "" for row in rows if row[0])


def test_accepted_findings_stand_below_without_a_number() -> None:
    head, *rows = rows_of("normal")
    accepted = dict(zip(head, rows[-1], strict=True))
    assert (accepted["No."], accepted["Weight"], accepted["Owner"], accepted["Due"]) == ("", "Accepted", "dana", "2027-03-01")


def test_no_cell_of_a_hostile_account_is_a_formula() -> None:
    for row in rows_of("hostile")[1:]:
        assert not [cell for cell in row if re.match(r"\s*[=+\-@＝＋－＠\t\r]", cell)]


def test_spreadsheets_know_the_plan_is_utf_8() -> None:
    assert text_of("csv", "normal").startswith("\ufeffNo.,")
    assert "\r\n" in text_of("csv", "normal")


# -- Markdown -----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", RESULTS)
def test_markdown_fits_into_a_comment(name: str) -> None:
    assert len(text_of("markdown", name)) <= MAX_CHARACTERS


def test_findings_without_room_are_counted() -> None:
    text = text_of("markdown", "large")
    shown = len(re.findall(r"^### \d+\.", text, re.MULTILINE))
    assert f"{300 - shown} more findings have no room here." in text


def test_the_flagged_path_is_drawn_with_mermaid() -> None:
    text = text_of("markdown", "normal")
    assert text.count("```mermaid\nflowchart TD\n") == 3
    assert "==>" in text


def test_fences_of_a_hostile_account_stay_closed() -> None:
    lines = text_of("markdown", "hostile").splitlines()
    assert {line for line in lines if line.lstrip().startswith("```")} == {"```mermaid", "```"}
    assert not [line for line in lines if line.lstrip().startswith("::")]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("<b>", "&lt;b\\>"),
        ("@everyone", "@<!-- -->everyone"),
        ("fixes #12", "fixes \\#<!-- -->12"),
        ("https://evil.example", "https<!-- -->://evil.example"),
        ("a | b", "a \\| b"),
        ("- one", "\\- one"),
        ("1. one", "1\\. one"),
        ("Studio - release", "Studio - release"),
    ],
)
def test_names_stay_plain_words_in_markdown(name: str, words: str) -> None:
    assert md(name) == words


def test_markdown_says_what_could_not_be_seen() -> None:
    text = text_of("markdown", "partial")
    assert "### What could not be seen" in text
    assert "Sequences refused: Kit refused." in text
    assert "Not judged: “a” (CK101), because the account was not read." in text
