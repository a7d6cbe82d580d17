"""Finds forms whose incentive email and first sequence email arrive together.

What it finds
-------------
A form that sends its own incentive email, and from which follows, within an hour and without a condition, a sequence whose first email goes
out within an hour too. When that email links to the same file or address as the button of the incentive email (``incentive_download``),
people get the same download twice.

Why it matters
--------------
Two emails in one minute for one form look like a mistake, and the second one teaches people to skip yours. Who clicks only in the second
never confirms the address, if the button of the first is what confirms it.

How to fix it in Kit
--------------------
1. Decide which of the two gives the download. With double opt-in that is the incentive email: its button confirms the address.
2. Open Send → Email Sequences, choose the sequence named in this finding, and take the download out of its first email, or let that email
   wait for a day.
3. Or switch the incentive email off in the form's settings, if nobody has to confirm the address.

When to ignore it
-----------------
The second email says something else and is meant to come at once. Kit's API does not show incentive emails: it knows of them only what the
manifest says under ``form_links``.

Sources
-------
- The confirmation email of a form: https://help.kit.com/en/articles/2502563
- Assumed here: with double opt-in the form starts things right after the confirmation
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from urllib.parse import unquote, urlsplit

from ckaudit.rule import (
    Confidence,
    Consequence,
    Effect,
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
)

RULE = Rule(
    code="CK701",
    name="download-sent-twice",
    title="A form and a sequence mail the same people at the same time",
    passing="No form mails people together with a sequence",
    severity=Severity.INFO,
    theme=Theme.FORMS,
    confidence=Confidence.LIKELY,
    needs=(Need.AUTOMATIONS, Need.SEQUENCES, Need.SEQUENCE_EMAILS),
    checks=Kind.FORM,
    effort_minutes=10,
    unseen="incentive emails leave none",
    nothing="the manifest says of no form that it sends an incentive email",
    variants={
        "same-download": Variant("The same download is sent by the form and by a sequence", severity=Severity.WARNING),
        "together": Variant("A form's own email and a sequence's first email arrive together", yields_to=("CK702",)),
    },
)

HOUR = 3600


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each form, at the first sequence that comes at once."""
    for form in judged(graph):
        at_once = [item for item in graph.reactions.what_follows(Signal(form, TriggerKind.JOINS_FORM)) if _comes_at_once(graph, item)]
        download = next(
            (link.incentive_download for link in graph.manifest.form_links if link.form.key == form and link.incentive_email), ""
        )
        same = [item for item in at_once if _gives(graph, item.cause.target, download)]
        for item in (same or at_once)[:1]:
            yield _finding(graph, form, item, download if same else "")


def judged(graph: Graph) -> Iterable[Key]:
    """The forms that send an incentive email."""
    return list(dict.fromkeys(link.form.key for link in graph.manifest.form_links if link.incentive_email))


def _comes_at_once(graph: Graph, item: Consequence) -> bool:
    """True for a sequence that everybody is put into within an hour and whose first email goes out within an hour."""
    if item.cause.effect is not Effect.ENROLS or item.waits or item.conditions or item.span.min_seconds > HOUR:
        return False
    sequence = graph.lookup.sequence(item.cause.target)
    live = sequence is not None and sequence.active is not False and bool(graph.lookup.published(item.cause.target))
    return live and graph.lookup.first_delay(item.cause.target) <= HOUR


def _gives(graph: Graph, sequence: Key, download: str) -> bool:
    """True when the first email of the sequence links to this file or address."""
    wanted = _file(download)
    first = graph.lookup.published(sequence)[:1]
    mails = [mail for mail in graph.contents.of(sequence) if wanted and first and mail.email.id == first[0].id]
    return any(_file(link.href) == wanted for mail in mails for link in mail.links)


def _file(address: str) -> str:
    """The file an address ends with, else its host and path."""
    try:
        parts = urlsplit(address.strip())
    except ValueError:
        return ""
    name = unquote(parts.path).rstrip("/").rpartition("/")[2].casefold()
    return name if "." in name else f"{parts.netloc}{parts.path.rstrip('/')}".casefold()


def _finding(graph: Graph, form: Key, item: Consequence, download: str) -> Finding:
    named, sequence = graph.object(form), graph.object(item.cause.target)
    first = graph.lookup.published(item.cause.target)[0]
    both = f"“{named.name}” sends its incentive email, and “{item.cause.object.name}” the first email of “{sequence.name}” within the hour"
    return Finding(
        object=named,
        message=f"{both}. Both give “{_file(download)}”." if download else f"{both}. People get two emails for one form at once.",
        variant="same-download" if download else "together",
        confidence=Confidence.LIKELY if download else Confidence.POSSIBLE,
        related=(sequence, ObjectRef(Kind.EMAIL, first.subject or "", first.id), item.cause.object),
        path=item.path,
        location=item.cause.location,
    )
