"""Foreign text made harmless for a terminal, and measured in columns."""

from __future__ import annotations

import re
from functools import lru_cache

import msgspec

# C0 and C1 controls; characters that reorder, hide or join what is around them; line and paragraph separators; tags; lone surrogates.
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200c\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)
_STEERING = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
# What the logs of CI systems obey at the beginning of a line: GitHub (“::error”, “##[error]”) and Buildkite (“--- group”)
_ORDER = re.compile(r"((?:\A|[\n\r])[^\S\n\r]*)(::|##\[|(?:---|\+\+\+|~~~) (?=[^\s-]))")
# and anywhere in it: Azure (“##vso[task.setvariable …]”) and TeamCity; GitLab only with control characters, which no output has
ORDER_ANYWHERE = re.compile(r"#(?=#(?:vso|teamcity)\[)", re.IGNORECASE)
MAX_NAME = 60


def clean(text: str, *, keep_newlines: bool = False) -> str:
    """Text that cannot move the cursor, change colours or turn the reading direction: such characters show as ``\\x1b`` or ``\\u202e``.

    What Azure and TeamCity obey anywhere in a line of a log is broken by a space. Line breaks and tabs become spaces unless
    ``keep_newlines``.
    """
    # Unicode calls none of these printable, and asking that is faster than looking for them
    safe = text if text.isprintable() else _UNSAFE.sub(lambda match: _shown(match[0], keep_newlines), text)
    return ORDER_ANYWHERE.sub("# ", safe) if "##" in safe else safe


def _shown(char: str, keep_newlines: bool) -> str:
    if char in "\n\t":
        return char if keep_newlines else " "
    if char == "\r":
        return " "
    code = ord(char)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def inert_json(text: str) -> str:
    """The same JSON with those characters as escapes that steer a terminal, turn the reading direction or give orders to the log of a CI
    system. JSON itself asks for C0 alone."""
    text = _STEERING.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
    return ORDER_ANYWHERE.sub(r"\\u0023", text)


def to_json(value: object) -> str:
    """A value as such JSON, indented by two, with its keys in their order. Ends in a newline."""
    return inert_json(msgspec.json.format(msgspec.json.encode(value), indent=2).decode("utf-8")) + "\n"


def defused(text: str) -> str:
    """Lines for a log. GitHub obeys those that begin with “::” or “##[”, indented or not, Buildkite “--- ” and the like; a name in an
    account must not give orders."""
    return _ORDER.sub(lambda match: match[1] + " ".join(match[2]), ORDER_ANYWHERE.sub("# ", text))


def cut(text: str, most: int = MAX_NAME) -> str:
    """Harmless text of at most ``most`` columns; what was cut shows as “…”."""
    safe = clean(text[: most * 20])
    if len(text) <= most * 20 and columns(safe) <= most:
        return safe
    kept, used = [], 1
    for char in safe:
        used += columns(char)
        if used > most:
            break
        kept.append(char)
    return "".join(kept).rstrip() + "…"


@lru_cache(maxsize=4096)
def _char_columns(char: str) -> int:
    from wcwidth import wcwidth

    return max(0, int(wcwidth(char)))


def columns(text: str) -> int:
    """How many columns a terminal gives to this text."""
    return len(text) if text.isascii() else sum(_char_columns(char) for char in text)


def wrap(text: str, width: int, indent: str = "", following: str | None = None) -> list[str]:
    """Lines of at most ``width`` columns. Words longer than a line are cut at its end; ``following`` indents all lines but the first."""
    rest = indent if following is None else following
    lines = [indent]
    used = start = columns(indent)
    for word in text.split():
        length = columns(word)
        if used > start and used + 1 + length <= width:
            lines[-1] += " " + word
            used += 1 + length
            continue
        if used > start:
            lines.append(rest)
            used = start = columns(rest)
        for piece in _pieces(word, width - start, width - columns(rest)):
            if used > start:
                lines.append(rest)
                start = columns(rest)
            lines[-1] += piece
            used = start + columns(piece)
    return lines


def _pieces(word: str, first: int, others: int) -> list[str]:
    """A word in pieces that fit: ``first`` columns for the first, ``others`` for the rest."""
    if columns(word) <= first:
        return [word]
    pieces, used, room = [""], 0, first
    for char in word:
        if used and used + columns(char) > room:
            pieces.append("")
            used, room = 0, others
        pieces[-1] += char
        used += columns(char)
    return pieces


def count(number: int, noun: str, nouns: str = "") -> str:
    """``1 finding``, ``2,000 findings``; ``nouns`` where the plural is more than an s: ``2 people``."""
    return f"{number:,} {noun if number == 1 else nouns or f'{noun}s'}"


def headcount(number: int, who: str) -> str:
    """A finding's people. Only where it says who they are, somebody counted them: else it is everybody whom Kit counts in an object, and
    those whom it happens to are among them."""
    people = count(number, "person", "people")
    return people if who else f"at most {people}"


def plural(number: int, one: str, many: str) -> str:
    """The sentence about one or about many, with the number for ``{n}``."""
    return (one if number == 1 else many).replace("{n}", f"{number:,}")


def amount(number: int, what: str) -> str:
    """``2 draft emails``, ``1 draft email``: the first word that ends in s loses it for one."""
    words = re.sub(r"(?<!\S)([a-z-]+)s(?!\S)", r"\1", what, count=1) if number == 1 else what
    return f"{number:,} {words}"


def capital(text: str) -> str:
    """The text with its first letter as a capital."""
    return text[:1].upper() + text[1:]
