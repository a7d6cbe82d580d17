"""Finds logins that open nothing.

What it finds
-------------
A membership whose webhooks make logins but never release anything: no webhook tag for a release operation is stated or visible, and
nothing known adds the access tag of the offering.

Why it matters
--------------
The buyer gets a login, logs in and sees an empty site. A login is not a course.

How to fix it in Kit
--------------------
1. In your membership site, open the webhook generator, choose “Run Custom Operation” and the “Release Offering” of this offering, and bind
   it to a tag of its own.
2. Open Automate → Visual Automations and choose the automation that gives access. Pause it while you edit.
3. Add that tag in front of the delay before the login email, and take it off at the end.
4. Or, where the site goes by tags alone: add the access tag there, followed by the webhook tag that makes the site read the tags.
5. Set the automation back to Active, if it was Active before.
6. Buyers who see nothing: give them the new tag by hand (Grow → Subscribers, filter by the purchase tag, bulk action).

When to ignore it
-----------------
The cart or the site adds the access tag by itself: list it under ``external: adds_tags``.

Sources
-------
- AccessAlly's ConvertKit guide, step 5, "Run Custom Operation ... Release Offering":
  https://kb.accessally.com/tutorials/convertkit-automation/ (claim S24)
- AccessAlly's webhook commands:
  https://kb.accessally.com/tutorials/your-guide-to-http-post-webhook-commands-when-to-use-them/
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ckaudit.rule import (
    AccessModel,
    Effect,
    Finding,
    Graph,
    Harm,
    Key,
    Kind,
    Membership,
    Need,
    ObservedUse,
    Options,
    RoleName,
    Rule,
    Severity,
    Theme,
    Variant,
    name_list,
)

RULE = Rule(
    code="CK231",
    name="webhook-without-release",
    title="Buyers get a login but no course",
    passing="Every login comes with a course",
    severity=Severity.ERROR,
    theme=Theme.ACCESS,
    harm=Harm.LOCKED_OUT,
    needs=(Need.AUTOMATIONS, Need.MEMBERSHIP),
    needs_roles=((RoleName.WEBHOOK_LOGIN,), (RoleName.ACCESS, RoleName.MODULE)),
    checks=Kind.AUTOMATION,
    effort_minutes=15,
    observed=ObservedUse.SILENCES,
    unseen="that nothing opens the course they cannot show",
    people_from=("CK803",),
    counts_passers_by=True,
    nothing="there is no tag that asks for a login",
    variants={
        "nothing-opens": Variant("Buyers get a login but no course"),
        "switched-off": Variant(
            "Buyers get a login, and what opens the course is switched off",
            fix=(
                "Open Automate → Visual Automations (for a rule: Automate → Rules) and choose the one that this finding says is switched "
                "off.",
                "Find out why it was switched off, and whether its tags and steps still fit.",
                "Set it to Active (a rule: switch it on). It acts on what happens from now on.",
                "Buyers since then: in Grow → Subscribers filter by the purchase tag, and give the access tag to those who have paid and "
                "were not refunded.",
            ),
        ),
    },
)


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each offering that makes logins and opens nothing."""
    for membership in graph.memberships:
        access = membership.keys(RoleName.ACCESS, RoleName.MODULE)
        makes = [tag for tag in membership.keys(RoleName.WEBHOOK_LOGIN) if graph.causes.of(Effect.ADDS_TAG, tag)]
        if not makes or not access or _opened_elsewhere(membership):
            continue
        if not any(graph.causes.of(Effect.ADDS_TAG, key) for key in access):
            yield _finding(graph, membership, makes[0], access)


def judged(graph: Graph) -> Iterable[Key]:
    """The tags that ask for a login."""
    return graph.keys(RoleName.WEBHOOK_LOGIN)


def _opened_elsewhere(membership: Membership) -> bool:
    """A release operation, a login tag that also releases, AccessAlly's own order form, or access that does not hang on tags."""
    release = membership.keys(RoleName.WEBHOOK_RELEASE)
    by_tag = membership.stack.access_model is not AccessModel.PLATFORM
    return bool(release) or membership.own_order_form or not by_tag


def _finding(graph: Graph, membership: Membership, maker: Key, access: tuple[Key, ...]) -> Finding:
    named = graph.object(maker)
    asleep = [cause for key in access for cause in graph.causes.of(Effect.ADDS_TAG, key, live=False)]
    stopped = f" “{asleep[0].object.name}” would, but it is switched off." if asleep else ""
    tags = [graph.object(key) for key in access]
    releases = [flow for flow in graph.flows_of(membership) if membership.is_release(flow)]
    return Finding(
        object=releases[0].object if releases else membership.object,
        message=f"“{named.name}” makes a login for buyers of “{membership.name}”, but nothing adds {name_list(tag.name for tag in tags)} and no release "
        f"operation is known.{stopped} They log in and see nothing.{graph.open_world_note}",
        variant="switched-off" if asleep else "nothing-opens",
        confidence=membership.confidence(RoleName.WEBHOOK_LOGIN, RoleName.ACCESS, RoleName.MODULE, best=graph.closed_world),
        related=(named, *tags),
        location=releases[0].automation.location if releases else None,
    )
