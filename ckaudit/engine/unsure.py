"""A rule that found nothing beside another's finding that takes the ground from under it has not passed: whether it holds is not known.

Who tells the site of a refund by a webhook has told nobody if the webhook calls another site (``Rule.unsure_beside``).
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from ckaudit.engine.fingerprint import object_key, object_keys
from ckaudit.engine.run import RuleRun, not_evaluated_because
from ckaudit.graph.graph import Graph
from ckaudit.model.findings import ReportedFinding
from ckaudit.model.roles import RoleName
from ckaudit.model.rules import is_named


def with_doubts(graph: Graph, runs: Mapping[str, RuleRun]) -> dict[str, RuleRun]:
    """The runs by their code, those that passed beside such a finding as not evaluated."""
    used = frozenset(object_key(graph.object(key)) for key in graph.keys(*RoleName))
    return {code: _unsure(run, runs, used) for code, run in runs.items()}


def _unsure(run: RuleRun, runs: Mapping[str, RuleRun], used: frozenset[str]) -> RuleRun:
    if run.findings or run.not_evaluated or run.crashed or not run.judged:
        return run
    for name in run.rule.rule.unsure_beside:
        other = runs.get(name.partition(" ")[0])
        for finding in other.findings if other else ():
            if is_named(name, finding.rule, finding.variant) and _concerns(run, finding, used):
                reason = f"{finding.rule} found “{finding.title}”: whether this holds is known when that is put right"
                return msgspec.structs.replace(run, judged=0, not_evaluated=not_evaluated_because(run.rule, (), reason))
    return run


def _concerns(run: RuleRun, finding: ReportedFinding, used: frozenset[str]) -> bool:
    """True of anything, for a rule that needs no roles; else of what has a role in an offering."""
    return not run.rule.rule.needs_roles or not used.isdisjoint(object_keys(finding))
