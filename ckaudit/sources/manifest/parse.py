"""Manifest files -> a ``Manifest``: reads them all, notes every fault, resolves names, merges."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import TypeGuard

from ckaudit.model.account import Account
from ckaudit.model.automations import Automation, AutomationStatus, Manifest
from ckaudit.model.errors import Location
from ckaudit.sources.manifest.comments import read_comments
from ckaudit.sources.manifest.offerings import read_offerings
from ckaudit.sources.manifest.problems import Problems, quote
from ckaudit.sources.manifest.reader import Document
from ckaudit.sources.manifest.resolve import Listings, Resolver, listings_of
from ckaudit.sources.manifest.rules import read_external, read_form_links, read_rules
from ckaudit.sources.manifest.steps import read_steps
from ckaudit.sources.manifest.tree import Items, Mapping, Node, Scalar, ScalarKind
from ckaudit.sources.manifest.triggers import read_entries
from ckaudit.sources.manifest.values import Reading, is_nothing

KEYS = ("version", "complete", "checked", "account", "automations", "rules", "form_links", "external", "offerings")
MOVERS = ("automations", "rules", "form_links", "external")
AUTOMATION_KEYS = ("name", "id", "status", "notes", "recurring", "evergreen", "entries", "steps")
VERSION = 1
_BEGIN = "A manifest begins with “version: 1”; “automations:” and its other keys follow."


def build_manifest(
    documents: Sequence[Document], account: Account | None, stacks: Collection[str], problems: Problems
) -> tuple[Manifest, Listings]:
    """Everything the documents say, merged in their order, and the objects their names were looked up in.

    ``complete`` only when every file says so; ``checked`` is the oldest date stated. Faults go to ``problems``.
    """
    listings = listings_of(account, _automations(documents))
    resolver = Resolver(listings)
    first = Problems()
    parts = [_read(document, Reading(document.file, first, resolver, stacks), account) for document in documents]
    if resolver.pairs:
        # The manifest itself tells ids of names the snapshot does not have: all mentions of one object must become one reference.
        for (kind, number), name in resolver.pairs.items():
            listings[kind].add(number, name)
        resolver, first = Resolver(listings), Problems()
        parts = [_read(document, Reading(document.file, first, resolver, stacks), account) for document in documents]
    problems.take(first)
    _check_accounts(parts, problems)
    manifest = Manifest(
        files=tuple(document.file for document in documents),
        complete=bool(parts) and all(part.complete for part in parts),
        lists_automations=not parts or any(part.lists_automations for part in parts),
        checked=min((part.checked for part in parts if part.checked), default=None),
        account=next((part.account for part in parts if part.account), None),
        automations=tuple(automation for part in parts for automation in part.automations),
        rules=tuple(rule for part in parts for rule in part.rules),
        form_links=tuple(link for part in parts for link in part.form_links),
        external=tuple(writer for part in parts for writer in part.external),
        offerings=tuple(offering for part in parts for offering in part.offerings),
        ignores=tuple(ignore for document in documents for ignore in read_comments(document, problems)),
        references=tuple(resolver.references),
    )
    _check_ids(manifest.automations, problems)
    return manifest, listings


def _automations(documents: Iterable[Document]) -> list[tuple[int | None, str]]:
    """Ids and names of all automations, so that steps can name those that come later."""
    found = []
    for document in documents:
        root = document.root
        listed = root.values.get("automations") if isinstance(root, Mapping) else None
        for item in listed.items if isinstance(listed, Items) else ():
            name, number = (item.values.get("name"), item.values.get("id")) if isinstance(item, Mapping) else (None, None)
            if isinstance(name, Scalar) and name.text:
                whole = isinstance(number, Scalar) and number.kind is ScalarKind.WHOLE and len(number.text) < 20
                found.append((int(number.text) if whole and isinstance(number, Scalar) else None, name.text))
    return found


def _read(document: Document, reading: Reading, account: Account | None) -> Manifest:
    """One file on its own."""
    root = document.root
    if root is None or not _is_manifest(root, reading):
        return Manifest(files=(document.file,))
    values = root.values
    complete = reading.flag(values.get("complete"), "“complete”") is True
    return Manifest(
        files=(document.file,),
        complete=complete,
        lists_automations=complete or any(key in values and not is_nothing(values[key]) for key in MOVERS),
        checked=reading.date(values.get("checked"), "“checked”"),
        account=_account(reading, values.get("account"), account),
        automations=_read_automations(reading, values.get("automations")),
        rules=read_rules(reading, values.get("rules")),
        form_links=read_form_links(reading, values.get("form_links")),
        external=read_external(reading, values.get("external")),
        offerings=read_offerings(reading, values.get("offerings")),
    )


def _is_manifest(root: Node, reading: Reading) -> TypeGuard[Mapping]:
    """Whether it is worth reading on: a mapping with keys of a manifest, of a version this program knows."""
    if not isinstance(root, Mapping):
        reading.expected(root, "a manifest, which is a mapping", _BEGIN)
        return False
    if not any(key in KEYS for key in root.values):
        reading.fault(root, "this is no manifest: it has none of a manifest's keys", _BEGIN)
        return False
    version = root.values.get("version")
    number = reading.whole(version, "“version”", 0)
    if number is not None and version and number > VERSION:
        reading.fault(
            version, f"this manifest was made for a newer ckaudit (version {number})", "Update ckaudit; this one reads version 1."
        )
        return False
    if number == 0 and version:
        reading.fault(version, "there is no version 0 of the manifest", "Write “version: 1”.")
    reading.mapping(root, "a manifest", KEYS, ("version",), _BEGIN)
    return True


def _account(reading: Reading, node: Node | None, account: Account | None) -> int | None:
    number = reading.number(node)
    if number and node and account and account.info and account.info.id != number:
        reading.fault(
            node,
            f"this manifest belongs to account {number}, and the snapshot is of account {account.info.id}",
            "Use the manifest of the same account, or correct “account”.",
        )
    return number


def _read_automations(reading: Reading, node: Node | None) -> tuple[Automation, ...]:
    return tuple(found for item in reading.items(node, "“automations”") if (found := _automation(reading, item)))


def _automation(reading: Reading, node: Node) -> Automation | None:
    hint = "Write it as in {name: Welcome, entries: [...], steps: [...]}."
    mapping = reading.mapping(node, "an automation", AUTOMATION_KEYS, ("name",), hint)
    if mapping is None:
        return None
    values = mapping.values
    return Automation(
        name=reading.text(values.get("name"), "the name of an automation"),
        id=reading.number(values.get("id")),
        status=reading.choice(values.get("status"), AutomationStatus) or AutomationStatus.ACTIVE,
        recurring=reading.flag(values.get("recurring"), "“recurring”"),
        evergreen=reading.flag(values.get("evergreen"), "“evergreen”"),
        entries=read_entries(reading, values.get("entries")),
        steps=read_steps(reading, values.get("steps")),
        note=reading.text(values.get("notes"), "notes"),
        location=reading.at(node),
    )


def _check_accounts(parts: Sequence[Manifest], problems: Problems) -> None:
    """Files that name different accounts do not belong together."""
    named = [(part.files[0], part.account) for part in parts if part.account]
    for file, number in named[1:]:
        if number != named[0][1]:
            problems.add(f"this manifest belongs to account {number}, and {named[0][0]} to account {named[0][1]}", Location(file))


def _check_ids(automations: Iterable[Automation], problems: Problems) -> None:
    first: dict[int, Automation] = {}
    for automation in automations:
        if automation.id is not None:
            earlier = first.setdefault(automation.id, automation)
            if earlier is not automation:
                message = f"a second automation has the id {automation.id}; the first is {quote(earlier.name)}"
                problems.add(message, automation.location, f"The first stands at {earlier.location}.")
