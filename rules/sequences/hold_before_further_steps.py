"""Finds sequences that keep people after the last email although an automation goes on behind them.

What it finds
-------------
A sequence can be set to keep the people an automation put into it: they stay after the last email and get whatever you add later. They
never reach the step behind it. This rule reports such a sequence when steps follow that do something (a tag, another sequence, a field)
and no goal (event) comes before them. Behind a goal people are pulled forward, so that is fine, and so is a sequence that is the last
step. When a webhook tag should have been taken off behind it, the finding names the tag that stays.

When Kit's automations are not known, every sequence that keeps people and has people in it is reported as a possible finding, because only
your eyes can tell what stands behind it.

Why it matters
--------------
Nobody sees it happen: people simply stop. The next module never opens, the offer is never made, the webhook tag stays on and the buyer's
next purchase does not reach your site.

How to fix it in Kit
--------------------
1. Open Send → Email Sequences and choose the sequence named in this finding.
2. Click Settings at the top right.
3. At “Should subscribers added via Visual Automations stay in the email sequence?” choose No, and click Update Email Sequence.
4. Open the automation and look at the sequence: people who show as on hold are counted there. If they do not move on by themselves, do for
   them by hand what the steps behind it would have done (Grow → Subscribers, bulk action).

When to ignore it
-----------------
The sequence is evergreen: you keep adding emails and the steps behind it are not meant to run. Then delete those steps, or put the goal
people should wait for in front of them.

Sources
-------
- Evergreen sequences and "on hold": https://help.kit.com/en/articles/5192801, https://help.kit.com/en/articles/13974216
- Actions wait until the step above them is complete: https://help.kit.com/en/articles/2502537
- API: `sequence.hold` ("subscribers added via Visual Automations stay in the sequence after receiving the last email")
- AccessAlly's ConvertKit guide, steps 6 and 7 (claims S31, S37): https://kb.accessally.com/tutorials/convertkit-automation/
"""

from __future__ import annotations

from collections.abc import Iterator

from ckaudit.rule import (
    WEBHOOK_ROLES,
    Confidence,
    Effect,
    Finding,
    Flow,
    FlowNode,
    Graph,
    Harm,
    Key,
    Kind,
    Need,
    Options,
    Rule,
    Sequence,
    Severity,
    Theme,
    Variant,
    name_list,
)

_CHOOSE = "Open Send → Email Sequences and choose the sequence named in this finding."

RULE = Rule(
    code="CK401",
    name="hold-before-further-steps",
    title="A sequence keeps people, so the steps behind it never run",
    passing="No sequence keeps people away from the steps behind it",
    severity=Severity.ERROR,
    theme=Theme.SEQUENCES,
    harm=Harm.MONEY,
    needs=(Need.SEQUENCES,),
    checks=Kind.SEQUENCE,
    effort_minutes=5,
    variants={
        "steps-never-run": Variant("A sequence keeps people, so the steps behind it never run"),
        "webhook-tag-stays": Variant(
            "A sequence keeps people, so their webhook tag never comes off",
            harm=Harm.LOCKED_OUT,
            fix=(
                _CHOOSE,
                "Click Settings at the top right.",
                "At “Should subscribers added via Visual Automations stay in the email sequence?” choose No, and click Update Email Sequence.",
                "Open the automation and look at the sequence: people who show as on hold are counted there. If they do not move on, take the webhook tag off them by hand (Grow → Subscribers, filter by the tag), so that their next purchase reaches your site.",
            ),
        ),
        "automations-not-known": Variant(
            "A sequence keeps people; steps behind it would never run",
            Severity.WARNING,
            (
                _CHOOSE,
                "Look in which automations it is used. If it is the last step in each of them, nothing has to be done.",
                "Otherwise click Settings. At “Should subscribers added via Visual Automations stay in the email sequence?” choose No, and click Update Email Sequence.",
            ),
        ),
    },
)


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each sequence that keeps people."""
    for sequence in graph.account.sequences:
        if sequence.hold and not graph.has_automations:
            yield from _not_shown(graph, sequence)
        elif sequence.hold:
            places = tuple(_places(graph, sequence.key))
            if places:
                yield _finding(graph, sequence.key, places)


def _places(graph: Graph, key: Key) -> Iterator[tuple[Flow, FlowNode]]:
    """Steps with this sequence that people reach and that others should follow."""
    for cause in graph.uses_of(key):
        flow, node = cause.flow, cause.node
        if flow and node and flow.steps_next(node) and cause.reached:
            yield flow, node


def _finding(graph: Graph, key: Key, places: tuple[tuple[Flow, FlowNode], ...]) -> Finding:
    flow, node = max(places, key=lambda place: bool(_tags_that_stay(graph, *place)))
    lost = flow.steps_next(node)
    staying = _tags_that_stay(graph, flow, node)
    others = list(dict.fromkeys(other.name for other, _ in places if other is not flow))
    named = graph.object(key)
    sentences = [
        f"“{named.name}” keeps people after its last email. In “{flow.name}” they never reach the next steps: {_steps(lost)}.",
        f"{_staying(staying)} on them, and adding it again does nothing." if staying else "",
        f"The same happens in {name_list(others)}." if others else "",
    ]
    doubtful = bool(graph.causes.of(Effect.UNENROLS, key))
    return Finding(
        object=named,
        message=" ".join(filter(None, sentences)),
        variant="webhook-tag-stays" if staying else "steps-never-run",
        confidence=Confidence.LIKELY if doubtful else Confidence.CERTAIN,
        related=tuple(dict.fromkeys(other.object for other, _ in places)),
        path=(node.path_step("people stay here"), *(step.path_step("never runs") for step in lost)),
        people=graph.people(key),
        location=node.location,
    )


def _steps(lost: tuple[FlowNode, ...]) -> str:
    words = [step.label for step in lost]
    return ", ".join(words[:3]) + (f" and {len(words) - 3} more" if len(words) > 3 else "")


def _tags_that_stay(graph: Graph, flow: Flow, node: FlowNode) -> list[str]:
    """Webhook tags that were added above and should come off behind."""
    webhook = graph.keys(*WEBHOOK_ROLES)
    removed = [step.removes for step in flow.steps_next(node) if step.removes]
    above = flow.before(node)
    tags = [tag for tag in removed if tag in webhook and any(adder in above for adder in flow.adding(tag))]
    return [graph.object(key).name for key in dict.fromkeys(tags)]


def _staying(names: list[str]) -> str:
    return f"The webhook tags {name_list(names)} stay" if len(names) > 1 else f"The webhook tag {name_list(names)} stays"


def _not_shown(graph: Graph, sequence: Sequence) -> Iterator[Finding]:
    people = sequence.subscriber_count
    if people == 0:
        return
    count = f"{people} people are in it. " if people else ""
    yield Finding(
        object=graph.object(sequence.key),
        message=f"“{sequence.name}” keeps people after its last email. {count}If an automation goes on behind it, those steps never run. Kit's "
        "API does not show automations, so look whether this sequence is the last step wherever it is used.",
        variant="automations-not-known",
        confidence=Confidence.POSSIBLE,
        people=people,
    )
