"""Finds conditions whose answer never changes.

What it finds
-------------
A condition (or a path of a split) on a tag that every way to it has just added, or just removed; an entry on the tag counts as adding it.
A condition on a field that every way has just set or cleared: ``is``, ``contains``, ``known`` and ``blank``. If something known could have changed it in the meantime, while people
waited in a delay, a sequence or in front of a goal, the rule is silent.

And a condition (or path) on a tag that nobody has and nothing known adds, where the manifest says that it is complete. Where it does not
say so, a condition on such a tag is not judged. Kit's advanced filters, openings, and numbers that are compared are not looked at.

Why it matters
--------------
One side of the condition is dead. Whoever built it believes that it tells people apart, and it does not: everybody gets the same.

How to fix it in Kit
--------------------
1. Open Automate → Visual Automations and choose the automation named in this finding.
2. Pause it while you edit: people wait where they are and go on when it is Active again.
3. Move the condition in front of the step that adds the tag, or let it look at the tag that was meant.
4. If it has no purpose: remove it when nobody waits behind it, and keep the steps of the side that everybody takes.
5. Set the automation back to Active, if it was Active before.

When to ignore it
-----------------
Something outside Kit changes the tag in the meantime: list it under ``external``.

Sources
-------
- Conditions look once, when the person arrives: https://help.kit.com/en/articles/2502665
- Actions run in order: https://help.kit.com/en/articles/2502537
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ckaudit.rule import (
    Cause,
    Confidence,
    Effect,
    Finding,
    Flow,
    FlowNode,
    Graph,
    Key,
    Kind,
    Need,
    NotEvaluatedError,
    ObservedUse,
    Options,
    RoleName,
    Rule,
    Severity,
    Theme,
    Variant,
    name_list,
    steps,
)

_CHOOSE = "Open Automate → Visual Automations and choose the automation named in this finding."
_PAUSE = "Pause it while you edit: people wait where they are and go on when it is Active again."
_NO_PURPOSE = "If it has no purpose: remove it when nobody waits behind it, and keep the steps of the side that everybody takes."
_RESUME = "Set the automation back to Active, if it was Active before."

RULE = Rule(
    code="CK312",
    name="condition-always-the-same",
    title="A condition sends everybody the same way",
    passing="Every condition on a tag or on a field's value can go either way",
    severity=Severity.WARNING,
    theme=Theme.AUTOMATIONS,
    needs=(Need.AUTOMATIONS,),
    checks=Kind.AUTOMATION,
    effort_minutes=10,
    observed=ObservedUse.SILENCES,
    unseen="conditions leave none",
    unsure_beside=("CK324 clicked", "CK324 opened"),
    nothing="no automation has a condition on a tag, or on what a field is",
    variants={
        "always-yes": Variant("Everybody who comes to a condition has the tag it asks for"),
        "always-no": Variant(
            "Nobody who comes to a condition has the tag it asks for",
            fix=(
                _CHOOSE,
                _PAUSE,
                "Move the condition in front of the step that takes the tag off, or let it look at the tag that was meant.",
                _NO_PURPOSE,
                _RESUME,
            ),
        ),
        "never-held": Variant(
            "A condition asks for a tag that nobody has and nothing adds",
            fix=(
                _CHOOSE,
                "Is the tag named in this finding the one that was meant?",
                _PAUSE,
                "If another one was meant, choose that in the condition. If not, let something add the tag: a rule, your shop, or a step of an automation.",
                _NO_PURPOSE,
                _RESUME,
            ),
        ),
        "field-always-yes": Variant(
            "Everybody who comes to a condition has the value it asks for",
            fix=(
                _CHOOSE,
                _PAUSE,
                "Move the condition in front of the step that sets the field, or let it look at the field that was meant.",
                _NO_PURPOSE,
                _RESUME,
            ),
        ),
        "field-always-no": Variant(
            "Nobody who comes to a condition has the value it asks for",
            fix=(
                _CHOOSE,
                _PAUSE,
                "Move the condition in front of the step that sets the field, or let it look at the field or value that was meant.",
                _NO_PURPOSE,
                _RESUME,
            ),
        ),
    },
)


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each condition or split path that is decided before people arrive."""
    doubtful: list[Key] = []
    for flow in graph.flows:
        for node in flow.steps:
            found = tuple(_judge(graph, flow, node))
            yield from found
            never = [tag for tag in _tags(node) if _is_never_held(graph, tag)] if flow.live and not found else []
            doubtful += never
            if never and graph.closed_world is Confidence.CERTAIN:
                yield _never_held(graph, flow, node, never[0])
    if doubtful and graph.closed_world is not Confidence.CERTAIN:
        names = name_list([graph.object(tag).name for tag in dict.fromkeys(doubtful)])
        why = "nobody has that tag, nothing known adds it, and the manifest may leave out or misspell what does"
        raise NotEvaluatedError(f"a condition asks for {names}: {why}")


