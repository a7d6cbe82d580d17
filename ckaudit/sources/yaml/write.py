"""Values as YAML text that ``read_document`` reads as the same values."""

from __future__ import annotations

import re

# what is a text without quotes wherever it stands, in brackets too; everything else is put in quotes
_PLAIN = re.compile(r"[A-Za-z](?:[A-Za-z0-9_./() -]*[A-Za-z0-9_.)])?")
_WORDS = ("true", "false", "null", "any", "exit", "yes", "no", "on", "off")
_HIDDEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\uffff]|[^\x00-\uffff]")


def scalar(text: str) -> str:
    """A text: as it is where that is safe, else in double quotes on one line. What moves, hides or reorders text is an escape."""
    return text if _PLAIN.fullmatch(text) and text.lower() not in _WORDS else quoted(text)


def quoted(text: str) -> str:
    """A text in double quotes. A “#” that ckaudit or a CI system would take for an order is an escape."""
    parts = _HIDDEN.sub(lambda found: _escape(found[0]), text.replace("\\", "\\\\").replace('"', '\\"'))
    return '"' + parts.replace("##", r"#\x23") + '"'


def _escape(char: str) -> str:
    return char if char.isprintable() else f"\\U{ord(char):08x}"
