"""Finds one “module is ready” sequence that serves several modules.

What it finds
-------------
An automation puts people into the same sequence behind two or more different module tags, and the sequence does not restart
(“Restart several times?” is off, Kit's default).

Why it matters
--------------
Kit sends each email of such a sequence once to a person, ever. Module 1 is announced, all later modules are not. Nothing shows an error.

How to fix it in Kit
--------------------
1. If the email really is the same for all modules: open Send → Email Sequences, choose the sequence named in this finding, and click
   Settings. Choose “Yes, enable the ability to restart the Email Sequence multiple times”, and click Update Email Sequence. That is all.
2. Otherwise make one sequence for each later module there, each with its own email, published.
3. Open Automate → Visual Automations and choose the automation named in this finding. Pause it while you edit.
4. In each later module, look whether people are in the Email Sequence step. Once nobody is, click it and choose that module's sequence.
5. Set the automation back to Active, if it was Active before.

When to ignore it
-----------------
People are meant to hear of the first module only.

Sources
-------
- AccessAlly's ConvertKit guide, step 7: https://kb.accessally.com/tutorials/convertkit-automation/ (claim S37)
- Restarting a sequence: https://help.kit.com/en/articles/5022528
- The API's ``repeat`` of a sequence
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ckaudit.rule import (
    Finding,
    Flow,
    FlowNode,
    Graph,
    Harm,
    Key,
    Kind,
    Membership,
    Need,
    ObservedUse,
    Options,
    RoleName,
    Rule,
    Severity,
    Theme,
)

RULE = Rule(
    code="CK218",
    name="module-sequence-reused",
    title="Only the first module is announced",
    passing="Every module has a sequence of its own",
    severity=Severity.ERROR,
    theme=Theme.ACCESS,
    harm=Harm.LOCKED_OUT,
    needs=(Need.AUTOMATIONS, Need.MEMBERSHIP, Need.SEQUENCES),
    needs_roles=((RoleName.MODULE,),),
    checks=Kind.SEQUENCE,
    effort_minutes=20,
    observed=ObservedUse.JUDGED,
    nothing="no automation adds a module tag",
)


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each sequence that announces two or more modules."""
    seen: set[Key] = set()
    for membership in graph.memberships:
        announced: dict[Key, list[tuple[Flow, FlowNode, Key]]] = {}
        for flow in graph.flows_of(membership):
            for module, mail in _announcements(membership, flow):
                if mail.enrols and module.target:
                    announced.setdefault(mail.enrols, []).append((flow, mail, module.target))
        for sequence, places in announced.items():
            found = graph.lookup.sequence(sequence)
            if found and not found.repeat and sequence not in seen and len({module for _, _, module in places}) > 1:
                seen.add(sequence)
                yield _finding(graph, membership, sequence, places)


def judged(graph: Graph) -> Iterable[Key]:
    """The steps that add a module tag."""
    wanted = set(graph.keys(RoleName.MODULE))
    return [node.key for flow in graph.flows for node in flow.steps if node.adds in wanted]


def _announcements(membership: Membership, flow: Flow) -> Iterator[tuple[FlowNode, FlowNode]]:
    """Each module step with the first sequences behind it."""
    if (flow.acts_on | flow.looks_at).isdisjoint(membership.keys(RoleName.MODULE)):
        return
    modules = [node for node in flow.nodes.values() if flow.gets_tag(node) and membership.has(node.target, RoleName.MODULE)]
    mails = flow.enrolling()
    for module in modules:
        for node in flow.first_after(module, lambda other: other in mails or other in modules):
            if node in mails:
                yield module, node


def _finding(graph: Graph, membership: Membership, sequence: Key, places: list[tuple[Flow, FlowNode, Key]]) -> Finding:
    modules = list(dict.fromkeys(module for _, _, module in places))
    flow, mail, _ = places[1]
    named = graph.object(sequence)
    return Finding(
        object=named,
        message=f"“{named.name}” announces {len(modules)} modules in “{flow.name}”, but Kit sends it to each person once. From the second "
        "module on, nobody hears of it.",
        confidence=membership.confidence(RoleName.MODULE),
        related=(flow.object, *(graph.object(key) for key in modules)),
        path=tuple(node.path_step() for _, node, _ in places),
        people=graph.people(sequence),
        location=mail.location,
    )
