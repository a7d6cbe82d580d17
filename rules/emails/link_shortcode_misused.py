"""Finds preference and unsubscribe shortcodes used in the wrong place.

What it finds
-------------
Kit has two shortcodes for each of these links. The one that ends in ``_link`` becomes a finished link and belongs in the text. The one that
ends in ``_url`` becomes an address and belongs in the address of a link. This rule reports the ``_link`` form inside an address, and the
``_url`` form in the text, for ``subscriber_preferences`` and ``unsubscribe`` alike.

Why it matters
--------------
A finished link inside an address gives a broken link: people who want to leave cannot, and mark the email as spam instead, which
hurts the delivery of everything you send. An unsubscribe link has to work by law. An address in the text shows people a long line
of characters.

How to fix it in Kit
--------------------
1. Open the email or snippet named in this finding (Send → Email Sequences, or Send → Snippets).
2. In an address, replace the shortcode that ends in “_link” by the one that ends in “_url”.
3. In the text, replace the shortcode that ends in “_url” by the one that ends in “_link”, or select the words and link them to it.
4. Save it, and send the email to yourself: these links do not work in a preview.

When to ignore it
-----------------
Never for the address form: that link is broken. Raw addresses are a matter of taste only in plain emails where people expect them.

Sources
-------
- The two forms "differ slightly … otherwise the link may not function properly": https://help.kit.com/en/articles/4600311
- ``{{ unsubscribe_url }}`` only as the value of ``href``: https://intercom.help/convertkit/en/articles/2810454
- AccessAlly's ConvertKit guide recommends the link: https://kb.accessally.com/tutorials/convertkit-automation/ (claim S2)
"""

from __future__ import annotations

from collections.abc import Iterator

from ckaudit.rule import Finding, Graph, Kind, Need, Options, Rule, Severity, Theme, Variant, content

_OPEN = "Open the email or snippet named in this finding (Send → Email Sequences, or Send → Snippets)."
_SAVE = "Save it, and send the email to yourself: these links do not work in a preview."

RULE = Rule(
    code="CK502",
    name="link-shortcode-misused",
    title="A preference or unsubscribe link does not work",
    passing="Preference and unsubscribe shortcodes stand where they belong",
    severity=Severity.WARNING,
    theme=Theme.EMAILS,
    needs=(Need.SEQUENCES, Need.SEQUENCE_EMAILS, Need.SNIPPETS),
    checks=Kind.EMAIL,
    variants={
        "link-in-address": Variant(
            "A preference or unsubscribe link does not work",
            fix=(
                _OPEN,
                "Click the link, and in its address replace the shortcode that ends in “_link” by the one that ends in “_url”.",
                _SAVE,
            ),
        ),
        "address-in-text": Variant(
            "An email shows a long address in place of a link",
            Severity.WARNING,
            (
                _OPEN,
                "In the text, replace the shortcode that ends in “_url” by the one that ends in “_link”. Or write some words, select them, and link them to the one that ends in “_url”.",
                _SAVE,
            ),
        ),
    },
)

PURPOSES = {"subscriber_preferences": "change their details", "unsubscribe": "unsubscribe"}


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each shortcode and email."""
    for document in graph.contents.documents:
        printed = [variable for variable in document.variables if variable.printed and not variable.in_comment]
        for purpose in PURPOSES:
            yield from _address_form(document, purpose, printed)
            yield from _text_form(document, purpose, printed)


def _address_form(document: content.Document, purpose: str, printed: list[content.Variable]) -> Iterator[Finding]:
    name = f"{purpose}_link"
    wrong = next((variable for variable in printed if variable.name == name and variable.attribute), None)
    if wrong:
        yield Finding(
            object=document.object,
            variant="link-in-address",
            severity=Severity.ERROR if purpose == "unsubscribe" else Severity.WARNING,
            message=f"{document.label} has “{{{{ {name} }}}}” inside the address of a link. Kit puts a finished link there, so the link is "
            f"broken: people cannot {PURPOSES[purpose]}. In an address it has to be “{{{{ {purpose}_url }}}}”.",
            related=document.related,
            path=(wrong.position.step(f"{{{{ {name} }}}}"),),
            cause=purpose,
        )


def _text_form(document: content.Document, purpose: str, printed: list[content.Variable]) -> Iterator[Finding]:
    name = f"{purpose}_url"
    wrong = next((variable for variable in printed if variable.name == name and not variable.attribute), None)
    # a link whose words are its own address is shown on purpose
    if wrong and not any(variable.name == name and variable.attribute for variable in printed):
        yield Finding(
            object=document.object,
            variant="address-in-text",
            message=f"{document.label} has “{{{{ {name} }}}}” in its text. People see a long address instead of a link with which they can "
            f"{PURPOSES[purpose]}. In the text it has to be “{{{{ {purpose}_link }}}}”.",
            related=document.related,
            path=(wrong.position.step(f"{{{{ {name} }}}}"),),
            cause=purpose,
        )
