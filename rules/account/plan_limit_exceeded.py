"""Finds what the account uses beyond its plan.

What it finds
-------------
On Kit's free plan: more than one active automation, events or conditions in automations, more than one active sequence, and sequences that
keep people after the last email. CK101 states the plan; this rule names each thing that exceeds it. On a paid plan: more active subscribers
than the plan is for, or at least nine tenths of them, so that the next tier is near. Where their number was not read, a tag or form that
alone has as many.

What it cannot see: whether Kit counts for the bill as it counts for the API, and what the next tier costs.

Automations that are inactive, and sequences that are not active, are within every plan. A paused automation is counted for its events and
conditions only.

Why it matters
--------------
What is beyond the plan may simply not run. Kit says what each plan has, not which of two automations goes on after a downgrade. If it is
the one that gives access, buyers get nothing. On a paid plan nothing stops, but Kit moves the account to the next tier by itself and the
bill rises.

How to fix it in Kit
--------------------
1. Click your account's name at the top right and open Settings → Account & Billing, and look at the plan.
2. Upgrade to Creator if the account needs all this.
3. Otherwise decide what people need most, buyers' access first, and set the rest to Inactive. Look first who is inside: they stay where
   they are.
4. If only the number of people is the matter: ask people who have not opened an email for a year whether they want to stay, and remove
   those who do not answer before the next invoice. Leave buyers in.

When to ignore it
-----------------
Kit lets your account keep what it had before a change of plans, and you have seen all of it run.

Sources
-------
- One basic automation on the free plan: https://help.kit.com/en/articles/2502666
- What the free plan has: https://help.kit.com/en/articles/9053602, https://help.kit.com/en/articles/9053626. Kit's own pages disagreed in
  2026 about sequences on it (none or one); one is assumed.
- Keeping people in a sequence is for paid plans: https://help.kit.com/en/articles/5192801
- The next tier comes by itself: https://help.kit.com/en/articles/2537095
- API: `account.plan.plan_type`, `account.plan.subscriber_limit`, `GET /v4/subscribers` with `include_total_count` (active people),
  `tags[].subscriber_count` (active people only)
"""

from __future__ import annotations

from collections.abc import Iterator

from ckaudit.rule import (
    Confidence,
    Finding,
    Graph,
    Harm,
    Need,
    NotEvaluatedError,
    ObjectRef,
    Options,
    Rule,
    Severity,
    Theme,
    Variant,
    name_list,
)

_LOOK = "Click your account's name at the top right and open Settings → Account & Billing, and look at the plan."

RULE = Rule(
    code="CK107",
    name="plan-limit-exceeded",
    title="The account uses more than its plan has",
    passing="Nothing known exceeds the plan",
    severity=Severity.WARNING,
    theme=Theme.ACCOUNT,
    harm=Harm.MONEY,
    needs=(Need.ACCOUNT,),
    passes_with=(Need.TAGS, Need.FORMS),
    effort_minutes=10,
    variants={
        "several-automations": Variant(
            "More automations are active than the free plan runs",
            Severity.ERROR,
            (
                _LOOK,
                "Upgrade to Creator if you need more than one automation.",
                "Otherwise decide which one people need most: buyers' access comes before a welcome. Leave that one as it is.",
                "Set the others to Inactive. Look first how many people are inside: they stay where they are.",
            ),
        ),
        "events-or-conditions": Variant(
            "An automation uses events or conditions, which the free plan does not have",
            Severity.ERROR,
            (
                _LOOK,
                "Upgrade to Creator if the automations named in this finding need their events and conditions.",
                "Otherwise build them anew without events and conditions, and let the old ones run until nobody is inside: a step that is deleted under people leaves them stuck.",
            ),
        ),
        "several-sequences": Variant(
            "More sequences are active than the free plan has",
            fix=(
                _LOOK,
                "Upgrade to Creator if you need more than one sequence.",
                "Otherwise keep the one people need most, such as the email with the login, and set to Inactive what nobody needs. People in a sequence that is inactive get nothing.",
            ),
        ),
        "hold": Variant(
            "A sequence keeps people after its last email, which the free plan does not offer",
            fix=(
                _LOOK,
                "Upgrade to Creator if people should stay for the emails you write later.",
                "Otherwise open each sequence named in this finding and click Settings. At “Should subscribers added via Visual Automations stay in the email sequence?” choose No, and click Update Email Sequence.",
                "Look what comes behind the sequence in the automation: whoever is on hold may go on to it.",
            ),
        ),
        "over-the-limit": Variant(
            "The account has more people than its plan is for",
            fix=(
                "Click your account's name at the top right and open Settings → Account & Billing, and compare the number of people with the plan.",
                "If the higher price is all right, nothing has to be done: Kit moves the account up by itself. Look at the next invoice.",
                "If not: ask people who have not opened an email for a year whether they want to stay, and remove those who do not answer before the next invoice. Leave buyers in, they need their access.",
            ),
        ),
        "near-the-limit": Variant(
            "The account is close to the limit of its plan",
            Severity.INFO,
            (
                "Click your account's name at the top right and open Settings → Account & Billing, and compare the number of people with the plan.",
                "If the higher price is all right, nothing has to be done: Kit moves the account up by itself.",
                "If not: ask people who have not opened an email for a year whether they want to stay, and remove those who do not answer before the next invoice. Leave buyers in, they need their access.",
            ),
        ),
    },
)

