"""Finds webhook tags that an automation adds and does not take off again.

What it finds
-------------
A webhook tag tells your membership site to do something: make a login, read the tags again, release a course. This rule follows every
way people can take behind the step that adds such a tag, until the automation ends, a goal holds them, or the tag is added again. It
reports ways on which the tag stays: no removal at all, a removal only on one branch, a removal behind a goal that most people never
reach, a goal that pulls people past it, another webhook tag taken off by mistake, or the access or purchase tag taken off instead. A
tag that comes off in the same moment it was added is noted too: the call still goes out, but the tag proves nothing afterwards.

A webhook tag that a rule or a form adds is judged in the same way: something has to take it off again.

A removal counts wherever it is done: by a rule or another automation that acts on the same people, over however many hand-overs, or by the
membership site or a shop when the manifest lists it under ``external``. A tag that gives access itself has to stay as long as the access
does: it is left alone when every refund and cancellation takes it off. This rule does not see a removal by hand or by a tool that the
manifest does not list.

Why it matters
--------------
Adding a tag that somebody already has does nothing in Kit. So a webhook tag that stays on a customer works once. The next purchase, the
next module or the next refund adds it again, nothing happens, and nobody is told: a paying customer stands before a locked door, or a
refunded one keeps the course. Taking off the access or purchase tag by mistake is worse: the customer loses what was paid for, at once.

How to fix it in Kit
--------------------
1. Open Automate → Visual Automations and choose the automation named in this finding.
2. Pause it while you edit: people wait where they are and go on when it is Active again.
3. Behind the last step of the part that gives access (usually the welcome sequence), click the “+”.
4. Choose Action → Add or remove tag, and let it remove the webhook tag named in this finding.
5. If nothing that takes time stands between adding and removing it, put an Action → Delay of 5 minutes there.
6. Set the automation back to Active, if it was Active before.

When to ignore it
-----------------
Your site takes the tag off by itself and you have seen it do so: then list the tag under ``external: removes_tags`` for that site, and
this rule is silent. AccessAlly and WP Fusion clean up after themselves when the call succeeds; the guide asks for the removal all the
same, because a call that failed once leaves the tag behind forever.

Sources
-------
- AccessAlly's ConvertKit guide, step 6: https://kb.accessally.com/tutorials/convertkit-automation/ (claims S31, S32). The guide speaks
  of the "Create Login webhook" there although step 5 made a "Release Offering" webhook; following it word for word can remove the wrong
  tag.
- Actions, events and tags in automations: https://help.kit.com/en/articles/2502537, https://help.kit.com/en/articles/2502670
- Adding a tag a person already has answers 200 and changes nothing: https://developers.kit.com/api-reference/tags/tag-a-subscriber
- That an add of a tag already held fires nothing is an inference from the guide's own reason for removing it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ckaudit.rule import (
    WEBHOOK_ROLES,
    Cause,
    Effect,
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
    Signal,
    Theme,
    TriggerKind,
    Variant,
)

_OPEN = "Open Automate → Visual Automations and choose the automation named in this finding."
_PAUSE = "Pause it while you edit: people wait where they are and go on when it is Active again."
_RESUME = "Set the automation back to Active, if it was Active before."

RULE = Rule(
    code="CK201",
    name="webhook-tag-not-removed",
    title="A webhook tag stays on people, so it works only once",
    passing="No webhook tag stays on people where it is needed again",
    severity=Severity.ERROR,
    theme=Theme.ACCESS,
    harm=Harm.LOCKED_OUT,
    needs=(Need.AUTOMATIONS, Need.MEMBERSHIP),
    needs_roles=(WEBHOOK_ROLES,),
    checks=Kind.AUTOMATION,
    effort_minutes=5,
    unseen="a tag that was taken off leaves none",
    people_from=("CK801",),
    counts_passers_by=True,
    nothing="no automation adds a webhook tag",
    variants={
        "never-removed": Variant("A webhook tag stays on people, so it works only once"),
        "one-branch": Variant(
            "A webhook tag comes off on one branch only, and stays on people on another",
            fix=(
                _OPEN,
                _PAUSE,
                "Follow the path in this finding: it leads along a branch on which the tag stays.",
                "Click the “+” at the end of that branch, choose Action → Add or remove tag, and let it remove the webhook tag named in "
                "this finding.",
                "If nothing that takes time stands between adding and removing it, put an Action → Delay of 5 minutes there.",
                _RESUME,
            ),
        ),
        "behind-a-goal": Variant(
            "A webhook tag comes off only behind a goal that most people never reach",
            fix=(
                _OPEN,
                _PAUSE,
                "Click the “+” directly above the goal named in this finding, choose Action → Add or remove tag, and let it remove the "
                "webhook tag.",
                "If nothing that takes time stands between adding and removing it, put an Action → Delay of 5 minutes there.",
                "Leave the removal below the goal where it is: whoever is pulled down from further above still needs it.",
                _RESUME,
            ),
        ),
        "pulled-past": Variant(
            "A goal can pull people past the step that takes the webhook tag off",
            fix=(
                _OPEN,
                _PAUSE,
                "Click the “+” directly behind the goal named in this finding, choose Action → Add or remove tag, and let it remove the "
                "webhook tag.",
                "Leave the other removal where it is. Removing a tag that somebody does not have changes nothing.",
                _RESUME,
            ),
            yields_to=(
                "CK404",
                "CK406",
            ),
        ),
        "added-again": Variant(
            "A webhook tag is added again before it comes off, so the second call is lost",
            fix=(
                _OPEN,
                _PAUSE,
                "Go to the last step of the path in this finding: it adds the tag while people still have it.",
                "Click the “+” directly in front of it, choose Action → Add or remove tag, and let it remove the webhook tag.",
                "If nothing that takes time stands between the first adding and this removal, put an Action → Delay of 5 minutes there.",
                _RESUME,
            ),
        ),
        "other-tag-removed": Variant(
            "Another tag is taken off instead of the webhook tag",
            fix=(
                _OPEN,
                _PAUSE,
                "Click the step that removes the other tag named in this finding. If that was a mistake, choose the webhook tag there "
                "instead.",
                "If both have to come off, leave that step and put a second one behind it that removes the webhook tag.",
                _RESUME,
            ),
        ),
        "access-tag-removed": Variant(
            "The tag that the customer paid for is taken off instead of the webhook tag",
            fix=(
                _OPEN,
                _PAUSE,
                "Click the step that removes the access or purchase tag named in this finding, and choose the webhook tag there instead.",
                _RESUME,
                "Compare the orders in your shop with the people who have the tag (Grow → Subscribers, filter by the tag).",
                "Give it back to the buyers who lack it and were not refunded, and then the webhook tag, so that your site looks again.",
            ),
        ),
        "by-rule": Variant(
            "A rule or form adds a webhook tag that stays on people, so it works only once",
            fix=(
                "Open Automate → Visual Automations and click New automation. Choose Tag is added, and choose the webhook tag named in this "
                "finding.",
                "Click the “+” behind it, choose Action → Delay, and set 5 minutes: a rule cannot wait.",
                "Behind it choose Action → Add or remove tag, and let it remove the webhook tag. Set the automation to Active.",
                "People who have the tag from before: in Grow → Subscribers filter by it and remove it (bulk action). Removing it calls nothing.",
            ),
        ),
        "removed-at-once": Variant(
            "A webhook tag comes off in the same moment, so it never shows whose call failed",
            Severity.INFO,
            fix=(
                _OPEN,
                _PAUSE,
                "Click the “+” between the step that adds the webhook tag and the step that removes it, choose Action → Delay, and set 5 "
                "minutes.",
                _RESUME,
            ),
        ),
    },
)


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each step that adds a webhook tag which is not taken off on every way."""
    seen: set[str] = set()
    told: set[tuple[Key, Key]] = set()
    for membership in graph.memberships:
        for tag in membership.keys(*WEBHOOK_ROLES):
            for flow in graph.flows_of(membership):
                for node in flow.adding(tag):
                    if node.id not in seen and not _owned_elsewhere(graph, membership, flow, node, tag):
                        seen.add(node.id)
                        yield from _judge(graph, membership, flow, node, tag)
            yield from _by_rules(graph, membership, tag, told)


