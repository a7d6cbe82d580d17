"""Finds one revoke tag that closes several offerings.

What it finds
-------------
A revoke tag that is stated (or recognised) for two or more offerings, and a refund branch that takes away the access or module tags of
another offering. Silent for the parts of one bundle: offerings for which the manifest states the same purchase tags, and no
products of their own.

Why it matters
--------------
Somebody asks for the money back for one course and loses all of them, also the ones that are paid for. That is the angriest support
mail there is.

How to fix it in Kit
--------------------
1. Make one revoke tag for each offering: in AccessAlly the offering's wizard makes it. Elsewhere choose Create a tag in Grow → Subscribers.
2. Open Automate → Visual Automations and choose each automation that listens to the shared tag. Pause it while you edit.
3. Click its goal or entry on the shared tag, and choose the offering's own revoke tag.
4. In your cart or membership site, let each product add its own revoke tag on refund and cancellation.
5. Set the automations back to Active, if they were Active before. Do 2 to 5 in one go, so that no refund falls between.
6. Leave the shared tag on the people who have it: it keeps closed what they were refunded for.

When to ignore it
-----------------
The offerings are sold together only, and your shop adds different purchase tags for them.

Sources
-------
- AccessAlly's ConvertKit guide, step 8, "only used for ... the standalone course", "use it with caution":
  https://kb.accessally.com/tutorials/convertkit-automation/ (claim S40)
- Separate offerings, separate revoke tags: https://kb.accessally.com/tutorials/tagging-allow-access-after-cancellation/
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ckaudit.rule import (
    Confidence,
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
    RoleName,
    Rule,
    Severity,
    Theme,
    Variant,
    name_list,
)

_OPEN = "Open Automate → Visual Automations and choose the automation named in this finding."
_PAUSE = "Pause it while you edit: people wait where they are and go on when it is Active again."
_RESUME = "Set the automation back to Active, if it was Active before."

RULE = Rule(
    code="CK211",
    name="shared-revoke-tag",
    title="A refund for one course closes other courses too",
    passing="No refund for one course closes another that is sold on its own",
    severity=Severity.WARNING,
    theme=Theme.ACCESS,
    harm=Harm.LOCKED_OUT,
    needs=(Need.AUTOMATIONS, Need.MEMBERSHIP),
    needs_roles=((RoleName.REVOKE,),),
    checks=Kind.TAG,
    effort_minutes=20,
    unseen="removed tags leave none",
    nothing="there is no revoke tag",
    variants={
        "shared": Variant("One revoke tag closes several offerings, so a refund for one closes them all"),
        "reaches-over": Variant(
            "A refund for one course takes off a tag of another",
            fix=(
                _OPEN,
                _PAUSE,
                "Click the step shown in the path. If it removes the wrong tag, choose the one of the offering that was refunded.",
                "If it should not remove anything here, delete it.",
                _RESUME,
                "Look who lost the tag and has paid: compare the orders in your shop with the people who have it (Grow → Subscribers, "
                "filter by the tag), and give it back.",
            ),
        ),
    },
)


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each shared revoke tag, and for each refund branch that reaches into another offering."""
    shared: set[Key] = set()
    for membership in graph.memberships:
        for tag in membership.keys(RoleName.REVOKE):
            owners = [other for other in graph.memberships if other.has(tag, RoleName.REVOKE)]
            if len(owners) > 1 and tag not in shared and not _sold_together(owners):
                shared.add(tag)
                yield _shared(graph, tag, owners)
    for membership in graph.memberships:
        for flow, node, other in _reaching(graph, membership):
            yield _reaches(graph, membership, flow, node, other)


def judged(graph: Graph) -> Iterable[Key]:
    """The revoke tags."""
    return graph.keys(RoleName.REVOKE)


def _sold_together(owners: list[Membership]) -> bool:
    """True for the parts of one bundle: none is refunded alone."""
    return all(owners[0].sold_with(owner) for owner in owners[1:])


def _reaching(graph: Graph, membership: Membership) -> Iterator[tuple[Flow, FlowNode, Membership]]:
    """Steps behind this offering's refund that take away what another offering gave."""
    for tag in membership.keys(RoleName.REVOKE):
        for flow in graph.flows_of(membership):
            for start in flow.listening_to(tag):
                for node in flow.after(start):
                    key = node.removes
                    if key and not membership.has(key, RoleName.ACCESS, RoleName.MODULE):
                        for other in graph.memberships:
                            if not other.has(tag, RoleName.REVOKE) and other.has(key, RoleName.ACCESS, RoleName.MODULE):
                                yield flow, node, other


def _shared(graph: Graph, tag: Key, owners: list[Membership]) -> Finding:
    named = graph.object(tag)
    names = name_list(owner.name for owner in owners)
    sure = all(owner.declared(RoleName.REVOKE) for owner in owners)
    return Finding(
        object=named,
        message=f"“{named.name}” closes {names} together. A refund for one of them takes away what was paid for the others.",
        variant="shared",
        confidence=Confidence.CERTAIN if sure else Confidence.LIKELY,
        related=tuple(owner.object for owner in owners),
        people=graph.people(tag),
        location=owners[0].location,
    )


def _reaches(graph: Graph, membership: Membership, flow: Flow, node: FlowNode, other: Membership) -> Finding:
    taken = graph.object_of(node)
    return Finding(
        object=flow.object,
        message=f"A refund of “{membership.name}” takes off “{taken.name}” in “{flow.name}”, which belongs to “{other.name}”. Its "
        "buyers lose what they paid for.",
        variant="reaches-over",
        confidence=Confidence.CERTAIN if membership.declared(RoleName.REVOKE) and other.declared(RoleName.ACCESS) else Confidence.LIKELY,
        related=(taken,),
        path=(node.path_step(),),
        location=node.location,
    )
