"""Finds placeholders that were never filled in.

What it finds
-------------
``REPLACE_WITH…``, ``INSERT … HERE``, lorem ipsum, ``TODO:``, ``FIXME``, ``XXX`` in place of a number or a name, square brackets that hold
YOUR, NAME, FIRST NAME, LINK, URL, DATE, PASTE or … HERE, and brackets around nothing but a word such as “[Month]”, “[City]” or “[price]”, in
subjects, preview texts, contents and addresses of links. Left alone are other brackets, brackets that are links themselves (“[watch here]”),
labels (“[SAVE THE DATE]”), quotations and code, ``TODO:`` in a Spanish text, and XXX as kisses, size or Roman number. In an email that hands
out a template, brackets are taken for part of it. What it cannot see: a placeholder in words of the writer's own, and pictures.

Why it matters
--------------
A paying customer who reads “[INSERT LINK HERE]” has no lesson and no trust. It happens in live emails more often than one thinks.

How to fix it in Kit
--------------------
1. Open the email or snippet named in this finding (Send → Email Sequences, or Send → Snippets).
2. Search for the words quoted in the finding and replace them. In a link, click the link and look at its address.
3. Save it.

When to ignore it
-----------------
The words are meant for the reader, for example in a course about templates.

Sources
-------
- A placeholder address in a live email: seen in a public repository of a Kit user (row EML15 of the rule notes)
- What is looked at: the API's ``subject``, ``preview_text`` and ``content`` of a sequence email
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ckaudit.rule import Confidence, Finding, Graph, Kind, Need, Options, Rule, Severity, Theme, Variant, content

RULE = Rule(
    code="CK512",
    name="placeholder-left",
    title="An email goes out with a placeholder",
    passing="No placeholder was left in an email",
    severity=Severity.ERROR,
    theme=Theme.EMAILS,
    needs=(Need.SEQUENCES, Need.SEQUENCE_EMAILS, Need.SNIPPETS),
    checks=Kind.EMAIL,
    effort_minutes=5,
    variants={
        "text": Variant("An email goes out with a placeholder"),
        "address": Variant(
            "A link in an email has a placeholder as its address",
            fix=(
                "Open the email or snippet named in this finding (Send → Email Sequences, or Send → Snippets).",
                "Click the link, and replace the placeholder quoted in the finding by the address that was meant.",
                "Save it, send the email to yourself, and click the link.",
            ),
        ),
    },
)

# what a placeholder begins with: looking for these first is a hundred times faster
MARK = re.compile(r"\[|REPLACE_WITH|INSERT|TODO:|FIXME|XXX|Lorem|lorem|LOREM")
LOUD = re.compile(
    r"REPLACE_WITH\w*|\bINSERT\b[^.!?\n\]]{0,40}\bHERE\b|\b(?i:lorem ipsum)\b|\bTODO:|\bFIXME\b|(?<![\w-])XXX(?![\w-])"
    r"|(?<!\[)\[[^\[\]\n]{0,60}?\b(?:YOUR|NAME|LINK|URL|DATE|PASTE|HERE)\b[^\[\]\n]{0,60}\](?!\])"
)
# in small letters only what is nothing but a placeholder
QUIET = re.compile(
    r"(?<!\[)\[\s*+(?:(?:insert|paste|add|put)\s[^\[\]\n]{1,50}|(?:your|the|first|last|full|course|product)?\s*+(?:first\s|last\s)?name"
    r"|(?:your|the|insert)?\s*+(?:link|url|date)(?:\s++here)?"
    r"|(?:month|mm|dd|day)[ ,/.-]++(?:year|yy|yyyy|month|mm)(?:[/.-](?:year|yy|yyyy))?"
    r"|(?:your|the|this|next|last)?\s*+(?:month|year|weekday|city|town|country|company|business|topic|product|price|amount|discount|coupon|code"
    r"|coupon code|discount code|event|industry|job title|phone number|e-?mail(?: address)?))\s*+\](?!\])",
    re.IGNORECASE,
)
# what it says is an order to the writer, whatever the email is about
ORDER = re.compile(r"\[\s*+(?:insert|paste|replace)\b|REPLACE|INSERT", re.IGNORECASE)
# words for the reader that only look like one
LABEL = re.compile(
    r"\[\s*+(?:SAVE|NEW|UPDATED?|CORRECT(?:ED)?|FIXED|WORKING|FINAL|LAST(?! NAME)|START|CLICK|READ|WATCH|JOIN|BUY|GET|DOWNLOAD|REGISTER|SIGN|LISTEN|OPEN"
    r"|SEE|VIEW|BOOK|REPLAY|INVITATION|INSIDE|LINK (?:INSIDE|BELOW|IN)|YOUR [\w ]{0,30}(?:INSIDE|READY|INVITED|WAITING|INVITATION|BONUS|GIFT|TICKET))\b"
)
# an email that hands out words to fill in
TEMPLATE = re.compile(
    r"\bcopy[\s-]++(?:and|&)?[\s-]*+paste\b|\bcopy (?:this|the|these)\b|\bswipe\b|\bfill[\s-]++in\b|\btemplates?\b|\bscripts?\b|\bprompts?\b",
    re.IGNORECASE,
)
SPANISH = re.compile(r"\b(?:que|para|los|las|una|con|por|del|de|la|el|en|se|es|tu|tus|mis?|você|para|uma|não|com)\b", re.IGNORECASE)
ENGLISH = re.compile(r"\b(?:the|and|you|your|to|of|with|for|this|is)\b", re.IGNORECASE)
KISSES = frozenset({"love", "hugs", "kisses", "xoxo", "you", "soon", "always"})
SIZES = re.compile(r"\b(?:sizes?|X{0,3}[SL]|M)\b[^.!?\n]{0,30}$")
ADDRESS = re.compile(r"REPLACE_WITH|REPLACE_ME|\[[^\[\]]*\]|\b(?:INSERT|PASTE|YOUR)[_-][\w-]{0,60}?(?:LINK|URL|HERE)\b|^(?:LINK|URL)$")


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each text, and one for its addresses."""
    for document in graph.contents.documents:
        yield from _in_text(document)
        yield from _in_addresses(document)


