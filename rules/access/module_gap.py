"""Finds modules that Kit leaves out.

What it finds
-------------
Module tags of an offering that carry numbers with one missing in between (1, 2, 4), and a module tag that nothing known ever adds while
the other modules of the offering are added by Kit.

Why it matters
--------------
Customers pay for every module. The missing one stays locked for all of them, and the first to notice writes an angry email months
later.

How to fix it in Kit
--------------------
1. Open Automate → Visual Automations and choose the automation that releases the modules.
2. Pause it while you edit: people wait where they are and go on when it is Active again.
3. Between the module before and the module after, add a Delay, a step that adds the tag of the missing module, one that adds the webhook
   tag for your site, and the email.
4. Set the automation back to Active, if it was Active before.
5. People who passed this point already: give them the tag by hand (Grow → Subscribers, filter, bulk action), then the webhook tag.

When to ignore it
-----------------
The module is opened on the site itself, by a timer or a finished checklist, or the number was left out on purpose.

Sources
-------
- AccessAlly's ConvertKit guide, step 7, "repeated for every module": https://kb.accessally.com/tutorials/convertkit-automation/ (claim S33)
- A finished checklist can release a module on the site:
  https://kb.accessally.com/tutorials/custom-operation-grant-course-permission/
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ckaudit.rule import (
    Confidence,
    Effect,
    Finding,
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
    Variant,
    name_list,
)

RULE = Rule(
    code="CK219",
    name="module-gap",
    title="A module is never released",
    passing="Every module is released",
    severity=Severity.WARNING,
    theme=Theme.ACCESS,
    harm=Harm.LOCKED_OUT,
    needs=(Need.AUTOMATIONS, Need.MEMBERSHIP),
    needs_roles=((RoleName.MODULE,),),
    checks=Kind.TAG,
    effort_minutes=20,
    observed=ObservedUse.SILENCES,
    unseen="that nothing adds a module they cannot show",
    nothing="there is no module tag",
    variants={
        "never-added": Variant("A module is never released"),
        "switched-off": Variant(
            "What releases a module is switched off",
            fix=(
                "Open Automate → Visual Automations (for a rule: Automate → Rules) and choose the one that this finding says is switched "
                "off.",
                "Find out why it was switched off, and whether its tags and steps still fit.",
                "Set it to Active (a rule: switch it on). It acts on what happens from now on.",
                "People who should have the module by now: give them the tag by hand (Grow → Subscribers, filter, bulk action), then the "
                "webhook tag.",
            ),
            yields_to=("CK301",),
        ),
        "number-missing": Variant(
            "The numbers of an offering's modules have a gap",
            Severity.INFO,
            fix=(
                "Look on your site whether a module with the missing number exists. If there is none, accept this finding: nothing is to "
                "do.",
                "If Kit has a tag for it, add the tag to the offering's `module_tags` in the manifest, and run the audit again.",
                "If Kit has none: let your site make the tag. Then open Automate → Visual Automations, choose the automation that "
                "releases the modules, and add it at its place.",
            ),
        ),
    },
)

_NUMBER = re.compile(r"(?<!\d)(\d++)(?=\D*\Z)")


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each module nothing adds, and one for each offering with missing numbers."""
    for membership in graph.memberships:
        modules = membership.keys(RoleName.MODULE)
        added = [key for key in modules if graph.causes.of(Effect.ADDS_TAG, key)]
        by_kit = [key for key in added if any(cause.flow or cause.rule for cause in graph.causes.of(Effect.ADDS_TAG, key))]
        for key in modules if by_kit else ():
            if key not in added:
                yield _never_added(graph, membership, key, len(by_kit))
        missing = _missing(graph, modules)
        if missing and added:
            yield _numbers(graph, membership, modules, missing)


def judged(graph: Graph) -> Iterable[Key]:
    """The module tags."""
    return graph.keys(RoleName.MODULE)


def _missing(graph: Graph, modules: tuple[Key, ...]) -> list[int]:
    """Numbers between the first and the last module that no module carries; nothing when any has no number."""
    found = [_NUMBER.search(graph.object(key).name) for key in modules]
    numbers = sorted({int(match[1]) for match in found if match})
    if len(modules) < 3 or len(numbers) < len(modules) or numbers[-1] > 500:
        return []
    return [number for number in range(numbers[0], numbers[-1]) if number not in numbers]


def _never_added(graph: Graph, membership: Membership, key: Key, others: int) -> Finding:
    named = graph.object(key)
    asleep = graph.causes.of(Effect.ADDS_TAG, key, live=False)
    stopped = f" “{asleep[0].object.name}” would, but it is switched off." if asleep else ""
    word = "other module is" if others == 1 else "other modules are"
    return Finding(
        object=named,
        message=f"Nothing adds “{named.name}”, while {others} {word} released by Kit.{stopped} This module stays locked for everybody.{graph.open_world_note}",
        variant="switched-off" if asleep else "never-added",
        confidence=membership.confidence(RoleName.MODULE, best=graph.closed_world),
        related=(membership.object, *dict.fromkeys(cause.object for cause in asleep)),
        location=membership.location,
    )


def _numbers(graph: Graph, membership: Membership, modules: tuple[Key, ...], missing: list[int]) -> Finding:
    which = " and ".join(str(number) for number in missing[:3]) + (f" and {len(missing) - 3} more" if len(missing) > 3 else "")
    first = graph.object(modules[0])
    return Finding(
        object=membership.object if membership.offering else first,
        message=f"The modules of “{membership.name}” go from {name_list([first.name])} to {name_list([graph.object(modules[-1]).name])}, but number "
        f"{which} is missing. If it exists on the site, nothing opens it.",
        variant="number-missing",
        confidence=Confidence.POSSIBLE,
        related=tuple(graph.object(key) for key in modules),
        location=membership.location,
    )
