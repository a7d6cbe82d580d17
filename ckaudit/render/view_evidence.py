"""What timestamps show, as the report shows it: a timeline for each automation, and the page of links."""

from __future__ import annotations

import datetime as dt
import statistics
from collections.abc import Sequence

from ckaudit.kit.screens import RULES, VISUAL_AUTOMATIONS
from ckaudit.model.refs import ObjectRef
from ckaudit.model.result import Link, ObservedAutomation, ObservedStep, ObservedWeeks, Result
from ckaudit.render.coverage import is_list_given
from ckaudit.render.draw.links_svg import Arrow, groups, links_svg
from ckaudit.render.draw.timeline import gaps_svg, weeks_svg
from ckaudit.render.evidence_text import (
    FEW,
    MAX_NAME,
    by_status,
    explain_no_trace,
    format_confidence,
    format_delay,
    format_duration,
    format_planned,
    format_source,
    is_listed,
    link_sentence,
    local_date,
    pace,
    step_notes,
    step_sentence,
    stopped_sentence,
)
from ckaudit.render.plain import count, cut, plural
from ckaudit.render.view import Drawn, LinkGroup, LinkRow, LinksPage, Timeline, TimelineStep, Week
from ckaudit.render.view_findings import object_view
from ckaudit.render.vocabulary import format_date

MAX_LINKS = 200
MAX_SENTENCES = 5
MAX_DRAWN = 12
_GROUPS = {
    "observed": {
        "title": "Found, and in nobody’s list",
        "means": f"Your account does this, and the list of automations does not say so. In Kit, open {VISUAL_AUTOMATIONS} and {RULES}, and "
        "look for what starts with the first of the two. Then add it to the list, or switch it off if nobody needs it.",
        "caption": "Links that nobody declared, the most people first",
    },
    "declared": {
        "title": "In your list, but without a trace",
        "means": "The list of automations says this, and no timestamps of 20 people or more show it. Where many came and nobody went on, "
        "open the automation in Kit and see where people stop. Where few came, it is too early to say.",
        "caption": "What the list says and nobody was seen doing",
    },
    "both": {
        "title": "Found, and in your list",
        "means": "These work as your list of automations says, or follow from it over several steps. There is nothing to do.",
        "caption": "Links that are in the list of automations, the most people first",
    },
}


def timelines(result: Result) -> dict[int, Timeline]:
    """The timeline of each automation, by its number."""
    observed = result.observed
    return {item.number: _timeline(result, item) for item in observed.automations} if observed else {}


def _timeline(result: Result, item: ObservedAutomation) -> Timeline:
    name = cut(item.automation.name, MAX_NAME)
    drawn = item.weeks if item.weeks and item.people else None
    rows = _week_rows(drawn) if drawn else ()
    return Timeline(
        sentences=timeline_sentences(result, item),
        weeks=weeks_svg(drawn, f"People per week: {name}", _weeks_described(rows)) if drawn else None,
        rows=rows,
        has_lost=any(row.not_gone for row in rows),
        has_waiting=any(row.on_the_way for row in rows),
        steps=tuple(_step(step) for step in item.steps),
        notes=_notes(item),
    )


def timeline_sentences(result: Result, item: ObservedAutomation) -> tuple[str, ...]:
    """How many people came in, since when, and whether they still go on."""
    zone, since = result.account.time_zone, local_date(item.since, None)
    if not item.entries:
        return ("Kit keeps no timestamp of how people come in here, so nobody could be counted at the entry.",)
    if not item.people or item.last is None:
        return (f"Nobody {_entries(item, one=True)} since {since}.",)
    lines = [_came_in(item, since, zone)]
    if item.weeks and len(item.weeks.people) > 2 and item.people > 1:
        most = max(item.weeks.people)
        week = _mondays(item.weeks)[item.weeks.people.index(most)]
        usual = int(statistics.median(item.weeks.people))
        usually = f", {usual:,} in a usual one." if usual else ". In most weeks nobody did."
        lines.append(f"At most {most:,} came in one week (from {week}){usually}")
    return (*lines, *filter(None, [stopped_sentence(item, zone)]))


def _came_in(item: ObservedAutomation, since: str, zone: str | None) -> str:
    last = local_date(item.last or "", zone)
    if item.people == 1:
        return f"1 person {_entries(item, one=True)} since {since}, on {last}."
    return f"{item.people:,} people {_entries(item, one=False)} since {since}, the last of them on {last}."


def _entries(item: ObservedAutomation, *, one: bool) -> str:
    named = " or ".join(format_source(entry, one=one) for entry in item.entries[:4])
    return f"{named}…" if len(item.entries) > 4 else named


def _mondays(weeks: ObservedWeeks) -> tuple[str, ...]:
    try:
        first = dt.date.fromisoformat(weeks.first)
        return tuple(format_date((first + dt.timedelta(weeks=number)).isoformat()) for number in range(len(weeks.people)))
    except (ValueError, OverflowError):
        return tuple(cut(weeks.first, 40) for _ in weeks.people)


def _week_rows(weeks: ObservedWeeks) -> tuple[Week, ...]:
    rows = []
    for day, people, went_on, on_the_way in zip(_mondays(weeks), weeks.people, weeks.went_on, weeks.on_the_way, strict=False):
        rows.append(Week(day, people, went_on, people - went_on - on_the_way, on_the_way))
    return tuple(rows)


def _weeks_described(rows: Sequence[Week]) -> str:
    return "; ".join(f"{row.day}: {row.people:,}, went on: {row.went_on:,}" for row in rows if row.people)


