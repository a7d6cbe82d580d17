"""Finds accounts whose paid plan is only a trial.

What it finds
-------------
Kit's account data name the day a trial ends. This rule reports a trial that is still running. It does not rely on the trial switch alone:
a trial was seen for which Kit says "not on trial", with a cancellation planned for the very day the trial ends. A trial that is over is
history and no finding. A paid plan that ends for another reason is CK103.

Why it matters
--------------
When a trial ends without payment, the paid features end with it: all automations but one, events, conditions, all sequences but one. Buyers
then get no login and refunded customers keep their access, from one day to the next.

How to fix it in Kit
--------------------
1. Click your account's name at the top right and open Settings → Account & Billing.
2. Choose the plan and enter a means of payment before the day named in this finding.
3. On the day after, open Automate → Visual Automations and look whether every automation shows Active.

When to ignore it
-----------------
You are trying Kit out and nobody buys through this account yet.

Sources
-------
- AccessAlly's ConvertKit guide asks for a paid plan: https://kb.accessally.com/tutorials/convertkit-automation/ (claim S1)
- Plans and billing: https://help.kit.com/en/articles/2537095
- API: `account.plan.on_trial`, `trial_lapse_date`, `cancels_at`, `renews_at`. What Kit stops when a trial ends is not documented; ckaudit
  assumes that the account falls back to what the free plan has.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from ckaudit.rule import Finding, Graph, Harm, Need, Options, Rule, Severity, Theme, Variant, spell_date

RULE = Rule(
    code="CK102",
    name="plan-on-trial",
    title="The paid plan is a trial that ends",
    passing="The plan is not a trial",
    severity=Severity.WARNING,
    theme=Theme.ACCOUNT,
    harm=Harm.MONEY,
    needs=(Need.ACCOUNT,),
    effort_minutes=10,
    variants={
        "end-known": Variant("The paid plan is a trial that ends"),
        "end-not-known": Variant(
            "The paid plan is a trial, and Kit does not say until when",
            fix=(
                "Click your account's name at the top right and open Settings → Account & Billing, and look on which day the trial ends.",
                "Choose the plan and enter a means of payment before that day.",
                "On the day after, open Automate → Visual Automations and look whether every automation shows Active.",
            ),
        ),
    },
)


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for a running trial."""
    if graph.plan.on_trial and not graph.plan.is_free:
        yield _finding(graph, graph.plan.title or "paid", graph.plan.trial_ends)


def _finding(graph: Graph, title: str, lapses: dt.datetime | None) -> Finding:
    after = "Without a payment its paid features end then: automations and sequences beyond the free plan stop."
    if lapses is None:
        message = f"The {title} plan of this account is a trial. Kit does not say until when. {after}"
        return Finding(object=graph.account_object, message=message, variant="end-not-known")
    day = graph.day(lapses)
    days = (day - graph.day(graph.now)).days
    left = "today" if days < 1 else "tomorrow" if days == 1 else f"in {days} days"
    message = f"The {title} plan of this account is a trial that ends on {spell_date(day)} ({left}). {after}"
    return Finding(object=graph.account_object, message=message, variant="end-known")
