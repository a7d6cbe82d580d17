"""How rules relate to each other is checked before any of them runs: every name exists, and nobody yields in a cycle."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import TypeAlias

from ckaudit.model.nearest import nearest
from ckaudit.model.rules import ObservedUse, Rule, is_named, winning_names

Failure: TypeAlias = tuple[str, str, bool]
"""How a finding comes about: the code of its rule, its variant, and whether it rests on observed links."""


def unknown_names(rule: Rule, known: Mapping[str, Rule]) -> Iterator[tuple[str, str]]:
    """A message and a hint for each rule or variant that this rule names and that is not there. ``known`` are the rules by their code."""
    named = [name for variant in rule.variants.values() for name in variant.yields_to]
    for name in dict.fromkeys((*rule.yields_to, *rule.observed_yields_to, *rule.people_from, *rule.unsure_beside, *named)):
        code, _, variant = name.partition(" ")
        if code not in known:
            near = nearest(code, known)
            yield f"{rule.code} names “{name}”, and there is no rule {code}", f"Did you mean “{near}”?" if near else ""
        elif variant and variant not in known[code].variants:
            variants = ", ".join(known[code].variants)
            yield f"{rule.code} names “{name}”, and {code} has no variant “{variant}”", f"{code} has {variants or 'no variants'}."


def yields_in_a_cycle(known: Mapping[str, Rule]) -> tuple[str, ...]:
    """The codes of rules of which each yields to the next and the last to the first; empty when there is no such cycle."""
    failures = {code: tuple(_failures(rule)) for code, rule in known.items()}
    try:
        TopologicalSorter({failure: _winners(failure, known, failures) for group in failures.values() for failure in group}).prepare()
    except CycleError as error:
        return tuple(dict.fromkeys(code for code, _, _ in reversed(error.args[1])))
    return ()


def _failures(rule: Rule) -> Iterator[Failure]:
    for variant in rule.variants or ("",):
        yield rule.code, variant, False
        if rule.observed is ObservedUse.JUDGED:
            yield rule.code, variant, True


def _winners(failure: Failure, known: Mapping[str, Rule], failures: Mapping[str, tuple[Failure, ...]]) -> Iterator[Failure]:
    """What a finding may yield to. What is declared never yields to what rests on observed links."""
    code, variant, observed = failure
    for name in winning_names(known[code], variant, observed=observed):
        for other in failures.get(name.partition(" ")[0], ()):
            if is_named(name, other[0], other[1]) and (observed or not other[2]):
                yield other
