"""Finds names and fields that are printed without anything for people who have none.

What it finds
-------------
``{{ subscriber.first_name }}`` and custom fields in the subject, the preview text or the content, without the filter ``default``,
without an
``if`` around them, and without a fallback assigned before. For a password field this is the guide's “Blank Password”.
The same field in several emails is one finding that lists them.

Why it matters
--------------
Not everybody gave a name. “Hi ,” tells a subscriber that a machine is writing. A blank password is worse: the buyer cannot log in and
thinks that the course is broken. AccessAlly makes a password only for people who have none yet, so members who come back see the blank
every time.

How to fix it in Kit
--------------------
1. Open the email or snippet named in this finding (Send → Email Sequences, or Send → Snippets).
2. Write “{{ subscriber.first_name | default: "there" }}” with your own word for “there”.
3. For a password it is best to delete the line, and to link to the “set password” or “lost password” page of your site. Only if you keep
   it, write: “{% if subscriber.… %}” the password line “{% else %}” “use your password, or set a new one here” “{% endif %}”.
4. Save it.

When to ignore it
-----------------
Everybody who gets this email has the field, for example because the form requires it.

Sources
-------
- Personalisation and fallbacks: https://help.kit.com/en/articles/2502633
- Conditions: https://help.kit.com/en/articles/2502501
- AccessAlly's ConvertKit guide, step 6, "Blank Password", and step 5, "if they don't already have one":
  https://kb.accessally.com/tutorials/convertkit-automation/ (claims S16 and S28)
"""

from __future__ import annotations

from collections.abc import Iterator

from ckaudit.rule import Finding, Graph, Harm, Kind, Need, ObjectRef, Options, Rule, Severity, Theme, Variant, content

_OPEN = "Open the email or snippet named in this finding (Send → Email Sequences, or Send → Snippets)."

RULE = Rule(
    code="CK509",
    name="personalisation-without-fallback",
    title="People without a name read “Hi ,”",
    passing="Every personal detail in a text has something to stand in for it",
    severity=Severity.WARNING,
    theme=Theme.EMAILS,
    needs=(Need.SEQUENCES, Need.SEQUENCE_EMAILS, Need.SNIPPETS, Need.CUSTOM_FIELDS),
    checks=Kind.EMAIL,
    effort_minutes=5,
    variants={
        "first-name": Variant(
            "People without a name read “Hi ,”",
            fix=(
                _OPEN,
                'Replace the name by “{{ subscriber.first_name | default: "there" }}”, with your own word for “there”.',
                "Save it.",
            ),
        ),
        "blank-password": Variant(
            "Members who had a login before read a blank password",
            Severity.WARNING,
            (
                _OPEN,
                "Best: delete the password line, and write “Set your password here”, linked to the “set password” or “lost password” page of your "
                "site. Then nobody reads a blank password, and no password lies in clear text.",
                "Only if you keep the line: write “{% if subscriber.… %}” in front of it. In place of “…” comes the field named in this finding. "
                "Behind it write “{% else %} Use the password you have, or set a new one here. {% endif %}”, with a link to your “lost password” page.",
                "Save it.",
            ),
            harm=Harm.LOCKED_OUT,
        ),
        "field": Variant(
            "People in whom a field is empty see a gap",
            Severity.INFO,
            (
                _OPEN,
                'Add what people without it should read: “{{ subscriber.… | default: "soon" }}”. In place of “…” comes the field named in this finding, and your own words in place of “soon”.',
                "Save it.",
            ),
            yields_to=("CK519",),
        ),
    },
)


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each field, with the texts listed. Fields that do not exist are another rule's finding, so are those in addresses."""
    keys = {field.key for field in graph.account.custom_fields}
    for document in graph.contents.documents:
        bare = [variable for variable in document.variables if _is_bare(variable, document)]
        for name in dict.fromkeys(variable.leaf for variable in bare):
            if name == "first_name" or name in keys:
                yield _finding(document, name, [variable for variable in bare if variable.leaf == name])


def _is_bare(variable: content.Variable, document: content.Document) -> bool:
    seen = variable.printed and not variable.attribute and not variable.in_comment
    lost = any(name not in content.FILTERS for name in variable.filters)  # another rule's finding: it may have been the fallback
    return seen and not lost and not variable.guarded and variable.root == "subscriber" and "subscriber" not in document.locals


def _finding(document: content.Document, name: str, uses: list[content.Variable]) -> Finding:
    parts = [part for part in content.MailPart if any(use.position.part is part for use in uses)]
    where = "" if not document.owner or parts == [content.MailPart.CONTENT] else f" in its {' and '.join(parts)}"
    if name == "first_name":
        variant = "first-name"
        message = (
            f"{document.label} greets people by first name{where} and has nothing for those who gave none. They read a greeting to nobody."
        )
    elif uses[0].is_password:
        variant = "blank-password"
        message = (
            f"{document.label} prints the password field “{name}”{where} even when it is empty. Members who had a login before get a blank "
            "password and cannot log in."
        )
    else:
        variant = "field"
        message = f"{document.label} prints the field “{name}”{where} and has nothing for people in whom it is empty. They see a gap."
    return Finding(
        object=document.object,
        variant=variant,
        message=message,
        related=(*document.related, ObjectRef(Kind.FIELD, name)),
        path=(uses[0].position.step(f"subscriber.{name}"),),
        cause=name,
    )
