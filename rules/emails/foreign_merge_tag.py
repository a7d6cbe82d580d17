"""Finds personalisation in the words of another email program.

What it finds
-------------
Merge tags of other systems that were pasted along with a text, such as ``*|FNAME|*``, ``%FIRSTNAME%``, ``[[name]]``, ``{first_name}`` or
``~Contact.FirstName~``; Liquid with another system's names, such as ``{{ contact.first_name }}``; and Kit's own names without
their root, such as
``{{ first_name }}`` instead of ``{{ subscriber.first_name }}``. Names nobody knows are left alone, and so are tags in quotations and code, and
tags that a sentence talks about (“type [[name]] to link a note”). What it cannot see: tags of programs that write them another way.

Why it matters
--------------
Kit does not understand them: customers read “Hi *|FNAME|*”, or nothing at all. An unsubscribe tag of another system does not unsubscribe
anybody, and the law asks for one that does.

How to fix it in Kit
--------------------
1. Open the email or snippet named in this finding (Send → Email Sequences, or Send → Snippets).
2. Delete the tag quoted in the finding.
3. Click the “+” sign, choose Personalization, and choose the field.
4. Save it, and send the email to yourself.

When to ignore it
-----------------
The email shows such tags on purpose, for example in a course about email programs.

Sources
-------
- Kit's names: https://help.kit.com/en/articles/2502633 and https://help.kit.com/en/articles/2502501
- The forms of other systems: their own documentation (Mailchimp ``*|FNAME|*``, ActiveCampaign ``%FIRSTNAME%``, Keap
  ``~Contact.FirstName~``,
  AWeber ``{!firstname}``)
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ckaudit.rule import Confidence, Finding, Graph, Kind, Need, Options, Rule, Severity, Theme, Variant, content

RULE = Rule(
    code="CK514",
    name="foreign-merge-tag",
    title="An email shows another system's merge tag",
    passing="Personalisation is written the way Kit reads it",
    severity=Severity.ERROR,
    theme=Theme.EMAILS,
    needs=(Need.SEQUENCES, Need.SEQUENCE_EMAILS, Need.SNIPPETS, Need.CUSTOM_FIELDS),
    checks=Kind.EMAIL,
    effort_minutes=5,
    variants={
        "foreign": Variant("An email shows another system's merge tag"),
        "foreign-name": Variant("An email names a detail the way another system does"),
        "without-root": Variant("An email names a detail without saying whose it is"),
    },
)

_PERSON = r"(?:first|last|full|user|sur)[_ -]?name|[fl]?name|e-?mail(?:[_ -]?address)?|unsub(?:scribe)?(?:[_ -]?(?:link|url))?"
FOREIGN = re.compile(
    rf"(?-i:\*\|[A-Z][A-Z0-9_:]*\|\*)|%(?:contact\.|recipient\.|subscriber\.|user\.)?(?:{_PERSON})%|\[\[\s*(?:{_PERSON})\s*\]\]"
    rf"|(?<![{{\w$])\{{!?(?:{_PERSON})\}}(?!\}})|~contact\.\w+~|##(?:{_PERSON})##",
    re.IGNORECASE,
)
# what such a tag begins with: looking for these first is a hundred times faster
MARK = re.compile(r"[*%\[{~#]")
# a sentence that talks about such a tag: “type [[name]]”, “in Mailchimp you wrote …”
TALKED_ABOUT = re.compile(
    r"\b(?:typ(?:e|es|ed|ing)|writ(?:e|es|ing)|wrote|written|us(?:e|es|ed|ing)|enter|paste|insert|put|replace|called|named|like|says?|means?"
    r"|tag|field|variable|placeholder|shortcode|code)(?:\s++[\w’'-]++){0,2}\s*+[:“\"'‘]?\s*+$"
    r"|\b(?:mailchimp|activecampaign|keap|infusionsoft|aweber|obsidian|roam|notion|logseq)\b[^.!?\n]{0,60}$",
    re.IGNORECASE,
)
OTHER_ROOTS = frozenset({"contact", "person", "lead", "customer", "recipient", "user", "profile", "member", "client", "merge", "data"})
# What people write for Kit's names
SHORT_NAMES = frozenset({"first_name", "firstname", "fname", "name", "last_name", "lastname", "email", "email_address", "id", "tags"})
UNSUBSCRIBE = frozenset({"unsubscribe", "unsubscribe_here", "unsubscribelink", "unsubscribeurl"})


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each text and kind of slip."""
    keys = {content.plain(field.key): field.key for field in graph.account.custom_fields}
    for document in graph.contents.documents:
        yield from _foreign(document)
        yield from _in_liquid(document, keys)


