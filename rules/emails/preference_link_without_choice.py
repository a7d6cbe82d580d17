"""Finds preference links that promise a choice Kit's page does not give.

What it finds
-------------
Kit's “Update your profile” page lets people change their first name, last name and email address, nothing else. This rule reports texts
that promise more next to ``{{ subscriber_preferences_link }}`` or ``{{ subscriber_preferences_url }}``: choosing topics, how often
you write,
or which emails people get. For membership sites that send news (broadcasts, or a sequence called newsletter, weekly or the like) it also
notes when nothing lies behind the link: no sequence of the account excludes a tag or a segment, so nobody can get fewer emails and keep the
ones that belong to a purchase. What it cannot see: whom broadcasts leave out, and news under another name.

Why it matters
--------------
People who click “choose what you receive” and find a form for their name unsubscribe from everything. Buyers among them get no lessons
after that.

How to fix it in Kit
--------------------
1. Decide which choices people have, for example “No newsletter”.
2. In the email, write the choice as a sentence of its own, select it and add a link trigger that adds the tag “No newsletter”.
3. Open Send → Email Sequences, choose each newsletter or sales sequence, open its settings, and exclude subscribers with that tag.
4. Exclude the same tag when you send a broadcast.
5. Change the words of the preferences link to “Update your profile”.

When to ignore it
-----------------
The choice is made elsewhere, for example by the recipients of your broadcasts or on your own page. Broadcasts are not looked at here.

Sources
-------
- What the page offers: https://help.kit.com/en/articles/4600311
- Preference options, best practices: https://help.convertkit.com/en/articles/6543959
- AccessAlly's ConvertKit guide, "Important ConvertKit Details To Note": https://kb.accessally.com/tutorials/convertkit-automation/
  (claim S2);
  it says that contacts "can select to continue receiving items they've purchased", which the link alone does not do
- Exclusions of a sequence: the API's ``exclude_subscriber_sources``
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ckaudit.rule import Confidence, Finding, Graph, Kind, Need, ObjectRef, Options, Rule, Severity, Theme, Variant, content

RULE = Rule(
    code="CK503",
    name="preference-link-without-choice",
    title="The preferences link promises a choice that is not there",
    passing="Nothing promises a choice that Kit's profile page does not give",
    severity=Severity.WARNING,
    theme=Theme.EMAILS,
    needs=(Need.SEQUENCES, Need.SEQUENCE_EMAILS, Need.SNIPPETS),
    passes_with=(Need.BROADCASTS,),
    checks=Kind.EMAIL,
    effort_minutes=20,
    variants={
        "promise": Variant("The preferences link promises a choice that is not there"),
        "no-opt-down": Variant(
            "Buyers cannot get less news and keep their lessons",
            Severity.INFO,
            (
                "Decide which choices people have, for example “No newsletter”.",
                "Write the choice into your emails as a sentence of its own, select it and add a link trigger that adds the tag “No newsletter”.",
                "Open Send → Email Sequences, choose each newsletter or sales sequence, click Settings, and exclude subscribers with that tag. Leave logins and lessons as they are.",
                "Exclude the same tag when you send a broadcast.",
            ),
        ),
    },
)

_WHAT = (
    r"(?:topics?|interests|how often|how many|frequency|(?:which|what|the)\s+(?:kinds?\s+of\s+|types?\s+of\s+)?(?:e-?mails?|messages|news)"
    r"|what\s+you\s+(?:get|receive|hear|want)|(?:kinds?|types?)\s+of\s+e-?mails?)"
)
PROMISE = re.compile(
    rf"\b(?:choose|select|pick|decide|change|manage|set|customi[sz]e|adjust|control|tell\s+us|tell\s+me|update)\b[^.!?]{{0,40}}?\b{_WHAT}\b"
    r"|\b(?:get|receive)\s+(?:fewer|less)\b|\bfewer\s+e-?mails\b"
    r"|\b(?:opt|sign)\s*-?\s*out\s+of\s+(?:just\s+|only\s+)?(?:this|these|the|my|our)\b|\bunsubscribe\s+from\s+(?:just|only)\b",
    re.IGNORECASE,
)


NEWS = re.compile(r"\bnews|\bweekly\b|\bmonthly\b|\bdigest\b|\bdispatch\b|\broundup\b|\bletters?\b", re.IGNORECASE)


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One warning for each text that promises; one note when a membership has the link but no opt-down."""
    promising = [document for document in graph.contents.documents if _link(document)]
    found = False
    for document in promising:
        words = _promise(document)
        if words:
            found = True
            yield _promised(document, words)
    if promising and not found and graph.has_membership and _sends_news(graph) and not _has_opt_down(graph):
        yield _no_opt_down(graph)


def _link(document: content.Document) -> content.Variable | None:
    shown = (variable for variable in document.variables if variable.printed and not variable.in_comment)
    return next((variable for variable in shown if variable.is_preference_link), None)


def _promise(document: content.Document) -> str:
    """The words that promise, in the link or on the line it stands on."""
    lines = [link.text for link in document.links if "subscriber_preferences" in link.href]
    for text in document.texts:
        if text.part is content.MailPart.CONTENT:
            lines += [text.line_at(variable.position) for variable in document.variables if variable.is_preference_link]
    matches = (PROMISE.search(line) for line in lines)
    return next((" ".join(match.group().split())[:60] for match in matches if match), "")


def _promised(document: content.Document, words: str) -> Finding:
    variable = _link(document)
    return Finding(
        object=document.object,
        variant="promise",
        message=f"{document.label} says “{words}” next to the subscriber preferences link. Behind that link people can only change "
        "their name "
        "and email address. Those who wanted fewer emails unsubscribe from everything instead, lessons included.",
        related=document.related,
        path=(variable.position.step(f"{{{{ {variable.name} }}}}"),) if variable else (),
    )


def _sends_news(graph: Graph) -> bool:
    """True when a broadcast was or will be sent, or a sequence is one of news."""
    sent = any(broadcast.send_at or broadcast.status in {"completed", "sent", "scheduled"} for broadcast in graph.account.broadcasts)
    return sent or any(NEWS.search(mail.sequence.name) for mail in graph.contents.mails)


def _has_opt_down(graph: Graph) -> bool:
    sources = (source for sequence in graph.account.sequences for source in sequence.exclude_subscriber_sources or ())
    return any(source.type in {"tag", "segment"} and source.ids for source in sources)


def _no_opt_down(graph: Graph) -> Finding:
    info = graph.account.info
    return Finding(
        object=ObjectRef(Kind.ACCOUNT, (info and info.name) or "this account", info.id if info else None),
        variant="no-opt-down",
        confidence=Confidence.LIKELY,
        message="Your emails offer the subscriber preferences link, but it only opens a page for name and address, and no sequence "
        "excludes a "
        "tag or segment. So buyers cannot leave your news and keep their lessons. The recipients of broadcasts were not looked at.",
    )
