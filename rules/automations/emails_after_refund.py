"""Finds emails for buyers that go on after a refund or a cancellation.

What it finds
-------------
An automation or a rule that starts with a purchase and puts people into a sequence which mails them a day or more later, while a tag says
who got the money back or cancelled, and nothing ends the emails then. What ends them: an event on that tag, a condition on it in front of
a sequence of less than a week, an exclusion of the sequence, anything that takes people out of the automation or the sequence, and an integration that
unsubscribes them. Purchases and refunds are known from offerings, from what integrations do ``on`` an event, and by tags with one
beginning, such as “Letter: paid” and “Letter: cancelled”. Automations that give access to a course are left to the rules about access.

Why it matters
--------------
Somebody asked for the money back, or left, and is told for weeks what to do next. That is the last thing they remember of you. Of a
subscription they go on getting what others pay for.

How to fix it in Kit
--------------------
1. Open Send → Email Sequences, choose the sequence named in this finding, and click Settings.
2. At “Exclude subscribers from this sequence” choose the tag of the refund or cancellation, and click Update Email Sequence. Whoever has
   the tag gets none of its emails any more, and nobody else notices.
3. Look whether the tag is taken off when somebody buys again: otherwise they get no emails either.

When to ignore it
-----------------
The emails are as good for those who left. It cannot see what a sequence says, refunds that no tag tells Kit of, and people a shop takes
out without the manifest saying so.

Sources
-------
- Exclusions hold “even if added by a rule or form”: https://help.kit.com/en/articles/2823560
- An event only sees people inside its own automation: https://help.kit.com/en/articles/2502670
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ckaudit.rule import (
    Cause,
    Confidence,
    Effect,
    Finding,
    Graph,
    Key,
    Kind,
    Need,
    Options,
    RoleName,
    Rule,
    Severity,
    Signal,
    Theme,
    TriggerKind,
    Variant,
    duration,
)

RULE = Rule(
    code="CK322",
    name="emails-after-refund",
    title="Emails for buyers go on after a refund",
    passing="Refunds and cancellations end the emails for buyers",
    severity=Severity.INFO,
    theme=Theme.AUTOMATIONS,
    confidence=Confidence.LIKELY,
    needs=(Need.AUTOMATIONS,),
    passes_with=(Need.SEGMENTS,),
    checks=Kind.AUTOMATION,
    effort_minutes=5,
    unseen="what takes people out leaves none",
    yields_to=("CK208", "CK203"),
    nothing="nothing mails buyers of something whose refund or cancellation a tag shows",
    variants={
        "days": Variant("Emails for buyers go on after a refund"),
        "months": Variant("What people pay for goes on after they have cancelled", severity=Severity.WARNING),
    },
)

DAY = 86400
WEEK = 7 * DAY
MONTH = 28 * DAY
_PAID = re.compile(r"\b(paid|paying|member|subscriber|active|bought|purchased?|customer|joined|buyer)s?\b")
_ENDED = re.compile(r"\b(refund(ed|s)?|revoked?|cancel(l?ed|s)?|cancellation|charge ?back|money back|ended|expired|left|quit)\b")
_NOT_YET = re.compile(r"\b(pending|asked|wants?|survey|saved|request(ed)?|will|almost|not|never)\b")

_OVER = (RoleName.PURCHASE, RoleName.REVOKE, RoleName.CANCEL)


class _Sale(NamedTuple):
    """What begins when somebody buys, and the tags that say it is over."""

    begins: Key
    ends: tuple[Key, ...]
    stated: bool
    recurring: bool


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each sequence that goes on."""
    seen: set[tuple[Key, str]] = set()
    for sale in _sales(graph):
        for cause in _mailed(graph, sale):
            late = _lasts(graph, cause)
            place = (cause.target, cause.object.name)
            if late >= DAY and place not in seen and not _ends(graph, sale, cause):
                seen.add(place)
                yield _finding(graph, sale, cause, late)


def judged(graph: Graph) -> Iterable[Key]:
    """The sequences that buyers are put into."""
    return list(dict.fromkeys(cause.target for sale in _sales(graph) for cause in _mailed(graph, sale)))


