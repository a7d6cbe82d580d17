"""Finds drafts between the published emails of a sequence.

What it finds
-------------
A draft with a published email before it and another one behind it, in an active sequence that is in use. Drafts at the end are work in
progress and left alone, a draft at the beginning is CK404, and a login email that is a draft is CK404 too.

Why it matters
--------------
Readers jump over the gap: day four speaks of something day three was to explain, or the offer comes before its reason. Those who have
passed the place do not get the email when you publish it later.

How to fix it in Kit
--------------------
1. Open Send → Email Sequences and choose the sequence named in this finding.
2. Open the draft named in this finding and read it together with its neighbours.
3. Switch on Published, or delete the draft.
4. If readers need it, send it as a broadcast to those who have passed that place.

When to ignore it
-----------------
The draft is put aside on purpose, and the emails around it do without it.

Sources
-------
- Sequence emails must be published: https://help.kit.com/en/articles/2502568
- Emails put in before people's position do not reach them: https://help.kit.com/en/articles/2502629
- AccessAlly's ConvertKit guide, step 2 (claim S11): https://kb.accessally.com/tutorials/convertkit-automation/
- API: `email.published`, `email.position`. That Kit leaves a draft out, rather than holding people in front of it, is what its words
  suggest; it is not stated.
"""

from __future__ import annotations

from collections.abc import Iterator

from ckaudit.rule import Finding, Graph, Key, Kind, Need, Options, Rule, SequenceEmail, Severity, Theme, Variant, name_list

RULE = Rule(
    code="CK405",
    name="draft-in-the-middle",
    title="A draft stands between the published emails of a sequence",
    passing="No draft stands between published emails",
    severity=Severity.WARNING,
    theme=Theme.SEQUENCES,
    needs=(Need.SEQUENCES, Need.SEQUENCE_EMAILS),
    checks=Kind.SEQUENCE,
    effort_minutes=10,
    variants={
        "in-sequence": Variant("A draft stands between the published emails of a sequence"),
        "in-login-sequence": Variant(
            "A draft stands between the published emails of a login sequence",
            Severity.INFO,
            (
                "Open Send → Email Sequences and choose the sequence named in this finding.",
                "Open the draft named in this finding and read it together with its neighbours.",
                "Delete it if nobody misses it: each further email in this sequence holds up what comes behind it in the automation.",
                "If buyers need it, switch on Published.",
            ),
        ),
    },
)


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each active sequence in use, with all its drafts."""
    for sequence in graph.account.sequences:
        key = sequence.key
        drafts = _between(graph, key)
        if drafts and sequence.active is not False and graph.may_be_fed(key):
            yield _finding(graph, key, drafts)


def _between(graph: Graph, key: Key) -> tuple[SequenceEmail, ...]:
    emails = graph.lookup.emails(key)
    places = [index for index, email in enumerate(emails) if email.published]
    inner = emails[places[0] : places[-1]] if places else ()
    login = graph.logins.email(key) if key in graph.logins.sequences else None
    return tuple(email for email in inner if not email.published and email.id != login)


def _finding(graph: Graph, key: Key, drafts: tuple[SequenceEmail, ...]) -> Finding:
    subjects = [email.title for email in drafts]
    many = len(drafts) > 1
    is_login = key in graph.logins.sequences
    return Finding(
        object=graph.object(key),
        message=f"{name_list(subjects)} {'are drafts' if many else 'is a draft'} between published emails of “{graph.object(key).name}”. Readers "
        f"never see {'them' if many else 'it'}, and the emails around go out without {'them' if many else 'it'}.",
        variant="in-login-sequence" if is_login else "in-sequence",
        related=tuple(email.object for email in drafts),
        people=graph.people(key),
    )
