"""Finds login sequences with further emails that hold up the rest of the automation.

What it finds
-------------
An automation goes on behind a sequence only after its last published email. This rule reports a login sequence with more than one published
email when steps that do something follow in the automation and no goal (event) stands before them. A day or more of waiting after the
first email is a warning, less is worth knowing. A sequence that keeps people is CK401.

Why it matters
--------------
The next module opens days later than you planned. The webhook tag stays on meanwhile, so what the buyer buys in these days does not reach
your site.

How to fix it in Kit
--------------------
1. Open Send → Email Sequences and choose the sequence named in this finding.
2. Copy every email but the login email into a new sequence, and publish them there.
3. Open the automation named in this finding and put the new sequence behind the step that takes the webhook tag off, or behind the steps
   that must not wait.
4. When nobody is in the login sequence any more, switch off Published for the emails you copied.

When to ignore it
-----------------
The steps behind it are meant to wait until the last email is out.

Sources
-------
- AccessAlly's ConvertKit guide, step 2, "we only need the welcome email in the sequence" (claim S9):
  https://kb.accessally.com/tutorials/convertkit-automation/
- Actions wait until the step above them is complete: https://help.kit.com/en/articles/2502537
- API: `email.published`, `email.delay_value`
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ckaudit.rule import (
    WEBHOOK_ROLES,
    Confidence,
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
    Variant,
    duration,
)

RULE = Rule(
    code="CK409",
    name="extra-emails-in-login-sequence",
    title="Further emails in the login sequence hold up what comes behind it",
    passing="No login sequence holds up the steps behind it",
    severity=Severity.WARNING,
    theme=Theme.SEQUENCES,
    harm=Harm.LOCKED_OUT,
    needs=(Need.SEQUENCES, Need.SEQUENCE_EMAILS, Need.AUTOMATIONS, Need.MEMBERSHIP),
    needs_roles=((RoleName.LOGIN_SEQUENCE,),),
    nothing="there is no login sequence",
    checks=Kind.SEQUENCE,
    effort_minutes=15,
    variants={
        "webhook-tag-waits": Variant("Further emails in the login sequence keep the webhook tag on"),
        "steps-wait": Variant(
            "Further emails in the login sequence hold up what comes behind it",
            fix=(
                "Open Send → Email Sequences and choose the sequence named in this finding.",
                "Copy every email but the login email into a new sequence, and publish them there.",
                "Open the automation named in this finding and put the new sequence behind the steps that must not wait.",
                "When nobody is in the login sequence any more, switch off Published for the emails you copied.",
            ),
        ),
    },
)

DAY = 86400


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each login sequence, at its first place with steps behind."""
    for key in graph.logins.sequences:
        sequence, published = graph.lookup.sequence(key), graph.lookup.published(key)
        if sequence is None or sequence.hold or sequence.active is False or len(published) < 2:
            continue
        wait = sum(email.delay_seconds for email in published[1:])
        places = [(cause.flow, cause.node) for cause in graph.feeders(key) if cause.flow and cause.node]
        place = next(((flow, node) for flow, node in places if flow.steps_next(node)), None)
        if place and wait:
            yield _finding(graph, key, *place, wait)


def judged(graph: Graph) -> Iterable[Key]:
    """The login sequences."""
    return graph.logins.sequences


def _finding(graph: Graph, key: Key, flow: Flow, node: FlowNode, wait: int) -> Finding:
    behind = flow.steps_next(node)
    removal = next((step for step in behind if step.removes in graph.keys(*WEBHOOK_ROLES)), None)
    first = removal or behind[0]
    tail = " The webhook tag stays on meanwhile, and adding it again does nothing." if removal else ""
    named = graph.object(key)
    return Finding(
        object=named,
        message=f"“{named.name}” goes on for {duration(wait)} after its first email, and “{flow.name}” waits for it. Until "
        f"then this does not happen: {first.label}.{tail}",
        variant="webhook-tag-waits" if removal else "steps-wait",
        severity=Severity.WARNING if wait >= DAY else Severity.INFO,
        confidence=Confidence.LIKELY if graph.logins.reason(key) and not _stated(graph, key) else Confidence.CERTAIN,
        related=(flow.object,),
        path=(node.path_step("takes " + duration(wait)), *(step.path_step() for step in behind)),
        people=graph.people(key),
        location=node.location,
    )


def _stated(graph: Graph, key: Key) -> bool:
    return any(item.key == key and item.declared for group in graph.memberships for item in group.assigned)
