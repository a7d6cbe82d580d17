"""Finds emails that use a snippet the account does not have.

What it finds
-------------
``{{ snippet.… }}`` with a key that no snippet has, in emails and in snippets that use others. It tells apart keys that are only written
differently (``login_box`` for ``login-box``), archived snippets, and keys that are nowhere.

Why it matters
--------------
Where the snippet should stand there is a gap: no login box, no footer, no address. The email looks finished in the editor of the person
who wrote it.

How to fix it in Kit
--------------------
1. Open Send → Snippets and look up the snippet; restore it when it is archived.
2. Click the snippet and copy its code.
3. Open the email or snippet named in this finding (Send → Email Sequences, or Send → Snippets).
4. Replace the wrong code by the copied one and save it.

When to ignore it
-----------------
The snippet is archived and your test email shows it all the same: Kit does not document what happens to archived snippets.

Sources
-------
- Snippets and their keys: https://help.kit.com/en/articles/3812712
- Keys, and that they are resolved when an email is sent: https://developers.kit.com/api-reference/snippets/create-a-snippet
- The account's snippets, active and archived: the API's ``snippets[].key``
"""

from __future__ import annotations

from collections.abc import Iterator

from ckaudit.rule import Confidence, Finding, Graph, Kind, Need, ObjectRef, Options, Rule, Severity, Theme, Variant, content

RULE = Rule(
    code="CK511",
    name="unknown-snippet",
    title="An email has a gap where a snippet should stand",
    passing="Every snippet that is used exists",
    severity=Severity.ERROR,
    theme=Theme.EMAILS,
    needs=(Need.SEQUENCES, Need.SEQUENCE_EMAILS, Need.SNIPPETS),
    checks=Kind.EMAIL,
    effort_minutes=5,
    variants={
        "archived": Variant(
            "An email uses a snippet that is archived",
            Severity.WARNING,
            (
                "Open Send → Snippets, look up the snippet named in this finding among the archived ones, and restore it.",
                "Or open Send → Email Sequences, choose the sequence and the email named in this finding, take the snippet out and save it.",
                "Send the email to yourself.",
            ),
        ),
        "spelling": Variant("A snippet is used under a name that is spelt differently"),
        "nowhere": Variant("An email has a gap where a snippet should stand"),
    },
)


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each text and key."""
    live = [snippet.key for snippet in graph.account.snippets if not snippet.archived]
    archived = [snippet.key for snippet in graph.account.snippets if snippet.archived]
    for document in graph.contents.documents:
        seen: set[str] = set()
        for variable in document.variables:
            key = variable.leaf
            if variable.root == "snippet" and not variable.in_comment and key not in {"", *live, *seen}:
                seen.add(key)
                yield _finding(graph, document, variable, archived)


def _finding(graph: Graph, document: content.Document, variable: content.Variable, archived: list[str]) -> Finding:
    key = variable.leaf
    near = graph.names.nearest(Kind.SNIPPET, key)
    gap = "People see a gap in its place."
    if key in archived:
        variant, said = "archived", f"That snippet is archived. {gap} This assumes that Kit leaves out archived snippets; it does not say."
    elif near and content.plain(near.name) == content.plain(key):
        variant, said = "spelling", f"The key is {near.text}. {gap}"
    else:
        variant, said = "nowhere", "No snippet has that key" + (f"; there is {near.text}. " if near else ". ") + gap
    return Finding(
        object=document.object,
        variant=variant,
        confidence=Confidence.POSSIBLE if variant == "archived" else Confidence.CERTAIN,
        message=f"{document.label} uses “{{{{ snippet.{key} }}}}”. {said}",
        related=(*document.related, ObjectRef(Kind.SNIPPET, key)),
        path=(variable.position.step(f"{{{{ snippet.{key} }}}}"),),
        cause=key,
    )
