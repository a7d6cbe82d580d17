from __future__ import annotations

import html5lib
import msgspec
import pytest

from ckaudit.engine.baseline import Changed, ResultDiff
from ckaudit.graph.snapshot_diff import AutomationChange, FieldChange, ObjectChange, SnapshotDiff
from ckaudit.model.baseline import SinceBaseline
from ckaudit.model.branding import Branding
from ckaudit.model.findings import NotEvaluated, Severity
from ckaudit.model.refs import ObjectRef
from ckaudit.render.diff_html import Side, render_diff_html
from tests.render import results

EVIL = "\x1b[31m\u202e</title><script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
NAMES = (Side("october"), Side("november"))


def of_results() -> ResultDiff:
    first, second, *rest = results.normal().findings
    since = SinceBaseline(
        fixed=(second,), gone=(second,), accepted=(second,), not_judged=(second,), lost=(NotEvaluated("CK1", "a", (), "why"),)
    )
    return ResultDiff((first,), (Changed("info", first),), (Changed("error", first),), tuple(rest), since)


def of_snapshots(name: str = "Course A") -> SnapshotDiff:
    item = ObjectRef("tag", name, 7)
    fields = (FieldChange("content", name, name, (f"- {name}", f"+ {name}", "  same")),)
    return SnapshotDiff((item,), (item,), (ObjectChange(item, name, fields),), (AutomationChange(item, (f"+ {name}",)),), (name,))


def page(diff: ResultDiff | SnapshotDiff, names: tuple[Side, Side] = NAMES) -> str:
    return render_diff_html(diff, names, Branding())


@pytest.mark.parametrize("diff", [of_results(), of_snapshots(), ResultDiff(), SnapshotDiff()])
def test_the_markup_is_faultless(diff: ResultDiff | SnapshotDiff) -> None:
    html5lib.HTMLParser(strict=True).parse(page(diff))


def test_hostile_names_stay_text() -> None:
    hostile = msgspec.structs.replace(results.normal().findings[0], title=EVIL, object=ObjectRef(EVIL, EVIL, EVIL), severity=Severity.ERROR)
    for diff in (
        of_snapshots(EVIL),
        ResultDiff(
            (hostile,), (Changed(EVIL, hostile),), since=SinceBaseline(fixed=(hostile,), lost=(NotEvaluated(EVIL, EVIL, (), EVIL),))
        ),
    ):
        made = page(diff, (Side(EVIL, EVIL, EVIL, EVIL), Side(EVIL, EVIL, EVIL, EVIL)))
        assert "<script" not in made
        assert "<img" not in made
        assert "\x1b" not in made
        assert "\u202e" not in made


def test_nothing_changed_is_said() -> None:
    assert "Nothing changed." in page(ResultDiff())


def test_what_changed_is_marked_for_readers_of_the_page_and_of_its_source() -> None:
    made = page(of_snapshots())
    assert "<del>Course A</del>" in made
    assert "<ins>Course A</ins>" in made


def test_a_finding_that_weighs_more_says_what_it_was() -> None:
    assert "Was: Good to know" in page(of_results())
