"""Finds conditions that ask what people did with an email in the moment in which it goes out.

What it finds
-------------
A condition or split less than an hour behind an email: on a tag or field that nothing known gives but a click on a link of that email, on
having opened an email within the last days, or on having bought behind a sequence that sells. What counts is the first email on the way that
can bring it about: a sequence whose emails all go out immediately, or whose last email is the only one with the link. It is silent when the
link stands in another sequence too, when the tag can come from something else, and when buying is asked for again later on.

And a condition less than an hour behind an entry such as “Webinar: registered” that asks for “Webinar: attended”: two names about one thing, of
which one says that people are to come, the other that they came.

Why it matters
--------------
Kit sends people on right behind the last email of a sequence, and a condition looks once. Nobody has opened, clicked or bought within
seconds, so nearly everybody takes the “no” side, and the “yes” side stands empty forever: buyers get the reminder, and who clicked is
told to click.

How to fix it in Kit
--------------------
1. Open Automate → Visual Automations, choose the automation named in this finding, and pause it while you edit.
2. Click the “+” in front of the condition, choose Action → Delay, and give people time: a day or two.
3. Set the automation back to Active, if it was Active before.

When to ignore it
-----------------
The condition is meant for people who did it long before, by another email. It cannot see broadcasts, nor who has the tag from before.

Sources
-------
- Conditions look once, when the person arrives: https://help.kit.com/en/articles/2502665
- People go on behind the last email of a sequence: https://help.kit.com/en/articles/2502537
- A rule on a link waits for the click: https://help.kit.com/en/articles/6611507
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ckaudit.rule import (
    Cause,
    Confidence,
    Effect,
    Finding,
    Flow,
    FlowNode,
    Graph,
    Key,
    Kind,
    Need,
    ObjectRef,
    Options,
    RoleName,
    Rule,
    SequenceEmail,
    Severity,
    Theme,
    TriggerKind,
    Variant,
    duration,
    signal_of,
    steps,
)

RULE = Rule(
    code="CK324",
    name="condition-asks-too-soon",
    title="A condition asks what people did with an email when it has just gone out",
    passing="No condition behind an email asks for its click, its opening or a purchase within the hour",
    severity=Severity.WARNING,
    theme=Theme.AUTOMATIONS,
    confidence=Confidence.LIKELY,
    needs=(Need.AUTOMATIONS, Need.SEQUENCES, Need.SEQUENCE_EMAILS),
    passes_with=(Need.SNIPPETS,),
    checks=Kind.AUTOMATION,
    effort_minutes=10,
    unseen="conditions leave none",
    nothing="no condition behind an email asks for what people do with it",
    variants={
        "clicked": Variant("A condition asks for a click on a link when the email with it has just gone out"),
        "opened": Variant("A condition asks who opened an email when it has just gone out"),
        "bought": Variant("A condition asks who bought when the offer has just gone out"),
        "to-come": Variant("A condition asks who took part in something that has not taken place yet"),
    },
)

_ENTRY = re.compile(
    r"\b(?:register(?:ed)?|registration|sign(?:ed)?[ -]?up|booked|enrol(?:led)?|purchased|bought|invited|joined|reserved|seat)\b",
    re.IGNORECASE,
)
_TAKEN_PART = re.compile(
    r"\b(?:attended|attendee|attendance|showed[ -]?up|watched|was there|came|no[ -]?show|did not (?:attend|come)|missed|completed|finished)\b",
    re.IGNORECASE,
)
_WORDS = re.compile(r"[^\W_]+")
_COMMON = frozenset({"the", "for", "and", "tag", "has", "was", "did", "not", "live"})
HOUR, WEEK = 3600, 7 * 86400
_BUYER = (RoleName.PURCHASE, RoleName.ACCESS)


class _Chance(NamedTuple):
    """An email on the way to a condition, and the planned seconds until people come there on the quickest path."""

    node: FlowNode
    email: SequenceEmail
    seconds: int


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each condition, at the first thing that it asks for too soon."""
    for flow, node, variant, key, chances in _asked(graph):
        first = max(chances, key=lambda chance: chance.seconds)
        if first.seconds < HOUR:
            yield _finding(graph, flow, node, variant, key, first)
    for flow, node, entry, tag, seconds in _early(graph):
        if seconds < HOUR:
            yield _to_come(graph, flow, node, entry, tag, seconds)


