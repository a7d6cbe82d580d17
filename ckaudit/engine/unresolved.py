"""Names of the manifest that the account does not have: what touches one is unknown, neither wrong nor in order.

A typing mistake would otherwise be taken for a step that is missing, or silence the rule that judges the real tag.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set

import msgspec

from ckaudit.engine.fingerprint import object_key, object_keys
from ckaudit.engine.run import RuleRun
from ckaudit.graph.causes import rule_object
from ckaudit.graph.graph import Graph
from ckaudit.graph.membership import Membership
from ckaudit.graph.misspelt import unknown
from ckaudit.model.baseline import Unresolved
from ckaudit.model.errors import file_name
from ckaudit.model.findings import NotEvaluated, ReportedFinding
from ckaudit.model.refs import Key, Kind, ObjectRef, Ref
from ckaudit.model.roles import RoleName
from ckaudit.model.rules import Need, Rule, Theme
from ckaudit.observed.alternatives import unseen_names
from ckaudit.sources.manifest.resolve import NOUNS

MAX_NAMES = 5
"""So many unknown things are named in a reason."""


def touching(graph: Graph, rule: Rule) -> Mapping[str, Ref]:
    """What this rule cannot judge, with the unresolved name it touches: the name itself, the automations and Kit rules that mention it,
    and the offerings that have it in a role the rule needs (in any role, for a rule that names none). Where nothing has a name like it, an
    offering and its automations are unknown to every rule about access, whatever the role.

    What was not read has no timestamps: to rules that ask them, an offering that names it is unknown with everything it names.

    Rules about the audit itself judge the names, and those that hold the manifest against timestamps look at what has some: a name that
    the account does not have has none, and what they find has to hold with the name that was meant. An integration is not among them:
    each tag it writes stands alone.
    """
    if rule.theme is Theme.AUDIT or {Need.EVIDENCE, Need.MANIFEST} <= set(rule.needs):
        return {}
    roles = tuple(role for group in rule.needs_roles for role in group) or tuple(RoleName)
    found = _touching(graph, roles, about_access=Need.MEMBERSHIP in rule.needs)
    return {**_unread(graph), **found} if Need.EVIDENCE in rule.needs else found


def _unread(graph: Graph) -> Mapping[str, Ref]:
    """What was not read, and everything that an offering names beside it."""
    unread = {ref.key: ref for ref in unseen_names(graph)}
    found = {str(key): ref for key, ref in unread.items()}
    for item in graph.memberships if unread else ():
        keys = item.keys(*RoleName)
        ref = next((unread[key] for key in keys if key in unread), None)
        found |= {str(key): ref for key in (item.object.key, *keys)} if ref else {}
    return found


def _touching(graph: Graph, roles: Sequence[RoleName], *, about_access: bool) -> Mapping[str, Ref]:
    names = {ref.key: ref for ref in unknown(graph.manifest)}
    if not names:
        return {}
    lost = _lost(graph, names.values()) if about_access else {}
    holders = (
        *((flow.key, flow.acts_on | flow.looks_at) for flow in graph.flows),
        *((rule_object(item, index).key, _mentioned(graph, Key(Kind.RULE, index))) for index, item in enumerate(graph.manifest.rules)),
        *((item.object.key, item.keys(*roles)) for item in graph.memberships),
        *lost.items(),
    )
    found = {str(key): ref for key, ref in names.items()}
    for key, mentioned in holders:
        if ref := next((ref for name, ref in names.items() if name in mentioned), None):
            found.setdefault(str(key), ref)
    return found


def unresolved_names(graph: Graph, runs: Iterable[RuleRun]) -> tuple[Unresolved, ...]:
    """The names of the manifest that the account does not have, with all that touches each of them, and the rules that left something
    out for it."""
    objects: dict[Key, list[str]] = {ref.key: [] for ref in unknown(graph.manifest)}
    for key, ref in _touching(graph, tuple(RoleName), about_access=True).items():
        objects[ref.key].append(key)
    rules: dict[Key, set[str]] = {}
    for run in runs:
        for ref in run.unresolved:
            rules.setdefault(ref.key, set()).add(run.rule.rule.code)
    return tuple(
        Unresolved(str(ref.kind), ref.name, unresolved_reason(ref), tuple(objects[ref.key]), tuple(sorted(rules.get(ref.key, ()))))
        for ref in unknown(graph.manifest)
    )


def _lost(graph: Graph, names: Iterable[Ref]) -> Mapping[Key, Collection[Key]]:
    """Offerings and their automations, with the unknown names in any role of theirs that nothing has a name like."""
    nothing_near = {ref.key for ref in names if ref.id is not None or not graph.names.nearest(ref.kind, ref.name)}
    lost: dict[Key, set[Key]] = {}
    for item in graph.memberships:
        missing, own = nothing_near.intersection(item.keys(*RoleName)), set(item.keys(*RoleName))
        mine = [flow.key for flow in graph.flows if not own.isdisjoint(flow.acts_on | flow.looks_at)] if missing else []
        for key in (item.object.key, *mine):
            lost.setdefault(key, set()).update(missing)
    return lost


def _mentioned(graph: Graph, rule: Key) -> frozenset[Key]:
    """What one of Kit's rules listens to and acts on."""
    return frozenset((*graph.network.predecessors(rule), *graph.network.successors(rule)))


