"""What people were seen to do: drafts of automations that nobody described, and what stands beside a step."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from ckaudit.graph.words import headcount, in_whole_units
from ckaudit.model.automations import Automation
from ckaudit.model.refs import Key, Kind, ObjectRef, Ref
from ckaudit.model.result import Link
from ckaudit.model.steps import AddTag, AnyStep, ConditionKind, Delay, Effect, Enrol, If, Test, all_steps
from ckaudit.model.triggers import Trigger
from ckaudit.observed.account import ObservedAccount
from ckaudit.observed.chains import ENTRIES, durations
from ckaudit.observed.drafts import Choice, DraftAutomation, DraftStep, Given, drafts
from ckaudit.render.links import format_delay

_GIVES = (Effect.ADDS_TAG, Effect.ENROLS)


class Draft(msgspec.Struct, frozen=True):
    """An automation that timestamps show. ``id`` names it for good: its first entry and what that leads to. ``people`` took its first
    step."""

    id: str
    automation: Automation
    people: int
    questions: int


class Seen(msgspec.Struct, frozen=True):
    """What people did at a step: ``205 people, 7 days``. ``people`` is 0 where nobody was seen to."""

    people: int
    words: str


Links = Mapping[tuple[Key, Key], Link]


def links_of(account: ObservedAccount) -> Links:
    """The links of an account by their ends."""
    return {(link.source.key, link.target.key): link for link in account.links if link.support}


def drafts_of(account: ObservedAccount) -> tuple[Draft, ...]:
    """What nothing declared explains, as automations, those with most people first."""
    new = [link for chain in account.chains.values() for link in chain.links if link.source.id is not None and link.target.id is not None]
    found = map(_draft, drafts(new, durations(account.declared)).automations)
    return tuple(sorted(found, key=lambda draft: (-draft.people, draft.id)))


def draft_ids(automation: Automation) -> Iterator[str]:
    """The ids of drafts that begin like an automation, and lead to something that it gives."""
    given = [step.ref.key for step in all_steps(automation.steps) if step.effect in _GIVES and step.ref]
    return (f"{entry.ref.key}-{key}" for entry in automation.entries if entry.ref for key in given)


def _draft(draft: DraftAutomation) -> Draft:
    first = draft.steps[0].link
    entry = draft.entries[0]
    steps = tuple(_steps(draft.steps))
    entries = tuple(Trigger(kind=ENTRIES[item.kind], ref=_ref(item)) for item in draft.entries)
    name = f"{entry.name} to {_last(draft.steps).name}"
    return Draft(
        id=f"{entry.kind}:{entry.id}-{first.target.kind}:{first.target.id}",
        automation=Automation(name=name, entries=entries, steps=steps),
        people=first.support,
        questions=sum(1 for step in _choices(draft.steps) if step.link.condition is None),
    )


def _last(steps: Sequence[DraftStep]) -> ObjectRef:
    step = steps[-1]
    return step.link.target if isinstance(step, Given) else _last(step.then)


def _choices(steps: Iterable[DraftStep]) -> Iterator[Choice]:
    for step in steps:
        if isinstance(step, Choice):
            yield step
            yield from _choices((*step.then, *step.other))


def _steps(steps: Iterable[DraftStep]) -> Iterator[AnyStep]:
    for step in steps:
        match step:
            case Given():
                if step.wait:
                    seconds, text = in_whole_units(step.wait)
                    yield Delay(seconds=seconds, text=text)
                ref = _ref(step.link.target)
                yield Enrol(sequence=ref) if ref.kind is Kind.SEQUENCE else AddTag(tag=ref)
            case Choice():
                yield If(test=_test(step.link), then=tuple(_steps(step.then)), otherwise=tuple(_steps(step.other)))


def _test(link: Link) -> Test:
    """The condition in front of a link: a tag that all of its people had, or a question."""
    if link.condition:
        return Test(kind=ConditionKind.TAG, ref=_ref(link.condition))
    return Test(kind=ConditionKind.FILTER, value=f"Which people go on? {link.share:.0%} did")


def _ref(item: ObjectRef) -> Ref:
    return Ref(Kind(item.kind), item.name, item.id if isinstance(item.id, int) else None)


def seen_at(automation: Automation, links: Links) -> list[tuple[AnyStep, Seen]]:
    """For each step that gives a tag or a sequence, what people did there: how many came from what is above it, and after how long."""
    entries = [entry.ref.key for entry in automation.entries if entry.ref]
    return list(_seen(automation.steps, entries, links))


def _seen(steps: Sequence[AnyStep], above: list[Key], links: Links) -> Iterator[tuple[AnyStep, Seen]]:
    for step in steps:
        if step.effect in _GIVES and step.ref:
            found = [link for source in above if (link := links.get((source, step.ref.key)))]
            if found:
                link = max(reversed(found), key=lambda link: link.support)
                yield step, Seen(link.support, f"{headcount(link.support)}, {format_delay(link)}")
            above = [*above, step.ref.key]
        for branch in step.branches:
            begins = [branch.trigger.ref.key] if branch.trigger and branch.trigger.ref else []
            yield from _seen(branch.steps, [*above, *begins], links)
