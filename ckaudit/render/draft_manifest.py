"""A draft manifest from observed links: chains become automations, what an automation cannot do becomes a rule.

The draft says what was seen, one comment per link, and is for a person to correct. It declares exactly the links it was made from. What
was probably written from outside stands beside it as a comment.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass

from ckaudit.graph.words import in_whole_units
from ckaudit.kit.screens import RULES, VISUAL_AUTOMATIONS
from ckaudit.model.refs import ObjectRef
from ckaudit.model.result import Link, LooksLinked
from ckaudit.model.triggers import TriggerKind
from ckaudit.observed.chains import ENTRIES, Durations
from ckaudit.observed.drafts import Choice, DraftAutomation, DraftRule, DraftStep, Given, drafts
from ckaudit.render.links import format_confidence, format_delay, named
from ckaudit.render.plain import ORDER_ANYWHERE, clean

_HEAD = """\
# A DRAFT, written by ckaudit from timestamps: who got which form, tag and sequence, and when. Kit shows no automations, so this is
# what they seem to do. Correct it beside Kit's screens before you rely on it:
#   - names of automations are made up, and where one ends and the next begins is a guess;
#   - a filter that ends in a question mark stands for a condition: say which one it is;
#   - goals, removed tags, fields, purchases and everything that leaves no timestamp is missing;
#   - a chain that starts with a tag may start with something that cannot be seen, such as a purchase.
# Then set "complete: true" if nothing is missing, and "checked" to the day you compared it.
"""
EDITOR = """\
# For completion in editors: `ckaudit schema manifest > automations.schema.json` beside this file; then take one # off the next line:
## yaml-language-server: $schema=automations.schema.json"""
"""Editors with the YAML language server read this line. It waits for the file: an address that leads nowhere would be an error there."""
_STEPS = {"tag": "add_tag", "sequence": "sequence"}
_ACTIONS = {"tag": "add_tag", "sequence": "subscribe_sequence", "form": "subscribe_form"}
_ORDER = re.compile(r"#(?=[ \t]*ckaudit:)")
_HAPPENS = {
    TriggerKind.TAG_ADDED: "gets the tag",
    TriggerKind.JOINS_FORM: "joins the form",
    TriggerKind.SUBSCRIBES_TO_SEQUENCE: "subscribes to the sequence",
    TriggerKind.COMPLETES_SEQUENCE: "completes the sequence",
}
_OUTSIDE = "# Probably no automation, but written from outside or by hand. Whoever it is belongs below “external”:"


@dataclass(frozen=True)
class AccountFacts:
    """What a draft must know of the account: how long its sequences take, ``ambiguous``: (kind, name) that several objects share,
    ``number``: Kit's number of the account.
    """

    durations: Durations
    ambiguous: Set[tuple[str, str]] = frozenset()
    number: int | None = None

    def name(self, item: ObjectRef) -> str:
        """The object as the manifest refers to it: by its name, where that says it."""
        if not item.name or (item.kind, item.name) == ("form", "any"):
            return str(item.id)
        if (item.kind, item.name) in self.ambiguous:
            return f"{{id: {item.id}, name: {quoted(item.name)}}}"
        return quoted(item.name)


def draft_manifest(links: Sequence[Link], facts: AccountFacts, looks: Sequence[LooksLinked] = ()) -> str:
    """The manifest as YAML text; ``looks`` is what looks like a link and is probably none.

    Links that were only declared are left out, and those of objects the account no longer has (without an id).
    """
    lines = [_HEAD + EDITOR, "version: 1", "complete: false", *([] if facts.number is None else [f"account: {facts.number}"])]
    automations, rules = drafted(links, facts)
    lines += ["automations:", *automations] if automations else ["automations: []"]
    lines += ["rules:", *rules] if rules else []
    lines += [_OUTSIDE, *(f"#   - {_look(look)}" for look in looks)] if looks else []
    return "\n".join(lines) + "\n"


def drafted(links: Sequence[Link], facts: AccountFacts) -> tuple[list[str], list[str]]:
    """What is below ``automations:`` and below ``rules:``, line by line."""
    seen = [link for link in links if link.support and link.source.id is not None and link.target.id is not None]
    found = drafts(seen, facts.durations)
    automations = [line for number, automation in enumerate(found.automations, 1) for line in _automation(number, automation, facts)]
    return automations, [line for rule in found.rules for line in _rule(rule, facts)]


