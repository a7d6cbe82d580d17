"""Tags, sequences and forms with their counts and where they are used, in words for the report."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict

from ckaudit.graph.graph import Graph
from ckaudit.graph.nodes import NodeKind
from ckaudit.graph.words import describe
from ckaudit.model.account import SectionName
from ckaudit.model.automations import RuleActionKind
from ckaudit.model.inventory import InventoryItem, Use
from ckaudit.model.refs import Key, Kind
from ckaudit.model.steps import Effect

_DONE_TO = {
    Effect.ADDS_TAG: "added by",
    Effect.REMOVES_TAG: "removed by",
    Effect.ENROLS: "filled by",
    Effect.UNENROLS: "left through",
    Effect.JOINS_FORM: "joined through",
    Effect.LEAVES_FORM: "left through",
}


def inventory(graph: Graph) -> tuple[InventoryItem, ...]:
    """One item for each tag, sequence and form of the account, by kind and name."""
    uses = uses_of_objects(graph)
    account = graph.account
    items = [
        InventoryItem(graph.object(tag.key), graph.people(tag.key), "", _sorted(uses[tag.key]), _last(graph, tag.key))
        for tag in account.tags
    ]
    for sequence in account.sequences:
        key = sequence.key
        mails = graph.lookup.emails(key)
        detail = f"{len(graph.lookup.published(key))} of {len(mails)} {'email' if len(mails) == 1 else 'emails'} published" + (
            "" if sequence.active is not False else ", inactive"
        )
        items.append(InventoryItem(graph.object(key), graph.people(key), detail, _sorted(uses[key]), _last(graph, key)))
    for form in account.forms:
        key = form.key
        kind = "landing page" if form.type == "hosted" else "form"
        items.append(
            InventoryItem(
                graph.object(key), graph.people(key), kind + (", archived" if form.archived else ""), _sorted(uses[key]), _last(graph, key)
            )
        )
    return tuple(items)


def _last(graph: Graph, key: Key) -> str | None:
    """The day on which somebody last got it, as far as timestamps were read."""
    newest = graph.timestamps.of(key).newest if graph.has_timestamps else None
    return None if newest is None else dt.datetime.fromtimestamp(newest, dt.UTC).date().isoformat()


_SECTIONS = {
    Kind.TAG: (SectionName.TAGS,),
    Kind.FORM: (SectionName.FORMS,),
    Kind.SEQUENCE: (SectionName.SEQUENCES,),
    Kind.EMAIL: (SectionName.SEQUENCE_EMAILS,),
    Kind.FIELD: (SectionName.CUSTOM_FIELDS,),
    Kind.SEGMENT: (SectionName.SEGMENTS,),
    Kind.SNIPPET: (SectionName.SNIPPETS,),
    Kind.TEMPLATE: (SectionName.EMAIL_TEMPLATES,),
    Kind.WEBHOOK: (SectionName.WEBHOOKS, SectionName.WEBHOOK_ENDPOINTS),
}


def present(graph: Graph) -> dict[str, tuple[int | str, ...]]:
    """The ids of all objects of each kind of which everything is known, in order: what is not among them does not exist. Automations and
    offerings that have no id are given by name."""
    account, listed = graph.account, graph.manifest
    kinds = [kind for kind, sections in _SECTIONS.items() if graph.has_account and all(map(account.complete, sections))]
    ids: dict[str, list[int | str]] = {str(kind): [] for kind in kinds}
    for key in graph.lookup.objects:
        if key.kind in kinds:
            ids[str(key.kind)].append(key.id)
    if graph.has_automations or listed.automations:
        ids[str(Kind.AUTOMATION)] = [item.name if item.id is None else item.id for item in listed.automations]
    if listed.files:
        ids[str(Kind.OFFERING)] = [item.name for item in listed.offerings]
    return {kind: tuple(sorted(numbers, key=lambda number: (isinstance(number, str), number))) for kind, numbers in ids.items()}


def _sorted(uses: list[Use]) -> tuple[Use, ...]:
    return tuple(sorted(set(uses), key=lambda use: (use.how, use.where)))


def uses_of_objects(graph: Graph) -> defaultdict[Key, list[Use]]:
    """Everything that names an object: what does something to it, what it starts, what asks for it."""
    uses: defaultdict[Key, list[Use]] = defaultdict(list)
    for cause in graph.causes.all:
        if word := _DONE_TO.get(cause.effect):
            uses[cause.target].append(Use(word, cause.object.name + ("" if cause.live else " (switched off)")))
    for flow in graph.flows:
        for node in flow.nodes.values():
            if node.trigger and node.target:
                uses[node.target].append(Use("starts" if node.kind is NodeKind.ENTRY else "moves people on in", flow.name))
            for ref in node.step.tests if node.step else ():
                uses[ref.key].append(Use("tested in", flow.name))
    for rule in graph.manifest.rules:
        for when in rule.when:
            if when.ref:
                uses[when.ref.key].append(Use("fires rule", rule.name or describe(when)))
        for address in (action.ref.name for action in rule.do if action.kind is RuleActionKind.WEBHOOK):
            for when in rule.when:
                if when.ref:
                    uses[when.ref.key].append(Use("calls", address))
    for segment in graph.manifest.segments:
        for member in (*segment.any_of, *segment.all_of, *segment.none_of):
            if member.ref:
                uses[member.ref.key].append(Use("asked for by", segment.segment.name))
    for hook in graph.account.webhooks:
        if hook.event.tag_id is not None:
            uses[Key(Kind.TAG, hook.event.tag_id)].append(Use("calls", hook.target_url))
    for sequence in graph.account.sequences:
        for key in sequence.excluded_keys:
            if key.kind is not Kind.SEGMENT:
                uses[key].append(Use("left out of", sequence.name))
    return uses
