"""Finds modules whose site is told too early.

What it finds
-------------
The webhook tag that makes the site read the tags again stands directly in front of the step that adds the module or access tag, and
nothing tells the site afterwards.

Why it matters
--------------
The site looks, sees the old tags, and is content. The new module opens only when something makes it look again. AccessAlly re-reads
tags by itself now and then since version 3.2 (29 November 2023), so there the module may open late rather than never.

How to fix it in Kit
--------------------
1. Open Automate → Visual Automations and choose the automation named in this finding.
2. Pause it while you edit: people wait where they are and go on when it is Active again.
3. Click the “+” directly in front of the step that adds the webhook tag, choose Action → Add or remove tag, and let it add the module tag.
4. Leave the later step that adds the module tag as long as somebody waits between the two. Then delete it: people have the tag by then.
5. Set the automation back to Active, if it was Active before.

When to ignore it
-----------------
Your site waits a while before it reads the tags, and you have seen it open the module in time.

Sources
-------
- AccessAlly's ConvertKit guide, step 7, "Once you've updated this contact's tags": https://kb.accessally.com/tutorials/convertkit-automation/
  (claim S36)
- A wait should follow the webhook: https://kb.accessally.com/tutorials/user-crm-tag-not-syncing
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
)

RULE = Rule(
    code="CK215",
    name="sync-before-module-tag",
    title="The site is told before the module is released",
    passing="The site is told after the module is released",
    severity=Severity.WARNING,
    theme=Theme.ACCESS,
    harm=Harm.LOCKED_OUT,
    needs=(Need.AUTOMATIONS, Need.MEMBERSHIP),
    needs_roles=((RoleName.MODULE, RoleName.ACCESS), TAG_READERS),
    checks=Kind.AUTOMATION,
    effort_minutes=5,
    unseen="a webhook tag that was taken off leaves none, so a later call cannot be ruled out",
    counts_passers_by=True,
    unsure_beside=("CK226", "CK225", "CK237", "CK238"),
    nothing="no automation adds a module or access tag",
)


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each automation that tells the site too early; it names the first module and how many more."""
    seen: set[int] = set()
    for membership in graph.memberships:
        for flow in graph.flows_of(membership) if membership.calls_site else ():
            releases = [item for item in graph.bad_releases(membership, flow) if item.problem is ReleaseProblem.BEFORE]
            if releases and flow.index not in seen:
                seen.add(flow.index)
                yield _finding(graph, membership, releases)


def judged(graph: Graph) -> Iterable[Key]:
    """The steps that add a module or access tag."""
    wanted = set(graph.keys(RoleName.MODULE, RoleName.ACCESS))
    return [node.key for flow in graph.flows for node in flow.steps if node.adds in wanted]


def _finding(graph: Graph, membership: Membership, releases: list[Release]) -> Finding:
    first = releases[0]
    tags = [graph.object_of(item.node) for item in releases]
    teller = first.other.ref.name if first.other and first.other.ref else ""
    more = f" The same goes for {len(tags) - 1} more." if len(tags) > 1 else ""
    lazy = (
        " It may notice later by itself (since version 3.2), but not in time for your email."
        if membership.stack.name == "accessally"
        else ""
    )
    return Finding(
        object=first.flow.object,
        message=f"“{first.flow.name}” adds “{teller}” before “{tags[0].name}”. {membership.site_first} reads the old tags and leaves the module locked."
        f"{lazy}{more}",
        confidence=membership.confidence(RoleName.MODULE, RoleName.ACCESS, *TAG_READERS),
        related=tuple(tags),
        path=((first.other.path_step("tells the site"),) if first.other else ()) + (first.node.path_step("comes too late"),),
        location=first.node.location,
    )
