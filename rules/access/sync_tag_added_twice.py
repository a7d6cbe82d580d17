"""Finds webhook tags that are added again and again without being taken off in between.

What it finds
-------------
An automation adds the same “read the tags again” webhook tag several times on one way, typically once for each module, and does not
take it off in between. Removal by a rule, another automation on the same people, or a site listed under ``external`` counts.

Why it matters
--------------
Adding a tag that somebody already has does nothing. The first module opens; for the second the tag is still there, the site is not told
and the module stays locked. AccessAlly takes the tag off by itself when its call succeeds; after one failed call everything behind it
fails as well.

How to fix it in Kit
--------------------
1. Open Automate → Visual Automations and choose the automation named in this finding.
2. Pause it while you edit: people wait where they are and go on when it is Active again.
3. Click the “+” behind every step that adds the webhook tag, choose Action → Delay, and set 5 minutes.
4. Behind each of these delays choose Action → Add or remove tag, and let it remove the same tag.
5. Set the automation back to Active, if it was Active before.

When to ignore it
-----------------
Your site takes the tag off after every call, and you have seen it: list the tag under ``external: removes_tags``.

Sources
-------
- AccessAlly's ConvertKit guide, step 7 adds the tag for every module and never removes it:
  https://kb.accessally.com/tutorials/convertkit-automation/ (claim S36); step 6 removes the other one "so it can be added again"
- Adding a tag a person already has changes nothing: https://developers.kit.com/api-reference/tags/tag-a-subscriber
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ckaudit.rule import Finding, Flow, FlowNode, Graph, Harm, Key, Kind, Membership, Need, Options, Path, RoleName, Rule, Severity, Theme

RULE = Rule(
    code="CK216",
    name="sync-tag-added-twice",
    title="The site hears of the first module only",
    passing="The webhook tag comes off between two modules",
    severity=Severity.WARNING,
    theme=Theme.ACCESS,
    harm=Harm.LOCKED_OUT,
    needs=(Need.AUTOMATIONS, Need.MEMBERSHIP),
    needs_roles=((RoleName.WEBHOOK_SYNC,),),
    checks=Kind.AUTOMATION,
    effort_minutes=10,
    unseen="of a tag that was added twice they show one time only",
    people_from=("CK801",),
    counts_passers_by=True,
    nothing="no automation adds a sync tag",
)


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each automation and webhook tag."""
    seen: set[tuple[int, Key]] = set()
    for membership in graph.memberships:
        for tag in membership.keys(RoleName.WEBHOOK_SYNC):
            for flow in graph.flows_of(membership):
                path = _added_again(flow, tag)
                if path and (flow.index, tag) not in seen and not graph.removed_elsewhere(flow, tag):
                    seen.add((flow.index, tag))
                    yield _finding(graph, membership, flow, tag, path)


def judged(graph: Graph) -> Iterable[Key]:
    """The steps that add a sync tag."""
    wanted = set(graph.keys(RoleName.WEBHOOK_SYNC))
    return [node.key for flow in graph.flows for node in flow.steps if node.adds in wanted]


def _added_again(flow: Flow, tag: Key) -> Path | None:
    adders, removers = flow.adding(tag), flow.removing(tag)
    paths = (flow.path_avoiding(node, lambda other: other in removers, until=lambda other: other in adders) for node in adders)
    return next((path for path in paths if path and not _held(flow, path, removers)), None)


def _held(flow: Flow, path: Path, removers: tuple[FlowNode, ...]) -> bool:
    """A holding or inactive sequence keeps people in front of the removal: that is another finding."""
    return any(not node.passes and any(remover in flow.after(node) for remover in removers) for node in path.nodes)


def _finding(graph: Graph, membership: Membership, flow: Flow, tag: Key, path: Path) -> Finding:
    named, site = graph.object(tag), membership.site
    cleans = f" {site} usually takes it off by itself; after one failed call it stays." if membership.stack.removes_own_tags else ""
    return Finding(
        object=flow.object,
        message=f"“{flow.name}” adds “{named.name}” {len(flow.adding(tag))} times and does not take it off in between. From the second "
        f"time on nothing happens, and {site} is not told.{cleans}",
        confidence=membership.confidence(RoleName.WEBHOOK_SYNC),
        related=(named,),
        path=path.steps(),
        location=path.end.location,
        cause=f"tag {tag.id}",
    )
