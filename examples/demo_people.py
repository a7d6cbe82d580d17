"""The people of the demo account: who got which form, tag and sequence, and when. Simulated, so nobody is in it.

They live by the automations of ``demo/automations.yaml`` and by what went wrong on top of them (``demo/README.md`` tells it):

- on 5 November the site was down for an evening, and nine requests for the replay never became a login;
- on 20 November, after the list of automations was typed, "Coastal Light - release" was paused and forgotten;
- an automation of last year, missing in the list, gives "Workshop: invited" to whoever did not come, a day later.

The same input gives the same timestamps on every machine: the only dice are ``random.Random.random``.
"""

from __future__ import annotations

import datetime as dt
import math
import random

from ckaudit.model.account import Account, SectionStatus
from ckaudit.model.events import ObjectKind, make_events
from ckaudit.model.evidence import Evidence, ListRead
from ckaudit.model.holders import PersonState
from ckaudit.model.refs import Key, Kind

MINUTE, HOUR, DAY = 60, 3600, 86400
CODES = {code.kind: code for code in ObjectKind}
DAYS = 180


def at(text: str) -> int:
    """``2026-11-20 17:05`` (UTC) as a Unix second."""
    return int(dt.datetime.fromisoformat(f"{text}+00:00").timestamp())


NOW = at("2026-11-24 08:20")
HELD = at("2026-06-21 16:40")  # “Stay in the sequence” was switched on: module 4 comes no more
PAUSED = at("2026-11-20 17:05")
DOWN = (at("2026-11-05 20:00"), at("2026-11-05 22:30"))
WORKSHOPS = tuple(
    at(f"{day} 19:00")
    for day in (
        *("2025-06-12", "2025-07-10", "2025-09-04", "2025-10-02", "2025-11-06", "2025-12-04", "2026-01-15", "2026-02-05"),
        *("2026-03-05", "2026-04-02", "2026-05-07", "2026-06-04", "2026-07-09", "2026-09-03", "2026-10-01", "2026-11-05"),
    )
)
# doors of Coastal Light: first day, days, buyers
DOORS = (("2025-03-03", 7, 24), ("2025-09-08", 7, 28), ("2026-03-02", 7, 26), ("2026-07-06", 7, 62), ("2026-10-26", 7, 88))


class People:
    """Collects timestamps. ``dice`` decides everything; people are numbers."""

    def __init__(self, account: Account, seed: int) -> None:
        self.dice = random.Random(seed)  # noqa: S311  no secret hangs on it
        self.ids = {
            (kind, item.name): item.id
            for kind, items in ((Kind.FORM, account.forms), (Kind.TAG, account.tags), (Kind.SEQUENCE, account.sequences))
            for item in items
        }
        self.timestamps: dict[tuple[int, Kind, str], int] = {}
        self.states: dict[int, PersonState] = {}
        self.count = 0

    def person(self) -> int:
        """Somebody new."""
        self.count += 1
        return self.count

    def chance(self, share: float) -> bool:
        """True as often as this."""
        return self.dice.random() < share

    def between(self, low: float, high: float) -> int:
        """A whole number of seconds."""
        return int(low + (high - low) * self.dice.random())

    def soon(self, second: int) -> int:
        """A moment later: how long Kit takes for a step."""
        return second + int(-1.1 * math.log(1 - self.dice.random()))

    def waited(self, second: int, wait: int) -> int:
        """After a delay, which Kit looks at about once a minute."""
        return second + wait + self.between(0, 40)

    def daytime(self, day: int) -> int:
        """A moment of this day at which people of the East Coast are awake."""
        return day - day % DAY + self.between(12 * HOUR, 27 * HOUR)

    def tag(self, who: int, name: str, second: int) -> int:
        """Give a tag; what lies in the future has not happened."""
        return self._give(who, Kind.TAG, name, second)

    def sequence(self, who: int, name: str, second: int) -> int:
        """Put into a sequence."""
        return self._give(who, Kind.SEQUENCE, name, second)

    def form(self, who: int, name: str, second: int) -> int:
        """Join a form."""
        return self._give(who, Kind.FORM, name, second)

    def _give(self, who: int, kind: Kind, name: str, second: int) -> int:
        if second <= NOW:
            self.timestamps.setdefault((who, kind, name), second)
        return second


def coastal_light(people: People) -> None:
    """318 buyers, in rushes while the doors were open and a few in between; the newest eight found a paused automation."""
    times = [people.daytime(at(f"{first} 00:00") + people.between(0, days * DAY)) for first, days, count in DOORS for _ in range(count)]
    quiet = (("2025-02-20", "2026-06-05", 26), ("2026-06-08", "2026-11-08", 39))
    times += [people.daytime(people.between(at(f"{begin} 00:00"), at(f"{end} 00:00"))) for begin, end, count in quiet for _ in range(count)]
    times += [people.daytime(people.between(at("2026-11-10 00:00"), at("2026-11-16 00:00"))) for _ in range(14)]
    times += [people.between(at("2026-11-17 13:00"), PAUSED - HOUR) for _ in range(9)]
    times += [people.between(PAUSED + HOUR, at("2026-11-22 23:00")) for _ in range(8)]
    for number, second in enumerate(sorted(times)):
        who = people.person()
        people.tag(who, "Coastal Light: checkout started", second - people.between(2 * MINUTE, 25 * MINUTE))
        people.tag(who, "Coastal Light: purchased", second)
        if number in range(12, 84, 12):
            people.states[who] = PersonState.CANCELLED
        if second < PAUSED:
            _released(people, who, second)
        if second < at("2026-10-01 00:00") and number % 17 == 6:
            people.tag(who, "Coastal Light: revoke access", second + people.between(2 * DAY, 20 * DAY))
    for _ in range(293):  # who thought better of it at the counter
        people.tag(people.person(), "Coastal Light: checkout started", people.between(at("2025-02-20 00:00"), NOW - DAY))


