"""A chart as Mermaid text, which forges draw in comments. Kit's colours by class, the flagged path by thick lines and numbers."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ckaudit.model.automations import Automation
from ckaudit.render.draw.chart import Chart, Mark, Shape, make_chart
from ckaudit.render.draw.layout import Wire, lay_out
from ckaudit.render.plain import cut

MAX_NAME = 60
_OUTLINES = {
    Shape.ENTRY: '(["{}"])',
    Shape.ACTION: '["{}"]',
    Shape.CONDITION: '{{{{"{}"}}}}',
    Shape.EVENT: '[/"{}"/]',
    Shape.EXIT: '(["{}"])',
    Shape.PILL: '(["{}"])',
    Shape.OBJECT: '["{}"]',
}
# Readable on a forge's light and dark page alike: own dark words on own light ground.
_CLASSES = (
    "classDef entry fill:#e3e8ee,stroke:#4a5a6a,color:#1d2630",
    "classDef action fill:#ece4fb,stroke:#6b3fc0,color:#1d2630",
    "classDef condition fill:#dcebfb,stroke:#1f65ad,color:#1d2630",
    "classDef event fill:#fdebd3,stroke:#a85a00,color:#1d2630",
    "classDef flagged stroke-width:4px",
)


def draw_mermaid(automation: Automation, *, marks: Mapping[str, Mark] | None = None) -> str:
    """A whole automation as Mermaid text. Ends in a newline."""
    return mermaid(make_chart(automation, marks))


def mermaid(chart: Chart) -> str:
    """A chart as Mermaid text. Ends in a newline."""
    drawing = lay_out(chart)
    numbers = {frame.box.id: f"n{number}" for number, frame in enumerate(drawing.frames)}
    marks = {frame.box.id: frame.box.mark.number for frame in drawing.frames if frame.box.mark}
    lines = ["flowchart TD"]
    for frame in drawing.frames:
        box = frame.box
        text = "<br>".join(escape(part) for part in (box.verb, box.name, box.mark.note if box.mark else "") if part)
        label = f"{box.mark.number}. {text}" if box.mark else text
        lines.append(f"  {numbers[box.id]}{_OUTLINES[box.shape].format(label)}")
    lines += list(dict.fromkeys(_edge(wire, numbers, marks) for wire in drawing.wires))
    lines += [f"  {line}" for line in _CLASSES]
    for shape in (Shape.ENTRY, Shape.ACTION, Shape.CONDITION, Shape.EVENT):
        members = [numbers[frame.box.id] for frame in drawing.frames if frame.box.shape is shape]
        lines += [f"  class {','.join(members)} {shape}"] if members else []
    lines += [f"  class {','.join(numbers[box] for box in marks)} flagged"] if marks else []
    return "\n".join(lines) + "\n"


def _edge(wire: Wire, numbers: Mapping[str, str], marks: Mapping[str, int]) -> str:
    flagged = wire.source in marks and wire.target in marks and marks[wire.target] == marks[wire.source] + 1
    label = {"": "", "none": "otherwise"}.get(wire.branch, wire.branch.removeprefix("path:"))
    name = f'|"{escape(label)}"|' if label else ""
    return f"  {numbers[wire.source]} {'==>' if flagged else '-->'}{name} {numbers[wire.target]}"


def escape(text: str) -> str:
    """Text that Mermaid and the forge's HTML around it take for nothing else: everything but letters, digits and plain marks as #code;."""
    return re.sub(r"[^\w\s.,:!?()/+–—…·€$%-]|_", lambda match: f"#{ord(match[0])};", cut(text, MAX_NAME))
