"""A manifest to fill in: an account's own names to copy, what its timestamps show, and what its tags seem to mean.

Everything in it parses. Guesses say why, are comments until a person takes the # away, and name objects of the account.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import msgspec

from ckaudit.graph.membership import Assigned, Membership
from ckaudit.graph.suggestions import by_role
from ckaudit.model.account import Account, Form, Tag
from ckaudit.model.account import Sequence as SequenceOfMails
from ckaudit.model.refs import Kind, ObjectRef
from ckaudit.model.result import Link
from ckaudit.model.roles import WEBHOOK_ROLES, RoleName
from ckaudit.render.draft_manifest import EDITOR, AccountFacts, drafted, in_comment, quoted
from ckaudit.render.plain import columns
from ckaudit.sources.manifest import manifest_schema

_HEAD = """\
# What moves people in this account: automations, rules, forms, and tools outside Kit. Kit's API shows none of it, so type it in from
# Kit's screens, one automation after the other, about a minute each. docs/manifest.md says how. Then:
#   ckaudit manifest check THIS-FILE --snapshot DIR"""
_COMPLETE = "complete: false           # true once every automation, rule and tool that writes into Kit is listed"
_CHECKED = "# checked: {today}     # the day you last compared this with Kit's screens"
_AUTOMATIONS = """\
# Begin here: take the # away, one line for each box on the screen.
automations:
#  - name: The name at the top
#    id: 1982218                     # the number in its address, …/automations/1982218/edit
#    status: active                  # active | paused | inactive
#    entries:                        # the boxes of the first row; any of them starts it
#      - tag_added: {tag}
#    steps:                          # the boxes below
#      - delay: 5 minutes
#      - sequence: {sequence}"""
_SEEN = """\
# DRAFTS from timestamps: what people were seen to do. Names are made up; conditions, goals, delays cut short and removed tags are
# missing. Find each one on Kit's screens, correct it, and take the first # of its lines away: before that it does not count.
automations:"""
_RULES = """\
# Kit's Rules screen:
rules:
#  - when: [{{tag_added: {tag}}}]
#    do: [{{unsubscribe_sequence: {sequence}}}]"""
_OTHERS = """\
# What a form does by itself:
form_links:
#  - {{form: {form}, sequence: {sequence}, adds_tags: [{tag}], double_opt_in: true}}

# Shops, membership sites, Zapier, and bulk work by hand:
external:
#  - name: ThriveCart                # once for each event: what it writes then, all together
#    on: purchase                    # or refund, cancellation, failed-payment …; without it nobody said when
#    adds_tags: [{tag}]

# What segments are made of:
segments:
#  - {{name: "A segment", any: [{{tag: {tag}}}]}}"""
_GUESSES = """\
# What the tags mean for people's access. Lines with # are GUESSED from webhooks and names, or still to fill in: correct and complete
# them, and take the first # away from what is right. What stands without # counts as stated by you; the rest does not count."""
_NO_GUESSES = """\
# What the tags mean for people's access. No webhook of a membership site that ckaudit knows is visible, so nothing is guessed;
# `--stack NAME` guesses for a site you name. By hand, for each course or membership you sell:
offerings:
#  - name: Course A
#    stack: generic                  # or {stacks}"""

Roles: TypeAlias = Mapping[RoleName, tuple[Assigned, ...]]


class Skeleton(msgspec.Struct, frozen=True, kw_only=True):
    """What a new manifest is made of. ``only_offerings``: the automations are listed in another file, so offerings alone are written."""

    account: Account
    facts: AccountFacts
    today: str
    stacks: tuple[str, ...]
    links: tuple[Link, ...] = ()
    offerings: tuple[Membership, ...] = ()
    only_offerings: bool = False


def new_manifest(made: Skeleton) -> str:
    """The manifest as YAML text."""
    account, facts = made.account, made.facts
    parts = [_HEAD, EDITOR, "version: 1", _COMPLETE, _CHECKED.format(today=made.today)]
    parts += [] if facts.number is None else [f"account: {facts.number}"]
    if made.only_offerings:
        parts = [EDITOR, "version: 1", *([] if facts.number is None else [f"account: {facts.number}"])]
    else:
        parts += ["", *_palette(account, facts), *_movers(made)]
    return "\n".join([*parts, "", *_offerings(made)]) + "\n"


def _movers(made: Skeleton) -> Iterator[str]:
    words = _examples(made)
    automations, rules = drafted(made.links, made.facts)
    yield from ("", _SEEN, *_waiting(automations)) if automations else ("", _AUTOMATIONS.format(**words))
    yield from ("", _RULES.format(**words), *_waiting(rules), "", _OTHERS.format(**words))


def _waiting(drafts: Sequence[str]) -> Iterator[str]:
    """Drafts as comments: judged as they are, they would be faulted for the tags and conditions nobody could see."""
    return (f"#{line}" for line in drafts)


