"""Finds modules that are released in Kit while the membership site is not told.

What it finds
-------------
A step adds an access or module tag, and on some way no webhook tag behind it makes the site read the tags again: none at all, none on
one branch, or only after more than five minutes. Tags that are added together may share one webhook tag behind the last of them. A webhook
tag counts wherever it is added: by a rule or an automation that the step hands over to, over however many hops, by what the same trigger
sets off beside it, or by the automation that started this one. A rule or form that adds an access or module tag is judged in the same way.

It does not see what a tool outside Kit tells the site, nor in which order two things come that start in the same second.

Why it matters
--------------
The tag stands in Kit, the module stays locked on the site. The customer gets “your next module is ready”, clicks, and stands before a
locked door.

How to fix it in Kit
--------------------
1. Open Automate → Visual Automations and choose the automation named in this finding.
2. Pause it while you edit: people wait where they are and go on when it is Active again.
3. Click the “+” directly behind the step that adds the module tag.
4. Choose Action → Add or remove tag, and let it add the webhook tag that makes your site read the tags again.
5. Behind it add a Delay of 5 minutes. The email comes behind this delay, and behind the email a step that removes the webhook tag.
6. Set the automation back to Active, if it was Active before.
7. People who stand before a locked module: give them the webhook tag by hand (Grow → Subscribers, filter by the module tag, bulk action).

When to ignore it
-----------------
Your site reads this tag by other means, for example at every login.

Sources
-------
- AccessAlly's ConvertKit guide, step 7, "it's important to tell AccessAlly to run the update user webhook":
  https://kb.accessally.com/tutorials/convertkit-automation/ (claims S35, S36)
- The webhook is the only way to update an existing user: https://kb.accessally.com/tutorials/user-crm-tag-not-syncing
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ckaudit.rule import (
    TAG_READERS,
    Cause,
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
    Release,
    ReleaseProblem,
    RoleName,
    Rule,
    Severity,
    Theme,
    Variant,
    duration,
)

_OPEN = "Open Automate → Visual Automations and choose the automation named in this finding."
_PAUSE = "Pause it while you edit: people wait where they are and go on when it is Active again."
_RESUME = "Set the automation back to Active, if it was Active before."

RULE = Rule(
    code="CK214",
    name="module-not-synced",
    title="Modules are released in Kit, but the site keeps them locked",
    passing="The site is told of every module",
    severity=Severity.ERROR,
    theme=Theme.ACCESS,
    harm=Harm.LOCKED_OUT,
    needs=(Need.AUTOMATIONS, Need.MEMBERSHIP),
    needs_roles=((RoleName.MODULE, RoleName.ACCESS), TAG_READERS),
    checks=Kind.AUTOMATION,
    effort_minutes=10,
    unseen="a webhook tag that was taken off leaves none, so it cannot be missed in them",
    counts_passers_by=True,
    unsure_beside=("CK226", "CK225", "CK237", "CK238"),
    nothing="no automation adds a module or access tag",
    variants={
        "never": Variant("Modules are released in Kit, but the site keeps them locked"),
        "one-branch": Variant(
            "On one branch modules are released in Kit, but the site keeps them locked",
            fix=(
                _OPEN,
                _PAUSE,
                "Follow the path in this finding: it leads along the branch on which the site is not told.",
                "Click the “+” on that branch, behind the module tag, choose Action → Add or remove tag, and let it add the webhook tag "
                "that makes your site read the tags again.",
                "Behind it add a Delay of 5 minutes, then a step that removes the webhook tag.",
                _RESUME,
                "People who stand before a locked module: give them the webhook tag by hand (Grow → Subscribers, filter by the module "
                "tag, bulk action).",
            ),
        ),
        "by-rule": Variant(
            "A rule releases modules in Kit, but the site keeps them locked",
            fix=(
                "Open Automate → Rules and choose the rule named in this finding.",
                "Add an action that adds the webhook tag that makes your site read the tags again, and save the rule.",
                "Open Automate → Visual Automations, click New automation, choose Tag is added, and choose that webhook tag. Behind it add a "
                "Delay of 5 minutes and a step that removes it, and set it to Active: then it works again next time.",
                "People who stand before a locked module: give them the webhook tag by hand (Grow → Subscribers, filter by the module "
                "tag, bulk action).",
            ),
        ),
        "late": Variant(
            "Modules are released in Kit, and the site hears of it only later",
            fix=(
                _OPEN,
                _PAUSE,
                "Click the “+” directly behind the step that adds the module tag, choose Action → Add or remove tag, and let it add the "
                "webhook tag that makes your site read the tags again.",
                "Behind it add a Delay of 5 minutes, then a step that removes the webhook tag: the later step that adds it works again "
                "then.",
                _RESUME,
            ),
        ),
    },
)

SOON = 300
OWN = (ReleaseProblem.NEVER, ReleaseProblem.ONE_BRANCH, ReleaseProblem.LATE)


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each automation and way of failing; it names the first module and how many more."""
    seen: set[str] = set()
    for membership in graph.memberships:
        for flow in graph.flows_of(membership) if membership.calls_site else ():
            bad = graph.bad_releases(membership, flow)
            for problem in OWN if bad else ():
                releases = [item for item in bad if item.problem is problem and item.node.id not in seen]
                if releases:
                    seen |= {item.node.id for item in releases}
                    yield _finding(graph, membership, releases)
        for cause in _by_rules(graph, membership) if membership.calls_site else ():
            if str(cause.number) not in seen:
                seen.add(str(cause.number))
                yield _rule_finding(graph, membership, cause)