def _in_text(document: content.Document) -> Iterator[Finding]:
    found = list(_words(document))
    if found:
        words = list(dict.fromkeys(word for word, _ in found))
        quoted = ", ".join(f"“{word}”" for word in words[:3]) + (f" and {len(words) - 3} more" if len(words) > 3 else "")
        parts = dict.fromkeys(str(position.part) for _, position in found)
        where = "" if list(parts) == [content.MailPart.CONTENT] else f" in its {' and '.join(parts)}"
        yield Finding(
            object=document.object,
            variant="text",
            confidence=Confidence.LIKELY,
            message=f"{document.label} goes out with {quoted}{where}. Customers read what was meant for whoever wrote the email.",
            related=document.related,
            path=tuple(position.step(word) for word, position in found[:5]),
            cause="\n".join(sorted(words)),
        )


def _words(document: content.Document) -> Iterator[tuple[str, content.Position]]:
    linked = " ".join(link.text for link in document.links)
    for text in document.texts:
        end = 0
        for mark in MARK.finditer(text.text):
            start = mark.start()
            match = LOUD.match(text.text, start) or QUIET.match(text.text, start)
            if match and start >= end and not text.is_shown(start) and not _is_meant(match.group(), text.text, start, linked):
                end = match.end()
                yield _short(match.group()), text.position(start)


def _is_meant(words: str, text: str, start: int, linked: str) -> bool:
    """True for words that are for the reader."""
    if words.startswith("["):
        is_template = bool(TEMPLATE.search(text)) and not ORDER.match(words)
        return words in linked or is_template or bool(LABEL.match(words))
    if words == "TODO:":
        return len(SPANISH.findall(text[:5000])) > len(ENGLISH.findall(text[:5000]))
    return words == "XXX" and not _stands_for_something(text, start)


def _stands_for_something(text: str, start: int) -> bool:
    """True for XXX in the middle of a sentence: kisses end a line, sizes come in a row, Roman numbers stand behind or in front of a name."""
    line = text[text.rfind("\n", 0, start) + 1 : start]
    before, after = line.rstrip(), text[start + 3 :].partition("\n")[0]
    last = re.search(r"\S+$", before[-60:])
    if last is None or last[0][0].isupper() or last[0][0].isdigit() or last[0][-1] in ",;:!?.-–—" or last[0].casefold() in KISSES:
        return False
    return not SIZES.search(before[-60:]) and not re.match(r"\s*[A-Z]\w", after)


def _in_addresses(document: content.Document) -> Iterator[Finding]:
    for link in document.links:
        match = ADDRESS.search(link.href)
        if match and link.element != "img":
            words = f"“{_short(link.text)}”" if link.text else "a link"
            yield Finding(
                object=document.object,
                variant="address",
                message=f"{document.label} has a link ({words}) whose address still is the placeholder “{_short(match.group())}”. Whoever "
                "clicks it lands nowhere.",
                related=document.related,
                path=(link.position.step(_short(match.group())),),
                cause=match.group(),
            )
            return


def _short(words: str) -> str:
    text = " ".join(re.sub("[\ue000\ue001]", "", words).split())
    return text if len(text) <= 60 else text[:59] + "…"
