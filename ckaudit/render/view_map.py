"""The map of the account as the report shows it, and what breaks without what."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from ckaudit.model.account_map import AccountMap, MapBox, MapPart
from ckaudit.model.findings import ReportedFinding
from ckaudit.model.refs import ObjectRef
from ckaudit.model.result import Result
from ckaudit.render.draw.map_svg import Flag, format_line, kind_of, map_svg
from ckaudit.render.impact import call_sentence, end_sentence
from ckaudit.render.plain import cut, plural
from ckaudit.render.view import ImpactView, MapPage, MapPartView
from ckaudit.render.view_findings import anchor_of, automation_anchor, object_view

MAX_PARTS = 40
MAX_SENTENCES = 6


def map_page(result: Result) -> MapPage | None:
    """The map, None when nothing is known that could be on it."""
    parts = result.map.parts[:MAX_PARTS]
    if not parts and not result.impacts.found:
        return None
    flags, links = flags_of(result.findings), _links(result)
    return MapPage(
        parts=tuple(
            MapPartView(map_anchor(number), number, cut(part.title, 200), map_svg(part, links=links, flags=flags), map_words(part))
            for number, part in enumerate(parts, 1)
        ),
        notes=map_notes(result.map, MAX_PARTS),
        impacts=_impacts(result),
        more_impacts=result.impacts.more,
    )


def map_anchor(number: int) -> str:
    """Where a part of the map stands in the report; parts count from 1."""
    return f"map-{number}"


def object_anchor(item: ObjectRef) -> str:
    """Where an object of the account stands in the inventory."""
    return f"object-{item.kind}-{item.id}" if type(item.id) is int else ""


def flags_of(findings: Sequence[ReportedFinding]) -> dict[ObjectRef, Flag]:
    """What was found at each object, those found at it for the same reason too."""
    count: defaultdict[ObjectRef, int] = defaultdict(int)
    worst: dict[ObjectRef, str] = {}
    for finding in findings:
        for item in dict.fromkeys((finding.object, *finding.same_cause)):
            count[item] += 1
            worst.setdefault(item, str(finding.severity))
    return {item: Flag(number, worst[item]) for item, number in count.items()}


def _links(result: Result) -> dict[ObjectRef, str]:
    """Where each object leads in the report: an automation to its drawing, anything else to its worst finding or the inventory."""
    links = {item.object: f"#{object_anchor(item.object)}" for item in result.inventory if object_anchor(item.object)}
    for finding in reversed(result.findings):
        for item in (finding.object, *finding.same_cause):
            links[item] = f"#{anchor_of(finding)}"
    links.update({automation.object: f"#{automation_anchor(number)}" for number, automation in enumerate(result.automations)})
    return links


def map_notes(found: AccountMap, shown: int) -> tuple[str, ...]:
    """What is not on the map."""
    notes = []
    if found.undescribed:
        few = "{n} automation is not on the map: only its name is known."
        notes.append(plural(found.undescribed, few, "{n} automations are not on the map: only their names are known."))
    if found.more:
        notes.append(plural(found.more, "{n} more automation, rule or integration has no room.", "{n} more have no room on the map."))
    if len(found.parts) > shown:
        notes.append(plural(len(found.parts) - shown, "{n} more part is not drawn.", "{n} more parts are not drawn."))
    return tuple(notes)


def map_words(part: MapPart) -> tuple[str, ...]:
    """A part in words, a sentence for every automation, rule and integration on it."""
    into: defaultdict[int, list[str]] = defaultdict(list)
    out: defaultdict[int, list[str]] = defaultdict(list)
    for wire in part.wires:
        words = cut(wire.words, 60)
        into[wire.target].append(f"{_called(part.boxes[wire.source])} {words} it")
        out[wire.source].append(f"{words} {_called(part.boxes[wire.target])}")
    sentences = []
    for number, box in enumerate(part.boxes):
        acts = bool(box.lines) or box.object.kind in _ACTORS
        said = [*(into[number] if acts else ()), *(out[number] if acts else ()), *(format_line(line) for line in box.lines)]
        said += [f"and {box.more} more"] if box.more else []
        if said:
            sentences.append(f"{kind_of(box)} “{cut(box.object.name, 120)}”: {'; '.join(said)}.")
    return tuple(sentences)


_ACTORS = frozenset(("automation", "rule", "external", "webhook", "form"))


def _called(box: MapBox) -> str:
    return f"{kind_of(box).split(',')[0].lower()} “{cut(box.object.name, 120)}”"


def _impacts(result: Result) -> tuple[ImpactView, ...]:
    views = []
    for one in result.impacts.found:
        sentences = [call_sentence(address) for address in one.calls] + [end_sentence(end, one.object) for end in one.ends]
        shown = tuple(sentences[:MAX_SENTENCES])
        views.append(ImpactView(object_view(one.object), one.people, shown, len(sentences) - len(shown) + one.more))
    return tuple(views)
