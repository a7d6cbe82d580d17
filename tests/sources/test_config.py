from __future__ import annotations

import datetime as dt
import json
import tomllib
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckaudit.model.account import Account, AccountInfo, Tag
from ckaudit.model.config import ConfigFile, SuppressedObject, SuppressTable
from ckaudit.model.errors import ConfigError, Location, UsageError
from ckaudit.sources.config import config_schema, find_config, passed_over, read_config
from ckaudit.sources.config_text import add_suppressions, example_config, suppression_text, toml_text
from ckaudit.sources.toml_file import toml_problems
from ckaudit.version import __version__

SUPPRESS = '[[suppress]]\nrule = "CK503"\nobject = {kind = "sequence", id = 5}\nreason = "fine"\n'


def add_one(path: Path, entry: SuppressTable, other_name: str = "") -> str:
    return add_suppressions(path, [(entry, other_name)])


def written(folder: Path, text: str, name: str = "ckaudit.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def fault(folder: Path, text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        read_config(written(folder, text))
    return str(caught.value).replace(str(folder), "")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("ignor = []", "/ckaudit.toml:1:1: there is no key “ignor” here\n  Did you mean “ignore”?"),
        ("[report]\n\ncolour = 'x'", "/ckaudit.toml:3:1: there is no key “colour” in [report]"),
        (SUPPRESS + 'ownr = "x"', "/ckaudit.toml:5:1: there is no key “ownr” in [suppress]\n  Did you mean “owner”?"),
        (SUPPRESS.replace("id =", "idd ="), "/ckaudit.toml:3:30: there is no key “idd”"),
        ('[[suppress]]\nrule = "CK1"\nobject = {kind = "tag", id = 1}', "/ckaudit.toml:1:1: “reason” is missing here"),
        (SUPPRESS.replace('"fine"', '""'), "/ckaudit.toml:4:1: this is empty"),
        (SUPPRESS + 'until = "soon"', "/ckaudit.toml:5:1: "),
        (SUPPRESS + "until = 2026-01-01T00:00:00Z", "/ckaudit.toml:5:1: expected a day such as 2027-03-01, got a day with a time"),
        ("\n[tool.x]", "/ckaudit.toml:2:1: there is no key “tool” here"),
        ("select = 3", "/ckaudit.toml:1:1: expected a list, got a whole number"),
        ('select = ["a",\n  4]', "/ckaudit.toml:2:3: expected text, got a whole number"),
        ('[severity]\nCK101 = "fatal"', "/ckaudit.toml:2:1: “fatal” is not possible here\n  Possible are error, warning, info."),
        ('fail_on = "warnings"', "/ckaudit.toml:1:1: “warnings” is not possible here\n  Did you mean “warning”?"),
        ('severity.CK101 = "wraning"', "/ckaudit.toml:1:1: “wraning” is not possible here\n  Did you mean “warning”?"),
        ('[policy.a]\nkind = "broadcast"', "/ckaudit.toml:2:1: "),
        ('[policy.a]\nkind = "tag"\nlink = "javascript:x"', "/ckaudit.toml:3:1: expected an address that begins with https://"),
        ('[policy.a]\nkind = "tag"\nmessage = "x"', "/ckaudit.toml:1:1: this policy asks for nothing"),
        ("select = [", "/ckaudit.toml:1:11: not valid TOML"),
        ("a = 1\n  a = 2", "/ckaudit.toml:2:3: not valid TOML: this key or table is there already"),
        ("[severity]\n[report]\n[severity]\n", "/ckaudit.toml:3:1: not valid TOML: this key or table is there already"),
        ("a = yes", "/ckaudit.toml:1:5: not valid TOML: invalid value\n  Text needs quotes."),
        ("\n= 1", "/ckaudit.toml:2:1: not valid TOML"),
    ],
)
def test_a_fault_is_told_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    assert said in fault(tmp_path, text)


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    assert fault(tmp_path, 'selec = []\nfail_on = "never ever"\n').count("ckaudit.toml:") == 2
    assert (
        fault(tmp_path, '[[suppress]]\nrul = "x"\nreason = ""\nobject = {kind = "tag", idd = 1}\nuntil = "2027"\n').count("ckaudit.toml:")
        == 5
    )


