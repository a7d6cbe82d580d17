"""How wide text is, in units of the font size, and how it breaks into lines.

Own table, so that a drawing has the same bytes on every machine. Widths are those of DejaVu Sans Bold, the widest of the fonts the style
sheet names: in the others a box has some air, in none does the text leave its box.
"""

from __future__ import annotations

from functools import lru_cache

_LATIN = (
    (0.38, " '/IijlJ\\|,.·‘’ìíîïÌÍÎÏ"),
    (0.52, '-f!()[]:;tr_`–"*'),
    (0.62, "?zcsçL"),
    (0.87, "GDHNOQU&#+<=>^~×÷→ÙÚÛÜÒÓÔÕÖØÐÑ"),
    (1.1, "wmW%@M—…æÆ"),
)
_TABLE = {char: width for width, chars in _LATIN for char in chars}
_WIDE = (
    (0x1100, 0x115F), (0x2600, 0x27BF), (0x2E80, 0xA4CF), (0xAC00, 0xD7A3), (0xF900, 0xFAFF), (0xFE30, 0xFE4F), (0xFF00, 0xFF60),
    (0xFFE0, 0xFFE6), (0x1F000, 0x1FAFF), (0x20000, 0x3FFFD),
)  # fmt: skip
_NOTHING = ((0x0300, 0x036F), (0x1AB0, 0x1AFF), (0x1DC0, 0x1DFF), (0x200B, 0x200F), (0x20D0, 0x20FF), (0xFE00, 0xFE0F))
ELLIPSIS = "…"


@lru_cache(maxsize=4096)
def char_width(char: str) -> float:
    """One character; CJK and emoji count wide, combining marks nothing."""
    if char in _TABLE:
        return _TABLE[char]
    code = ord(char)
    if code < 0x100:
        return 0.8 if char.isupper() else 0.72
    if any(low <= code <= high for low, high in _NOTHING):
        return 0.0
    return 1.35 if any(low <= code <= high for low, high in _WIDE) else 1.0


def text_width(text: str, size: float) -> float:
    """Width of one line at this font size, in pixels."""
    return sum(map(char_width, text)) * size


def break_lines(text: str, size: float, width: float, most: int) -> tuple[str, ...]:
    """At most ``most`` lines of at most ``width`` pixels. Breaks at spaces, in words only where one is longer than a line."""
    lines: list[str] = []
    line = ""
    for word in text[: 200 * most].split():
        joined = f"{line} {word}" if line else word
        if text_width(joined, size) <= width:
            line = joined
            continue
        if line:
            lines.append(line)
        *whole, line = _pieces(word, size, width)
        lines += whole
        if len(lines) > most:
            break
    if line:
        lines.append(line)
    if len(lines) <= most:
        return tuple(lines)
    return (*lines[: most - 1], _shortened(lines[most - 1], size, width))


def in_one_line(text: str, size: float, width: float) -> str:
    """The text in one line: what does not fit is left out in the middle, since names of one product differ at their ends."""
    if text_width(text, size) <= width:
        return text
    room = width - text_width(ELLIPSIS, size)
    head, used = 0, 0.0
    while used + (step := text_width(text[head], size)) <= room * 0.5:
        used, head = used + step, head + 1
    tail = len(text)
    while tail > head and used + (step := text_width(text[tail - 1], size)) <= room:
        used, tail = used + step, tail - 1
    return f"{text[:head].rstrip()}{ELLIPSIS}{text[tail:].lstrip()}"


def _pieces(word: str, size: float, width: float) -> list[str]:
    pieces, piece, used = [], "", 0.0
    for char in word:
        step = char_width(char) * size
        if piece and used + step > width:
            pieces.append(piece)
            piece, used = "", 0.0
        piece += char
        used += step
    return [*pieces, piece]


def _shortened(line: str, size: float, width: float) -> str:
    while line and text_width(line + ELLIPSIS, size) > width:
        line = line[:-1]
    return line.rstrip() + ELLIPSIS
