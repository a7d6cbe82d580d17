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
    positions; of a name only where the object has no id."""
    path = [object_key(step.object) for step in finding.path if step.object]
    related = sorted(object_key(item) for item in finding.related)
    parts = [rule, finding.variant, object_key(finding.object), *path, "", *related]
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def numbered(findings: Iterable[ReportedFinding]) -> tuple[ReportedFinding, ...]:
    """Findings that have one fingerprint get a number behind it, in the order given."""
    seen: Counter[str] = Counter()
    result = []
    for finding in findings:
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
