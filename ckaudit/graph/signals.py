"""What happens to people and can set something off: a tag is added, a form joined, a product bought, a link clicked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ckaudit.graph.addresses import plain_link
from ckaudit.graph.causes import Cause
from ckaudit.model.refs import Key
from ckaudit.model.steps import Effect
from ckaudit.model.triggers import Trigger, TriggerKind


class Signal(NamedTuple):
    """What sets something off: ``kind`` happens with the object ``key``; without a kind the automation ``key`` is started directly.

    ``key`` is None for any form, and for links, dates and apps: then ``value`` says which. For a field ``value`` is what it is set to: the
    empty text when it is cleared, None when nobody knows.
    """

    key: Key | None
    kind: TriggerKind | None = None
    value: str | None = None


def signal_of(trigger: Trigger) -> Signal:
    """What this entry, goal or trigger of a rule waits for."""
    value = plain_link(trigger.value or "") if trigger.kind is TriggerKind.CLICKS_LINK else trigger.value
    return Signal(trigger.target, trigger.kind, value)


def signals_of(cause: Cause) -> Iterator[Signal]:
    """What other automations and rules can hear of this cause."""
    if cause.effect is Effect.STARTS:
        yield Signal(cause.target)
    value = cause.value if cause.node is None and cause.rule is None else cause.value or ""
    for kind in cause.effect.fires:
        yield Signal(cause.target, kind, value if kind is TriggerKind.FIELD_CHANGED else None)
