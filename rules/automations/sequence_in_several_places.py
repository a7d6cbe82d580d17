"""Finds sequences that several automations share although they send only once.

What it finds
-------------
A sequence that two or more automations, rules or forms fill, or that comes twice on one way through an automation, while “Restart several
times?” is off (Kit's default). With that switch on it is a note, because people in the middle start again. All that only timestamps show
counts as one place, and only beside one that the manifest lists: it may be one automation with several entries.

Why it matters
--------------
Kit sends each email of such a sequence once to a person, ever. Whoever got it through the first automation gets nothing in the second.
The step seems to work and sends nothing: a second purchase brings no login email.

How to fix it in Kit
--------------------
1. Open Send → Email Sequences and choose the sequence named in this finding.
2. Decide whether people should get it each time, or be mailed once.
3. Each time: click Settings, choose “Yes, enable the ability to restart the Email Sequence multiple times”, and click Update Email
   Sequence. Whoever is in the middle then begins again with the first email.
4. Otherwise choose Duplicate in its three-dot menu, and give the copy a name of its own.
5. Open Automate → Visual Automations, and choose the copy in all but one of the places named in this finding (a rule: Automate → Rules).

When to ignore it
-----------------
Nobody can get there through both, or getting it once in a lifetime is what you want, for example a newsletter welcome.

Sources
-------
- Restarting a sequence: https://help.kit.com/en/articles/5022528
- The API's ``repeat`` of a sequence; AccessAlly's guide says nothing about it
"""

from __future__ import annotations

from collections.abc import Iterator

from ckaudit.rule import (
    Cause,
    Finding,
    Flow,
    FlowNode,
    Graph,
    Key,
    Kind,
    Need,
    ObjectRef,
    ObservedUse,
    Options,
    RoleName,
    Rule,
    Sequence,
    Severity,
    Theme,
    Variant,
    name_list,
)

_CHOOSE = "Open Automate → Visual Automations and choose the automation named in this finding."

RULE = Rule(
    code="CK311",
    name="sequence-in-several-places",
    title="A sequence is used in several places but sends only once",
    passing="No sequence that sends once is used in several places",
    severity=Severity.WARNING,
    theme=Theme.AUTOMATIONS,
    needs=(Need.SEQUENCES, Need.AUTOMATIONS),
    checks=Kind.SEQUENCE,
    effort_minutes=15,
    observed=ObservedUse.JUDGED,
    yields_to=("CK218",),
    variants={
        "several-places": Variant("A sequence is used in several places but sends only once"),
        "twice-on-one-way": Variant(
            "An automation uses a sequence twice, but it sends only once",
            fix=(
                _CHOOSE,
                "Look at the two steps shown in the path. If the second is there by mistake, take it out when nobody is inside it.",
                "If people should get the emails again: open Send → Email Sequences, choose Duplicate in the sequence's three-dot menu, and give the copy a name of its own.",
                "In the second step of the automation, choose the copy.",
            ),
        ),
        "several-places-restarting": Variant(
            "A sequence begins again when people come from another place",
            Severity.INFO,
            (
                "Look whether one person can come through several of the places named in this finding while the emails still go out. If not, nothing has to be done.",
                "If they should get it only once: open Send → Email Sequences, choose the sequence and click Settings. Under Email Sequence Behavior take the restart away, and click Update Email Sequence.",
                "If each place should mail them, without beginning again in the middle: choose Duplicate in the sequence's three-dot menu, give the copy a name of its own, and choose it in all but one of the places (Automate → Visual Automations, or Automate → Rules).",
            ),
        ),
        "begins-again": Variant(
            "People in the middle of a sequence are sent back to its first email",
            Severity.WARNING,
            (
                "Look whether one person can come through several of the places named in this finding while the emails still go out. If not, nothing has to be done.",
                "If they should go on where they are: open Send → Email Sequences, choose the sequence and click Settings. Under Email Sequence Behavior take the restart away, and click Update Email Sequence.",
                "If each place should mail them, without beginning again in the middle: choose Duplicate in the sequence's three-dot menu, give the copy a name of its own, and choose it in all but one of the places (Automate → Visual Automations, or Automate → Rules).",
            ),
        ),
        "twice-on-one-way-restarting": Variant(
            "An automation uses a sequence twice, and the second time it begins again",
            Severity.INFO,
            (
                _CHOOSE,
                "Look at the two steps shown in the path. If people should get the same emails again there, nothing has to be done.",
                "If the second is there by mistake, take it out when nobody is inside it.",
            ),
        ),
    },
)

