"""Finds accounts on Kit's free plan that need a paid one.

What it finds
-------------
Kit's answer names the plan. On the free plan (Kit calls it Newsletter) this rule looks at what the account is built for. A membership
plugin that asks for a paid plan makes it an error. Automations and sequences beyond what the free plan has make it a warning; what exceeds
it, one by one, is CK107. Otherwise it is only worth knowing. A plan whose name ckaudit does not know is worth knowing too: Kit publishes
no list of names, so it may be paid or not.

Why it matters
--------------
The free plan runs one basic automation, without events and conditions, and one sequence. Giving access to buyers, taking it back after a
refund and writing to people whose card failed are three. What does not run sends no login and no reminder, and nobody is told.

How to fix it in Kit
--------------------
1. Click your account's name at the top right and open Settings → Account & Billing.
2. Click Upgrade and choose Creator (or Pro).
3. Open Automate → Visual Automations and look whether every automation shows Active.

When to ignore it
-----------------
You send a newsletter only, and one welcome sequence is all you need. Kit's own plugins for WooCommerce and MemberMouse do not ask for a
paid plan. Nothing is lost if the membership site that was found is a former one: delete its webhooks instead.

Sources
-------
- AccessAlly's ConvertKit guide, "You'll need a paid ConvertKit plan": https://kb.accessally.com/tutorials/convertkit-automation/ (claim S1)
- One basic automation on the Newsletter plan: https://help.kit.com/en/articles/2502666
- What the free plan has: https://help.kit.com/en/articles/9053602, https://help.kit.com/en/articles/9053626
- API: `account.plan.plan_type`, `account.plan_type` (no list of values is published)
"""

from __future__ import annotations

from collections.abc import Iterator

from ckaudit.rule import Confidence, Finding, Graph, Harm, Membership, Need, NotEvaluatedError, Options, Rule, Severity, Theme, Variant

RULE = Rule(
    code="CK101",
    name="free-plan",
    title="The account is on Kit's free plan",
    passing="The account is on a paid plan",
    severity=Severity.INFO,
    theme=Theme.ACCOUNT,
    harm=Harm.MONEY,
    needs=(Need.ACCOUNT,),
    effort_minutes=10,
    variants={
        "membership-needs-paid-plan": Variant(
            "The membership site asks for a paid Kit plan, and the account is on the free one", Severity.ERROR
        ),
        "more-than-the-plan-has": Variant(
            "The account uses more than Kit's free plan has",
            Severity.WARNING,
            (
                "Click your account's name at the top right and open Settings → Account & Billing.",
                "Click Upgrade and choose Creator (or Pro) if the account needs all this.",
                "Otherwise do without what CK107 names, one by one.",
                "Open Automate → Visual Automations and look whether every automation you need shows Active.",
            ),
        ),
        "free": Variant(
            "The account is on Kit's free plan",
            fix=(
                "Nothing has to be done as long as one basic automation and one sequence are enough.",
                "When you need more: click your account's name at the top right and open Settings → Account & Billing, click Upgrade and choose Creator.",
            ),
        ),
        "unknown-plan": Variant(
            "The plan has a name ckaudit does not know",
            fix=("Click your account's name at the top right, open Settings → Account & Billing, and look which plan is shown.",),
        ),
    },
)


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """At most one finding: what the plan is and what the account needs."""
    if not graph.plan.name:
        raise NotEvaluatedError("Kit's answer does not name the plan", (Need.ACCOUNT,))
    if not graph.plan.is_free and not graph.plan.is_paid:
        yield _unknown(graph)
    if graph.plan.is_free:
        memberships = tuple(item for item in graph.memberships if item.stack.needs_paid_plan)
        used = ", ".join(use.describe() for use in graph.paid_uses())
        yield _membership(graph, memberships) if memberships else _exceeded(graph, used) if used else _plain(graph)


def _membership(graph: Graph, memberships: tuple[Membership, ...]) -> Finding:
    sites = " and ".join(dict.fromkeys(item.stack.title for item in memberships))
    return Finding(
        object=graph.account_object,
        message=f"{sites} asks for a paid Kit plan, and this account is on the free one. The free plan runs one basic automation: giving "
        "access, taking it back after a refund and writing to people whose card failed cannot all run.",
        variant="membership-needs-paid-plan",
        confidence=Confidence.CERTAIN if any(item.offering for item in memberships) else Confidence.LIKELY,
        related=tuple(item.object for item in memberships if item.offering),
    )


def _exceeded(graph: Graph, used: str) -> Finding:
    return Finding(
        object=graph.account_object,
        message=f"This account is on Kit's free plan and uses more than it has: {used}. Whatever is beyond the plan may not "
        "run (CK107 names each). Kit does not say which part goes on.",
        variant="more-than-the-plan-has",
    )


def _plain(graph: Graph) -> Finding:
    return Finding(
        object=graph.account_object,
        message="This account is on Kit's free plan: one basic automation without events and conditions, and one sequence.",
        variant="free",
    )


def _unknown(graph: Graph) -> Finding:
    return Finding(
        object=graph.account_object,
        message=f"Kit calls the plan of this account “{graph.plan.name}”. ckaudit does not know this name and cannot tell "
        "whether the plan is a paid one. Settings → Account & Billing shows it.",
        variant="unknown-plan",
        confidence=Confidence.POSSIBLE,
    )