def test_bytes_that_are_no_text_are_a_fault(tmp_path: Path) -> None:
    (tmp_path / "ckaudit.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="not UTF-8"):
        read_config(tmp_path / "ckaudit.toml")


def test_a_suppression_keeps_its_place_and_its_day(tmp_path: Path) -> None:
    config = read_config(written(tmp_path, "# x\n" + SUPPRESS + "until = 2027-03-01\n"))
    (item,) = config.suppressions
    assert (item.location.line, item.entry.until) == (2, dt.date(2027, 3, 1))


def test_the_table_of_pyproject_has_the_places_of_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, '[project]\nname = "x"\n[tool.ckaudit]\nselec = []\n', "pyproject.toml")
    with pytest.raises(ConfigError, match=r"pyproject.toml:4:1: there is no key “selec”"):
        read_config(path)


def test_the_nearest_configuration_upwards_is_found(tmp_path: Path) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    upper = written(tmp_path, "")
    assert find_config(inner) == upper
    written(tmp_path / "a", "[tool.other]\n", "pyproject.toml")
    assert find_config(inner) == upper
    nearer = written(tmp_path / "a", "[tool.ckaudit]\n", "pyproject.toml")
    assert find_config(inner) == nearer


@pytest.mark.parametrize("text", ['[project\ndependencies = ["ckaudit"]\n', 'tool = "ckaudit"', "[tool]\nother = 1 # ckaudit\n"])
def test_a_foreign_project_file_is_passed_over(tmp_path: Path, text: str) -> None:
    inner = tmp_path / "a"
    inner.mkdir()
    written(inner, text, "pyproject.toml")
    upper = written(tmp_path, "")
    assert find_config(inner) == upper


def test_a_broken_project_file_with_our_table_is_an_error_and_not_silence(tmp_path: Path) -> None:
    path = written(tmp_path, "[project\n\n[[tool.ckaudit.suppress]]\n", "pyproject.toml")
    assert find_config(tmp_path) == path
    with pytest.raises(ConfigError, match="not valid TOML"):
        read_config(path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[tool]\nckaudit = 3\n", "must be a table"),
        ("[tool]\nckaudit = {selct = []}\n", r"pyproject.toml:2:12: there is no key “selct”"),
        ("tool.ckaudit.selct = 1\n", r"pyproject.toml:1:1: there is no key “selct”"),
        ('[tool.ckaudit]\n[[tool.ckaudit.suppress]]\nrule = "x"\nobject = {kind = "tag"}\n', r"pyproject.toml:2:1: “reason” is missing"),
    ],
)
def test_every_way_to_write_the_table_of_pyproject_is_read(tmp_path: Path, text: str, said: str) -> None:
    path = written(tmp_path, text, "pyproject.toml")
    assert find_config(tmp_path) == path
    with pytest.raises(ConfigError, match=said):
        read_config(path)


def test_a_named_project_file_without_the_table_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"has no table \[tool.ckaudit\]"):
        read_config(written(tmp_path, "[tool.other]\n", "pyproject.toml"))


def test_of_two_files_side_by_side_ckaudit_toml_counts(tmp_path: Path) -> None:
    ours = written(tmp_path, "")
    assert passed_over(ours) is None
    other = written(tmp_path, "[tool.ckaudit]\n", "pyproject.toml")
    assert (find_config(tmp_path), passed_over(ours)) == (ours, other)


def test_every_key_has_a_description_in_the_schema() -> None:
    tables = config_schema()["$defs"]
    without = [f"{name}.{key}" for name, table in tables.items() for key, spec in table.get("properties", {}).items()
               if "description" not in spec and "$ref" not in str(spec)]  # fmt: skip
    assert without == []


@given(st.text())
def test_any_text_comes_back_from_toml(text: str) -> None:
    assert tomllib.loads(f"a = {toml_text(text)}")["a"] == text