def _released(people: People, who: int, second: int) -> None:
    step = people.soon(second)
    for name in ("Customer", "Coastal Light: access", "Coastal Light: module 1"):
        step = people.soon(people.tag(who, name, step))
    step = people.waited(step, 5 * MINUTE)
    people.sequence(who, "Coastal Light: welcome", step)
    for number in (2, 3, 4):
        step = people.waited(step, 7 * DAY)
        if number == 4 and step > HELD:
            return
        people.tag(who, f"Coastal Light: module {number}", step)
        step = people.waited(step, 5 * MINUTE)
        people.sequence(who, f"Coastal Light: module {number} is open", step)
    people.tag(who, "Coastal Light: finished", people.soon(step))
    if people.chance(0.95):
        step = people.waited(step, 3 * DAY)
        people.sequence(who, "Studio Circle: invitation", people.soon(people.tag(who, "Studio Circle: invited", step)))


def studio_circle(people: People) -> None:
    """129 members, the founding ones in January; the login email goes out seconds after the purchase."""
    invited = sorted(who for who, _, name in people.timestamps if name == "Studio Circle: invited" and who not in people.states)
    founders = [people.between(at("2026-01-23 15:00"), at("2026-01-30 22:00")) for _ in range(40)]
    later = [people.daytime(people.between(at("2026-02-05 00:00"), at("2026-11-21 00:00"))) for _ in range(89)]
    for number, second in enumerate([*founders, *sorted(later)]):
        who = invited[number % len(invited)] if number > 40 and number % 4 == 0 and second > at("2026-07-05 00:00") else people.person()
        people.tag(who, "Studio Circle: checkout started", second - people.between(2 * MINUTE, 15 * MINUTE))
        people.tag(who, "Studio Circle: purchased", second)
        if number < 40:
            people.tag(who, "Studio Circle: founding member", second)
        step = people.soon(people.tag(who, "Customer", people.soon(second)))
        step = people.soon(people.tag(who, "Studio Circle: access", step))
        step = people.sequence(who, "Studio Circle: welcome", people.soon(step + 1))
        if number < 38:
            people.tag(who, "VIP", people.waited(step, 5 * MINUTE))
        _left_or_failed(people, who, number, second)
    for _ in range(172):
        people.tag(people.person(), "Studio Circle: checkout started", people.between(at("2026-01-23 15:00"), NOW - DAY))


def _left_or_failed(people: People, who: int, number: int, second: int) -> None:
    if number < 93 and number % 3 == 0:
        gone = people.tag(who, "Studio Circle: cancelled", second + people.between(20 * DAY, 29 * DAY))
        people.tag(who, "Studio Circle: former member", people.soon(gone))
        if number % 21:
            people.tag(who, "Studio Circle: revoke access", people.waited(gone, 1 * DAY))
    elif number in (4, 16, 28, 40, 52, 64, 76):
        people.tag(who, "Studio Circle: paused", second + people.between(10 * DAY, 40 * DAY))
    elif number in (7, 31, 47, 59, 74, 83, 95, 101, 107):
        failed = at("2026-09-17 09:00") + number * 14 * HOUR + people.between(0, 6 * HOUR)
        people.sequence(who, "Studio Circle: payment failed", people.soon(people.tag(who, "Studio Circle: payment failed", failed)))


def workshops(people: People) -> None:
    """Once a month: registration, two days later the parting into those who came and those who did not, and the replay."""
    replays = _parts(394, len(WORKSHOPS))
    for number, live in enumerate(WORKSHOPS):
        seats = replays[number] * 4 if live > NOW - DAYS * DAY else replays[number]
        for seat in range(seats):
            who = people.person()
            joined = live - people.between(30 * MINUTE, 2.6 * DAY) if people.chance(0.85) else live - people.between(3 * DAY, 9 * DAY)
            _registered(people, who, joined, live if people.chance(0.42) else None)
            if seat < replays[number]:
                _replayed(
                    people, who, live + people.between(75 * MINUTE, 28 * HOUR) if seat % 3 else live + people.between(65 * MINUTE, 4 * HOUR)
                )


