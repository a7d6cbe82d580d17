"""Finds forms that give access to what others pay for.

What it finds
-------------
A form or landing page that people fill in by themselves, from which access to a paid offering follows: its access or module tag, the tag that
makes the login, or its login sequence, over any number of automations and rules. It is silent where a shop, a tool, a rule or an
automation puts people on the form, where a condition on the way asks for something of this offering, where the form says what it
is for (an order, a trial, a gift), where the offering has opt-in tags (a trial), and where access ends again on the same way.

Why it matters
--------------
Kit's landing pages can be opened by anybody who has the address, and people pass addresses on. Everybody who fills in the form gets what
others pay for, and nobody notices: in Kit they look like members.

How to fix it in Kit
--------------------
1. Open Automate → Visual Automations (for a rule: Automate → Rules) and open what gives access in this finding.
2. Pause it while you edit. In front of the step that gives access click the “+”, choose Condition → Tag, and the tag that everybody gets
   who pays. Put the steps that give access on its “yes” side.
3. Set it back to Active, if it was Active before.
4. In Grow → Subscribers filter by the form named in this finding, without the tag of buyers. Take the access tag off those who have
   not paid, and let your site read the tags again.

When to ignore it
-----------------
Only members know the form, and you accept the risk; or another tool looks who has paid before it shows the form. Who fills in a form it
does not see.

Sources
-------
- That anybody who has its address can fill in a form: what forms and landing pages are for
- Automations that start with a form: https://help.kit.com/en/articles/5523023
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ckaudit.rule import (
    Confidence,
    Consequence,
    Effect,
    Finding,
    Graph,
    Harm,
    Key,
    Kind,
    Membership,
    Need,
    Options,
    RoleName,
    Rule,
    Severity,
    Signal,
    Theme,
    TriggerKind,
    steps,
)

RULE = Rule(
    code="CK239",
    name="form-gives-paid-access",
    title="A form that anybody can fill in gives access to what others pay for",
    passing="No form gives access to what others pay for",
    severity=Severity.WARNING,
    theme=Theme.ACCESS,
    harm=Harm.LEAK,
    confidence=Confidence.LIKELY,
    needs=(Need.AUTOMATIONS, Need.MEMBERSHIP),
    needs_roles=((RoleName.PURCHASE, RoleName.PRODUCT),),
    checks=Kind.FORM,
    effort_minutes=20,
    unseen="what people are asked on the way leaves none",
    yields_to=("CK222",),
    nothing="nothing starts with a form",
)

_PURPOSE = re.compile(
    r"order|checkout|purchase|buy|bought|\bpaid|thank|trial|free|gift|scholar|beta|grant|bonus for buyers|compliment|\bguest|\bteam\b|\bstaff\b",
    re.IGNORECASE,
)
_OWN = (RoleName.PURCHASE, RoleName.ACCESS, RoleName.MODULE)


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each form."""
    for form in _forms(graph):
        followed = graph.reactions.what_follows(Signal(form, TriggerKind.JOINS_FORM))
        found = next(
            ((item, membership) for item in followed for membership in graph.memberships if _opens(item, membership, followed)), None
        )
        if found and not _PURPOSE.search(graph.object(form).name) and not graph.causes.of(Effect.JOINS_FORM, form):
            yield _finding(graph, form, *found)


def judged(graph: Graph) -> Iterable[Key]:
    """The forms that start something."""
    return _forms(graph)


def _forms(graph: Graph) -> list[Key]:
    starts = (moment.starts[0] for moment in graph.moments if len(moment.starts) == 1)
    signals = [start for start in starts if isinstance(start, Signal) and start.kind is TriggerKind.JOINS_FORM]
    return list(dict.fromkeys(signal.key for signal in signals if signal.key))


def _opens(item: Consequence, membership: Membership, followed: tuple[Consequence, ...]) -> bool:
    """True where this gives access to what is sold, to people who were not asked whether they have it, and for good."""
    gives = item.cause.effect in (Effect.ADDS_TAG, Effect.ENROLS) and membership.opens(item.cause.target)
    if not gives or item.waits or membership.is_free or not membership.states(RoleName.PURCHASE, RoleName.PRODUCT):
        return False
    asked = any(demand.held and membership.has(demand.tag, *_OWN) for demand in item.demands)
    asked |= any(any(membership.has(key, *_OWN) for key in node.tests) or _is_filter(node.step) for node in item.conditions)
    return not asked and not membership.keys(RoleName.OPTIN) and not any(_ends(other, membership) for other in followed)


def _is_filter(step: object) -> bool:
    return isinstance(step, steps.If) and step.test.kind in (steps.ConditionKind.FILTER, steps.ConditionKind.FIELD)


def _ends(item: Consequence, membership: Membership) -> bool:
    """True for what takes the access away again."""
    if item.cause.effect is Effect.ADDS_TAG:
        return membership.has(item.cause.target, RoleName.REVOKE)
    return item.cause.effect is Effect.REMOVES_TAG and membership.has(item.cause.target, RoleName.ACCESS)


def _finding(graph: Graph, form: Key, item: Consequence, membership: Membership) -> Finding:
    named, given = graph.object(form), graph.object(item.cause.target)
    sure = graph.is_complete and membership.declared(RoleName.PURCHASE, RoleName.PRODUCT)
    return Finding(
        object=named,
        message=f"Who fills in “{named.name}” gets “{given.name}”, which opens “{membership.name}”: nothing on the way asks whether they have paid."
        f"{graph.open_world_note}",
        severity=Severity.WARNING if sure else Severity.INFO,
        confidence=Confidence.LIKELY if sure else Confidence.POSSIBLE,
        related=(item.cause.object, given, membership.object),
        people=graph.people(form),
        path=item.path,
        location=item.cause.location,
    )
