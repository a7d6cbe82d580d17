"""Finds accounts whose paid plan is cancelled and ends on a known day.

What it finds
-------------
Kit's account data name the day a cancelled plan ends. This rule reports a day that is still to come. Within two weeks it is an error.
A day in the past is history. The end of a trial is CK102.

Why it matters
--------------
When the plan ends, what it paid for ends: automations, events, conditions and sequences beyond the free plan. Buyers pay and get no login,
refunded customers keep their access, and members are no longer reminded of a failed card.

How to fix it in Kit
--------------------
1. Click your account's name at the top right and open Settings → Account & Billing.
2. If the plan should go on, choose it again and check the means of payment.
3. If you leave Kit, first let your shop or membership site send the logins, and take the forms that feed automations off your pages.

When to ignore it
-----------------
The move to another account or tool is planned, and nothing depends on this account after that day.

Sources
-------
- Plans and billing: https://help.kit.com/en/articles/2537095
- API: `account.plan.cancels_at`. What exactly Kit stops on that day is not documented; ckaudit assumes that the account falls back to what
  the free plan has.
"""

from __future__ import annotations

from collections.abc import Iterator

from ckaudit.rule import Finding, Graph, Harm, Need, Options, Rule, Severity, Theme, Variant, spell_date

RULE = Rule(
    code="CK103",
    name="plan-ending",
    title="The paid plan is cancelled and ends",
    passing="The plan has no end date",
    severity=Severity.WARNING,
    theme=Theme.ACCOUNT,
    harm=Harm.MONEY,
    needs=(Need.ACCOUNT,),
    effort_minutes=10,
    variants={
        "within-two-weeks": Variant("The paid plan is cancelled and ends within two weeks", Severity.ERROR),
        "later": Variant("The paid plan is cancelled and ends"),
    },
)

SOON_DAYS = 14


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for a plan that ends on a day to come."""
    plan, ends = graph.plan, graph.plan.cancelled
    if ends is None or ends < graph.now or plan.on_trial or plan.is_free:
        return
    day = graph.day(ends)
    days = (day - graph.day(graph.now)).days
    soon = days <= SOON_DAYS
    left = "today" if days < 1 else "tomorrow" if days == 1 else f"in {days} days"
    yield Finding(
        object=graph.account_object,
        message=f"The {plan.title or 'paid'} plan of this account is cancelled and ends on {spell_date(day)} ({left}). "
        "Automations and sequences beyond the free plan stop then.",
        variant="within-two-weeks" if soon else "later",
    )
