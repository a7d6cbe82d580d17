"""Questions about a drawing that a careful eye would ask."""

from __future__ import annotations

from itertools import combinations, pairwise

from ckaudit.render.draw.layout import Drawing, Frame, Label, Point, Wire

Segment = tuple[Point, Point]


def overlapping(drawing: Drawing) -> list[tuple[str, str]]:
    """Boxes and labels that lie on each other."""
    things = [(frame.box.id, _area(frame)) for frame in drawing.frames]
    things += [(f"label {label.lines}", _label_area(label)) for label in drawing.labels]
    return [(one, two) for (one, a), (two, b) in combinations(things, 2) if a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]]


def _area(frame: Frame) -> tuple[int, int, int, int]:
    return frame.x, frame.y, frame.x + frame.width, frame.y + frame.height


def _label_area(label: Label) -> tuple[int, int, int, int]:
    left = label.x - label.width // 2
    return left, label.y, left + label.width, label.y + label.height


def segments(wire: Wire) -> list[Segment]:
    return list(pairwise(wire.points))


def through_boxes(drawing: Drawing) -> list[tuple[str, str, str]]:
    """Lines that run through the inside of a box."""
    found = []
    for wire in drawing.wires:
        for one, two in segments(wire):
            left, right, top, bottom = min(one[0], two[0]), max(one[0], two[0]), min(one[1], two[1]), max(one[1], two[1])
            for frame in drawing.frames:
                x1, y1, x2, y2 = _area(frame)
                if left < x2 and right > x1 and top < y2 and bottom > y1:
                    found.append((wire.source, wire.target, frame.box.id))
    return found


def crossings(drawing: Drawing) -> list[tuple[Point, str, str]]:
    """Points where one line runs straight across another: neither ends nor bends there."""
    across = []
    every = [(wire, part) for wire in drawing.wires for part in segments(wire)]
    level = [(wire, part) for wire, part in every if part[0][1] == part[1][1]]
    upright = [(wire, part) for wire, part in every if part[0][0] == part[1][0]]
    for one, ((x1, y), (x2, _)) in level:
        for two, ((x, y1), (_, y2)) in upright:
            if min(x1, x2) < x < max(x1, x2) and min(y1, y2) < y < max(y1, y2):
                across.append(((x, y), f"{one.source}>{one.target}", f"{two.source}>{two.target}"))
    return across


def slanted(drawing: Drawing) -> list[Segment]:
    """Parts of lines that are neither level nor upright."""
    return [part for wire in drawing.wires for part in segments(wire) if part[0][0] != part[1][0] and part[0][1] != part[1][1]]


def rising(drawing: Drawing) -> list[Segment]:
    """Parts of lines that go upwards."""
    return [part for wire in drawing.wires for part in segments(wire) if part[1][1] < part[0][1]]


def outside(drawing: Drawing) -> list[str]:
    """Boxes and corners of lines beyond the picture's edge."""
    boxes = [
        frame.box.id
        for frame in drawing.frames
        if not _inside(drawing, (frame.x, frame.y), (frame.x + frame.width, frame.y + frame.height))
    ]
    return boxes + [f"{wire.source}>{wire.target}" for wire in drawing.wires if not _inside(drawing, *wire.points)]


def _inside(drawing: Drawing, *points: Point) -> bool:
    return all(0 <= x <= drawing.width and 0 <= y <= drawing.height for x, y in points)
