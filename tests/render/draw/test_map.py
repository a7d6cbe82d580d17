"""The map as a drawing: boxes that do not lie on each other, words that fit, names that cannot break out."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckaudit.model.account_map import AccountMap, MapBox, MapLine, MapPart, MapWire
from ckaudit.model.branding import Branding
from ckaudit.model.refs import ObjectRef
from ckaudit.render.account_map import render_map_html, render_map_svg
from ckaudit.render.draw.layered import in_rows, lay_out
from ckaudit.render.draw.map_svg import Flag, map_svg
from ckaudit.render.draw.widths import in_one_line, text_width
from ckaudit.render.view_map import map_notes, map_words

HOSTILE = "</text><script>alert(1)</script>\u202e & \"'"
CUSTOMER, RELEASE = ObjectRef("tag", "Customer", 1), ObjectRef("automation", "Release", 2)
PART = MapPart(
    title="“Course”",
    boxes=(MapBox(CUSTOMER, elsewhere=(2,)), MapBox(RELEASE, (MapLine("adds", ObjectRef("tag", "Access", 3)),), more=2)),
    wires=(MapWire(0, 1, "starts"),),
)


def svg_of(part: MapPart, **more: object) -> str:
    return str(map_svg(part, **{"links": {}, "flags": {}, **more}))  # type: ignore[arg-type]


@st.composite
def graphs(draw: st.DrawFn) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    sizes = draw(st.lists(st.tuples(st.integers(20, 240), st.integers(20, 200)), min_size=1, max_size=20))
    place = st.integers(0, len(sizes) - 1)
    arrows = draw(st.lists(st.tuples(place, place).filter(lambda ends: ends[0] != ends[1]), max_size=30, unique=True))
    return sizes, arrows


@given(graphs())
def test_no_two_boxes_lie_on_each_other_and_all_lie_inside(drawn: tuple[list[tuple[int, int]], list[tuple[int, int]]]) -> None:
    found = lay_out(*drawn)
    for number, one in enumerate(found.boxes):
        assert one.x >= 0
        assert one.y >= 0
        assert one.x + one.width <= found.width + 1
        assert one.y + one.height <= found.height
        for other in found.boxes[number + 1 :]:
            apart = one.x + one.width <= other.x + 0.01 or other.x + other.width <= one.x + 0.01
            assert apart or one.y + one.height <= other.y or other.y + other.height <= one.y


@given(graphs())
def test_arrows_without_a_cycle_all_point_down(drawn: tuple[list[tuple[int, int]], list[tuple[int, int]]]) -> None:
    sizes, arrows = drawn
    forward = [(source, target) for source, target in arrows if source < target]
    assert all(path[0].y < path[-1].y for path in lay_out(sizes, forward).paths)


def test_boxes_without_arrows_stand_in_rows() -> None:
    found = in_rows([(100, 50)] * 5, 4)
    assert [(spot.x, spot.layer) for spot in found.boxes] == [(8, 0), (132, 0), (256, 0), (380, 0), (8, 1)]


@given(st.text(max_size=60), st.integers(20, 300))
def test_one_line_fits_and_keeps_both_ends(text: str, width: int) -> None:
    line = in_one_line(text, 10, width)
    assert line == text or text_width(line, 10) <= width + 1


def test_what_is_left_out_is_the_middle() -> None:
    assert in_one_line("puts into “Coastal Light: module 2 is open”", 10, 150) == "puts into “…2 is open”"


def test_a_box_leads_where_its_object_stands() -> None:
    assert '<a href="#f-1"><g' in svg_of(PART, links={CUSTOMER: "#f-1"})


def test_findings_are_counted_on_their_box_and_marked_in_its_lines() -> None:
    drawn = svg_of(PART, flags={CUSTOMER: Flag(3, "error"), ObjectRef("tag", "Access", 3): Flag(1, "error")})
    assert "<title>Tag “Customer”. 3 findings</title>" in drawn
    assert 'class="line found"' in drawn


def test_where_else_an_object_stands_is_said() -> None:
    assert "also on map 2" in svg_of(PART)


def test_what_is_switched_off_is_said_in_words_too() -> None:
    assert "Automation, switched off" in svg_of(MapPart("x", (MapBox(RELEASE, live=False),)))


@pytest.mark.parametrize("kind", ["tag", "automation", "external", "webhook", "form", "rule", "sequence"])
def test_a_hostile_name_stays_text(kind: str) -> None:
    item = ObjectRef(kind, HOSTILE, 1)
    part = MapPart(HOSTILE, (MapBox(item, (MapLine(HOSTILE, item),)), MapBox(RELEASE)), (MapWire(0, 1, HOSTILE),), (HOSTILE,))
    for drawn in (render_map_svg(AccountMap((part,))), svg_of(part), render_map_html(AccountMap((part,)), HOSTILE, Branding())):
        assert "<script>alert" not in drawn
        assert "\u202e" not in drawn
    ET.fromstring(render_map_svg(AccountMap((part,))))


@pytest.mark.parametrize(
    "part",
    [
        '{"title": "x", "boxes": []}',
        '{"title": "x", "boxes": [[{"kind": "tag", "name": "a"}]], "wires": [[0, 1, "w"]]}',
    ],
)
def test_a_foreign_result_whose_arrows_lead_nowhere_is_refused(part: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=r"part of the map .* `\$.parts\[0\]`"):
        msgspec.json.decode(f'{{"parts": [{part}]}}', type=AccountMap)


def test_the_same_map_gives_the_same_bytes() -> None:
    assert render_map_svg(AccountMap((PART, PART))) == render_map_svg(AccountMap((PART, PART)))


def test_an_empty_map_says_what_to_do() -> None:
    assert "Describe the automations first" in render_map_html(AccountMap(), "", Branding())


def test_the_map_in_words_has_every_arrow_and_line() -> None:
    assert map_words(PART) == ("Automation “Release”: tag “Customer” starts it; adds “Access”; and 2 more.",)


def test_what_is_not_on_the_map_is_said() -> None:
    notes = map_notes(AccountMap((PART, PART, PART), more=1, undescribed=2), 2)
    assert len(notes) == 3
    assert notes[0] == "2 automations are not on the map: only their names are known."


def test_a_page_has_each_part_with_its_words() -> None:
    page = render_map_html(AccountMap((PART, PART)), "Ines", Branding())
    assert len(re.findall(r'id="map-\d"', page)) == 2
    assert page.count("This map in words") == 2
