"""What timestamps show, in sentences that somebody who sells courses understands."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

from ckaudit.graph.zones import read_zone
from ckaudit.model.refs import ObjectRef
from ckaudit.model.result import Link, ObservedAutomation, ObservedStep
from ckaudit.render.plain import count, cut, plural
from ckaudit.render.vocabulary import format_date

MAX_NAME = 160
_AGAINST_THE_PLAN = {"early": "most people did not wait that long", "late": "most people waited longer"}
FEW = 3
"""So many people at least, in a row, before "nobody went on" is said."""
_UNITS = ((86400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))


class LinksByStatus(NamedTuple):
    """Links that were seen and are in the list (or follow from it, or come from outside Kit), seen ones nobody declared, and declared ones
    without a trace; each with the most people first."""

    listed: tuple[Link, ...]
    undeclared: tuple[Link, ...]
    missing: tuple[Link, ...]

    @property
    def found(self) -> int:
        """How many were seen."""
        return len(self.listed) + len(self.undeclared)


def by_status(links: Sequence[Link]) -> LinksByStatus:
    """The links of a result, sorted out."""
    ordered = sorted(links, key=lambda link: (-(link.support or link.source_people or 0), link.source.name, link.target.name))
    return LinksByStatus(
        tuple(link for link in ordered if link.support and is_listed(link)),
        tuple(link for link in ordered if link.support and not is_listed(link)),
        tuple(link for link in ordered if not link.support and not link.indirect),
    )


def is_listed(link: Link) -> bool:
    """True when something is known that does this."""
    return link.status == "both" or link.indirect or bool(link.causes)


def local_date(timestamp: str, zone: str | None) -> str:
    """The day of a moment (``2026-11-20T21:05:00Z``) on the account's clock, in words."""
    try:
        moment = dt.datetime.fromisoformat(timestamp).astimezone(read_zone(zone) or dt.UTC)
    except (ValueError, OverflowError):
        return format_date(timestamp)
    return format_date(moment.date().isoformat())


