"""What an account may be where it is not known: a finding holds only if it holds in each of these, and a rule passes only if it does.

*Misspelt*: every unknown name of the manifest is the nearest known one. Steps and triggers of Kit choose from what is there, so a name that
is not there is a typing mistake of the manifest, or was renamed or deleted since. A tool outside Kit may really write a name that is not
there: it counts as a typing mistake only while people are on the object with the nearest name.

*Unseen*: what the manifest names, or what has emails, in a part of the account that was not read completely. It may be asleep, with nobody
in it; new, without people, or with many of them and slow emails; or old, with an email at once. What nobody names and nobody read cannot
be imagined: of such parts rules need the whole (``Rule.needs``, ``Rule.passes_with``).

*Undescribed*: an automation of which only the name is known may start with anything, start anything and add any tag that something waits
for, and take off tags that come and go. So nothing may be found for want of that. Whether it takes off webhook tags, which is the job of
whoever adds them, is left open: such findings say what they did not look at.

*Lost*: fields that could not be read may have had their other value, all of them or some.

*Uncounted*: a snapshot without its numbers of people may have nobody in what it has, or many.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import TypeAlias

import msgspec

from ckaudit.graph.build import build_graph
from ckaudit.graph.graph import Graph
from ckaudit.graph.misspelt import KITS_OWN, unknown, unknown_in, with_names
from ckaudit.model.account import (
    Account,
    CustomField,
    Exclusion,
    Form,
    SectionName,
    Sequence,
    SequenceEmail,
    SequenceStats,
    Tag,
)
from ckaudit.model.pulled import COUNTS_FILE
from ckaudit.model.refs import Key, Kind, Ref
from ckaudit.model.roles import RoleName
from ckaudit.model.steps import AddTag, AnyStep, Effect, RemoveTag, StartAutomation
from ckaudit.model.triggers import Trigger, TriggerKind
from ckaudit.observed.lost_fields import lost_fields, otherwise, refs_of

_SECTIONS = {
    Kind.TAG: SectionName.TAGS,
    Kind.FORM: SectionName.FORMS,
    Kind.SEQUENCE: SectionName.SEQUENCES,
    Kind.FIELD: SectionName.CUSTOM_FIELDS,
}
_MANY = 1000


class Alternative(msgspec.Struct, frozen=True, eq=False):
    """The account as it may be, and the names and objects that are not known. What it invents has negative numbers. Without
    ``doubts_passes`` it says nothing against a rule that found nothing."""

    graph: Graph
    names: tuple[Ref, ...]
    doubts_passes: bool = True


class Guise(msgspec.Struct, frozen=True):
    """How something unseen may be: how many people, how old in days, whether it runs, and how many days its first email waits. What is
    not live is excluded as well, or excludes everybody."""

    people: int
    age: int
    live: bool
    delay: int


_GUISES = (
    Guise(0, 1000, live=False, delay=0),
    Guise(0, 0, live=True, delay=0),
    Guise(_MANY, 0, live=True, delay=60),
    Guise(_MANY, 1000, live=True, delay=0),
)
Timed: TypeAlias = Callable[[Graph], Graph]


def alternatives(graph: Graph, timed: Timed = lambda graph: graph) -> tuple[Alternative, ...]:
    """What the account may be; empty when everything that the manifest names is known. ``timed`` gives a graph its timestamps."""
    found = (_as_meant(graph), *_unseen(graph), _as_anything(graph), *_otherwise(graph), *_uncounted(graph))
    return tuple(msgspec.structs.replace(item, graph=timed(item.graph)) for item in found if item)


# -- misspelt -------------------------------------------------------------------------------------------------------------------


def _as_meant(graph: Graph) -> Alternative | None:
    meant = dict(_meant(graph))
    names = tuple(ref for ref in unknown(graph.manifest) if ref.key in meant)
    return Alternative(_rebuilt(graph, graph.account, meant), names) if meant else None


def _meant(graph: Graph) -> Iterator[tuple[Key, Ref]]:
    certain = {ref.key for ref in unknown_in(graph.manifest, *KITS_OWN, "offerings")}
    for ref in unknown(graph.manifest):
        near = graph.names.nearest(ref.kind, ref.name) if ref.id is None else None
        if near and (ref.key in certain or near.people != 0):
            yield ref.key, Ref(near.key.kind, near.name, near.key.id if isinstance(near.key.id, int) else None)


def _rebuilt(graph: Graph, account: Account, names: dict[Key, Ref]) -> Graph:
    manifest = msgspec.structs.replace(with_names(graph.manifest, names), lists_automations=graph.has_automations)
    return build_graph(account if graph.has_account else None, manifest, graph.stacks, graph.now).with_emails_of(graph)


# -- undescribed ----------------------------------------------------------------------------------------------------------------


def _as_anything(graph: Graph) -> Alternative | None:
    """What is not described starts with everything and lets everything happen that something waits for."""
    unknown = graph.manifest.undescribed
    if not unknown:
        return None
    first, *rest = unknown
    wild = msgspec.structs.replace(first, entries=_every_entry(graph), steps=_every_step(graph))
    named = {id(first): wild, **{id(item): None for item in rest}}
    automations = tuple(found for item in graph.manifest.automations if (found := named.get(id(item), item)))
    manifest = msgspec.structs.replace(graph.manifest, automations=automations)
    made = build_graph(graph.account if graph.has_account else None, manifest, graph.stacks, graph.now).with_emails_of(graph)
    return Alternative(
        made, tuple(Ref(Kind.AUTOMATION, item.name, item.id, location=item.location) for item in unknown), doubts_passes=False
    )


def _every_entry(graph: Graph) -> tuple[Trigger, ...]:
    kinds = {Kind.TAG: TriggerKind.TAG_ADDED, Kind.FORM: TriggerKind.JOINS_FORM, Kind.PRODUCT: TriggerKind.PURCHASES}
    return tuple(Trigger(kind=kinds[ref.kind], ref=ref) for ref in _named(graph) if ref.kind in kinds)


def _every_step(graph: Graph) -> tuple[AnyStep, ...]:
    """What is only waited for is added, what nothing starts is started."""
    given = {cause.target for cause in graph.causes.all if cause.effect is Effect.ADDS_TAG}
    tags = [AddTag(tag=ref) for ref in _named(graph) if ref.kind is Kind.TAG and ref.key not in given]
    idle = [flow.automation.ref for flow in graph.flows if not flow.automation.entries]
    ended = [RemoveTag(tag=_ref(graph, key)) for key in graph.keys(*_COME_AND_GO)]
    return (*tags, *ended, *(StartAutomation(automation=ref) for ref in idle))


_COME_AND_GO = (RoleName.PURCHASE, RoleName.REVOKE, RoleName.CANCEL, RoleName.PAUSE, RoleName.FAILED_PAYMENT)


def _named(graph: Graph) -> tuple[Ref, ...]:
    """What the manifest names and what has a role, each once."""
    stated = {ref.key: ref for ref in graph.manifest.references if ref.known}
    return tuple({**{key: _ref(graph, key) for key in graph.keys(*RoleName)}, **stated}.values())


def _ref(graph: Graph, key: Key) -> Ref:
    item = graph.object(key)
    return Ref(Kind(item.kind), item.name, item.id if isinstance(item.id, int) else None)


# -- lost -----------------------------------------------------------------------------------------------------------------------


def _otherwise(graph: Graph) -> tuple[Alternative, ...]:
    lost = lost_fields(graph.account)
    names = refs_of(graph.account, lost)
    if not lost:
        return ()
    accounts = (otherwise(graph, lost), otherwise(graph, lost[::2]), otherwise(graph, lost, bare=True))
    return tuple(Alternative(_rebuilt(graph, account, {}), names) for account in accounts)


# -- uncounted ------------------------------------------------------------------------------------------------------------------


def _uncounted(graph: Graph) -> tuple[Alternative, ...]:
    if all(item.path != COUNTS_FILE for item in graph.account.bad_objects):
        return ()
    item = graph.account_object
    names = (Ref(Kind.ACCOUNT, item.name, item.id if isinstance(item.id, int) else None, lost=f"the numbers of people in {COUNTS_FILE}"),)
    return tuple(Alternative(_rebuilt(graph, _counted(graph.account, people), {}), names) for people in (0, _MANY))


def _counted(account: Account, people: int) -> Account:
    """The account with so many people in everything."""
    stats = SequenceStats(unsubscribers=0, recipients=people)
    return msgspec.structs.replace(
        account,
        info=account.info and msgspec.structs.replace(account.info, subscriber_count=people),
        tags=tuple(msgspec.structs.replace(item, subscriber_count=people) for item in account.tags),
        forms=tuple(msgspec.structs.replace(item, subscriber_count=people) for item in account.forms),
        sequences=tuple(msgspec.structs.replace(item, subscriber_count=people, stats=stats) for item in account.sequences),
    )


# -- unseen ---------------------------------------------------------------------------------------------------------------------


def _unseen(graph: Graph) -> tuple[Alternative, ...]:
    named = unseen_names(graph)
    partly = _partly_read(graph) if graph.has_account else ()
    if not named and not partly:
        return ()
    invented = {ref.key: Ref(ref.kind, ref.name, -number, location=ref.location) for number, ref in enumerate(named, start=1)}
    names = (*named, *(Ref(Kind.SEQUENCE, sequence.name, sequence.id) for sequence in partly))
    accounts = (_with(graph, tuple(invented.values()), partly, guise) for guise in _GUISES)
    return tuple(Alternative(_rebuilt(graph, account, invented), names) for account in accounts)


def unseen_names(graph: Graph) -> tuple[Ref, ...]:
    """What the manifest names and nobody read, each at the first place it stands; nothing when no account was read at all."""
    found: dict[Key, Ref] = {}
    for ref in graph.manifest.references if graph.has_account else ():
        section = _SECTIONS.get(ref.kind)
        if section and ref.known and ref.key not in graph.lookup.objects and not graph.account.complete(section):
            found.setdefault(ref.key, ref)
    return tuple(found.values())


def _partly_read(graph: Graph) -> tuple[Sequence, ...]:
    """The sequences of which not all emails were read, as far as Kit's count of their emails tells."""
    if graph.account.complete(SectionName.SEQUENCE_EMAILS):
        return ()
    return tuple(item for item in graph.account.sequences if item.email_count != len(graph.lookup.emails(item.key)))