NEAR = 0.9  # of the people a paid plan is for


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each limit."""
    if graph.plan.is_paid:
        yield from _near_the_limit(graph)
    elif graph.plan.is_free:
        for use in graph.paid_uses():
            yield _beyond_free(graph, str(use.feature), use.objects)
        _say_what_is_missing(graph)
    else:
        name = graph.plan.name
        raise NotEvaluatedError(
            f"nobody has described the plan “{name}”" if name else "Kit's answer does not name the plan", (Need.ACCOUNT,)
        )


def _say_what_is_missing(graph: Graph) -> None:
    missing = {} if graph.has_automations else {Need.AUTOMATIONS: "automations"}
    if graph.missing(Need.SEQUENCES):
        missing[Need.SEQUENCES] = "sequences"
    if missing:
        raise NotEvaluatedError(f"on the free plan {' and '.join(missing.values())} count too, and they are not known", tuple(missing))


def _beyond_free(graph: Graph, feature: str, objects: tuple[ObjectRef, ...]) -> Finding:
    names, many = name_list(item.name for item in objects), len(objects) > 1
    match feature:
        case "several-automations":
            text = (
                f"Kit's free plan (CK101) runs one automation, and {len(objects)} are active: {names}. Kit does not say which one goes on; "
                "the others may stand still."
            )
        case "events-or-conditions":
            text = (
                f"{names} {'use' if many else 'uses'} events or conditions. Kit's free plan (CK101) does not have them. Kit does not say what "
                "people meet there; they may stand still."
            )
        case "several-sequences":
            text = (
                f"Kit's free plan (CK101) has one sequence, and {len(objects)} are active: {names}. Kit does not say which one goes on; "
                "the others may send nothing."
            )
        case _:
            text = (
                f"{names} {'keep' if many else 'keeps'} people after the last email, which Kit's free plan (CK101) does not offer. New "
                "emails may not reach them."
            )
    return Finding(
        object=graph.account_object,
        message=text,
        variant=feature,
        confidence=Confidence.LIKELY,
        related=objects,
    )


def _near_the_limit(graph: Graph) -> Iterator[Finding]:
    limit, total = graph.plan.limit, graph.account.info.subscriber_count if graph.account.info else None
    if not limit:
        raise NotEvaluatedError("Kit's answer does not say how many people the plan is for", (Need.ACCOUNT,))
    parts = [graph.object(tag.key) for tag in graph.account.tags] + [graph.object(form.key) for form in graph.account.forms]
    largest = max(parts, key=lambda item: graph.people(item.key) or 0, default=None)
    alone = (graph.people(largest.key) or 0) if largest else 0
    # Kit's counts lag behind one another; a total far below one of its parts is none.
    known = total is not None and total >= NEAR * alone
    people = max(total or 0, alone)
    if people >= NEAR * limit:
        part = None if known else largest
        who = f"the {part.kind} “{part.name}” alone has {people:,}" if part else f"there are {people:,} active subscribers"
        state = "That is more than the plan is for." if people > limit else "The next tier is near."
        yield Finding(
            object=graph.account_object,
            message=f"The {graph.plan.title} plan of this account is for {limit:,} people, and {who}. {state} Kit moves the account up by itself, "
            "and the bill rises.",
            variant="over-the-limit" if people > limit else "near-the-limit",
            related=(part,) if part else (),
            people=people,
        )
    elif not known:
        reason = "the number of subscribers was not read, and no tag or form alone comes near the plan's; one more `ckaudit pull` reads it"
        raise NotEvaluatedError(reason, (Need.ACCOUNT,))
