"""The first files of a manifest: the list of automations with an account's own names to copy, drafts of what its timestamps show, what
else may move people, and what its tags seem to mean.

Everything in them parses. Drafts are marked as such; guesses say why, are comments until a person takes the # away, and name objects of the
account.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import msgspec

from ckaudit.graph.membership import Assigned, Membership
from ckaudit.graph.suggestions import by_role
from ckaudit.kit.screens import VISUAL_AUTOMATIONS
from ckaudit.model.account import Account, Form, Tag
from ckaudit.model.account import Sequence as SequenceOfMails
from ckaudit.model.automations import Automation
from ckaudit.model.refs import Kind, ObjectRef
from ckaudit.model.result import Link, LooksLinked
from ckaudit.model.roles import WEBHOOK_ROLES, RoleName
from ckaudit.observed.drafts import Drafts
from ckaudit.render.draft_manifest import (
    EDITOR,
    AccountFacts,
    DraftFile,
    draft_files,
    draft_rules,
    drafted,
    in_comment,
    outside,
    quoted,
)
from ckaudit.render.plain import columns
from ckaudit.sources.manifest import manifest_schema
from ckaudit.sources.manifest.places import MANIFEST_FOLDER

_LIST = """\
# What moves people in this account. Kit's API shows none of it, so it is written down here, from Kit's screens. This file is the list of
# all automations; each is described in a file of its own in the folder automations/, or here. docs/manifest.md says how. Then:
#   ckaudit manifest check --snapshot DIR"""
_COMPLETE = "complete: false           # true once every automation, rule and tool that writes into Kit is listed"
_CHECKED = "# checked: {today}     # the day you last compared this with Kit's screens"
_AUTOMATIONS = f"""\
# All names first: they stand under {VISUAL_AUTOMATIONS}. One of which only the name is here is known, and not described yet.
automations:
#  - name: The name at the top
#    id: 1982218                     # the number in its address, …/automations/1982218/edit
#    status: active                  # active | paused | inactive
#    entries:                        # the boxes of the first row; any of them starts it
#      - tag_added: A tag
#    steps:                          # the boxes below, one line for each
#      - delay: 5 minutes
#      - sequence: A sequence"""
_OTHERS = """\
# What else moves people: Kit's rules, what forms do by themselves, tools outside Kit. Take the first # of a line away, and it counts."""
_SEEN_RULES = """\
# Kit's Rules screen. DRAFTS from timestamps: find each one in Kit, correct it, then take the first # of its lines away.
rules:"""
_RULES = """\
# Kit's Rules screen:
rules:
#  - when: [{tag_added: "A tag"}]
#    do: [{unsubscribe_sequence: "A sequence"}]"""
_FORMS = """\
# What a form does by itself:
form_links:
#  - {form: "A form", sequence: "A sequence", adds_tags: ["A tag"], double_opt_in: true}"""
_EXTERNAL = """\
# Shops, membership sites, Zapier, and bulk work by hand:
external:
#  - name: ThriveCart                # once for each event: what it writes then, all together
#    on: purchase                    # or refund, cancellation, failed-payment …; without it nobody said when
#    adds_tags: ["A tag"]"""
_SEGMENTS = """\
# What segments are made of:
segments:
#  - {name: "A segment", any: [{tag: "A tag"}]}"""
_GUESSES = """\
# What the tags mean for people's access. All of it is GUESSED from webhooks and names, as it is stated in your manifest already, or still
# to fill in: correct and complete it, and take the first # away from what is right. Before that it does not count."""
_NO_GUESSES = """\
# What the tags mean for people's access. No webhook of a membership site that ckaudit knows is visible, so nothing is guessed;
# `--stack NAME` guesses for a site you name. By hand, for each course or membership you sell:
offerings:
#  - name: Course A
#    stack: generic                  # or {stacks}"""

Roles: TypeAlias = Mapping[RoleName, tuple[Assigned, ...]]

OFFERINGS_FILE = f"{MANIFEST_FOLDER}/offerings.yaml"
OTHERS_FILE = f"{MANIFEST_FOLDER}/rules.yaml"


class Beginning(msgspec.Struct, frozen=True, kw_only=True):
    """What the first files are made of. ``links`` are those that nothing declared explains, ``looks`` what looks like one and is probably
    none, ``drafts`` those that are there already."""

    account: Account
    facts: AccountFacts
    today: str
    stacks: tuple[str, ...]
    links: tuple[Link, ...] = ()
    looks: tuple[LooksLinked, ...] = ()
    drafts: tuple[Automation, ...] = ()
    offerings: tuple[Membership, ...] = ()


class FirstFiles(msgspec.Struct, frozen=True):
    """The list of automations, what else moves people, what tags mean, and a draft for each automation that timestamps show."""

    listed: str
    others: str
    offerings: str
    drafts: tuple[DraftFile, ...] = ()
    rules: int = 0


