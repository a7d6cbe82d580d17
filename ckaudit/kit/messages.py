"""Kit's answers that are no success, as one sentence for people.

Error bodies come as a list of texts, a bare text, a list of lists, ``error`` and ``message``, an empty object, plain text, HTML or
nothing. Only texts from JSON bodies are quoted, shortened and with addresses and the credential replaced.
"""

from __future__ import annotations

import re

import msgspec

from ckaudit.kit.credentials import Credential
from ckaudit.kit.http import Answer

_LONGEST = 200
_MOST_READ = 8000
_ADDRESS = re.compile(r"[^\s@<>\"'(),;:]+@[^\s@<>\"'(),;:]+")
_LINK = re.compile(r"([a-z]+://[^\s?#\"']*)[?#][^\s\"']*", re.IGNORECASE)
_UNSAFE = re.compile(r"[^\w .,:;!?'’“”()/=`\-_\[\]+%&]")


def describe(answer: Answer, endpoint: str, credential: Credential) -> str:
    """``Kit answered 403 to GET /v4/segments: “You do not have …” (request id 1f2e)``."""
    said = error_text(answer.body)
    quoted = f": “{clean(said, credential)}”" if said else f" with {_kind_of(answer)}"
    number = re.sub(r"[^A-Za-z0-9._-]", "", answer.request_id)[:64]
    return f"Kit answered {answer.status} to {endpoint}{quoted}" + (f" (request id {number})" if number else "")


def error_text(body: bytes) -> str:
    """What an error body says, in any of the shapes seen; nothing when it is not JSON."""
    try:
        said = msgspec.json.decode(body)
    except (ValueError, RecursionError):
        return ""
    if not isinstance(said, dict):
        return ""
    texts = [text for key in ("errors", "error_description", "error", "message") for text in _texts(said.get(key))]
    return "; ".join(dict.fromkeys(texts))


def _texts(value: object) -> list[str]:
    if isinstance(value, str):
        return [value] if value.strip() else []
    if isinstance(value, list):
        return [text for item in value for text in _texts(item)]
    return []


def clean(text: str, credential: Credential) -> str:
    """A text from outside, fit to print: one line, short, without control characters, addresses, query values or the credential."""
    # Looking for addresses takes longer than the text is long, and a stranger decides how long it is.
    if len(text) > _MOST_READ:
        text = text[:_MOST_READ].rpartition(" ")[0]
    text = credential.hide_in(text)
    text = _LINK.sub(r"\1", _ADDRESS.sub("[address]", text))
    text = _UNSAFE.sub(" ", text)
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _kind_of(answer: Answer) -> str:
    start = answer.body[:200].lstrip().lower()
    if not start:
        return "an empty body"
    if start.startswith((b"<!doctype", b"<html")) or "html" in answer.content_type:
        return "an HTML page"
    return "no explanation" if start.startswith((b"{", b"[")) else "plain text"
