"""Finds conditions in emails on tags the account does not have.

What it finds
-------------
``{% if subscriber.tags contains "…" %}`` and its like with a name that no tag has. Liquid compares letter by letter, so a tag in another
spelling (upper and lower case, an extra space) counts as unknown too; the rule then names the tag that was meant.

Why it matters
--------------
The condition is never true. Buyers get the text for people who have not bought, the offer for what they own already, or no link to their
course. It often happens after a tag was renamed.

How to fix it in Kit
--------------------
1. Open Grow → Subscribers, find the tag in the list on the right, and copy its exact name.
2. Open the email or snippet named in this finding (Send → Email Sequences, or Send → Snippets).
3. Put the exact name between the straight quotes of the condition.
4. Save it, and send the email to yourself while you hold the tag.

When to ignore it
-----------------
The tag will be created later, for example by the launch this email belongs to.

Sources
-------
- Conditions on tags: https://help.kit.com/en/articles/2502501
- Names of the account's tags: the API's ``tags[].name``
- Kit's tag names are unique without regard to case, Liquid's ``contains`` is exact: https://shopify.github.io/liquid/basics/operators/
"""

from __future__ import annotations

from collections.abc import Iterator

from ckaudit.rule import Finding, Graph, Kind, Need, ObjectRef, Options, Rule, Severity, Theme, Variant, content

RULE = Rule(
    code="CK515",
    name="unknown-tag-in-liquid",
    title="An email asks for a tag that does not exist",
    passing="Every tag that an email asks for exists",
    severity=Severity.ERROR,
    theme=Theme.EMAILS,
    needs=(Need.SEQUENCES, Need.SEQUENCE_EMAILS, Need.SNIPPETS, Need.TAGS),
    checks=Kind.EMAIL,
    effort_minutes=5,
    variants={
        "spelling": Variant("An email spells a tag differently from Kit"),
        "nowhere": Variant(
            "An email asks for a tag that does not exist",
            fix=(
                "Open Grow → Subscribers, and look in the list of tags which one was meant.",
                "Open the email or snippet named in this finding (Send → Email Sequences, or Send → Snippets).",
                "If there is one: put its exact name between the straight quotes of the condition.",
                "If there is none any more: take the condition out, and keep the half of the text that everybody should read.",
                "Save it, and send the email to yourself.",
            ),
        ),
    },
)


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each text and unknown tag."""
    names = {tag.name for tag in graph.account.tags}
    for document in graph.contents.documents:
        seen: set[str] = set()
        for test in document.tag_tests:
            if test.name not in names | seen:
                seen.add(test.name)
                yield _finding(graph, document, test.name, test.position)


def _finding(graph: Graph, document: content.Document, name: str, position: content.Position) -> Finding:
    near = graph.names.nearest(Kind.TAG, name)
    harm = "The condition never holds, so everybody gets the other half of the text."
    if near and near.unlike:
        said = f"The tag is written {near.text}, and Liquid compares letter by letter.{near.unlike} {harm}"
    else:
        said = "There is no such tag" + (f"; there is {near.text}. " if near else ". ") + harm
    return Finding(
        object=document.object,
        variant="spelling" if near and near.unlike else "nowhere",
        message=f"{document.label} asks whether people have the tag “{name}”. {said}",
        related=(*document.related, ObjectRef(Kind.TAG, name)),
        path=(position.step(f"tag “{name}”"),),
        cause=name,
    )
