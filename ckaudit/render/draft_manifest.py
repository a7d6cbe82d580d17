"""A draft manifest from observed links: chains become automations, what an automation cannot do becomes a rule.

The draft says what was seen, one comment per link, and is for a person to correct. It declares exactly the links it was made from.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field

from ckaudit.model.refs import ObjectRef
from ckaudit.model.result import Link
from ckaudit.render.links import delay_words, seconds_words, sure_words
from ckaudit.render.plain import clean

Place = tuple[str, int | str | None]

_HEAD = """\
# A DRAFT, written by ckaudit from time stamps: who got which form, tag and sequence, and when. Kit shows no automations, so this is
# what they seem to do. Correct it beside Kit's screens before you rely on it:
#   - names of automations are made up, and where one ends and the next begins is a guess;
#   - conditions, goals, removed tags, fields, purchases and everything that leaves no stamp is missing;
#   - a chain that starts with a tag may start with something that cannot be seen, such as a purchase.
# Then set "complete: true" if nothing is missing, and "checked" to the day you compared it.
"""
_ENTRIES = {"tag": "tag_added", "form": "joins_form"}
_STEPS = {"tag": "add_tag", "sequence": "sequence"}
_ACTIONS = {"tag": "add_tag", "sequence": "subscribe_sequence", "form": "subscribe_form"}


@dataclass
class _Chain:
    """One automation: where it starts, and what follows."""

    start: ObjectRef
    links: list[Link] = field(default_factory=list)


@dataclass(frozen=True)
class AccountFacts:
    """What a draft must know of the account. ``planned``: seconds a sequence takes until its last published e-mail, by id; ``holding``:
    sequences people never leave, by id; ``ambiguous``: (kind, name) that several objects share; ``number``: Kit's number of the account.
    """

    planned: Mapping[int, int]
    holding: Set[int] = frozenset()
    ambiguous: Set[tuple[str, str]] = frozenset()
    number: int | None = None

    def length(self, item: ObjectRef) -> int:
        """Seconds this object takes; 0 for anything but a sequence."""
        return self.planned.get(item.id, 0) if item.kind == "sequence" and isinstance(item.id, int) else 0

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
    """What stands below ``automations:`` and below ``rules:``, line by line."""
    seen = [link for link in links if link.support and link.source.id is not None and link.target.id is not None]
    chains, rules = _sorted_out(seen, facts)
    automations = [line for number, chain in enumerate(chains, 1) for line in _automation(number, chain, facts)]
    return automations, [line for link in rules for line in _rule(link, facts)]


def _sorted_out(links: Sequence[Link], facts: AccountFacts) -> tuple[list[_Chain], list[Link]]:
    """Every link in one chain, or as a rule: what leads to a form, what follows a sequence before it is over, what starts with one."""
    rules = [link for link in links if link.target.kind == "form" or _early(link, facts)]
    ruled = {(_place(link.source), _place(link.target)) for link in rules}
    unused: dict[Place, list[Link]] = defaultdict(list)
    for link in sorted(links, key=lambda link: -link.support):
        if (_place(link.source), _place(link.target)) not in ruled:
            unused[_place(link.source)].append(link)
    reached = {_place(link.target) for link in links}
    starts = {_place(link.source): link.source for link in links if link.source.kind in _ENTRIES}
    chains = []
    for place in sorted(starts, key=lambda place: (place in reached, place[0], str(place[1]).zfill(20))):
        while unused[place]:
            chains.append(_follow(starts[place], unused))
    return chains, [*rules, *(link for left in unused.values() for link in left)]


def _follow(start: ObjectRef, unused: dict[Place, list[Link]]) -> _Chain:
    chain, been, at = _Chain(start), {_place(start)}, _place(start)
    while following := next((link for link in unused[at] if _place(link.target) not in been), None):
        unused[at].remove(following)
        chain.links.append(following)
        at = _place(following.target)
        been.add(at)
    return chain


def _early(link: Link, facts: AccountFacts) -> bool:
    """True for something that follows a sequence but does not wait until it is over: in an automation it would."""
    if link.source.kind != "sequence":
        return False
    return link.source.id in facts.holding or (link.delay_seconds or 0) < facts.length(link.source) // 2


def _automation(number: int, chain: _Chain, facts: AccountFacts) -> list[str]:
    last = chain.links[-1].target
    lines = [
        f"  - name: {quoted(f'Draft {number}: {chain.start.name} to {last.name}')}",
        f"    entries: [{{{_ENTRIES[chain.start.kind]}: {facts.name(chain.start)}}}]",
        "    steps:",
    ]
    for link in chain.links:
        rest = (link.delay_seconds or 0) - facts.length(link.source)
        lines.append(f"      # {_seen(link)}")
        lines += [f"      - delay: {seconds_words(rest)}"] if rest >= 30 else []
        lines.append(f"      - {_STEPS[link.target.kind]}: {facts.name(link.target)}")
    return lines


def _rule(link: Link, facts: AccountFacts) -> list[str]:
    trigger = _ENTRIES.get(link.source.kind, "")
    if not trigger:
        length = facts.length(link.source)
        trigger = "completes_sequence" if length and (link.delay_seconds or 0) >= length // 2 else "subscribes_to_sequence"
    return [
        f"  # {_seen(link)}",
        f"  - when: [{{{trigger}: {facts.name(link.source)}}}]",
        f"    do: [{{{_ACTIONS[link.target.kind]}: {facts.name(link.target)}}}]",
    ]


def _seen(link: Link) -> str:
    return f"{link.support} people, {link.share:.0%} of those who could, usually {delay_words(link)}, {sure_words(link)} sure"


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


def _place(item: ObjectRef) -> Place:
    return item.kind, item.id
