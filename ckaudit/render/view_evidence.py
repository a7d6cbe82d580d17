"""What was seen in the timestamps, as the report shows it: a strip for each automation, and the page of links."""

from __future__ import annotations

import datetime as dt
import statistics
from collections.abc import Sequence

from ckaudit.model.refs import ObjectRef
from ckaudit.model.result import Link, ObservedAutomation, ObservedStep, ObservedWeeks, Result
from ckaudit.render.draw.layers import Arrow, groups, links_svg
from ckaudit.render.draw.strips import gaps_svg, weeks_svg
from ckaudit.render.evidence_words import (
    FEW,
    LONGEST_NAME,
    by_status,
    is_list_given,
    is_listed,
    link_sentence,
    local_date,
    no_trace_words,
    pace,
    planned_words,
    source_words,
    step_notes,
    step_sentence,
    stopped_sentence,
    sure_words,
    time_words,
    when_words,
)
from ckaudit.render.plain import cut
from ckaudit.render.texts import Texts, date_words
from ckaudit.render.view import Drawn, LinkGroup, LinkRow, LinksPage, Strip, StripStep, Week
from ckaudit.render.view_findings import Source, object_view

MOST_LINKS = 200
MOST_SENTENCES = 5
MOST_DRAWN = 12


def strips(source: Source) -> dict[int, Strip]:
    """The strip of each automation, by its number."""
    seen = source.result.observed
    return {item.number: _strip(source, item) for item in seen.automations} if seen else {}


def _strip(source: Source, item: ObservedAutomation) -> Strip:
    texts = source.texts
    name = cut(item.automation.name, LONGEST_NAME)
    drawn = item.weeks if item.weeks and item.people else None
    rows = _week_rows(drawn, texts) if drawn else ()
    return Strip(
        sentences=strip_sentences(source.result, item, texts),
        weeks=weeks_svg(drawn, texts("seen.weeks_name", name=name), _weeks_described(rows, texts), texts) if drawn else None,
        rows=rows,
        has_lost=any(row.not_gone for row in rows),
        has_waiting=any(row.on_the_way for row in rows),
        steps=tuple(_step(step, texts) for step in item.steps),
        notes=_notes(item, texts),
    )


def strip_sentences(result: Result, item: ObservedAutomation, texts: Texts) -> tuple[str, ...]:
    """How many people came in, since when, and whether they still go on."""
    zone, since = result.account.time_zone, local_date(item.since, None, texts)
    if not item.entries:
        return (texts("seen.no_entry"),)
    if not item.people or item.last is None:
        return (texts("seen.nobody", ways=_ways(item, texts, one=True), since=since),)
    lines = [_came_in(item, since, zone, texts)]
    if item.weeks and len(item.weeks.people) > 2 and item.people > 1:
        most = max(item.weeks.people)
        week = _mondays(item.weeks, texts)[item.weeks.people.index(most)]
        usual = int(statistics.median(item.weeks.people))
        key = "seen.per_week" if usual else "seen.per_week_seldom"
        lines.append(texts(key, most=f"{most:,}", week=week, median=f"{usual:,}"))
    return (*lines, *filter(None, [stopped_sentence(item, zone, texts)]))


def _came_in(item: ObservedAutomation, since: str, zone: str | None, texts: Texts) -> str:
    key = "seen.came_in.one" if item.people == 1 else "seen.came_in.many"
    return texts(
        key, n=f"{item.people:,}", ways=_ways(item, texts, one=item.people == 1), since=since, last=local_date(item.last or "", zone, texts)
    )


def _ways(item: ObservedAutomation, texts: Texts, *, one: bool) -> str:
    named = texts("seen.or").join(source_words(entry, texts, one=one) for entry in item.entries[:4])
    return f"{named}…" if len(item.entries) > 4 else named


def _mondays(weeks: ObservedWeeks, texts: Texts) -> tuple[str, ...]:
    try:
        first = dt.date.fromisoformat(weeks.first)
        return tuple(date_words((first + dt.timedelta(weeks=number)).isoformat(), texts) for number in range(len(weeks.people)))
    except (ValueError, OverflowError):
        return tuple(cut(weeks.first, 40) for _ in weeks.people)


def _week_rows(weeks: ObservedWeeks, texts: Texts) -> tuple[Week, ...]:
    rows = []
    for day, people, went_on, way in zip(_mondays(weeks, texts), weeks.people, weeks.went_on, weeks.on_the_way, strict=False):
        rows.append(Week(day, people, went_on, people - went_on - way, way))
    return tuple(rows)


def _weeks_described(rows: Sequence[Week], texts: Texts) -> str:
    return "; ".join(f"{row.day}: {row.people:,}, {texts('seen.went_on').lower()}: {row.went_on:,}" for row in rows if row.people)


def _step(step: ObservedStep, texts: Texts) -> StripStep:
    planned = planned_words(step.planned_least, step.planned_greatest, texts)
    mark = texts("seen.planned", time=planned) if planned else texts("seen.planned_at_once") if step.planned_greatest == 0 else ""
    ends = {"source": cut(step.source.name, LONGEST_NAME), "target": cut(step.target.name, LONGEST_NAME)}
    kind = pace(step)
    drawing = gaps_svg(step, texts("seen.gaps_name", **ends), _gaps_described(step, mark, texts), mark, texts, pace=kind)
    return StripStep(
        sentence=step_sentence(step, texts),
        notes=step_notes(step, texts),
        svg=drawing if step.gaps else None,
        is_off=kind in ("early", "late") or (step.status != "observed" and not step.conditional and not step.bounded and _loses_many(step)),
    )


