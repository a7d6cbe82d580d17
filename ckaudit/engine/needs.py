"""What a rule needs and the input lacks, as sentences."""

from __future__ import annotations

from typing import assert_never

from ckaudit.graph.graph import Graph
from ckaudit.graph.words import name_list
from ckaudit.model.account import SectionName, SectionStatus
from ckaudit.model.rules import Need, Rule


def missing_needs(graph: Graph, rule: Rule, *, observed: bool = False) -> dict[Need, str]:
    """The needs of a rule that are not met, each with its reason, in the rule's order. ``observed``: timestamps show automations."""
    reasons = {need: _missing(graph, need) for need in rule.needs}
    if reasons.get(Need.AUTOMATIONS) and reasons.get(Need.MANIFEST):
        reasons[Need.MANIFEST] = reasons[Need.AUTOMATIONS]  # the longer sentence says both
    if reasons.get(Need.AUTOMATIONS) and rule.unseen and observed:
        reasons[Need.AUTOMATIONS] += f"; links were seen in timestamps, but {rule.unseen}"
    return {need: reason for need, reason in reasons.items() if reason}


def missing_to_pass(graph: Graph, rule: Rule) -> dict[Need, str]:
    """The sections without which a rule that found nothing has not passed, each with why it is not complete."""
    reasons = {need: _missing(graph, need) for need in (rule.passes_with if graph.has_account else ())}
    return {need: reason for need, reason in reasons.items() if reason}


def _missing(graph: Graph, need: Need) -> str:
    match need:
        case Need.AUTOMATIONS:
            return "" if graph.has_automations else f"Kit's API shows no automations and {_told(graph)}"
        case Need.MANIFEST:
            return "" if graph.manifest.files else "no manifest was given"
        case Need.MEMBERSHIP:
            return "" if graph.has_membership else _no_membership(graph)
        case Need.PRODUCTS:
            return "" if graph.has_products else "no product is known: list what you sell under “offerings” in the manifest"
        case Need.EVIDENCE:
            return "" if graph.has_timestamps else "the timestamps of people were not read; `ckaudit pull` reads them"
        case Need.SUPPRESSIONS:
            return "" if graph.suppressions is not None else "suppressions were not looked at"
        case (
            Need.ACCOUNT
            | Need.TAGS
            | Need.FORMS
            | Need.SEQUENCES
            | Need.SEQUENCE_EMAILS
            | Need.CUSTOM_FIELDS
            | Need.SNIPPETS
            | Need.WEBHOOKS
            | Need.WEBHOOK_ENDPOINTS
            | Need.SEGMENTS
            | Need.EMAIL_TEMPLATES
            | Need.BROADCASTS
        ):
            return _section(graph, SectionName(need))
        case _:
            assert_never(need)


def _told(graph: Graph) -> str:
    """What the manifest says of automations, where that is nothing to judge by."""
    if graph.manifest.undescribed:
        return "the manifest has nothing but their names"
    if graph.manifest.drafts:
        return "the manifest lists none but drafts"
    return "the manifest lists none" if graph.manifest.files else "no manifest was given"


def _no_membership(graph: Graph) -> str:
    offered = [item.name for item in graph.all_memberships]
    if not offered:
        return "no membership site is known: list your courses under “offerings” in the manifest, or name the site with --stack"
    return (
        f"nothing says how people get access to {name_list(offered)}: add its webhook_tags, access_tags or module_tags, or its site as "
        "stack, under “offerings” in the manifest"
    )


def _section(graph: Graph, name: SectionName) -> str:
    if not graph.has_account:
        return "no account was read, only a manifest"
    state = graph.account.state(name)
    words = name.replace("_", " ")
    match state.status:
        case SectionStatus.COMPLETE:
            return ""
        case SectionStatus.PARTIAL:
            return state.reason or f"the {words} were read in part only"
        case SectionStatus.REFUSED:
            return state.reason or f"Kit did not show the {words}"
        case SectionStatus.SKIPPED:
            return state.reason or f"the {words} were not read"
        case _:
            assert_never(state.status)
