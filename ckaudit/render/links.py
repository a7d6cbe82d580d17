"""The links found in an account as a table and as a Mermaid chart."""

from __future__ import annotations

from collections.abc import Sequence

from ckaudit.graph.words import in_whole_units
from ckaudit.model.refs import ObjectRef
from ckaudit.model.result import EvidenceCoverage, Link
from ckaudit.render.draw.mermaid import escape
from ckaudit.render.plain import cut, wrap

_UNITS = ((86400, "day"), (3600, "hour"), (60, "minute"))
_OTHERS = 51
"""Columns that everything but the two names takes."""


HIDDEN = (
    "Not seen: a tag that was removed (its step is passed over), and all but one time of a tag that somebody got twice. Kit does not say "
    "who did it: an automation, a rule, a form or a tool outside Kit."
)
"""What the timestamps do not show, for whoever reads links."""


def render_links(links: Sequence[Link], coverage: EvidenceCoverage, *, width: int = 80) -> str:
    """A table with a row per link, in their order, at most ``width`` columns wide; below it what they were found in. Ends in a newline."""
    from tabulate import tabulate

    since = f" since {coverage.since[:10]}" if coverage.since else ""
    seen = f"{coverage.events} timestamp{'' if coverage.events == 1 else 's'}{since}"
    if not links:
        return f"No links were found in {seen}. A link needs at least 20 people who took it.\n"
    rows = [
        (
            _in_lines(link.source, (width - _OTHERS) // 2),
            _in_lines(link.target, (width - _OTHERS) // 2),
            str(link.support) if link.support else "-",
            f"{link.share:.0%}" if link.support else "-",
            format_delay(link),
            format_confidence(link),
            link.status,
        )
        for link in links
    ]
    hidden = "\n".join(wrap(HIDDEN, width))
    headers = ("from", "to", "people", "share", "delay", "sure", "status")
    align = ("left", "left", "right", "right", "left", "right", "left")
    return tabulate(rows, headers=headers, tablefmt="simple", disable_numparse=True, colalign=align) + f"\n\nFound in {seen}.\n{hidden}\n"


def _in_lines(item: ObjectRef, width: int) -> str:
    """``tag Customer`` in lines of at most so many columns."""
    return "\n".join(wrap(f"{item.kind} {cut(item.name)}", width))


def format_delay(link: Link) -> str:
    """The usual delay in words: ``at once``, ``5 minutes``, ``1 to 3 days``; ``-`` when none was seen."""
    if link.delay_seconds is None:
        return "-"
    low, high = link.delay_p10, link.delay_p90
    if low is None or high is None or high - low <= max(60, link.delay_seconds // 10):
        return in_whole_units(link.delay_seconds)[1]
    unit = next((unit for unit in _UNITS if high >= 2 * unit[0]), _UNITS[-1])
    first, last = low // unit[0], -(-high // unit[0])
    return f"{first} to {last} {unit[1]}s"


def format_confidence(link: Link) -> str:
    """The confidence as a whole percentage, never 100; ``-`` when there is none."""
    return "-" if link.confidence is None else f"{min(link.confidence, 0.99):.0%}"


def links_mermaid(links: Sequence[Link]) -> str:
    """The links as a Mermaid chart: observed ones as arrows with their delay, declared ones nobody was seen on as dotted arrows."""
    objects = dict.fromkeys(item for link in links for item in (link.source, link.target))
    number = {_place(item): f"n{index}" for index, item in enumerate(objects)}
    lines = ["flowchart LR", *(f'  {number[_place(item)]}["{item.kind}<br>{escape(item.name)}"]' for item in objects)]
    for link in links:
        source, target = number[_place(link.source)], number[_place(link.target)]
        if link.delay_seconds is None:
            lines.append(f"  {source} -.-> {target}")
        else:
            lines.append(f'  {source} -->|"{format_delay(link)}, {link.support} people"| {target}')
    return "\n".join(lines) + "\n"


def _place(item: ObjectRef) -> tuple[str, str, str]:
    return item.kind, str(item.id), item.name
