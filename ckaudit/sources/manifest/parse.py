"""Manifest files -> a ``Manifest``: reads them all, notes every problem, resolves names, merges."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import TypeGuard

import msgspec
from msgspec import UNSET

from ckaudit.model.account import Account
from ckaudit.model.automations import VERSION, Automation, Manifest
from ckaudit.model.errors import Location
from ckaudit.sources.manifest.comments import read_comments
from ckaudit.sources.manifest.listed import join_listed, whole
from ckaudit.sources.manifest.records import Record
from ckaudit.sources.manifest.resolve import Listings, Resolver, listings_of
from ckaudit.sources.manifest.values import Reading
from ckaudit.sources.yaml.problems import Problems, quote
from ckaudit.sources.yaml.reader import Document
from ckaudit.sources.yaml.tree import Mapping, Node, Scalar, ScalarKind, is_nothing

MOVERS = ("automations", "rules", "form_links", "external")
_MANIFEST = Record(Manifest)


def build_manifest(
    documents: Sequence[Document], account: Account | None, stacks: Collection[str], problems: Problems
) -> tuple[Manifest, Listings]:
    """Everything the documents say, merged in their order, and the objects their names were looked up in.

    An automation that is listed by its name alone and described elsewhere is one (``join_listed``). ``complete`` when a file says so and
    none says that it is not: the list is one, however many files it is in. ``checked`` is the oldest date stated. Problems go to
    ``problems``.
    """
    first = Problems()
    listings = listings_of(account, join_listed(documents, problems))
    resolver = Resolver(listings)
    parts = [_read(document, Reading(first, resolver, stacks), account) for document in documents]
    if resolver.pairs:
        # The manifest itself has ids of names the snapshot does not have: all mentions of one object must become one reference.
        for (kind, number), name in resolver.pairs.items():
            listings[kind].add(number, name)
        resolver, first = Resolver(listings), Problems()
        parts = [_read(document, Reading(first, resolver, stacks), account) for document in documents]
    problems.take(first)
    _check_accounts(parts, problems)
    manifest = Manifest(
        files=tuple(document.file for document in documents),
        complete=_is_complete(documents, parts),
        lists_automations=not parts or any(part.lists_automations for part in parts),
        checked=min((part.checked for part in parts if part.checked), default=None),
        account=next((part.account for part in parts if part.account), None),
        automations=tuple(automation for part in parts for automation in part.automations),
        rules=tuple(rule for part in parts for rule in part.rules),
        form_links=tuple(link for part in parts for link in part.form_links),
        external=tuple(item for part in parts for item in part.external),
        segments=tuple(segment for part in parts for segment in part.segments),
        offerings=tuple(offering for part in parts for offering in part.offerings),
        ignores=tuple(ignore for document in documents for ignore in read_comments(document, problems)),
        references=tuple(resolver.references),
    )
    _check_ids(manifest.automations, problems)
    return manifest, listings


def _is_complete(documents: Iterable[Document], parts: Iterable[Manifest]) -> bool:
    said = [
        part.complete
        for document, part in zip(documents, parts, strict=True)
        if isinstance(document.root, Mapping) and "complete" in document.root.values
    ]
    return bool(said) and all(said)


def _read(document: Document, reading: Reading, account: Account | None) -> Manifest:
    """One file on its own."""
    root, nothing = document.root, Manifest(files=(document.file,))
    if root is None or not _is_manifest(root, reading):
        return nothing
    given = _MANIFEST.given(reading, root)
    if given is UNSET:
        return nothing
    manifest = Manifest(files=nothing.files, **given)
    _check_account(reading, root, manifest, account)
    moves = any(key in root.values and not is_nothing(root.values[key]) for key in MOVERS)
    return msgspec.structs.replace(manifest, lists_automations=manifest.complete or moves)


def _is_manifest(root: Node, reading: Reading) -> TypeGuard[Mapping]:
    """Whether it is worth reading on: a mapping with keys of a manifest, of a version this program knows."""
    name, hint, keys = Manifest.notation.name, Manifest.notation.hint, _MANIFEST.fields
    if not isinstance(root, Mapping):
        if isinstance(root, Scalar) and root.kind is not ScalarKind.NOTHING:  # some other file: what it says is not ours to repeat
            reading.problem(root, f"expected {name}, which is a mapping, found text", hint)
        else:
            reading.expected(root, f"{name}, which is a mapping", hint)
        return False
    if not any(key in keys for key in root.values):
        reading.problem(root, "this is not a manifest: it has none of a manifest's keys", hint)
        return False
    version = root.values.get("version")
    if version is None:
        reading.problem(root, f"{name} needs “version”", hint)
    elif (number := whole(version)) and number > VERSION:
        hint = f"Update ckaudit; this one reads version {VERSION}."
        reading.problem(version, f"this manifest was made for a newer ckaudit (version {number})", hint)
        return False
    return True


def _check_account(reading: Reading, root: Mapping, manifest: Manifest, account: Account | None) -> None:
    number = manifest.account
    if number and account and account.info and account.info.id != number:
        reading.problem(
            root.values["account"],
            f"this manifest belongs to account {number}, and the snapshot is of account {account.info.id}",
            "Use the manifest of the same account, or correct “account”.",
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
                problems.add(message, automation.location, f"The first is at {earlier.location}.")
