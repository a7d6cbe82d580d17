"""Finds emails that announce a module while it is still locked.

What it finds
-------------
Behind a step that adds an access or module tag, the email sequence comes before the webhook tag that tells the site. As a note, it also
reports an email that follows the webhook tag without any delay.

Why it matters
--------------
“Your next module is ready”, says the email, and the module is locked. Every customer who clicks at once writes to you.

How to fix it in Kit
--------------------
1. Open Automate → Visual Automations and choose the automation named in this finding.
2. Pause it while you edit: people wait where they are and go on when it is Active again.
3. Click the “+” directly in front of the sequence named in this finding, choose Action → Add or remove tag, and let it add the webhook tag
   that makes your site read the tags again.
4. Click the “+” between that step and the sequence, choose Action → Delay, and set 5 minutes.
5. Behind the sequence, leave the step that adds this tag as long as somebody is in the sequence who still needs it. Then let it remove the
   tag instead.
6. Set the automation back to Active, if it was Active before.

When to ignore it
-----------------
The email does not speak of the module, or is sent hours later by its own delay.

Sources
-------
- AccessAlly's ConvertKit guide, step 7, "Finally": https://kb.accessally.com/tutorials/convertkit-automation/ (claim S37). The guide puts
  no delay between webhook tag and email here, although it does in step 6; that is why the missing delay is only a note.
- AccessAlly re-reads tags by itself now and then since version 3.2 (29 November 2023), which softens this finding.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ckaudit.rule import (
    TAG_READERS,
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
)

_OPEN = "Open Automate → Visual Automations and choose the automation named in this finding."
_PAUSE = "Pause it while you edit: people wait where they are and go on when it is Active again."
_RESUME = "Set the automation back to Active, if it was Active before."

RULE = Rule(
    code="CK217",
    name="module-email-before-sync",
    title="The email announces a module that is still locked",
    passing="Modules are open when their email arrives",
    severity=Severity.WARNING,
    theme=Theme.ACCESS,
    harm=Harm.LOCKED_OUT,
    needs=(Need.AUTOMATIONS, Need.MEMBERSHIP),
    needs_roles=((RoleName.MODULE, RoleName.ACCESS), TAG_READERS),
    checks=Kind.AUTOMATION,
    effort_minutes=5,
    unseen="a webhook tag that was taken off leaves none, so an earlier call cannot be ruled out",
    counts_passers_by=True,
    nothing="no automation adds a module or access tag",
    variants={
        "before-sync": Variant("The email announces a module that is still locked"),
        "no-delay": Variant(
            "The email announces a module in the moment in which it opens",
            Severity.INFO,
            fix=(
                _OPEN,
                _PAUSE,
                "Click the “+” between the step that adds the webhook tag and the sequence named in this finding, choose Action → Delay, "
                "and set 5 minutes.",
                _RESUME,
            ),
        ),
    },
)

OWN = {ReleaseProblem.EMAIL_FIRST: "before-sync", ReleaseProblem.EMAIL_AT_ONCE: "no-delay"}


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each automation and way of failing."""
    seen: set[tuple[int, ReleaseProblem]] = set()
    for membership in graph.memberships:
        for flow in graph.flows_of(membership) if membership.calls_site else ():
            bad = graph.bad_releases(membership, flow)
            for problem in OWN if bad else ():
                releases = [item for item in bad if item.problem is problem and not _waits(graph, item)]
                if releases and (flow.index, problem) not in seen:
                    seen.add((flow.index, problem))
                    yield _finding(graph, membership, releases)


def judged(graph: Graph) -> Iterable[Key]:
    """The steps that add a module or access tag."""
    wanted = set(graph.keys(RoleName.MODULE, RoleName.ACCESS))
    return [node.key for flow in graph.flows for node in flow.steps if node.adds in wanted]


def _waits(graph: Graph, release: Release) -> bool:
    """The first email of the sequence waits an hour or more by itself."""
    published = graph.lookup.published(release.other.enrols) if release.other and release.other.enrols else ()
    return bool(published) and published[0].delay_seconds >= 3600


def _finding(graph: Graph, membership: Membership, releases: list[Release]) -> Finding:
    first = releases[0]
    name, site = first.flow.name, membership.site
    tag = graph.object_of(first.node)
    mail = graph.object_of(first.other) if first.other else first.flow.object
    more = f" The same goes for {len(releases) - 1} more." if len(releases) > 1 else ""
    text = {
        ReleaseProblem.EMAIL_FIRST: f"“{name}” sends “{mail.name}” before it tells {site} of “{tag.name}”. The email announces a module that is still locked.",
        ReleaseProblem.EMAIL_AT_ONCE: f"“{name}” sends “{mail.name}” in the same moment in which it tells {site} of “{tag.name}”. Five minutes in between are safer.",
    }[first.problem]
    return Finding(
        object=first.flow.object,
        message=text + more,
        variant=OWN[first.problem],
        confidence=membership.confidence(RoleName.MODULE, RoleName.ACCESS, *TAG_READERS),
        related=(tag, mail),
        path=first.path.steps() if first.path else (),
        location=first.other.location if first.other else first.node.location,
    )
