"""Finds Liquid filters that do not exist.

What it finds
-------------
Filters in emails and snippets that Liquid's own list does not have, such as ``otherwise``, ``fallback``, ``titlecase`` or ``defualt``. Liquid
that cannot be read at all is another rule's finding (CK510).
What it cannot see: whether Kit has filters of its own that its help does not name, and what it does with one it does not know. It is taken to
do what Liquid does by default: leave the value as it is, so that a fallback is lost.

Why it matters
--------------
A fallback that is spelt wrong is none: people without a name read “Hi ,”. A date or a price stays as the machine writes it. Should Kit refuse
such an email, nobody gets it.

How to fix it in Kit
--------------------
1. Open the email or snippet named in this finding (Send → Email Sequences, or Send → Snippets).
2. Find the filter quoted in the finding. For something that stands in for an empty value write “default”, as in
   “{{ subscriber.first_name | default: "there" }}”. Otherwise take the filter and its “|” out.
3. Save it, and send the email to yourself.

When to ignore it
-----------------
You have sent the email to yourself and read what you wanted.

Sources
-------
- Liquid's filters: https://shopify.github.io/liquid/filters/abs/ (the list at the left)
- Kit's Liquid: https://help.kit.com/en/articles/2502501
"""

from __future__ import annotations

from collections.abc import Iterator

from ckaudit.rule import Confidence, Finding, Graph, Kind, Need, Options, Rule, Severity, Theme, Variant, content

RULE = Rule(
    code="CK517",
    name="unknown-filter",
    title="An email uses a Liquid filter that does not exist",
    passing="Every Liquid filter in an email exists",
    severity=Severity.WARNING,
    confidence=Confidence.LIKELY,
    theme=Theme.EMAILS,
    needs=(Need.SEQUENCES, Need.SEQUENCE_EMAILS, Need.SNIPPETS),
    checks=Kind.EMAIL,
    effort_minutes=5,
    variants={
        "misspelt": Variant("An email misspells a Liquid filter"),
        "fallback": Variant("A fallback in an email does nothing"),
        "unknown": Variant("An email uses a Liquid filter that does not exist"),
    },
)

FALLBACKS = frozenset(
    {"otherwise", "fallback", "else", "or", "if_empty", "if_blank", "ifempty", "ifblank", "empty", "blank", "coalesce", "alt"}
)
_ASSUMED = "Kit is assumed to leave the value as it is, as Liquid does."


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each filter, with the texts listed."""
    known = content.Names(content.FILTERS)
    for document in graph.contents.documents:
        unknown = {use.name: use for use in reversed(document.filters) if use.name not in content.FILTERS}
        for name, use in sorted(unknown.items(), key=lambda item: item[1].position):
            near = known.closest(name)
            variant = "fallback" if name.casefold() in FALLBACKS else "misspelt" if near else "unknown"
            hint = {"fallback": " Liquid calls it “default”.", "misspelt": f" There is “{near}”.", "unknown": ""}[variant]
            yield Finding(
                object=document.object,
                variant=variant,
                message=f"{document.label} uses the filter “{name}”, and Liquid has none of that name.{hint} {_ASSUMED}",
                related=document.related,
                path=(use.position.step(name),),
                cause=name,
            )