DAY = 86400
SERIES = 3  # emails: fewer are a delivery or a notice, which may well come again
# people pay for these: not getting them a second time locks customers out
PAID_FOR = (RoleName.LOGIN_SEQUENCE, RoleName.MODULE_SEQUENCE, RoleName.DUNNING_SEQUENCE)


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each sequence that is filled from several places."""
    for sequence in graph.account.sequences:
        key = sequence.key
        causes = graph.uses_of(key)
        places = _places(causes)
        twice = _twice_on_one_way(causes)
        if len(places) > 1:
            names = name_list(place.name for place in places)
            yield _finding(graph, sequence, key, causes, "several-places", f"{names} put people into “{sequence.name}”.")
        elif twice:
            flow, node = twice
            yield _finding(
                graph,
                sequence,
                key,
                causes,
                "twice-on-one-way",
                f"“{flow.name}” puts people into “{sequence.name}” twice.",
                node,
            )


def _places(causes: tuple[Cause, ...]) -> list[ObjectRef]:
    """Different things that fill the sequence. All that only timestamps show is one of them: it may be one automation with several entries."""
    stated = dict.fromkeys(cause.object for cause in causes if not cause.observed)
    seen = dict.fromkeys(cause.object for cause in causes if cause.observed)
    return [*stated, *list(seen)[:1]]


def _twice_on_one_way(causes: tuple[Cause, ...]) -> tuple[Flow, FlowNode] | None:
    """Two steps of one automation that one person passes one after the other; two branches are no such case."""
    for cause in causes:
        node = _next_enrolment(cause, causes)
        if cause.flow and node:
            return cause.flow, node
    return None


def _next_enrolment(cause: Cause, causes: tuple[Cause, ...]) -> FlowNode | None:
    """The next step behind this one that fills the same sequence."""
    if cause.flow is None or cause.node is None:
        return None
    others = {other.node.id for other in causes if other.node and other.flow is cause.flow and other is not cause}
    path = cause.flow.path_avoiding(cause.node, lambda node: False, until=lambda node: node.id in others)
    return path.end if path else None


def _harmed_by_restart(graph: Graph, key: Key, causes: tuple[Cause, ...]) -> bool:
    """True when somebody in the middle of days of emails begins again with the first one, and no condition asks before."""
    free = {
        cause.object for cause in causes if not (cause.flow and cause.node and any(n.is_condition for n in cause.flow.before(cause.node)))
    }
    days = graph.lookup.timing(key).planned >= DAY and len(graph.lookup.published(key)) >= SERIES
    return days and len(free) > 1 and key not in graph.keys(*PAID_FOR)


def _restarting(graph: Graph, key: Key, causes: tuple[Cause, ...], variant: str) -> str:
    return "begins-again" if variant == "several-places" and _harmed_by_restart(graph, key, causes) else f"{variant}-restarting"


def _finding(
    graph: Graph, sequence: Sequence, key: Key, causes: tuple[Cause, ...], variant: str, text: str, node: FlowNode | None = None
) -> Finding:
    paid = key in graph.keys(*PAID_FOR)
    nodes = [cause.node for cause in causes if cause.node]
    what = (
        " It restarts every time, also for people in the middle of it."
        if sequence.repeat
        else " Kit sends it to each person once, so whoever got it before gets nothing."
    )
    return Finding(
        object=graph.object(key),
        message=text + what,
        variant=_restarting(graph, key, causes, variant) if sequence.repeat else variant,
        severity=Severity.ERROR if paid and not sequence.repeat else None,
        related=tuple(dict.fromkeys(cause.object for cause in causes)),
        people=graph.people(key),
        path=tuple(item.path_step() for item in nodes),
        location=node.location if node else next((item.location for item in reversed(nodes)), None),
    )
