"""Finds entries whose people no path of the automation takes.

What it finds
-------------
An automation with several entries that tells people apart by the tags it starts with, in a split or in conditions one inside the other, and
an entry on a tag or product that is not among them: its people match no path, the side for everybody else is empty, and they go past all
of it. Found are entries whose people get nothing from the whole automation, and (as possible) those that are missing where all others have a path
and the split says nothing of the rest. It is silent where the same event, rule or automation also adds a tag that is asked for.

Why it matters
--------------
The fourth plan was added to the entries and forgotten in the split. Its people come in, Kit counts them as completed within seconds, and
they get nothing: no login, no welcome, no course.

How to fix it in Kit
--------------------
1. Open Automate → Visual Automations, choose the automation named in this finding, and pause it while you edit.
2. Add a path for the tag named in this finding to the split, with the steps its people are to get. Or give the side for everybody else
   steps that are right for them.
3. If these people do not belong here, remove the entry.
4. Set the automation back to Active, if it was Active before.
5. In Grow → Subscribers filter by the tag, and give by hand what these people have missed.

When to ignore it
-----------------
The people of this entry have one of the other tags as well. It does not see what somebody adds by hand, and it leaves out entries on
forms: a form may add a tag of its own, which Kit shows to no tool.

Sources
-------
- Conditions and splits: https://help.kit.com/en/articles/2502665
- Several entries of one automation: https://help.kit.com/en/articles/5523023
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ckaudit.rule import (
    WEBHOOK_ROLES,
    Confidence,
    Effect,
    Finding,
    Flow,
    FlowNode,
    Graph,
    Harm,
    Key,
    Kind,
    Need,
    Options,
    RoleName,
    Rule,
    Severity,
    Theme,
    TriggerKind,
    Variant,
    name_list,
    signal_of,
    steps,
)

RULE = Rule(
    code="CK325",
    name="entry-without-path",
    title="People who come in by one entry match no path of the automation",
    passing="Where an automation tells its entries apart, each has a path",
    severity=Severity.WARNING,
    theme=Theme.AUTOMATIONS,
    confidence=Confidence.LIKELY,
    needs=(Need.AUTOMATIONS,),
    checks=Kind.AUTOMATION,
    effort_minutes=15,
    unseen="conditions leave none",
    nothing="no automation tells its entries apart",
    variants={
        "buyers": Variant("People who bought match no path of the automation and get nothing", harm=Harm.LOCKED_OUT),
        "others": Variant("People who come in by one entry match no path of the automation"),
    },
)


class _Parting(NamedTuple):
    """A condition that tells entries apart, with those nested in it, and the entry tags it asks for."""

    node: FlowNode
    inside: frozenset[str]
    tags: frozenset[Key]


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each entry whose people go past everything."""
    for flow, parting in _partings(graph):
        for entry in flow.entries:
            if confidence := _left_out(graph, flow, parting, entry):
                yield _finding(graph, flow, parting, entry, confidence)


def judged(graph: Graph) -> Iterable[Key]:
    """The automations that tell their entries apart."""
    return list(dict.fromkeys(flow.key for flow, _ in _partings(graph)))


def _partings(graph: Graph) -> Iterator[tuple[Flow, _Parting]]:
    """The first condition of each automation that asks for tags it starts with."""
    for flow in graph.flows:
        starts = {entry.on_tag for entry in flow.entries if entry.on_tag}
        if not flow.live or len(flow.entries) < 2 or not starts:
            continue
        for node in flow.steps:
            if node.is_condition and not node.parent:
                inside = _inside(flow, node)
                asked = frozenset(key for other in (node, *inside) for key in other.tests if key in starts)
                if asked:
                    yield flow, _Parting(node, frozenset(other.id for other in inside), asked)
                    break


def _inside(flow: Flow, node: FlowNode) -> tuple[FlowNode, ...]:
    """Every step in a branch of this one, however deep."""
    within = {node.id}
    found = []
    for other in flow.steps:
        if other.parent in within:
            within.add(other.id)
            found.append(other)
    return tuple(found)