def judged(graph: Graph) -> Iterable[Key]:
    """The steps, rules and forms that add a webhook tag."""
    tags = graph.keys(*WEBHOOK_ROLES)
    wanted = set(tags)
    steps = [node.key for flow in graph.flows for node in flow.steps if node.adds in wanted]
    return [*steps, *(cause.source for tag in tags for cause in _outside_automations(graph, tag))]


def _judge(graph: Graph, membership: Membership, flow: Flow, node: FlowNode, tag: Key) -> Iterator[Finding]:
    path, removers = flow.path_leaving_on(node, tag), flow.removing(tag)
    if path is None:
        if any(_at_once(flow, node, remover) for remover in removers):
            yield _finding(graph, membership, flow, node, tag, "removed-at-once", None)
        return
    held = path.end
    if (
        graph.removed_elsewhere(flow, tag)
        or _ends_with_access(graph, membership, tag)
        or (not held.passes and any(remover in flow.after(held) for remover in removers))
    ):
        return
    yield _finding(graph, membership, flow, node, tag, _variant(membership, flow, node, tag, path), path)


def _ends_with_access(graph: Graph, membership: Membership, tag: Key) -> bool:
    """True for a tag that gives access and calls the site in one, when every refund and cancellation takes it off: it has to stay till then."""
    endings = membership.keys(RoleName.REVOKE, RoleName.CANCEL)
    if not endings or not membership.has(tag, RoleName.ACCESS, RoleName.PURCHASE):
        return False
    ended = (graph.reactions.what_follows(Signal(key, TriggerKind.TAG_ADDED), goals=True, sure=True) for key in endings)
    return all(any(item.cause.effect is Effect.REMOVES_TAG and item.cause.target == tag for item in found) for found in ended)


