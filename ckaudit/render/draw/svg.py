"""A drawing as SVG. Colours come from ``reports/draw.css``; without a style sheet the lines and words still show."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from html import escape
from itertools import pairwise

from ckaudit.model.automations import Automation
from ckaudit.render.draw.chart import Chart, Mark, Shape, make_chart
from ckaudit.render.draw.layout import (
    NAME_LINE,
    NOTE_LINE,
    PADDING,
    VERB_LINE,
    Drawing,
    Frame,
    Label,
    Wire,
    lay_out,
)
from ckaudit.render.plain import cut, plural
from ckaudit.resources import reports_folder

MAX_TITLE = 160
_SHAPES = {Shape.ENTRY: "Entry", Shape.ACTION: "Action", Shape.CONDITION: "Condition", Shape.EVENT: "Event", Shape.EXIT: "Action"}
# For readers that drop style sheets, mail programs among them: thin lines and words in the colour of the text, no black boxes.
BARE = 'fill="none" stroke="currentColor" stroke-width=".7"'
GROUND = ".flow { background: var(--ground); }"


def draw_svg(automation: Automation, *, marks: Mapping[str, Mark] | None = None) -> str:
    """A whole automation as one SVG file with its own style sheet, light and dark. Same automation, same bytes."""
    return svg(make_chart(automation, marks), style=draw_css() + GROUND) + "\n"


@lru_cache(maxsize=1)
def draw_css() -> str:
    """The style sheet of drawings."""
    return (reports_folder() / "draw.css").read_text(encoding="utf-8")


def svg(chart: Chart, *, style: str = "", about: str = "") -> str:
    """One chart as an SVG element. ``style`` goes into it when it is a file of its own; ``about`` is added to its name."""
    drawing = lay_out(chart)
    name = escape(cut(" ".join(part for part in (chart.title, about) if part), MAX_TITLE))
    marks = {frame.box.id: frame.box.mark for frame in drawing.frames if frame.box.mark}
    flagged = {(source, target) for source, target in _steps(marks)}
    space = ' xmlns="http://www.w3.org/2000/svg"' if style else ""
    head = (
        f'<svg{space} class="flow" role="group" width="{drawing.width}" height="{drawing.height}" '
        f'viewBox="0 0 {drawing.width} {drawing.height}" {BARE}>'
        f"<title>{name or 'The path'}</title><desc>{escape(_described(drawing, marks.values()))}</desc>"
    )
    parts = [head]
    if style:
        parts.append(f"<style>{style}</style>")
    parts += _wires(drawing.wires, flagged)
    parts += [_label(label) for label in drawing.labels]
    parts += [_frame(frame) for frame in drawing.frames]
    return "".join(parts) + "</svg>"


def _described(drawing: Drawing, marks: Collection[Mark]) -> str:
    text = plural(len(drawing.frames), "Flow chart with {n} box, from top to bottom.", "Flow chart with {n} boxes, from top to bottom.")
    if not marks:
        return text
    is_path = all(mark.is_step for mark in marks)
    many = "The flagged path has {n} boxes, numbered." if is_path else "{n} boxes are flagged with the numbers of what was found there."
    return text + " " + plural(len(marks), "{n} box is flagged.", many)


def _steps(marks: Mapping[str, Mark | None]) -> Iterable[tuple[str, str]]:
    """Boxes that follow each other on the flagged path."""
    ordered = sorted((mark.number, box) for box, mark in marks.items() if mark and mark.is_step)
    return [(first, second) for (one, first), (two, second) in pairwise(ordered) if two == one + 1]


def _wires(wires: tuple[Wire, ...], flagged: set[tuple[str, str]]) -> list[str]:
    plain = [wire for wire in wires if (wire.source, wire.target) not in flagged]
    strong = [wire for wire in wires if (wire.source, wire.target) in flagged]
    return [
        f'<path class="{name}" d="{"".join(dict.fromkeys(_line(wire) for wire in group))}"/>'
        f'<path class="{name} tip" d="{"".join(dict.fromkeys(_tip(wire) for wire in group))}"/>'
        for name, group in (("wire", plain), ("wire flagged", strong))
        if group
    ]


def _line(wire: Wire) -> str:
    (x, y), *rest = wire.points
    parts = [f"M{x} {y}"]
    for to_x, to_y in rest:
        parts.append(f"V{to_y}" if to_x == x else f"H{to_x}")
        x, y = to_x, to_y
    return "".join(parts)


def _tip(wire: Wire) -> str:
    x, y = wire.points[-1]
    return f"M{x} {y}l-4-7h8z"


def _label(label: Label) -> str:
    x, y = label.x - label.width // 2, label.y
    words = [_words("verb", label.x, y + 13 + VERB_LINE * number, line, middle=True) for number, line in enumerate(label.lines)]
    return f'<rect class="label" x="{x}" y="{y}" width="{label.width}" height="{label.height}" rx="9"/>{"".join(words)}'


def _words(kind: str, x: int, y: int, line: str, *, middle: bool = False) -> str:
    anchor = ' text-anchor="middle"' if middle else ""
    style = f' class="{kind}"' if kind else ""  # the name needs none: the commonest line, and reports are measured in megabytes
    return f'<text{style} x="{x}" y="{y}"{anchor}>{escape(line)}</text>'


def _frame(frame: Frame) -> str:
    box = frame.box
    classes = f"{box.shape}{' flagged' if box.mark else ''}{'' if frame.reached or box.shape is Shape.ENTRY else ' alone'}"
    title = f"<title>{escape(frame_name(frame))}</title>"
    return f'<g class="{classes}" role="img">{title}{_outline(frame)}{_lines(frame)}{_badge(frame)}</g>'


def frame_name(frame: Frame) -> str:
    """A box in words: what it is, what it says, and where it is on the flagged path."""
    box = frame.box
    kind = "" if box.shape in (Shape.PILL, Shape.OBJECT) else f"{_SHAPES[box.shape]}: "
    text = f"{box.verb} “{cut(box.name, MAX_TITLE)}”" if box.name else box.verb
    mark = ""
    if box.mark:
        mark = f"Number {box.mark.number} on the flagged path" if box.mark.is_step else f"Number {box.mark.number} was found here"
    notes = [cut(note, MAX_TITLE) for note in ((box.mark.note if box.mark else ""), box.note, mark) if note]
    return ". ".join([kind + text, *notes])


def _outline(frame: Frame) -> str:
    x, y, w, h = frame.x, frame.y, frame.width, frame.height
    match frame.box.shape:
        case Shape.CONDITION:
            return f'<path d="M{x} {y + h // 2}l14-{h // 2}h{w - 28}l14 {h // 2}l-14 {h - h // 2}h-{w - 28}z"/>'
        case Shape.EVENT:
            return f'<path d="M{x + 10} {y}h{w - 20}l10 10v{h - 20}l-10 10h-{w - 20}l-10-10v-{h - 20}z"/>'
        case _:
            round_ends = frame.box.shape in (Shape.ENTRY, Shape.PILL, Shape.EXIT)
            return f'<rect x="{x}" y="{y}" width="{w}" height="{h}" rx="{min(h // 2, 20) if round_ends else 6}"/>'


def _lines(frame: Frame) -> str:
    if frame.box.shape is Shape.PILL:
        return _words("verb", frame.x + frame.width // 2, frame.y + 19, frame.verb[0] if frame.verb else "", middle=True)
    x = frame.x + (18 if frame.box.shape in (Shape.CONDITION, Shape.EVENT, Shape.ENTRY) else 12)
    used = VERB_LINE * len(frame.verb) + NAME_LINE * len(frame.name) + (NOTE_LINE * len(frame.note) + 3 if frame.note else 0)
    y = frame.y + max(PADDING, (frame.height - used) // 2)
    parts = []
    for kind, lines, step, drop in (
        ("verb", frame.verb, VERB_LINE, 11),
        ("", frame.name, NAME_LINE, 13),
        ("note", frame.note, NOTE_LINE, 14),
    ):
        parts += [_words(kind, x, y + drop + step * number, line) for number, line in enumerate(lines)]
        y += step * len(lines)
    return "".join(parts)


def _badge(frame: Frame) -> str:
    if not frame.box.mark:
        return ""
    x, y = frame.x + 4, frame.y + 2
    number = _words("number", x, y + 4, str(frame.box.mark.number), middle=True)
    return f'<circle class="badge" cx="{x}" cy="{y}" r="10"/>{number}'
