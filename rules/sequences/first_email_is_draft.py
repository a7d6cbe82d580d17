"""Finds sequences whose first email is still a draft although later ones go out.

What it finds
-------------
Kit leaves drafts out. This rule reports sequences in use where the first email is a draft and a later one is published, and sequences
whose login email is a draft wherever it stands. When the login email stands behind a draft, it goes out late: only the first email of a
sequence can be sent at once. A first draft in front of an email that is sent at once holds nobody up and is left alone, and so are
sequences nobody uses.

Why it matters
--------------
The first email is the one people wait for: the download they were promised, the login they paid for. They get the second one instead,
a day later, and do not know what it is about.

How to fix it in Kit
--------------------
1. Open Send → Email Sequences and choose the sequence named in this finding.
2. Open the draft named in this finding and read it.
3. If it should go out, switch on Published. If you gave it up, delete it, and choose Immediately in the settings of the next email.
4. Those who are past this place do not get it: send it to them as a broadcast.

When to ignore it
-----------------
You are writing the new first email at this moment.

Sources
-------
- Sequence emails must be published: https://help.kit.com/en/articles/2502568
- Only the first email can be immediate: https://developers.kit.com/api-reference/sequence-emails/create-a-sequence-email
- AccessAlly's ConvertKit guide, step 2 (claims S11, S12): https://kb.accessally.com/tutorials/convertkit-automation/
- API: `email.published`, `email.position`, `email.delay_value`. That a draft is left out and does not hold people up is what Kit's words
  suggest; it is not stated.
"""

from __future__ import annotations

from collections.abc import Iterator

from ckaudit.rule import Finding, Graph, Harm, Key, Kind, Need, Options, Rule, SequenceEmail, Severity, Theme, Variant, duration

_CHOOSE = "Open Send → Email Sequences and choose the sequence named in this finding."

RULE = Rule(
    code="CK404",
    name="first-email-is-draft",
    title="The first email of a sequence is a draft",
    passing="No sequence in use begins with a draft",
    severity=Severity.ERROR,
    theme=Theme.SEQUENCES,
    harm=Harm.MONEY,
    needs=(Need.SEQUENCES, Need.SEQUENCE_EMAILS),
    checks=Kind.SEQUENCE,
    effort_minutes=10,
    people_from=("CK802 too-late",),
    variants={
        "login-email-is-draft": Variant(
            "The login email is a draft",
            harm=Harm.LOCKED_OUT,
            fix=(
                _CHOOSE,
                "Open the login email named in this finding and read it.",
                "Switch on Published. Whoever stands in front of it may get it at once.",
                "Buyers who are past this place do not get it: send them their login as a broadcast.",
            ),
        ),
        "login-behind-draft": Variant(
            "A draft in front of the login email makes it late",
            harm=Harm.LOCKED_OUT,
            fix=(
                _CHOOSE,
                "Delete the draft named in this finding, or move it behind the login email. Publishing it would not help: then it is the one that goes out at once.",
                "In the settings of the login email choose Immediately.",
                "Look who is in the sequence: people who have passed the place do not get an email that moves in front of them.",
            ),
        ),
        "first-is-draft": Variant("The first email of a sequence is a draft"),
    },
)


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each active sequence in use."""
    for sequence in graph.account.sequences:
        key = sequence.key
        emails, published = graph.lookup.emails(key), graph.lookup.published(key)
        if sequence.active is False or not published or len(published) == len(emails) or not graph.may_be_fed(key):
            continue
        login = _login_draft(graph, key, emails)
        if login:
            yield _login_is_draft(graph, key, login)
        elif not emails[0].published and published[0].delay_seconds:
            is_login = key in graph.logins.sequences
            yield (_before_login if is_login else _first_is_draft)(graph, key, emails[0], published)


def _login_draft(graph: Graph, key: Key, emails: tuple[SequenceEmail, ...]) -> SequenceEmail | None:
    """The login email when it is a draft. Another published email with the login would have been recognised first."""
    login = graph.logins.email(key) if key in graph.logins.sequences else None
    return next((email for email in emails if email.id == login and not email.published), None)


def _login_is_draft(graph: Graph, key: Key, login: SequenceEmail) -> Finding:
    return Finding(
        object=graph.object(key),
        message=f"“{login.title}”, the login email of “{graph.object(key).name}”, is a draft. Other emails of this sequence go out, "
        "but buyers do not get their login.",
        variant="login-email-is-draft",
        related=(login.object,),
        people=graph.people(key),
    )


def _before_login(graph: Graph, key: Key, draft: SequenceEmail, published: tuple[SequenceEmail, ...]) -> Finding:
    login = next((place for place, email in enumerate(published) if email.id == graph.logins.email(key)), 0)
    late = duration(sum(email.delay_seconds for email in published[: login + 1]))
    return Finding(
        object=graph.object(key),
        message=f"In “{graph.object(key).name}” the draft “{draft.title}” stands in front of the login email. Only the first email can go "
        f"out at once, so buyers wait {late} for “{published[login].title}”.",
        variant="login-behind-draft",
        related=(draft.object,),
        people=graph.people(key),
    )


def _first_is_draft(graph: Graph, key: Key, draft: SequenceEmail, published: tuple[SequenceEmail, ...]) -> Finding:
    first = published[0]
    return Finding(
        object=graph.object(key),
        message=f"“{draft.title}”, the first email of “{graph.object(key).name}”, is a draft and is left out. New people get nothing for "
        f"{duration(first.delay_seconds)} and then begin with “{first.title}”.",
        variant="first-is-draft",
        related=(draft.object,),
        people=graph.people(key),
    )
