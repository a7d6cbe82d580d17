"""Finds links whose address comes out of a custom field and has nothing for people in whom the field is empty.

What it finds
-------------
Links in published emails and snippets whose address begins with a custom field (``{{ subscriber.setup_link }}``), without the filter
``default``, without an ``if`` around the link, and without a fallback assigned before; and, as a note, addresses that have such a field in
their path. Silent where every live automation that leads into the sequence sets the field. A field behind the question mark only fills in a
form and does no harm when it is empty. A field that does not exist is another rule's finding (CK508), and so is a password (CK505).
What it cannot see: in whom the field is empty, and whether another tool fills it in time.

Why it matters
--------------
For people in whom the field is empty the link leads nowhere. Where it is their only way in, a customer who paid stands before a dead button.

How to fix it in Kit
--------------------
1. Open the email or snippet named in this finding (Send → Email Sequences, or Send → Snippets).
2. In front of the link write “{% if subscriber.… %}”. In place of “…” comes the field named in this finding.
3. Behind the link write “{% else %}”, a second link to a page that helps everybody (your login page, or a form to ask for help), and
   “{% endif %}”.
4. Save it. Send it to a test subscriber in whom the field is empty, and click.

When to ignore it
-----------------
The field is filled for everybody before this email goes out, and you have looked: filter your subscribers by the empty field.

Sources
-------
- Liquid prints nothing for an empty field: https://shopify.github.io/liquid/basics/types/#nil
- Conditions in emails: https://help.kit.com/en/articles/2502501
- Custom fields as links: https://help.kit.com/en/articles/2502633
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ckaudit.rule import Effect, Finding, Graph, Harm, Key, Kind, Need, ObjectRef, Options, Rule, Severity, Theme, Variant, content

RULE = Rule(
    code="CK516",
    name="link-from-empty-field",
    title="A link leads nowhere for people in whom a field is empty",
    passing="No link leads nowhere because a field is empty",
    severity=Severity.WARNING,
    theme=Theme.EMAILS,
    harm=Harm.MONEY,
    needs=(Need.SEQUENCES, Need.SEQUENCE_EMAILS, Need.SNIPPETS, Need.CUSTOM_FIELDS),
    checks=Kind.EMAIL,
    effort_minutes=5,
    yields_to=("CK505",),
    variants={
        "login": Variant("The way into the course is a link out of a field that may be empty", Severity.ERROR, harm=Harm.LOCKED_OUT),
        "whole": Variant("A link leads nowhere for people in whom a field is empty"),
        "part": Variant("Part of a link's address comes out of a field that may be empty", Severity.INFO),
    },
)

# what stands in front of the field: nothing, or a scheme and a host
_FRONT = re.compile(r"(?:https?:)?(?://)?", re.IGNORECASE)
_PATH = re.compile(r"[^?#]*")
_FIELD = re.compile(r"\{\{-?\s*+([\w.-]++)")


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each field, with the texts listed."""
    keys = {field.key for field in graph.account.custom_fields}
    for document in graph.contents.documents:
        bare = {variable.via or variable.name: variable.leaf for variable in document.variables if _is_bare(variable, keys)}
        for link in document.links if bare else ():
            for name, variant in _fields(link, bare):
                if not _is_set_before(graph, document, name):
                    yield _finding(graph, document, link, name, variant)


def _is_bare(variable: content.Variable, keys: set[str]) -> bool:
    seen = variable.printed and variable.attribute == "href" and not variable.in_comment
    return seen and not variable.guarded and not variable.is_password and variable.root == "subscriber" and variable.leaf in keys


def _fields(link: content.Link, bare: dict[str, str]) -> Iterator[tuple[str, str]]:
    """The bare fields of an address in front of its query: those it begins with, and those in its path."""
    if link.element == "img":
        return
    path = _PATH.match(link.href)
    for match in _FIELD.finditer(path[0] if path else ""):
        if match[1] in bare:
            yield bare[match[1]], "whole" if _FRONT.fullmatch(link.href[: match.start()]) else "part"


def _is_set_before(graph: Graph, document: content.Document, name: str) -> bool:
    """True when every live automation that leads into the email's sequence sets the field."""
    if document.owner is None:
        return False
    field = next((Key(Kind.FIELD, item.id) for item in graph.account.custom_fields if item.key == name), None)
    feeds = graph.causes.of(Effect.ENROLS, document.owner.key)
    setters = {cause.object for cause in graph.causes.of(Effect.SETS_FIELD, field)} if field else set()
    return bool(feeds) and all(cause.object in setters for cause in feeds)


def _finding(graph: Graph, document: content.Document, link: content.Link, name: str, variant: str) -> Finding:
    login = variant == "whole" and document.owner is not None and graph.logins.email(document.owner.key) == document.object.id
    words = f"“{link.text[:60]}”" if link.text else "a link"
    if variant == "part":
        harm = "The address is not whole for people in whom it is empty; what they see depends on the site."
    else:
        harm = "For people in whom it is empty the link leads nowhere."
    return Finding(
        object=document.object,
        variant="login" if login else variant,
        message=f"{document.label} takes {'part of ' if variant == 'part' else ''}the address of {words} out of the field “{name}” and has "
        f"nothing to stand in for it. {harm}",
        related=(*document.related, ObjectRef(Kind.FIELD, name)),
        path=(link.position.step(f"subscriber.{name}"),),
        cause=name,
    )
