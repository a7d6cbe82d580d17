"""Finds sequences that go by another clock than the account.

What it finds
-------------
A sequence plans its emails for an hour in its own time zone. This rule compares that zone with the account's, by what their clocks show
in winter and in summer: New York and Toronto are the same, New York and London are not. It looks at active sequences with a published
email that waits days, because only these follow the clock. When all such sequences share one other zone, it is probably the account that
is set wrongly, and that is one finding.

Why it matters
--------------
The email you planned for nine in the morning arrives at four. It lies under everything else when people get up, and the offer that ends
"tonight" ends in the afternoon.

How to fix it in Kit
--------------------
1. Open Send → Email Sequences and choose the sequence named in this finding.
2. Click Settings at the top right.
3. Choose the time zone you live by, look at the hour beside it, and save. What is already planned keeps its time.
4. If all sequences are right and the account is not: click your account's name at the top right, open Settings, and choose the time zone
   there.

When to ignore it
-----------------
The sequence is meant for readers in another part of the world.

Sources
-------
- Sending days, hour and zone of a sequence: https://help.kit.com/en/articles/2502629
- Emails that wait hours, and those sent at once, do not follow the hour: https://help.kit.com/en/articles/3317478
- API: `sequence.time_zone`, `sequence.send_hour`, `account.timezone.name` (`utc_offset` leaves out daylight saving and is not used)
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from zoneinfo import ZoneInfo

from ckaudit.rule import Finding, Graph, Kind, Need, NotEvaluatedError, Options, Rule, Sequence, Severity, Theme, Variant

RULE = Rule(
    code="CK412",
    name="sequence-time-zone-differs",
    title="A sequence goes by another clock than the account",
    passing="Every sequence goes by the account's clock",
    severity=Severity.WARNING,
    theme=Theme.SEQUENCES,
    needs=(Need.ACCOUNT, Need.SEQUENCES, Need.SEQUENCE_EMAILS),
    checks=Kind.SEQUENCE,
    effort_minutes=5,
    variants={
        "sequence": Variant("A sequence goes by another clock than the account"),
        "account": Variant(
            "The account goes by another clock than all its sequences",
            fix=(
                "Click your account's name at the top right and open Settings.",
                "Look at the time zone and choose the one you live by.",
                "If the account is right, open each sequence named in this finding, click Settings, and choose the zone there.",
            ),
        ),
    },
)

# From so many sequences on, all in one other zone, the account's zone is the odd one
ENOUGH = 3


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each sequence, or one for the account."""
    home = graph.zone
    if home is None:
        raise NotEvaluatedError("Kit's answer does not name the account's time zone in a known way", (Need.ACCOUNT,))
    year = graph.now.year
    clocked = [(sequence, zone) for sequence in graph.account.sequences if (zone := _clock(graph, sequence))]
    differing = [(sequence, zone) for sequence, zone in clocked if _offsets(zone, year) != _offsets(home, year)]
    shared = {_offsets(zone, year) for _, zone in differing}
    if len(differing) == len(clocked) >= ENOUGH and len(shared) == 1:
        yield _account(graph, home, differing)
    else:
        for sequence, zone in differing:
            yield _sequence(graph, home, sequence, zone)


def _offsets(zone: ZoneInfo, year: int) -> tuple[dt.timedelta | None, ...]:
    """How far it is ahead of UTC on 15 January and 15 July: equal pairs make equal clocks, whatever the names."""
    return tuple(dt.datetime(year, month, 15, 12, tzinfo=zone).utcoffset() for month in (1, 7))


def _clock(graph: Graph, sequence: Sequence) -> ZoneInfo | None:
    """The zone that decides when this sequence sends, None when it sends nothing by the clock or its zone is not known."""
    published = graph.lookup.published(sequence.key)
    by_day = any(email.delay_unit != "hours" and email.delay_seconds for email in published)
    return graph.zone_of(sequence) if by_day and sequence.active is not False else None


def _sequence(graph: Graph, home: ZoneInfo, sequence: Sequence, zone: ZoneInfo) -> Finding:
    return Finding(
        object=graph.object(sequence.key),
        message=f"“{sequence.name}” goes by the clock of {zone.key}, the account by that of {home.key}.{_example(graph, home, sequence, zone)}",
        variant="sequence",
        people=sequence.subscriber_count,
        cause=zone.key,
    )


def _account(graph: Graph, home: ZoneInfo, differing: list[tuple[Sequence, ZoneInfo]]) -> Finding:
    sequence, zone = differing[0]
    return Finding(
        object=graph.account_object,
        message=f"All {len(differing)} sequences that send by the clock go by that of {zone.key}, the account by that of {home.key}. Probably the "
        f"account's time zone is the one to change.{_example(graph, home, sequence, zone)}",
        variant="account",
        related=tuple(graph.object(item.key) for item, _ in differing),
    )


def _example(graph: Graph, home: ZoneInfo, sequence: Sequence, zone: ZoneInfo) -> str:
    if sequence.send_hour is None:
        return ""
    times = []
    for month in (1, 7):
        there = dt.datetime(graph.now.year, month, 15, sequence.send_hour % 24, tzinfo=zone)
        here = there.astimezone(home)
        day = {-1: " the day before", 1: " the day after"}.get((here.date() - there.date()).days, "")
        times.append(f"{here.hour}:{here.minute:02}{day}")
    at = times[0] if times[0] == times[1] else f"{times[0]} in January and {times[1]} in July"
    return f" An email planned for {sequence.send_hour}:00 goes out at {at} in the account's time."
