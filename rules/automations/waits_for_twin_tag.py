"""Finds automations that wait for a tag while another tag with nearly the same name is added.

What it finds
-------------
Two tags whose names are the same but for capital letters, spaces and punctuation, the order of words, singular and plural, or a year.
Nothing known adds the first, and an automation, a rule, a condition, an email, an exclusion of a sequence or a webhook looks for it. Something adds
the second, and nothing looks for it. For names that differ in spelling alone the second may be used elsewhere too; for a year the tag
that is added must be the later one.

Why it matters
--------------
Kit takes them for two tags. Everything looks right on the screen, and people who get the second never set off what waits for the first.
Those who hold the first from earlier make it look alive.

How to fix it in Kit
--------------------
1. Find out which of the two tags named in this finding is the right one: look in the shop, tool or step that adds the second.
2. Open Automate → Visual Automations (for a rule: Automate → Rules) and choose the one named in this finding. Pause it while you edit:
   people wait where they are and go on when it is Active again.
3. Choose the tag that is really added, or let the tool add the other one from now on. Set it back to Active, if it was Active before.
4. In Grow → Subscribers filter by the second tag: whoever got it meanwhile has missed something. Give them the first tag, after looking
   what it starts.

When to ignore it
-----------------
The two tags mean different things, or somebody adds the first by hand. It sees only what the manifest lists, and the names as they stand.

Sources
-------
- Tags are told apart by their exact names: https://help.kit.com/en/articles/4257108
- Events and conditions look for one tag: https://help.kit.com/en/articles/2502670 and 2502665
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ckaudit.rule import (
    Confidence,
    Effect,
    Finding,
    Graph,
    Key,
    Kind,
    Location,
    Need,
    ObjectRef,
    Options,
    PathStep,
    Rule,
    Sameness,
    Severity,
    Theme,
    TriggerKind,
    content,
    name_list,
)

RULE = Rule(
    code="CK320",
    name="waits-for-twin-tag",
    title="Something waits for a tag, and its twin is added instead",
    passing="No tag is waited for whose twin is added instead",
    severity=Severity.WARNING,
    theme=Theme.AUTOMATIONS,
    needs=(Need.AUTOMATIONS, Need.TAGS),
    checks=Kind.TAG,
    effort_minutes=10,
    unseen="that a tag is waited for leaves none",
    yields_to=("CK305", "CK309"),
    nothing="nothing waits for a tag",
)


class _Look(NamedTuple):
    """Something that looks for a tag."""

    object: ObjectRef
    verb: str
    step: PathStep | None = None
    location: Location | None = None


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each tag that is looked for while its twin is added."""
    looked_for = _looks(graph)
    for tag, looks in looked_for.items():
        if not graph.causes.of(Effect.ADDS_TAG, tag) and not graph.is_young(tag):
            for twin, kind in graph.names.twins(tag):
                if _is_added_instead(graph, tag, twin, kind, used=twin in looked_for):
                    yield _finding(graph, tag, twin, looks)
                    break


def judged(graph: Graph) -> Iterable[Key]:
    """The tags that something waits for."""
    return list(_looks(graph))


def _looks(graph: Graph) -> dict[Key, list[_Look]]:
    """What looks for each known tag."""
    found: dict[Key, list[_Look]] = {}
    for flow in graph.flows if graph.has_automations else ():
        for node in flow.nodes.values() if flow.live else ():
            waits = "waits for" if node.is_event else "starts with"
            by_trigger = node.trigger is not None and node.trigger.kind in (TriggerKind.TAG_ADDED, TriggerKind.TAG_REMOVED)
            tags = [(node.target, waits)] if by_trigger and node.target else []
            for key, verb in (*tags, *((tested, "asks for") for tested in node.tests)):
                found.setdefault(key, []).append(_Look(flow.object, verb, node.path_step(), node.location))
    for index, rule in enumerate(graph.manifest.rules):
        causes = graph.causes.by(Key(Kind.RULE, index)) if rule.enabled else ()
        for when in rule.when if causes else ():
            if when.ref:
                found.setdefault(when.ref.key, []).append(_Look(causes[0].object, "waits for", None, rule.location))
    for sequence in graph.account.sequences:
        for key in sequence.excluded_keys:
            found.setdefault(key, []).append(_Look(graph.object(sequence.key), "leaves out"))
    for hook in graph.account.webhooks:
        if hook.event.tag_id is not None:
            found.setdefault(Key(Kind.TAG, hook.event.tag_id), []).append(_Look(graph.object(hook.key), "waits for"))
    named = {tag.name: tag.key for tag in graph.account.tags}
    for document in graph.contents.documents:
        for test in document.tag_tests:
            if test.name in named:
                found.setdefault(named[test.name], []).append(_Look(document.object, "asks for"))
    return {key: looks for key, looks in found.items() if key.kind is Kind.TAG and graph.lookup.tag(key)}


def _is_added_instead(graph: Graph, tag: Key, twin: Key, kind: Sameness, *, used: bool) -> bool:
    """True when something adds the twin and nothing else wants it."""
    if not graph.causes.of(Effect.ADDS_TAG, twin) or (used and kind is not Sameness.SPELLING):
        return False
    return kind is not Sameness.YEAR or graph.names.is_earlier(tag, twin)


def _finding(graph: Graph, tag: Key, twin: Key, looks: list[_Look]) -> Finding:
    first, named, other = looks[0], graph.object(tag), graph.object(twin)
    writer = graph.causes.of(Effect.ADDS_TAG, twin)[0]
    held = graph.people(tag)
    old = f" {held} people hold “{named.name}” from before." if held else ""
    more = list(dict.fromkeys(look.object.name for look in looks))[1:]
    unlike = content.difference(named.name, other.name)
    others = f" {name_list(more)} {'looks' if len(more) == 1 else 'look'} for it too." if more else ""
    return Finding(
        object=first.object,
        message=f"“{first.object.name}” {first.verb} “{named.name}”, which nothing known adds. “{writer.object.name}” adds “{other.name}” "
        f"instead, and for Kit that is another tag.{f' {unlike}' if unlike else ''}{others}{old}{graph.open_world_note}",
        severity=Severity.WARNING if graph.is_complete else Severity.INFO,
        confidence=Confidence.LIKELY if graph.is_complete else Confidence.POSSIBLE,
        related=(named, other, *(look.object for look in looks[1:])),
        path=((first.step, writer.path_step) if first.step else ()),
        people=graph.people(twin),
        people_who="got the other tag",
        location=first.location,
    )
