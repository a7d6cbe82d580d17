"""Which tags fire webhooks, and what the site behind does: read from the event and the target address of visible webhooks."""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

from ckaudit.model.account import Account
from ckaudit.model.automations import Manifest, RuleActionKind
from ckaudit.model.refs import Key, Kind
from ckaudit.model.stack import Operation, Stack
from ckaudit.model.triggers import TriggerKind


class WebhookTag(msgspec.Struct, frozen=True):
    """A tag whose adding calls a site of a known stack. ``target`` is the redacted address, ``webhook`` its webhook in the graph.

    ``stated``: nobody saw the webhook, the manifest has a rule that calls the address. Its secrets are not kept.
    """

    key: Key
    stack: Stack
    operation: Operation
    target: str
    webhook: Key
    stated: bool = False


def webhook_tags(account: Account, manifest: Manifest, stacks: Mapping[str, Stack]) -> tuple[WebhookTag, ...]:
    """One for each visible legacy webhook on "tag added" whose target a stack knows, ordered by webhook id; then those that enabled rules
    of the manifest call.

    The new generation of webhooks has no per-tag filter, so it says nothing about single tags.
    """
    names = {tag.id: tag.name for tag in account.tags}
    found = []
    for hook in sorted(account.webhooks, key=lambda hook: hook.id):
        tag_id = hook.event.tag_id
        if hook.event.short_name == "tag_add" and tag_id is not None:
            found += _known(Key(Kind.TAG, tag_id), names.get(tag_id, ""), hook.target_url, hook.key, stacks)
    for rule in manifest.rules:
        for action in rule.do if rule.enabled else ():
            for when in rule.when if action.kind is RuleActionKind.WEBHOOK else ():
                if when.kind is TriggerKind.TAG_ADDED and when.ref:
                    known = _known(when.ref.key, when.ref.name, action.ref.name, action.ref.key, stacks)
                    found += [msgspec.structs.replace(tag, stated=True) for tag in known]
    return tuple(found)


def _known(tag: Key, name: str, target: str, webhook: Key, stacks: Mapping[str, Stack]) -> list[WebhookTag]:
    """The webhook tag, when a stack knows the address."""
    for stack in stacks.values():
        operation = None if stack.stated_only else operation_of(target, stack, name)
        if operation:
            return [WebhookTag(tag, stack, operation, target, webhook)]
    return []


def operation_of(target: str, stack: Stack, tag_name: str) -> Operation | None:
    """What this stack does when this address is called, None when the address is not this stack's.

    A custom operation does not say which one it is; a tag name with "revoke" in it does (accessally.md S24).
    """
    for item in stack.targets:
        if re.search(item.pattern, target, re.IGNORECASE):
            custom = item.operation is Operation.RELEASE
            return Operation.REVOKE if custom and re.search(r"revoke|payf|cancel", tag_name, re.IGNORECASE) else item.operation
    return None
