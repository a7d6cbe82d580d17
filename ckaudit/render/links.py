"""The links found in an account: chains from what starts them, as a table and as a Mermaid chart."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from ckaudit.graph.words import in_whole_units
from ckaudit.model.refs import ObjectRef
from ckaudit.model.result import EvidenceCoverage, Link, LooksLinked, WithoutCause
from ckaudit.render.draw.mermaid import escape
from ckaudit.render.plain import columns, cut, wrap

_UNITS = ((86400, "day"), (3600, "hour"), (60, "minute"))
_FIRST = "starts with, and leads to"
_HEADERS, _ALIGN = ("people", "share", "delay", "sure", "status"), ("right", "right", "left", "right", "left")
_SHARE, _STATUS = _HEADERS.index("share"), _HEADERS.index("status")
_NARROWEST = 16
"""Columns at least for names."""
_MANY_HOURS = 3 * 86400
"""From here on nobody thinks in hours."""
_DEEPEST = 6
"""Steps by which a chain is indented at most."""
AT_ONCE, SECONDS = 10, 120
"""Below ``AT_ONCE`` seconds it happened at once; up to ``SECONDS`` they are printed, for a hand takes 12 to 52 and a program does not."""

FEW = 0.5
"""Share of people who have a tag, within ``SECONDS``, below which it may have been taken off the others."""

HIDDEN = (
    "Not seen: a tag that was removed (its step is passed over), and all but one time of a tag that somebody got twice. Kit does not say "
    "who did it: an automation, a rule, a form or a tool outside Kit."
)
"""What the timestamps do not show, for whoever reads links."""
_ALIKE = "Regular, but probably no automation:"
_EMAILS = "Behind a sequence the delay counts from getting into it: its emails are part of it."
_WITHOUT = "With people, and no cause found (a purchase, a tool outside Kit, work by hand, or an automation whose trace is gone):"


def render_links(
    links: Sequence[Link],
    coverage: EvidenceCoverage,
    looks: Sequence[LooksLinked] = (),
    without: Sequence[WithoutCause] = (),
    *,
    width: int = 80,
    least: float = 0.0,
) -> str:
    """A table with a row per link, chain by chain, at most ``width`` columns wide; below it what looks like one, what has no cause, and in
    what it was found. ``least``: how sure the links are at least, where somebody asked. Ends in a newline."""
    sure = f" that are at least {least:.0%} sure" if least else ""
    none = f"No links{sure} were found in {_seen(coverage)}. A link needs at least 20 people who took it."
    parts = [[_table(links, width) if links else none]]
    if looks:
        parts.append([_ALIKE, *(line for look in looks for line in wrap(_alike(look), width, "  ", "      "))])
    if without:
        starts = {_place(link.source) for link in links}
        told = (_without(item) + (", starts a chain above" if _place(item.object) in starts else "") for item in without)
        parts.append([*wrap(_WITHOUT, width), *(line for text in told for line in wrap(text, width, "  ", "      "))])
    if links:
        emails = wrap(_EMAILS, width) if any(link.source.kind == "sequence" and link.support for link in links) else []
        parts.append([f"Found in {_seen(coverage)}.", *emails, *wrap(HIDDEN, width)])
    return "\n\n".join("\n".join(part) for part in parts) + "\n"


def _seen(coverage: EvidenceCoverage) -> str:
    since = f" since {coverage.since[:10]}" if coverage.since else ""
    return f"{coverage.events} timestamp{'' if coverage.events == 1 else 's'}{since}"


def _table(links: Sequence[Link], width: int) -> str:
    from tabulate import tabulate

    cells = {id(link): _cells(link) for link in links}
    shown = [place for place in range(len(_HEADERS)) if place < _STATUS or any(link.status != "observed" for link in links)]
    room = _room(shown, cells.values(), width)
    if room < _NARROWEST:
        shown.remove(_SHARE)
        room = max(_room(shown, cells.values(), width), _NARROWEST)
    step = "  " if room > 2 * _NARROWEST else " "
    rows = []
    for depth, item, link in chains(links):
        indent = step * min(depth, _DEEPEST)
        lines = wrap(f"{item.kind} “{cut(item.name, 200)}”", room, indent if link is None else f"{indent}→ ", indent + 2 * step)
        for more in () if link is None else _beside(link):
            lines += wrap(more, room, indent + 2 * step)
        rows.append(("\n".join(lines), *("" if link is None else cells[id(link)][place] for place in shown)))
    headers = [_FIRST if room > len(_FIRST) + 1 else "leads to", *(_HEADERS[place] for place in shown)]
    align = ["left", *(_ALIGN[place] for place in shown)]
    return tabulate(rows, headers=headers, tablefmt="simple", disable_numparse=True, colalign=align, preserve_whitespace=True)


def _room(shown: Sequence[int], cells: Iterable[Sequence[str]], width: int) -> int:
    """Columns that are left for names: the library makes every other one two wider than its header, and puts two between them."""
    rows = [_HEADERS, *cells]
    return width - sum(2 + max(len(_HEADERS[place]) + 2, *(columns(row[place]) for row in rows)) for place in shown)


def _cells(link: Link) -> tuple[str, str, str, str, str]:
    people, share = (str(link.support), f"{link.share:.0%}") if link.support else ("-", "-")
    return people, share, format_delay(link), format_confidence(link), link.status


def _beside(link: Link) -> Iterator[str]:
    """What is to be said of a link: the condition that its people meet, what may be its cause instead, and that few traces are left."""
    if link.condition:
        yield f"only with {named(link.condition)}"
    if link.rivals:
        yield "or after " + " or ".join(f"“{cut(rival.name, 30)}”" for rival in link.rivals)
    if leaves_few_traces(link):
        yield "few have it now: it may be taken off again"


def leaves_few_traces(link: Link) -> bool:
    """Whether so few people have a tag at once that it may be one that is taken off again, as webhook tags are."""
    return bool(link.support) and link.share < FEW and link.target.kind == "tag" and (link.delay_p90 or 0) <= SECONDS


def _alike(look: LooksLinked) -> str:
    delay = _delay(look.delay_seconds, look.delay_p10, look.delay_p90)
    return f"{named(look.source)} and {named(look.target)}: {look.why} ({look.support} people, {delay})"


def _without(item: WithoutCause) -> str:
    return f"{named(item.object)}: {item.people} people" + (f", {item.why}" if item.why else "")


def named(item: ObjectRef) -> str:
    """``tag “Customer”``."""
    return f"{item.kind} “{cut(item.name)}”"


def chains(links: Sequence[Link]) -> Iterator[tuple[int, ObjectRef, Link | None]]:
    """Every link once, after what starts its chain: how deep it is, its target, and the link; the start itself without one.

    What most people went through comes first; what several things lead to is followed where it comes first.
    """
    after: dict[tuple[str, str, str], list[Link]] = defaultdict(list)
    for link in sorted(links, key=lambda link: (link.delay_seconds or 0, -link.support)):
        after[_place(link.source)].append(link)
    reached = {_place(link.target) for link in links}
    most = {place: max(link.support for link in following) for place, following in after.items()}
    starts = {_place(link.source): link.source for link in links}
    done: set[tuple[str, str, str]] = set()
    for place in sorted(starts, key=lambda place: (place in reached, -most[place], place)):
        if place not in done:
            yield 0, starts[place], None
            yield from _below(place, 1, after, done)


def _below(
    start: tuple[str, str, str], depth: int, after: dict[tuple[str, str, str], list[Link]], done: set[tuple[str, str, str]]
) -> Iterator[tuple[int, ObjectRef, Link]]:
    """What follows, without recursion: a chain may be as long as the account."""
    done.add(start)
    todo = [(depth, link) for link in reversed(after[start])]
    while todo:
        at, link = todo.pop()
        yield at, link.target, link
        place = _place(link.target)
        if place not in done:
            done.add(place)
            todo += [(at + 1, following) for following in reversed(after.get(place, []))]


def format_delay(link: Link) -> str:
    """The usual delay in words: ``at once``, ``12 to 52 seconds``, ``5 minutes``, ``1 to 3 days``; ``-`` when none was seen."""
    if link.delay_seconds is None:
        return "-"
    return _delay(link.delay_seconds, link.delay_p10, link.delay_p90)


def _delay(median: int, low: int | None, high: int | None) -> str:
    if low is None or high is None:
        return in_whole_units(median)[1]
    if high < AT_ONCE:
        return "at once"
    if high <= SECONDS and median < 60:
        return f"{low} to {high} seconds" if high > low else f"{low} seconds"
    if high - low <= max(60, median // 10):
        found = in_whole_units(median)[1]
        return f"{median / 86400:.1f} days" if median > _MANY_HOURS and not found.endswith(("day", "days")) else found
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
