"""Finds steps that set off several things which all send email.

What it finds
-------------
Two or more automations, rules or forms that one step of a person sets off and that each send emails of a sequence of their own: because
they start on the same tag, form, product or field (“any form” counts for every form), or because the second starts on something that
comes with it, over any number of steps: a tag that the form, a rule or the first automation adds, or what the shop writes in the same go
(listed under ``external``). When two of them mail within an hour of each other, that is an error; within a day, a warning; later it counts
as a plan. It is silent where nobody gets both: in two branches, or where the second sequence excludes what the first one gives. What only
timestamps show counts when at least twenty people of the last 90 days, and half of all who came into either, came into both sequences
within the hour, and both have later emails: one automation does not do that.

It does not see what the emails say, and of a shop whose events the manifest does not tell apart (``on``) it can only guess what is written
together: then the finding says “likely”.

Why it matters
--------------
One sign-up, two welcome emails in one minute. It looks careless, and some people mark the second as spam. Which comes first is chance:
Kit promises no order.

How to fix it in Kit
--------------------
1. Open Automate → Visual Automations and look at everything named in this finding side by side (a rule: Automate → Rules).
2. Decide which email has to come first: the login or the download that people wait for, then the welcome. Leave that one as it is.
3. In the other one, click the “+” in front of its sequence, choose Action → Delay, and let it wait until the first sequence is over. A
   rule cannot wait: let an automation with a Delay fill the sequence in its place.
4. If both say the same: take the other sequence out when nobody is inside it, and leave the steps around it. Tags and webhooks may hang on
   them, and so may what the other one sells.

When to ignore it
-----------------
Conditions in them make sure that each person gets only one of them.

Sources
-------
- Several automations on one trigger all run: https://help.kit.com/en/articles/2502666
- Rules run beside them: https://help.kit.com/en/articles/2711457; no order is promised anywhere
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from itertools import combinations

import msgspec

from ckaudit.rule import (
    Confidence,
    Consequence,
    Effect,
    Finding,
    Graph,
    Holders,
    Key,
    Kind,
    Location,
    Moment,
    Need,
    ObjectRef,
    ObservedUse,
    Options,
    PathStep,
    Rule,
    Severity,
    Signal,
    Theme,
    TriggerKind,
    Variant,
    duration,
    name_list,
)

_ASIDE = "Open Automate → Visual Automations and look at everything named in this finding side by side (a rule: Automate → Rules)."
_DELAY = "In the other one, click the “+” in front of its sequence, choose Action → Delay, and let it wait until the first sequence is over. A rule cannot wait: let an automation with a Delay fill the sequence in its place."

RULE = Rule(
    code="CK310",
    name="two-automations-one-trigger",
    title="One sign-up sets off several welcome emails",
    passing="No sign-up sets off several welcome emails",
    severity=Severity.ERROR,
    theme=Theme.AUTOMATIONS,
    needs=(Need.AUTOMATIONS,),
    passes_with=(Need.TAGS, Need.FORMS),
    checks=Kind.AUTOMATION,
    effort_minutes=20,
    observed=ObservedUse.JUDGED,
    variants={
        "at-once": Variant("One trigger sends people several first emails at once"),
        "later": Variant(
            "One trigger sets off several series of emails",
            Severity.WARNING,
            (
                _ASIDE,
                "Read the emails in the order in which one person gets them. If they go together, nothing has to be done.",
                _DELAY,
            ),
        ),
        "conditional": Variant(
            "One trigger may send people several first emails at once",
            Severity.WARNING,
            (
                _ASIDE,
                "Look at the conditions in front of the emails. If no person can pass in more than one of them, nothing has to be done.",
                "Otherwise decide which email has to come first, and leave that one as it is.",
                _DELAY,
            ),
        ),
    },
)

HOUR, DAY = 3600, 86400
MANY = 20


class Starter(msgspec.Struct, frozen=True, eq=False):
    """Something that mails because of a moment: what, which sequence, after how many seconds, and the way from the moment to it.

    ``way`` is None for an integration that fills a sequence by itself. ``seen``: timestamps show it, and no manifest states it.
    """

    object: ObjectRef
    sequence: Key
    seconds: int
    way: Consequence | None
    seen: bool = False

    @property
    def hops(self) -> int:
        """How many automations, rules and forms lie between the moment and the email."""
        return len(self.way.way) if self.way else 0

    @property
    def conditional(self) -> bool:
        """True when a condition stands in front."""
        return bool(self.way and self.way.conditions)


class Pair(msgspec.Struct, frozen=True, eq=False):
    """Two starters of one moment that one person gets, the sooner one first."""

    moment: Moment
    first: Starter
    second: Starter

    @property
    def gap(self) -> int:
        """Seconds between the two first emails."""
        return self.second.seconds - self.first.seconds

    @property
    def objects(self) -> frozenset[ObjectRef]:
        """The two."""
        return frozenset((self.first.object, self.second.object))

    @property
    def hops(self) -> int:
        """How far both are from the moment."""
        return self.first.hops + self.second.hops


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each moment, or for each automation that meets others at several of them."""
    nearest: dict[frozenset[ObjectRef], Pair] = {}
    for moment in graph.moments:
        for pair in _pairs(graph, moment):
            known = nearest.get(pair.objects)
            if known is None or (pair.hops, not pair.moment.stated) < (known.hops, not known.moment.stated):
                nearest[pair.objects] = pair
    for pairs in _folded(list(nearest.values())):
        both = _got_both(graph, pairs) if any(item.seen for pair in pairs for item in (pair.first, pair.second)) else None
        if both != 0:
            yield _finding(graph, pairs, both)