def _examples(made: Skeleton) -> dict[str, str]:
    """What is written for a name of the account. A real one would be taken for a guess."""
    named = {"tag": '"A tag"', "sequence": '"A sequence"', "form": '"A form"'}
    return named | {"stacks": ", ".join(name for name in made.stacks if name != "generic")}


def _palette(account: Account, facts: AccountFacts) -> Iterator[str]:
    """Every name of the account, as it is written in a manifest."""
    yield "# The names of this account, ready to copy:"
    groups: tuple[tuple[Kind, Sequence[Tag | Form | SequenceOfMails]], ...] = (
        (Kind.TAG, account.tags),
        (Kind.SEQUENCE, account.sequences),
        (Kind.FORM, account.forms),
    )
    for kind, group in groups:
        yield from [f"# {kind}s, and how many people are in them"] if group else []
        for item in sorted(group, key=lambda item: (item.name.casefold(), item.id)):
            people = "" if item.subscriber_count is None else f"   # {item.subscriber_count}"
            yield f"#   {in_comment(facts.name(ObjectRef(kind, item.name, item.id)))}{people}"
    yield from ["# custom fields"] if account.custom_fields else []
    yield from (f"#   {in_comment(quoted(key))}" for key in sorted(field.key for field in account.custom_fields))


def _offerings(made: Skeleton) -> Iterator[str]:
    keys = {
        key: schema for key, schema in manifest_schema()["$defs"]["offering"]["properties"].items() if key not in ("name", "stack", "note")
    }
    if not made.offerings:
        yield _NO_GUESSES.format(**_examples(made))
        yield from (line for key, schema in keys.items() for line in _line(_to_fill_in(key, schema), guessed=True))
        return
    yield from (_GUESSES, "offerings:")
    for membership in made.offerings:
        yield from _offering(membership, keys, made.facts)


def _offering(membership: Membership, keys: Mapping[str, Mapping[str, Any]], facts: AccountFacts) -> Iterator[str]:
    """An offering with every key there is: what a person stated as it is, guesses as comments, and the rest to fill in."""
    found = membership.location is None
    yield from _line(f"  - name: {quoted(membership.name)}", guessed=found)
    yield from _line(f"    stack: {membership.stack.name}", guessed=found)
    roles = by_role(membership)
    for key, schema in keys.items():
        lines = tuple(_webhooks(roles, facts, found=found) if key == "webhook_tags" else _key(membership, roles, key, facts, found=found))
        yield from lines or _line(_to_fill_in(key, schema), guessed=found)


def _to_fill_in(key: str, schema: Mapping[str, Any]) -> str:
    words = " | ".join(schema.get("enum") or (("true", "false") if schema.get("type") == "boolean" else ()))
    return f"    # {key}: ?   {words}{'   ' if words else ''}{schema['description']}"


def _webhooks(roles: Roles, facts: AccountFacts, *, found: bool) -> Iterator[str]:
    groups = {role: roles[role] for role in WEBHOOK_ROLES if role in roles}
    if groups:
        yield from _line("    webhook_tags:", guessed=found or not any(item.declared for items in groups.values() for item in items))
    for role, items in groups.items():
        yield from _role(f"      {role.removeprefix('webhook_tags.')}:", items, facts, found=found)


def _key(membership: Membership, roles: Roles, key: str, facts: AccountFacts, *, found: bool) -> Iterator[str]:
    """What is stated or guessed for a key; nothing when nothing is."""
    named = next((items for role, items in roles.items() if role == key), ())
    if named:
        yield from _role(f"    {key}:", named, facts, found=found)
    elif value := _value(membership, key):
        stated = getattr(membership.offering, key, None) not in (None, ())
        yield from _line(f"    {key}: {value}", guessed=found or not stated)


def _value(membership: Membership, key: str) -> str:
    """What is stated for a key that names no objects; the hosts that are known. Empty when nothing is."""
    if key == "login_hosts":
        return f"[{', '.join(quoted(host) for host in membership.hosts)}]" if membership.hosts else ""
    value = getattr(membership.offering, key, None)
    return {None: "", True: "true", False: "false", (): ""}.get(value, str(value))


def _line(text: str, *, guessed: bool) -> Iterator[str]:
    """A line of the file; a guess is a comment until a person takes its first # away."""
    plain = text.lstrip()
    yield f"#{' ' * (len(text) - len(plain))}{in_comment(plain)}" if guessed else text


def _role(head: str, items: Sequence[Assigned], facts: AccountFacts, *, found: bool) -> Iterator[str]:
    """The objects of a role below each other, each with the reason."""
    guessed = found or not all(item.declared for item in items)
    yield from _line(head, guessed=guessed)
    indent = " " * (len(head) - len(head.lstrip()) + 2)
    written = [quoted(item.object.name) if item.key.kind is Kind.PRODUCT else facts.name(item.object) for item in items]
    width = max(columns(name) for name in written)
    for name, item in zip(written, items, strict=True):
        yield from _line(f"{indent}- {name}{' ' * (width - columns(name))}   # {in_comment(item.reason)}", guessed=guessed)
