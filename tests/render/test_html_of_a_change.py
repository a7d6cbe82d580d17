"""The page of an audit with a baseline leads with what is new, marks it, and says what was put right; its numbers agree with the others."""

from __future__ import annotations

import re

import msgspec
import pytest

from ckaudit.audit import AuditRequest, run_audit
from ckaudit.engine.baseline import only_new
from ckaudit.model.result import Result
from ckaudit.outputs import shown_in
from ckaudit.render.formats import render_result
from ckaudit.render.html import make_report
from ckaudit.render.options import RenderOptions, View
from ckaudit.render.view import Report
from ckaudit.resources import DEMO_CLOCK
from tests.cli.running import DEMO


@pytest.fixture(scope="module")
def demo() -> Result:
    return run_audit(AuditRequest(source=DEMO, now=DEMO_CLOCK)).result


def page_of(demo: Result, view: View = View.CLIENT) -> tuple[Report, str]:
    """The demo compared with an audit that lacked its last warning of the sequences, and had one error more."""
    last = next(item for item in demo.findings if item.rule == "CK405")
    gone = msgspec.structs.replace(demo.findings[0], fingerprint="0123456789abcdef", title="Something that is put right")
    baseline = msgspec.structs.replace(demo, findings=(gone, *(item for item in demo.findings if item is not last)))
    options = RenderOptions(baseline=baseline, view=view)
    shown = shown_in("html", only_new(demo, baseline))
    return make_report(shown, options), re.sub(r"<(script|style).*?</\1>", "", render_result(shown, "html", options), flags=re.DOTALL)


def test_what_is_new_comes_first_and_is_marked(demo: Result) -> None:
    report, page = page_of(demo)
    assert report.front.actions[0].code == "CK405"
    assert [group.code for group in report.groups if group.new] == ["CK405"]
    warnings = next(part for part in report.plan if part.key == "warning")
    assert warnings.groups[0].code == "CK405"
    assert page.count('<span class="new">New</span>') == 3  # first things, the plan, and what the mark means


def test_everything_else_is_there_and_what_is_put_right_is_named(demo: Result) -> None:
    report, page = page_of(demo)
    assert report.findings == len(demo.findings) - 1  # one is a question
    assert "1 put right" in page
    assert "Something that is put right: “" in page


def test_without_a_baseline_nothing_is_marked(demo: Result) -> None:
    assert 'class="new"' not in render_result(demo, "html").split("</style>")[1]


def test_the_client_reads_why_their_numbers_are_smaller(demo: Result) -> None:
    counts = {item.severity: item.number for item in make_report(demo, RenderOptions()).front.counts}
    assert sum(counts.values()) == len(demo.findings) - 1
    words = "1 more finding is about the description of the account: it is among the questions for you."
    assert words in render_result(demo, "html", RenderOptions())
    consultants = render_result(demo, "html", RenderOptions(view=View.CONSULTANT))
    assert "among the questions for you" not in consultants


def test_nothing_found_is_said_only_of_what_was_judged(demo: Result) -> None:
    words = {item.object.name: item.nothing for item in make_report(demo, RenderOptions()).appendix.automations if not item.findings}
    assert words
    assert set(words.values()) <= {"Nothing was found here.", *(word for word in words.values() if "“Workshop: atended”" in word)}
    blind = run_audit(AuditRequest(source=DEMO, now=DEMO_CLOCK, evidence=False)).result
    told = {item.nothing for item in make_report(blind, RenderOptions()).appendix.automations if not item.findings}
    assert all("could be judged; " in words or "could not be judged" in words for words in told)
