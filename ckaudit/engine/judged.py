"""Whether a rule that found nothing has judged anything: passed, not evaluated, or nothing to judge.

Passed means that at least one object had the role the rule judges. Roles that nobody stated leave it open: a guess may find something, it
never clears anything.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from ckaudit.engine.fingerprint import object_key
from ckaudit.engine.load import LoadedRule
from ckaudit.engine.needs import missing_to_pass
from ckaudit.engine.run import CrashHook, RuleRun, crashed_at, not_evaluated_because
from ckaudit.engine.unresolved import in_roles, touching, unjudged
from ckaudit.graph.graph import Graph
from ckaudit.graph.membership import Membership
from ckaudit.graph.words import name_list, with_article
from ckaudit.model.findings import NotApplicable, NotEvaluated
from ckaudit.model.refs import Kind, ObjectRef, Ref
from ckaudit.model.roles import WEBHOOK_ROLES, RoleName
from ckaudit.model.rules import NotEvaluatedError, Rule


def with_outcome(graph: Graph, run: RuleRun, on_crash: CrashHook | None) -> RuleRun:
    """The run with how many objects it judged, or with why it judged none; a run that found something or was not evaluated stays."""
    if run.findings or run.not_evaluated or run.crashed:
        return run
    rule = run.rule.rule
    if unread := missing_to_pass(graph, rule):
        reason = "; ".join(dict.fromkeys(unread.values()))
        return msgspec.structs.replace(run, not_evaluated=not_evaluated_because(run.rule, tuple(unread), reason))
    touched = touching(graph, rule)
    if missing := missing_roles(graph, rule, touched):
        if names := [ref for membership, group in missing for ref in in_roles(membership, group, touched)]:
            return unjudged(run, names)
        roles = tuple(dict.fromkeys(str(role) for _, group in missing for role in group))
        return msgspec.structs.replace(run, not_evaluated=NotEvaluated(rule.code, rule.name, roles, _reason(missing)))
    if graph.memberships and not _concerned(graph, rule):
        return msgspec.structs.replace(run, not_applicable=NotApplicable(rule.code, rule.name, _nothing(rule)))
    try:
        count, names = _count(graph, run.rule, touched)
    except NotEvaluatedError as error:
        return msgspec.structs.replace(run, not_evaluated=not_evaluated_because(run.rule, error.needs, error.reason))
    except Exception as error:  # noqa: BLE001  as in check: a rule's bug must not end the audit
        if on_crash:
            on_crash(run.rule, error)
        return msgspec.structs.replace(run, crashed=crashed_at(run.rule, error))
    if count == 0 and names:
        return unjudged(run, names)
    if count == 0:
        return msgspec.structs.replace(run, not_applicable=NotApplicable(rule.code, rule.name, _nothing(rule)))
    return msgspec.structs.replace(run, judged=count)


def missing_roles(graph: Graph, rule: Rule, touched: Mapping[str, Ref]) -> tuple[tuple[Membership, tuple[RoleName, ...]], ...]:
    """For each membership the groups of roles of which it has none but guesses; empty when one membership can be judged.

    A role that holds an unresolved name is unknown.
    """
    lacking = [tuple((item, group) for group in rule.needs_roles if not _states(item, group, touched)) for item in _concerned(graph, rule)]
    return () if not all(lacking) else tuple(pair for pairs in lacking for pair in pairs)


def _concerned(graph: Graph, rule: Rule) -> list[Membership]:
    """The memberships that can have all roles a rule needs: nobody buys what is free, and what is never given back has no revoke tag."""
    return [item for item in graph.memberships if not any(never_has(item, group) for group in rule.needs_roles)]


def never_has(membership: Membership, group: tuple[RoleName, ...]) -> bool:
    if membership.states(*group):
        return False
    ends, bought = {RoleName.REVOKE, RoleName.CANCEL, RoleName.WEBHOOK_REVOKE}, {RoleName.PURCHASE, RoleName.PRODUCT}
    return (membership.never_revoked and ends.issuperset(group)) or (membership.is_free and bought.issuperset(group))


def _states(membership: Membership, group: tuple[RoleName, ...], touched: Mapping[str, Ref]) -> bool:
    return membership.states(*(role for role in group if not in_roles(membership, (role,), touched)))


def _count(graph: Graph, loaded: LoadedRule, touched: Mapping[str, Ref]) -> tuple[int, list[Ref]]:
    """How many objects were judged, and the unresolved names for which others were not."""
    if loaded.judged:
        keys = {object_key(item) if isinstance(item, ObjectRef) else str(item) for item in loaded.judged(graph)}
        return len(keys - touched.keys()), [ref for key, ref in touched.items() if key in keys]
    if loaded.rule.checks is Kind.EMAIL:  # drafts and emails of inactive sequences are not looked at
        return len(graph.contents.documents), []
    names = [ref for key, ref in touched.items() if key.startswith(f"{loaded.rule.checks}:") and str(ref.key) != key]
    unknown = len(graph.manifest.undescribed) if loaded.rule.checks is Kind.AUTOMATION else 0  # of these only the name is known
    return graph.count(loaded.rule.checks) - unknown - len(names), names


def _reason(missing: tuple[tuple[Membership, tuple[RoleName, ...]], ...]) -> str:
    """What is missing, and the line of the manifest that would supply it: one sentence for each role, whatever number of offerings."""
    lacking: dict[tuple[RoleName, bool], list[Membership]] = {}
    for membership, group in missing:
        lacking.setdefault((group[0], bool(membership.keys(*group))), []).append(membership)
    return "; ".join(_lacks(role, memberships, guessed=guessed) for (role, guessed), memberships in lacking.items())


def _lacks(role: RoleName, memberships: list[Membership], *, guessed: bool) -> str:
    named = role.value.replace("webhook_tags.", "webhook ").removesuffix("s").replace("_", " ")
    named = f"{named} tag" if role in WEBHOOK_ROLES else named
    line = f"webhook_tags: {{{role.value.partition('.')[2]}: […]}}" if role in WEBHOOK_ROLES else f"{role.value}: […]"
    whose = name_list(dict.fromkeys(item.name for item in memberships))
    where = whose if any(item.offering for item in memberships) else "the course it belongs to"
    known = f"what is {with_article(named)} of {whose} is only guessed" if guessed else f"no {named} is known for {whose}"
    return f"{known}: add `{line}` to {where} under `offerings` in automations.yaml"


def _nothing(rule: Rule) -> str:
    return rule.nothing or f"the account has no {_PLURALS.get(rule.checks, str(rule.checks).replace('_', ' ') + 's')} to look at"


_PLURALS = {Kind.ADDRESS: "sending addresses", Kind.EMAIL: "published emails", Kind.ACCOUNT: "data about itself"}
