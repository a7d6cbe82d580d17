"""What a rule yielded becomes what is reported: what it left open comes from its variant and its rule."""

from __future__ import annotations

import msgspec

from ckaudit.engine.fingerprint import fingerprint
from ckaudit.engine.load import LoadedRule
from ckaudit.model.findings import Finding, ReportedFinding


class BadFindingError(Exception):
    """A rule yielded what cannot be used. The words are ours: they may be reported."""


def reported(loaded: LoadedRule, finding: Finding) -> ReportedFinding:
    """What a rule yielded, with what it left open: first from the variant, then from the rule.

    Raises:
        BadFindingError: it is not a finding, or of a variant the rule does not declare.
    """
    if not isinstance(finding, Finding):
        raise BadFindingError(f"check yielded {type(finding).__name__}, not a Finding")
    rule = loaded.rule
    variant = rule.variants.get(finding.variant)
    if variant is None and (finding.variant or rule.variants):
        what = f"the variant “{finding.variant}”" if finding.variant else "a finding without a variant"
        raise BadFindingError(f"check yielded {what}, and RULE declares {', '.join(rule.variants) or 'no variants'}")
    located = [step.location for step in finding.path if step.location]
    return ReportedFinding(
        rule=rule.code,
        name=rule.name,
        variant=finding.variant,
        title=variant.title if variant else rule.title,
        severity=finding.severity or (variant and variant.severity) or rule.severity,
        confidence=finding.confidence or rule.confidence,
        object=finding.object,
        message=finding.message,
        related=finding.related,
        path=finding.path,
        people=finding.people,
        people_who=finding.people_who,
        who=finding.who or msgspec.UNSET,
        location=finding.location or (located[-1] if located else None),
        fix=finding.fix or (variant and variant.fix) or loaded.docs.fix,
        cause=finding.cause or msgspec.UNSET,
        harm=(variant and variant.harm) or rule.harm,
        docs=loaded.page,
        fingerprint=fingerprint(rule.code, finding),
    )
