"""Drafts from observed links: chains become automations, one file each, and what an automation cannot do becomes a rule, as a comment.

A draft says what was seen, one comment per link, and is for a person to correct. What was probably written from outside is a comment as
well.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass

import msgspec

from ckaudit.graph.words import in_whole_units
from ckaudit.kit.screens import RULES, VISUAL_AUTOMATIONS
from ckaudit.model.automations import Automation, DraftFrom
from ckaudit.model.refs import Key, ObjectRef
from ckaudit.model.result import Link, LooksLinked
from ckaudit.model.steps import all_steps
from ckaudit.model.triggers import TriggerKind
from ckaudit.observed.chains import ENTRIES, Durations, is_by_site, is_early
from ckaudit.observed.drafts import Choice, DraftAutomation, DraftRule, Drafts, DraftStep, Given, drafts
from ckaudit.render.links import format_confidence, format_delay, leaves_few_traces, named
from ckaudit.render.plain import ORDER_ANYWHERE, clean
from ckaudit.sources.manifest.places import slug

_HEAD = """\
# A DRAFT, made by ckaudit from timestamps on {today}: Kit shows no automations, and this is what one of them seems to do.
# {where}
# Correct it beside Kit's screen. Its name is made up; a filter that ends in a question mark stands for a condition: say which one;
# goals, removed tags, fields, purchases and whatever else leaves no timestamp are missing; delays may be cut short.
# Then take out the line “draft:”. Until then it counts for nothing. No such automation? Delete this file."""
_HEAD_BEGINS, _HEAD_ENDS = "# A DRAFT, ", "Until then it counts for nothing."
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
_OUTSIDE = "# Seen in timestamps, and probably no automation but written from outside or by hand. Whoever it is belongs below “external”:"


@dataclass(frozen=True)
class AccountFacts:
    """What a draft must know of the account: how long its sequences take, ``ambiguous``: (kind, name) that several objects share,
    ``number``: Kit's number of the account, ``pace``: seconds that Kit's steps take there, see ``pace_of``.
    """

    durations: Durations
    ambiguous: Set[tuple[str, str]] = frozenset()
    number: int | None = None
    pace: int = 0

    def name(self, item: ObjectRef) -> str:
        """The object as the manifest refers to it: by its name, where that says it."""
        if not item.name or (item.kind, item.name) == ("form", "any"):
            return str(item.id)
        if (item.kind, item.name) in self.ambiguous:
            return f"{{id: {item.id}, name: {quoted(item.name)}}}"
        return quoted(item.name)


class DraftFile(msgspec.Struct, frozen=True):
    """A draft as a manifest of its own: ``name`` is what the automation is called in it, ``slug`` what its file may be called."""

    name: str
    slug: str
    text: str


def without_head(text: str) -> str:
    """The text of a file that was a draft, without the comment at its top that says so; the same text where there is none."""
    lines = text.splitlines(keepends=True)
    said = ""
    for number, line in enumerate(lines):
        if not line.startswith("#" if said else _HEAD_BEGINS):
            break
        said += line.strip("# \r\n") + " "
        if _HEAD_ENDS in said:
            return "".join(lines[number + 1 :])
    return text


def drafted(links: Sequence[Link], facts: AccountFacts) -> Drafts:
    """The links as somebody would set them up in Kit. Those that were only declared, or whose objects are gone, are left out."""
    seen = [link for link in links if link.support and link.source.id is not None and link.target.id is not None]
    return drafts(seen, facts.durations)


def draft_files(
    automations: Sequence[DraftAutomation], facts: AccountFacts, today: str, old: Sequence[Automation] = ()
) -> tuple[DraftFile, ...]:
    """A manifest for each draft. ``old`` are drafts of earlier: what begins like one of them is not drafted again."""
    told = {(entry.ref.key, given) for item in old for entry in item.entries if entry.ref for given in _given(item)}
    new = (item for item in automations if (item.entries[0].key, item.steps[0].link.target.key) not in told)
    return tuple(_draft_file(number, automation, facts, today) for number, automation in enumerate(new, len(old) + 1))


def _given(automation: Automation) -> Iterator[Key]:
    return (step.ref.key for step in all_steps(automation.steps) if step.effect and step.ref)


