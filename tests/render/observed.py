"""What timestamps show of automations, to draw: one that waits as planned, one that does not wait, one that stopped, one nobody can see."""

from __future__ import annotations

import msgspec

from ckaudit.model.refs import ObjectRef
from ckaudit.model.result import (
    GapBin,
    Link,
    Observed,
    ObservedAutomation,
    ObservedStep,
    ObservedWeeks,
    Result,
)
from tests.render import results


def tag(name: str, number: int = 1) -> ObjectRef:
    return ObjectRef("tag", name, number)


def sequence(name: str, number: int = 51) -> ObjectRef:
    return ObjectRef("sequence", name, number)


def form(name: str, number: int = 71) -> ObjectRef:
    return ObjectRef("form", name, number)


def step(source: ObjectRef, target: ObjectRef, **more: object) -> ObservedStep:
    """412 of 430 people, within 3 seconds, unless more is given."""
    usual: dict[str, object] = {
        "people": 430,
        "went_on": 412,
        "delay_seconds": 2,
        "delay_p10": 0,
        "delay_p90": 3,
        "gaps": (GapBin(0, 80), GapBin(1, 130), GapBin(2, 202)),
    }
    return msgspec.convert({"source": source, "target": target, "status": "both", **usual, **more}, ObservedStep)


def automations(name: str = "Course A") -> Observed:
    bought, welcome = tag(f"{name}: purchased", 11), sequence(f"{name} welcome", 52)
    people = (3, 9, 14, 7, 0, 11)
    return Observed(
        "2026-10-12T00:00:00Z",
        "2026-11-20T09:30:00Z",
        (
            ObservedAutomation(
                number=0,
                automation=ObjectRef("automation", name, 1958836),
                since="2026-10-12T00:00:00Z",
                entries=(bought,),
                people=44,
                at_once=30,
                last="2026-11-19T02:30:00Z",
                last_went_on="2026-11-17T02:10:00Z",
                stuck=6,
                weeks=ObservedWeeks("2026-10-12", people, (3, 9, 14, 7, 0, 3), (0, 0, 0, 0, 0, 2)),
                steps=(
                    step(bought, welcome, planned_min=300, planned_max=300),
                    step(
                        welcome, tag(f"{name}: module 2", 12), people=40, went_on=38, not_mailed=1, on_the_way=3, had_before=2, partial=True
                    ),
                ),
                more_steps=2,
                hidden=(tag("AA: create login", 13),),
                partial=(tag(f"{name}: module 2", 12),),
            ),
            ObservedAutomation(1, ObjectRef("automation", "Bought in the shop"), "2026-10-12T00:00:00Z"),
            ObservedAutomation(2, ObjectRef("automation", "Quiet"), "2026-10-12T00:00:00Z", (form("Old form"), tag("Old tag"))),
        ),
    )


def links(name: str = "Course A") -> tuple[Link, ...]:
    bought, welcome = tag(f"{name}: purchased", 11), sequence(f"{name} welcome", 52)
    release = ObjectRef("automation", f"{name} - release", 1958836)
    return (
        Link(bought, welcome, 412, 0.9581, 2, 0, 3, "both", 0.99, (release,), 300),
        Link(welcome, tag(f"{name}: module 2", 12), 380, 0.95, 604_820, 604_800, 604_900, "both", 0.84, (release,), 604_800),
        Link(welcome, tag(f"{name}: invited", 14), 25, 0.2, 9_000, 600, 90_000, "observed", 0.71),
        Link(bought, tag("Customer", 15), 1200, 0.6, 0, 0, 0, "observed", 0.97, indirect=True),
        Link(form("Sign up"), tag("Lead", 16), 44, 1.0, 0, 0, 1, "observed", 0.96, (ObjectRef("external", "ThriveCart"),)),
        Link(tag("Lead", 16), welcome, 0, 0.0, None, None, None, "declared", None, (release,), 300, source_people=44),
        Link(tag("VIP", 17), welcome, 0, 0.0, None, None, None, "declared", None, (release,), 0, source_people=3),
        Link(tag("Gone", 18), welcome, 0, 0.0, None, None, None, "declared", None, (release,), None, source_people=0),
    )


def observed() -> Result:
    """The normal result with what timestamps show of its automations."""
    return msgspec.structs.replace(results.normal(), observed=automations(), links=links())


def hostile() -> Result:
    """The same with names that are attacks."""
    attack = '<script>document.title="owned"</script><img src=x onerror=alert(1)>“\u202e]]>{{7*7}}'
    return msgspec.structs.replace(results.hostile(), observed=automations(attack), links=links(attack))
