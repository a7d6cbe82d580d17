"""Names of the manifest that the account does not have: what touches one is unknown, neither wrong nor in order.

A typing mistake would otherwise be taken for a step that is missing, or silence the rule that judges the real tag.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from ckaudit.engine.fingerprint import object_key, object_keys
from ckaudit.engine.run import RuleRun
from ckaudit.graph.causes import rule_object
from ckaudit.graph.graph import Graph
from ckaudit.graph.membership import Membership
from ckaudit.model.findings import NotEvaluated, ReportedFinding
from ckaudit.model.refs import Key, Kind, ObjectRef, Ref
from ckaudit.model.roles import RoleName
from ckaudit.model.rules import Rule, Theme
from ckaudit.sources.manifest.resolve import NOUNS


def touching(graph: Graph, rule: Rule) -> Mapping[str, Ref]:
    """What this rule cannot judge, with the unresolved name it touches: the name itself, the automations and Kit rules that mention it,
    and the offerings that have it in a role the rule needs (in any role, for a rule that names none).

    Rules about the audit itself judge the names. An integration is not among them: each tag it writes stands alone.
    """
    names: dict[Key, Ref] = {}
    for ref in () if rule.theme is Theme.AUDIT else graph.manifest.references:
        if not ref.known:
            names.setdefault(ref.key, ref)
    if not names:
        return {}
    roles = tuple(role for group in rule.needs_roles for role in group) or tuple(RoleName)
    holders = (
        *((flow.key, flow.acts_on | flow.looks_at) for flow in graph.flows),
        *((rule_object(item, index).key, _mentioned(graph, Key(Kind.RULE, index))) for index, item in enumerate(graph.manifest.rules)),
        *((item.object.key, item.keys(*roles)) for item in graph.memberships),
    )
    found = {str(key): next((ref for name, ref in names.items() if name in mentioned), None) for key, mentioned in holders}
    return {str(key): ref for key, ref in names.items()} | {key: ref for key, ref in found.items() if ref}


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


def _touches(finding: ReportedFinding, touched: Mapping[str, Ref], automations: Sequence[str]) -> Ref | None:
    """The unresolved name that a finding touches by what it names or by an automation on its path."""
    numbers = (step.automation for step in finding.path)
    keys = object_keys(finding) | {automations[number] for number in numbers if number is not None and number < len(automations)}
    return next((ref for key, ref in touched.items() if key in keys), None)


def unjudged(run: RuleRun, names: Iterable[Ref]) -> RuleRun:
    """The run of a rule that judged nothing because of these names."""
    names = tuple(dict.fromkeys(names))
    rule = run.rule.rule
    reason = "; ".join(map(unresolved_reason, names))
    return msgspec.structs.replace(run, unresolved=names, not_evaluated=NotEvaluated(rule.code, rule.name, (), reason))


def unresolved_reason(ref: Ref) -> str:
    """One sentence about a name, with the line it stands in."""
    noun = NOUNS[ref.kind]
    where = "the manifest itself" if ref.kind is Kind.AUTOMATION else "this account"
    line = f" ({ref.location.file}:{ref.location.line})" if ref.location else ""
    named = f"{'an' if noun[0] == 'a' else 'a'} {noun} “{ref.name}”{line}"
    return f"the manifest names {named}, and {where} has none: what touches it is not judged"


def in_roles(membership: Membership, roles: Iterable[RoleName], touched: Mapping[str, Ref]) -> tuple[Ref, ...]:
    """The unresolved names that an offering has in these roles."""
    return tuple(touched[str(key)] for key in membership.keys(*roles) if str(key) in touched)


def with_unjudged(runs: Sequence[RuleRun]) -> tuple[RuleRun, ...]:
    """The runs, in which a finding about an unresolved name says which rules leave it out, and weighs as much as the worst of them."""
    rules: dict[str, list[Rule]] = {}
    for run in runs:
        for ref in run.unresolved:
            rules.setdefault(object_key(ObjectRef(ref.kind, ref.name)), []).append(run.rule.rule)
    return tuple(_told(run, rules) if rules and run.rule.rule.theme is Theme.AUDIT else run for run in runs)


def _told(run: RuleRun, rules: Mapping[str, Sequence[Rule]]) -> RuleRun:
    findings = tuple(_with_rules(finding, rules.get(object_key(finding.object), ())) for finding in run.findings)
    return msgspec.structs.replace(run, findings=findings)


def _with_rules(finding: ReportedFinding, rules: Sequence[Rule]) -> ReportedFinding:
    if not rules:
        return finding
    worst = min((rule.severity for rule in rules), key=lambda severity: severity.rank)
    codes = sorted(rule.code for rule in rules)
    listed = f"{', '.join(codes[:-1])} and {codes[-1]}" if len(codes) > 1 else codes[0]
    return msgspec.structs.replace(finding, message=f"{finding.message} That is left out of {listed}.", covers_severity=worst)