def _loses_many(step: ObservedStep) -> bool:
    left = step.people - step.went_on - step.not_mailed
    return left >= FEW and left >= 0.03 * step.people


def _gaps_described(step: ObservedStep, mark: str, texts: Texts) -> str:
    said = [
        texts("seen.gap_from", n=f"{found.people:,}", time=time_words(found.seconds, texts))
        if found.seconds
        else texts("seen.gap_at_once", n=f"{found.people:,}")
        for found in step.gaps
    ]
    return "; ".join([*said, *([mark] if mark else [])])


def _notes(item: ObservedAutomation, texts: Texts) -> tuple[str, ...]:
    notes = []
    if item.at_once:
        notes.append(texts.count("seen.imported", item.at_once))
    if item.hidden:
        notes.append(texts("seen.hidden_one" if len(item.hidden) == 1 else "seen.hidden", names=_names(item.hidden)))
    if item.partial:
        notes.append(texts("seen.list_partial", names=_names(item.partial)))
    if item.more_steps:
        notes.append(texts.count("seen.more_steps", item.more_steps))
    if item.entries and not item.steps:
        notes.append(texts("seen.not_seen"))
    return tuple(notes)


def _names(items: Sequence[ObjectRef]) -> str:
    return ", ".join(f"“{cut(item.name, LONGEST_NAME)}”" for item in items[:6]) + ("…" if len(items) > 6 else "")


# -- links -----------------------------------------------------------------------------------------------------------------------


def links_page(source: Source) -> LinksPage | None:
    """The page of links; None when no timestamps were read."""
    result, texts = source.result, source.texts
    if result.observed is None and not result.links:
        return None
    sorted_out = by_status(result.links)
    pictures, left_out = _pictures((*sorted_out.listed, *sorted_out.undeclared), texts)
    return LinksPage(
        how=tuple(texts(f"links.how_{number}") for number in (1, 2, 3, 4)),
        span=_span(result, texts),
        nothing="" if sorted_out.found else texts("links.nothing"),
        no_list="" if is_list_given(result) else texts("links.no_list"),
        pictures=pictures,
        not_drawn=left_out,
        groups=tuple(
            _group(key, links, texts)
            for key, links in (("observed", sorted_out.undeclared), ("declared", sorted_out.missing), ("both", sorted_out.listed))
            if links
        ),
    )


def _span(result: Result, texts: Texts) -> str:
    coverage, seen, zone = result.coverage.evidence, result.observed, result.account.time_zone
    if seen is None or not coverage.events:
        return ""
    until = local_date(seen.until, zone, texts)
    if coverage.since is None:
        return texts("links.whole", events=f"{coverage.events:,}", until=until)
    return texts("links.span", events=f"{coverage.events:,}", since=local_date(coverage.since, None, texts), until=until)


def _group(key: str, links: Sequence[Link], texts: Texts) -> LinkGroup:
    sentences = tuple(words for link in links[:MOST_SENTENCES] if (words := link_sentence(link, texts)))
    return LinkGroup(
        key=key,
        title=texts(f"links.{key}"),
        means=texts(f"links.{key}_means"),
        caption=texts(f"links.caption_{key}"),
        sentences=sentences if key != "both" else (),
        rows=tuple(_row(link, texts) for link in links[:MOST_LINKS]),
        more=max(0, len(links) - MOST_LINKS),
    )


def _row(link: Link, texts: Texts) -> LinkRow:
    return LinkRow(
        source=object_view(link.source, texts),
        target=object_view(link.target, texts),
        people=link.support or None,
        share=f"{link.share:.0%}" if link.support else "",
        when=_when(link, texts),
        sure=sure_words(link.confidence, texts),
        known=_known(link, texts),
        what="" if link.support else no_trace_words(link, texts),
    )


def _when(link: Link, texts: Texts) -> str:
    seen = when_words(link.delay_seconds, link.delay_p10, link.delay_p90, texts).strip(", ")
    planned = planned_words(link.planned_seconds, link.planned_seconds, texts)
    return "; ".join(part for part in (seen, texts("links.planned", time=planned) if planned else "") if part)


def _known(link: Link, texts: Texts) -> str:
    if link.indirect:
        return texts("links.over_steps")
    named = [
        texts("links.outside", name=cut(cause.name, LONGEST_NAME)) if cause.kind == "external" else f"“{cut(cause.name, LONGEST_NAME)}”"
        for cause in link.causes[:3]
    ]
    return ", ".join(named) + ("…" if len(link.causes) > 3 else "")


def _pictures(found: Sequence[Link], texts: Texts) -> tuple[tuple[Drawn, ...], int]:
    kinds = {kind: texts(f"kind.{kind}") for kind in ("form", "tag", "sequence")}
    parts = groups(found)[:MOST_DRAWN]
    pictures = []
    for links in parts:
        arrows = [Arrow(link, _label(link, texts), is_new=not is_listed(link)) for link in links]
        objects = {place for arrow in arrows for place in (arrow.source, arrow.target)}
        name = texts("links.name", name=cut(links[0].source.name, LONGEST_NAME), n=len(objects) - 1)
        edges = "; ".join(
            texts("links.edge", source=cut(arrow.link.source.name, 80), target=cut(arrow.link.target.name, 80), label=arrow.label)
            for arrow in arrows
        )
        pictures.append(Drawn(links_svg(arrows, kinds, name, f"{texts('links.desc', n=len(arrows))} {edges}")))
    return tuple(pictures), len(found) - sum(len(links) for links in parts)


def _label(link: Link, texts: Texts) -> str:
    time = time_words(link.delay_seconds, texts) if link.delay_seconds else texts("links.at_once")
    return f"{link.support:,} · {time}"
