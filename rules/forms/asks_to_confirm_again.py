"""Finds emails that ask people to confirm their address who have confirmed it already.

What it finds
-------------
A published email of a sequence whose subject or text asks the reader to confirm the email address or the subscription, where everybody who
is put into the sequence comes from forms with double opt-in (``double_opt_in`` under ``form_links``), over any number of automations, rules
and tags. It is silent where people come in by another form, a shop or a tool as well: of these it is not known that they have confirmed.

Why it matters
--------------
Kit's own email has asked them, and they have clicked. The second request comes when they expect what they signed up for: some think that
the first click failed, some take it for spam. And the click on the second one changes nothing in Kit.

How to fix it in Kit
--------------------
1. Open Send → Email Sequences and choose the sequence named in this finding.
2. Rewrite the email named in this finding, so that it gives what people signed up for; or turn Published off, if other emails do that.
3. If this email is to be the only request: open the form, and in its settings switch off the confirmation, where its incentive email is.
   Then nobody is asked by Kit any more, and the link of your email has to do something.

When to ignore it
-----------------
The email asks for something else, such as the address for a parcel. It knows of double opt-in only what the manifest says, and English
requests only.

Sources
-------
- Who is not confirmed gets no broadcasts and no sequences: https://help.kit.com/en/articles/2502563
- Assumed here: a form starts automations and rules only once people have confirmed
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ckaudit.rule import (
    Cause,
    Confidence,
    Finding,
    Graph,
    Key,
    Kind,
    Need,
    ObjectRef,
    Options,
    Rule,
    Severity,
    Signal,
    Theme,
    TriggerKind,
    Variant,
    content,
)

RULE = Rule(
    code="CK702",
    name="asks-to-confirm-again",
    title="An email asks people to confirm who have confirmed already",
    passing="No email asks people to confirm again who came by double opt-in",
    severity=Severity.WARNING,
    theme=Theme.FORMS,
    confidence=Confidence.LIKELY,
    needs=(Need.AUTOMATIONS, Need.SEQUENCES, Need.SEQUENCE_EMAILS),
    passes_with=(Need.SNIPPETS,),
    checks=Kind.SEQUENCE,
    effort_minutes=15,
    unseen="a confirmation leaves none",
    nothing="no sequence is known to have only people who confirmed their address",
    variants={
        "subject": Variant("An email asks people to confirm who have confirmed already"),
        "text": Variant("The text of an email asks people to confirm who have confirmed already"),
    },
)

_WHAT = r"(?:your|the) (?:e-?mail(?: address)?|address|subscription|sign-?up|opt-?in|newsletter subscription)\b"
_ASKS = re.compile(rf"\bconfirm {_WHAT}", re.IGNORECASE)
_STATES = re.compile(r"\b(?:we|i|this is|writing|email is|happy|pleased) (?:hereby |to )?$", re.IGNORECASE)
_URGES = re.compile(r"(?:\bplease|\bclick\b.{0,40} to|\byou (?:need|have) to|\bmust|^|[.!?:\n]) ?$", re.IGNORECASE)
"""What stands in front of it: it is said of a confirmation that was given, or asked for in a running text."""


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each email."""
    for sequence, forms in _confirmed(graph):
        for mail in graph.contents.of(sequence):
            if variant := _request(mail):
                yield _finding(graph, mail, forms, variant)


def judged(graph: Graph) -> Iterable[Key]:
    """The sequences into which only people come who have confirmed."""
    return [sequence for sequence, _ in _confirmed(graph)]


def _confirmed(graph: Graph) -> Iterator[tuple[Key, list[ObjectRef]]]:
    """These sequences, each with the forms by which people come."""
    asking = {link.form.key for link in graph.manifest.form_links if link.double_opt_in}
    for sequence in graph.account.sequences if asking else ():
        feeders = graph.feeders(sequence.key)
        signals = {signal for cause in feeders for signal in graph.reactions.what_led_to(cause)}
        forms = {signal.key for signal in signals if signal.kind is TriggerKind.JOINS_FORM}
        inside = all(_comes_from_inside(graph, signal) for signal in signals if signal.kind is not TriggerKind.JOINS_FORM)
        if feeders and inside and forms and forms <= asking and not any(cause.integrated for cause in feeders):
            yield sequence.key, [graph.object(key) for key in sorted(key for key in forms if key)]


def _comes_from_inside(graph: Graph, signal: Signal) -> bool:
    """True for what only other automations, rules and forms bring about; an automation that nothing starts brings nobody."""
    causes: tuple[Cause, ...] = graph.reactions.causes_of(signal)
    if signal.kind is None and not causes:
        return True
    return bool(causes) and not any(cause.integrated for cause in causes)


def _request(mail: content.Mail) -> str:
    """Where the email asks for a confirmation: a variant, empty when it does not."""
    for text in mail.texts:
        running = text.part is content.MailPart.CONTENT
        for match in _ASKS.finditer(text.text):
            front = text.text[max(match.start() - 60, 0) : match.start()]
            if not _STATES.search(front) and (not running or _URGES.search(front)):
                return "text" if running else "subject"
    return ""


def _finding(graph: Graph, mail: content.Mail, forms: list[ObjectRef], variant: str) -> Finding:
    named = mail.own.object
    came = f"“{forms[0].name}” and other forms" if len(forms) > 1 else f"“{forms[0].name}”, a form"
    return Finding(
        object=named,
        message=f"“{named.name}” asks people to confirm who come by {came} with double opt-in: they have confirmed before this email goes out. "
        "This assumes that the form starts things only after the confirmation.",
        variant=variant,
        confidence=Confidence.LIKELY if variant == "subject" else Confidence.POSSIBLE,
        related=(*mail.own.related, *forms),
        people=graph.people(mail.sequence.key),
        cause=f"{mail.sequence.id}",
    )
