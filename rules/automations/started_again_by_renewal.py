"""Finds automations that every renewal starts again.

What it finds
-------------
An integration that takes a tag off and adds it again when a subscription is renewed or a payment comes in, while that tag starts an
automation or a rule which puts people into a sequence that restarts (*Yes, enable the ability to restart the Email Sequence multiple
times*), or calls the site that makes logins. Renewals are known by ``on: renewal``, and by the name of the integration.

Why it matters
--------------
Members who have been with you for a year are welcomed every month, with a login email on top. They think that something is wrong with
their account, and some change a password that worked.

How to fix it in Kit
--------------------
1. Let the shop add the tag with the first payment only, and another tag, or none, with every renewal.
2. If it cannot: open Send → Email Sequences, choose the sequence named in this finding, and click Settings.
3. At Email Sequence Behavior switch off “Yes, enable the ability to restart the Email Sequence multiple times”, and click Update Email
   Sequence. People then get each of its emails once.

When to ignore it
-----------------
People are meant to get it with every payment. It sees only what the manifest says about the integration, and cannot see whether the shop
really takes the tag off first.

Sources
-------
- Who is added again to a sequence that restarts begins with its first email: https://help.kit.com/en/articles/5022528
- Assumed here: a tag that was taken off and is added again starts automations and rules
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ckaudit.rule import (
    LOGIN_MAKERS,
    Cause,
    Confidence,
    Consequence,
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
    Variant,
)

RULE = Rule(
    code="CK316",
    name="started-again-by-renewal",
    title="Every renewal welcomes members again",
    passing="Renewals start nothing that is for new members",
    severity=Severity.WARNING,
    theme=Theme.AUTOMATIONS,
    confidence=Confidence.LIKELY,
    needs=(Need.AUTOMATIONS, Need.SEQUENCES),
    checks=Kind.TAG,
    effort_minutes=15,
    unseen="a tag that was taken off leaves none",
    nothing="the manifest says of no integration what it writes at renewals",
    variants={
        "emails": Variant("Every renewal mails members again from the first email on"),
        "login": Variant(
            "Every renewal makes the login again",
            fix=(
                "Let the shop add the tag with the first payment only, and another tag, or none, with every renewal.",
                "If it cannot: open Automate → Visual Automations (for a rule: Automate → Rules), and let what makes the login start with another "
                "tag, which the shop adds once.",
            ),
        ),
    },
)

_RENEWS = re.compile(r"\b(renewals?|renews?|rebills?|rebilling|(each|every|monthly|recurring) (payment|charge|month))\b", re.IGNORECASE)


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each tag."""
    for tag in judged(graph):
        writers = [cause for cause in graph.causes.of(Effect.ADDS_TAG, tag) if _renews(cause)]
        off = any(_renews(cause) for cause in graph.causes.of(Effect.REMOVES_TAG, tag))
        for item in graph.reactions.what_follows(Signal(tag, TriggerKind.TAG_ADDED)) if off else ():
            variant = _again(graph, item)
            if variant:
                yield _finding(graph, tag, writers[0], item, variant)
                break


def judged(graph: Graph) -> Iterable[Key]:
    """The tags that integrations add at renewals."""
    return list(dict.fromkeys(cause.target for cause in graph.causes.all if cause.effect is Effect.ADDS_TAG and _renews(cause)))


def _renews(cause: Cause) -> bool:
    """True for what an integration does at every renewal."""
    if not cause.integration:
        return False
    return (cause.integration.on is not None and cause.integration.on.renews) or bool(_RENEWS.search(cause.integration.name))


def _again(graph: Graph, item: Consequence) -> str:
    """What people get again: emails that restart, or a login."""
    if item.waits or item.conditions:
        return ""
    if item.cause.effect is Effect.ENROLS:
        sequence = graph.lookup.sequence(item.cause.target)
        return "emails" if sequence is not None and sequence.repeat and sequence.active is not False else ""
    made = item.cause.effect is Effect.ADDS_TAG and item.cause.target in graph.keys(*LOGIN_MAKERS)
    return "login" if made else ""


def _finding(graph: Graph, tag: Key, writer: Cause, item: Consequence, variant: str) -> Finding:
    named, what = graph.object(tag), graph.object(item.cause.target)
    does = (
        f"puts people into “{what.name}”, which restarts with its first email"
        if variant == "emails"
        else f"adds “{what.name}”, which makes the login"
    )
    return Finding(
        object=item.cause.object,
        message=f"At every renewal “{writer.object.name}” takes “{named.name}” off and adds it again. “{item.cause.object.name}” then {does}: members get "
        "with every payment what is for new ones.",
        variant=variant,
        related=(named, what, writer.object),
        path=(writer.path_step, *item.path),
        location=item.cause.location,
    )
