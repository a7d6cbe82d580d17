"""Time zones by their IANA names. Data come from the system, else from the ``tzdata`` package (Windows and small images have none)."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]  # strftime would ask the machine's language


def read_zone(name: str | None) -> ZoneInfo | None:
    """The zone of this name, None when there is no such zone. Any text may be asked: names come from outside."""
    if not name:
        return None
    try:
        return ZoneInfo(name)
    except (ValueError, LookupError, OSError):  # no path, not there, a folder or too long
        return None


def local_day(when: dt.datetime, zone: ZoneInfo | None) -> dt.date:
    """The day it is in this zone at this moment; in UTC when the zone is not known."""
    try:
        return when.astimezone(zone or dt.UTC).date()
    except OverflowError:  # the first or the last day of the calendar: "0001-01-01" stands for "never" in some systems
        return when.date()


def spell_date(day: dt.date) -> str:
    """A day in words: ``4 December 2026``."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def spell_days(begin: dt.date, end: dt.date) -> str:
    """Two days in words: ``on 4 December 2026`` or ``between 1 November 2026 and 4 December 2026``."""
    return f"on {spell_date(begin)}" if begin == end else f"between {spell_date(begin)} and {spell_date(end)}"