def _parts(whole: int, count: int) -> list[int]:
    return [whole * (number + 1) // count - whole * number // count for number in range(count)]


def launch_list(people: People) -> None:
    """Who joins the waiting list by its own form, most of them shortly before the doors open."""
    for opening, count in (("2026-07-06 12:00", 34), ("2026-10-26 12:00", 71)):
        for _ in range(count):
            second = at(opening) - people.between(0, 5 * DAY) - people.between(0, 9 * DAY)
            who = people.person()
            _waits_for_launch(people, who, people.soon(people.form(who, "Coastal Light waitlist", second)))


def _registered(people: People, who: int, joined: int, live: int | None) -> None:
    people.form(who, "Workshop registration 🌊", joined)
    step = people.sequence(who, "Workshop: reminders", people.soon(people.soon(joined)))
    if live is not None:
        people.tag(who, "Workshop: attended", live + people.between(0, 12 * MINUTE))
    step = people.waited(step, 22 * HOUR + 2 * DAY)
    came = live is not None and live < step
    if came:
        _waits_for_launch(people, who, step)
    else:
        step = people.waited(people.tag(who, "Workshop: no-show", step), 1 * DAY)
        people.tag(who, "Workshop: invited", step)


def _waits_for_launch(people: People, who: int, second: int) -> None:
    people.sequence(who, "Coastal Light: launch", people.soon(people.tag(who, "Coastal Light: waitlist", second)))


def _replayed(people: People, who: int, asked: int) -> None:
    people.tag(who, "Workshop: replay requested", asked)
    step = people.soon(people.tag(who, "Workshop: replay access", people.soon(asked)))
    if DOWN[0] < step < DOWN[1]:
        people.tag(who, "AA: create login", step)
    step = people.sequence(who, "Workshop: replay room", people.waited(step, 5 * MINUTE))
    _waits_for_launch(people, who, people.waited(step, 3 * DAY))


def readers(people: People) -> None:
    """The palette guide, the letters, and the automation that nobody typed."""
    begin = NOW - (DAYS + 12) * DAY
    for _ in range(560):
        who, second = people.person(), people.daytime(people.between(begin, NOW - DAY))
        people.form(who, "Palette guide", second)
        step = people.soon(people.tag(who, "Palette guide: requested", people.soon(second)))
        people.sequence(who, "Palette guide: five days of colour", step)
        if people.chance(0.64):
            step = people.waited(step, 3 * DAY)
            people.tag(who, "Palette guide: finished", people.soon(step))  # by a rule, the letters by the automation: in no promised order
            _letters(people, who, people.soon(step))
    for _ in range(240):
        who, second = people.person(), people.daytime(people.between(begin, NOW - DAY))
        _letters(people, who, people.soon(people.form(who, "Newsletter footer", second)))


def _letters(people: People, who: int, second: int) -> None:
    step = people.sequence(who, "Low Tide Letters: welcome", people.soon(people.tag(who, "Newsletter: subscribed", second)))
    for name, share in (("landscapes", 0.24), ("still life", 0.1), ("urban sketching 🏙️", 0.09)):
        if people.chance(share):
            people.tag(who, f"Interest: {name}", step + people.between(5 * MINUTE, 60 * HOUR))
    if people.chance(0.03):
        people.states[who] = PersonState.CANCELLED


def leftovers(people: People) -> None:
    """Old failed calls, and what Ines did by hand."""
    buyers = sorted(who for who, _, name in people.timestamps if name == "Coastal Light: module 2")
    for who in buyers[40:44]:
        people.tag(who, "AA: create login", people.timestamps[who, Kind.TAG, "Coastal Light: purchased"] + 9)
    for who in buyers[50:52]:
        people.tag(who, "AA: update user", people.timestamps[who, Kind.TAG, "Coastal Light: module 2"] + 1)
    for number, who in enumerate(buyers[100:163]):
        people.tag(who, "Retreat 2027: interested", at("2026-08-30 17:31") + number // 3)


def evidence(account: Account, whole: frozenset[Key], seed: int = 20261124) -> Evidence:
    """What `ckaudit pull` reads of these people: the lists in ``whole`` from the beginning, the others of the last 180 days."""
    people = People(account, seed)
    for live in (coastal_light, studio_circle, workshops, launch_list, readers, leftovers):
        live(people)
    day = NOW - NOW % DAY
    since = day - DAYS * DAY
    rows = [
        (who, int(CODES[kind]), people.ids[kind, name], second, int(people.states.get(who, PersonState.ACTIVE)))
        for (who, kind, name), second in people.timestamps.items()
        if second >= since or Key(kind, people.ids[kind, name]) in whole
    ]
    keys = sorted((Key(kind, number) for (kind, _), number in people.ids.items()), key=lambda key: (CODES[key.kind], key.id))
    lists = tuple(ListRead(key, SectionStatus.COMPLETE, None if key in whole else since) for key in keys)
    return Evidence(make_events(*zip(*rows, strict=True)), lists, day)


def active(account: Account, found: Evidence) -> dict[Key, int]:
    """How many active people each list has."""
    counts: dict[Key, int] = dict.fromkeys((item.key for item in found.lists), 0)
    rows = found.events
    for kind, number, state in zip(rows.kind.tolist(), rows.id.tolist(), rows.state.tolist(), strict=True):
        counts[Key(ObjectKind(kind).kind, number)] += state == PersonState.ACTIVE
    return counts
