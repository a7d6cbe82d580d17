"""What follows a step that opens a module or the whole course: is the site called, and when."""

from __future__ import annotations

import enum
from collections.abc import Iterator

import msgspec

from ckaudit.graph.flow import Flow
from ckaudit.graph.membership import Membership
from ckaudit.graph.nodes import FlowNode
from ckaudit.graph.paths import Path
from ckaudit.model.roles import TAG_READERS, RoleName

# a site that is called within five minutes is called in time: Kit's usual shortest delay
SOON = 300


class ReleaseProblem(enum.StrEnum):
    """What is wrong with calling the site after a tag was added. The kinds exclude each other."""

    NEVER = "never"
    ONE_BRANCH = "one-branch"
    LATE = "late"
    BEFORE = "before"
    EMAIL_FIRST = "email-first"
    EMAIL_AT_ONCE = "email-at-once"


class Release(msgspec.Struct, frozen=True, eq=False):
    """A step that opens something, and what is wrong with calling the site. ``other`` is the step that comes at the wrong place."""

    flow: Flow
    node: FlowNode
    problem: ReleaseProblem
    path: Path | None
    other: FlowNode | None = None
    seconds: int = 0


def bad_releases(membership: Membership, flow: Flow) -> Iterator[Release]:
    """Every step that adds an access or module tag of this offering whose site is not called in time and in order."""
    if flow.acts_on.isdisjoint(membership.keys(RoleName.ACCESS, RoleName.MODULE)):
        return
    # a release operation on the entry tag gives access by itself: an access tag added beside it is only a record
    roles = (RoleName.MODULE,) if _released_at_entry(membership, flow) else (RoleName.ACCESS, RoleName.MODULE)
    opening = [node for node in flow.steps if _adds(membership, node, *roles)]
    calls = [node for node in flow.steps if _adds(membership, node, *TAG_READERS)]
    for node in opening:
        if release := _judge(membership, flow, node, opening, calls):
            yield release


def _released_at_entry(membership: Membership, flow: Flow) -> bool:
    released = [membership.has(node.target, RoleName.WEBHOOK_RELEASE) for node in flow.entries]
    return bool(released) and all(released)


def _adds(membership: Membership, node: FlowNode, *roles: RoleName) -> bool:
    return membership.has(node.adds, *roles)


def _judge(membership: Membership, flow: Flow, node: FlowNode, opening: list[FlowNode], calls: list[FlowNode]) -> Release | None:
    silent = _silent_path(flow, node, opening, calls)
    if silent:
        before = _called_just_before(flow, node, calls)
        if before:
            return Release(flow, node, ReleaseProblem.BEFORE, silent, before)
        partly = any(other in calls for other in flow.after(node)) and _calls_on_some_path(flow, node, opening, calls)
        return Release(flow, node, ReleaseProblem.ONE_BRANCH if partly else ReleaseProblem.NEVER, silent)
    mail = flow.path_avoiding(node, lambda other: other in calls, until=lambda other: _mails(membership, other))
    if mail:
        return Release(flow, node, ReleaseProblem.EMAIL_FIRST, mail, mail.end)
    spans = (flow.time_between(node, call, avoiding=lambda other: other in calls) for call in calls)
    late = max((span.min_seconds for span in spans if span), default=0)
    if late > SOON:
        before = _called_just_before(flow, node, calls)
        return Release(flow, node, ReleaseProblem.BEFORE if before else ReleaseProblem.LATE, None, before, late)
    return _email_at_once(membership, flow, node, opening, calls)


def _silent_path(flow: Flow, node: FlowNode, opening: list[FlowNode], calls: list[FlowNode]) -> Path | None:
    """A path on which nothing calls the site until the next module that opens later, or until the end.

    Tags added in the same stretch may share one call, so only the last of them is asked.
    """
    to_next = flow.path_avoiding(node, lambda other: other in calls, until=lambda other: other in opening)
    if to_next:
        span = flow.time_between(node, to_next.end)
        if span and span.max_seconds > SOON:
            return to_next
    return flow.path_avoiding(node, lambda other: other in calls or other in opening)


def _called_just_before(flow: Flow, node: FlowNode, calls: list[FlowNode]) -> FlowNode | None:
    """A call in front of the tag with nothing that takes time in between."""
    for call in calls:
        span = flow.time_between(call, node)
        if span and span.max_seconds <= SOON and not span.open_ended:
            return call
    return None


def _calls_on_some_path(flow: Flow, node: FlowNode, opening: list[FlowNode], calls: list[FlowNode]) -> bool:
    """A call behind a goal (a refund, say) is none of this release."""
    path = flow.path_avoiding(node, lambda other: other in opening or other.is_event, until=lambda other: other in calls)
    return path is not None and not path.pulled


def _mails(membership: Membership, node: FlowNode) -> bool:
    """A sequence that announces something: any but those that sell, and login emails, which have rules of their own."""
    silent = (RoleName.PITCH_SEQUENCE, RoleName.LOGIN_SEQUENCE)
    return node.enrols is not None and not membership.has(node.enrols, *silent)


def _email_at_once(membership: Membership, flow: Flow, node: FlowNode, opening: list[FlowNode], calls: list[FlowNode]) -> Release | None:
    """The email follows the call without a delay: the site may still be working."""
    for call in calls:
        if flow.time_between(node, call, avoiding=lambda other: other in opening) is None:
            continue
        path = flow.path_avoiding(call, lambda other: other in opening, until=lambda other: _mails(membership, other))
        if path:
            span = flow.time_between(call, path.end)
            if span and span.min_seconds == 0 and not span.open_ended:
                return Release(flow, node, ReleaseProblem.EMAIL_AT_ONCE, path, path.end)
    return None