def _with(graph: Graph, named: tuple[Ref, ...], partly: tuple[Sequence, ...], guise: Guise) -> Account:
    """The account with these objects, and with one more email in front of these sequences."""
    account, by_kind = graph.account, {kind: tuple((ref.id or 0, ref.name) for ref in named if ref.kind is kind) for kind in _SECTIONS}
    made, live, people = (graph.now - dt.timedelta(days=guise.age)).isoformat(), guise.live, guise.people
    tags = tuple(Tag(number, name, made, people) for number, name in by_kind[Kind.TAG])
    forms = tuple(
        Form(id=number, name=name, created_at=made, archived=not live, subscriber_count=people) for number, name in by_kind[Kind.FORM]
    )
    every = tuple(tag.id for tag in (*account.tags, *tags))
    sequences = tuple(
        Sequence(
            id=number,
            name=name,
            created_at=made,
            active=live,
            repeat=True,
            email_count=1,
            subscriber_count=people,
            exclude_subscriber_sources=() if live else (Exclusion("tag", every),),
        )
        for number, name in by_kind[Kind.SEQUENCE]
    )
    emails = (_email(graph, number, item.id, guise) for number, item in enumerate((*sequences, *partly), start=1))
    known = account.sequences if live else tuple(_excluding(graph, sequence, tags) for sequence in account.sequences)
    return msgspec.structs.replace(
        account,
        tags=(*account.tags, *tags),
        forms=(*account.forms, *forms),
        custom_fields=(*account.custom_fields, *(CustomField(id=number, key=name, label=name) for number, name in by_kind[Kind.FIELD])),
        sequences=(*known, *sequences),
        sequence_emails=(*account.sequence_emails, *emails),
    )


def _excluding(graph: Graph, sequence: Sequence, tags: tuple[Tag, ...]) -> Sequence:
    """The sequence; one that excludes a tag nobody read excludes all these tags."""
    if not tags or all(key in graph.lookup.objects for key in sequence.excluded_keys if key.kind is Kind.TAG):
        return sequence
    more = Exclusion("tag", tuple(tag.id for tag in tags))
    return msgspec.structs.replace(sequence, exclude_subscriber_sources=(*(sequence.exclude_subscriber_sources or ()), more))


def _email(graph: Graph, number: int, sequence: int, guise: Guise) -> SequenceEmail:
    """An email that says how to log in, in front of the others of its sequence."""
    content = "".join(f'<a href="https://{host}/login/">{{{{ subscriber.email_address }}}}</a>' for host in graph.membership_hosts)
    return SequenceEmail(
        id=-number,
        sequence_id=sequence,
        subject="Not read",
        published=guise.live,
        position=-1,
        delay_value=guise.delay,
        delay_unit="days",
        content=content,
    )
