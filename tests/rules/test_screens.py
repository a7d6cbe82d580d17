"""No text that people read names a screen of Kit that Kit's help does not name so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ckaudit.engine.load import LoadedRule, load_rules
from ckaudit.kit.screens import SCREENS, unknown_screens
from ckaudit.resources import rules_folder
from ckaudit.testing.cases import read_cases, run_case

RULES = load_rules((rules_folder(),))
ROOT = Path(__file__).parents[2]
GUIDES = (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md")), *sorted((ROOT / "reports").rglob("*.j2")))
MODULES = sorted(file for file in (ROOT / "ckaudit").rglob("*.py") if file.name != "screens.py")
PATHS = re.compile(r"\b(?:Automate|Send|Grow|Settings) → .*")
OLD_NAMES = re.compile(
    r"\b(?:[Oo]pen|[Ii]n Kit,) \*?(?:Automations|Rules|Sequences|Subscribers|Snippets|Settings, then)\b"
    r"|\b(?:Settings|Send|Automate|Grow)(?: >|, then) "
)


@pytest.fixture(params=RULES, ids=[loaded.rule.code for loaded in RULES])
def loaded(request: pytest.FixtureRequest) -> LoadedRule:
    """Each rule in turn."""
    found: LoadedRule = request.param
    return found


def test_the_steps_on_a_rule_s_page_name_screens_that_kit_has(loaded: LoadedRule) -> None:
    assert unknown_in(loaded.docs.fix) == {}


def test_the_steps_of_a_variant_name_screens_that_kit_has(loaded: LoadedRule) -> None:
    assert unknown_in(tuple(step for variant in loaded.rule.variants.values() for step in variant.fix)) == {}


def test_the_steps_a_finding_brings_name_screens_that_kit_has(loaded: LoadedRule) -> None:
    findings = [finding for case in read_cases(loaded) for finding in run_case(case).findings]
    assert unknown_in(tuple(step for finding in findings for step in finding.fix)) == {}


@pytest.mark.parametrize("guide", GUIDES, ids=[guide.name for guide in GUIDES])
def test_a_guide_names_screens_that_kit_has(guide: Path) -> None:
    text = guide.read_text(encoding="utf-8")
    names = tuple(screen.name for screen in SCREENS if "→" in screen.name)
    assert OLD_NAMES.findall(text) == []
    assert [path for path in PATHS.findall(text) if not path.startswith(names)] == []


def test_the_program_takes_the_names_of_screens_from_one_place() -> None:
    texts = {file: file.read_text(encoding="utf-8") for file in MODULES}
    assert {file for file, text in texts.items() if OLD_NAMES.search(text) or PATHS.search(text)} == set()


def unknown_in(steps: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """The steps that name something unknown, each with what it names."""
    return {step: names for step in steps if (names := unknown_screens(step))}
