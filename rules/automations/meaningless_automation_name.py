"""Finds automations whose name does not say what they do.

What it finds
-------------
Names Kit or a copy left behind (“Untitled”, “New automation”, “Automation 3”, “Copy of …”, “… (copy)”), names of fewer than four letters,
one name for several automations, and an automation that gives access to one of your offerings and whose name has nothing but words that fit
every automation (“Main funnel”, “Test 2”, “Final version”). What it cannot see: whether a name that says something says the right thing.

Why it matters
--------------
On the day a buyer waits for access, somebody has to find the right automation in a list. With two of the same name the wrong one gets
changed, and the next hundred buyers pay for it.

How to fix it in Kit
--------------------
1. Open Automate → Visual Automations and choose the automation named in this finding.
2. Click its name at the top and write what it is for and what it does, such as “Course A - release”.
3. If it is no longer needed, write “old” in front of its name. Delete it only when nobody is inside.

When to ignore it
-----------------
The short name is a word everybody on your team knows.

Sources
-------
- AccessAlly's ConvertKit guide, step 9, "give it a descriptive name": https://kb.accessally.com/tutorials/convertkit-automation/ (claim S44;
  the guide gives no measure, the ones here are ours)
- A duplicate gets “(copy)” in its name: https://help.kit.com/en/articles/13974216
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from ckaudit.rule import (
    Confidence,
    Finding,
    Flow,
    Graph,
    Kind,
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
    code="CK302",
    name="meaningless-automation-name",
    title="An automation's name does not say what it does",
    passing="Every automation's name says what it does",
    severity=Severity.INFO,
    theme=Theme.AUTOMATIONS,
    needs=(Need.AUTOMATIONS,),
    checks=Kind.AUTOMATION,
    effort_minutes=2,
    unseen="names of automations leave none",
    variants={
        "placeholder": Variant("An automation has no name of its own"),
        "copy": Variant(
            "An automation still has the name of a copy",
            fix=(
                "Open Automate → Visual Automations. Open the automation named in this finding and the one it was copied from.",
                "Look which of them is Active and has people inside.",
                "Give the one that runs a name that says what it does, and write “old” in front of the other. Delete it only when nobody is inside.",
            ),
        ),
        "short": Variant("An automation's name is too short to say what it does"),
        "used-twice": Variant(
            "Several automations have the same name",
            fix=(
                "Open Automate → Visual Automations and open the automations named in this finding.",
                "Click the name of each at the top and write what it does that the others do not.",
                "If one of them is no longer needed, write “old” in front of its name. Delete it only when nobody is inside.",
            ),
        ),
        "says-nothing": Variant("An automation gives access, and its name says nothing"),
    },
)

MIN_LETTERS = 4
PLACEHOLDER = re.compile(r"(untitled|new)?\s*+(visual\s++)?(automation\s*+)?#?\d*", re.IGNORECASE)
COPY = re.compile(r"copy of\b.*|.*\(copy\)", re.IGNORECASE | re.DOTALL)
# words that fit every automation
EMPTY = frozenset(
    [
        "a",
        "an",
        "the",
        "my",
        "our",
        "new",
        "old",
        "main",
        "test",
        "tests",
        "testing",
        "final",
        "version",
        "copy",
        "draft",
        "temp",
        "tmp",
        "untitled",
        "automation",
        "automations",
        "flow",
        "flows",
        "funnel",
        "funnels",
        "workflow",
        "workflows",
        "sequence",
        "sequences",
        "system",
        "process",
        "setup",
        "stuff",
        "misc",
        "other",
        "general",
        "default",
        "basic",
        "simple",
        "current",
        "live",
        "real",
        "fixed",
        "latest",
        "and",
        "of",
        "for",
        "v1",
        "v2",
        "v3",
        "v4",
    ]
)


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each automation with a poor name, and one for each name used twice."""
    namesakes: defaultdict[str, list[Flow]] = defaultdict(list)
    for flow in graph.flows:
        variant = _judge(flow.name)
        if variant:
            yield _finding(flow, variant)
        else:
            namesakes[" ".join(flow.name.casefold().split())].append(flow)
    for flows in namesakes.values():
        if len(flows) > 1:
            yield _twice(flows)
        else:
            yield from _strange(graph, flows[0])


def _judge(name: str) -> str:
    plain = " ".join(name.split())
    if PLACEHOLDER.fullmatch(plain) and any(letter.isalpha() for letter in plain):
        return "placeholder"
    if COPY.fullmatch(plain):
        return "copy"
    letters = [letter for letter in plain if letter.isalpha()]
    # one sign of a script without capitals can be a whole word
    wordy = any(letter.lower() == letter.upper() for letter in letters)
    return "short" if len(letters) < MIN_LETTERS and not wordy else ""


def _finding(flow: Flow, variant: str) -> Finding:
    name = flow.name
    text = {
        "placeholder": f"“{name}” says nothing. Nobody can tell what this automation does without opening it.",
        "copy": f"“{name}” still has the name of a copy. Nobody can tell whether it or the original is the one that runs.",
        "short": f"“{name}” is too short to tell what this automation does.",
    }[variant]
    return Finding(object=flow.object, message=text, variant=variant, location=flow.automation.location)


def _twice(flows: list[Flow]) -> Finding:
    first, *others = flows
    often = "Two automations are" if len(flows) == 2 else f"{len(flows)} automations are"
    return Finding(
        object=first.object,
        message=f"{often} called “{first.name}”. Sooner or later somebody changes or stops the wrong one.",
        variant="used-twice",
        related=tuple(flow.object for flow in others),
        location=others[0].automation.location,
    )


def _strange(graph: Graph, flow: Flow) -> Iterator[Finding]:
    """An automation that gives access to an offering and has a name that fits every other one."""
    opened = [item for item in graph.memberships if item.offering and item.is_release(flow)]
    if opened and all(word in EMPTY or word.isdecimal() for word in re.findall(r"\w+", flow.name.casefold())):
        names = name_list(item.name for item in opened)
        yield Finding(
            object=flow.object,
            message=f"“{flow.name}” gives access to {names}, and its name does not say so.",
            variant="says-nothing",
            confidence=Confidence.LIKELY,
            related=tuple(graph.object(key) for item in opened for key in item.keys(RoleName.PURCHASE)),
            location=flow.automation.location,
        )