def first_files(made: Beginning) -> FirstFiles:
    """The texts of the first files."""
    found = drafted(made.links, made.facts)
    return FirstFiles(
        listed=_text([_LIST, EDITOR], made, _COMPLETE, _CHECKED.format(today=made.today), "", *_palette(made), "", _AUTOMATIONS),
        others=_text([_OTHERS], made, "", *_rules(found, made), "", _FORMS, "", _EXTERNAL, *outside(made.looks), "", _SEGMENTS),
        offerings=_text([], made, "", *_offerings(made)),
        drafts=draft_files(found.automations, made.facts, made.today, made.drafts),
        rules=len(found.rules),
    )


def _text(head: Sequence[str], made: Beginning, *lines: str) -> str:
    number = [] if made.facts.number is None else [f"account: {made.facts.number}"]
    return "\n".join([*head, "version: 1", *number, *lines]) + "\n"


def _rules(found: Drafts, made: Beginning) -> list[str]:
    if not found.rules:
        return [_RULES]
    return [_SEEN_RULES, *(f"#{line}" for line in draft_rules(found.rules, made.facts))]


def _palette(made: Beginning) -> Iterator[str]:
    """Every name of the account, as it is written in a manifest."""
    account, facts = made.account, made.facts
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


def _offerings(made: Beginning) -> Iterator[str]:
    keys = {
        key: schema for key, schema in manifest_schema()["$defs"]["offering"]["properties"].items() if key not in ("name", "stack", "note")
    }
    if not made.offerings:
        yield _NO_GUESSES.format(stacks=", ".join(name for name in made.stacks if name != "generic"))
        yield from (line for key, schema in keys.items() for line in _line(_to_fill_in(key, schema)))
        return
    yield from (_GUESSES, "offerings:")
    for membership in made.offerings:
        yield from _offering(membership, keys, made.facts)


def _offering(membership: Membership, keys: Mapping[str, Mapping[str, Any]], facts: AccountFacts) -> Iterator[str]:
    """An offering with every key there is, as comments: what is stated or guessed, and the rest to fill in."""
    yield from _line(f"  - name: {quoted(membership.name)}")
    yield from _line(f"    stack: {membership.stack.name}")
    roles = by_role(membership)
    for key, schema in keys.items():
        lines = tuple(_webhooks(roles, facts) if key == "webhook_tags" else _key(membership, roles, key, facts))
        yield from lines or _line(_to_fill_in(key, schema))


def _to_fill_in(key: str, schema: Mapping[str, Any]) -> str:
    words = " | ".join(schema.get("enum") or (("true", "false") if schema.get("type") == "boolean" else ()))
    return f"    # {key}: ?   {words}{'   ' if words else ''}{schema['description']}"


def _webhooks(roles: Roles, facts: AccountFacts) -> Iterator[str]:
    groups = {role: roles[role] for role in WEBHOOK_ROLES if role in roles}
    if groups:
        yield from _line("    webhook_tags:")
    for role, items in groups.items():
        yield from _role(f"      {role.removeprefix('webhook_tags.')}:", items, facts)


def _key(membership: Membership, roles: Roles, key: str, facts: AccountFacts) -> Iterator[str]:
    """What is stated or guessed for a key; nothing when nothing is."""
    named = next((items for role, items in roles.items() if role == key), ())
    if named:
        yield from _role(f"    {key}:", named, facts)
    elif value := _value(membership, key):
        yield from _line(f"    {key}: {value}")


def _value(membership: Membership, key: str) -> str:
    """What is stated for a key that names no objects; the hosts that are known. Empty when nothing is."""
    if key == "login_hosts":
        return f"[{', '.join(quoted(host) for host in membership.hosts)}]" if membership.hosts else ""
    value = getattr(membership.offering, key, None)
    return {None: "", True: "true", False: "false", (): ""}.get(value, str(value))


def _line(text: str) -> Iterator[str]:
    """A line as a comment until a person takes its first # away."""
    plain = text.lstrip()
    yield f"#{' ' * (len(text) - len(plain))}{in_comment(plain)}"


def _role(head: str, items: Sequence[Assigned], facts: AccountFacts) -> Iterator[str]:
    """The objects of a role below each other, each with the reason."""
    yield from _line(head)
    indent = " " * (len(head) - len(head.lstrip()) + 2)
    written = [quoted(item.object.name) if item.key.kind is Kind.PRODUCT else facts.name(item.object) for item in items]
    width = max(columns(name) for name in written)
    for name, item in zip(written, items, strict=True):
        yield from _line(f"{indent}- {name}{' ' * (width - columns(name))}   # {in_comment(item.reason)}")
