"""What follows a step that opens a module or the whole course: does the site hear of it, and when."""

from __future__ import annotations

import enum
from collections.abc import Iterator

import msgspec

from ckaudit.graph.flow import Flow, FlowNode
from ckaudit.graph.paths import Way, time_between, way_avoiding
from ckaudit.graph.roles import TAG_READERS, Membership, RoleName
from ckaudit.model.automations import AddTag, Enrol

# a site that is told within five minutes is told in time: Kit's usual shortest delay
SOON = 300


class Telling(enum.StrEnum):
    """How the site hears that a tag was added. The kinds exclude each other."""

    NEVER = "never"
    ONE_BRANCH = "one-branch"
    LATE = "late"
    BEFORE = "before"
    EMAIL_FIRST = "email-first"
    EMAIL_AT_ONCE = "email-at-once"


class Release(msgspec.Struct, frozen=True, eq=False):
    """A step that opens something, and what is wrong with telling the site. ``other`` is the step that comes at the wrong place."""

    flow: Flow
    node: FlowNode
    telling: Telling
    way: Way | None
    other: FlowNode | None = None
    seconds: int = 0


def badly_told(membership: Membership, flow: Flow) -> Iterator[Release]:
    """Every step that adds an access or module tag of this offering whose site does not hear of it in time and in order."""
    if flow.acts_on.isdisjoint(membership.keys(RoleName.ACCESS, RoleName.MODULE)):
        return
    # a release operation on the entry tag gives access by itself: an access tag added beside it is only a record
    roles = (RoleName.MODULE,) if _released_at_entry(membership, flow) else (RoleName.ACCESS, RoleName.MODULE)
    if flow.acts_on.isdisjoint(membership.keys(RoleName.ACCESS, RoleName.MODULE)):
        return
    opening = [node for node in flow.steps if _adds(membership, node, *roles)]
    telling = [node for node in flow.steps if _adds(membership, node, *TAG_READERS)]
    for node in opening:
        if release := _judge(membership, flow, node, opening, telling):
            yield release


def _released_at_entry(membership: Membership, flow: Flow) -> bool:
    released = [node.ref is not None and membership.has(node.ref.key, RoleName.WEBHOOK_RELEASE) for node in flow.entries]
    return bool(released) and all(released)


def _adds(membership: Membership, node: FlowNode, *roles: RoleName) -> bool:
    return isinstance(node.step, AddTag) and membership.has(node.step.tag.key, *roles)


def _judge(membership: Membership, flow: Flow, node: FlowNode, opening: list[FlowNode], telling: list[FlowNode]) -> Release | None:
    silent = _silent_way(flow, node, opening, telling)
    if silent:
        before = _told_just_before(flow, node, telling)
        if before:
            return Release(flow, node, Telling.BEFORE, silent, before)
        partly = any(other in telling for other in flow.after(node)) and _tells_on_some_way(flow, node, opening, telling)
        return Release(flow, node, Telling.ONE_BRANCH if partly else Telling.NEVER, silent)
    mail = way_avoiding(flow, node, lambda other: other in telling, until=lambda other: _mails(membership, other))
    if mail:
        return Release(flow, node, Telling.EMAIL_FIRST, mail, mail.nodes[-1])
    spans = (time_between(flow, node, teller, avoiding=lambda other: other in telling) for teller in telling)
    late = max((span.least for span in spans if span), default=0)
    if late > SOON:
        before = _told_just_before(flow, node, telling)
        return Release(flow, node, Telling.BEFORE if before else Telling.LATE, None, before, late)
    return _email_at_once(membership, flow, node, opening, telling)


def _silent_way(flow: Flow, node: FlowNode, opening: list[FlowNode], telling: list[FlowNode]) -> Way | None:
    """A way on which nothing tells the site until the next module that opens later, or until the end.

    Tags added in the same stretch may share one telling, so only the last of them is asked.
    """
    to_next = way_avoiding(flow, node, lambda other: other in telling, until=lambda other: other in opening)
    if to_next:
        span = time_between(flow, node, to_next.nodes[-1])
        if span and span.greatest > SOON:
            return to_next
    return way_avoiding(flow, node, lambda other: other in telling or other in opening)


def _told_just_before(flow: Flow, node: FlowNode, telling: list[FlowNode]) -> FlowNode | None:
    """A telling in front of the tag with nothing that takes time in between."""
    for teller in telling:
        span = time_between(flow, teller, node)
        if span and span.greatest <= SOON and not span.open_ended:
            return teller
    return None


def _tells_on_some_way(flow: Flow, node: FlowNode, opening: list[FlowNode], telling: list[FlowNode]) -> bool:
    """A telling behind a goal (a refund, say) is none of this release."""
    way = way_avoiding(flow, node, lambda other: other in opening or other.is_event, until=lambda other: other in telling)
    return way is not None and not way.pulled


def _mails(membership: Membership, node: FlowNode) -> bool:
    """A sequence that announces something: any but those that sell, and login emails, which have rules of their own."""
    silent = (RoleName.PITCH_SEQUENCE, RoleName.LOGIN_SEQUENCE)
    return isinstance(node.step, Enrol) and not membership.has(node.step.sequence.key, *silent)


def _email_at_once(membership: Membership, flow: Flow, node: FlowNode, opening: list[FlowNode], telling: list[FlowNode]) -> Release | None:
    """The email follows the telling without a delay: the site may still be working."""
    for teller in telling:
        if time_between(flow, node, teller, avoiding=lambda other: other in opening) is None:
            continue
        way = way_avoiding(flow, teller, lambda other: other in opening, until=lambda other: _mails(membership, other))
        if way:
            span = time_between(flow, teller, way.nodes[-1])
            if span and span.least == 0 and not span.open_ended:
                return Release(flow, node, Telling.EMAIL_AT_ONCE, way, way.nodes[-1])
    return None
