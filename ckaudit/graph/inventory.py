"""Tags, sequences and forms with their counts and where they are used, in words for the report."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from ckaudit.graph.causes import Effect
from ckaudit.graph.words import describe
from ckaudit.model.automations import If, Split, Trigger
from ckaudit.model.refs import Key, Kind, Ref
from ckaudit.model.result import InventoryItem, Use

if TYPE_CHECKING:
    from ckaudit.graph.graph import Graph

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
    uses = _uses(graph)
    account = graph.account
    items = [
        InventoryItem(graph.object(key), graph.people(key), "", _words(uses[key])) for tag in account.tags if (key := Key(Kind.TAG, tag.id))
    ]
    for sequence in account.sequences:
        key = Key(Kind.SEQUENCE, sequence.id)
        mails = graph.lookup.emails(key)
        detail = f"{len(graph.lookup.published(key))} of {len(mails)} {'email' if len(mails) == 1 else 'emails'} published" + (
            "" if sequence.active is not False else ", inactive"
        )
        items.append(InventoryItem(graph.object(key), graph.people(key), detail, _words(uses[key])))
    for form in account.forms:
        key = Key(Kind.FORM, form.id)
        kind = "landing page" if form.type == "hosted" else "form"
        items.append(InventoryItem(graph.object(key), graph.people(key), kind + (", archived" if form.archived else ""), _words(uses[key])))
    return tuple(items)


def _words(uses: list[Use]) -> tuple[Use, ...]:
    return tuple(sorted(set(uses), key=lambda use: (use.how, use.where)))


def _uses(graph: Graph) -> defaultdict[Key, list[Use]]:
    uses: defaultdict[Key, list[Use]] = defaultdict(list)
    for cause in graph.causes.all:
        if word := _DONE_TO.get(cause.effect):
            uses[cause.target].append(Use(word, cause.object.name + ("" if cause.live else " (switched off)")))
    for flow in graph.flows:
        name = flow.automation.name
        for node in flow.nodes.values():
            if node.trigger:
                _heard(uses, node.trigger, "starts" if node in flow.entries else "moves people on in", name)
            for ref in _tested(node.step):
                uses[ref.key].append(Use("tested in", name))
    for rule in graph.manifest.rules:
        for when in rule.when:
            _heard(uses, when, "fires rule", rule.name or describe(when))
    for hook in graph.account.webhooks:
        if hook.event.tag_id is not None:
            uses[Key(Kind.TAG, hook.event.tag_id)].append(Use("calls", hook.target_url))
    for sequence in graph.account.sequences:
        for exclusion in sequence.exclude_subscriber_sources or ():
            if exclusion.type in ("tag", "form", "sequence"):
                for number in exclusion.ids:
                    uses[Key(Kind(exclusion.type), number)].append(Use("left out of", sequence.name))
    return uses


def _heard(uses: defaultdict[Key, list[Use]], trigger: Trigger, how: str, where: str) -> None:
    if trigger.ref:
        uses[trigger.ref.key].append(Use(how, where))


def _tested(step: object) -> tuple[Ref, ...]:
    match step:
        case If(test=test):
            return (test.ref,) if test.ref else ()
        case Split(paths=paths):
            return tuple(side.tag for side in paths if side.tag)
        case _:
            return ()