@given(st.text(), st.text(max_size=8))
def test_the_example_is_valid_whatever_names_the_account_has(name: str, tag: str) -> None:
    account = Account(info=AccountInfo(1, name), tags=(Tag(1, tag + ": a"), Tag(2, tag + ": b")))
    text = example_config(account)
    assert tomllib.loads(text) == {}
    used = [line[2:] for line in text.splitlines() if line.startswith(("# [", "# ")) and (" = " in line or line.startswith("# ["))]
    data = tomllib.loads("\n".join(used))
    assert set(data["policy"]) == {"tag-names"}
    assert list(toml_problems(data, ConfigFile, lambda *_: Location("ckaudit.toml"))) == []
    jsonschema.validate(json.loads(json.dumps(data, default=str)), config_schema())


@pytest.mark.parametrize(
    "text", ["nonsense = 1", 'fail_on = "warnings"', "select = 3", '[[suppress]]\nrule = "CK1"\n', '[policy.a]\nkind = "broadcast"\n']
)
def test_the_schema_refuses_what_ckaudit_refuses(tmp_path: Path, text: str) -> None:
    assert fault(tmp_path, text)
    assert not jsonschema.Draft202012Validator(config_schema()).is_valid(tomllib.loads(text))


def test_an_entry_is_added_and_the_rest_stays(tmp_path: Path) -> None:
    path = written(tmp_path, "# mine\nignore = ['CK1']")
    add_one(path, SuppressTable(rule="CK503", object=SuppressedObject(kind="tag", id=7, name='a "b"'), reason="why\nnot"))
    assert path.read_text("utf-8").startswith("# mine\nignore = ['CK1']\n\n[[suppress]]\n")
    (item,) = read_config(path).suppressions
    assert (item.entry.object.name, item.entry.reason) == ('a "b"', "why\nnot")


def test_an_entry_is_added_to_the_table_of_pyproject(tmp_path: Path) -> None:
    path = written(tmp_path, "[tool.ckaudit]\n", "pyproject.toml")
    add_one(path, SuppressTable(rule="CK503", object=SuppressedObject(kind="tag", id=7), reason="fine"))
    assert len(read_config(path).suppressions) == 1


