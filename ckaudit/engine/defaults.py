"""Fills what a rule left open in its findings."""

from __future__ import annotations

import msgspec

from ckaudit.engine.load import LoadedRule, docs_page
from ckaudit.model.findings import Finding


def complete(loaded: LoadedRule, finding: Finding) -> Finding:
    """Fill what the rule left open from its metadata."""
    if not isinstance(finding, Finding):
        raise TypeError(f"check yielded {type(finding).__name__}, not a Finding")
    rule = loaded.rule
    located = [step.location for step in finding.path if step.location]
    return msgspec.structs.replace(
        finding,
        rule=rule.code,
        name=rule.name,
        severity=finding.severity or rule.severity,
        confidence=finding.confidence or rule.confidence,
        title=finding.title or rule.title,
        location=finding.location or (located[-1] if located else None),
        fix=finding.fix or loaded.docs.fix,
        docs=docs_page(rule.code),
    )
