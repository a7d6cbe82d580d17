"""What Kit's plans have, and what an account uses that only paid plans have.

Sources: kit.com/pricing (2026-08-25), help articles 9053626, 9053602 and 2502666: the free plan has one "basic" automation (no
conditions, no events) and one sequence; keeping people in a sequence is a paid option (help article 5192801). ``plan_type`` has no
documented list of values: ``free`` and ``creator`` were recorded, ``creator_pro`` is used by two client libraries.
"""

from __future__ import annotations

import datetime as dt
import enum

import msgspec

from ckaudit.graph.flow import Flow
from ckaudit.graph.nodes import NodeKind
from ckaudit.model.account import Account, AccountInfo, Plan, utc
from ckaudit.model.automations import Automation, AutomationStatus
from ckaudit.model.refs import ObjectRef

_PAID = {"creator": "Creator", "creator_pro": "Pro", "pro": "Pro"}


class PlanFacts(msgspec.Struct, frozen=True):
    """The plan an account is on. ``name`` is the API's word, empty when Kit did not say, ``title`` that of Kit's screens.

    ``cancelled`` is the moment at which a cancelled plan ends, ``trial_ends`` the end of a running trial, when Kit says it; ``limit`` the
    number of people the plan is for.
    """

    name: str = ""
    on_trial: bool = False
    trial_ends: dt.datetime | None = None
    cancelled: dt.datetime | None = None
    limit: int | None = None

    @property
    def title(self) -> str:
        """The plan as Kit's screens name it; an unknown one keeps the API's name."""
        return "Newsletter" if self.is_free else _PAID.get(self.name.lower(), self.name)

    @property
    def is_free(self) -> bool:
        """True for the free plan."""
        return self.name.lower() == "free"

    @property
    def is_paid(self) -> bool:
        """True for a plan known as a paid one. A plan that nobody has described is neither free nor paid."""
        return self.name.lower() in _PAID


def plan_facts(info: AccountInfo | None, now: dt.datetime) -> PlanFacts:
    """What Kit says about the plan. The nested plan counts before the old field."""
    plan = info.plan if info else None
    name = ((plan and plan.plan_type) or (info and info.plan_type) or "").strip()
    if plan is None:
        return PlanFacts(name)
    trial = is_trial(plan, now)
    return PlanFacts(name, trial, utc(plan.trial_lapse_date) if trial else None, utc(plan.cancels_at), plan.subscriber_limit)


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


def paid_uses(account: Account, flows: tuple[Flow, ...], undescribed: tuple[Automation, ...] = ()) -> tuple[PaidUse, ...]:
    """Everything known that the free plan does not have. Automations nobody declared and sections that were not read are not in it."""
    every = (*(flow.automation for flow in flows), *undescribed)
    active = [automation.object for automation in every if automation.status is AutomationStatus.ACTIVE]
    decides = (NodeKind.EVENT, NodeKind.CONDITION)
    deciding = [flow.object for flow in flows if flow.live and any(node.kind in decides for node in flow.nodes.values())]
    sending = [sequence.object for sequence in account.sequences if sequence.active]
    holding = [sequence.object for sequence in account.sequences if sequence.active and sequence.hold]
    found = (
        PaidUse(PaidFeature.SEVERAL_AUTOMATIONS, tuple(active if len(active) > 1 else ())),
        PaidUse(PaidFeature.EVENTS_OR_CONDITIONS, tuple(deciding)),
        PaidUse(PaidFeature.SEVERAL_SEQUENCES, tuple(sending if len(sending) > 1 else ())),
        PaidUse(PaidFeature.HOLD, tuple(holding)),
    )
    return tuple(use for use in found if use.objects)
