"""Fingerprints: what stays the same about a finding when names, texts and lines change."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable

import msgspec

from ckaudit.model.findings import Finding
from ckaudit.model.refs import ObjectRef


def with_fingerprints(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Give each finding its fingerprint: 16 hexadecimal digits over rule, variant, object and the ids on its path and beside it.

    Findings that are equal in all of these are told apart by their number, in the order given.
    """
    seen: Counter[str] = Counter()
    result = []
    for finding in findings:
        base = fingerprint(finding)
        seen[base] += 1
        ordinal = "" if seen[base] == 1 else f"-{seen[base]}"
        result.append(msgspec.structs.replace(finding, fingerprint=base + ordinal))
    return tuple(result)


def fingerprint(finding: Finding) -> str:
    """The fingerprint of one finding. Never made of text or positions; of a name only where the object has no id."""
    path = [object_key(step.object) for step in finding.path if step.object]
    related = sorted(object_key(item) for item in finding.related)
    parts = [finding.rule, finding.variant, object_key(finding.object), *path, "", *related]
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def object_key(item: ObjectRef) -> str:
    """An object by its id, by its name where it has none."""
    return f"{item.kind}:{item.name if item.id is None else item.id}"


def object_keys(finding: Finding) -> frozenset[str]:
    """Everything a finding names: its object, what stands beside it, and what is on its path."""
    on_path = (step.object for step in finding.path if step.object)
    return frozenset(object_key(item) for item in (finding.object, *finding.related, *on_path))