def judged(graph: Graph) -> Iterable[Key]:
    """The conditions behind emails that ask for what people do with these."""
    return list(dict.fromkeys(node.key for _, node, *_ in (*_asked(graph), *_early(graph))))


def _asked(graph: Graph) -> Iterator[tuple[Flow, FlowNode, str, Key | None, list[_Chance]]]:
    """Each condition behind emails, what it asks for, and the emails on the way that can bring it about; one answer for each condition."""
    links = _links(graph)
    for flow in graph.flows if graph.account.sequence_emails else ():
        for node in flow.steps if flow.live else ():
            chances = _chances(graph, flow, node) if node.is_condition and node.id in flow.reached else []
            found = next(_what(graph, flow, node, chances, links), None) if chances else None
            if found:
                yield flow, node, *found


def _early(graph: Graph) -> Iterator[tuple[Flow, FlowNode, FlowNode, Key, int]]:
    """Each condition on having taken part, behind an entry on being about to, with the planned seconds between on the quickest path."""
    for flow in graph.flows:
        for node in flow.steps if flow.live else ():
            for tag in node.tests if node.is_condition and node.id in flow.reached else ():
                for entry in flow.entries:
                    span = (
                        flow.time_between(entry, node, avoiding=lambda other: _is_open(graph, other))
                        if _is_before(graph, entry, tag)
                        else None
                    )
                    if span:
                        yield flow, node, entry, tag, span.min_seconds


def _is_open(graph: Graph, node: FlowNode) -> bool:
    """True where nobody knows how long people stay: in front of a goal, in a sequence that was not read."""
    return node.is_event or (node.enrols is not None and graph.lookup.sequence(node.enrols) is None)


def _is_before(graph: Graph, entry: FlowNode, tag: Key) -> bool:
    """True when the entry says that people are to come, and the tag, which nothing in Kit adds, that they came to the same thing."""
    asked = graph.object(tag).name
    named = graph.object_of(entry).name
    if tag.kind is not Kind.TAG or entry.trigger is None or not _TAKEN_PART.search(asked) or _TAKEN_PART.search(named):
        return False
    about = [
        {word.casefold() for word in _WORDS.findall(pattern.sub(" ", name)) if len(word) > 2} - _COMMON
        for pattern, name in ((_TAKEN_PART, asked), (_ENTRY, named))
    ]
    said = bool(_ENTRY.search(named)) or entry.trigger.kind in (TriggerKind.JOINS_FORM, TriggerKind.PURCHASES)
    outside = all(
        (cause.integration is not None and cause.integration.on is None) or _is_click(cause)
        for cause in graph.causes.of(Effect.ADDS_TAG, tag)
    )
    return said and outside and bool(about[0]) and about[0] <= about[1]


def _to_come(graph: Graph, flow: Flow, node: FlowNode, entry: FlowNode, tag: Key, seconds: int) -> Finding:
    named, start = graph.object(tag), graph.object_of(entry)
    when = f"{duration(seconds)} after" if seconds else "in the second in which"
    return Finding(
        object=flow.object,
        message=f"“{flow.name}” asks for “{named.name}” {when} people come in by “{start.name}”. What it is about has not taken place then: nearly everybody "
        f"takes the “no” side, also those who will come.{graph.open_world_note}",
        variant="to-come",
        confidence=Confidence.LIKELY if graph.is_complete else Confidence.POSSIBLE,
        related=(named, start),
        path=(entry.path_step(), node.path_step("looks once")),
        location=node.location,
    )


def _links(graph: Graph) -> dict[str, set[int]]:
    """Each link that a rule waits for, with the emails that have it."""
    waited = (signal_of(when).value or "" for rule in graph.manifest.rules for when in rule.when if when.kind is TriggerKind.CLICKS_LINK)
    found: dict[str, set[int]] = {link: set() for link in waited}
    for mail in graph.contents.mails if found else ():
        for link in mail.links:
            if (address := link.plain) in found:
                found[address].add(mail.email.id)
    return found


def _chances(graph: Graph, flow: Flow, node: FlowNode) -> list[_Chance]:
    """The emails in front of a condition; none where one of their sequences is not known."""
    found = []
    for other in flow.before(node):
        span = flow.time_between(other, node, avoiding=lambda between: between.is_event) if other.enrols and other.passes else None
        if span is None or other.enrols is None:
            continue
        mails = graph.contents.of(other.enrols)
        if not mails or not all(mail.readable for mail in mails):
            return []
        later = 0
        for mail in reversed(mails):
            found.append(_Chance(other, mail.email, span.min_seconds + later))
            later += mail.email.delay_seconds
    return found


