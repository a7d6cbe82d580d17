"""What follows a step that opens a module or the whole course: is the site called, and when."""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping
from functools import partial

import msgspec

from ckaudit.graph.causes import Cause
from ckaudit.graph.flow import Flow
from ckaudit.graph.membership import Membership
from ckaudit.graph.nodes import FlowNode
from ckaudit.graph.paths import Path, Span
from ckaudit.graph.reactions import Reactions
from ckaudit.graph.signals import Signal, signal_of
from ckaudit.model.roles import TAG_READERS, RoleName
from ckaudit.model.steps import Effect

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


def bad_releases(reactions: Reactions, membership: Membership, flow: Flow) -> Iterator[Release]:
    """Every step that adds an access or module tag of this offering whose site is not called in time and in order.

    A step calls the site when it adds a tag that does, or when everybody who comes to it gets such a tag through what it sets off.
    """
    if flow.acts_on.isdisjoint(membership.keys(RoleName.ACCESS, RoleName.MODULE)):
        return
    # a release operation on the entry tag gives access by itself: an access tag added beside it is only a record
    roles = (RoleName.MODULE,) if _released_at_entry(membership, flow) else (RoleName.ACCESS, RoleName.MODULE)
    opening = [node for node in flow.steps if membership.has(node.adds, *roles)]
    calling = reactions.steps_causing(flow, lambda cause: _calls(membership, cause)) if opening else {}
    calls = [node for node in flow.steps if node.id in calling]
    for node in opening:
        release = _judge(membership, flow, node, opening, calls, calling)
        if release and release.problem is ReleaseProblem.NEVER and _told_for_some(reactions, membership, flow, node, opening, calls):
            release = msgspec.structs.replace(release, problem=ReleaseProblem.ONE_BRANCH)
        if release and not (release.problem in _UNTOLD and _told_beside(reactions, membership, flow, node)):
            yield release


_UNTOLD = (ReleaseProblem.NEVER, ReleaseProblem.ONE_BRANCH)


def _released_at_entry(membership: Membership, flow: Flow) -> bool:
    released = [membership.has(node.target, RoleName.WEBHOOK_RELEASE) for node in flow.entries]
    return bool(released) and all(released)


def _calls(membership: Membership, cause: Cause) -> bool:
    return cause.effect is Effect.ADDS_TAG and membership.has(cause.target, *TAG_READERS)


def _told_for_some(
    reactions: Reactions, membership: Membership, flow: Flow, node: FlowNode, opening: list[FlowNode], calls: list[FlowNode]
) -> bool:
    """True when this step, or one behind it, hands over to something that calls the site for some people only."""
    calling = reactions.steps_causing(flow, lambda cause: _calls(membership, cause), sure=False)
    some = [other for other in flow.steps if other.id in calling and other not in calls]
    return node in some or _calls_on_some_path(flow, node, opening, some)


def _told_beside(reactions: Reactions, membership: Membership, flow: Flow, node: FlowNode) -> bool:
    """True when, whichever way people came in, something else that this set off calls the site no sooner than this step, and in time."""
    here = flow.time_between(flow.start, node)
    ways_in = [signal_of(entry.trigger) for entry in flow.entries if entry.trigger] or [Signal(flow.key)]
    return here is not None and not here.open_ended and all(_called_beside(reactions, membership, flow, here, way) for way in ways_in)


def _called_beside(reactions: Reactions, membership: Membership, flow: Flow, here: Span, way_in: Signal) -> bool:
    """By what listens to the same signal, or by what comes behind every step that starts this automation."""
    beside = (item for item in reactions.what_follows(way_in, sure=True) if item.cause.flow is not flow and _calls(membership, item.cause))
    if any(_in_time(here, item.span) for item in beside):
        return True
    starters = reactions.causes_of(way_in)
    return bool(starters) and all(_called_behind(reactions, membership, here, cause) for cause in starters)


def _called_behind(reactions: Reactions, membership: Membership, here: Span, starter: Cause) -> bool:
    flow, node = starter.flow, starter.node
    if flow is None or node is None:
        return False
    for name, seconds in reactions.steps_causing(flow, lambda cause: _calls(membership, cause)).items():
        span = flow.time_between(node, flow.nodes[name])
        sure = flow.path_avoiding(node, partial(_is_named, name)) is None
        if span and sure and _in_time(here, Span(span.min_seconds + seconds, span.max_seconds + seconds, span.open_ended)):
            return True
    return False


def _is_named(name: str, node: FlowNode) -> bool:
    return node.id == name


def _in_time(tag: Span, call: Span) -> bool:
    return not call.open_ended and call.min_seconds >= tag.max_seconds and call.max_seconds <= tag.min_seconds + SOON


def _judge(
    membership: Membership, flow: Flow, node: FlowNode, opening: list[FlowNode], calls: list[FlowNode], calling: Mapping[str, int]
) -> Release | None:
    silent = None if node in calls else _silent_path(flow, node, opening, calls)
    if silent:
        before = _called_just_before(flow, node, calls)
        if before:
            return Release(flow, node, ReleaseProblem.BEFORE, silent, before)
        partly = any(other in calls for other in flow.after(node)) and _calls_on_some_path(flow, node, opening, calls)
        return Release(flow, node, ReleaseProblem.ONE_BRANCH if partly else ReleaseProblem.NEVER, silent)
    mail = None if node in calls else flow.path_avoiding(node, lambda other: other in calls, until=lambda other: _mails(membership, other))
    if mail:
        return Release(flow, node, ReleaseProblem.EMAIL_FIRST, mail, mail.end)
    own = [calling[node.id]] if node in calls else []
    spans = ((call, flow.time_between(node, call, avoiding=lambda other: other in calls)) for call in calls)
    late = max((*own, *(span.min_seconds + calling[call.id] for call, span in spans if span and not own)), default=0)
    if late > SOON:
        before = _called_just_before(flow, node, calls)
        return Release(flow, node, ReleaseProblem.BEFORE if before else ReleaseProblem.LATE, None, before, late)
    return _email_at_once(membership, flow, node, opening, calls, calling)


def _silent_path(flow: Flow, node: FlowNode, opening: list[FlowNode], calls: list[FlowNode]) -> Path | None:
    """A path on which nothing calls the site until the next module that opens later, or until the end.

    Tags added in the same stretch may share one call, so only the last of them is asked.
    """
    to_next = flow.path_avoiding(node, lambda other: other in calls, until=lambda other: other in opening)
    if to_next and to_next.end not in calls:
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


def _email_at_once(
    membership: Membership, flow: Flow, node: FlowNode, opening: list[FlowNode], calls: list[FlowNode], calling: Mapping[str, int]
) -> Release | None:
    """The email follows the call without a delay: the site may still be working."""
    for call in calls:
        if call is not node and flow.time_between(node, call, avoiding=lambda other: other in opening) is None:
            continue
        path = flow.path_avoiding(call, lambda other: other in opening, until=lambda other: _mails(membership, other))
        if path:
            span = flow.time_between(call, path.end)
            if span and span.min_seconds <= calling[call.id] and not span.open_ended:
                return Release(flow, node, ReleaseProblem.EMAIL_AT_ONCE, path, path.end)
    return None
