"""Naming policies of the configuration (``[policy.NAME]``) as rules: POL001 name-prefix, POL002 required-name, POL003 forbidden-word.

They run, are selected, suppressed and explained like any other rule. The name of the policy is the variant of its findings.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from ckaudit.engine.load import LoadedRule
from ckaudit.engine.rule_docs import RuleDocs
from ckaudit.model.account import SectionName
from ckaudit.model.config import Config, PolicyTable
from ckaudit.model.findings import Finding, Severity
from ckaudit.model.refs import Kind, ObjectRef
from ckaudit.model.rules import Need, NotEvaluatedError, Options, Rule, Theme, Variant

if TYPE_CHECKING:
    from ckaudit.graph.graph import Graph

Judge = Callable[[str, PolicyTable, "Graph"], Iterator[Finding]]

_NEEDS = {
    "tag": Need.TAGS,
    "form": Need.FORMS,
    "sequence": Need.SEQUENCES,
    "field": Need.CUSTOM_FIELDS,
    "segment": Need.SEGMENTS,
    "snippet": Need.SNIPPETS,
    "automation": Need.AUTOMATIONS,
}


def policy_rules(config: Config) -> tuple[LoadedRule, ...]:
    """The rules that the policies of a configuration ask for; none when it has no policies."""
    policies = config.file.policy
    kinds = (
        ("POL001", "name-prefix", "A name does not begin as agreed", "All names begin as agreed", "prefixes", _prefix),
        ("POL002", "required-name", "Something that must exist is missing", "All that must exist is there", "required", _required),
        ("POL003", "forbidden-word", "A name has a word it must not have", "No name has a forbidden word", "forbidden_words", _forbidden),
    )
    return tuple(
        _rule(config, code, name, (title, passing), {key: table for key, table in policies.items() if getattr(table, field)}, judge)
        for code, name, title, passing, field, judge in kinds
        if any(getattr(table, field) for table in policies.values())
    )


def _rule(config: Config, code: str, name: str, titles: tuple[str, str], policies: Mapping[str, PolicyTable], judge: Judge) -> LoadedRule:
    kinds = {table.kind for table in policies.values()}
    rule = Rule(
        code=code,
        name=name,
        title=titles[0],
        passing=titles[1],
        severity=min((table.severity for table in policies.values()), key=lambda severity: severity.rank, default=Severity.INFO),
        theme=Theme.TAGS,
        checks=Kind(next(iter(kinds))) if len(kinds) == 1 else Kind.ACCOUNT,
        effort_minutes=1,
        variants={policy: Variant(titles[0], table.severity) for policy, table in policies.items()},
    )
    return LoadedRule(rule, _checker(policies, judge), _docs(name, policies), config.path or Path("ckaudit.toml"))


def _checker(policies: Mapping[str, PolicyTable], judge: Judge) -> Callable[[Graph, Options], Iterator[Finding]]:
    def check(graph: Graph, _: Options) -> Iterator[Finding]:
        unread = sorted({table.kind for table in policies.values() if not _is_read(graph, table.kind)})
        for name, table in policies.items():
            if table.kind not in unread:
                yield from judge(name, table, graph)
        if unread:
            reason = f"not all names of these were read: {', '.join(unread)}"
            raise NotEvaluatedError(reason, tuple(_NEEDS[kind] for kind in unread))

    return check


def _is_read(graph: Graph, kind: str) -> bool:
    if kind == "automation":
        return graph.has_automations or bool(graph.manifest.automations)
    return graph.has_account and graph.account.complete(SectionName(_NEEDS[kind]))


def _objects(graph: Graph, table: PolicyTable) -> Iterator[ObjectRef]:
    """The objects a policy speaks of, without those it leaves alone."""
    if table.kind == "automation":
        found = [automation.object for automation in graph.manifest.automations]
    else:
        found = [graph.object(key) for key in graph.lookup.objects if key.kind == table.kind]
    return (item for item in found if item.name not in table.exempt)


def _prefix(policy: str, table: PolicyTable, graph: Graph) -> Iterator[Finding]:
    wanted = " or ".join(f"“{prefix}”" for prefix in table.prefixes)
    for item in _objects(graph, table):
        if not item.name.startswith(table.prefixes):
            yield _finding(policy, table, item, f"The name of the {item} does not begin with {wanted}.")


def _required(policy: str, table: PolicyTable, graph: Graph) -> Iterator[Finding]:
    names = {item.name for item in _objects(graph, table)}
    for name in table.required:
        if name not in names:
            yield _finding(policy, table, ObjectRef(table.kind, name), f"There is no {table.kind} “{name}”.")


def _forbidden(policy: str, table: PolicyTable, graph: Graph) -> Iterator[Finding]:
    for item in _objects(graph, table):
        for word in table.forbidden_words:
            if re.search(rf"(?<!\w){re.escape(word)}(?!\w)", item.name, re.IGNORECASE):
                yield _finding(policy, table, item, f"The name of the {item} has the word “{word}”.")


def _finding(policy: str, table: PolicyTable, item: ObjectRef, fact: str) -> Finding:
    message = f"{fact} {table.message}".strip()
    link = (f"The convention is written down here: {table.link}",) if table.link else ()
    fix = ("Open it in Kit and change its name." if item.id is not None else "Create it in Kit, or correct the policy.", *link)
    return Finding(object=item, message=message, variant=policy, fix=fix)


def _docs(name: str, policies: Mapping[str, PolicyTable]) -> RuleDocs:
    texts = [table.message for table in policies.values() if table.message]
    links = tuple(table.link for table in policies.values() if table.link)
    return RuleDocs(
        summary=f"A policy of your configuration ({', '.join(policies)}).",
        finds=f"Names that do not follow the policy “{name}” of the configuration.",
        why=" ".join(texts) or "Names that follow one scheme are found, sorted and understood by everybody who works in the account.",
        fix=("Change the name in Kit.",),
        ignore="List the name under “exempt” of the policy.",
        sources=links or ("The configuration",),
    )
