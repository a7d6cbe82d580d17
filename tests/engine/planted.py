"""Rules, accounts and graphs for the tests of the engine."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from ckaudit.engine.load import LoadedRule, load_rules
from ckaudit.graph.build import build_graph
from ckaudit.model.account import Account, AccountInfo, SectionName, SectionState, SectionStatus, Tag
from ckaudit.model.automations import Manifest
from ckaudit.model.findings import Confidence, ReportedFinding, Severity
from ckaudit.model.refs import ObjectRef
from ckaudit.observed.account import ObservedAccount
from ckaudit.observed.observe import observe

NOW = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)

DOCS = """A tag has a bad name.

What it finds
-------------
Tags that are
named badly.

And more.

Why it matters
--------------
People get lost.

How to fix it in Kit
--------------------
1. Open **Subscribers**,
   then Tags.
2. Rename the tag.

When to ignore it
-----------------
When nobody minds.

Sources
-------
- Kit help, article 1,
  second line
- Another
"""

RULE = '''"""{docs}"""
from ckaudit.rule import *
from ckaudit.rule import Finding, Key, Kind, Need, NotEvaluatedError, ObjectRef
from ckaudit.rule import ObservedUse, Options, Rule, Severity, Theme, Variant
import msgspec
from typing import Annotated

{before}
RULE = Rule(code="{code}", name="{name}", title="A tag has a bad name", passing="All tags have good names",
            severity=Severity.WARNING, theme=Theme.{theme}, checks=Kind.TAG, needs=({needs}), options={options}, {metadata})


def check(graph, options):
{body}
'''
BAD_TAGS = """
    for tag in graph.account.tags:
        if tag.name.startswith("bad"):
            yield Finding(object=graph.object(Key(Kind.TAG, tag.id)), message=f"Tag {tag.name} is bad.", people=tag.subscriber_count)
"""


def write_rule(
    folder: Path,
    name: str = "bad-tag",
    *,
    code: str = "ACME601",
    body: str = BAD_TAGS,
    docs: str = DOCS,
    before: str = "",
    needs: str = "",
    theme: str = "TAGS",
    options: str = "Options",
    metadata: str = "",
    file: str | None = None,
) -> Path:
    """Write a rule file; ``body`` is what ``check`` does."""
    path = folder / (file or name.replace("-", "_") + ".py")
    path.parent.mkdir(parents=True, exist_ok=True)
    values = {"docs": docs, "code": code, "name": name, "body": body, "before": before, "needs": needs, "theme": theme}
    values |= {"options": options, "metadata": metadata}
    path.write_text(RULE.format(**values), encoding="utf-8")
    return path


def planted(folder: Path, *bodies: str) -> tuple[LoadedRule, ...]:
    """Rules ACME601, ACME602 … with these bodies."""
    for index, body in enumerate(bodies, 1):
        write_rule(folder, f"rule-{index}", code=f"ACME60{index}", body=body)
    return load_rules((folder,))


FROM_RULE = {"name": "bad-tag", "title": "A tag has a bad name", "fix": ("Rename the tag.",), "docs": "", "fingerprint": "0123456789abcdef"}


def account(*tags: str, **sections: SectionState) -> Account:
    """An account with these tags, everything complete unless said otherwise."""
    states = dict.fromkeys(SectionName, SectionState(SectionStatus.COMPLETE)) | {
        SectionName(name): state for name, state in sections.items()
    }
    return Account(
        info=AccountInfo(id=27, name="Demo", plan_type="creator"),
        tags=tuple(Tag(id=number, name=name, subscriber_count=number) for number, name in enumerate(tags, 1)),
        sections=states,
    )


def observed_account(*tags: str, manifest: Manifest | None = None, **sections: SectionState) -> ObservedAccount:
    """Such an account, without timestamps."""
    return observe(build_graph(account(*tags, **sections), manifest, {}, NOW), None)


def finding(
    number: int = 1,
    *,
    rule: str = "ACME601",
    severity: Severity = Severity.WARNING,
    confidence: Confidence = Confidence.CERTAIN,
    people: int | None = None,
    **more: object,
) -> ReportedFinding:
    """A finding about tag ``number`` as a result has it."""
    values: dict[str, object] = {
        "object": ObjectRef("tag", f"tag {number}", number),
        "message": f"Tag {number} is bad.",
        **FROM_RULE,
        **more,
    }
    return ReportedFinding(rule=rule, severity=severity, confidence=confidence, people=people, **values)  # type: ignore[arg-type]