# -- who mails because of a moment ---------------------------------------------------------------------------------------------------


def _starters(graph: Graph, moment: Moment) -> list[Starter]:
    """The first email of each automation, rule and form that this moment sets off, soonest first; what waits for a goal is left out."""
    found: dict[ObjectRef, Starter] = {}
    for start in moment.starts:
        if not isinstance(start, Signal) and start.effect is Effect.ENROLS and _sends(graph, start.target):
            found.setdefault(start.object, Starter(start.object, start.target, start.after + graph.lookup.first_delay(start.target), None))
    for item in graph.reactions.what_follows(*moment.starts):
        cause = item.cause
        if cause.effect is not Effect.ENROLS or item.waits or not _sends(graph, cause.target):
            continue
        seconds = item.span.min_seconds + graph.lookup.first_delay(cause.target)
        known = found.get(cause.object)
        if known is None or seconds < known.seconds:
            found[cause.object] = Starter(cause.object, cause.target, seconds, item, cause.observed)
    return sorted(found.values(), key=lambda starter: starter.seconds)


def _sends(graph: Graph, sequence: Key) -> bool:
    """False only when the account says that nothing goes out: an inactive sequence, or none published."""
    found = graph.lookup.sequence(sequence)
    return found is None or (found.active is not False and bool(graph.lookup.published(sequence)))


def _pairs(graph: Graph, moment: Moment) -> Iterator[Pair]:
    starters = _starters(graph, moment)
    if len(starters) < 2:
        return
    given = _given(graph, moment)
    for first, second in combinations(starters, 2):
        near = second.seconds - first.seconds < DAY
        if not near or first.sequence == second.sequence or _is_chain(first, second) or _kept_apart(graph, given, first, second):
            continue
        if not any(_taken_out(graph, moment, item) for item in (first, second)):
            yield Pair(moment, first, second)


def _is_chain(first: Starter, second: Starter) -> bool:
    """True when the second follows from a step behind the first one's sequence: then somebody put the two in this order."""
    if first.way is None or second.way is None:
        return False
    one = first.way.cause
    for step, behind in zip(second.way.way, second.way.way[1:], strict=False):
        if step.cause is one:
            return behind.trigger is not None and behind.trigger.kind is TriggerKind.COMPLETES_SEQUENCE
        if one.flow and one.node and step.cause.flow is one.flow and step.cause.node and step.cause.node.id in one.flow.below[one.node.id]:
            return True
    return False


