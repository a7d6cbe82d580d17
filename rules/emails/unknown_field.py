"""Finds Liquid that names a custom field the account does not have.

What it finds
-------------
``{{ subscriber.… }}`` and conditions with a name that is neither one of Kit's own (``first_name``, ``email_address``, ``id``,
``tags``) nor the key
of a custom field. Every part is looked at: subject, preview text, content, snippets. It tells apart the key a field had before it was
renamed, a label used instead of the key, a spelling that is close to an existing key, and names that are nowhere. Names that only other people's examples use (``created_at``,
``custom_fields``, ``fields``) are left alone, because nobody documents them.

Why it matters
--------------
Kit prints nothing for a name it does not know: “Your coupon is .” In a condition the wrong half of the email is sent. It often happens
after somebody renamed a field, and then in every old email at once.

How to fix it in Kit
--------------------
1. Open Grow → Subscribers, click any subscriber, and look up the custom field.
2. Open the email or snippet named in this finding (Send → Email Sequences, or Send → Snippets).
3. Delete the wrong name, click the “+” sign, choose Personalization, and choose the field from the list.
4. Save it, and send the email to yourself.

When to ignore it
-----------------
The name is one Kit knows and this rule does not: send yourself the email and look. Please report it then.

Sources
-------
- Custom fields in Liquid go by their key: https://help.kit.com/en/articles/2502501
- Custom fields, keys and renaming: https://help.kit.com/en/articles/2502504
- AccessAlly's ConvertKit guide, step 2, "with the exact name you used for your password field":
  https://kb.accessally.com/tutorials/convertkit-automation/ (claim S16)
- Keys of the account: the API's ``custom_fields[].key``
- A new label changes the key, breaks the Liquid that has the old one, and leaves the field's ``name`` as it is, which ends with the key
  the field was made with: OpenAPI document, ``PUT /v4/custom_fields/{id}``. Of a field renamed twice the key in between is not known.
"""

from __future__ import annotations

from collections.abc import Iterator

from ckaudit.rule import Finding, Graph, Kind, Need, ObjectRef, Options, Rule, Severity, Theme, Variant, content

RULE = Rule(
    code="CK508",
    name="unknown-field",
    title="An email prints a field that does not exist",
    passing="Every field named in an email exists",
    severity=Severity.ERROR,
    theme=Theme.EMAILS,
    needs=(Need.SEQUENCES, Need.SEQUENCE_EMAILS, Need.SNIPPETS, Need.CUSTOM_FIELDS),
    checks=Kind.EMAIL,
    effort_minutes=5,
    variants={
        "renamed": Variant(
            "An email uses the key a field had before it was renamed",
            fix=(
                "Open the email or snippet named in this finding (Send → Email Sequences, or Send → Snippets).",
                "Delete the old name, click the “+” sign, choose Personalization, and choose the renamed field from the list.",
                "Look for the old name in your other emails and broadcasts too: the new label broke all of them at once.",
                "Save it, and send the email to yourself.",
            ),
        ),
        "label": Variant("An email names a field by its label, which Kit does not read"),
        "misspelt": Variant("An email misspells the name of a field"),
        "nowhere": Variant(
            "An email uses a field that does not exist",
            fix=(
                "Open Grow → Subscribers, click any subscriber, and look which custom fields there are.",
                "Open the email or snippet named in this finding (Send → Email Sequences, or Send → Snippets).",
                "If one of them was meant: delete the wrong name, click the “+” sign, choose Personalization, and choose the field from the list.",
                "If the field is gone for good: take the sentence out.",
                "Save it, and send the email to yourself.",
            ),
        ),
    },
)


# Kit's names for what people look for under another one
KIT_NAMES = {"email": "email_address", "e_mail": "email_address", "name": "first_name", "firstname": "first_name"}


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each text and unknown name."""
    known = {*(field.key for field in graph.account.custom_fields), *content.SUBSCRIBER_NAMES, *content.UNDOCUMENTED_SUBSCRIBER_NAMES}
    right = {f"subscriber.{name}" for name in known}
    fields = _Fields(graph)
    for document in graph.contents.documents:
        doubtful = (variable for variable in document.variables if variable.name not in right)
        unknown = [variable for variable in doubtful if _is_unknown(variable, document, known)]
        for name in dict.fromkeys(_field(variable) for variable in unknown):
            yield _finding(fields, document, name, [variable for variable in unknown if _field(variable) == name])


def _field(variable: content.Variable) -> str:
    return variable.leaf.partition(".")[0]


def _is_unknown(variable: content.Variable, document: content.Document, known: set[str]) -> bool:
    """Nobody sees what a comment prints, but a condition in a comment works."""
    seen = not (variable.in_comment and variable.printed)
    return seen and variable.root == "subscriber" and "subscriber" not in document.locals and _field(variable) not in {"", *known}


class _Fields:
    """The custom fields by what somebody may have written instead of the key."""

    def __init__(self, graph: Graph) -> None:
        fields = graph.account.custom_fields[::-1]  # of two with one name the first counts
        self._renamed = {content.plain(field.first_key): field for field in fields}
        self._labelled = {content.plain(field.label or ""): field for field in fields}
        self._names = content.Names((*(field.key for field in fields), *content.SUBSCRIBER_NAMES))

    def meant(self, name: str) -> tuple[str, str]:
        """What somebody may have meant: the variant, and a sentence."""
        plain = content.plain(name)
        if renamed := self._renamed.get(plain):
            return "renamed", f" The field was renamed: it is “{renamed.label or renamed.key}” now, and its key is “{renamed.key}”."
        if labelled := self._labelled.get(plain):
            return "label", f" That is the label; the key of the field is “{labelled.key}”."
        if near := KIT_NAMES.get(plain) or self._names.closest(name):
            return "misspelt", f" There is “{near}”."
        unsought = "There are so many unknown names that no field like it was looked for."
        return "nowhere", f" {unsought if self._names.exhausted else 'No custom field has a name like it.'}"


def _finding(fields: _Fields, document: content.Document, name: str, uses: list[content.Variable]) -> Finding:
    printed = any(use.printed for use in uses)
    variant, hint = fields.meant(name)
    if printed:
        harm = f"{document.label} prints “subscriber.{name}”, and there is no such custom field: people see a gap in its place."
    else:
        harm = f"{document.label} tests “subscriber.{name}”, and there is no such custom field: everybody gets the same half of the text."
    return Finding(
        object=document.object,
        variant=variant,
        message=harm + hint,
        related=(*document.related, ObjectRef(Kind.FIELD, name)),
        path=(uses[0].position.step(f"subscriber.{name}"),),
        cause=f"{name} {'printed' if printed else 'tested'}",
    )