def without_unresolved(graph: Graph, run: RuleRun) -> RuleRun:
    """The run without the findings that touch an unresolved name; not evaluated when none is left."""
    touched = touching(graph, run.rule.rule) if run.findings else {}
    if not touched:
        return run
    automations = [str(flow.key) for flow in graph.flows]
    reasons = [_touches(finding, touched, automations) for finding in run.findings]
    kept = tuple(finding for finding, ref in zip(run.findings, reasons, strict=True) if ref is None)
    names = tuple(dict.fromkeys(ref for ref in reasons if ref))
    run = msgspec.structs.replace(run, findings=kept, unresolved=names)
    return run if kept or not names or run.not_evaluated else unjudged(run, names)


def that_holds(run: RuleRun, other: RuleRun, names: tuple[Ref, ...], *, passes: bool = True) -> RuleRun:
    """The run with what holds in another run too, which supposes something else of these names. A rule that finds something only there, or
    has something to judge only there, has not passed; without ``passes`` it has."""
    there = {_about(finding) for finding in other.findings}
    gone = [finding for finding in run.findings if not finding.observed and _about(finding) not in there]
    kept = tuple(finding for finding in run.findings if finding not in gone)
    if gone and not (passes and other.not_evaluated):
        run = msgspec.structs.replace(run, findings=kept, unresolved=tuple(dict.fromkeys((*run.unresolved, *names))))
        return run if kept else unjudged(run, run.unresolved)
    more = passes and (other.findings or (run.not_applicable and other.judged))
    return unjudged(run, names) if more and not (run.findings or run.not_evaluated) else run


def _about(finding: ReportedFinding) -> tuple[str, str]:
    """The variant and the object; what is only supposed to be there has a negative number, and goes by its name."""
    item = finding.object
    supposed = isinstance(item.id, int) and item.id < 0
    return finding.variant, object_key(ObjectRef(item.kind, item.name) if supposed else item)


def _touches(finding: ReportedFinding, touched: Mapping[str, Ref], automations: Sequence[str]) -> Ref | None:
    """The unresolved name that a finding touches by what it names or by an automation on its path."""
    numbers = (step.automation for step in finding.path)
    keys = object_keys(finding) | {automations[number] for number in numbers if number is not None and number < len(automations)}
    return next((ref for key, ref in touched.items() if key in keys), None)


def unjudged(run: RuleRun, names: Iterable[Ref]) -> RuleRun:
    """The run of a rule that judged nothing because of these names."""
    names = tuple(dict.fromkeys(names))
    rule = run.rule.rule
    reason = "; ".join(_reasons(names))
    answer = NotEvaluated(rule.code, rule.name, (), reason)
    return msgspec.structs.replace(run, unresolved=names, not_evaluated=answer, not_applicable=None, judged=0)


