"""One account over time: a drawing of score and findings, and the same as a table. Points in, markup out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

import msgspec
from markupsafe import Markup

from ckaudit.model.trend import TrendPoint
from ckaudit.render.plain import cut
from ckaudit.render.vocabulary import format_date

MAX_POINTS = 60
"""Audits in a drawing and in its table; of one day the last one counts."""
WIDTH, TOP, SCORE, GAP, BARS, LEFT, RIGHT = 640, 14, 100, 30, 70, 34, 20
HEIGHT = TOP + SCORE + GAP + BARS + 22
SEVERITIES = ("error", "warning", "info")


class TrendRow(msgspec.Struct, frozen=True):
    """One audit in words. ``version`` is ckaudit's, where it differs from that of the audit before."""

    date: str
    score: int | None
    counts: tuple[int, int, int]
    suppressed: int
    judged: int
    version: str


class Trend(msgspec.Struct, frozen=True):
    """One account over time: a drawing, its description in one sentence, a table, and how many older audits are left out."""

    svg: Markup
    sentence: str
    rows: tuple[TrendRow, ...]
    more: int


def make_trend(points: Iterable[TrendPoint]) -> Trend | None:
    """The trend of two audits or more, None for fewer: one is no trend."""
    days = tuple({point.at[:10]: point for point in sorted(points, key=lambda point: point.at)}.values())
    shown = days[-MAX_POINTS:]
    if len(shown) < 2:
        return None
    sentence = trend_sentence(shown)
    return Trend(_draw(shown, sentence), sentence, _rows(shown), len(days) - len(shown))


def trend_sentence(points: Sequence[TrendPoint]) -> str:
    """``In 7 audits since 20 May 2026 the score went from 52 to 71, and urgent findings from 6 to 1.``"""
    first, last = points[0], points[-1]
    since, change = f"In {len(points):,} audits since {format_date(first.at)}", f"from {first.error:,} to {last.error:,}"
    if first.score is None or last.score is None:
        return f"{since} urgent findings went {change}."
    return f"{since} the score went from {first.score} to {last.score}, and urgent findings {change}."


def _rows(points: Sequence[TrendPoint]) -> tuple[TrendRow, ...]:
    """Newest first."""
    rows = []
    for before, point in zip((None, *points), points, strict=False):
        version = "" if before and before.version == point.version else cut(point.version, 20)
        counts = (point.error, point.warning, point.info)
        rows.append(TrendRow(format_date(point.at), point.score, counts, point.suppressed, point.judged, version))
    return tuple(reversed(rows))


def _draw(points: Sequence[TrendPoint], sentence: str) -> Markup:
    at = _places(points)
    parts = [
        Markup('<svg class="trend" viewBox="0 0 {} {}" width="{}" height="{}" role="img" aria-label="{}">').format(
            WIDTH, HEIGHT, WIDTH, HEIGHT, sentence
        ),
        *(_level(value) for value in (0, 50, 100)),
        *_scores(points, at),
        *_bars(points, at),
        *_dates(points, at),
        Markup("</svg>"),
    ]
    return Markup("").join(parts)


def _places(points: Sequence[TrendPoint]) -> list[float]:
    """Where each audit is drawn, from left to right, true to time; audits closer than a bar is wide move apart a little."""
    days = [_day(point) for point in points]
    span = max(days[-1] - days[0], 1)
    room = WIDTH - LEFT - RIGHT
    gap = min(room / max(len(points) - 1, 1), 9.0)
    places = [LEFT + room * (day - days[0]) / span for day in days]
    for index in range(1, len(places)):
        places[index] = max(places[index], places[index - 1] + gap)
    for index in range(len(places) - 1, -1, -1):
        places[index] = min(places[index], WIDTH - RIGHT - gap * (len(places) - 1 - index))
    return places


def _day(point: TrendPoint) -> int:
    try:
        return dt.date.fromisoformat(point.at[:10]).toordinal()
    except ValueError:
        return 0


def _height(score: int) -> float:
    return TOP + SCORE * (1 - max(0, min(score, 100)) / 100)


def _level(value: int) -> Markup:
    y = _height(value)
    line = Markup('<line class="level" x1="{}" x2="{}" y1="{:.1f}" y2="{:.1f}"/><text class="axis" x="{}" y="{:.1f}">{}</text>')
    return line.format(LEFT - 6, WIDTH - RIGHT + 6, y, y, LEFT - 10, y + 4, value)


def _scores(points: Sequence[TrendPoint], at: Sequence[float]) -> list[Markup]:
    known = [(x, _height(point.score), point.score) for x, point in zip(at, points, strict=True) if point.score is not None]
    if not known:
        return []
    line = Markup('<polyline class="score" points="{}"/>').format(" ".join(f"{x:.1f},{y:.1f}" for x, y, _ in known))
    dots = [Markup('<circle class="dot" cx="{:.1f}" cy="{:.1f}" r="3"/>').format(x, y) for x, y, _ in known]
    ends = [known[0], known[-1]] if len(known) > 1 else known
    labels = [
        Markup('<text class="value" x="{:.1f}" y="{:.1f}">{}</text>').format(x, y - 8 if y > TOP + 16 else y + 18, n) for x, y, n in ends
    ]
    return [line, *dots, *labels]


def _bars(points: Sequence[TrendPoint], at: Sequence[float]) -> list[Markup]:
    """Findings of each audit as one bar, the urgent ones at the foot."""
    most = max(point.error + point.warning + point.info for point in points) or 1
    foot = TOP + SCORE + GAP + BARS
    bars = []
    for x, point in zip(at, points, strict=True):
        y = float(foot)
        for severity in SEVERITIES:
            height = BARS * getattr(point, severity) / most
            y -= height
            if height:
                bars.append(
                    Markup('<rect class="{}" x="{:.1f}" y="{:.1f}" width="7" height="{:.1f}"/>').format(severity, x - 3.5, y, height)
                )
    base = Markup('<line class="level" x1="{}" x2="{}" y1="{}" y2="{}"/>').format(LEFT - 6, WIDTH - RIGHT + 6, foot, foot)
    top = Markup('<text class="axis" x="{}" y="{}">{}</text>').format(LEFT - 10, foot - BARS + 6, most)
    return [base, top, *bars]


def _dates(points: Sequence[TrendPoint], at: Sequence[float]) -> list[Markup]:
    """The first and the last day."""
    form = Markup('<text class="date {}" x="{:.1f}" y="{}">{}</text>')
    ends = (("first", at[0] - 6, points[0]), ("last", at[-1] + 6, points[-1]))
    return [form.format(side, x, HEIGHT - 4, format_date(point.at)) for side, x, point in ends]