def _sales(graph: Graph) -> list[_Sale]:
    """What is bought and can be given back: stated, by what integrations do, and by the names of tags."""
    found: dict[Key, _Sale] = {}
    for item in graph.all_memberships:
        ends = tuple(key for key in item.keys(RoleName.REVOKE, RoleName.CANCEL) if _happens(graph, key))
        if ends and not item.is_free and item.refunds is not False:
            for key in item.keys(RoleName.PURCHASE, RoleName.PRODUCT):
                found.setdefault(key, _Sale(key, ends, item.declared(*_OVER), item.is_recurring))
    ended: dict[str, list[Key]] = {}
    for tag in graph.account.tags:
        family = _family(tag.name)
        if family and _says(_ENDED, tag.name) and not _says(_NOT_YET, tag.name) and _happens(graph, tag.key):
            ended.setdefault(family, []).append(tag.key)
    for tag in graph.account.tags:
        ends = tuple(ended.get(_family(tag.name), ()))
        if ends and tag.key not in ends and _says(_PAID, tag.name):
            found.setdefault(tag.key, _Sale(tag.key, ends, stated=False, recurring=True))
    return list(found.values())


def _says(pattern: re.Pattern[str], name: str) -> bool:
    return bool(pattern.search(re.sub(r"[\W_]+", " ", name).casefold()))


def _family(name: str) -> str:
    """The beginning that tags of one thing share: what stands before a colon, a dash or a bar."""
    head, mark, _ = re.sub(r" [-–—|/] ", ": ", name).partition(":")
    return head.strip().casefold() if mark else ""


def _happens(graph: Graph, tag: Key) -> bool:
    return bool(graph.causes.of(Effect.ADDS_TAG, tag)) or bool(graph.people(tag))


def _mailed(graph: Graph, sale: _Sale) -> list[Cause]:
    """What puts buyers into a sequence, in the automations and rules that the purchase itself starts."""
    kind = TriggerKind.PURCHASES if sale.begins.kind is Kind.PRODUCT else TriggerKind.TAG_ADDED
    special = graph.keys(RoleName.LOGIN_SEQUENCE, RoleName.MODULE_SEQUENCE, RoleName.PITCH_SEQUENCE, RoleName.DUNNING_SEQUENCE)
    found = []
    for item in graph.reactions.what_follows(Signal(sale.begins, kind)):
        cause = item.cause
        if cause.effect is Effect.ENROLS and len(item.way) == 1 and cause.flow not in graph.releases and cause.target not in special:
            found.append(cause)
    return found


def _lasts(graph: Graph, cause: Cause) -> int:
    """Seconds from the purchase until the last email of the sequence."""
    before = 0
    if cause.flow and cause.node:
        spans = [span for root in cause.flow.roots if (span := cause.flow.time_between(root, cause.node))]
        before = max((span.max_seconds for span in spans), default=0)
    return before + graph.lookup.timing(cause.target).planned


def _ends(graph: Graph, sale: _Sale, cause: Cause) -> bool:
    """True when something known ends these emails: perhaps for other reasons, but nobody can tell."""
    sequence = graph.lookup.sequence(cause.target)
    excluded = sequence.excluded_keys if sequence else ()
    if any(key in sale.ends or _may_hold(graph, key, sale.ends) for key in excluded) or graph.causes.of(Effect.UNENROLS, cause.target):
        return True
    leaving = [other for other in graph.causes.all if other.live and other.effect is Effect.UNSUBSCRIBES]
    if any(other.integration and other.integration.on and other.integration.on.ends_access for other in leaving):
        return True
    flow, node = cause.flow, cause.node
    if flow is None or node is None:
        return False
    # a condition looks once: in front of weeks of emails it ends little
    asked = node.seconds < WEEK and any(key in sale.ends for other in flow.before(node) for key in other.tests)
    return asked or bool(graph.causes.of(Effect.STOPS, flow.key)) or any(flow.listening_to(key) for key in sale.ends)


def _may_hold(graph: Graph, segment: Key, tags: tuple[Key, ...]) -> bool:
    """True for a segment of people with one of these tags, and for one of which nobody said what it is made of."""
    described = [item for item in graph.manifest.segments if item.segment.key == segment]
    return segment.kind is Kind.SEGMENT and (not described or any(key in item.sufficient for item in described for key in tags))


def _finding(graph: Graph, sale: _Sale, cause: Cause, late: int) -> Finding:
    named, begins, ends = graph.object(cause.target), graph.object(sale.begins), graph.object(sale.ends[0])
    months = late >= MONTH and sale.recurring and (sale.stated or graph.is_complete)
    harm = "Who got the money back, or has cancelled," + (" goes on getting what others pay for." if months else " still gets all of it.")
    return Finding(
        object=cause.object,
        message=f"“{cause.object.name}” starts with “{begins.name}” and mails “{named.name}” until {duration(late)} later, and “{ends.name}” ends "
        f"nothing of it. {harm}{graph.open_world_note}",
        variant="months" if months else "days",
        confidence=Confidence.LIKELY if sale.stated else Confidence.POSSIBLE,
        related=(named, ends, begins),
        path=(cause.path_step,),
        location=cause.location,
    )
