"""Finds sequences that people need a second time and get only once.

What it finds
-------------
By Kit's default every email of a sequence goes to a person once, however often the person is put in. That is right for most sequences.
This rule looks at those where a second time is to be expected: login and module sequences of offerings, sequences for failed payments, and
sequences of automations that recur (the manifest says so, or they take their own trigger tag off on every way).

It is a warning for subscriptions and payment plans, for failed payments, for a sequence that serves several offerings, and for automations
that recur. For what is paid once it is worth knowing. Free offerings are left alone, and so are automations that the manifest calls not
recurring. A sequence used in several places is CK311.

Why it matters
--------------
A member comes back after half a year, pays, and gets no login email. A card fails a second time, and nobody is told before access ends.
Kit shows no error.

How to fix it in Kit
--------------------
1. Open Send → Email Sequences and choose the sequence named in this finding.
2. Click Settings at the top right.
3. Under Email Sequence Behavior choose “Yes, enable the ability to restart the Email Sequence multiple times”, and click Update Email
   Sequence.
4. Look whether anything may put people in while they are still in it: they begin again with the first email.

When to ignore it
-----------------
Returning members get their login in another way, for example from the membership site.

Sources
-------
- Restarting a sequence: https://help.kit.com/en/articles/5022528
- A second failed payment gets no follow-up: https://kb.accessally.com/tutorials/how-to-follow-up-on-a-failed-payment/ (Kit's restart setting,
  made since, solves it)
- AccessAlly's ConvertKit guide, step 6 (claims S31, S38): https://kb.accessally.com/tutorials/convertkit-automation/
- API: `sequence.repeat`
"""

from __future__ import annotations

from collections.abc import Iterator

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

RULE = Rule(
    code="CK410",
    name="not-repeatable",
    title="A sequence that people need again goes to each of them once",
    passing="Sequences that people need again can be repeated",
    severity=Severity.WARNING,
    theme=Theme.SEQUENCES,
    harm=Harm.MONEY,
    needs=(Need.SEQUENCES, Need.AUTOMATIONS),
    checks=Kind.SEQUENCE,
    effort_minutes=5,
    yields_to=("CK218", "CK311"),
    variants={
        "dunning": Variant("Members whose card fails again are not told"),
        "shared": Variant(
            "Who bought one offering gets no email for the next",
            fix=(
                "Open Send → Email Sequences, find the sequence named in this finding, and choose Duplicate in its three-dot menu: one sequence for each offering.",
                "Open Automate → Visual Automations and choose the copy in the automation of each other offering. Pause the automation while you edit, and set it back to Active.",
                "If one email really serves all: open the sequence, click Settings, choose “Yes, enable the ability to restart the Email Sequence multiple times”, and click Update Email Sequence. Whoever is in the middle begins again with the first email.",
            ),
        ),
        "subscription": Variant("Members who come back do not get the sequence again"),
        "recurring": Variant("An automation that comes round again sends no email the second time"),
        "one-off": Variant("Who buys a second time does not get the sequence again", Severity.INFO),
    },
)

ROLES = (RoleName.DUNNING_SEQUENCE, RoleName.LOGIN_SEQUENCE, RoleName.MODULE_SEQUENCE)


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each active sequence in use that cannot be repeated."""
    for sequence in graph.account.sequences:
        key = sequence.key
        if sequence.repeat or sequence.active is False or _in_several_places(graph, key) or not graph.may_be_fed(key):
            continue
        flows = _flows(graph, key)
        if not flows or any(flow.automation.recurring is not False for flow in flows):
            yield from _judge(graph, key, flows)


def _in_several_places(graph: Graph, key: Key) -> bool:
    """True when different things put people into it, or one automation does so twice on one path. Two branches are one place."""
    causes = graph.uses_of(key)
    nodes = [(cause.flow, cause.node) for cause in causes if cause.flow and cause.node]
    twice = any(other in flow.after(node) for flow, node in nodes for other_flow, other in nodes if other_flow is flow)
    return twice or len({cause.object for cause in causes}) > 1


def _flows(graph: Graph, key: Key) -> tuple[Flow, ...]:
    return tuple(cause.flow for cause in graph.feeders(key) if cause.flow)


def _judge(graph: Graph, key: Key, flows: tuple[Flow, ...]) -> Iterator[Finding]:
    """The strongest reason to expect a second time."""
    served = [item for item in graph.memberships if item.has(key, *ROLES) and not item.is_free]
    dunning = [item for item in graph.memberships if item.has(key, RoleName.DUNNING_SEQUENCE) or _after_failure(item, flows)]
    recurring = next((flow for flow in flows if flow.automation.recurring or _takes_own_tag_off(flow)), None)
    if dunning:
        text = "When a card fails a second time, this member hears nothing before access ends."
        yield _finding(graph, key, "dunning", text, dunning)
    elif len(served) > 1:
        text = f"It serves {name_list(item.name for item in served)}: who has had one of them gets {_nothing(served[0], key)} for the next."
        yield _finding(graph, key, "shared", text, served)
    elif any(item.is_recurring for item in served):
        yield _finding(graph, key, "subscription", f"A member who leaves and comes back gets {_nothing(served[0], key)}.", served)
    elif recurring:
        how = "is meant to recur" if recurring.automation.recurring else "takes its own trigger tag off so that people can come again"
        yield _finding(graph, key, "recurring", f"“{recurring.name}” {how}; the second time they get no email.", [])
    elif served:
        yield _finding(graph, key, "one-off", f"Who gives it back and buys again gets {_nothing(served[0], key)}.", served)


def _after_failure(membership: Membership, flows: tuple[Flow, ...]) -> bool:
    """True when every automation that feeds the sequence starts with a failed payment."""
    failed = membership.keys(RoleName.FAILED_PAYMENT)
    starts = [node.target for flow in flows for node in flow.entries]
    return bool(starts) and all(key in failed for key in starts)


def _takes_own_tag_off(flow: Flow) -> bool:
    """True when its trigger tag comes off on every way, so that it can start again. Off behind a goal ("bought") means: done with."""
    return any(_comes_off(flow, entry) for entry in flow.entries)


def _comes_off(flow: Flow, entry: FlowNode) -> bool:
    removers = flow.removing(entry.on_tag) if entry.on_tag else ()
    return bool(removers) and flow.path_avoiding(entry, lambda node: node in removers) is None


def _nothing(membership: Membership, key: Key) -> str:
    return "no login email" if membership.has(key, RoleName.LOGIN_SEQUENCE) else "no word of the modules"


def _finding(graph: Graph, key: Key, variant: str, text: str, memberships: list[Membership]) -> Finding:
    failed = RoleName.FAILED_PAYMENT if variant == "dunning" else None
    stated = all(item.declared for group in memberships for item in group.assigned if item.key == key or item.role is failed)
    named = graph.object(key)
    place = next((cause.node for cause in graph.feeders(key) if cause.node), None)
    return Finding(
        object=named,
        message=f"“{named.name}” goes to each person once. {text}",
        variant=variant,
        confidence=Confidence.CERTAIN if stated else Confidence.LIKELY,
        path=(place.path_step("skipped the second time"),) if place else (),
        # Kit's default, kept in every sequence: one habit. Of those that harm each is told.
        cause=variant if variant == "one-off" else "",
    )
