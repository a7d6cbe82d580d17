"""Finds buyers who were never put into the sequence with the login email.

What it finds
-------------
People who got a purchase tag in the last 90 days, more than a day ago, and are in none of the offering's login sequences. When the newest
buyers are all missing, the way from the purchase to the email has stopped: an error that names the day (fewer than five people: a warning).
When only some are missing, it is a warning. People with a revoke, cancel or pause tag, people the sequence excludes, people Kit no longer
mails, imports and bulk work are left out. An automation that decides with a condition who gets the email is believed.

Why it matters
--------------
They paid and were never told how to get in. They write to you, or they ask for their money back.

How to fix it in Kit
--------------------
1. Open Automate → Visual Automations and choose the automation that starts with the purchase tag.
2. If it is Paused, set it to Active: everybody at its entry goes on at once. If it is Inactive, set it to Active: nobody is fetched.
3. Follow the steps down to the login sequence and see where people wait.
4. Open Grow → Subscribers, filter by the purchase tag, and look who is still not in the login sequence. See on your site whether these
   people have a login. Who lacks the access tag gets it first.
5. If a webhook tag makes the login: for those without a login, take it off if they have it, then add it. Adding it makes the login.
6. Wait five minutes, and see on your site that the logins are there. An email that goes out earlier has a blank password.
7. Take the webhook tag off again, and only then add these people to the login sequence.

When to ignore it
-----------------
Your site sends the login email itself (then say ``orders: accessally`` or ``account_created_by: site`` in the manifest), or these people
had a login already.

Sources
-------
- The API fields ``tagged_at`` of a tag's and ``added_at`` of a sequence's subscribers
- AccessAlly's ConvertKit guide, steps 1 to 6: https://kb.accessally.com/tutorials/convertkit-automation/ (claims S7, S8)
- Automations and their status: https://help.kit.com/en/articles/2502666
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator

import msgspec

from ckaudit.rule import (
    Confidence,
    Finding,
    Graph,
    Harm,
    Holders,
    Key,
    Kind,
    Membership,
    Need,
    Options,
    RoleName,
    Rule,
    Severity,
    Theme,
    Timestamps,
    Variant,
    headcount,
    name_list,
    share_of,
    spell_date,
)

# whoever was not mailed may have no login either: the email alone would bring them a blank password
_LOGIN_FIRST = (
    "See on your site whether these people have a login. Who lacks the access tag gets it first.",
    "If a webhook tag makes the login: for those without a login, take it off if they have it, then add it. Adding it makes the login.",
    "Wait five minutes, and see on your site that the logins are there. An email that goes out earlier has a blank password.",
    "Take the webhook tag off again, and only then add these people to the login sequence.",
)

RULE = Rule(
    code="CK804",
    name="bought-without-login-email",
    title="People bought and were not sent the login email",
    passing="Everybody who bought was sent the login email",
    severity=Severity.WARNING,
    theme=Theme.EVIDENCE,
    harm=Harm.LOCKED_OUT,
    confidence=Confidence.LIKELY,
    needs=(Need.EVIDENCE, Need.SEQUENCES, Need.MEMBERSHIP),
    needs_roles=((RoleName.PURCHASE,), (RoleName.LOGIN_SEQUENCE,)),
    checks=Kind.SEQUENCE,
    effort_minutes=30,
    nothing="there is no purchase tag",
    yields_to=("CK220", "CK223", "CK301 paused-release", "CK301 inactive-release"),
    variants={
        "stopped": Variant("Buyers are not sent the login email any more", Severity.ERROR),
        "some-missing": Variant(
            "Some buyers were not sent the login email",
            Severity.WARNING,
            (
                "Open Grow → Subscribers, filter by the tag named in this finding, and look up the people who are not in the sequence.",
                "Find out what they have in common: the order form, the price, or having been in the sequence before.",
                "Open Automate → Visual Automations and follow the way from that tag to the login sequence: find where these people stop or leave it.",
                *_LOGIN_FIRST,
            ),
        ),
    },
)

_DAY = 86400
_ENDS = (RoleName.REVOKE, RoleName.CANCEL, RoleName.PAUSE)


class _Buyers(msgspec.Struct, frozen=True, eq=False):
    """The buyers of one tag who should have been mailed by now, those who were not, and of these the ones after whom nobody was."""

    all: Holders
    left: Holders
    newest: Holders
    last_sent: int | None


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each purchase tag whose holders are not in a login sequence."""
    people = graph.timestamps
    unread: list[Key] = []
    seen: set[Key] = set()
    for membership in graph.memberships:
        for tag in membership.keys(RoleName.PURCHASE) if _mails(people, membership) else ():
            if tag in seen:
                continue
            seen.add(tag)
            missing = [key for key in membership.keys(RoleName.LOGIN_SEQUENCE, *_ENDS) if not people.whole(key)]
            unread += missing
            if not missing:
                yield from _judge(graph, membership, tag, _buyers(graph, people, membership, tag))
    people.insist(graph.object(key) for key in unread)


