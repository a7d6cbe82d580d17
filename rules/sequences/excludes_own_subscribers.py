"""Finds sequences that leave out the very people who are put into them.

What it finds
-------------
A sequence can exclude people with a tag, of a form, or of a sequence. They are not mailed, even if an automation puts them in. This rule
reports a sequence that excludes itself, and one that excludes something everybody has who comes into it: what starts every automation or
rule that feeds it, or a tag each of them adds before. If one feeder brings people without it, or anything takes the tag off in between,
the exclusion may be meant that way and is left alone. Kit does not show what a segment holds: it counts only where the manifest says it
(``segments``).

Why it matters
--------------
The exclusion meant for earlier buyers hits the new ones. Everybody runs through the automation, Kit shows no error, and nobody gets a single
email.

How to fix it in Kit
--------------------
1. Open Send → Email Sequences and choose the sequence named in this finding.
2. Click Settings at the top right and find “Exclude subscribers from this sequence”.
3. Take out the tag, form or sequence named in this finding, and click Update Email Sequence.
4. People who came meanwhile get nothing by themselves: add them again.

When to ignore it
-----------------
The sequence is meant to be silent for now. Setting it to Inactive says so more clearly.

Sources
-------
- Exclusions are among the first things to check: https://help.kit.com/en/articles/2823560
- Excluding people from a sequence: https://help.kit.com/en/articles/2502629
- AccessAlly's ConvertKit guide, steps 2 and 6: https://kb.accessally.com/tutorials/convertkit-automation/
- API: `sequence.exclude_subscriber_sources`
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ckaudit.rule import (
    Cause,
    Effect,
    Finding,
    Flow,
    FlowNode,
    Graph,
    Harm,
    Key,
    Kind,
    Need,
    NotEvaluatedError,
    Options,
    Rule,
    Severity,
    Theme,
    TriggerKind,
    Variant,
    name_list,
    steps,
)

_CHOOSE = "Open Send → Email Sequences and choose the sequence named in this finding."
_EXCLUSIONS = "Click Settings at the top right and find “Exclude subscribers from this sequence”."
_AGAIN = "People who came in the meantime get nothing by themselves: add them again."

RULE = Rule(
    code="CK408",
    name="excludes-own-subscribers",
    title="A sequence leaves out everybody who is put into it",
    passing="No sequence leaves out the people who are put into it",
    severity=Severity.ERROR,
    theme=Theme.SEQUENCES,
    harm=Harm.MONEY,
    needs=(Need.SEQUENCES,),
    passes_with=(Need.TAGS, Need.FORMS, Need.SEGMENTS),
    checks=Kind.SEQUENCE,
    effort_minutes=5,
    variants={
        "itself": Variant(
            "A sequence excludes itself and mails nobody",
            fix=(
                _CHOOSE,
                _EXCLUSIONS,
                "Take out the sequence itself, and click Update Email Sequence.",
                _AGAIN,
            ),
        ),
        "trigger": Variant("A sequence leaves out everybody who is put into it"),
        "tag-added-before": Variant(
            "A sequence excludes a tag that everybody gets on the way to it",
            fix=(
                _CHOOSE,
                _EXCLUSIONS,
                "Take out the tag named in this finding, and click Update Email Sequence.",
                "If people who have the tag from before should stay left out: keep it there, and let the tag be added behind the sequence instead of in front of it.",
                _AGAIN,
            ),
        ),
    },
)

STARTS = {Kind.TAG: TriggerKind.TAG_ADDED, Kind.FORM: TriggerKind.JOINS_FORM, Kind.SEQUENCE: TriggerKind.SUBSCRIBES_TO_SEQUENCE}


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each active sequence."""
    unseen = False
    for sequence in graph.account.sequences:
        key, through = sequence.key, _through_segments(graph, sequence.excluded_keys)
        excluded = [*(key for key in sequence.excluded_keys if key.kind in STARTS), *through]
        if sequence.active is False or not excluded:
            continue
        if key in excluded:
            yield _itself(graph, key)
            continue
        unseen = unseen or not graph.has_automations
        causes = graph.feeders(key)
        hit = [other for other in excluded if causes and all(_always_has(graph, cause, other) for cause in causes)]
        if hit:
            yield _everybody(graph, key, causes, hit, through.get(hit[0]))
    if unseen:
        raise NotEvaluatedError("it is not known what puts people into the sequences that exclude somebody", (Need.AUTOMATIONS,))


def _through_segments(graph: Graph, excluded: Iterable[Key]) -> dict[Key, Key]:
    """What alone puts people into an excluded segment that the manifest describes, each with the segment."""
    made = {segment.segment.key: segment.sufficient for segment in graph.manifest.segments}
    return {member: key for key in excluded for member in made.get(key, ()) if member.kind in STARTS}