def _left_out(graph: Graph, flow: Flow, parting: _Parting, entry: FlowNode) -> Confidence | None:
    """How sure it is that people who come in here match no path; None where they may."""
    on_purchase = entry.trigger is not None and entry.trigger.kind in (TriggerKind.TAG_ADDED, TriggerKind.PURCHASES)
    if not on_purchase or entry.target in parting.tags or not _with_it(graph, entry).isdisjoint(parting.tags):
        return None
    walked = _walk(flow, entry, parting.tags)
    given = [flow.nodes[name] for name in walked if _gives(graph, flow.nodes[name])]
    if parting.node.id not in walked or any(node.id in parting.inside for node in given):
        return None
    if not given:
        return Confidence.LIKELY
    # what everybody gets besides may be enough, unless every other entry has a path
    others = {other.on_tag for other in flow.entries if other is not entry}
    return Confidence.POSSIBLE if len(others) > 1 and others == parting.tags and not _is_meant(parting.node) else None


def _is_meant(node: FlowNode) -> bool:
    """True for a split that says what becomes of everybody else, even if that is nothing."""
    return isinstance(node.step, steps.Split) and any(path.tag is None for path in node.step.paths)


def _gives(graph: Graph, node: FlowNode) -> bool:
    """True for a step that gives people something of their own: neither a tag that comes off nor one that only calls the site."""
    if node.effect in (None, Effect.REMOVES_TAG, Effect.STOPS):
        return False
    return node.adds not in graph.keys(*WEBHOOK_ROLES) if node.adds else True


def _with_it(graph: Graph, entry: FlowNode) -> frozenset[Key]:
    """The tags that people may get together with what they come in by: what that sets off, and what gives both in one go."""
    if entry.trigger is None or entry.target is None:
        return frozenset()
    found = {item.cause.target for item in graph.reactions.what_follows(signal_of(entry.trigger)) if item.cause.effect is Effect.ADDS_TAG}
    for cause in graph.causes.of(Effect.ADDS_TAG, entry.target):
        # of what an integration writes without an event nobody said that it goes together
        together = graph.causes.by(cause.unit or cause.source) if cause.integration is None or cause.integration.on else ()
        found |= {other.target for other in together if other.effect is Effect.ADDS_TAG}
    for item in graph.all_memberships if entry.on_tag is None else ():
        found |= set(item.keys(RoleName.PURCHASE)) if item.has(entry.target, RoleName.PRODUCT) else set()
    return frozenset(found)


def _walk(flow: Flow, entry: FlowNode, lacking: frozenset[Key]) -> frozenset[str]:
    """Where people come to who lack these tags."""
    seen, todo = set[str](), [entry]
    while todo:
        node = todo.pop()
        closed = set(_closed(node, lacking))
        fresh = [other for other in flow.next[node.id] if other.id not in seen and not (other.parent == node.id and other.branch in closed)]
        seen |= {other.id for other in fresh}
        todo += [other for other in fresh if other.passes]
    return frozenset(seen)


def _closed(node: FlowNode, lacking: frozenset[Key]) -> Iterator[str]:
    """The branches of a condition that people do not take who lack these tags."""
    match node.step:
        case steps.If(test=test) if test.ref and test.ref.key in lacking:
            yield "then"
        case steps.Split(paths=paths):
            yield from (f"path{place}" for place, path in enumerate(paths) if path.tag and path.tag.key in lacking)
        case _:
            return


def _finding(graph: Graph, flow: Flow, parting: _Parting, entry: FlowNode, confidence: Confidence) -> Finding:
    named = graph.object_of(entry)
    asked = [graph.object(key) for key in sorted(parting.tags, key=lambda key: graph.object(key).name)]
    buyers = entry.target in graph.keys(RoleName.PURCHASE, RoleName.PRODUCT) or (
        entry.trigger is not None and entry.trigger.kind is TriggerKind.PURCHASES
    )
    nothing = confidence is Confidence.LIKELY
    return Finding(
        object=flow.object,
        message=f"“{flow.name}” starts with “{named.name}” too, but asks only for {name_list([item.name for item in asked])}. Who comes in by "
        f"“{named.name}” and has none of these matches no path"
        + (" and gets neither an email nor a tag that stays." if nothing else ": of the steps in the paths they get none."),
        variant="buyers" if buyers else "others",
        confidence=confidence,
        related=(named, *asked),
        people=graph.people(entry.target) if entry.target else None,
        path=(entry.path_step(), parting.node.path_step("no path")),
        location=parting.node.location,
    )