def judged(graph: Graph) -> Iterable[Key]:
    """The conditions and splits."""
    return [node.key for flow in graph.flows for node in flow.steps if _tags(node) or _is_comparison(node)]


def _tags(node: FlowNode) -> tuple[Key, ...]:
    """The tags that a condition or split asks for."""
    return tuple(key for key in node.tests if key.kind is Kind.TAG)


def _is_comparison(node: FlowNode) -> bool:
    """True for a condition on a field that values decide, and not the order of numbers."""
    return isinstance(node.step, steps.If) and _meets(node.step.test, "") is not None


def _is_never_held(graph: Graph, tag: Key) -> bool:
    """True for a tag of the account that Kit counts nobody for, that is not new, and that nothing known adds."""
    if graph.people(tag) != 0 or graph.is_young(tag) or graph.causes.of(Effect.ADDS_TAG, tag):
        return False
    waited = any(flow.listening_to(tag) for flow in graph.flows)
    return not waited and tag not in graph.keys(*RoleName)


def _judge(graph: Graph, flow: Flow, node: FlowNode) -> Iterator[Finding]:
    match node.step:
        case steps.If(test=test) if test.ref and test.kind is steps.ConditionKind.TAG:
            yield from _tag(graph, flow, node, test.ref.key, test.ref.name, split=False)
        case steps.If(test=test) if test.ref and test.kind is steps.ConditionKind.FIELD:
            yield from _field(graph, flow, node, test.ref.key, test)
        case steps.Split(paths=paths):
            for side in paths:
                if side.tag:
                    yield from _tag(graph, flow, node, side.tag.key, side.tag.name, split=True)
        case _:
            return


def _tag(graph: Graph, flow: Flow, node: FlowNode, tag: Key, name: str, *, split: bool) -> Iterator[Finding]:
    adders = {step.id for step in flow.adding(tag)} | {entry.id for entry in flow.entered_by(tag)}
    adders |= {event.id for event in flow.waiting_for(tag)}
    removers = {step.id for step in flow.removing(tag)}
    if _always_last(flow, node, adders, removers) and not _changed_meanwhile(graph, flow, node, adders, Effect.REMOVES_TAG, tag):
        what = f"“{flow.name}” asks whether people have “{name}” when everybody who comes here has it already."
        yield _finding(
            graph, flow, node, tag, "always-yes", what + (" Everybody takes this path." if split else " Nobody ever takes the “no” side.")
        )
    elif _always_last(flow, node, removers, adders) and not _changed_meanwhile(graph, flow, node, removers, Effect.ADDS_TAG, tag):
        what = f"“{flow.name}” asks whether people have “{name}” when it has been taken off everybody who comes here."
        yield _finding(
            graph, flow, node, tag, "always-no", what + (" Nobody ever takes this path." if split else " Nobody ever takes the “yes” side.")
        )


