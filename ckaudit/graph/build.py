"""Account and manifest -> graph.

Edge kinds, after the model of visual automations in the reference notes:

- ``starts`` (object -> entry), ``pulls`` (object -> event), ``triggers`` (object -> rule), ``notifies`` (object -> webhook);
- ``next`` (step -> step, attribute ``branch``), ``starts_va`` and ``removes_va`` (step -> automation);
- ``enrols``, ``unenrols``, ``applies``, ``removes``, ``sets``, ``joins``, ``leaves`` (cause -> object), ``calls`` (rule or step ->
  webhook or what an app does), ``unsubscribes`` (integration -> every email), ``tests`` (condition -> object);
- ``contains`` (sequence -> email, automation -> entry), ``uses`` (email or sequence -> template, sending address), ``excludes``
  (sequence -> object), ``includes`` and ``leaves_out`` (segment -> object).

- ``follows`` (object -> object): timestamps show that people get the second directly after the first, see ``with_links``. Attributes:
  ``status`` (``observed``, or ``both`` when the manifest says so too), ``support`` (people), ``share`` and ``confidence`` (0 to 1),
  ``delay_seconds`` (median), ``delay_p10`` and ``delay_p90``.

Every edge has an ``origin``: ``api``, ``declared`` or ``observed``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, TypeAlias

import msgspec
import networkx as nx

from ckaudit.graph.addresses import plain_link
from ckaudit.graph.causes import Causes, rule_object
from ckaudit.graph.drafts import without_drafts
from ckaudit.graph.flow import Flow, compile_flows
from ckaudit.graph.graph import Graph
from ckaudit.graph.lookup import Lookup
from ckaudit.graph.nodes import NodeKind
from ckaudit.graph.roles import Roles
from ckaudit.model.account import Account
from ckaudit.model.automations import Automation, Manifest, Origin
from ckaudit.model.offerings import Offering
from ckaudit.model.refs import Key, Kind
from ckaudit.model.stack import Stack
from ckaudit.model.triggers import Trigger, TriggerKind

if TYPE_CHECKING:
    from ckaudit.model.result import Link

Edge: TypeAlias = tuple[Key, Key, str, Origin, dict[str, object]]


def build_graph(
    account: Account | None,
    manifest: Manifest | None,
    stacks: Mapping[str, Stack],
    now: dt.datetime,
    stack: str | None = None,
) -> Graph:
    """The graph of an account. ``stack`` (from the command line) states the stack where no offering does. Drafts are not in it."""
    manifest = without_drafts(manifest) if manifest else None
    has_automations = manifest is not None and manifest.lists_automations and not manifest.has_names_only
    if stack and not (manifest and manifest.offerings):
        offering = Offering(name=stacks[stack].title, stack=stack)
        manifest = msgspec.structs.replace(manifest or Manifest(), offerings=(offering,))
    held = account or Account()
    stated = _described_first(manifest or Manifest())
    lookup = Lookup(held)
    flows = compile_flows(tuple(item for item in stated.automations if item.is_described), lookup.timing)
    causes = Causes(flows, stated)
    return Graph(
        account=account,
        manifest=stated if manifest else None,
        flows=flows,
        lookup=lookup,
        causes=causes,
        roles=Roles(held, stated, flows, lookup, stacks),
        network=build_network(held, stated, lookup, flows, causes),
        now=now,
        has_automations=has_automations,
    )


def _described_first(manifest: Manifest) -> Manifest:
    """The manifest with automations of which only the name is known at the end: they have no flow, and flows go by their number."""
    return msgspec.structs.replace(manifest, automations=tuple(sorted(manifest.automations, key=lambda item: not item.is_described)))


def build_network(account: Account, manifest: Manifest, lookup: Lookup, flows: tuple[Flow, ...], causes: Causes) -> nx.MultiDiGraph[Key]:
    """The ``networkx.MultiDiGraph`` of the account. Nodes carry ``kind``, ``name`` and ``known`` (False: named, but not there)."""
    network: nx.MultiDiGraph[Key] = nx.MultiDiGraph()
    for key in lookup.objects:
        network.add_node(key, kind=key.kind, name=lookup.name(key), known=True)
    for ref in manifest.references:
        if ref.key not in network:
            network.add_node(ref.key, kind=ref.kind, name=ref.name, known=ref.known)
    for flow in flows:
        network.add_node(flow.key, kind=Kind.AUTOMATION, name=flow.name, known=True)
        for node in flow.nodes.values():
            network.add_node(node.key, kind=node.key.kind, name=node.label, known=True)
    for automation in manifest.undescribed:
        network.add_node(automation.ref.key, kind=Kind.AUTOMATION, name=automation.name, known=True)
    for index, rule in enumerate(manifest.rules):
        network.add_node(Key(Kind.RULE, index), kind=Kind.RULE, name=rule_object(rule, index).name, known=True)
    for index, writer in enumerate(manifest.external):
        network.add_node(Key(Kind.EXTERNAL, index), kind=Kind.EXTERNAL, name=writer.name, known=True)
    for source, target, kind, origin, data in (
        *_api_edges(account),
        *_flow_edges(flows, network),
        *_rule_edges(manifest),
        *_segment_edges(manifest),
        *_cause_edges(causes),
    ):
        for key in (source, target):
            if key not in network:
                network.add_node(key, kind=key.kind, name=str(key.id), known=key.kind not in _LISTED)
        network.add_edge(source, target, kind=kind, origin=origin, **data)
    return network


def with_links(graph: Graph, links: Iterable[Link], automations: tuple[Automation, ...] = ()) -> Graph:
    """The graph with what timestamps show: an edge ``follows`` for every link, and these automations (``origin`` observed) behind the
    declared ones. The given graph stays as it is, and what tags mean is still read from what is declared alone."""
    network = graph.network.copy()
    for link in links:
        if link.support:
            for item in (link.source, link.target):
                if item.key not in network:
                    network.add_node(item.key, kind=item.key.kind, name=item.name, known=False)
            network.add_edge(
                link.source.key, link.target.key, kind="follows", origin=Origin.OBSERVED, **{name: getattr(link, name) for name in _SEEN}
            )
    if not automations:
        return graph.with_automations(network, graph.flows, graph.causes)
    flows = (*graph.flows, *compile_flows(automations, graph.lookup.timing, len(graph.manifest.automations)))
    return graph.with_automations(network, flows, Causes(flows, graph.manifest))


_SEEN = ("status", "support", "share", "confidence", "delay_seconds", "delay_p10", "delay_p90")


# kinds whose objects the API lists: one it does not list is not there
_LISTED = frozenset({Kind.TAG, Kind.FORM, Kind.SEQUENCE, Kind.FIELD, Kind.SEGMENT, Kind.SNIPPET, Kind.TEMPLATE, Kind.EMAIL, Kind.BROADCAST})


def _api_edges(account: Account) -> Iterator[Edge]:
    for email in account.sequence_emails:
        key = Key(Kind.EMAIL, email.id)
        yield Key(Kind.SEQUENCE, email.sequence_id), key, "contains", Origin.API, {}
        if email.email_template_id is not None:
            yield key, Key(Kind.TEMPLATE, email.email_template_id), "uses", Origin.API, {}
        if email.email_address:
            yield key, Key(Kind.ADDRESS, email.email_address.lower()), "uses", Origin.API, {}
    for sequence in account.sequences:
        yield from ((sequence.key, key, "excludes", Origin.API, {}) for key in sequence.excluded_keys)
        if sequence.email_address:
            yield sequence.key, Key(Kind.ADDRESS, sequence.email_address.lower()), "uses", Origin.API, {}
    for hook in account.webhooks:
        event = hook.event
        for kind, target in (
            (Kind.TAG, event.tag_id),
            (Kind.FORM, event.form_id),
            (Kind.SEQUENCE, event.sequence_id or event.course_id),
            (Kind.FIELD, event.custom_field_id),
        ):
            if target is not None:
                yield Key(kind, target), hook.key, "notifies", Origin.API, {"event": event.short_name}


def _flow_edges(flows: tuple[Flow, ...], network: nx.MultiDiGraph[Key]) -> Iterator[Edge]:
    forms = [key for key, data in network.nodes(data=True) if data["kind"] is Kind.FORM]
    for flow in flows:
        origin = flow.automation.origin
        for node in flow.roots:
            yield flow.key, node.key, "contains", origin, {}
        for source, lines in flow.lines.items():
            for target, branch in lines.items():
                yield flow.nodes[source].key, flow.nodes[target].key, "next", origin, {"branch": branch}
        for node in flow.nodes.values():
            if node.trigger:
                kind = "starts" if node.kind is NodeKind.ENTRY else "pulls"
                for key in _trigger_keys(node.trigger, forms):
                    yield key, node.key, kind, origin, {"trigger": str(node.trigger.kind)}
            for ref in node.step.tests if node.step else ():
                yield node.key, ref.key, "tests", origin, {}


def _rule_edges(manifest: Manifest) -> Iterator[Edge]:
    for index, rule in enumerate(manifest.rules):
        for when in rule.when:
            for key in _trigger_keys(when, []):
                yield key, Key(Kind.RULE, index), "triggers", rule.origin, {"trigger": str(when.kind), "live": rule.enabled}


def _segment_edges(manifest: Manifest) -> Iterator[Edge]:
    for segment in manifest.segments:
        for kind, members in (("includes", (*segment.any_of, *segment.all_of)), ("leaves_out", segment.none_of)):
            yield from ((segment.segment.key, member.ref.key, kind, Origin.DECLARED, {}) for member in members if member.ref)


def _cause_edges(causes: Causes) -> Iterator[Edge]:
    for cause in causes.all:
        yield cause.source, cause.target, str(cause.effect), cause.origin, {"live": cause.live}


def _trigger_keys(trigger: Trigger, forms: list[Key]) -> tuple[Key, ...]:
    if trigger.ref:
        return (trigger.ref.key,)
    match trigger.kind:
        case TriggerKind.JOINS_FORM:
            return tuple(forms)
        case TriggerKind.CLICKS_LINK:
            return (Key(Kind.LINK, plain_link(trigger.value or "")),)
        case TriggerKind.DATE:
            return (Key(Kind.DATE, trigger.value or ""),)
        case TriggerKind.APP_EVENT:
            return (Key(Kind.APP_EVENT, trigger.value or ""),)
        case _:
            return ()
