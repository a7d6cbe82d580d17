"""Finds releases that nobody has ever gone through.

What it finds
-------------
An active automation that gives access, whose login sequence has no subscribers: a warning when people hold the tag that starts it, a note
when nobody does.

Why it matters
--------------
With buyers and no one in the login sequence, something between the purchase and the email does not work, and every one of them is
waiting. Without buyers, the first one is your test.

How to fix it in Kit
--------------------
1. Open Grow → Subscribers, choose a test address of your own that has bought nothing, and add the tag that starts the automation.
2. Open Automate → Visual Automations, choose the automation named in this finding, and watch where the test subscriber stands.
3. Wait for the login email, log in with it, and open the course.
4. Then add the revoke tag, and check that the course closes. At the end take all these tags off the test subscriber.

When to ignore it
-----------------
The tag was given to people before the automation was switched on: earlier holders are not pulled in. Kit's counts lag by some minutes and
count active people only.

Sources
-------
- AccessAlly's ConvertKit guide, step 9, "Now it's a great time to follow our testing guide":
  https://kb.accessally.com/tutorials/convertkit-automation/ (claim S46)
- The API's ``subscriber_count`` of sequences and tags; whether a sequence's count includes people who have finished is not documented
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
)

_OPEN = "Open Automate → Visual Automations and choose the automation named in this finding."

RULE = Rule(
    code="CK230",
    name="release-never-exercised",
    title="Nobody has ever got the login email",
    passing="Every release has been gone through",
    severity=Severity.WARNING,
    theme=Theme.ACCESS,
    harm=Harm.LOCKED_OUT,
    confidence=Confidence.LIKELY,
    needs=(Need.TAGS, Need.SEQUENCES, Need.AUTOMATIONS, Need.MEMBERSHIP),
    needs_roles=((RoleName.LOGIN_SEQUENCE,),),
    checks=Kind.AUTOMATION,
    effort_minutes=15,
    unseen="what nobody went through leaves none",
    people_from=("CK804",),
    nothing="no automation gives access",
    variants={
        "nobody-arrives": Variant(
            "Buyers have started the release, but nobody has ever got the login email",
            fix=(
                _OPEN,
                "Click its steps one after the other and see where people wait. Who got the tag before the automation was Active never "
                "came in.",
                "In Grow → Subscribers, add the tag to a test address of your own, and watch where it stops. Mend that step.",
                "Log in with the email that arrives, and open the course.",
                "Buyers who got nothing: give them the webhook tag by hand (Grow → Subscribers, filter, bulk action), and 5 minutes later"
                " add them to the login sequence.",
            ),
            yields_to=("CK804",),
        ),
        "never-tested": Variant(
            "Nobody has gone through the release yet",
            Severity.INFO,
        ),
    },
)


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each active release whose login sequence is empty."""
    seen: set[int] = set()
    for membership in graph.memberships:
        for flow in graph.flows_of(membership):
            if flow.index in seen or not flow.active or not membership.is_release(flow):
                continue
            mails = [node for node in flow.enrolling() if membership.has(node.target, RoleName.LOGIN_SEQUENCE)]
            if mails and all(_empty(graph, node) for node in mails):
                seen.add(flow.index)
                yield from _judge(graph, membership, flow, mails[0])


def judged(graph: Graph) -> Iterable[Key]:
    """The automations that give access."""
    return [flow.key for flow in graph.releases]


def _empty(graph: Graph, node: FlowNode) -> bool:
    """Nobody is in the sequence, and Kit's delivery numbers, where given, say that nobody ever was."""
    found = graph.lookup.sequence(node.enrols) if node.enrols else None
    ever = found.stats.recipients if found and found.stats else None
    return found is not None and found.subscriber_count == 0 and not ever


def _judge(graph: Graph, membership: Membership, flow: Flow, mail: FlowNode) -> Iterator[Finding]:
    tags = [node.on_tag for node in flow.entries if node.on_tag]
    counts = [(key, count) for key in tags if (count := graph.people(key)) is not None]
    if len(counts) < len(flow.entries) or not counts:
        # an entry without a count (a form, a product) may have let people in unseen
        return
    most = max(counts, key=lambda item: item[1])
    yield _finding(graph, membership, flow, mail, *most)


def _finding(graph: Graph, membership: Membership, flow: Flow, mail: FlowNode, tag: Key, holders: int) -> Finding:
    sequence = graph.object_of(mail)
    named, name = graph.object(tag), flow.name
    people = f"{holders} people have" if holders > 1 else "1 person has"
    text = (
        f"{people} “{named.name}”, which starts “{name}”, but nobody is in “{sequence.name}”. They may be waiting for their login."
        if holders
        else f"Nobody has gone through “{name}” yet. Test it before your first customer does."
    )
    return Finding(
        object=flow.object,
        message=text,
        variant="nobody-arrives" if holders else "never-tested",
        related=(named, sequence),
        people=holders or None,
        path=(mail.path_step("nobody here"),),
        location=flow.automation.location,
    )
