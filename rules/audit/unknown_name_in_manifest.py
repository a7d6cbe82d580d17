"""Finds names in the manifest that the account does not have.

What it finds
-------------
The manifest names tags, forms, sequences, custom fields and automations. This rule reports each name, or id, that matches nothing: a typing
mistake, or something that was renamed or deleted in Kit since. Capital letters and spaces count. Products are not checked, because Kit
lists none. An id in Kit's own data without an object is CK308.

It suggests the name that is nearest: the same words in another order, in the singular, with a word more in front, or with a few letters
changed. Whether that one was meant it cannot see.

Why it matters
--------------
Whatever hangs on the wrong name is not judged. An automation that looks fine in the report may be the broken one: if the tag was deleted
in Kit, its step is broken there too, and buyers stop at it.

Other rules keep what holds whether or not the nearest name was meant, and leave out the rest; the finding names them. It is as severe as
the most severe of them, because what is not judged may be that bad.

How to fix it in Kit
--------------------
1. Open Automate → Visual Automations in Kit, choose the automation at the place named in this finding, and read the name on the step.
2. If the manifest has a typing mistake, or the name has changed, correct it in the file.
3. If Kit shows the step as broken or empty, choose the right tag, form or sequence there and save.
4. Write the day you compared them as “checked:” at the top of the manifest.

When to ignore it
-----------------
The object was made after this account was read: read it again.

Sources
-------
- The manifest, references: a name, an id, or both
- API: `tags[].name`, `forms[].name`, `sequences[].name`, `custom_fields[].key` and `.label`
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from ckaudit.rule import (
    Finding,
    Graph,
    Kind,
    Location,
    Need,
    NotEvaluatedError,
    ObjectRef,
    Options,
    Rule,
    Severity,
    Theme,
    Variant,
)

RULE = Rule(
    code="CK901",
    name="unknown-name-in-manifest",
    title="The manifest names something that is not there",
    passing="Every name in the manifest is known",
    severity=Severity.WARNING,
    theme=Theme.AUDIT,
    needs=(Need.MANIFEST,),
    checks=Kind.AUTOMATION,
    effort_minutes=5,
    variants={
        "name": Variant("The manifest names something that is not there"),
        "id": Variant(
            "The manifest gives an id that is not there",
            fix=(
                "Open Automate → Visual Automations, choose the automation at the place this finding points to, and read the name on the step.",
                "Write that name, or its id, into the manifest.",
                "If Kit shows the step as broken or empty, choose the right tag, form or sequence there.",
                "Write the day you compared them as “checked:” at the top of the manifest.",
            ),
        ),
    },
)

NOUNS = {
    Kind.TAG: ("tag", Need.TAGS),
    Kind.FORM: ("form", Need.FORMS),
    Kind.SEQUENCE: ("sequence", Need.SEQUENCES),
    Kind.FIELD: ("custom field", Need.CUSTOM_FIELDS),
    Kind.SEGMENT: ("segment", Need.SEGMENTS),
}


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each name, at the first place it stands."""
    unknown = [ref for ref in graph.manifest.references if not ref.known]
    places = Counter((ref.kind, ref.name) for ref in unknown)
    for ref in unknown:
        if more := places.pop((ref.kind, ref.name), 0):
            by_id = ref.id is not None and ref.name == str(ref.id)
            yield _finding(graph, ref.kind, ref.name, ref.location, by_id=by_id, more=more - 1)
    if not graph.has_account:
        raise NotEvaluatedError("no account was read, so only the names of automations were compared", (Need.ACCOUNT,))
    if unread := graph.missing(*(need for _, need in NOUNS.values())):
        words = ", ".join(section.replace("_", " ") for section in unread)
        raise NotEvaluatedError(f"names of {words} were not compared: they were not read completely", unread)


def _finding(graph: Graph, kind: Kind, name: str, location: Location | None, *, by_id: bool, more: int) -> Finding:
    noun = NOUNS[kind][0] if kind in NOUNS else "automation"
    where = "this account" if kind in NOUNS else "the manifest itself"
    what = f"a {noun} with the id {name}" if by_id else f"{'an' if noun[0] == 'a' else 'a'} {noun} “{name}”"
    near = graph.names.nearest(kind, name)
    hint = "It was renamed or deleted in Kit, or it is a typing mistake."
    if near and by_id and near.name == name:
        hint = f"To mean the name “{name}”, put it in quotation marks."
    elif near and not by_id:
        hint = f"Did you mean {near.text}?{near.unlike}"
    again = f" It stands in {more} more place{'s' if more > 1 else ''}." if more else ""
    return Finding(
        object=ObjectRef(kind, name),
        message=f"The manifest names {what}, and {where} has none. {hint}{again} Until it is corrected, what hangs on it is not judged.",
        variant="id" if by_id else "name",
        location=location,
    )
