"""Finds login emails that do not go out at once.

What it finds
-------------
In a sequence that carries the login email, this rule adds up how long a buyer waits inside the sequence. A day or more is an error. Hours
are a warning when a delay step already stands between the webhook tag and the sequence; without such a step the hours do the waiting, which
is fine. A login email that stands behind other emails is a warning. A draft in front of it is CK404.

Why it matters
--------------
Somebody has just paid and wants in. Without a login they write to you, pay a second time, or ask for the money back.

How to fix it in Kit
--------------------
1. Open Send → Email Sequences and choose the sequence named in this finding.
2. Move the login email to the top if it is not the first.
3. In its sending settings choose “Immediately” (0 days).
4. Between the webhook tag and this sequence the automation needs a Delay of some minutes, five with AccessAlly. Keep it, or add it if
   there is none.

When to ignore it
-----------------
The buyer has the login from somewhere else, for example from the page shown after the order.

Sources
-------
- AccessAlly's ConvertKit guide, step 2, "should be sent immediately" (claim S12): https://kb.accessally.com/tutorials/convertkit-automation/.
  The number of days is missing in the guide's text; "immediately" is what it asks for.
- Only the first email can be immediate: https://developers.kit.com/api-reference/sequence-emails/create-a-sequence-email
- API: `email.delay_value`, `email.delay_unit`, `email.position`
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ckaudit.rule import (
    LOGIN_MAKERS,
    Confidence,
    Finding,
    Graph,
    Harm,
    Key,
    Kind,
    Need,
    Options,
    RoleName,
    Rule,
    SequenceEmail,
    Severity,
    Theme,
    Variant,
    duration,
    steps,
)

_CHOOSE = "Open Send → Email Sequences and choose the sequence named in this finding."
_DELAY = "Look at the automation that puts buyers into it. Between the webhook tag and the sequence your site needs a Delay of some minutes, five with AccessAlly. Add it if there is none."

RULE = Rule(
    code="CK406",
    name="login-email-not-immediate",
    title="The login email does not go out at once",
    passing="Every login email goes out at once",
    severity=Severity.ERROR,
    theme=Theme.SEQUENCES,
    harm=Harm.LOCKED_OUT,
    needs=(Need.SEQUENCES, Need.SEQUENCE_EMAILS, Need.MEMBERSHIP),
    needs_roles=((RoleName.LOGIN_SEQUENCE,),),
    checks=Kind.SEQUENCE,
    effort_minutes=5,
    people_from=("CK802 too-late",),
    nothing="no sequence carries a login email",
    variants={
        "waits-days": Variant(
            "Buyers wait days for the login email",
            fix=(
                _CHOOSE,
                _DELAY,
                "Then open the login email, and in its sending settings choose Immediately (0 days).",
            ),
        ),
        "waits-hours": Variant(
            "Buyers wait twice for the login email",
            Severity.WARNING,
            (
                _CHOOSE,
                "Open the login email, and in its sending settings choose Immediately (0 days).",
                "Leave the Delay in the automation as it is: your site needs some minutes to make the login.",
            ),
        ),
        "behind-other-emails": Variant(
            "The login email stands behind other emails",
            Severity.WARNING,
            (
                _CHOOSE,
                _DELAY,
                "Then move the login email to the top, and in its sending settings choose Immediately (0 days).",
                "People who are in the sequence already have passed the top: send them their login as a broadcast.",
            ),
        ),
    },
)

DAY = 86400


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each login sequence."""
    for key in graph.logins.sequences:
        sequence, emails = graph.lookup.sequence(key), graph.lookup.emails(key)
        published = [email for email in emails if email.published]
        if sequence is None or sequence.active is False or not published or not emails[0].published or not graph.may_be_fed(key):
            continue
        wanted = graph.logins.email(key)
        if wanted and wanted not in [email.id for email in published]:
            continue
        place = next((index for index, email in enumerate(published) if email.id == wanted), 0)
        wait = sum(email.delay_seconds for email in published[: place + 1])
        if place:
            yield _behind_others(graph, key, published, place, wait)
        elif wait >= DAY or (wait and _waits_already(graph, key)):
            yield _late(graph, key, published[0], wait)


def judged(graph: Graph) -> Iterable[Key]:
    """The sequences with a login email."""
    return graph.keys(RoleName.LOGIN_SEQUENCE)


def _waits_already(graph: Graph, key: Key) -> bool:
    """True when an automation has a delay between the webhook tag (or its start) and this sequence."""
    makers = graph.keys(*LOGIN_MAKERS)
    for cause in graph.feeders(key):
        if cause.flow is None or cause.node is None:
            continue
        above = cause.flow.before(cause.node)
        adders = [node for maker in makers for node in cause.flow.adding(maker) if node in above]
        delays = [node for node in above if isinstance(node.step, steps.Delay)]
        if any(not adders or any(delay in cause.flow.after(adder) for adder in adders) for delay in delays):
            return True
    return False


def _late(graph: Graph, key: Key, email: SequenceEmail, wait: int) -> Finding:
    subject, days = email.title, wait >= DAY
    twice = "" if days else " The automation waits before it too, so buyers wait twice."
    return Finding(
        object=graph.object(key),
        message=f"“{subject}”, the login email of “{graph.object(key).name}”, goes out {duration(wait)} after the buyer comes in.{twice}",
        variant="waits-days" if days else "waits-hours",
        confidence=_confidence(graph, key),
        related=(email.object,),
        people=graph.people(key),
    )


def _behind_others(graph: Graph, key: Key, published: list[SequenceEmail], place: int, wait: int) -> Finding:
    email = published[place]
    subject = email.title
    others = "another email" if place == 1 else f"{place} other emails"
    return Finding(
        object=graph.object(key),
        message=f"“{subject}”, the login email of “{graph.object(key).name}”, stands behind {others} and goes out {duration(wait)} after the buyer "
        "comes in. No login was recognised in what stands before it.",
        variant="behind-other-emails",
        confidence=Confidence.LIKELY,
        related=(email.object,),
        people=graph.people(key),
    )


def _confidence(graph: Graph, key: Key) -> Confidence:
    stated = any(
        item.key == key and item.declared for group in graph.memberships for item in group.assigned if item.role is RoleName.LOGIN_SEQUENCE
    )
    return Confidence.CERTAIN if stated else Confidence.LIKELY