def format_duration(seconds: int) -> str:
    """A duration rounded for people, in the largest unit it has two of or almost exactly one: ``2 seconds``, ``27 hours``."""
    size, name = next((unit for unit in _UNITS if seconds >= 2 * unit[0] or abs(seconds - unit[0]) <= unit[0] // 20), _UNITS[-1])
    return count(max(round(seconds / size), 1 if seconds else 0), name)


def format_source(item: ObjectRef, *, one: bool = False) -> str:
    """``got the tag “Customer”``; ``one``: of nobody or one person."""
    if item.kind == "sequence":
        return f"{'was' if one else 'were'} put into the sequence “{cut(item.name, MAX_NAME)}”"
    return format_target(item)


def format_target(item: ObjectRef) -> str:
    """``came into the sequence “Welcome”``."""
    came = {"form": "joined the form", "sequence": "came into the sequence"}.get(item.kind, "got the tag")
    return f"{came} “{cut(item.name, MAX_NAME)}”"


def format_delay(median: int | None, p10: int | None, p90: int | None) -> str:
    """How long people took, as the end of a sentence: `` in the same second``, ``, nine in ten of them within 3 seconds``,
    ``, usually after 5 minutes``."""
    if median is None or p10 is None or p90 is None:
        return ""
    if p90 == 0:
        return " in the same second"
    if p90 < 60:
        return f", nine in ten of them within {format_duration(p90)}"
    if p90 - p10 <= max(60, median // 10):
        return f", usually after {format_duration(median)}"
    return f", usually after {format_duration(median or 1)}, nine in ten of them within {format_duration(p90)}"


def format_planned(low: int | None, high: int | None) -> str:
    """``5 minutes``, ``1 to 4 days``; empty when nobody can say or nothing is planned."""
    if low is None or high is None or not high:
        return ""
    if low == high:
        return format_duration(low)
    return f"{format_duration(low)} – {format_duration(high)}"


def pace(step: ObservedStep) -> str:
    """How the usual time compares with the planned one: ``early``, ``late``, ``planned`` or empty when nothing is planned or seen."""
    median, low, high = step.delay_seconds, step.planned_min, step.planned_max
    if median is None or low is None or high is None:
        return ""
    if median < low - max(60, low // 10):
        return "early"
    if median > high + max(3600, high // 2):
        return "late"
    return "planned" if high else ""


def step_sentence(step: ObservedStep) -> str:
    """Who went on from one timestamp to the next, and when."""
    source, target = format_source(step.source, one=step.people < 2), format_target(step.target)
    if not step.people:
        return f"Nobody {source}, so nobody could go on to “{cut(step.target.name, MAX_NAME)}”."
    if not step.went_on:
        if step.people == 1:
            return f"The only person who {source} did not go on: nobody {target}."
        return f"None of the {step.people:,} people who {source} {target}."
    when = format_delay(step.delay_seconds, step.delay_p10, step.delay_p90)
    if step.people == 1:
        return f"The only person who {source} {target}."
    return f"{step.went_on:,} of {step.people:,} people who {source} {target}{when}."


def step_notes(step: ObservedStep) -> tuple[str, ...]:
    """What else is to be said of a step: against the plan, who did not go on and why, who cannot be judged."""
    compared, notes = pace(step), []
    if compared:
        planned = format_planned(step.planned_min, step.planned_max)
        notes.append(
            f"That is as planned ({planned})." if compared == "planned" else f"Planned are {planned}: {_AGAINST_THE_PLAN[compared]}."
        )
    left = step.people - step.went_on
    if left and step.conditional:
        notes.append("There is a condition in between, so not everybody is meant to.")
    elif left and step.went_on:
        notes.append(f"{left:,} did not go on{', or had it before the time that was read' if step.bounded else ''}.")
    if step.not_mailed and not step.conditional:
        notes.append(plural(step.not_mailed, "{n} of them gets no mail from Kit any more.", "{n} of them get no mail from Kit any more."))
    if step.on_the_way:
        notes.append(f"{step.on_the_way:,} more came too recently to say.")
    if step.had_before:
        notes.append(plural(step.had_before, "{n} had it before and is left out.", "{n} had it before and are left out."))
    if step.partial and left:
        notes.append(f"At least: not everybody was read who has “{cut(step.target.name, MAX_NAME)}”.")
    return tuple(notes)


def stopped_sentence(item: ObservedAutomation, zone: str | None) -> str:
    """Since when nobody goes on; empty while somebody does."""
    if item.stuck < FEW:
        return ""
    if item.last_went_on is None:
        return "Nobody who came in went on."
    since = f"Since {local_date(item.last_went_on, zone)} nobody went on"
    if item.steps and all(step.bounded for step in item.steps):
        return f"{since} who had not been here before: {item.stuck:,} people came in after that."
    return f"{since}: {item.stuck:,} people came in after that and are still at the beginning."


def link_sentence(link: Link) -> str:
    """A link that was seen, as one sentence; empty for one that was not."""
    if not link.support or not link.share:
        return ""
    asked = round(link.support / link.share)
    source, target = format_source(link.source), format_target(link.target)
    when = format_delay(link.delay_seconds, link.delay_p10, link.delay_p90)
    if asked < 1000:  # the share has four digits: below this the number is exact
        return f"{link.support:,} of {asked:,} people who {source} {target}{when}."
    share = f"{link.share:.0%}".rstrip("%")
    return f"{link.support:,} people {target} after they {source}, {share}% of all who did{when}."


def explain_no_trace(link: Link) -> str:
    """Why a declared link may have no trace."""
    if link.source_people is None:
        return "It is not known how many got the first."
    if not link.source_people:
        return "Nobody got the first."
    if link.source_people < 20:
        return plural(link.source_people, "{n} person got the first: too few to say.", "{n} people got the first: too few to say.")
    return f"{link.source_people:,} people got the first, and this was not seen."


def format_confidence(confidence: float | None) -> str:
    """``sure (97 %)``, ``likely (84 %)``, ``maybe (71 %)``; never 100."""
    if confidence is None:
        return ""
    word = "sure" if confidence >= 0.9 else "likely" if confidence >= 0.8 else "maybe"
    return f"{word} ({min(99, int(confidence * 100))}%)"