def judged(graph: Graph) -> Iterable[Key]:
    """The purchase tags."""
    return graph.keys(RoleName.PURCHASE)


def _mails(people: Timestamps, membership: Membership) -> bool:
    """The login email is Kit's business, and its sequence is known: stated, or recognised and really in use."""
    logins = membership.keys(RoleName.LOGIN_SEQUENCE)
    return (
        bool(logins)
        and not membership.login_made_elsewhere
        and (membership.declared(RoleName.LOGIN_SEQUENCE) or len(people.of(*logins)) > 0)
    )


def _buyers(graph: Graph, people: Timestamps, membership: Membership, tag: Key) -> _Buyers:
    logins = membership.keys(RoleName.LOGIN_SEQUENCE)
    spared = (*membership.keys(*_ENDS), *(key for login in logins for key in _excluded(graph, login)))
    ready = people.recent(tag).active.until(people.now - _DAY - _planned(graph, tag, logins))
    bought = ready.lacking(people.of(*spared))
    left = bought.lacking(people.of(*logins))
    last = bought.having(people.of(*logins)).newest
    return _Buyers(bought, left, left if last is None else left.since(last + 1), last)


def _excluded(graph: Graph, login: Key) -> Iterator[Key]:
    """What keeps somebody out of the sequence's emails, as far as it has timestamps."""
    sequence = graph.lookup.sequence(login)
    yield from (key for key in (sequence.excluded_keys if sequence else ()) if key.kind is not Kind.SEGMENT and key != login)


def _planned(graph: Graph, tag: Key, logins: tuple[Key, ...]) -> int:
    """The longest time the automations plan between the tag and the sequence."""
    spans = [
        flow.time_between(entry, node)
        for flow in graph.flows
        for entry in flow.entries
        if entry.target == tag
        for login in logins
        for node in flow.enrolling(login)
    ]
    return max((span.max_seconds for span in spans if span), default=0)


def _chooses(graph: Graph, tag: Key, logins: tuple[Key, ...]) -> bool:
    """True when an automation decides who gets the email."""
    for flow in graph.flows:
        starts = any(entry.target == tag for entry in flow.entries)
        mails = any(flow.enrolling(login) for login in logins)
        if starts and mails and any(node.is_condition or node.is_event for node in flow.nodes.values()):
            return True
    return False


def _judge(graph: Graph, membership: Membership, tag: Key, found: _Buyers) -> Iterator[Finding]:
    logins = membership.keys(RoleName.LOGIN_SEQUENCE)
    if len(found.newest) >= 3:
        yield _stopped(graph, membership, tag, found)
    elif len(found.left) and not _chooses(graph, tag, logins):
        named = graph.object(tag)
        are = "is" if len(found.left) == 1 else "are"
        yield Finding(
            object=graph.object(logins[0]),
            message=f"{share_of(len(found.left), len(found.all))} who got “{named.name}” in the last 90 days {are} not in "
            f"{_names(graph, logins)}. They bought {graph.days(*found.left.dates)} and were probably never told how to log in.",
            variant="some-missing",
            related=(named, membership.object),
            people=len(found.left),
            people_who="bought and got no login email",
            who=found.left.who,
        )


def _stopped(graph: Graph, membership: Membership, tag: Key, found: _Buyers) -> Finding:
    logins, named, count = membership.keys(RoleName.LOGIN_SEQUENCE), graph.object(tag), len(found.newest)
    first, last = found.newest.dates
    if found.last_sent is None:
        text = f"None of the {headcount(count)} who got “{named.name}” {graph.days(first, last)} is in {_names(graph, logins)}."
    else:
        sent = spell_date(graph.day(dt.datetime.fromtimestamp(found.last_sent, dt.UTC)))
        text = (
            f"The last buyer who was put into {_names(graph, logins)} got “{named.name}” on {sent}. {headcount(count)} bought after that "
            f"({graph.days(first, last)}), and none of them is in it."
        )
    return Finding(
        object=graph.object(logins[0]),
        message=f"{text} They are probably waiting for their login. See whether an automation on the way is paused or inactive.",
        variant="stopped",
        severity=found.newest.severity(),
        related=(named, membership.object),
        people=count,
        people_who="bought and got no login email",
        who=found.newest.who,
    )


def _names(graph: Graph, logins: tuple[Key, ...]) -> str:
    return name_list([graph.object(key).name for key in logins], last="or")