def _given(graph: Graph, moment: Moment) -> dict[Key, int]:
    """The tags, forms and sequences that everybody has got through this moment, each with the seconds until then."""
    gives = (Effect.ADDS_TAG, Effect.JOINS_FORM, Effect.ENROLS)
    found = {start.key if isinstance(start, Signal) else start.target: 0 for start in moment.starts}
    for item in graph.reactions.what_follows(*moment.starts, sure=True):
        if item.cause.effect in gives:
            found.setdefault(item.cause.target, item.span.max_seconds)
    return {key: seconds for key, seconds in found.items() if key}


def _kept_apart(graph: Graph, given: dict[Key, int], first: Starter, second: Starter) -> bool:
    """True when nobody gets both: other branches, or an exclusion, or a condition that asks for what everybody has got before."""
    if first.way and second.way and first.way.excludes(second.way):
        return True
    for item in (first, second):
        found = graph.lookup.sequence(item.sequence)
        if found and (not given.keys().isdisjoint(found.excluded_keys) or _excludes_unread(graph, found.excluded_keys)):
            return True
        for demand in item.way.demands if item.way else ():
            if not demand.held and given.get(demand.tag, item.seconds) < item.seconds:
                return True
    return False


def _excludes_unread(graph: Graph, excluded: Iterable[Key]) -> bool:
    """True when a sequence leaves out people of something whose name was not read: it may be what they have just got."""
    unread = {kind for kind, need in ((Kind.TAG, Need.TAGS), (Kind.FORM, Need.FORMS)) if graph.has_account and graph.missing(need)}
    return any(key.kind in unread and key not in graph.lookup.objects for key in excluded)


def _taken_out(graph: Graph, moment: Moment, item: Starter) -> bool:
    """True when the same moment takes everybody out of this sequence or its automation before it mails."""
    taken = (Effect.UNENROLS, Effect.STOPS)
    flow = item.way.cause.flow if item.way else None
    own = {item.sequence, flow.key if flow else item.sequence}
    found = graph.reactions.what_follows(*moment.starts, sure=True)
    return any(other.cause.effect in taken and other.cause.target in own and other.span.max_seconds <= item.seconds for other in found)


# -- findings ------------------------------------------------------------------------------------------------------------------------


def _folded(pairs: list[Pair]) -> Iterator[list[Pair]]:
    """The pairs of each moment; an automation that meets others at several moments is told about once."""
    groups: defaultdict[tuple[object, ...], list[Pair]] = defaultdict(list)
    for pair in pairs:
        groups[pair.moment.starts].append(pair)
    left = list(groups.values())
    while left:
        met = Counter(item for group in left for item in dict.fromkeys(item for pair in group for item in pair.objects))
        pivot, times = max(met.items(), key=lambda entry: entry[1])
        if times == 1:
            yield from left
            return
        yield [pair for group in left for pair in group if pivot in pair.objects]
        rest = ([pair for pair in group if pivot not in pair.objects] for group in left)
        left = [group for group in rest if group]


def _got_both(graph: Graph, pairs: list[Pair]) -> int:
    """How many people of the last 90 days came into both sequences within an hour of the trigger; 0 when that proves nothing.

    It takes half of those who came into either, for two ways of one automation look the same otherwise. A sequence without later
    emails proves nothing either: one automation can put people into two of them, one after the other.
    """
    pair = min(pairs, key=lambda pair: (pair.first.seconds, pair.second.seconds))
    sequences, trigger = (pair.first.sequence, pair.second.sequence), pair.moment.key
    if trigger is None or any(graph.lookup.timing(key).planned <= HOUR for key in sequences):
        return 0
    people = graph.timestamps
    came = people.recent(trigger)
    soon = [_soon(came, people.of(key)) for key in sequences]
    both = len(soon[0].having(soon[1]))
    either = len(soon[0]) + len(soon[1]) - both
    return both if both >= MANY and 2 * both >= either else 0


def _soon(came: Holders, into: Holders) -> Holders:
    gap = came.gaps_to(into).gap
    return came.having(into).where((gap >= 0) & (gap <= HOUR))


