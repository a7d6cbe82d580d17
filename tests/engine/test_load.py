from __future__ import annotations

import sys
from pathlib import Path

import pytest

from ckaudit.engine.load import load_one, load_rule, load_rules
from ckaudit.model.errors import RuleFileError
from ckaudit.resources import rules_folder
from tests.engine.planted import DOCS, write_rule

ROOT = Path(__file__).parents[2]


def problems(*folders: Path) -> list[str]:
    with pytest.raises(RuleFileError) as caught:
        load_rules(folders)
    return [str(problem) for problem in caught.value.problems]


def test_the_built_in_rules_load() -> None:
    rules = load_rules((rules_folder(),))
    assert {"CK201", "CK202", "CK203"} <= {loaded.rule.code for loaded in rules}


def test_every_built_in_rule_stands_in_the_folder_of_its_theme() -> None:
    assert {loaded.file.parent.name == loaded.rule.theme for loaded in load_rules((rules_folder(),))} == {True}


def test_a_folder_is_searched_at_any_depth_and_ordered_by_code(tmp_path: Path) -> None:
    write_rule(tmp_path / "deep" / "deeper", "rule-two", code="ACME602")
    write_rule(tmp_path, "rule-three", code="ACME603")
    assert [loaded.rule.code for loaded in load_rules((tmp_path,))] == ["ACME602", "ACME603"]


