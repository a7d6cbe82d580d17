"""A draft manifest from observed links: chains become automations, what an automation cannot do becomes a rule.

The draft says what was seen, one comment per link, and is for a person to correct. It declares exactly the links it was made from.
"""

from __future__ import annotations

import re
from collections.abc import Sequence, Set
from dataclasses import dataclass

from ckaudit.graph.words import in_whole_units
from ckaudit.kit.screens import RULES, VISUAL_AUTOMATIONS
from ckaudit.model.refs import ObjectRef
from ckaudit.model.result import Link
from ckaudit.model.triggers import TriggerKind
from ckaudit.observed.chains import Durations, ObservedChain, chains_in
from ckaudit.render.links import format_confidence, format_delay
from ckaudit.render.plain import clean

_HEAD = """\
# A DRAFT, written by ckaudit from timestamps: who got which form, tag and sequence, and when. Kit shows no automations, so this is
# what they seem to do. Correct it beside Kit's screens before you rely on it:
#   - names of automations are made up, and where one ends and the next begins is a guess;
#   - two drafts that lead to the same thing may be one automation with two entries, or two branches of it: join them, or what is used
#     in several places is reported (CK311);
#   - conditions, goals, removed tags, fields, purchases and everything that leaves no timestamp is missing;
#   - a chain that starts with a tag may start with something that cannot be seen, such as a purchase.
# Then set "complete: true" if nothing is missing, and "checked" to the day you compared it.
"""
_STEPS = {"tag": "add_tag", "sequence": "sequence"}
_ACTIONS = {"tag": "add_tag", "sequence": "subscribe_sequence", "form": "subscribe_form"}
_ORDER = re.compile(r"#(?=[ \t]*ckaudit:)")
_HAPPENS = {
    TriggerKind.TAG_ADDED: "gets the tag",
    TriggerKind.JOINS_FORM: "joins the form",
    TriggerKind.SUBSCRIBES_TO_SEQUENCE: "subscribes to the sequence",
    TriggerKind.COMPLETES_SEQUENCE: "completes the sequence",
}
_EVERYBODY = 0.8
"""Share of people below which a link was probably one of several possible paths."""


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


def draft_manifest(links: Sequence[Link], facts: AccountFacts) -> str:
    """The manifest as YAML text.

    Links that were only declared are left out, and those of objects the account no longer has (without an id).
    """
    lines = [_HEAD + "version: 1", "complete: false", *([] if facts.number is None else [f"account: {facts.number}"])]
    automations, rules = drafted(links, facts)
    lines += ["automations:", *automations] if automations else ["automations: []"]
    lines += ["rules:", *rules] if rules else []
    return "\n".join(lines) + "\n"


def drafted(links: Sequence[Link], facts: AccountFacts) -> tuple[list[str], list[str]]:
    """What is below ``automations:`` and below ``rules:``, line by line."""
    seen = [link for link in links if link.support and link.source.id is not None and link.target.id is not None]
    chains, alone = chains_in(seen, facts.durations)
    automations = [line for number, chain in enumerate(chains, 1) for line in _automation(number, chain, facts)]
    return automations, [line for chain in alone for line in _rule(chain, facts)]


def _automation(number: int, chain: ObservedChain, facts: AccountFacts) -> list[str]:
    last = chain.links[-1].target
    entry = f"{chain.trigger}: {facts.name(chain.start)}"
    lines = [
        f"  # In Kit, {VISUAL_AUTOMATIONS}: one that starts when {_happens(chain)}.",
        f"  - name: {quoted(f'Draft {number}: {chain.start.name} to {last.name}')}",
        f"    entries: [{{{entry}}}]",
        "    steps:",
    ]
    for step in chain.steps:
        lines.append(f"      # {_seen(step.link)}")
        lines += [f"      - delay: {in_whole_units(step.wait)[1]}"] if step.wait else []
        lines.append(f"      - {_STEPS[step.link.target.kind]}: {facts.name(step.link.target)}")
    return lines


def _rule(chain: ObservedChain, facts: AccountFacts) -> list[str]:
    (link,) = chain.links
    return [
        f"  # In Kit, {RULES} (or the settings of the form): {_happens(chain)}.",
        f"  # {_seen(link)}",
        f"  - when: [{{{chain.trigger}: {facts.name(link.source)}}}]",
        f"    do: [{{{_ACTIONS[link.target.kind]}: {facts.name(link.target)}}}]",
    ]


def _happens(chain: ObservedChain) -> str:
    return f"somebody {_HAPPENS[chain.trigger]} {in_comment(quoted(chain.start.name))}"


def _seen(link: Link) -> str:
    text = f"{link.support} people, {link.share:.0%} of those who could, usually {format_delay(link)}, {format_confidence(link)} sure"
    return text + (". Not everybody: is there a condition in front?" if link.share < _EVERYBODY else "")


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
    return '"' + "".join(parts) + '"'
