"""What timestamps show, in sentences that somebody who sells courses understands."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from typing import NamedTuple

from ckaudit.graph.zones import read_zone
from ckaudit.model.automations import Origin
from ckaudit.model.findings import NotEvaluated
from ckaudit.model.refs import ObjectRef
from ckaudit.model.result import Link, ObservedAutomation, ObservedStep, Result
from ckaudit.model.rules import Need
from ckaudit.render.plain import cut
from ckaudit.render.texts import Texts, date_words

LONGEST_NAME = 160
FEW = 3
"""So many people at least, in a row, before "nobody went on" is said."""
_UNITS = ((86400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))
_DRAFT = re.compile(r"Draft \d+: ")
_SOURCE = {"form": "seen.joined", "tag": "seen.got", "sequence": "seen.was_put"}
_TARGET = {"form": "seen.joined", "tag": "seen.got", "sequence": "seen.came_into"}


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


def is_list_given(result: Result) -> bool:
    """True when somebody stated automations: only then a link can be in nobody's list. A manifest may name courses alone."""
    is_stated = bool(result.coverage.manifest.files) or any(item.origin is Origin.DECLARED for item in result.automations)
    return is_stated and not any(str(Need.AUTOMATIONS) in item.needs for item in result.not_evaluated)


def drafts(result: Result) -> int:
    """How many automations still have the name that ``ckaudit discover --as manifest`` made up: nobody has corrected them."""
    return sum(item.origin is not Origin.OBSERVED and _DRAFT.match(item.name) is not None for item in result.automations)


def needs_a_list(item: NotEvaluated, result: Result) -> bool:
    """True when a rule could not be judged because nobody stated the automations."""
    return not {str(Need.AUTOMATIONS), str(Need.MANIFEST)}.isdisjoint(item.needs) and not is_list_given(result)


def local_date(timestamp: str, zone: str | None, texts: Texts) -> str:
    """The day of a moment (``2026-11-20T21:05:00Z``) on the account's clock, in words."""
    try:
        moment = dt.datetime.fromisoformat(timestamp).astimezone(read_zone(zone) or dt.UTC)
    except (ValueError, OverflowError):
        return date_words(timestamp, texts)
    return date_words(moment.date().isoformat(), texts)


