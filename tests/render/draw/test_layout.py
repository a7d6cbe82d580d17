"""The drawing of an automation: nothing overlaps, nothing crosses, and its lines are those of the account graph."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from ckaudit.graph.flow import Flow
from ckaudit.model.automations import Automation
from ckaudit.model.steps import EventPath, Events, Exit, If, Split, SplitPath
from ckaudit.render.draw.chart import Chart, make_chart
from ckaudit.render.draw.excerpt import sheets
from ckaudit.render.draw.layout import BOX_WIDTH, Drawing, lay_out
from ckaudit.render.draw.widths import text_width
from tests.graph.random_automations import automations, timing
from tests.render.draw.automations import NAMES, chain, has_tag, random_automation, tag, tagged
from tests.render.draw.geometry import crossings, outside, overlapping, rising, slanted, through_boxes

MANY = [(seed, steps) for steps in (5, 12, 25, 40, 60) for seed in range(12)]


def drawing_of(automation: Automation) -> Drawing:
    return lay_out(make_chart(automation))


def faults(chart: Chart) -> dict[str, object]:
    drawing = lay_out(chart)
    found = {
        "overlap": overlapping(drawing),
        "through a box": through_boxes(drawing),
        "cross": crossings(drawing),
        "slanted": slanted(drawing),
        "rising": rising(drawing),
        "outside": outside(drawing),
    }
    return {name: value for name, value in found.items() if value}


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(automations)
def test_no_box_overlaps_and_no_line_crosses(automation: Automation) -> None:
    assert faults(make_chart(automation)) == {}


@pytest.mark.parametrize(("seed", "steps"), MANY)
def test_no_box_overlaps_and_no_line_crosses_in_large_automations(seed: int, steps: int) -> None:
    chart = make_chart(random_automation(seed, steps))
    assert faults(chart) == {}
    for sheet in sheets(chart):
        assert faults(sheet.chart) == {}


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(automations)
def test_the_lines_are_the_edges_of_the_account_graph(automation: Automation) -> None:
    flow = Flow(automation, 0, timing)
    lines = ((source, target) for source, targets in flow.lines.items() for target in targets)
    edges = {(source.removeprefix("0/"), target.removeprefix("0/")) for source, target in lines}
    drawn = {(wire.source, wire.target) for wire in drawing_of(automation).wires}
    start_to = {target for source, target in edges if source == "start"}
    for entry in [node.id.removeprefix("0/") for node in flow.entries]:
        edges = (edges - {(entry, "start")}) | {(entry, target) for target in start_to}
    if flow.entries:
        edges = {edge for edge in edges if edge[0] != "start"}
    exits = {node.id.removeprefix("0/") for node in flow.steps if isinstance(node.step, Exit)}
    edges = {edge for edge in edges if edge[0] not in exits}  # an exit ends: it has no line to the end
    assert drawn == edges


def test_yes_lies_left_of_no() -> None:
    step = If(test=has_tag("VIP"), then=chain(1), otherwise=chain(1))
    frames = {frame.box.id: frame for frame in drawing_of(Automation(name="A", steps=(step,))).frames}
    assert frames["s0/then/s0"].x < frames["s0"].x < frames["s0/else/s0"].x


def test_paths_of_a_split_lie_left_to_right_in_their_order() -> None:
    step = Split(paths=tuple(SplitPath(tag=tag(name), steps=chain(1)) for name in ("a", "b", "c")))
    frames = {frame.box.id: frame for frame in drawing_of(Automation(name="A", steps=(step,))).frames}
    assert [frames[f"s0/path{number}/s0"].x for number in range(3)] == sorted(frames[f"s0/path{number}/s0"].x for number in range(3))


def test_a_split_without_otherwise_shows_the_way_of_those_who_match_none() -> None:
    step = Split(paths=(SplitPath(tag=tag("a"), steps=chain(1)),))
    assert [label.lines for label in drawing_of(Automation(name="A", steps=(step,))).labels] == [("a",), ("otherwise",)]


def test_events_stand_side_by_side_without_a_box_above_them() -> None:
    step = Events(paths=tuple(EventPath(trigger=tagged(name)) for name in ("a", "b")))
    frames = {frame.box.id: frame for frame in drawing_of(Automation(name="A", steps=(step,))).frames}
    assert "s0" not in frames
    assert frames["s0/path0"].y == frames["s0/path1"].y


def test_entries_stand_side_by_side_on_top() -> None:
    drawing = drawing_of(Automation(name="A", entries=tuple(tagged(name) for name in "abc"), steps=chain(1)))
    entries = [frame for frame in drawing.frames if frame.box.id.startswith("e") and frame.box.id != "end"]
    assert len({frame.y for frame in entries}) == 1
    assert all(entry.y + entry.height < frame.y for entry in entries for frame in drawing.frames if frame not in entries)


def test_nine_entries_stay_on_a_page() -> None:
    assert drawing_of(Automation(name="A", entries=tuple(tagged(name) for name in "abcdefghi"), steps=chain(1))).width <= 1000


def test_an_exit_has_no_line_behind_it() -> None:
    drawing = drawing_of(Automation(name="A", steps=(If(test=has_tag("VIP"), then=(Exit(),)), *chain(1))))
    assert [wire for wire in drawing.wires if wire.source == "s0/then/s0"] == []


def test_a_step_that_nobody_reaches_is_drawn_apart() -> None:
    step = If(test=has_tag("VIP"), then=(Exit(),), otherwise=(Exit(),))
    frames = {frame.box.id: frame for frame in drawing_of(Automation(name="A", steps=(step, *chain(1)))).frames}
    assert not frames["s1"].reached


def test_an_automation_without_steps_and_entries_is_drawn() -> None:
    assert [frame.box.id for frame in drawing_of(Automation(name="A")).frames] == ["start", "end"]


@pytest.mark.parametrize("name", NAMES)
def test_names_stay_inside_their_box(name: str) -> None:
    for frame in drawing_of(Automation(name="A", entries=(tagged(name),), steps=(If(test=has_tag(name)),))).frames:
        assert all(text_width(line, 13) <= BOX_WIDTH - 24 for line in frame.name)
        assert len(frame.name) <= 4


@pytest.mark.parametrize(("seed", "steps"), [(seed, 60) for seed in range(8)])
def test_sheets_fit_on_a_page_unless_a_block_cannot_be_cut(seed: int, steps: int) -> None:
    for sheet in sheets(make_chart(random_automation(seed, steps))):
        assert lay_out(sheet.chart).height <= 1300


def test_a_chain_of_sixty_steps_is_drawn_in_parts_that_fit_on_a_page() -> None:
    parts = sheets(make_chart(Automation(name="A", entries=(tagged("a"),), steps=chain(60))))
    assert len(parts) > 3
    assert all(lay_out(part.chart).height <= 1000 for part in parts)


def test_a_long_side_of_a_condition_becomes_a_part_of_its_own() -> None:
    parts = sheets(make_chart(Automation(name="A", steps=(If(test=has_tag("VIP"), then=chain(30)), *chain(1)))))
    assert [part.letter for part in parts][:2] == ["", "A"]
    assert parts[1].about == "Has tag? VIP: yes"
    assert sum(frame.box.id.startswith("s0/then") for part in parts for frame in lay_out(part.chart).frames) == 30


def test_every_step_is_on_exactly_one_sheet() -> None:
    for seed in range(10):
        chart = make_chart(random_automation(seed, 60))
        whole = sorted(frame.box.id for frame in lay_out(chart).frames)
        parts = [frame.box.id for sheet in sheets(chart) for frame in lay_out(sheet.chart).frames]
        assert sorted(box for box in parts if box[0] in "es" and not box.startswith("fold")) == [box for box in whole if box[0] in "es"]


def test_bytes_do_not_depend_on_the_hash_seed() -> None:
    program = (
        "from tests.render.draw.automations import random_automation\n"
        "from ckaudit.render.draw.svg import draw_svg\nfrom ckaudit.render.draw.mermaid import draw_mermaid\n"
        "import hashlib\na = random_automation(3, 40)\nprint(hashlib.sha256((draw_svg(a) + draw_mermaid(a)).encode()).hexdigest())"
    )
    root = Path(__file__).parents[3]
    runs = [
        subprocess.run(
            [sys.executable, "-c", program],
            check=False,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(root)},
            cwd=root,
            capture_output=True,
            text=True,
        )
        for seed in ("1", "2")
    ]
    assert runs[0].stdout == runs[1].stdout != "", runs[0].stderr