def _reasons(names: Sequence[Ref]) -> Iterator[str]:
    """One sentence for each name, the first few; automations of which only the name is known share one."""
    bare = [ref for ref in names if _is_bare(ref)]
    if len(bare) > 1:
        such = " and ".join(f"“{ref.name}”" for ref in bare[:2])
        yield f"only the names of {len(bare):,} automations are known, such as {such}: describe their entries and steps in the manifest"
    others = [ref for ref in names if ref not in bare] if len(bare) > 1 else names
    yield from map(unresolved_reason, others[:MAX_NAMES])
    if len(others) > MAX_NAMES:
        yield f"and {len(others) - MAX_NAMES} more"


def _is_bare(ref: Ref) -> bool:
    is_unread = ref.lost or (ref.known and ref.id is not None and not ref.location)
    return not is_unread and ref.known and ref.kind is Kind.AUTOMATION


def unresolved_reason(ref: Ref) -> str:
    """One sentence about a name, with the line it stands in; about a sequence, what of it was not read. It names no folder: reports go to
    people elsewhere."""
    if ref.lost:
        return f"{ref.lost} (“{ref.name}”) could not be read: what depends on it is not judged"
    if ref.known and ref.id is not None and not ref.location:
        return f"the emails of the sequence “{ref.name}” were not read completely: what depends on them is not judged"
    noun = NOUNS[ref.kind]
    if _is_bare(ref):
        return f"only the name of the automation “{ref.name}” is known: describe its entries and steps in the manifest"
    where = "the manifest itself" if ref.kind is Kind.AUTOMATION else "this account"
    line = f" ({file_name(ref.location.file)}:{ref.location.line})" if ref.location else ""
    named = f"{'an' if noun[0] == 'a' else 'a'} {noun} “{ref.name}”{line}"
    if ref.known:
        return f"the manifest names {named}, and the {noun}s were not read completely: what touches it is not judged"
    return f"the manifest names {named}, and {where} has none: what touches it is not judged"


def in_roles(membership: Membership, roles: Iterable[RoleName], touched: Mapping[str, Ref]) -> tuple[Ref, ...]:
    """The unresolved names that an offering has in these roles."""
    return tuple(touched[str(key)] for key in membership.keys(*roles) if str(key) in touched)


def with_unjudged(runs: Sequence[RuleRun], graded: Set[str] = frozenset()) -> tuple[RuleRun, ...]:
    """The runs, in which a finding about an unresolved name says which rules leave it out, and weighs as much as the worst of them: what
    is not judged may be that bad. Rules in ``graded`` keep their severity."""
    rules: dict[str, list[Rule]] = {}
    for run in runs:
        for ref in run.unresolved:
            rules.setdefault(object_key(ObjectRef(ref.kind, ref.name)), []).append(run.rule.rule)
    return tuple(_told(run, rules, graded) if rules and run.rule.rule.theme is Theme.AUDIT else run for run in runs)


def _told(run: RuleRun, rules: Mapping[str, Sequence[Rule]], graded: Set[str]) -> RuleRun:
    keep = run.rule.rule.code in graded
    findings = tuple(_with_rules(finding, rules.get(object_key(finding.object), ()), keep=keep) for finding in run.findings)
    return msgspec.structs.replace(run, findings=findings)


def _with_rules(finding: ReportedFinding, rules: Sequence[Rule], *, keep: bool) -> ReportedFinding:
    if not rules:
        return finding
    severities = [finding.severity, *(() if keep else (rule.severity for rule in rules))]
    worst = min(severities, key=lambda severity: severity.rank)
    codes = sorted(rule.code for rule in rules)
    listed = f"{', '.join(codes[:-1])} and {codes[-1]}" if len(codes) > 1 else codes[0]
    return msgspec.structs.replace(finding, message=f"{finding.message} That is left out of {listed}.", severity=worst)
