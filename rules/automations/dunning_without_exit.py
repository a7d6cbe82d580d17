"""Finds emails about a failed payment that go on when the payment has come in.

What it finds
-------------
A failed-payment tag, or a sequence under ``dunning_sequences``, that leads to emails over a day or more, where nothing known ends them for
who has paid: no goal behind the sequence, nothing that unsubscribes people from it or takes them out of the automation, no tag that the
sequence leaves out, and for single emails days apart no condition between them. Any goal counts, and any such rule, unless it is about a
refund, a cancellation or another failed payment.

Why it matters
--------------
Most failed payments come in within days. Who has given a new card and reads the day after that access ends tomorrow writes to you, or
cancels.

How to fix it in Kit
--------------------
1. Look what your shop does in Kit when the payment comes in: it takes the failed-payment tag off, or adds a tag. Let it do one of them.
2. Open Automate → Visual Automations (for a rule: Automate → Rules) and open what is named in this finding.
3. An automation: pause it while you edit. Behind the sequence click the “+” and choose Event → Tag is removed (the failed-payment tag), or
   Event → Tag is added (the other one): it pulls people out of the sequence above. A rule: make another one that takes people out.
4. Set the automation back to Active, if it was Active before.

When to ignore it
-----------------
Your shop takes people out of the sequence by itself: list it under ``external`` with ``removes_from_sequences``. It does not see whether the
goal is met by what the shop does.

Sources
-------
- Events pull people forward, out of sequences above them: https://help.kit.com/en/articles/2502670
- AccessAlly describes this follow-up: https://kb.accessally.com/tutorials/how-to-follow-up-on-a-failed-payment/
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ckaudit.rule import (
    Cause,
    Confidence,
    Effect,
    Finding,
    FlowNode,
    Graph,
    Key,
    Kind,
    Need,
    Options,
    RoleName,
    Rule,
    Severity,
    Signal,
    Theme,
    TriggerKind,
    duration,
    guards,
    signal_of,
)

RULE = Rule(
    code="CK326",
    name="dunning-without-exit",
    title="Emails about a failed payment go on when it has been paid",
    passing="Paying ends the emails about a failed payment",
    severity=Severity.WARNING,
    theme=Theme.AUTOMATIONS,
    confidence=Confidence.LIKELY,
    needs=(Need.AUTOMATIONS, Need.SEQUENCES, Need.SEQUENCE_EMAILS),
    checks=Kind.SEQUENCE,
    effort_minutes=15,
    unseen="a tag that was taken off leaves none",
    nothing="no failed payment leads to emails over a day or more",
)

DAY = 86400
_NOT_PAID = (RoleName.REVOKE, RoleName.CANCEL, RoleName.PAUSE)


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each sequence, at the first thing that puts people into it."""
    told: set[Key] = set()
    for cause, seconds in _dunning(graph):
        if cause.target not in told and not _ends(graph, cause):
            told.add(cause.target)
            yield _finding(graph, cause, seconds)


def judged(graph: Graph) -> Iterable[Key]:
    """The sequences about failed payments."""
    return list(dict.fromkeys(cause.target for cause, _ in _dunning(graph)))


def _dunning(graph: Graph) -> Iterator[tuple[Cause, int]]:
    """What puts people into such emails, with the planned seconds from the failed payment until the last one."""
    failed, stated = graph.keys(RoleName.FAILED_PAYMENT), graph.keys(RoleName.DUNNING_SEQUENCE)
    for sequence in graph.account.sequences:
        timing = graph.lookup.timing(sequence.key)
        for cause in graph.feeders(sequence.key) if graph.lookup.published(sequence.key) else ():
            if sequence.key not in stated and not _starts_with(graph, cause, failed):
                continue
            seconds = _begins(cause) + timing.planned
            if seconds >= DAY and not (timing.planned < DAY and _asked(cause)):
                yield cause, seconds


def _starts_with(graph: Graph, cause: Cause, failed: tuple[Key, ...]) -> bool:
    """True where only a failed payment leads to it."""
    if cause.integration:
        return cause.integration.on == "failed-payment"
    first = tuple(graph.reactions.triggers_of(cause))
    begun = [signal for signal in first if signal.kind is not None]
    return bool(begun) and all(signal.kind is TriggerKind.TAG_ADDED and signal.key in failed for signal in begun)


def _begins(cause: Cause) -> int:
    """Seconds from the start of its automation to this step."""
    if cause.flow is None or cause.node is None:
        return 0
    spans = (cause.flow.time_between(root, cause.node) for root in cause.flow.roots)
    return min((span.min_seconds for span in spans if span), default=0)


def _asked(cause: Cause) -> bool:
    """True when a condition behind a wait decides who gets it."""
    if cause.flow is None or cause.node is None:
        return False
    conditions = guards.open_conditions(cause.flow, cause.node)
    return any(other.waits for condition in conditions for other in cause.flow.before(condition))


def _ends(graph: Graph, cause: Cause) -> bool:
    """True when something may end the emails for who has paid."""
    own = {cause.target, *((cause.flow.key,) if cause.flow else ())}
    if any(
        _may_be_paying(graph, other) for effect in (Effect.UNENROLS, Effect.STOPS) for key in own for other in graph.causes.of(effect, key)
    ):
        return True
    sequence = graph.lookup.sequence(cause.target)
    if sequence and any(key not in graph.keys(*_NOT_PAID) for key in sequence.excluded_keys):
        return True
    if cause.flow is None or cause.node is None:
        return False
    behind = (node for node in cause.flow.after(cause.node) if node.is_event)
    return any(_is_paying(graph, node) for node in behind)


def _may_be_paying(graph: Graph, cause: Cause) -> bool:
    """True unless only a refund or a cancellation leads to it."""
    begun = [signal for signal in graph.reactions.triggers_of(cause) if signal.kind is not None]
    return cause.integrated or not begun or not all(_is_over(graph, signal) for signal in begun)


def _is_paying(graph: Graph, event: FlowNode) -> bool:
    return event.trigger is not None and event.trigger.kind is not TriggerKind.DATE and not _is_over(graph, signal_of(event.trigger))


def _is_over(graph: Graph, signal: Signal) -> bool:
    return signal.kind is TriggerKind.TAG_ADDED and signal.key in graph.keys(*_NOT_PAID, RoleName.FAILED_PAYMENT)


def _finding(graph: Graph, cause: Cause, seconds: int) -> Finding:
    named = graph.object(cause.target)
    return Finding(
        object=cause.object,
        message=f"“{cause.object.name}” puts people into “{named.name}” when a payment fails, the last of these emails goes out "
        f"{duration(seconds)} later, and nothing known ends them when the payment comes in.{graph.open_world_note}",
        confidence=Confidence.LIKELY if graph.is_complete else Confidence.POSSIBLE,
        severity=Severity.WARNING if graph.is_complete else Severity.INFO,
        related=(named,),
        people=graph.people(cause.target),
        path=(cause.path_step,),
        location=cause.location,
    )
