"""Finds custom fields that emails print or ask for, and that nothing fills.

What it finds
-------------
A custom field that exists and that a published email or a snippet in it prints, or asks for in an ``if``, where nothing known sets it: no
automation, no rule, no form and no integration. It says so only where the manifest is complete, and where ``form_links`` says of every form
in use which fields it fills (``sets_fields``): Kit shows to no tool which fields a form has. Otherwise it is not evaluated and says why.
Fields for passwords are left out, as membership sites fill them.

Why it matters
--------------
Everybody reads the gap, not only some: “Your session is on .” Where the text has something to stand in for an empty field everybody gets
that, and whoever wrote the text believes that people read their own answer.

How to fix it in Kit
--------------------
1. Look in your form, your quiz or your shop: under which name does the answer arrive? It may fill another custom field than this one.
2. Let it fill the field named in this finding: choose the field in the form, or in the settings of the tool that writes into Kit.
3. If nothing is to fill it: open the email or snippet named in this finding (Send → Email Sequences, or Send → Snippets), take the field
   out, and save it.

When to ignore it
-----------------
The field is filled by hand or by an import, and the manifest does not say so: list it under ``external`` with ``sets_fields``. Who has a
value in the field is not read: it is about people.

Sources
-------
- Custom fields in emails: https://help.kit.com/en/articles/2502633
- API: forms are listed without their fields
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ckaudit.rule import (
    Confidence,
    Effect,
    Finding,
    Graph,
    Harm,
    Key,
    Kind,
    Need,
    NotEvaluatedError,
    ObjectRef,
    Options,
    Rule,
    Severity,
    Theme,
    Variant,
    content,
    name_list,
)

RULE = Rule(
    code="CK519",
    name="field-nobody-fills",
    title="An email prints a field that nothing fills",
    passing="Something fills every custom field that emails use",
    severity=Severity.WARNING,
    theme=Theme.EMAILS,
    harm=Harm.ANNOYANCE,
    confidence=Confidence.LIKELY,
    needs=(Need.SEQUENCES, Need.SEQUENCE_EMAILS, Need.SNIPPETS, Need.CUSTOM_FIELDS, Need.AUTOMATIONS),
    passes_with=(Need.FORMS,),
    checks=Kind.EMAIL,
    effort_minutes=15,
    unseen="fields leave none",
    yields_to=("CK516",),
    nothing="no email uses a custom field",
    variants={
        "gap": Variant("An email prints a field that nothing fills"),
        "stand-in": Variant("Everybody gets the same text, as nothing fills the field that it depends on", severity=Severity.INFO),
    },
)


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each field, with the texts listed."""
    uses = [(document, name, used) for document, name, used in _uses(graph) if not _is_filled(graph, name)]
    if not uses:
        return
    names = name_list(dict.fromkeys(name for _, name, _ in uses))
    if graph.closed_world is not Confidence.CERTAIN:
        raise NotEvaluatedError(f"nothing known fills {names}, and the manifest may leave out what does")
    if unread := graph.missing(Need.FORMS):
        raise NotEvaluatedError(f"nothing known fills {names}, and the forms were not read, one of which may", unread)
    if silent := _silent_forms(graph):
        forms = name_list([item.name for item in silent])
        how = "Kit shows to no tool which fields a form has; list them under form_links, with sets_fields"
        raise NotEvaluatedError(f"nothing known fills {names}, and {forms} may: {how}")
    for document, name, used in uses:
        yield _finding(document, name, used)


def judged(graph: Graph) -> Iterable[Key]:
    """The emails and snippets that use a custom field."""
    return list(dict.fromkeys(document.object.key for document, _, _ in _uses(graph)))


def _uses(graph: Graph) -> Iterator[tuple[content.Document, str, list[content.Variable]]]:
    """Each text with each custom field in it that people see, or that a condition asks for."""
    keys = {field.key for field in graph.account.custom_fields}
    for document in graph.contents.documents:
        seen = [use for use in document.variables if use.leaf in keys and _is_seen(use) and "subscriber" not in document.locals]
        for name in dict.fromkeys(use.leaf for use in seen):
            yield document, name, [use for use in seen if use.leaf == name]


def _is_seen(use: content.Variable) -> bool:
    return use.root == "subscriber" and not use.is_password and not (use.in_comment and use.printed)


def _is_filled(graph: Graph, name: str) -> bool:
    """True where something that the manifest lists sets the field, even what is switched off now."""
    keys = [Key(Kind.FIELD, field.id) for field in graph.account.custom_fields if field.key == name]
    return any(graph.causes.of(Effect.SETS_FIELD, key, live=live) for key in keys for live in (True, False))


def _silent_forms(graph: Graph) -> list[ObjectRef]:
    """The forms in use of which nobody said which fields they fill."""
    said = {link.form.key for link in graph.manifest.form_links if link.sets_fields}
    forms = [form for form in graph.account.forms if not form.archived and graph.people(form.key) != 0]
    return [graph.object(form.key) for form in forms if form.key not in said]


def _finding(document: content.Document, name: str, used: list[content.Variable]) -> Finding:
    bare = [use for use in used if use.printed and not use.guarded]
    first = (bare or used)[0]
    harm = "Everybody reads a gap in its place." if bare else "Everybody gets what is written for people without it."
    verb = "prints" if first.printed else "asks for"
    return Finding(
        object=document.object,
        variant="gap" if bare else "stand-in",
        message=f"{document.label} {verb} the custom field “{name}”, and no form, automation, rule or integration that is known fills it. {harm}",
        related=(*document.related, ObjectRef(Kind.FIELD, name)),
        path=(first.position.step(f"subscriber.{name}"),),
        cause=name,
    )
