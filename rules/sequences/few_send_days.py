"""Finds sequences that may send on few days of the week, or on none.

What it finds
-------------
A sequence has days on which it may send, and so has each email. This rule looks at active sequences in use:

no day is ticked (error); the login email may go out on fewer than seven days (warning); emails planned a few days apart may go out on one
day of the week only (warning); an immediate first email may go out on fewer than seven days (worth knowing). An email's own choice counts
before the sequence's; all seven days on an email mean that it follows the sequence. Emails that wait hours follow no days and are left out.
Sequences with the same days in the same way are one finding: a habit of the house, not several discoveries.

Why it matters
--------------
Who buys on Friday evening may wait for the login until Monday. A course in five days becomes one in five weeks, and its offer comes when
nobody remembers the beginning.

How to fix it in Kit
--------------------
1. Open Send → Email Sequences and choose the sequence named in this finding.
2. Click Settings at the top right and tick all days under “Send emails” that the sequence may use.
3. Open the email named in this finding. In its sending settings tick all seven days.

When to ignore it
-----------------
You have unticked all days to pause the sequence for a while. A weekly letter on one day is not reported. Kit's help says that immediate
emails go out at the time of signing up; if you have seen that they also do so on days that are not ticked, ignore what is said of them.

Sources
-------
- Sending days, pausing a sequence by unticking all, immediate emails: https://help.kit.com/en/articles/3317478
- AccessAlly's ConvertKit guide, step 2 (claim S12): https://kb.accessally.com/tutorials/convertkit-automation/
- API: `sequence.send_days`, `email.send_days` ("defaults to all 7 days (inherits the sequence schedule)"). Whether an immediate email
  waits for a ticked day is not documented.
"""

from __future__ import annotations

from collections.abc import Iterator

from ckaudit.rule import (
    Confidence,
    Finding,
    Graph,
    Harm,
    Key,
    Kind,
    Need,
    Options,
    Rule,
    Sequence,
    SequenceEmail,
    Severity,
    Theme,
    Variant,
    duration,
)

_CHOOSE = "Open Send → Email Sequences and choose the sequence named in this finding."
_ALL_DAYS = "Click Settings at the top right and tick all seven days under “Send emails”. To keep other emails to certain days, tick those days in the emails."
_ALL_DAYS_OF_EMAIL = "Open the email named in this finding. In its sending settings tick all seven days."

RULE = Rule(
    code="CK407",
    name="few-send-days",
    title="A sequence may send on few days, or on none",
    passing="No sequence is held up by its sending days",
    severity=Severity.WARNING,
    theme=Theme.SEQUENCES,
    needs=(Need.SEQUENCES, Need.SEQUENCE_EMAILS),
    checks=Kind.SEQUENCE,
    effort_minutes=5,
    variants={
        "no-day": Variant(
            "No sending day is ticked, so a sequence sends nothing",
            Severity.ERROR,
            (
                _CHOOSE,
                "Take out the people who should not get its emails any more: the others go on where they stopped.",
                "Click Settings at the top right and tick the days under “Send emails” on which it may send.",
            ),
        ),
        "login-email": Variant(
            "The login email may not go out on every day",
            harm=Harm.LOCKED_OUT,
            fix=(
                _CHOOSE,
                _ALL_DAYS,
                _ALL_DAYS_OF_EMAIL,
            ),
        ),
        "one-day": Variant(
            "Emails planned days apart wait for one day of the week",
            fix=(
                _CHOOSE,
                "Click Settings at the top right and tick all days under “Send emails” that the sequence may use.",
                "Open the email named in this finding. In its sending settings tick the same days, or all seven: then it follows the sequence.",
            ),
        ),
        "immediate-first": Variant(
            "The first email may not go out on every day",
            Severity.INFO,
            (
                _CHOOSE,
                _ALL_DAYS,
                _ALL_DAYS_OF_EMAIL,
            ),
        ),
    },
)

WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
SEVEN_DAYS = 7 * 86400


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each active sequence in use: the worst."""
    for sequence in graph.account.sequences:
        key = sequence.key
        by_day = [email for email in graph.lookup.published(key) if email.delay_unit != "hours"]
        if by_day and sequence.active is not False and graph.may_be_fed(key):
            found = _no_day(graph, key, sequence, by_day) or _login(graph, key, sequence, by_day)
            found = found or _one_day(graph, key, sequence, by_day) or _first(graph, key, sequence, by_day)
            if found:
                yield found


def _days(sequence: Sequence, email: SequenceEmail) -> tuple[str, ...] | None:
    """Days this email may go out, in the order of the week; None when Kit did not say."""
    own = [day for day in WEEK if day in (email.send_days or ())]
    if own and len(own) < len(WEEK):
        return tuple(own)
    return None if sequence.send_days is None else tuple(day for day in WEEK if day in sequence.send_days)


def _no_day(graph: Graph, key: Key, sequence: Sequence, by_day: list[SequenceEmail]) -> Finding | None:
    if all(_days(sequence, email) != () for email in by_day):
        return None
    return _finding(
        graph,
        key,
        "no-day",
        f"No sending day is ticked for “{sequence.name}”, so its emails do not go out. People wait in it.",
    )


def _login(graph: Graph, key: Key, sequence: Sequence, by_day: list[SequenceEmail]) -> Finding | None:
    if key not in graph.logins.sequences:
        return None
    login = graph.contents.login(key, graph.logins.email(key))
    email = next((email for email in by_day if login and email.id == login.email.id), None)
    days = _days(sequence, email) if email else None
    if email is None or not days or len(days) == len(WEEK):
        return None
    text = f"“{email.title}”, the login email of “{sequence.name}”, may go out {_on(days)} only. Who buys on another day may wait for it."
    doubt = " Kit does not say whether an immediate email waits." if not email.delay_seconds else ""
    return _finding(graph, key, "login-email", text + doubt, email, confidence=Confidence.LIKELY)


def _one_day(graph: Graph, key: Key, sequence: Sequence, by_day: list[SequenceEmail]) -> Finding | None:
    held = [email for email in by_day if len(_days(sequence, email) or WEEK) == 1 and 0 < email.delay_seconds < SEVEN_DAYS]
    if not held:
        return None
    email = held[0]
    day = (_days(sequence, email) or WEEK)[0].capitalize()
    text = f"“{sequence.name}” sends on {day} only, but “{email.title}” is planned {duration(email.delay_seconds)} after the one before. "
    many = f"{len(held)} emails wait" if len(held) > 1 else "It waits"
    return _finding(graph, key, "one-day", f"{text}{many} for the next {day}.", email, cause=day)


def _first(graph: Graph, key: Key, sequence: Sequence, by_day: list[SequenceEmail]) -> Finding | None:
    email = graph.lookup.published(key)[0]
    days = _days(sequence, email)
    if email not in by_day or email.delay_seconds or not days or len(days) == len(WEEK):
        return None
    text = f"“{email.title}”, the immediate first email of “{sequence.name}”, may go out {_on(days)} only. Kit does not say whether people who "
    text += "come on another day wait for it."
    return _finding(graph, key, "immediate-first", text, email, confidence=Confidence.LIKELY, cause=_on(days))


def _on(days: tuple[str, ...]) -> str:
    names = [day.capitalize() for day in days]
    if list(WEEK[:5]) == list(days):
        return "from Monday to Friday"
    return "on " + (f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0])


def _finding(
    graph: Graph,
    key: Key,
    variant: str,
    message: str,
    email: SequenceEmail | None = None,
    *,
    confidence: Confidence = Confidence.CERTAIN,
    cause: str = "",
) -> Finding:
    return Finding(
        object=graph.object(key),
        message=message,
        variant=variant,
        confidence=confidence,
        cause=cause,
        related=(email.object,) if email else (),
        people=graph.people(key),
    )
