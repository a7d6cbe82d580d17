"""Finds links by which people ask for no more of these emails, and that end nothing.

What it finds
-------------
A rule that adds a tag when somebody clicks a link, where the link stands in an email of a sequence with more emails behind it, and the tag
(or the words of the link) says that people want no more: “No launch emails”, “opt out”, “not interested”. It is found where nothing known
ends the sequence for them: the sequence does not leave out the tag, nothing that the click sets off unsubscribes them from it or takes them
out of the automation, and no goal on the tag stands behind it.

Why it matters
--------------
They have asked politely and get every further email of the launch all the same. The next click is on “unsubscribe”, or on “spam”.

How to fix it in Kit
--------------------
1. Open Send → Email Sequences, choose the sequence named in this finding, and click Settings at the top right.
2. Let it leave out the subscribers with the tag named in this finding.
3. Click the link as a test subscriber, and look whether the next email stays away.

When to ignore it
-----------------
The tag is meant for broadcasts alone, which you send without these people. Broadcasts are not looked at.

Sources
-------
- Rules on links: https://help.kit.com/en/articles/6611507
- Exclusions of sequences are read from the API (`exclude_subscriber_sources`)
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
    Graph,
    Key,
    Kind,
    Need,
    Options,
    Rule,
    Severity,
    Signal,
    Theme,
    TriggerKind,
    content,
    signal_of,
)

RULE = Rule(
    code="CK413",
    name="opt-out-not-heard",
    title="A link that should end the emails ends nothing",
    passing="Who clicks that they want no more of a sequence gets no more of it",
    severity=Severity.WARNING,
    theme=Theme.SEQUENCES,
    confidence=Confidence.LIKELY,
    needs=(Need.AUTOMATIONS, Need.SEQUENCES, Need.SEQUENCE_EMAILS),
    passes_with=(Need.SNIPPETS,),
    checks=Kind.SEQUENCE,
    effort_minutes=10,
    unseen="clicks leave none",
    nothing="no email has a link by which people ask for no more",
)

_NO_MORE = re.compile(
    r"\bno (?:more|longer|\w+ (?:e-?)?mails?|launch|sales|promos?|offers?|pitch)\b|\bopt(?:ed)?[ -]?out\b|\bnot interested\b|\bdo not (?:send|mail|pitch)\b"
    r"|\bdon.?t (?:send|mail|want|pitch)\b|\b(?:stop|skip|mute|pause|exclude from) (?:\w+ )?(?:(?:e-?)?mails?|launch|sales|promos?|offers?|pitch|series|sequence)\b",
    re.IGNORECASE,
)


class _OptOut(NamedTuple):
    """A link in an email that is not the last of its sequence, and what the rule on it does."""

    mail: content.Mail
    click: Signal
    cause: Cause


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each sequence and tag."""
    told: set[tuple[int, Key]] = set()
    for item in _opt_outs(graph):
        place = item.mail.sequence.id, item.cause.target
        if place not in told and not _is_heard(graph, item):
            told.add(place)
            yield _finding(graph, item)


def judged(graph: Graph) -> Iterable[Key]:
    """The sequences with such a link."""
    return list(dict.fromkeys(item.mail.sequence.key for item in _opt_outs(graph)))


def _opt_outs(graph: Graph) -> Iterator[_OptOut]:
    clicked: dict[str, list[tuple[Signal, Cause]]] = {}
    for index, rule in enumerate(graph.manifest.rules):
        adding = [cause for cause in graph.causes.by(Key(Kind.RULE, index)) if cause.live and cause.effect is Effect.ADDS_TAG]
        for when in rule.when if adding else ():
            if when.kind is TriggerKind.CLICKS_LINK:
                clicked.setdefault(signal_of(when).value or "", []).append((signal_of(when), adding[0]))
    for mail in graph.contents.mails if clicked else ():
        last = graph.contents.of(mail.sequence.key)[-1].email.id == mail.email.id
        for link in mail.links if not last else ():
            for click, cause in clicked.get(link.plain, ()):
                if _NO_MORE.search(re.sub(r"[_:–-]+", " ", graph.object(cause.target).name)) or _NO_MORE.search(link.text):
                    yield _OptOut(mail, click, cause)


def _is_heard(graph: Graph, item: _OptOut) -> bool:
    sequence = item.mail.sequence
    if item.cause.target in sequence.excluded_keys or any(key.kind is Kind.SEGMENT for key in sequence.excluded_keys):
        return True
    followed = graph.reactions.what_follows(item.click, goals=True)
    feeders = graph.feeders(sequence.key)
    flows = {cause.flow.key for cause in feeders if cause.flow}
    for step in followed:
        ends = step.cause.effect is Effect.UNSUBSCRIBES
        ends |= step.cause.effect is Effect.UNENROLS and step.cause.target == sequence.key
        if ends or (step.cause.effect is Effect.STOPS and step.cause.target in flows):
            return True
    if any(cause.integrated for cause in graph.causes.of(Effect.UNENROLS, sequence.key)):
        return True
    given = {step.cause.target for step in followed if step.cause.effect is Effect.ADDS_TAG}
    return any(
        event.on_tag in given for cause in feeders if cause.flow and cause.node for event in cause.flow.after(cause.node) if event.is_event
    )


def _finding(graph: Graph, item: _OptOut) -> Finding:
    tag, sequence = graph.object(item.cause.target), item.mail.sequence
    return Finding(
        object=sequence.object,
        message=f"“{item.mail.email.title}” has a link by which people ask for no more, and “{item.cause.object.name}” adds “{tag.name}” when they "
        f"click it. “{sequence.name}” does not leave out that tag, and nothing known ends it for them: the other emails follow."
        f"{graph.open_world_note}",
        confidence=Confidence.LIKELY if graph.is_complete else Confidence.POSSIBLE,
        related=(item.mail.email.object, tag, item.cause.object),
        people=graph.people(item.cause.target),
        path=(item.cause.path_step,),
        location=item.cause.location,
    )