def _what(
    graph: Graph, flow: Flow, node: FlowNode, chances: list[_Chance], links: dict[str, set[int]]
) -> Iterator[tuple[str, Key | None, list[_Chance]]]:
    """What a condition asks for that people do with emails in front of it, and which of these they can do it with."""
    if isinstance(node.step, steps.If) and node.step.test.kind is steps.ConditionKind.OPENED:
        if 0 < (node.step.test.seconds or 0) <= WEEK:
            yield "opened", None, chances
        return
    for key in node.tests:
        effect = Effect.SETS_FIELD if key.kind is Kind.FIELD else Effect.ADDS_TAG
        causes = graph.causes.of(effect, key)
        if causes and all(_is_click(cause) for cause in causes) and not flow.entered_by(key):
            clicked = (signal_of(when).value or "" for cause in causes if cause.rule for when in cause.rule.when)
            have = {email for link in clicked for email in links.get(link, ())}
            with_link = [chance for chance in chances if chance.email.id in have]
            if have and {chance.email.id for chance in with_link} == have:
                yield "clicked", key, with_link  # else people may have clicked in an email of another sequence
        elif effect is Effect.ADDS_TAG and _says_bought(graph, key, causes) and not _comes_from(graph, flow, key):
            selling = [chance for chance in chances if chance.node.enrols and graph.sells(chance.node.enrols)]
            if selling and not _asks_again(flow, node, key):
                yield "bought", key, selling


def _is_click(cause: Cause) -> bool:
    return cause.rule is not None and all(when.kind is TriggerKind.CLICKS_LINK for when in cause.rule.when)


def _says_bought(graph: Graph, tag: Key, causes: tuple[Cause, ...]) -> bool:
    """True for a tag of buyers that only buying gives."""
    if tag in graph.keys(*_BUYER):
        return True
    sold = [cause for cause in causes if cause.integration and cause.integration.on == "purchase"]
    return bool(causes) and len(sold) == len(causes)


def _comes_from(graph: Graph, flow: Flow, tag: Key) -> bool:
    """True where people may come in because they bought: then the tag says what they did before."""
    buyers = {*graph.keys(*_BUYER), tag}
    for entry in flow.entries:
        if entry.target in buyers or (entry.trigger and entry.trigger.kind is TriggerKind.PURCHASES):
            return True
    return not flow.entries


def _asks_again(flow: Flow, node: FlowNode, tag: Key) -> bool:
    """True where the same is asked or waited for further down, when people had time: then this condition keeps off earlier buyers."""
    for other in flow.after(node):
        later = flow.time_between(node, other) if tag in other.tests or other.on_tag == tag else None
        if later and (other.is_event or later.min_seconds >= HOUR):
            return True
    return False


def _finding(graph: Graph, flow: Flow, node: FlowNode, variant: str, key: Key | None, first: _Chance) -> Finding:
    when = f"{duration(first.seconds)} after" if first.seconds else "in the second in which"
    sent = f"“{first.email.title}” goes out" if not first.seconds else f"“{first.email.title}”"
    named = graph.object(key) if key else None
    what = {
        "clicked": f"asks for “{named.name if named else ''}” {when} {sent}. That comes only with a click on a link of this email",
        "opened": f"asks who opened an email {when} {sent}",
        "bought": f"asks for “{named.name if named else ''}” {when} {sent}, the first email of “{graph.object_of(first.node).name}” on this way",
    }[variant]
    harm = {
        "clicked": "and nearly nobody has clicked by then: nearly everybody takes the “no” side.",
        "opened": "Nearly nobody has by then: what decides is whether they opened an older one.",
        "bought": "Nearly nobody has bought by then, and the condition does not look again.",
    }[variant]
    related: tuple[ObjectRef, ...] = (first.email.object, graph.object_of(first.node))
    return Finding(
        object=flow.object,
        message=f"“{flow.name}” {what}{',' if variant == 'clicked' else '.'} {harm}" + (graph.open_world_note if key else ""),
        variant=variant,
        confidence=Confidence.LIKELY if key and graph.is_complete else Confidence.POSSIBLE,
        related=((named, *related) if named else related),
        path=(first.node.path_step("goes out"), node.path_step("looks once")),
        location=node.location,
    )
