"""What the texts of Kit's list of automations are: a status, furniture of the page, or perhaps a name."""

from __future__ import annotations

import re
from functools import lru_cache

from ckaudit.model.automations import AutomationStatus

# Words of Kit's help for the state of an automation, and what other screens of Kit call it
STATUSES = {
    "active": AutomationStatus.ACTIVE,
    "live": AutomationStatus.ACTIVE,
    "on": AutomationStatus.ACTIVE,
    "running": AutomationStatus.ACTIVE,
    "published": AutomationStatus.ACTIVE,
    "paused": AutomationStatus.PAUSED,
    "inactive": AutomationStatus.INACTIVE,
    "draft": AutomationStatus.INACTIVE,
    "off": AutomationStatus.INACTIVE,
    "stopped": AutomationStatus.INACTIVE,
    "archived": AutomationStatus.INACTIVE,
}
_FURNITURE = frozenset([
    "name", "status", "subscribers", "people", "actions", "created", "updated", "modified", "date", "type", "entry", "entries",
    "events", "event", "steps", "emails", "total", "automate", "automation", "automations", "visual", "rules", "sequences", "send",
    "grow", "earn", "learn", "dashboard", "home", "kit", "convertkit", "help", "support", "settings", "billing", "account", "upgrade",
    "search", "filter", "filters", "sort", "view", "grid", "list", "all", "none", "any", "select", "options", "more", "menu", "open",
    "close", "edit", "rename", "duplicate", "copy", "share", "delete", "archive", "unarchive", "pause", "resume", "activate",
    "deactivate", "start", "stop", "preview", "report", "reports", "stats", "next", "previous", "prev", "first", "last", "back", "page",
    "pages", "per", "show", "rows", "new", "add", "create", "import", "export", "templates", "template", "library", "log", "out",
    "logout", "sign", "yes", "no", "ok", "cancel", "save", "done", "loading",
])  # fmt: skip
_PHRASES = frozenset(
    [
        "visual automations", "new automation", "create automation", "new visual automation", "create a visual automation",
        "log out", "sign out",
        "sort by", "per page", "a template", "start from scratch", "see all", "view all", "select all", "clear all", "skip to content",
        "skip to main content", "what's new", "creator network", "app store", "email templates", "last edited", "learn more",
    ]
)  # fmt: skip
_BULLETS = " \t\u00a0•●○◦·▪■□▶►▼▾⋮⋯…*+|›»«‹×✓✔⏸🟢🔴🟡⚪-–—"
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec)[a-z]{0,6}\.?"
_NUMBER = r"[0-9][0-9.,' ]{0,15}[km%]?"
_COUNTED = (
    r"(?:subscribers?|people|persons?|emails?|steps?|events?|entries|entry\spoints?|completed|waiting|in\sprogress|total|views?|results?)"
)
_DATE = rf"""(?:
    {_MONTH}\s[0-9]{{1,2}}(?:,?\s[0-9]{{4}})?(?:,?\s(?:at\s)?[0-9:]{{3,5}}\s?(?:am|pm)?)?       # Jan 3, 2026 at 5:00 pm
    | [0-9]{{1,2}}\s{_MONTH}(?:\s[0-9]{{4}})?
    | [0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}(?:[t\s][0-9:.z+]{{4,20}})?
    | [0-9]{{1,2}}[/.][0-9]{{1,2}}[/.][0-9]{{2,4}}
    | (?:about\s|over\s)?(?:[0-9]{{1,4}}|an?)\s(?:seconds?|minutes?|hours?|days?|weeks?|months?|years?)\sago
    | just\snow | today | yesterday
)"""
_NOISE = re.compile(
    rf"""
    {_NUMBER}                                                                            # 1,204   87 %
    | {_NUMBER}\s?{_COUNTED}(?:\s(?:waiting|completed|in\sprogress|so\sfar|here|total))?     # 205 subscribers
    | {_COUNTED}:?\s{_NUMBER}
    | {_NUMBER}\s?[-–—]\s?{_NUMBER}(?:\s?(?:of|/)\s?{_NUMBER})?(?:\s[a-z]{{1,20}})?            # 1–25 of 42 automations
    | {_NUMBER}\s(?:visual\s)?automations?
    | page\s[0-9]{{1,4}}(?:\s(?:of|/)\s[0-9]{{1,4}})?
    | (?:(?:created|updated|edited|modified|last\s(?:edited|updated|modified)|added|published|started)(?:\s(?:on|at))?:?\s)?{_DATE}
    | ©.{{0,60}} | copyright\s.{{0,60}}
    """,
    re.IGNORECASE | re.VERBOSE,
)
_COUNT = re.compile(
    rf"{_NUMBER}(?:\s?(?:{_COUNTED}|active|paused|finished|exited|running)(?:\s(?:waiting|completed|in\sprogress|so\sfar|here|total))?)?"
    rf"|{_COUNTED}:?\s{_NUMBER}",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"[·•|,;]|\s[-–—]\s")
_ADDRESS = re.compile(r"[^\s@]@[^\s@.]+\.[^\s@]")
_TOTAL = re.compile(r"\b(?:of|/)\s?([0-9]{1,4})\b|^([0-9]{1,4})\s(?:visual\s)?automations?$", re.IGNORECASE)


@lru_cache(maxsize=10_000)
def status_of(text: str) -> AutomationStatus | None:
    """The status that a text says; None when it says another thing."""
    word = text.strip(_BULLETS).lower()
    return STATUSES.get(word.removeprefix("status:").strip())


@lru_cache(maxsize=10_000)
def is_furniture(text: str) -> bool:
    """Whether a text is part of every page: a count, a date, a button, a heading."""
    said = text.strip(_BULLETS).lower()
    # an address is whoever is logged in, and nobody's business
    known = not said or said in _FURNITURE or said in _PHRASES or _NOISE.fullmatch(said) is not None
    return known or _ADDRESS.search(said) is not None or _is_counts(said)


def _is_counts(said: str) -> bool:
    """Whether a text is numbers and what they count, such as ``12 active · 344 completed``, and nothing else."""
    return all(_COUNT.fullmatch(part.strip()) for part in _BETWEEN.split(said) if part.strip())


def total_in(text: str) -> int:
    """How many automations there are, where the page says so, as in “1–25 of 42”; else 0."""
    is_count = len(text) < 60 and is_furniture(text) and not text.lower().startswith("page")
    found = _TOTAL.search(text) if is_count else None
    return int(found[1] or found[2]) if found else 0
