"""Replaces the secrets in webhook addresses while they are decoded, so that nothing behind this module ever sees one.

A membership site's webhook address carries the key to the site: AccessAlly's handshake (``?aal_genpass=…``), WP Fusion's
``access_key``, the path of a Zapier or Make hook. Values become labels ``REDACTED-1``, ``REDACTED-2`` … in order of appearance, and
the same value keeps its label inside one section: "two different handshakes for one site" stays visible. Redacting twice changes
nothing, so a snapshot can be redacted again when it is read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import SplitResult, unquote, unquote_plus, urlsplit, urlunsplit

UNREADABLE = "REDACTED-ADDRESS"

# Values that rules read and that are not secret (WP Fusion's documented webhook parameters).
_PUBLIC_VALUES = {
    "wpf_action": frozenset({"add", "update", "update_tags", "kit_unsubscribed"}),
    "send_notification": frozenset({"true", "false"}),
}
# `?aal_genpass` without "=" is a command whose handshake was forgotten; any other lone word may be the secret itself.
_COMMAND = re.compile(r"(aal|wpf|accessally)_[a-z_]{1,40}")
_HOOK_HOST = re.compile(
    r"(^|\.)(hooks\.zapier\.com|make\.com|integromat\.com|webhook\.site|hooks\.slack\.com|discord\.com|pabbly\.com|ifttt\.com"
    r"|leadconnectorhq\.com|hooks\.airtable\.com|pipedream\.net|n8n\.cloud)$"
)
_HOOK_WORDS = frozenset("api catch hook hooks key services trigger v1 v2 webhook webhooks with workflow".split())  # noqa: SIM905 - one line
_SECRET_SUBDOMAIN = re.compile(r"^([^.]+)(\.m\.pipedream\.net)$")
_LABEL = re.compile(r"REDACTED-\d+", re.IGNORECASE)
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
_PORT = re.compile(r":\d{1,5}$")
_URL_IN_TEXT = re.compile(r"[a-z][a-z0-9+.-]{0,30}://[^\s<>\"']+", re.IGNORECASE)
_NOT_PRINTED = re.compile(r"[\x00-\x20\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]")


class Labels:
    """The labels given so far in one section."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    def of(self, value: str) -> str:
        """The label of a value; nothing for nothing."""
        if not value:
            return ""
        key = value.upper() if _LABEL.fullmatch(value) else value
        return self._known.setdefault(key, f"REDACTED-{len(self._known) + 1}")


def redact_targets(urls: Sequence[str]) -> list[str]:
    """The same addresses without their secrets, with labels numbered in the order given (callers sort by id first)."""
    labels = Labels()
    return [redact_url(url, labels) for url in urls]


def redact_text(text: str, labels: Labels) -> str:
    """Free text with every address in it redacted."""
    return _URL_IN_TEXT.sub(lambda match: redact_url(match.group(), labels), text)


def redact_url(url: str, labels: Labels) -> str:
    """One address: host, path words and query keys stay; query values, tokens in the path, userinfo and fragment go."""
    clean = _NOT_PRINTED.sub("", url)
    try:
        parts = urlsplit(clean)
        host = parts.netloc.rpartition("@")[2]
        if host and not (parts.hostname and _port_is_sane(host)):
            return UNREADABLE
    except ValueError:
        return UNREADABLE
    if parts.scheme and parts.scheme not in {"http", "https"}:
        return f"{parts.scheme}:{labels.of(clean.partition(':')[2])}"
    return urlunsplit(SplitResult(parts.scheme, _host(host, labels), _path(parts.path, host, labels), _query(parts.query, labels), ""))


def _port_is_sane(host: str) -> bool:
    bare = _PORT.sub("", host)
    return ":" not in bare or bare.endswith("]")


def _host(host: str, labels: Labels) -> str:
    secret = _SECRET_SUBDOMAIN.match(host.lower())
    return f"{labels.of(secret[1]).lower()}{secret[2]}" if secret else host


def _path(path: str, host: str, labels: Labels) -> str:
    hook = bool(_HOOK_HOST.search(_PORT.sub("", host).lower()))
    return "/".join(_segment(segment, hook, labels) for segment in path.split("/"))


def _segment(segment: str, hook: bool, labels: Labels) -> str:
    word, semicolon, parameters = segment.partition(";")
    key, equals, value = word.partition("=")
    if equals:
        return key + equals + labels.of(value) + semicolon + labels.of(parameters)
    secret = word and (word not in _HOOK_WORDS if hook else looks_random(unquote(word)))
    return (labels.of(word) if secret else word) + semicolon + labels.of(parameters)


def looks_random(segment: str) -> bool:
    """True for a path segment that no person would type: a UUID, long hex, mixed letters and digits, an address."""
    if "@" in segment or _LABEL.fullmatch(segment) or _UUID.fullmatch(segment):
        return True
    return any(_piece_is_random(piece) for piece in re.split(r"[-_.~ ]", segment))


def _piece_is_random(piece: str) -> bool:
    letters = sum(char.isalpha() for char in piece)
    digits = sum(char.isdigit() for char in piece)
    mixed_case = piece[1:] != piece[1:].lower() and piece != piece.upper()
    return len(piece) >= 8 and (
        (letters >= 2 and digits >= 2 and (len(piece) >= 12 or re.fullmatch(r"[0-9a-fA-F]+", piece) is not None or mixed_case))
        or (mixed_case and len(piece) >= 16)
        or len(piece) > 24
        or digits >= 12
    )


def _query(query: str, labels: Labels) -> str:
    return "&".join(_parameter(part, labels) for part in query.split("&")) if query else ""


def _parameter(part: str, labels: Labels) -> str:
    key, equals, value = part.partition("=")
    if not equals:
        return part if _COMMAND.fullmatch(part) else labels.of(part)
    if value in _PUBLIC_VALUES.get(key, ()):
        return part
    return f"{key}={labels.of(unquote_plus(value))}"
