"""What timestamps prove goes to the finding that names the cause: the count of people, and where both are about one thing, the words.

A rule names the rules about evidence that count its people (``Rule.people_from``). Where none has a finding about the same objects, and the
rule counts passers-by, the people are counted who came by in the last 90 days, and ``people_who`` says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from ckaudit.engine.fingerprint import object_key
from ckaudit.graph.flow import Flow
from ckaudit.graph.graph import Graph
from ckaudit.model.findings import ReportedFinding, Severity
from ckaudit.model.refs import Key, Kind, ObjectRef
from ckaudit.model.roles import WEBHOOK_ROLES
from ckaudit.model.rules import Rule, is_named
from ckaudit.model.steps import Effect

_GOT = {Kind.TAG: "got", Kind.FORM: "joined", Kind.SEQUENCE: "came into"}


def with_people(graph: Graph, findings: Sequence[ReportedFinding], rules: Mapping[str, Rule]) -> tuple[ReportedFinding, ...]:
    """The findings with counts of people, in the order given; as they are without timestamps. ``rules`` are those that ran, by code."""
    if not graph.has_timestamps:
        return tuple(findings)
    return tuple(_counted(graph, rules[finding.rule], finding, findings) for finding in findings)


def _counted(graph: Graph, rule: Rule, finding: ReportedFinding, findings: Sequence[ReportedFinding]) -> ReportedFinding:
    for name in rule.people_from:
        counting = (other for other in findings if other.people and is_named(name, other.rule, other.variant))
        proof = next((other for other in counting if share_an_object(graph, finding, other)), None)
        if proof:
            return msgspec.structs.replace(finding, people=proof.people, people_who=proof.people_who, who=proof.who)
    if finding.people is None and rule.counts_passers_by and finding.severity is not Severity.INFO:
        return _came_by(graph, finding)
    return finding


def share_an_object(graph: Graph, one: ReportedFinding, other: ReportedFinding) -> bool:
    """True when both are about the same thing: what they name, what is on their paths, and what starts the automations they name."""
    return not objects_of(graph, one).isdisjoint(objects_of(graph, other))


def objects_of(graph: Graph, finding: ReportedFinding) -> frozenset[str]:
    """The objects of a finding, as ``object_key`` names them. Offerings are left out: one has many causes of trouble.

    A finding about an automation as a whole (without a path) is about everything that automation does.
    """
    related = [item for item in finding.related if item.kind != Kind.OFFERING]
    named = [finding.object, *related, *(step.object for step in finding.path if step.object)]
    found = {object_key(item) for item in (*named, *_entries(graph, named))}
    flow = None if finding.path else _flow(graph, finding.object)
    return frozenset(found | {object_key(graph.object(key)) for key in (flow.acts_on if flow else ())})


def _flow(graph: Graph, item: ObjectRef) -> Flow | None:
    return graph.flow(Key(Kind.AUTOMATION, item.name if item.id is None else item.id)) if item.kind == Kind.AUTOMATION else None


def _entries(graph: Graph, named: Iterable[ObjectRef]) -> Iterable[ObjectRef]:
    """What starts these automations."""
    for item in named:
        flow = _flow(graph, item)
        yield from (graph.object(node.ref.key) for node in (flow.entries if flow else ()) if node.ref)


def _came_by(graph: Graph, finding: ReportedFinding) -> ReportedFinding:
    """Counts who came by the last place on the path that keeps its timestamp, else by what the finding names, else by what starts it."""
    people = graph.timestamps
    named = [*reversed([step.object for step in finding.path if step.object]), *finding.related, finding.object]
    for item in (*named, *_entries(graph, named)):
        if item.kind not in _GOT or not isinstance(item.id, int):
            continue
        key = Key(Kind(item.kind), item.id)
        since = people.since(key)
        if since is not None and since <= people.start and not graph.causes.of(Effect.REMOVES_TAG, key) and not _is_taken_off(graph, key):
            came = people.recent(key)
            if len(came):
                words = f"{_GOT[key.kind]} “{item.name}” in the last 90 days"
                return msgspec.structs.replace(finding, people=len(came), people_who=words, who=came.who)
            return finding
    return finding


def _is_taken_off(graph: Graph, key: Key) -> bool:
    """True for webhook tags: the site takes them off, and whom it left them on is another question."""
    return key in graph.keys(*WEBHOOK_ROLES)
