"""Fingerprints: what stays the same about a finding when names, texts and lines change."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable

import msgspec

from ckaudit.model.findings import Finding, ReportedFinding
from ckaudit.model.refs import ObjectRef


def fingerprint(rule: str, finding: Finding) -> str:
    """16 hexadecimal digits over the rule's code, the variant, the object and the ids on its path and beside it. Never made of text or
    positions; of a name only where the object has no id. Where the rule names the cause it is made of that instead of objects: the cause
    stays while objects come and go."""
    if finding.cause:
        return _digits([rule, finding.variant, "cause", finding.cause])
    path = [object_key(step.object) for step in finding.path if step.object]
    related = sorted(object_key(item) for item in finding.related)
    parts = [rule, finding.variant, object_key(finding.object), *path, "", *related]
    return _digits(parts)


def _digits(parts: Iterable[str]) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def numbered(findings: Iterable[ReportedFinding]) -> tuple[ReportedFinding, ...]:
    """Findings that have one fingerprint get a number behind it, in the order given. Those that are still to be folded keep theirs."""
    seen: Counter[str] = Counter()
    result = []
    for finding in findings:
        if finding.cause:
            result.append(finding)
            continue
        seen[finding.fingerprint] += 1
        count = seen[finding.fingerprint]
        result.append(finding if count == 1 else msgspec.structs.replace(finding, fingerprint=f"{finding.fingerprint}-{count}"))
    return tuple(result)


def object_key(item: ObjectRef) -> str:
    """An object by its id, by its name where it has none."""
    return f"{item.kind}:{item.name if item.id is None else item.id}"


def object_keys(finding: ReportedFinding) -> frozenset[str]:
    """Everything a finding names: its object, what it is related to, and what is on its path."""
    on_path = (step.object for step in finding.path if step.object)
    return frozenset(object_key(item) for item in (finding.object, *finding.related, *on_path))