def _finding(graph: Graph, pairs: list[Pair], both: int | None) -> Finding:
    soon = [pair for pair in pairs if pair.gap <= HOUR]
    sure = [pair for pair in soon if not (pair.first.conditional or pair.second.conditional)]
    shown = sure or soon or pairs
    met = Counter(item for pair in shown for item in pair.objects)
    moments = list(dict.fromkeys(pair.moment for pair in shown))
    starters = sorted(
        {item.object: item for pair in shown for item in (pair.first, pair.second)}.values(), key=lambda item: (item.seconds, item.hops)
    )
    pivot = max(met.items(), key=lambda entry: entry[1])[0] if len(moments) > 1 else None
    text = _several(shown, pivot, moments) if pivot else _one(shown, moments[0], starters)
    counts = [count for moment in moments if (count := graph.people(moment.key) if moment.key else None) is not None]
    last = max(shown, key=lambda pair: pair.hops).second
    sequences = (graph.object(item.sequence) for item in starters)
    named = pivot or moments[0].object
    return Finding(
        object=named,
        message=" ".join((text, *_hand_overs(graph, moments, starters))),
        variant="at-once" if sure else "conditional" if soon else "later",
        confidence=Confidence.CERTAIN if (sure or not soon) and moments[0].stated else Confidence.LIKELY,
        related=tuple(dict.fromkeys((*(item.object for item in starters if item.object != pivot), *sequences))),
        people=both or max(counts, default=None),
        people_who="came into both within an hour, in the last 90 days" if both else "",
        path=_path(starters),
        location=_location(last),
    )


def _one(shown: list[Pair], moment: Moment, starters: list[Starter]) -> str:
    maybe = " Conditions stand in front, so perhaps not everybody gets both." if all(_conditional(pair) for pair in shown) else ""
    names = name_list(item.object.name for item in starters)
    return (
        f"“{moment.object.name}” sets off {names}, and each sends emails of its own {_when(shown)}.{maybe} "
        f"People get {len(starters)} first emails for one step they took."
    )


def _several(shown: list[Pair], pivot: ObjectRef, moments: list[Moment]) -> str:
    others = name_list(dict.fromkeys(item.name for pair in shown for item in sorted(pair.objects - {pivot}, key=lambda item: item.name)))
    steps = name_list(moment.object.name for moment in moments)
    maybe = " Conditions stand in front, so perhaps not everybody gets both." if all(_conditional(pair) for pair in shown) else ""
    return (
        f"“{pivot.name}” sends emails of its own {_when(shown)} of those of {others}: {steps} each set off both.{maybe} "
        "People get 2 first emails for one step they took."
    )


def _conditional(pair: Pair) -> bool:
    return pair.first.conditional or pair.second.conditional


def _when(shown: list[Pair]) -> str:
    gap = max(pair.gap for pair in shown)
    return "within the hour" if gap <= HOUR else f"within {duration(gap)}"


def _hand_overs(graph: Graph, moments: list[Moment], starters: list[Starter]) -> Iterator[str]:
    """How what does not start on the moment itself comes about."""
    if len(moments) == 1 and len(moments[0].starts) > 1:
        keys = (start.key if isinstance(start, Signal) else start.target for start in moments[0].starts)
        yield f"{name_list(graph.object(key).name for key in keys if key)} come in one go."
    for item in starters:
        # of two things that timestamps show one behind the other, they do not show whether the first sets off the second
        if item.way and item.way.by and not item.seen:
            on = item.way.trigger.ref if item.way.trigger else None
            by = item.way.by.cause.object.name
            yield (
                f"“{item.object.name}” starts on the {on.kind} “{on.name}”, which comes from “{by}”."
                if on
                else f"“{by}” starts “{item.object.name}”."
            )


def _path(starters: list[Starter]) -> tuple[PathStep, ...]:
    """The longest way, when something is handed over."""
    ways = [item.way for item in starters if item.way and item.way.by and not item.seen]
    return max(ways, key=lambda way: len(way.way)).path if ways else ()


def _location(starter: Starter) -> Location | None:
    cause = starter.way.cause if starter.way else None
    return (cause.flow.automation.location if cause.flow else cause.location) if cause else None
