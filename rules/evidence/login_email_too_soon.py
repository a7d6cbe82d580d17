"""Finds login emails that went out before the login can have existed.

What it finds
-------------
How long after the purchase tag (or, where it stays, the webhook tag) people came into the login sequence, for the last 90 days, with the
delay of its first email added. An error when half of the people came sooner than your site needs (five minutes with AccessAlly), a
warning when one in twenty did, and a warning when half of them waited for more than a day. Imports and bulk work, and people who came into
the sequence more than a month later or before they bought, are left out.

Why it matters
--------------
The email shows an empty password, or a login that does not work yet. The first thing a new customer does with you fails.

How to fix it in Kit
--------------------
1. Open Automate → Visual Automations and choose the automation that puts buyers into the sequence named in this finding.
2. Pause it while you edit: people wait where they are and go on when it is Active again.
3. In front of the sequence click the “+”, choose Action → Delay, and set it to the time your site needs (five minutes with AccessAlly).
4. Set the automation back to Active, if it was Active before.
5. Ask the newest of these people whether they could log in, and send the login again to those who could not.

When to ignore it
-----------------
These people had a login already, or the email only says that the login follows.

Sources
-------
- AccessAlly's ConvertKit guide, step 6, the delay of at least five minutes: https://kb.accessally.com/tutorials/convertkit-automation/
  (claims S28, S29, S30)
- The API fields ``tagged_at`` of a tag's and ``added_at`` of a sequence's subscribers
- Delays in automations: https://help.kit.com/en/articles/2502537
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ckaudit.rule import (
    LOGIN_MAKERS,
    Confidence,
    Effect,
    Finding,
    Gaps,
    Graph,
    Harm,
    Key,
    Kind,
    Membership,
    Need,
    ObjectRef,
    Options,
    RoleName,
    Rule,
    Severity,
    Theme,
    Timestamps,
    Variant,
    duration,
    share_of,
)

AT_ONCE = (
    "CK202 no-delay",
    "CK202 delay-before-webhook",
    "CK202 delay-after-email",
    "CK202 one-branch",
    "CK202 too-short",
    "CK202 two-automations",
    "CK202 by-rule",
)

RULE = Rule(
    code="CK802",
    name="login-email-too-soon",
    title="Login emails went out at the wrong time",
    passing="Login emails went out once the login existed",
    severity=Severity.ERROR,
    theme=Theme.EVIDENCE,
    harm=Harm.LOCKED_OUT,
    confidence=Confidence.LIKELY,
    needs=(Need.EVIDENCE, Need.SEQUENCES, Need.SEQUENCE_EMAILS, Need.MEMBERSHIP),
    needs_roles=((*LOGIN_MAKERS, RoleName.PURCHASE), (RoleName.LOGIN_SEQUENCE,)),
    checks=Kind.SEQUENCE,
    effort_minutes=10,
    nothing="no sequence carries a login email",
    variants={
        "too-soon": Variant("Login emails went out before the login can have existed", yields_to=AT_ONCE),
        "some-too-soon": Variant("Some login emails went out before the login can have existed", Severity.WARNING, yields_to=AT_ONCE),
        "too-late": Variant(
            "Buyers waited more than a day for the login email",
            Severity.WARNING,
            (
                "Open Automate → Visual Automations and choose the automation that puts buyers into the sequence named in this finding.",
                "Look what stands between the purchase and the sequence: a long Delay, an event people wait for, another sequence. Pause the automation, move that behind the login email, and set it back to Active.",
                "Leave the few minutes your site needs to make the login.",
                "Open Send → Email Sequences, choose the sequence, and see that the login email is its first, goes out Immediately, and may go out on all seven days.",
                "Send the login by hand to buyers who are still waiting.",
            ),
            yields_to=("CK404", "CK406", "CK202 too-late"),
        ),
    },
)

_DAY = 86400
_MONTH = 30 * _DAY
_SLACK = 15


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each login sequence that people came into too soon or too late."""
    people = graph.timestamps
    seen: set[Key] = set()
    for membership in graph.memberships:
        for login in membership.keys(RoleName.LOGIN_SEQUENCE) if membership.needs_login_webhook else ():
            if login in seen:
                continue
            for start in _starts(graph, membership):
                gaps = _near(people.recent(start).gaps_to(people.of(login)))
                finding = _judge(graph, membership, start, login, gaps)
                if finding:
                    seen.add(login)
                    yield finding
                    break


def judged(graph: Graph) -> Iterable[Key]:
    """The sequences with a login email."""
    return graph.keys(RoleName.LOGIN_SEQUENCE)


def _starts(graph: Graph, membership: Membership) -> tuple[Key, ...]:
    """The webhook tags whose timestamps stay, then the purchase tags. A webhook tag that comes off shows only the people it failed for."""
    own = membership.stack.removes_own_tags
    makers = [tag for tag in membership.keys(*LOGIN_MAKERS) if not own and not graph.causes.of(Effect.REMOVES_TAG, tag)]
    return (*makers, *membership.keys(RoleName.PURCHASE))


def _near(gaps: Gaps) -> Gaps:
    return gaps.where((gaps.gap >= 0) & (gaps.gap <= _MONTH))


def _judge(graph: Graph, membership: Membership, start: Key, login: Key, gaps: Gaps) -> Finding | None:
    if not len(gaps):
        return None
    waits = graph.lookup.first_delay(login)
    needed = membership.stack.minimum_delay
    soon = gaps.where(gaps.gap + waits < needed - _SLACK)
    median = gaps.quantile(0.5) + waits
    named, title = graph.object(login), graph.object(start).name
    who = f"who got “{title}” {graph.days(*gaps.dates)} and then came into “{named.name}”"
    if 20 * len(soon) >= len(gaps) and len(soon):
        most = 2 * len(soon) >= len(gaps)
        text = (
            f"{share_of(len(soon), len(gaps))} {who} did so less than {duration(needed)} later (half of all within {duration(median)}). "
            f"{membership.site_first} needs that time to make the login, so their login email may have shown one that did not work yet."
        )
        return _finding(membership, named, graph.object(start), text, "too-soon" if most else "some-too-soon", soon)
    if median > _DAY and len(gaps) >= Timestamps.MIN_PEOPLE:
        late = gaps.where(gaps.gap + waits > _DAY)
        text = f"{share_of(len(late), len(gaps))} {who} waited more than a day for their login email (half of all {duration(median)} or longer)."
        return _finding(membership, named, graph.object(start), text, "too-late", late)
    return None


def _finding(membership: Membership, login: ObjectRef, start: ObjectRef, text: str, variant: str, found: Gaps) -> Finding:
    return Finding(
        object=login,
        message=text,
        variant=variant,
        severity=Severity.WARNING if variant == "too-soon" and len(found) < Timestamps.MIN_PEOPLE else None,
        related=(start, membership.object),
        people=len(found),
        people_who="waited too long for the login email" if variant == "too-late" else "got the login email too soon",
        who=found.who,
    )