@pytest.mark.parametrize("text", [SUPPRESS, 'suppress = [{rule = "CK1", object = {kind = "tag", id = 9}, reason = "x"}]\n'])
def test_a_second_entry_of_its_kind_and_one_behind_a_list_are_refused(tmp_path: Path, text: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(UsageError):
        add_one(path, SuppressTable(rule="ck503", object=SuppressedObject(kind="sequence", id=5), reason="again"))
    assert path.read_text("utf-8") == text


@pytest.mark.parametrize("text", ['[tool]\nckaudit = {ignore = ["CK1"]}\n', "[tool.ckaudit]\nsuppress = []\n"])
def test_an_entry_that_would_break_the_file_is_not_written(tmp_path: Path, text: str) -> None:
    path = written(tmp_path, text, "pyproject.toml")
    with pytest.raises(UsageError, match="nothing can be appended"):
        add_one(path, SuppressTable(rule="CK503", object=SuppressedObject(kind="tag", id=7), reason="fine"))
    assert path.read_text("utf-8") == text


def test_line_ends_and_the_mark_at_the_beginning_stay(tmp_path: Path) -> None:
    path = tmp_path / "ckaudit.toml"
    path.write_bytes("\ufeff# mine\r\nstack = 'x'\r\n".encode())
    add_one(path, SuppressTable(rule="CK503", object=SuppressedObject(kind="tag", id=7), reason="fine"))
    text = path.read_bytes().decode()
    assert text.startswith("\ufeff# mine\r\nstack = 'x'\r\n\r\n[[suppress]]\r\n")
    assert text.replace("\r\n", "").count("\n") == 0


def test_a_link_stays_one_and_its_file_gets_the_entry(tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    real = written(tmp_path / "shared", "")
    link = tmp_path / "ckaudit.toml"
    link.symlink_to(real)
    add_one(link, SuppressTable(rule="CK503", object=SuppressedObject(kind="tag", id=7), reason="fine"))
    assert link.is_symlink()
    assert "CK503" in real.read_text("utf-8")


@pytest.mark.parametrize("rule", ["CK503", "no-preferences-link"])
def test_the_same_rule_under_its_other_name_is_no_second_entry(tmp_path: Path, rule: str) -> None:
    path = written(tmp_path, SUPPRESS.replace("CK503", rule))
    with pytest.raises(UsageError) as caught:
        add_one(
            path,
            SuppressTable(rule="CK503", object=SuppressedObject(kind="sequence", id=5, name="x"), reason="again"),
            "no-preferences-link",
        )
    assert "ckaudit.toml:1:1: this suppression is there already" in str(caught.value)


def test_a_key_of_thousands_of_parts_and_a_number_without_end_are_refused_at_once(tmp_path: Path) -> None:
    path = tmp_path / "ckaudit.toml"
    for text, said in (
        ("ignore = []\n" + "a." * 20_000 + "b = 1", ":2:1: this key has too many parts"),
        ("x = " + "9" * 5000, ":1:5: this number"),
    ):
        path.write_text(text)
        with pytest.raises(ConfigError, match=said):
            read_config(path)


def test_thousands_of_faults_are_told_in_part(tmp_path: Path) -> None:
    (tmp_path / "ckaudit.toml").write_text("".join(f"k{number} = 1\n" for number in range(5000)))
    with pytest.raises(ConfigError) as caught:
        read_config(tmp_path / "ckaudit.toml")
    assert 10 < len(caught.value.problems) <= 50


@pytest.mark.parametrize("wanted", [">=99", ">= 99.1", f">={__version__}.1"])
def test_a_file_for_a_newer_version_is_refused_before_its_keys_are_looked_at(tmp_path: Path, wanted: str) -> None:
    path = tmp_path / "ckaudit.toml"
    path.write_text(f'new_key = 1\nrequired_version = "{wanted}"\n')
    with pytest.raises(ConfigError) as refused:
        read_config(path)
    assert refused.value.message == f"this is ckaudit {__version__}, and this configuration is for {wanted}"
    assert refused.value.location is not None
    assert refused.value.location.line == 2
    assert refused.value.problems == ()


@pytest.mark.parametrize("wanted", [">=0", ">=0.1", f">={__version__}", f">= {__version__}", f">={__version__}.0"])
def test_a_file_for_this_version_or_an_older_one_is_read(tmp_path: Path, wanted: str) -> None:
    path = tmp_path / "ckaudit.toml"
    path.write_text(f'required_version = "{wanted}"\n')
    assert read_config(path).file.required_version == wanted


@pytest.mark.parametrize("wanted", ['"0.1"', '"==0.1"', '">=x"', '">=99."', '"<99"', "1", '""', '">=1.2.3.4.5"'])
def test_a_required_version_that_is_none_is_a_problem(tmp_path: Path, wanted: str) -> None:
    path = tmp_path / "ckaudit.toml"
    path.write_text(f"required_version = {wanted}\n")
    with pytest.raises(ConfigError):
        read_config(path)


def test_of_several_entries_those_that_are_there_already_can_be_skipped(tmp_path: Path) -> None:
    path = tmp_path / "ckaudit.toml"
    one, two = (SuppressTable(rule="CK503", object=SuppressedObject(kind="tag", id=number), reason="fine") for number in (7, 8))
    add_one(path, one)
    assert add_suppressions(path, [(one, ""), (two, "")], skip_known=True) == suppression_text(two)
    assert [entry.object.id for entry in read_config(path).file.suppress] == [7, 8]


def test_nothing_new_leaves_the_file_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "ckaudit.toml"
    one = SuppressTable(rule="CK503", object=SuppressedObject(kind="tag", id=7), reason="fine")
    add_one(path, one)
    before = path.read_bytes()
    assert add_suppressions(path, [(one, "")], skip_known=True) == ""
    assert path.read_bytes() == before
