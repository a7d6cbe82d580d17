"""Forms that people still join, and behind which nothing goes on any more."""

from __future__ import annotations

from collections.abc import Iterable

from ckaudit.graph.flow import Flow
from ckaudit.graph.lookup import Lookup
from ckaudit.graph.reactions import Reactions
from ckaudit.model.automations import AutomationStatus, Manifest
from ckaudit.model.refs import Key
from ckaudit.model.triggers import Trigger, TriggerKind


def forms_into_stopped(
    triggers: Iterable[Trigger], reactions: Reactions, lookup: Lookup, manifest: Manifest
) -> tuple[tuple[Key, tuple[Flow, ...]], ...]:
    """Live forms whose only follow-up is a paused or inactive automation, each with those automations, in the order of the triggers.

    A running automation, an enabled rule, or what the form does by itself is a follow-up. "Any form" listens to every form.
    """
    found = []
    for form in dict.fromkeys(when.ref.key for when in triggers if when.kind is TriggerKind.JOINS_FORM and when.ref):
        listeners = reactions.listeners.to(TriggerKind.JOINS_FORM, form)
        flows = tuple(dict.fromkeys(listener.flow for listener in listeners if listener.flow))
        running = any(flow.automation.status is AutomationStatus.ACTIVE for flow in flows)
        ruled = any(listener.rule and listener.live and listener.trigger.ref for listener in listeners)
        otherwise = ruled or any(link.form.key == form for link in manifest.form_links)
        listed = lookup.form(form)
        if flows and not running and not otherwise and not (listed and listed.archived):
            found.append((form, flows))
    return tuple(found)