def test_files_and_folders_with_underscore_or_dot_are_not_rules(tmp_path: Path) -> None:
    write_rule(tmp_path)
    for name in ("_helper.py", ".hidden.py", "_folder/thing.py", ".git/hook.py", "__init__.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("raise ValueError")
    assert len(load_rules((tmp_path,))) == 1


def test_an_underscore_above_the_folder_does_not_matter(tmp_path: Path) -> None:
    write_rule(tmp_path / "_work")
    assert len(load_rules((tmp_path / "_work",))) == 1


def test_a_file_is_loaded_once_and_the_search_path_stays(tmp_path: Path) -> None:
    path, before = write_rule(tmp_path), list(sys.path)
    first, second = load_rules((tmp_path,)), load_rules((path,))
    assert first[0].check is second[0].check
    assert sys.path == before


def test_the_docstring_becomes_the_text_of_reports(tmp_path: Path) -> None:
    write_rule(tmp_path)
    (loaded,) = load_rules((tmp_path,))
    assert loaded.docs.finds == "Tags that are named badly.\n\nAnd more."
    assert loaded.docs.sources == ("Kit help, article 1, second line", "Another")
    assert loaded.text.fix == ("Open **Subscribers**, then Tags.", "Rename the tag.")
    assert loaded.text.why == "People get lost."
    assert loaded.text.docs == ""  # a rule of somebody's own has no page in the repository


def test_a_built_in_rule_has_a_page_in_the_repository() -> None:
    (loaded,) = [item for item in load_rules((rules_folder(),)) if item.rule.code == "CK504"]
    assert loaded.text.docs == "docs/rules/CK504.md"
    assert (ROOT / loaded.text.docs).is_file()
    assert (loaded.text.confidence, loaded.text.exposure) == ("certain", 7.5)


def test_the_same_code_or_name_twice_is_told_with_both_files(tmp_path: Path) -> None:
    write_rule(tmp_path / "one", "bad-tag", code="ACME601")
    write_rule(tmp_path / "two", "bad-tag", code="ACME602")
    (said,) = problems(tmp_path)
    assert "“bad-tag” is already used by the rule in" in said
    assert str(tmp_path / "one" / "bad_tag.py") in said
    assert str(tmp_path / "two" / "bad_tag.py") in said


def test_a_code_of_a_built_in_rule_cannot_be_used_again(tmp_path: Path) -> None:
    write_rule(tmp_path / "access", "my-rule", code="CK202", theme="ACCESS")
    assert "“CK202” is already used by the rule" in problems(rules_folder(), tmp_path)[0]


def test_a_file_with_the_wrong_name_is_told_the_right_one(tmp_path: Path) -> None:
    write_rule(tmp_path, "bad-tag", file="badtag.py")
    assert "must be in a file named bad_tag.py" in problems(tmp_path)[0]


def test_a_rule_of_ours_in_the_folder_of_another_theme_is_an_error(tmp_path: Path) -> None:
    write_rule(tmp_path / "access", "bad-tag", code="CK699", theme="TAGS")
    assert "must be in a folder named “tags”" in problems(tmp_path)[0]


def test_a_syntax_error_is_told_with_line_and_column(tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text("x = 1\n\nz = = 3\n")
    (said,) = problems(tmp_path)
    assert said.startswith(f"{tmp_path / 'broken.py'}:3:")
    assert "SyntaxError" in said


def test_a_file_that_raises_is_told_with_its_line(tmp_path: Path) -> None:
    write_rule(tmp_path, before="x = 1 / 0")
    (said,) = problems(tmp_path)
    line = (tmp_path / "bad_tag.py").read_text().splitlines().index("x = 1 / 0") + 1
    assert said.startswith(f"{tmp_path / 'bad_tag.py'}:{line}: this rule cannot be loaded: ZeroDivisionError")


@pytest.mark.parametrize("what", ["import sys; sys.exit(0)", "raise RecursionError", "import ckaudit.nothing"])
def test_whatever_a_file_does_when_loaded_is_its_own_fault(what: str, tmp_path: Path) -> None:
    (tmp_path / "odd.py").write_text(what)
    assert "this rule cannot be loaded" in problems(tmp_path)[0]


def test_wrong_metadata_is_told(tmp_path: Path) -> None:
    write_rule(tmp_path, code="nonsense")
    assert "code must be letters and three digits" in problems(tmp_path)[0]


@pytest.mark.parametrize(
    ("variants", "said"),
    [
        ('"Two Words": Variant("The tag is bad")', "the variant “Two Words” must be kebab-case"),
        ('"short": Variant("Bad")', "the title of “short” must be a sentence of 10 to 110 characters"),
    ],
)
def test_a_wrong_variant_is_told(variants: str, said: str, tmp_path: Path) -> None:
    write_rule(tmp_path, metadata=f"variants={{{variants}}}")
    assert said in problems(tmp_path)[0]


@pytest.mark.parametrize(
    ("metadata", "said"),
    [
        ('yields_to=("ACME699",)', "ACME601 names “ACME699”, and there is no rule ACME699\n  Did you mean “ACME602”?"),
        (
            'people_from=("ACME602 third",)',
            "ACME601 names “ACME602 third”, and ACME602 has no variant “third”\n  ACME602 has first, second.",
        ),
        ('observed_yields_to=("ACME601 x",)', "ACME601 names “ACME601 x”, and ACME601 has no variant “x”\n  ACME601 has no variants."),
        ('variants={"x": Variant("The tag is bad", yields_to=("CK999",))}', "ACME601 names “CK999”, and there is no rule CK999"),
    ],
)
def test_what_a_rule_names_must_exist(metadata: str, said: str, tmp_path: Path) -> None:
    path = write_rule(tmp_path, metadata=metadata)
    write_rule(
        tmp_path, "other", code="ACME602", metadata='variants={"first": Variant("The tag is bad"), "second": Variant("The tag is bad")}'
    )
    assert problems(tmp_path) == [f"{path}: {said}"]


def test_a_rule_may_name_rules_of_other_folders(tmp_path: Path) -> None:
    write_rule(tmp_path, metadata='yields_to=("CK301 inactive",), people_from=("CK802",)')
    assert len(load_rules((tmp_path,), named=(rules_folder(),))) == 1
    assert len(problems(tmp_path)) == 2


def yielding(folder: Path, number: int, *winners: int, more: str = "") -> Path:
    names = "".join(f'"ACME60{winner}",' for winner in winners)
    return write_rule(folder, f"rule-{number}", code=f"ACME60{number}", metadata=f"yields_to=({names}), {more}")


def test_nobody_yields_in_a_cycle(tmp_path: Path) -> None:
    first = yielding(tmp_path, 1, 2)
    yielding(tmp_path, 2, 3)
    yielding(tmp_path, 3, 1)
    (said,) = problems(tmp_path)
    assert said.startswith(f"{first}: ACME601 yields to ACME602 yields to ACME603 yields to ACME601: one of them must win")


def test_a_variant_that_yields_to_another_variant_of_its_rule_is_no_cycle(tmp_path: Path) -> None:
    write_rule(tmp_path, metadata='variants={"a": Variant("The tag is bad", yields_to=("ACME601 b",)), "b": Variant("The tag is worse")}')
    assert len(load_rules((tmp_path,))) == 1


def test_a_rule_that_yields_to_itself_is_told(tmp_path: Path) -> None:
    yielding(tmp_path, 1, 1)
    assert "ACME601 yields to ACME601: one of them must win" in problems(tmp_path)[0]


def test_who_yields_only_on_observed_links_is_in_no_cycle_with_what_is_declared(tmp_path: Path) -> None:
    write_rule(tmp_path, "one", metadata='observed_yields_to=("ACME602",), observed=ObservedUse.JUDGED')
    write_rule(tmp_path, "two", code="ACME602", metadata='yields_to=("ACME601",)')
    assert len(load_rules((tmp_path,))) == 2


def test_a_file_without_rule_and_check_is_told_both(tmp_path: Path) -> None:
    (tmp_path / "empty.py").write_text("")
    said = problems(tmp_path)
    assert [("RULE" in text, "check(" in text) for text in said[:2]] == [(True, False), (False, True)]


def test_all_broken_files_are_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "one.py").write_text("1 +")
    (tmp_path / "two.py").write_text("2 +")
    assert len(problems(tmp_path)) == 2


@pytest.mark.parametrize(
    ("old", "new", "said", "line"),
    [
        ("Why it matters\n----", "Why it  matters\n----", "expected the heading “Why it matters” here", 10),
        ("Sources\n-------\n- Kit help, article 1,\n  second line\n- Another\n", "", "lacks the heading “Sources”", 1),
        ("- Kit help, article 1,\n  second line\n- Another\n", "", "the section “Sources” is empty", 24),
        ("- Another", "Another", "under “Sources” expected a list", 28),
        ("1. Open", "Open", "under “How to fix it in Kit” expected numbered clicks", 16),
        ("2. Rename", "3. Rename", "must be numbered 1., 2., 3.", 14),
        ("A tag has a bad name.", "", "must begin with one sentence", 1),
        ("- Another\n", "- Another\n\nMore\n----\nx\n", "“Sources” must be the last heading", 30),
    ],
)
def test_a_docstring_out_of_shape_is_told_with_its_line(old: str, new: str, said: str, line: int, tmp_path: Path) -> None:
    assert old in DOCS
    path = write_rule(tmp_path, docs=DOCS.replace(old, new))
    first, *_ = problems(tmp_path)
    assert said in first
    assert first.startswith(f"{path}:{line}:1: ")


def test_a_file_without_docstring_is_told(tmp_path: Path) -> None:
    path = write_rule(tmp_path)
    path.write_text(path.read_text().replace('"""', "'").split("'")[2])
    assert any("lacks the heading “What it finds”" in said for said in problems(tmp_path))


OPTION = """
class Mine(Options, frozen=True):
    word: {annotation}
"""


@pytest.mark.parametrize("annotation", ["str = 'x'", "Annotated[str, msgspec.Meta(description='which')]", "Annotated[str, 'which'] = 'x'"])
def test_an_option_without_default_or_description_is_an_error(annotation: str, tmp_path: Path) -> None:
    write_rule(tmp_path, before=OPTION.format(annotation=annotation), options="Mine")
    assert "the option “word” needs a default and a description" in problems(tmp_path)[0]


def test_an_option_with_default_and_description_is_fine(tmp_path: Path) -> None:
    annotation = "Annotated[str, msgspec.Meta(description='which word')] = 'x'"
    path = write_rule(tmp_path, before=OPTION.format(annotation=annotation), options="Mine")
    assert not isinstance(load_rule(path), tuple)


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(RuleFileError, match="is not a folder with rules"):
        load_rules((tmp_path / "nowhere",))


@pytest.mark.parametrize("word", ["ACME602", "acme602", "rule-two", " rule-two "])
def test_one_rule_is_found_by_code_and_by_name_whatever_is_wrong_with_the_others(word: str, tmp_path: Path) -> None:
    write_rule(tmp_path, "rule-two", code="ACME602")
    (tmp_path / "broken.py").write_text("raise ValueError")
    found = load_one((tmp_path,), word)
    assert found is not None
    assert found.rule.code == "ACME602"


@pytest.mark.parametrize("word", ["ACME60", "rule", "", "rule-three", "broken"])
def test_what_names_no_rule_finds_none(word: str, tmp_path: Path) -> None:
    write_rule(tmp_path, "rule-two", code="ACME602")
    (tmp_path / "broken.py").write_text("raise ValueError")
    assert load_one((tmp_path,), word) is None


def test_a_code_in_two_files_is_nobodys(tmp_path: Path) -> None:
    write_rule(tmp_path, "rule-two", code="ACME602")
    write_rule(tmp_path, "rule-three", code="ACME602")
    assert load_one((tmp_path,), "ACME602") is None
