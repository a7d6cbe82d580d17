"""Kit's error responses, as one sentence for people.

Error bodies come as a list of texts, a bare text, a list of lists, ``error`` and ``message``, an empty object, plain text, HTML or
nothing. Only texts from JSON bodies are quoted, shortened and with addresses and the credential replaced.
"""

from __future__ import annotations

import re
from base64 import b64decode

import msgspec

from ckaudit.kit.credentials import Credential
from ckaudit.kit.http import Response

_MAX_LENGTH = 200
_MAX_READ = 8000
_AT = r"(?:@|%40|&#64;|&#x40;|&commat;)"
_ADDRESS = re.compile(rf"(?<![^\s@<>\"'(),;:])[^\s@<>\"'(),;:]+{_AT}[^\s@<>\"'(),;:]+", re.IGNORECASE)
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{12,}={0,2}")
_LINK = re.compile(r"(?<![a-z])([a-z]+://[^\s?#\"']*+)(?:[?#][^\s\"']*)?", re.IGNORECASE)
# Differs from one answer to the next: a time, the id of a request.
_PASSING = re.compile(
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?(\.\d+)?(Z| ?UTC|[+-]\d\d:?\d\d)?"
    r"|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    re.ASCII | re.IGNORECASE,
)
_URL_SAFE = str.maketrans("-_", "+/")
_UNSAFE = re.compile(r"[^\w .,:;!?'’“”()/=`\-_\[\]+%&]")


def describe(response: Response, endpoint: str, credential: Credential) -> str:
    """``Kit answered 403 to GET /v4/segments: “You do not have …”``. The same refusal gives the same sentence: it is stored."""
    text = error_text(response.body)
    quoted = f": “{_short(_PASSING.sub('[varies]', _harmless(text, credential)))}”" if text else f" with {_kind_of(response)}"
    return f"Kit answered {response.status} to {endpoint}{quoted}"


def request_id(response: Response, credential: Credential) -> str:
    """Kit's number of a request, fit to print, or nothing."""
    return re.sub(r"[^A-Za-z0-9._\[\]-]", "", clean(response.request_id, credential))[:64]


def error_text(body: bytes) -> str:
    """What an error body says, in any of the shapes seen; nothing when it is not JSON."""
    try:
        document = msgspec.json.decode(body)
    except (ValueError, RecursionError):
        return ""
    if not isinstance(document, dict):
        return ""
    texts = [text for key in ("errors", "error_description", "error", "message") for text in _texts(document.get(key))]
    return "; ".join(dict.fromkeys(texts))


def _texts(value: object) -> list[str]:
    if isinstance(value, str):
        return [value] if value.strip() else []
    if isinstance(value, list):
        return [text for item in value for text in _texts(item)]
    return []


def clean(text: str, credential: Credential) -> str:
    """A text from outside, fit to print: one line, short, without control characters, addresses, query values or the credential."""
    return _short(_harmless(text, credential))


def _harmless(text: str, credential: Credential) -> str:
    # Looking for addresses takes longer than the text is long, and a stranger decides how long it is.
    if len(text) > _MAX_READ:
        text = text[:_MAX_READ].rpartition(" ")[0]
    text = credential.hide_in(text)
    text = _BASE64.sub(_without_address, _LINK.sub(r"\1", _ADDRESS.sub("[address]", text)))
    text = _UNSAFE.sub(" ", text)
    return " ".join(text.split())


def _short(text: str) -> str:
    return text if len(text) <= _MAX_LENGTH else text[: _MAX_LENGTH - 1] + "…"


def _without_address(word: re.Match[str]) -> str:
    """A word that is an address in base64 goes; it may begin anywhere in what was encoded."""
    plain = word[0].rstrip("=").translate(_URL_SAFE)
    parts = (plain[start:] for start in range(4))
    decoded = (b64decode(part[: len(part) // 4 * 4]) for part in parts)
    return "[address]" if any(re.search(rb"[\w.+-]{2}@\w", data) for data in decoded) else word[0]


def _kind_of(response: Response) -> str:
    start = response.body[:200].lstrip().lower()
    if not start:
        return "an empty body"
    if start.startswith((b"<!doctype", b"<html")) or "html" in response.content_type:
        return "an HTML page"
    return "no explanation" if start.startswith((b"{", b"[")) else "plain text"
