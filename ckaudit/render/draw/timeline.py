"""Small charts of what timestamps show: people per week, and how long it took on a time axis from seconds to months.

Colours come from ``reports/draw.css``; without a style sheet lines and words still show. Every word in a chart is escaped.
"""

from __future__ import annotations

import datetime as dt
import math
from html import escape

from markupsafe import Markup

from ckaudit.model.result import GAP_EDGES, ObservedStep, ObservedWeeks
from ckaudit.render.draw.widths import text_width
from ckaudit.render.vocabulary import month_name

WIDTH = 336
_LEFT = 28
_PITCH = 11.5
_SLOT = 14
_TICKS = ((0, "seconds"), (300, "5 min"), (3600, "1 h"), (86400, "1 day"), (604800, "1 week"))
# For readers that drop style sheets: thin lines and words, no black boxes.
_BARE = 'fill="none" stroke="currentColor" stroke-width=".7"'
_HEIGHT, _FOOT = 72, 18
_GAP_TOP, _GAP_HEIGHT, _GAP_FOOT = 16, 30, 16


def weeks_svg(weeks: ObservedWeeks, name: str, described: str) -> Markup:
    """One bar per week, with those who went on, those who did not, and those who still may on top of each other."""
    most = max(weeks.people, default=0)
    top, base = 8, 8 + _HEIGHT
    end = _LEFT + 4 + len(weeks.people) * _PITCH
    parts = [
        _head("weeks", WIDTH, base + _FOOT, name, described),
        f'<path class="axis" d="M{_LEFT} {base + 0.5}H{end:g}"/>',
    ]
    if most:
        parts.append(f'<path class="grid" d="M{_LEFT} {top + 0.5}H{end:g}"/>')
        parts += [_text(_LEFT - 4, top + 4, f"{most:,}", "end"), _text(_LEFT - 4, base + 4, "0", "end")]
    last_month = ""
    for number in range(len(weeks.people)):
        x = _LEFT + 2 + number * _PITCH
        parts += _bar(x, base, weeks, number, most)
        monday = _monday(weeks.first, number)
        month = month_name(monday)[:3] if monday else ""
        if month != last_month and (number == 0 or (monday and monday.day <= 7)):
            last_month = month
            parts += [f'<path class="axis" d="M{x} {base}v4"/>', _text(x, base + 15, month)]
    return Markup("".join(parts) + "</svg>")  # noqa: S704  _head and _text escape every word


def _bar(x: float, base: int, weeks: ObservedWeeks, number: int, most: int) -> list[str]:
    columns = (weeks.people, weeks.went_on, weeks.on_the_way)
    people, went_on, on_the_way = (column[number] if number < len(column) else 0 for column in columns)
    y, parts = float(base), []
    for kind, count in (("on", went_on), ("lost", people - went_on - on_the_way), ("way", on_the_way)):
        if count > 0 and most:
            height = max(count * _HEIGHT / most, 2.0)
            y -= height
            parts.append(f'<rect class="{kind}" x="{x:g}" y="{y:.1f}" width="9" height="{height:.1f}"/>')
    return parts


def _monday(first: str, number: int) -> dt.date | None:
    try:
        return dt.date.fromisoformat(first) + dt.timedelta(weeks=number)
    except (ValueError, OverflowError):
        return None


def gaps_svg(step: ObservedStep, name: str, described: str, planned: str, *, pace: str = "") -> Markup:
    """How the time from one timestamp to the next is spread, with the planned time marked."""
    most = max((found.people for found in step.gaps), default=0) or 1
    base = _GAP_TOP + _GAP_HEIGHT
    slots = len(GAP_EDGES)
    parts = [_head(f"gaps {pace}".strip(), WIDTH, base + _GAP_FOOT, name, described)]
    for found in step.gaps:
        if found.seconds in GAP_EDGES:
            height = max(found.people * _GAP_HEIGHT / most, 2.0)
            left = 7 + GAP_EDGES.index(found.seconds) * _SLOT
            parts.append(f'<rect class="on" x="{left}" y="{base - height:.1f}" width="{_SLOT - 2}" height="{height:.1f}"/>')
    parts.append(f'<path class="axis" d="M6 {base + 0.5}H{6 + slots * _SLOT}"/>')
    for seconds, label in _TICKS:
        x = position(seconds)
        parts.append(f'<path class="axis" d="M{x:g} {base}v4"/>')
        parts.append(_text(x, base + 14, label, "middle" if seconds else ""))
    if planned and step.planned_min is not None and step.planned_max is not None:
        parts += _plan(position(step.planned_min), position(step.planned_max), base, planned)
    return Markup("".join(parts) + "</svg>")  # noqa: S704  _head and _text escape every word


def _plan(low: float, high: float, base: int, words: str) -> list[str]:
    is_left = low > WIDTH / 2
    parts = [f'<path class="plan" d="M{low:.1f} 2V{base}"/>']
    if high > low + 1:
        parts.append(f'<rect class="plan span" x="{low:.1f}" y="2" width="{high - low:.1f}" height="{base - 2}"/>')
    room = low - 10 if is_left else WIDTH - low - 8
    shown = words if text_width(words, 11) <= room else ""
    return [*parts, _text(low - 4 if is_left else low + 4, 11, shown, "end" if is_left else "", "said")] if shown else parts


def position(seconds: int) -> float:
    """Where a time is on the axis: every bin of ``GAP_EDGES`` is as wide as another, inside it time runs by its logarithm."""
    number = max(index for index, edge in enumerate(GAP_EDGES) if edge <= max(seconds, 0))
    low = GAP_EDGES[number]
    if number + 1 == len(GAP_EDGES) or seconds <= low:
        part = 0.0
    elif low == 0:
        part = min(float(seconds), 1.0)
    else:
        part = math.log(seconds / low) / math.log(GAP_EDGES[number + 1] / low)
    return 6 + (number + part) * _SLOT


def _head(kind: str, width: int, height: int, name: str, described: str) -> str:
    return (
        f'<svg class="timeline {kind}" role="img" width="{width}" height="{height}" viewBox="0 0 {width} {height}" {_BARE}>'
        f"<title>{escape(name)}</title><desc>{escape(described)}</desc>"
    )


def _text(x: float, y: float, words: str, anchor: str = "", kind: str = "") -> str:
    style = f' class="{kind}"' if kind else ""
    at = f' text-anchor="{anchor}"' if anchor else ""
    return f'<text{style} x="{x:g}" y="{y:g}"{at}>{escape(words)}</text>'