def judged(graph: Graph) -> Iterable[Key]:
    """The steps, rules and forms that add a module or access tag."""
    tags = graph.keys(RoleName.MODULE, RoleName.ACCESS)
    wanted = set(tags)
    steps = [node.key for flow in graph.flows for node in flow.steps if node.adds in wanted]
    return [*steps, *(cause.source for tag in tags for cause in graph.causes.of(Effect.ADDS_TAG, tag) if cause.unit and not cause.flow)]


def _by_rules(graph: Graph, membership: Membership) -> Iterator[Cause]:
    """Rules and forms that add a module or access tag while nothing that they or their triggers set off tells the site in time."""
    for tag in membership.keys(RoleName.MODULE, RoleName.ACCESS):
        for cause in graph.causes.of(Effect.ADDS_TAG, tag):
            if cause.flow or not cause.unit or membership.has(tag, *TAG_READERS):
                continue
            triggers = tuple(graph.reactions.triggers_of(cause))
            released = all(membership.has(trigger.key, RoleName.WEBHOOK_RELEASE) for trigger in triggers)
            told = all(_told(membership, graph.reactions.what_follows(trigger, sure=True)) for trigger in triggers)
            if not released and not told and not _told(membership, graph.reactions.what_follows(cause, sure=True)):
                yield cause


def _told(membership: Membership, found: tuple[Consequence, ...]) -> bool:
    calls = (item for item in found if item.cause.effect is Effect.ADDS_TAG and membership.has(item.cause.target, *TAG_READERS))
    return any(item.span.max_seconds <= SOON and not item.span.open_ended for item in calls)


def _rule_finding(graph: Graph, membership: Membership, cause: Cause) -> Finding:
    named = graph.object(cause.target)
    return Finding(
        object=cause.object,
        message=f"The {cause.object.kind} “{cause.object.name}” adds “{named.name}”, but nothing tells {membership.site}. The module stays locked.",
        variant="by-rule",
        severity=Severity.ERROR,
        confidence=membership.confidence(RoleName.MODULE, RoleName.ACCESS, *TAG_READERS),
        related=(named,),
        path=(cause.path_step,),
        location=cause.location,
    )


def _finding(graph: Graph, membership: Membership, releases: list[Release]) -> Finding:
    first = releases[0]
    name, site = first.flow.name, membership.site
    tags = [graph.object_of(item.node) for item in releases]
    what = f"“{tags[0].name}”" + (f" and {len(tags) - 1} more" if len(tags) > 1 else "")
    text = {
        ReleaseProblem.NEVER: f"“{name}” adds {what}, but no step behind it tells {site}. The module stays locked.",
        ReleaseProblem.ONE_BRANCH: f"“{name}” adds {what} and tells {site} on one branch only. On the other the module stays locked.",
        ReleaseProblem.LATE: f"“{name}” adds {what} and tells {site} only {duration(first.seconds)} later. Until then the module stays locked.",
    }[first.problem]
    live = first.flow.live
    return Finding(
        object=first.flow.object,
        message=text,
        variant=str(first.problem),
        severity=Severity.ERROR if live else Severity.WARNING,
        confidence=membership.confidence(RoleName.MODULE, RoleName.ACCESS, *TAG_READERS),
        related=tuple(tags),
        path=first.path.steps() if first.path else (first.node.path_step(),),
        location=first.node.location,
    )