def time_words(seconds: int, texts: Texts) -> str:
    """A duration rounded for people, in the largest unit it has two of or almost exactly one: ``2 seconds``, ``27 hours``."""
    size, name = next((unit for unit in _UNITS if seconds >= 2 * unit[0] or abs(seconds - unit[0]) <= unit[0] // 20), _UNITS[-1])
    return texts.count(f"time.{name}", max(round(seconds / size), 1 if seconds else 0))


def source_words(item: ObjectRef, texts: Texts, *, one: bool = False) -> str:
    """``got the tag “Customer”``; ``one``: of nobody or one person."""
    return texts(
        "seen.was_put_one" if one and item.kind == "sequence" else _SOURCE.get(item.kind, "seen.got"), name=cut(item.name, LONGEST_NAME)
    )


def target_words(item: ObjectRef, texts: Texts) -> str:
    """``came into the sequence “Welcome”``."""
    return texts(_TARGET.get(item.kind, "seen.got"), name=cut(item.name, LONGEST_NAME))


def when_words(median: int | None, p10: int | None, p90: int | None, texts: Texts) -> str:
    """How long people took, as the end of a sentence: `` in the same second``, ``, nine in ten of them within 3 seconds``,
    ``, usually after 5 minutes``."""
    if median is None or p10 is None or p90 is None:
        return ""
    if p90 == 0:
        return texts("seen.at_once")
    if p90 < 60:
        return texts("seen.within", time=time_words(p90, texts))
    if p90 - p10 <= max(60, median // 10):
        return texts("seen.after", time=time_words(median, texts))
    return texts("seen.after_span", time=time_words(median, texts) if median else time_words(1, texts), most=time_words(p90, texts))


def planned_words(least: int | None, greatest: int | None, texts: Texts) -> str:
    """``5 minutes``, ``1 to 4 days``; empty when nobody can say or nothing is planned."""
    if least is None or greatest is None or not greatest:
        return ""
    if least == greatest:
        return time_words(least, texts)
    return f"{time_words(least, texts)} – {time_words(greatest, texts)}"


def pace(step: ObservedStep) -> str:
    """How the usual time compares with the planned one: ``early``, ``late``, ``planned`` or empty when nothing is planned or seen."""
    median, least, greatest = step.delay_seconds, step.planned_least, step.planned_greatest
    if median is None or least is None or greatest is None:
        return ""
    if median < least - max(60, least // 10):
        return "early"
    if median > greatest + max(3600, greatest // 2):
        return "late"
    return "planned" if greatest else ""


def step_sentence(step: ObservedStep, texts: Texts) -> str:
    """Who went on from one timestamp to the next, and when."""
    source, target = source_words(step.source, texts, one=step.people < 2), target_words(step.target, texts)
    if not step.people:
        return texts("seen.step_nobody", source=source, target=cut(step.target.name, LONGEST_NAME))
    if not step.went_on:
        key = "seen.step_none" if step.people > 1 else "seen.step_none_one"
        return texts(key, people=f"{step.people:,}", source=source, target=target)
    when = when_words(step.delay_seconds, step.delay_p10, step.delay_p90, texts)
    if step.people == 1:
        return texts("seen.step_one", source=source, target=target, when="")
    return texts("seen.step", went_on=f"{step.went_on:,}", people=f"{step.people:,}", source=source, target=target, when=when)


def step_notes(step: ObservedStep, texts: Texts) -> tuple[str, ...]:
    """What else is to be said of a step: against the plan, who did not go on and why, who cannot be judged."""
    compared, notes = pace(step), []
    if compared:
        key = {"early": "seen.too_early", "late": "seen.too_late", "planned": "seen.as_planned"}[compared]
        notes.append(texts(key, time=planned_words(step.planned_least, step.planned_greatest, texts)))
    left = step.people - step.went_on
    if left and step.conditional:
        notes.append(texts("seen.conditional"))
    elif left and step.went_on:
        notes.append(texts.count("seen.left_or_before" if step.bounded else "seen.left", left))
    if step.not_mailed and not step.conditional:
        notes.append(texts.count("seen.not_mailed", step.not_mailed))
    if step.on_the_way:
        notes.append(texts.count("seen.waiting", step.on_the_way))
    if step.had_before:
        notes.append(texts.count("seen.had_before", step.had_before))
    if step.partial and left:
        notes.append(texts("seen.partial", target=cut(step.target.name, LONGEST_NAME)))
    return tuple(notes)


def stopped_sentence(item: ObservedAutomation, zone: str | None, texts: Texts) -> str:
    """Since when nobody goes on; empty while somebody does."""
    if item.stuck < FEW:
        return ""
    if item.last_went_on is None:
        return texts("seen.never")
    key = "seen.stopped_or_before" if item.steps and all(step.bounded for step in item.steps) else "seen.stopped"
    return texts(key, n=f"{item.stuck:,}", day=local_date(item.last_went_on, zone, texts))


def link_sentence(link: Link, texts: Texts) -> str:
    """A link that was seen, as one sentence; empty for one that was not."""
    if not link.support or not link.share:
        return ""
    asked = round(link.support / link.share)
    source, target = source_words(link.source, texts), target_words(link.target, texts)
    when = when_words(link.delay_seconds, link.delay_p10, link.delay_p90, texts)
    if asked < 1000:  # the share has four digits: below this the number is exact
        return texts("links.sentence", support=f"{link.support:,}", asked=f"{asked:,}", source=source, target=target, when=when)
    share = f"{link.share:.0%}".rstrip("%")
    return texts("links.sentence_share", support=f"{link.support:,}", share=share, source=source, target=target, when=when)


def no_trace_words(link: Link, texts: Texts) -> str:
    """Why a declared link may have no trace."""
    if link.source_people is None:
        return texts("links.unknown_came")
    if not link.source_people:
        return texts("links.nobody_came")
    if link.source_people < 20:
        return texts.count("links.few_came", link.source_people)
    return texts("links.many_came", n=f"{link.source_people:,}")


def sure_words(confidence: float | None, texts: Texts) -> str:
    """``sure (97 %)``, ``likely (84 %)``, ``maybe (71 %)``; never 100."""
    if confidence is None:
        return ""
    word = "sure" if confidence >= 0.9 else "likely" if confidence >= 0.8 else "maybe"
    return texts(f"links.{word}", n=min(99, int(confidence * 100)))