def _draft_file(number: int, automation: DraftAutomation, facts: AccountFacts, today: str) -> DraftFile:
    entries = [(ENTRIES[entry.kind], entry) for entry in automation.entries]
    ends = f"{entries[0][1].name} to {_last(automation.steps).name}"
    where = f"In Kit, {VISUAL_AUTOMATIONS}: look for one that starts when {_happens(entries)}."
    lines = [
        _HEAD.format(today=today, where=where),
        "version: 1",
        *([] if facts.number is None else [f"account: {facts.number}"]),
        "automations:",
        f"  - name: {quoted(f'Draft {number}: {ends}')}",
        f"    draft: {DraftFrom.TIMESTAMPS}",
        f"    entries: [{_triggers(entries, facts)}]",
        "    steps:",
        *_steps(automation.steps, facts, "      ", automation.entries),
    ]
    return DraftFile(f"Draft {number}: {ends}", f"draft-{number:02}-{slug(ends)}", "\n".join(lines) + "\n")


def draft_rules(rules: Sequence[DraftRule], facts: AccountFacts) -> list[str]:
    """Rules as the lines below ``rules:``."""
    return [line for rule in rules for line in _rule(rule, facts)]


def outside(looks: Sequence[LooksLinked]) -> list[str]:
    """What looks like a link and is probably none, as comments."""
    return [_OUTSIDE, *(f"# * {_look(look)}" for look in looks)] if looks else []


def _last(steps: Sequence[DraftStep]) -> ObjectRef:
    step = steps[-1]
    return step.link.target if isinstance(step, Given) else _last(step.then)


def _steps(steps: Sequence[DraftStep], facts: AccountFacts, indent: str, above: Sequence[ObjectRef]) -> Iterator[str]:
    """``above``: what people got last before these steps."""
    for step in steps:
        match step:
            case Given():
                counted = "" if step.link.source in above else f", counted from {in_comment(quoted(step.link.source.name))}"
                yield f"{indent}# {_seen(step.link, facts)}{counted}"
                above = (step.link.target,)
                if step.wait:
                    yield f"{indent}- delay: {in_whole_units(step.wait)[1]}"
                yield f"{indent}- {_STEPS[step.link.target.kind]}: {facts.name(step.link.target)}"
            case Choice():
                yield f"{indent}- if: {_test(step.link, facts)}"
                yield f"{indent}  then:"
                yield from _steps(step.then, facts, indent + "    ", above)
                if step.other:
                    yield f"{indent}  else:"
                    yield from _steps(step.other, facts, indent + "    ", above)


def _test(link: Link, facts: AccountFacts) -> str:
    """The condition in front of a link: a tag that all of its people had, or a question."""
    if link.condition:
        return f"{{tag: {facts.name(link.condition)}}}"
    return f"{{filter: {quoted(f'Which people go on? {link.share:.0%} did')}}}"


def _rule(rule: DraftRule, facts: AccountFacts) -> Iterator[str]:
    yield f"  # In Kit, {RULES} (or the settings of the form): {_happens(rule.triggers)}."
    yield from (f"  # {in_comment(quoted(link.source.name))}: {_seen(link, facts)}" for link in rule.links)
    yield f"  - when: [{_triggers(rule.triggers, facts)}]"
    yield f"    do: [{', '.join(f'{{{_ACTIONS[target.kind]}: {facts.name(target)}}}' for target in rule.targets)}]"


def _triggers(triggers: Sequence[tuple[TriggerKind, ObjectRef]], facts: AccountFacts) -> str:
    return ", ".join(f"{{{kind}: {facts.name(item)}}}" for kind, item in triggers)


def _happens(triggers: Sequence[tuple[TriggerKind, ObjectRef]]) -> str:
    return "somebody " + " or ".join(f"{_HAPPENS[kind]} {in_comment(quoted(item.name))}" for kind, item in triggers)


def _seen(link: Link, facts: AccountFacts) -> str:
    emails = facts.durations.of(link.source)
    mailed = f" ({in_whole_units(emails)[1]} of it the emails)" if emails and not is_early(link, facts.durations) else ""
    text = (
        f"{link.support} people, {link.share:.0%} of those who could, usually {format_delay(link)}{mailed}, {format_confidence(link)} sure"
    )
    if leaves_few_traces(link):
        text += ". Or most had it and lost it again, as tags that call a site do: then no condition belongs here"
    if is_by_site(link, facts.pace):
        text += ". Slower than Kit's own steps here: if your site or a tool writes it, take the step out and list it below external"
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