def _foreign(document: content.Document) -> Iterator[Finding]:
    found = list(_tags(document))
    if found:
        words = list(dict.fromkeys(tag for tag, _ in found))
        quoted = ", ".join(f"“{tag}”" for tag in words[:3]) + (f" and {len(words) - 3} more" if len(words) > 3 else "")
        yield Finding(
            object=document.object,
            variant="foreign",
            confidence=Confidence.LIKELY,
            message=f"{document.label} contains {quoted}, which another email program would fill in. Kit sends it as it stands, and "
            "customers "
            "read it.",
            related=document.related,
            path=tuple(position.step(tag) for tag, position in found[:5]),
            cause="\n".join(sorted(words)),
        )


def _tags(document: content.Document) -> Iterator[tuple[str, content.Position]]:
    for text in document.texts:
        for start, tag in _matches(text.text):
            if not text.is_shown(start) and not TALKED_ABOUT.search(_before(text.text, start)):
                yield tag, text.position(start)
    for link in document.links:
        yield from ((tag, link.position) for _, tag in _matches(link.href))


def _before(text: str, start: int) -> str:
    """The beginning of the sentence that something stands in."""
    before = text[max(0, start - 90) : start]
    return re.split(r"[.!?\n]", before)[-1]


def _matches(text: str) -> Iterator[tuple[int, str]]:
    for mark in MARK.finditer(text):
        if match := FOREIGN.match(text, mark.start()):
            yield match.start(), match.group()


def _in_liquid(document: content.Document, keys: dict[str, str]) -> Iterator[Finding]:
    seen: set[str] = set()
    for variable in document.variables:
        name = variable.name
        hidden = variable.in_comment and variable.printed
        if hidden or name in seen or variable.root in content.ROOTS or variable.root in document.locals or variable.via:
            continue
        right = _kit_name(name, keys)
        if right:
            seen.add(name)
            yield _wrong_name(document, variable, right)


def _kit_name(name: str, keys: dict[str, str]) -> str:
    """What Kit calls it, empty when the name is Kit's own or nobody's."""
    root, _, leaf = name.partition(".")
    word = leaf if root.lower() in OTHER_ROOTS else name if not leaf else ""
    simple = content.plain(word)
    if simple in UNSUBSCRIBE:
        return "unsubscribe_link"
    if simple == "email":
        return "subscriber.email_address"
    if simple in {"firstname", "fname", "name"}:
        return "subscriber.first_name"
    key = keys.get(simple, "")
    if simple in SHORT_NAMES | content.SUBSCRIBER_NAMES or (word and key):
        return f"subscriber.{key or simple}"
    return "subscriber.…" if leaf and root.lower() in OTHER_ROOTS else ""


def _wrong_name(document: content.Document, variable: content.Variable, right: str) -> Finding:
    foreign = "." in variable.name
    what = "prints" if variable.printed else "tests"
    why = "a name of another system" if foreign else "which lacks its root"
    harm = "People see a gap in its place." if variable.printed else "The condition never holds."
    return Finding(
        object=document.object,
        variant="foreign-name" if foreign else "without-root",
        message=f"{document.label} {what} “{variable.name}”, {why}. {harm} In Kit it is “{right}”.",
        related=document.related,
        path=(variable.position.step(variable.name),),
        cause=f"{variable.name} {what}",
    )
