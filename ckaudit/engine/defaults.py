"""Fills what a rule left open in its findings."""

from __future__ import annotations

import msgspec

from ckaudit.engine.load import LoadedRule, docs_page
from ckaudit.model.findings import Finding


class BadFindingError(Exception):
    """A rule yielded what cannot be used. The words are ours: they may be reported."""


def complete(loaded: LoadedRule, finding: Finding) -> Finding:
    """Fill what the rule left open from its metadata: first of the way it failed, then of the rule.

    Raises:
        BadFindingError: it is not a finding, or of a variant the rule does not declare.
    """
    if not isinstance(finding, Finding):
        raise BadFindingError(f"check yielded {type(finding).__name__}, not a Finding")
    rule = loaded.rule
    variant = rule.variants.get(finding.variant)
    if variant is None and (finding.variant or rule.variants):
        said = f"the variant “{finding.variant}”" if finding.variant else "a finding without a variant"
        raise BadFindingError(f"check yielded {said}, and RULE declares {', '.join(rule.variants) or 'no variants'}")
    located = [step.location for step in finding.path if step.location]
    return msgspec.structs.replace(
        finding,
        rule=rule.code,
        name=rule.name,
        severity=finding.severity or (variant and variant.severity) or rule.severity,
        confidence=finding.confidence or rule.confidence,
        title=variant.title if variant else rule.title,
        location=finding.location or (located[-1] if located else None),
        fix=finding.fix or (variant and variant.fix) or loaded.docs.fix,
        docs=docs_page(rule.code),
    )
