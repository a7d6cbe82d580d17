"""Finds sequences that are switched off although people are sent into them.

What it finds
-------------
An inactive sequence sends nothing. This rule reports one that an active or paused automation, an enabled rule, a form or another tool
still puts people into. It also reports one that nothing known feeds but that has people in it: they wait, and switching it on sends them
emails written for another day. Automations and rules that are switched off do not count as feeding.

Why it matters
--------------
Nobody gets an error. Buyers wait for their login, members with a failed card are never told, and in an automation everybody stands still
at this sequence: what comes behind it never happens.

How to fix it in Kit
--------------------
1. Open Send → Email Sequences and choose the sequence named in this finding.
2. Read the emails first: people who are waiting in it may get them as soon as it is active. Take out those who should not.
3. Set the sequence to Active.
4. If it is retired: remove the people who are in it, and take it out of what is named in this finding instead.

When to ignore it
-----------------
The sequence is switched off for a few days while you rewrite it. An old sequence with people in it and nothing that feeds it is harmless
as long as nobody switches it on.

Sources
-------
- Why a sequence is not sending: https://help.kit.com/en/articles/2502568, https://help.kit.com/en/articles/2823560
- AccessAlly's ConvertKit guide, step 2 (claim S10): https://kb.accessally.com/tutorials/convertkit-automation/
- API: `sequence.active` (false: nothing is sent, people stay where they are), `sequence.subscriber_count`
"""

from __future__ import annotations

from collections.abc import Iterator

from ckaudit.rule import (
    Cause,
    Effect,
    Finding,
    Graph,
    Harm,
    Key,
    Kind,
    Need,
    NotEvaluatedError,
    Options,
    RoleName,
    Rule,
    Sequence,
    Severity,
    Theme,
    Variant,
    name_list,
)

RULE = Rule(
    code="CK402",
    name="inactive-sequence-in-use",
    title="A sequence is switched off and people are sent into it",
    passing="Every sequence people are sent into is active",
    severity=Severity.ERROR,
    theme=Theme.SEQUENCES,
    harm=Harm.MONEY,
    needs=(Need.SEQUENCES,),
    checks=Kind.SEQUENCE,
    effort_minutes=10,
    variants={
        "fed": Variant("A sequence is switched off and people are sent into it"),
        "people-inside": Variant(
            "A sequence is switched off and has people in it",
            Severity.WARNING,
            (
                "Open Send → Email Sequences and choose the sequence named in this finding.",
                "If it is retired: remove the people who are in it, so that nobody mails them by switching it on.",
                "If it should go on: read its emails, take out those who should not get them any more, and set it to Active. The others may get the next email at once.",
            ),
        ),
    },
)


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each inactive sequence that is fed or has people in it."""
    sequences = graph.account.sequences
    if sequences and all(sequence.active is None for sequence in sequences):
        raise NotEvaluatedError("Kit's answer does not say which sequences are active", (Need.SEQUENCES,))
    for sequence in sequences:
        key = sequence.key
        if sequence.active is not False:
            continue
        causes = graph.feeders(key)
        if causes:
            yield _fed(graph, key, causes)
        elif sequence.subscriber_count:
            yield _waiting(graph, sequence, key)


def _fed(graph: Graph, key: Key, causes: tuple[Cause, ...]) -> Finding:
    names = list(dict.fromkeys(cause.object.name for cause in causes))
    named = graph.object(key)
    steps = [(cause.flow, cause.node) for cause in causes if cause.flow and cause.node]
    blocked = next((flow.name for flow, node in steps if flow.steps_next(node)), "")
    stuck = f" In “{blocked}” they do not reach the next step either." if blocked else ""
    return Finding(
        object=named,
        message=f"{name_list(names)} {'put' if len(names) > 1 else 'puts'} people into “{named.name}”, but this sequence is inactive: "
        f"{_what_is_missing(graph, key)}.{stuck}",
        variant="fed",
        related=tuple(dict.fromkeys(cause.object for cause in causes)),
        path=tuple(
            step
            for flow, node in steps[:1]
            for step in (node.path_step("people stop here"), *(lost.path_step("not reached") for lost in flow.steps_next(node)))
        ),
        people=graph.people(key),
    )


def _what_is_missing(graph: Graph, key: Key) -> str:
    if key in graph.keys(RoleName.DUNNING_SEQUENCE):
        return "people whose payment failed are not told"
    if key in graph.logins.sequences:
        return "buyers do not get their login email"
    return "they get none of its emails"


def _waiting(graph: Graph, sequence: Sequence, key: Key) -> Finding:
    count = sequence.subscriber_count or 0
    who = "1 person is" if count == 1 else f"{count} people are"
    asleep = list(dict.fromkeys(cause.object.name for cause in graph.causes.of(Effect.ENROLS, key, live=False)))
    exists = f" What would feed it is switched off too: {name_list(asleep)}." if asleep else ""
    return Finding(
        object=graph.object(key),
        message=f"{who} in “{sequence.name}”, and it is inactive. They get nothing; if it is switched on again, old emails may go out to "
        f"them at once.{exists}",
        variant="people-inside",
        people=count,
    )