def _field(graph: Graph, flow: Flow, node: FlowNode, field: Key, test: steps.Test) -> Iterator[Finding]:
    setters = {step.id: step.step.value for step in flow.doing(Effect.SETS_FIELD, field) if isinstance(step.step, steps.SetField)}
    met = {name: _meets(test, value) for name, value in setters.items()}
    for answer, variant, side in ((True, "field-always-yes", "no"), (False, "field-always-no", "yes")):
        doing = {name for name, meets in met.items() if meets is answer}
        others = setters.keys() - doing
        if _always_last(flow, node, doing, others) and not _changed_meanwhile(graph, flow, node, doing, Effect.SETS_FIELD, field):
            text = f"“{flow.name}” asks whether “{graph.object(field).name}” {_question(test)} when {_done(test, setters, doing)}. Nobody ever takes the “{side}” side."
            yield _finding(graph, flow, node, field, variant, text)


def _meets(test: steps.Test, value: str | None) -> bool | None:
    """Whether a field with this value meets the condition; None where nobody can tell."""
    held, wanted = (value or "").strip().casefold(), (test.value or "").strip().casefold()
    match test.operator:
        case "is":
            return held == wanted
        case "contains":
            return wanted in held
        case "known":
            return bool(held)
        case "blank":
            return not held
        case _:
            return None


def _question(test: steps.Test) -> str:
    return {"is": f"is “{test.value}”", "contains": f"contains “{test.value}”"}.get(test.operator, f"is {test.operator}")


def _done(test: steps.Test, setters: dict[str, str | None], doing: set[str]) -> str:
    values = {setters[name] for name in doing}
    value = next(iter(values)) if len(values) == 1 else None
    if len(values) == 1:
        if value and test.value == value:
            return "it has been set to that for everybody"
        return f"it has been set to “{value}” for everybody" if value else "it has been cleared for everybody"
    return "it has been set for everybody"


def _always_last(flow: Flow, node: FlowNode, doing: set[str], undoing: set[str]) -> bool:
    """On every way to ``node`` one of ``doing`` comes, and none of ``undoing`` after it."""
    if not doing:
        return False
    if any(root.id not in doing and _path_without(flow, root, node, doing) for root in flow.roots):
        return False
    return not any(_path_without(flow, flow.nodes[name], node, doing) for name in undoing)


def _path_without(flow: Flow, start: FlowNode, node: FlowNode, doing: set[str]) -> bool:
    return flow.path_to(start, node, avoiding=lambda other: other.id in doing) is not None


def _changed_meanwhile(graph: Graph, flow: Flow, node: FlowNode, doing: set[str], effect: Effect, target: Key) -> bool:
    """Something known undoes it, and people wait in between, so that it has the time."""
    known: list[Cause] = [cause for cause in graph.causes.of(effect, target) if cause.flow is not flow]
    if not known:
        return False
    return any(_waits_between(flow, flow.nodes[name], node) for name in doing)


def _waits_between(flow: Flow, start: FlowNode, node: FlowNode) -> bool:
    behind = {other.id for other in flow.after(start)}
    return any(other.waits and other.id in behind for other in flow.before(node))


def _never_held(graph: Graph, flow: Flow, node: FlowNode, tag: Key) -> Finding:
    named = graph.object(tag)
    side = "this path" if isinstance(node.step, steps.Split) else "the “yes” side"
    return Finding(
        object=flow.object,
        message=f"“{flow.name}” asks whether people have “{named.name}”. Nobody has it, and nothing known adds it: nobody takes {side}.",
        variant="never-held",
        confidence=Confidence.LIKELY,
        related=(named,),
        path=(node.path_step("always the same answer"),),
        location=node.location,
    )


def _finding(graph: Graph, flow: Flow, node: FlowNode, key: Key, variant: str, text: str) -> Finding:
    doing = [step for step in flow.before(node) if step.target == key and not step.is_condition]
    waited = any(_waits_between(flow, step, node) for step in doing)
    return Finding(
        object=flow.object,
        message=text + (graph.open_world_note if waited else ""),
        variant=variant,
        confidence=graph.closed_world if waited else Confidence.CERTAIN,
        related=(graph.object(key),),
        path=(*(step.path_step() for step in doing[-1:]), node.path_step("always the same answer")),
        location=node.location,
    )
