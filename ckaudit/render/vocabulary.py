"""What readers of reports see instead of our own names: kinds of objects, themes, severities, confidences, days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from ckaudit.model.findings import Confidence, Severity
from ckaudit.model.rules import Theme
from ckaudit.render.plain import cut

KINDS = {
    "account": "Account",
    "tag": "Tag",
    "form": "Form",
    "sequence": "Sequence",
    "email": "Email",
    "field": "Custom field",
    "segment": "Segment",
    "snippet": "Snippet",
    "webhook": "Webhook",
    "template": "Email template",
    "broadcast": "Broadcast",
    "address": "Sending address",
    "automation": "Automation",
    "rule": "Rule",
    "external": "Integration",
    "product": "Product",
    "offering": "Offer",
    "link": "Link",
    "date": "Date",
    "app_event": "App event",
    "app_action": "App action",
}
KINDS_IN_PLURAL = {"tag": "Tags", "sequence": "Sequences", "form": "Forms and landing pages"}
THEMES: Mapping[str, str] = {
    Theme.ACCOUNT: "Account and sending",
    Theme.ACCESS: "Access to what people bought",
    Theme.AUTOMATIONS: "Automations",
    Theme.SEQUENCES: "Sequences",
    Theme.EMAILS: "Emails",
    Theme.TAGS: "Tags and custom fields",
    Theme.FORMS: "Forms and landing pages",
    Theme.EVIDENCE: "What people’s timestamps show",
    Theme.AUDIT: "The audit itself",
}
"""What a tag, sequence or product is for, as a question to the owner names it."""
SEVERITIES: Mapping[str, str] = {Severity.ERROR: "Urgent", Severity.WARNING: "Important", Severity.INFO: "Good to know"}
SEVERITY_MEANINGS = {
    Severity.ERROR: "People are harmed or money is lost now.",
    Severity.WARNING: "Likely to harm people or cost money.",
    Severity.INFO: "Worth knowing.",
}
CONFIDENCES = {Confidence.CERTAIN: "Certain", Confidence.LIKELY: "Likely", Confidence.POSSIBLE: "Possible"}
CONFIDENCE_MEANINGS = {
    Confidence.CERTAIN: "Certain: read from Kit or from a complete list of the automations.",
    Confidence.LIKELY: "Likely: rests on what tags seem to mean, or on what people’s timestamps show.",
    Confidence.POSSIBLE: "Possible: a hint. Please check it before you act.",
}
_MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"]


def kind_name(kind: str) -> str:
    """The kind of an object; one that a result from elsewhere made up, as it is."""
    return KINDS.get(kind) or cut(kind.replace("_", " "), 40)


def month_name(day: dt.date) -> str:
    """``November``."""
    return _MONTHS[day.month - 1]


def format_date(timestamp: str) -> str:
    """``2026-11-20T09:30:00Z`` as ``20 November 2026``; as it is when it is no time."""
    try:
        moment = dt.datetime.fromisoformat(timestamp)
    except ValueError:
        return cut(timestamp, 40)
    return f"{moment.day} {month_name(moment)} {moment.year}"
