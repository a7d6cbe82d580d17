"""Finds sequences people are sent into although no email of them is published.

What it finds
-------------
An active sequence without a single published email: it has drafts only, or nothing at all. It is an error when an automation, a rule, a
form or another tool puts people into it, and a warning when people are in it and nothing known puts them there. Sequences nobody uses may
be under construction and are left alone; inactive ones are CK402.

Why it matters
--------------
People who come get nothing: no login, no guide, no offer. In an automation they may be marked as having completed the sequence, and
then they get nothing even after you have published the emails.

How to fix it in Kit
--------------------
1. Open Send → Email Sequences and choose the sequence named in this finding.
2. Open its first email and switch on Published. If it cannot be set, add your postal address in Settings → Email first. If there is no
   email yet, write it.
3. Do the same with every email that should go out, and publish the changes.
4. Add those who went through in the meantime again. They get it only if the sequence may be restarted: click Settings to see.

When to ignore it
-----------------
You use the empty sequence as a waiting room and mean it. A tag does the same and shows in more places.

Sources
-------
- Sequence emails must be published: https://help.kit.com/en/articles/2502568
- People added before publishing may count as completed: https://help.kit.com/en/articles/2823560
- AccessAlly's ConvertKit guide, step 2 (claim S11): https://kb.accessally.com/tutorials/convertkit-automation/
- API: `email.published`
"""

from __future__ import annotations

from collections.abc import Iterator

from ckaudit.rule import Cause, Finding, Graph, Harm, Key, Kind, Need, Options, Rule, Severity, Theme, Variant, name_list

_CHOOSE = "Open Send → Email Sequences and choose the sequence named in this finding."

RULE = Rule(
    code="CK403",
    name="no-published-email",
    title="People are sent into a sequence that has no published email",
    passing="Every sequence in use has a published email",
    severity=Severity.ERROR,
    theme=Theme.SEQUENCES,
    harm=Harm.MONEY,
    needs=(Need.SEQUENCES, Need.SEQUENCE_EMAILS),
    checks=Kind.SEQUENCE,
    effort_minutes=10,
    variants={
        "fed": Variant("People are sent into a sequence whose emails are all drafts"),
        "fed-empty": Variant(
            "People are sent into a sequence that has no email",
            fix=(
                _CHOOSE,
                "Write the email people wait for, and switch on Published. If its text lies among the drafts of your broadcasts, copy it from there: a broadcast does not go to people who come to a sequence.",
                "Add those who went through in the meantime again. They get it only if the sequence may be restarted: click Settings to see.",
                "If the sequence is not needed: take it out of what is named in this finding, when nobody is inside it.",
            ),
        ),
        "people-inside": Variant(
            "People are in a sequence whose emails are all drafts",
            Severity.WARNING,
            (
                _CHOOSE,
                "Open its first email and look whether it still fits those who are in it.",
                "If it should go out, switch on Published: whoever is in the sequence may get it at once. Do the same with the others.",
                "If it is given up: remove the people who are in it.",
            ),
        ),
        "people-inside-empty": Variant(
            "People are in a sequence that has no email",
            Severity.WARNING,
            (
                _CHOOSE,
                "If they were promised something: write the email, and switch on Published. If its text lies among the drafts of your broadcasts, copy it from there.",
                "If the sequence is given up: remove the people who are in it.",
            ),
        ),
    },
)


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each active sequence in use without a published email."""
    for sequence in graph.account.sequences:
        key = sequence.key
        if sequence.active is False or graph.lookup.published(key):
            continue
        causes = graph.feeders(key)
        if causes:
            yield _fed(graph, key, causes)
        elif sequence.subscriber_count:
            yield _people_inside(graph, key, sequence.subscriber_count)


def _empty(graph: Graph, key: Key) -> str:
    """The end of the variant's name: drafts are published, and where there is none the email has to be written."""
    return "" if graph.lookup.emails(key) else "-empty"


def _emails(graph: Graph, key: Key) -> str:
    drafts = len(graph.lookup.emails(key))
    if drafts == 0:
        return "it has no email"
    return "its only email is a draft" if drafts == 1 else f"all its {drafts} emails are drafts"


def _fed(graph: Graph, key: Key, causes: tuple[Cause, ...]) -> Finding:
    names = list(dict.fromkeys(cause.object.name for cause in causes))
    named = graph.object(key)
    who = "Buyers do not get their login" if key in graph.logins.sequences else "They get nothing"
    return Finding(
        object=named,
        message=f"{name_list(names)} {'put' if len(names) > 1 else 'puts'} people into “{named.name}”, but {_emails(graph, key)}. {who}, and "
        "Kit may count them as done, so that publishing later does not reach them.",
        variant=f"fed{_empty(graph, key)}",
        related=tuple(dict.fromkeys(cause.object for cause in causes)),
        path=tuple(cause.node.path_step("nothing is sent here") for cause in causes if cause.node)[:1],
        people=graph.people(key),
    )


def _people_inside(graph: Graph, key: Key, people: int) -> Finding:
    who = "1 person is" if people == 1 else f"{people} people are"
    return Finding(
        object=graph.object(key),
        message=f"{who} in “{graph.object(key).name}”, but {_emails(graph, key)}. They get nothing.",
        variant=f"people-inside{_empty(graph, key)}",
        people=people,
    )
