"""The few Markdown marks a consultant's own words may use on a report: paragraphs, lists, **bold**, *italic*, `code`, links.

Own code instead of markdown-it-py (two more packages, 0.6 MB, 45 ms to import): everything is escaped first and marks are put in after,
so raw HTML cannot pass whatever is written. Headings become bold lines, because a report has its own headings.
"""

from __future__ import annotations

import re
from html import escape
from urllib.parse import urlsplit

from ckaudit.render.plain import clean

SCHEMES = ("http", "https", "mailto")
_LINK = re.compile(r"\[([^\[\]]{1,300})\]\(([^()\s]{1,2000})\)")
_MARKS = ((re.compile(r"\*\*(?=\S)(.{1,500}?)(?<=\S)\*\*"), "strong"), (re.compile(r"(?<![\w*])\*(?=\S)([^*]+?)(?<=\S)\*(?![\w*])"), "em"))
_BULLET = re.compile(r"^\s*[-*+]\s+")
_NUMBER = re.compile(r"^\s*\d{1,3}[.)]\s+")


def to_html(text: str) -> str:
    """Markdown as HTML. Nothing in the text can become an element that is not named above."""
    return "".join(
        _block(block.split("\n")) for block in re.split(r"\n[ \t]*\n", clean(text, keep_newlines=True).strip("\n")) if block.strip()
    )


def safe_url(url: str) -> str:
    """The address when a link may lead there (http, https, mailto), else an empty text."""
    try:
        return url if urlsplit(url).scheme.lower() in SCHEMES and clean(url) == url and not re.search(r"\s", url) else ""
    except ValueError:
        return ""


def _block(lines: list[str]) -> str:
    for pattern, name in ((_BULLET, "ul"), (_NUMBER, "ol")):
        if pattern.match(lines[0]):
            return f"<{name}>{''.join(f'<li>{_inline(item)}</li>' for item in _items(lines, pattern))}</{name}>"
    if heading := re.fullmatch(r"#{1,6}\s+(.*)", lines[0]):
        rest = _block(lines[1:]) if lines[1:] else ""
        return f"<p><strong>{_inline(heading[1].rstrip().rstrip('#').rstrip())}</strong></p>{rest}"
    return f"<p>{_inline(' '.join(line.strip() for line in lines))}</p>"


def _items(lines: list[str], pattern: re.Pattern[str]) -> list[str]:
    items: list[str] = []
    for line in lines:
        match = pattern.match(line)
        if match or not items:
            items.append(line[match.end() :].strip() if match else line.strip())
        else:
            items[-1] += " " + line.strip()
    return items


def _inline(text: str) -> str:
    """Code first: nothing inside it is a mark. Then links, whose words may be marked."""
    parts = re.split(r"`([^`]+)`", text)
    return "".join(f"<code>{escape(part)}</code>" if number % 2 else _links(part) for number, part in enumerate(parts))


def _links(text: str) -> str:
    result, at = [], 0
    for match in _LINK.finditer(text):
        result.append(_marked(text[at : match.start()]))
        url = safe_url(match[2])
        words = _marked(match[1])
        result.append(f'<a href="{escape(url)}">{words}</a>' if url else words)
        at = match.end()
    return "".join([*result, _marked(text[at:])])


def _marked(text: str) -> str:
    marked = escape(text)
    for pattern, name in _MARKS:
        marked = pattern.sub(rf"<{name}>\1</{name}>", marked)
    return marked
