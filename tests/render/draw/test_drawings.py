"""What drawings say: SVG, Mermaid, words, excerpts."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest

from ckaudit.graph.flow import Flow
from ckaudit.graph.nodes import SequenceTiming
from ckaudit.model.automations import Automation
from ckaudit.model.findings import PathStep
from ckaudit.model.steps import Event, EventPath, Events, Exit, If, Split, SplitPath
from ckaudit.render.draw.chart import Chart, Mark, boxes_in, make_chart, make_path_chart
from ckaudit.render.draw.excerpt import excerpt
from ckaudit.render.draw.mermaid import draw_mermaid, escape
from ckaudit.render.draw.outline import Line, outline
from ckaudit.render.draw.svg import draw_svg, svg
from tests.render.draw.automations import chain, has_tag, random_automation, sequence, tag, tagged
from tests.render.results import ATTACKS

SMALL = Automation(name="Small & <b>", entries=(tagged("a"),), steps=(*chain(2), If(test=has_tag("VIP"), then=(sequence("S"), Exit()))))
MARKS = {"s0": Mark(1, "begins"), "s1": Mark(2, "ends")}


def ids(chart: Chart) -> list[str]:
    return [box.id for box in (*chart.entries, *boxes_in(chart.items))]


def test_boxes_have_the_ids_that_flagged_paths_name() -> None:
    for seed in range(6):
        automation = random_automation(seed, 25)
        known = {node.removeprefix("0/") for node in Flow(automation, 0, lambda _: SequenceTiming()).nodes}
        assert set(ids(make_chart(automation))) <= known


def test_a_single_file_is_xml_and_carries_its_style_sheet() -> None:
    root = ET.fromstring(draw_svg(SMALL))
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert "prefers-color-scheme: dark" in draw_svg(SMALL)


def test_the_drawing_is_named_described_and_so_is_every_box() -> None:
    text = svg(make_chart(SMALL, MARKS))
    assert "<title>Small &amp; &lt;b&gt;</title>" in text
    assert "<desc>Flow chart with 7 boxes, from top to bottom. The flagged path has 2 boxes, numbered.</desc>" in text
    assert "<title>Action: Add tag “tag 0”. begins. Number 1 on the flagged path</title>" in text
    assert "<title>Condition: Has tag? “VIP”</title>" in text


def test_the_flagged_line_is_drawn_by_itself() -> None:
    text = svg(make_chart(SMALL, MARKS))
    (flagged,) = re.findall(r'<path class="wire flagged" d="([^"]*)"', text)
    assert flagged.count("M") == 1


def test_stations_that_do_not_follow_each_other_share_no_flagged_line() -> None:
    assert 'class="wire flagged"' not in svg(make_chart(SMALL, {"s0": Mark(1), "s2": Mark(3)}))


@pytest.mark.parametrize("attack", ATTACKS)
def test_hostile_names_are_drawn_as_words(attack: str) -> None:
    automation = Automation(
        name=attack, entries=(tagged(attack),), steps=(*chain(1), If(test=has_tag(attack)), Split(paths=(SplitPath(tag=tag(attack)),)))
    )
    root = ET.fromstring(re.sub("[\ufffe\uffff]", "", draw_svg(automation)))
    assert {element.tag.rpartition("}")[2] for element in root.iter()} <= {
        "svg",
        "title",
        "desc",
        "style",
        "path",
        "rect",
        "g",
        "text",
        "circle",
    }
    assert not [name for element in root.iter() for name in element.attrib if name.startswith("on") or "href" in name]
    assert len(draw_svg(automation)) < 20_000


@pytest.mark.parametrize("attack", ATTACKS)
def test_hostile_names_stay_inside_their_mermaid_label(attack: str) -> None:
    automation = Automation(
        name=attack, entries=(tagged(attack),), steps=(If(test=has_tag(attack)), Split(paths=(SplitPath(tag=tag(attack)),)))
    )
    safe = Automation(name="x", entries=(tagged("x"),), steps=(If(test=has_tag("x")), Split(paths=(SplitPath(tag=tag("x")),))))
    assert len(draw_mermaid(automation).splitlines()) == len(draw_mermaid(safe).splitlines())
    assert not re.search(r"[\"'`<>\[\]{}|;@=\\]", escape(attack).replace(";", "")) or escape(attack) == ""


def test_mermaid_text_names_branches_and_shapes() -> None:
    text = draw_mermaid(SMALL, marks=MARKS)
    assert '  n0(["Tag is added<br>a"])' in text
    assert '  n3{{"Has tag?<br>VIP"}}' in text
    assert '  n3 -->|"yes"| n4' in text
    assert "  n1 ==> n2" in text


def test_the_words_tell_the_same_as_the_drawing() -> None:
    lines = outline(make_chart(SMALL))
    assert lines[0] == Line("Starts when one of these happens:", (Line("Tag is added “a”"),))
    yes, no = lines[3].below
    assert yes == Line("yes:", (Line("Email sequence “S”"), Line("Exit this automation")))
    assert no == Line("no:", (Line("nothing, people go straight on"),))


def test_every_step_is_in_the_words() -> None:
    for seed in range(6):
        chart = make_chart(random_automation(seed, 40))
        told = str(outline(chart))
        assert told.count("Line(text=") >= len(boxes_in(chart.items))


def test_goals_side_by_side_are_told_under_one_heading() -> None:
    automation = Automation(name="A", steps=(Events(paths=tuple(EventPath(trigger=tagged(name)) for name in "ab")),))
    assert outline(make_chart(automation))[1] == Line("Whichever happens first", (Line("Tag is added “a”"), Line("Tag is added “b”")))


# -- excerpts -----------------------------------------------------------------------------------------------------------------------


def long_chart(*marked: str) -> Chart:
    marks = {place: Mark(number, "") for number, place in enumerate(marked, 1)}
    steps = (*chain(10), If(test=has_tag("VIP"), then=chain(5), otherwise=chain(5)), Event(trigger=tagged("x")), *chain(10))
    return excerpt(make_chart(Automation(name="A", entries=(tagged("a"),), steps=steps), marks))


def test_far_steps_are_folded_and_counted() -> None:
    chart = long_chart("s5")
    assert [box.id for box in boxes_in(chart.items) if not box.id.startswith("fold")] == ["s4", "s5", "s6", "end"]
    assert [box.verb for box in boxes_in(chart.items) if box.id.startswith("fold")] == ["4 more steps", "25 more steps"]


def test_a_flagged_step_inside_a_condition_keeps_the_condition_and_folds_the_other_side() -> None:
    chart = long_chart("s10/then/s2")
    kept = ids(chart)
    assert {"s10", "s10/then/s1", "s10/then/s2", "s10/then/s3"} <= set(kept)
    assert not any(place.startswith("s10/else") for place in kept)


def test_flagged_steps_are_never_folded() -> None:
    for marked in (("s0", "s21"), ("s9", "s10", "s11"), ("s10/else/s4",)):
        assert set(marked) <= set(ids(long_chart(*marked)))


def test_short_automations_are_shown_whole() -> None:
    chart = make_chart(SMALL, MARKS)
    assert excerpt(chart) is chart


def test_a_chart_without_a_flagged_box_is_shown_whole() -> None:
    chart = make_chart(Automation(name="A", steps=chain(30)))
    assert excerpt(chart) is chart


def test_a_path_outside_automations_is_a_chain_of_its_stations() -> None:
    chart = make_path_chart((PathStep("object", "Tag one"), PathStep("object", "Sequence two", "note")))
    assert [(box.name, box.mark) for box in (*chart.entries, *boxes_in(chart.items))] == [
        ("Tag one", Mark(1)),
        ("Sequence two", Mark(2, "note")),
    ]
