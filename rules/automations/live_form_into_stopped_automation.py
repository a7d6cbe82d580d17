"""Finds sign-up forms that lead to an automation that is not running.

What it finds
-------------
A form or landing page that people can still fill in, whose only follow-up is a paused or an inactive automation.

Why it matters
--------------
People sign up and hear nothing. With a paused automation they pile up at the entry, and all of them get the first email at once on the
day you resume it. With an inactive one they are never let in, not even later.

How to fix it in Kit
--------------------
1. Open Automate → Visual Automations and choose the automation named in this finding.
2. If it is Paused: look how many people wait at the entry, and whether its emails still fit. Then set it to Active.
3. If it is Inactive: set it to Active. People who signed up in the meantime have to be added by hand (Grow → Subscribers, filter by the
   form, bulk action).
4. If the offer is over: archive the form, so that nobody signs up for what does not come any more.

When to ignore it
-----------------
The form is not on any page any more, or another tool does the follow-up.

Sources
-------
- Active, Paused and Inactive: https://help.kit.com/en/articles/13974216
- Entries act on what happens while the automation is on: https://help.kit.com/en/articles/5523023
"""

from __future__ import annotations

from collections.abc import Iterator

from ckaudit.rule import Finding, Flow, Graph, Harm, Key, Kind, Need, Options, Rule, Severity, Theme, Variant

_CHOOSE = "Open Automate → Visual Automations and choose the automation named in this finding."

RULE = Rule(
    code="CK313",
    name="live-form-into-stopped-automation",
    title="People sign up and hear nothing",
    passing="Every live form has a follow-up that runs",
    severity=Severity.ERROR,
    theme=Theme.AUTOMATIONS,
    harm=Harm.MONEY,
    needs=(Need.AUTOMATIONS,),
    checks=Kind.FORM,
    effort_minutes=5,
    unseen="whether an automation is switched on they do not show",
    variants={
        "paused": Variant(
            "People sign up and wait at an automation that is paused",
            fix=(
                _CHOOSE,
                "Look how many people wait at the entry, and whether its emails still fit.",
                "Set it to Active. Everybody at the entry goes on at once.",
                "If the offer is over: archive the form, and tell those who wait.",
            ),
        ),
        "inactive": Variant(
            "People sign up, and the automation behind the form is switched off",
            fix=(
                _CHOOSE,
                "Look whether its emails still fit, and set it to Active.",
                "Add the people who signed up in the meantime by hand (Grow → Subscribers, filter by the form, bulk action): Kit does not fetch them.",
                "If the offer is over: archive the form, so that nobody signs up for what does not come any more.",
            ),
        ),
    },
)


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each live form whose only follow-up is stopped."""
    for form, stopped in graph.forms_into_stopped():
        yield _finding(graph, form, stopped)


def _finding(graph: Graph, form: Key, stopped: tuple[Flow, ...]) -> Finding:
    paused = [flow for flow in stopped if flow.paused]
    flow = paused[0] if paused else stopped[0]
    named = graph.object(form)
    text = (
        f"“{named.name}” leads only to “{flow.name}”, which is paused. People who sign up wait at its entry and hear nothing."
        if paused
        else f"“{named.name}” leads only to “{flow.name}”, which is inactive. People who sign up are never let in."
    )
    return Finding(
        object=named,
        message=text,
        variant="paused" if paused else "inactive",
        related=tuple(item.object for item in stopped),
        people=graph.people(form),
        location=flow.automation.location,
    )