def _automation(number: int, automation: DraftAutomation, facts: AccountFacts) -> Iterator[str]:
    entries = [(ENTRIES[entry.kind], entry) for entry in automation.entries]
    name = f"Draft {number}: {entries[0][1].name} to {_last(automation.steps).name}"
    yield f"  # In Kit, {VISUAL_AUTOMATIONS}: one that starts when {_happens(entries)}."
    yield f"  - name: {quoted(name)}"
    yield f"    entries: [{_triggers(entries, facts)}]"
    yield "    steps:"
    yield from _steps(automation.steps, facts, "      ")


def _last(steps: Sequence[DraftStep]) -> ObjectRef:
    step = steps[-1]
    return step.link.target if isinstance(step, Given) else _last(step.then)


def _steps(steps: Sequence[DraftStep], facts: AccountFacts, indent: str) -> Iterator[str]:
    for step in steps:
        match step:
            case Given():
                yield f"{indent}# {_seen(step.link)}"
                if step.wait:
                    yield f"{indent}- delay: {in_whole_units(step.wait)[1]}"
                yield f"{indent}- {_STEPS[step.link.target.kind]}: {facts.name(step.link.target)}"
            case Choice():
                yield f"{indent}- if: {_test(step.link, facts)}"
                yield f"{indent}  then:"
                yield from _steps(step.then, facts, indent + "    ")
                if step.other:
                    yield f"{indent}  else:"
                    yield from _steps(step.other, facts, indent + "    ")


def _test(link: Link, facts: AccountFacts) -> str:
    """The condition in front of a link: a tag that all of its people had, or a question."""
    if link.condition:
        return f"{{tag: {facts.name(link.condition)}}}"
    return f"{{filter: {quoted(f'Which people go on? {link.share:.0%} did')}}}"


def _rule(rule: DraftRule, facts: AccountFacts) -> Iterator[str]:
    yield f"  # In Kit, {RULES} (or the settings of the form): {_happens(rule.triggers)}."
    yield from (f"  # {in_comment(quoted(link.source.name))}: {_seen(link)}" for link in rule.links)
    yield f"  - when: [{_triggers(rule.triggers, facts)}]"
    yield f"    do: [{', '.join(f'{{{_ACTIONS[target.kind]}: {facts.name(target)}}}' for target in rule.targets)}]"


def _triggers(triggers: Sequence[tuple[TriggerKind, ObjectRef]], facts: AccountFacts) -> str:
    return ", ".join(f"{{{kind}: {facts.name(item)}}}" for kind, item in triggers)


def _happens(triggers: Sequence[tuple[TriggerKind, ObjectRef]]) -> str:
    return "somebody " + " or ".join(f"{_HAPPENS[kind]} {in_comment(quoted(item.name))}" for kind, item in triggers)


def _seen(link: Link) -> str:
    text = f"{link.support} people, {link.share:.0%} of those who could, usually {format_delay(link)}, {format_confidence(link)} sure"
    if link.rivals:
        text += ". It may as well follow " + " or ".join(in_comment(quoted(rival.name)) for rival in link.rivals)
    return text


def _look(look: LooksLinked) -> str:
    return in_comment(f"{named(look.source)} and {named(look.target)}: {look.why}, {look.support} people")


def in_comment(text: str) -> str:
    """Foreign text on one line of a comment, where it must give no orders: ``# ckaudit: ignore …`` would accept findings."""
    return _ORDER.sub(r"\\x23", clean(text))


def quoted(text: str) -> str:
    """A text as a double-quoted YAML scalar on one line. What could move, hide or reorder text is written as an escape."""
    parts = []
    for char in text:
        if char in '"\\':
            parts.append(f"\\{char}")
        elif char != " " and (not char.isprintable() or clean(char) != char):
            parts.append(f"\\U{ord(char):08x}")
        else:
            parts.append(char)
    return '"' + ORDER_ANYWHERE.sub(r"\\x23", "".join(parts)) + '"'
