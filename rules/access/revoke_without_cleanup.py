"""Finds webhook tags that stay on people after a refund.

What it finds
-------------
Behind the goal or entry on a revoke or cancel tag, an automation adds the webhook tag that makes your site read the tags again, and
never takes it off. Removal by a rule, another automation on the same people, or a site listed under ``external`` counts.

Why it matters
--------------
Adding a tag that somebody already has does nothing. When this customer comes back, buys again and is refunded or cancelled again, the
webhook tag is still there and your site is not told. The first refund works, the second does not, and nobody finds out why.

How to fix it in Kit
--------------------
1. Open Automate → Visual Automations and choose the automation named in this finding.
2. Pause it while you edit: people wait where they are and go on when it is Active again.
3. Click the “+” behind the step that adds the webhook tag, choose Action → Delay, and set 5 minutes.
4. Behind it, choose Action → Add or remove tag, and let it remove the same webhook tag.
5. Set the automation back to Active, if it was Active before.

When to ignore it
-----------------
Your site takes the tag off by itself and you have seen it do so: list the tag under ``external: removes_tags``.

Sources
-------
- AccessAlly's ConvertKit guide, step 8 (it stops after adding the tag): https://kb.accessally.com/tutorials/convertkit-automation/
  (claims S42, S43)
- AccessAlly's older page ends with "5-minute delay, remove the webhook tag":
  https://kb.accessally.com/tutorials/revoke-content-access-convertkit/
- Adding a tag a person already has changes nothing: https://developers.kit.com/api-reference/tags/tag-a-subscriber
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ckaudit.rule import (
    WEBHOOK_ROLES,
    Finding,
    Flow,
    FlowNode,
    Graph,
    Harm,
    Key,
    Kind,
    Membership,
    Need,
    Options,
    Path,
    RoleName,
    Rule,
    Severity,
    Theme,
)

RULE = Rule(
    code="CK209",
    name="revoke-without-cleanup",
    title="The webhook tag stays after a refund, so the next refund is lost",
    passing="Webhook tags come off again after a refund",
    severity=Severity.WARNING,
    theme=Theme.ACCESS,
    harm=Harm.LEAK,
    needs=(Need.AUTOMATIONS, Need.MEMBERSHIP),
    needs_roles=((RoleName.REVOKE, RoleName.CANCEL), WEBHOOK_ROLES),
    checks=Kind.AUTOMATION,
    effort_minutes=5,
    unseen="a tag that was taken off leaves none",
    people_from=("CK808",),
    yields_to=("CK216",),
    counts_passers_by=True,
    nothing="no automation listens to a revoke or cancel tag",
)


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each step behind a refund that adds a webhook tag for good."""
    seen: set[str] = set()
    for membership in graph.memberships:
        ends = membership.keys(RoleName.REVOKE, RoleName.CANCEL)
        for flow in graph.flows_of(membership):
            starts = [node for key in ends for node in flow.listening_to(key)]
            behind = {node.id for start in starts for node in flow.after(start)}
            for tag in membership.keys(*WEBHOOK_ROLES):
                for node in flow.adding(tag):
                    if node.id in behind and node.id not in seen and not _login_only(membership, flow, tag, node):
                        seen.add(node.id)
                        yield from _judge(graph, membership, flow, node, tag)


def judged(graph: Graph) -> Iterable[Key]:
    """The entries and events on a revoke or cancel tag."""
    wanted = set(graph.keys(RoleName.REVOKE, RoleName.CANCEL))
    return [node.key for flow in graph.flows for node in (*flow.events, *flow.entries) if node.on_tag in wanted]


def _login_only(membership: Membership, flow: Flow, tag: Key, node: FlowNode) -> bool:
    """A create-login or release tag behind a revoke entry of a release automation belongs to the release, not to the refund."""
    goals = [above for above in flow.before(node) if above.is_event]
    return not membership.has(tag, RoleName.WEBHOOK_SYNC, RoleName.WEBHOOK_REVOKE) and not goals and not membership.is_revoke(flow)


def _judge(graph: Graph, membership: Membership, flow: Flow, node: FlowNode, tag: Key) -> Iterator[Finding]:
    path = flow.path_leaving_on(node, tag)
    if path and not graph.removed_elsewhere(flow, tag):
        yield _finding(graph, membership, flow, node, tag, path)


def _finding(graph: Graph, membership: Membership, flow: Flow, node: FlowNode, tag: Key, path: Path) -> Finding:
    named, site = graph.object(tag), membership.site
    cleans = f" {site} usually removes it by itself; if that fails once, it stays." if membership.stack.removes_own_tags else ""
    return Finding(
        object=flow.object,
        message=f"After a refund “{flow.name}” adds “{named.name}” and never takes it off. Should this customer buy and be refunded "
        f"again, {site} is not told.{cleans}",
        confidence=membership.confidence(RoleName.REVOKE, *WEBHOOK_ROLES),
        related=(named,),
        path=path.steps({node.id: "adds the webhook tag"}),
        location=node.location,
        cause=f"tag {tag.id}",
    )
