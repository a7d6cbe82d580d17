"""One rule on one graph, for what its case files cannot say shortly."""

from __future__ import annotations

from pathlib import Path

from ckaudit.engine.load import LoadedRule, load_rule
from ckaudit.graph.graph import Graph

RULES = Path(__file__).parents[2] / "rules"


def variants(name: str, graph: Graph) -> list[str]:
    """The ways of failing that a rule (``sequences/not_repeatable``) finds."""
    rule = load_rule(RULES / f"{name}.py")
    assert isinstance(rule, LoadedRule)
    return [finding.variant for finding in rule.check(graph, rule.rule.options())]
