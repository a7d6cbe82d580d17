"""What Kit's plans have, and what an account uses that only paid plans have.

Sources: kit.com/pricing (2026-08-25), help articles 9053626, 9053602 and 2502666: the free plan has one "basic" automation (no
conditions, no events) and one sequence; keeping people in a sequence is a paid option (help article 5192801). ``plan_type`` has no
documented list of values: ``free`` and ``creator`` were recorded, ``creator_pro`` is used by two client libraries.
"""

from __future__ import annotations

import datetime as dt
import enum
from typing import TYPE_CHECKING

import msgspec

from ckaudit.model.account import AccountInfo, Plan, utc
from ckaudit.model.automations import AutomationStatus
from ckaudit.model.refs import Key, Kind, ObjectRef

if TYPE_CHECKING:
    from ckaudit.graph.graph import Graph


class PlanKind(enum.StrEnum):
    """``unknown``: Kit named a plan nobody has described yet."""

    FREE = "free"
    PAID = "paid"
    UNKNOWN = "unknown"


_PAID = {"creator": "Creator", "creator_pro": "Pro", "pro": "Pro"}


def plan_name(info: AccountInfo | None) -> str:
    """The plan as Kit's API names it, empty when it does not."""
    return ((info and ((info.plan and info.plan.plan_type) or info.plan_type)) or "").strip()


def plan_title(info: AccountInfo | None) -> str:
    """The plan as Kit's screens name it; an unknown one keeps the API's name."""
    name = plan_name(info)
    return "Newsletter" if name.lower() == "free" else _PAID.get(name.lower(), name)


def plan_kind(info: AccountInfo | None) -> PlanKind | None:
    """Which kind of plan the account is on, None when Kit did not say."""
    name = plan_name(info).lower()
    if not name:
        return None
    return PlanKind.FREE if name == "free" else PlanKind.PAID if name in _PAID else PlanKind.UNKNOWN


def is_trial(plan: Plan, now: dt.datetime) -> bool:
    """True while a trial runs. A trial was recorded with ``on_trial`` false and ``cancels_at`` equal to ``trial_lapse_date``."""
    lapses, cancels = utc(plan.trial_lapse_date), utc(plan.cancels_at)
    if lapses and lapses < now:
        return False
    return bool(plan.on_trial) or (lapses is not None and (cancels == lapses or (cancels is None and not plan.renews_at)))


class PaidFeature(enum.StrEnum):
    """What the free plan does not have."""

    SEVERAL_AUTOMATIONS = "several-automations"
    EVENTS_OR_CONDITIONS = "events-or-conditions"
    SEVERAL_SEQUENCES = "several-sequences"
    HOLD = "hold"


class PaidUse(msgspec.Struct, frozen=True):
    """A paid feature in use, and by what, in the order of the manifest or by id."""

    feature: PaidFeature
    objects: tuple[ObjectRef, ...]

    def describe(self) -> str:
        """In words: ``3 active automations``."""
        count = len(self.objects)
        match self.feature:
            case PaidFeature.SEVERAL_AUTOMATIONS:
                return f"{count} active automations"
            case PaidFeature.EVENTS_OR_CONDITIONS:
                return "events or conditions in automations"
            case PaidFeature.SEVERAL_SEQUENCES:
                return f"{count} active sequences"
            case PaidFeature.HOLD:
                return "sequences that keep people after the last email"


def paid_uses(graph: Graph) -> tuple[PaidUse, ...]:
    """Everything known that the free plan does not have. Automations nobody declared and sections that were not read are not in it."""
    alive = [flow for flow in graph.flows if flow.automation.status is not AutomationStatus.INACTIVE]
    active = [flow.ref for flow in alive if flow.automation.status is AutomationStatus.ACTIVE]
    deciding = [flow.ref for flow in alive if any(node.kind in (Kind.EVENT, Kind.CONDITION) for node in flow.nodes.values())]
    sequences = [(sequence, graph.object(Key(Kind.SEQUENCE, sequence.id))) for sequence in graph.account.sequences]
    sending = [named for sequence, named in sequences if sequence.active]
    holding = [named for sequence, named in sequences if sequence.active and sequence.hold]
    found = (
        PaidUse(PaidFeature.SEVERAL_AUTOMATIONS, tuple(active if len(active) > 1 else ())),
        PaidUse(PaidFeature.EVENTS_OR_CONDITIONS, tuple(deciding)),
        PaidUse(PaidFeature.SEVERAL_SEQUENCES, tuple(sending if len(sending) > 1 else ())),
        PaidUse(PaidFeature.HOLD, tuple(holding)),
    )
    return tuple(use for use in found if use.objects)