def _outside_automations(graph: Graph, tag: Key) -> list[Cause]:
    """The rules and forms that add this tag."""
    return [cause for cause in graph.causes.of(Effect.ADDS_TAG, tag) if cause.unit and cause.flow is None]


def _by_rules(graph: Graph, membership: Membership, tag: Key, told: set[tuple[Key, Key]]) -> Iterator[Finding]:
    """Rules and forms that add the tag while nothing that they or their triggers set off takes it off."""
    if any(cause.integrated for cause in graph.causes.of(Effect.REMOVES_TAG, tag)):
        return
    for cause in _outside_automations(graph, tag):
        around: tuple[Cause | Signal, ...] = (cause, *graph.reactions.triggers_of(cause))
        followed = (item.cause for start in around for item in graph.reactions.what_follows(start))
        removed = any(other.effect is Effect.REMOVES_TAG and other.target == tag for other in followed)
        if not removed and (cause.source, tag) not in told:
            told.add((cause.source, tag))
            named = graph.object(tag)
            yield Finding(
                object=cause.object,
                message=f"The {cause.object.kind} “{cause.object.name}” adds the webhook tag “{named.name}”, and nothing takes it off."
                + _consequence(membership, "by-rule"),
                variant="by-rule",
                severity=_severity(membership, "by-rule"),
                confidence=membership.confidence(*WEBHOOK_ROLES),
                related=(named,),
                path=(cause.path_step,),
                location=cause.location,
            )


def _owned_elsewhere(graph: Graph, membership: Membership, flow: Flow, node: FlowNode, tag: Key) -> bool:
    """True when another rule tells this story: a sync tag behind the refund, or one added several times without removal."""
    if not membership.has(tag, RoleName.WEBHOOK_SYNC) or membership.has(tag, RoleName.WEBHOOK_LOGIN, RoleName.WEBHOOK_RELEASE):
        return False
    revoking = {key for item in graph.memberships for key in item.keys(RoleName.REVOKE, RoleName.CANCEL)}
    if membership.is_revoke(flow) or any(above.is_event and above.target in revoking for above in flow.before(node)):
        return True
    adders = flow.adding(tag)
    paths = (flow.path_leaving_on(adder, tag) for adder in adders)
    return any(path is not None and path.end in adders for path in paths)