def _step(step: ObservedStep) -> TimelineStep:
    planned = format_planned(step.planned_min, step.planned_max)
    mark = f"planned: {planned}" if planned else "planned: at once" if step.planned_max == 0 else ""
    name = f"How long it took: from {cut(step.source.name, MAX_NAME)} to {cut(step.target.name, MAX_NAME)}"
    kind = pace(step)
    drawing = gaps_svg(step, name, _gaps_described(step, mark), mark, pace=kind)
    return TimelineStep(
        sentence=step_sentence(step),
        notes=step_notes(step),
        svg=drawing if step.gaps else None,
        is_off=kind in ("early", "late") or (step.status != "observed" and not step.conditional and not step.bounded and _loses_many(step)),
    )


def _loses_many(step: ObservedStep) -> bool:
    left = step.people - step.went_on - step.not_mailed
    return left >= FEW and left >= 0.03 * step.people


def _gaps_described(step: ObservedStep, mark: str) -> str:
    parts = [
        f"{found.people:,} after {format_duration(found.seconds)} or more" if found.seconds else f"{found.people:,} at once"
        for found in step.gaps
    ]
    return "; ".join([*parts, *([mark] if mark else [])])


def _notes(item: ObservedAutomation) -> tuple[str, ...]:
    notes = []
    if item.at_once:
        one = "{n} person came with many others in one minute (an import or bulk work) and is left out."
        many = "{n} people came many in one minute (an import or bulk work) and are left out."
        notes.append(plural(item.at_once, one, many))
    if item.hidden:
        these = "it" if len(item.hidden) == 1 else "these"
        notes.append(f"{_names(item.hidden)}: something takes {these} off again, and who lost a tag left no trace of it.")
    if item.partial:
        notes.append(f"Not everybody was read who has {_names(item.partial)}. The numbers are at least this high.")
    if item.more_steps:
        is_in = "is" if item.more_steps == 1 else "are"
        notes.append(f"{count(item.more_steps, 'further step')} {is_in} in the data inside this file.")
    if item.entries and not item.steps:
        notes.append("No step of it leaves a timestamp that could be followed.")
    return tuple(notes)


def _names(items: Sequence[ObjectRef]) -> str:
    return ", ".join(f"“{cut(item.name, MAX_NAME)}”" for item in items[:6]) + ("…" if len(items) > 6 else "")


# -- links -----------------------------------------------------------------------------------------------------------------------


def links_page(result: Result) -> LinksPage | None:
    """The page of links; None when no timestamps were read."""
    if result.observed is None and not result.links:
        return None
    sorted_out = by_status(result.links)
    pictures, left_out = _pictures((*sorted_out.listed, *sorted_out.undeclared))
    return LinksPage(
        span=_span(result),
        found=sorted_out.found,
        is_list_given=is_list_given(result),
        pictures=pictures,
        not_drawn=left_out,
        groups=tuple(
            _group(key, links)
            for key, links in (("observed", sorted_out.undeclared), ("declared", sorted_out.missing), ("both", sorted_out.listed))
            if links
        ),
    )


def _span(result: Result) -> str:
    coverage, observed, zone = result.coverage.evidence, result.observed, result.account.time_zone
    if observed is None or not coverage.events:
        return ""
    until = local_date(observed.until, zone)
    if coverage.since is None:
        return f"Read were {coverage.events:,} timestamps, up to {until}."
    return f"Read were {coverage.events:,} timestamps, from {local_date(coverage.since, None)} to {until}."


def _group(key: str, links: Sequence[Link]) -> LinkGroup:
    sentences = tuple(words for link in links[:MAX_SENTENCES] if (words := link_sentence(link)))
    return LinkGroup(
        key=key,
        **_GROUPS[key],
        sentences=sentences if key != "both" else (),
        rows=tuple(_row(link) for link in links[:MAX_LINKS]),
        more=max(0, len(links) - MAX_LINKS),
    )


def _row(link: Link) -> LinkRow:
    return LinkRow(
        source=object_view(link.source),
        target=object_view(link.target),
        people=link.support or None,
        share=f"{link.share:.0%}" if link.support else "",
        when=_when(link),
        sure=format_confidence(link.confidence),
        known=_known(link),
        what="" if link.support else explain_no_trace(link),
    )


def _when(link: Link) -> str:
    delay = format_delay(link.delay_seconds, link.delay_p10, link.delay_p90).strip(", ")
    planned = format_planned(link.planned_seconds, link.planned_seconds)
    return "; ".join(part for part in (delay, f"planned {planned}" if planned else "") if part)


def _known(link: Link) -> str:
    if link.indirect:
        return "your list, over several steps"
    named = [
        f"{cut(cause.name, MAX_NAME)}, outside Kit" if cause.kind == "external" else f"“{cut(cause.name, MAX_NAME)}”"
        for cause in link.causes[:3]
    ]
    return ", ".join(named) + ("…" if len(link.causes) > 3 else "")


def _pictures(found: Sequence[Link]) -> tuple[tuple[Drawn, ...], int]:
    parts = groups(found)[:MAX_DRAWN]
    pictures = []
    for links in parts:
        arrows = [Arrow(link, _label(link), is_new=not is_listed(link)) for link in links]
        objects = {place for arrow in arrows for place in (arrow.source, arrow.target)}
        name = f"Links of {cut(links[0].source.name, MAX_NAME)} and {len(objects) - 1} others"
        edges = "; ".join(
            f"{cut(arrow.link.source.name, 80)} leads to {cut(arrow.link.target.name, 80)}: {arrow.label}" for arrow in arrows
        )
        pictures.append(Drawn(links_svg(arrows, name, f"{len(arrows)} links, from top to bottom. {edges}")))
    return tuple(pictures), len(found) - sum(len(links) for links in parts)


def _label(link: Link) -> str:
    time = format_duration(link.delay_seconds) if link.delay_seconds else "at once"
    return f"{link.support:,} · {time}"