def _always_has(graph: Graph, cause: Cause, excluded: Key) -> bool:
    """True when everybody this cause brings has the excluded thing."""
    if excluded.kind is Kind.FORM and graph.causes.of(Effect.LEAVES_FORM, excluded):
        return False
    if _starts_by(graph, cause, excluded):
        return True
    if excluded.kind is not Kind.TAG:
        return False
    if cause.flow and cause.node:
        return _holds_on_arrival(graph, cause.flow, cause.node, excluded)
    by_form = [
        other for other in graph.causes.of(Effect.ADDS_TAG, excluded) if cause.source.kind is Kind.FORM and other.source == cause.source
    ]
    return bool(by_form) and not graph.causes.of(Effect.REMOVES_TAG, excluded)


def _starts_by(graph: Graph, cause: Cause, excluded: Key) -> bool:
    """True when nothing but this form, tag or sequence sets the cause off, and nothing takes it away again."""
    if excluded.kind is Kind.TAG and cause.flow:
        return False  # holds_on_arrival knows more: the tag may come off on the way
    if excluded.kind is Kind.TAG and graph.causes.of(Effect.REMOVES_TAG, excluded):
        return False
    if cause.flow:
        started = graph.causes.of(Effect.STARTS, cause.flow.key)
        return not started and _is_entry(cause.flow, excluded)
    if cause.rule:
        return bool(cause.rule.when) and all(_is(item, excluded) for item in cause.rule.when)
    return cause.source == excluded


def _is_entry(flow: Flow, excluded: Key) -> bool:
    return bool(flow.entries) and all(_is(node.trigger, excluded) for node in flow.entries)


def _is(trigger: steps.Trigger | None, excluded: Key) -> bool:
    """True for this very form, tag or sequence; "any form" is no certain one."""
    return trigger is not None and trigger.kind is STARTS[excluded.kind] and trigger.target == excluded


def _holds_on_arrival(graph: Graph, flow: Flow, node: FlowNode, tag: Key) -> bool:
    """True when everybody who comes to ``node`` has this tag: it starts the automation or is added on every path, and nothing takes it off.

    Anything outside that takes the tag off, and a condition on the tag in between, make it False: then somebody may lack it.
    """
    if any(cause.flow is not flow for cause in graph.causes.of(Effect.REMOVES_TAG, tag)):
        return False
    givers = {other.id for other in flow.nodes.values() if tag in (other.adds, other.on_tag)}
    started = graph.causes.of(Effect.STARTS, flow.key)
    lacking = [root for root in ((*flow.entries, flow.start) if started else flow.roots) if root.id not in givers]
    lacking += [other for other in flow.nodes.values() if other is not node and _may_lack(other, tag)]
    return all(flow.path_to(start, node, avoiding=lambda other: other.id in givers, guard=0) is None for start in lacking)


def _may_lack(node: FlowNode, tag: Key) -> bool:
    """True where the tag is taken off or asked for."""
    return tag in node.tests or node.removes == tag or (node.trigger is not None and node.trigger.matches(TriggerKind.TAG_REMOVED, tag))


def _itself(graph: Graph, key: Key) -> Finding:
    named = graph.object(key)
    return Finding(
        object=named,
        message=f"“{named.name}” excludes the people of “{named.name}”, which is itself. It mails nobody.",
        variant="itself",
        people=graph.people(key),
    )


def _everybody(graph: Graph, key: Key, causes: tuple[Cause, ...], hit: list[Key], segment: Key | None) -> Finding:
    named, first = graph.object(key), hit[0]
    names = list(dict.fromkeys(cause.object.name for cause in causes))
    is_trigger = all(_is_entry(cause.flow, first) if cause.flow else _starts_by(graph, cause, first) for cause in causes)
    kind = {Kind.TAG: "people with the tag", Kind.FORM: "people of the form", Kind.SEQUENCE: "people of the sequence"}[first.kind]
    left_out = f"{kind} “{graph.object(first).name}”"
    if segment:
        left_out = f"the segment “{graph.object(segment).name}”, which holds all {left_out}"
    why = (
        f"{name_list(names)} {'start' if len(names) > 1 else 'starts'} with it"
        if is_trigger
        else f"{name_list(names)} gives it to them before"
    )
    return Finding(
        object=named,
        message=f"“{named.name}” excludes {left_out}, and everybody who comes in has it: {why}. Nobody gets its emails."
        + graph.open_world_note,
        variant="trigger" if is_trigger else "tag-added-before",
        confidence=graph.closed_world,
        related=(*(graph.object(other) for other in (segment, *hit) if other), *dict.fromkeys(cause.object for cause in causes)),
        path=tuple(cause.node.path_step("nobody is mailed") for cause in causes if cause.node)[:1],
        people=graph.people(key),
    )