def _at_once(flow: Flow, node: FlowNode, remover: FlowNode) -> bool:
    span = flow.time_between(node, remover)
    mailed = any(other.enrols and remover in flow.after(other) for other in flow.after(node))
    return span is not None and span.min_seconds == 0 and not span.open_ended and not mailed


def _variant(membership: Membership, flow: Flow, node: FlowNode, tag: Key, path: Path) -> str:
    mistaken = _mistaken(membership, flow, node, tag, path)
    if mistaken:
        return "access-tag-removed" if membership.has(mistaken, RoleName.ACCESS, RoleName.PURCHASE) else "other-tag-removed"
    if path.end in flow.adding(tag):
        return "added-again"
    if not any(remover in flow.after(node) for remover in flow.removing(tag)):
        return "never-removed"
    if path.pulled:
        return "pulled-past"
    return "behind-a-goal" if path.waits else "one-branch"


def _mistaken(membership: Membership, flow: Flow, node: FlowNode, tag: Key, path: Path) -> Key | None:
    """A tag taken off on the way that was probably meant to be this one: access or purchase tags first, then other webhook tags."""
    removed = [key for other in path.nodes if (key := other.removes) and key != tag]
    wrong = [key for key in removed if membership.has(key, RoleName.ACCESS, RoleName.PURCHASE)]
    others = [key for key in removed if membership.has(key, *WEBHOOK_ROLES) and not flow.adding(key)]
    return next(iter(wrong + others), None)


_SENTENCES = {
    "never-removed": "“{flow}” adds the webhook tag “{tag}” and never takes it off.",
    "one-branch": "“{flow}” takes the webhook tag “{tag}” off on one branch only. On the other it stays.",
    "behind-a-goal": "“{flow}” takes the webhook tag “{tag}” off only behind the goal “{goal}”. Most people never get there.",
    "pulled-past": "The goal “{goal}” in “{flow}” can pull people forward past the step that takes the webhook tag “{tag}” off.",
    "added-again": "“{flow}” adds the webhook tag “{tag}” again before it was taken off. The second time nothing happens.",
    "other-tag-removed": "“{flow}” adds the webhook tag “{tag}” but takes off “{other}”, a tag it never added.",
    "access-tag-removed": "“{flow}” takes off “{other}” where the webhook tag “{tag}” should go. “{other}” is what the customer paid for.",
    "removed-at-once": "“{flow}” takes the webhook tag “{tag}” off in the same moment it adds it. The call still goes out, but the tag no "
    "longer shows whose call failed.",
}


def _finding(graph: Graph, membership: Membership, flow: Flow, node: FlowNode, tag: Key, variant: str, path: Path | None) -> Finding:
    other = _mistaken(membership, flow, node, tag, path) if path else None
    named = graph.object(tag)
    message = _SENTENCES[variant].format(
        flow=flow.name,
        tag=named.name,
        goal=next((stop.label for stop in reversed(path.nodes) if stop.is_event), "") if path else "",
        other=graph.object(other).name if other else "",
    )
    return Finding(
        object=flow.object,
        message=message + _consequence(membership, variant),
        variant=variant,
        severity=_severity(membership, variant),
        confidence=membership.confidence(*WEBHOOK_ROLES),
        related=(named, *((graph.object(other),) if other else ())),
        path=path.steps({node.id: "adds the webhook tag"}) if path else (node.path_step("adds the webhook tag"),),
        location=node.location,
    )


def _consequence(membership: Membership, variant: str) -> str:
    if variant == "removed-at-once":
        return ""
    if variant == "access-tag-removed":
        return " They lose it at once, and the webhook tag stays on them."
    if membership.stack.removes_own_tags:
        site = membership.site
        return f" {site} usually removes it by itself. If that fails once, the next purchase or module never reaches this customer."
    return " Adding it again does nothing, so the next purchase, module or refund never reaches your site."


def _severity(membership: Membership, variant: str) -> Severity | None:
    if variant == "removed-at-once":
        return None
    stays = membership.stack.removes_own_tags is False or variant == "access-tag-removed"
    return Severity.ERROR if stays else Severity.WARNING
