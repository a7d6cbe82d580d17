"""Manifest files -> one ``Manifest``, or every fault with its place."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path
from typing import TypeVar

from ckaudit.model.account import Account
from ckaudit.model.automations import Automation, Manifest
from ckaudit.model.errors import Location, ManifestError, Problem
from ckaudit.sources.manifest.comments import read_comments
from ckaudit.sources.manifest.fields import Reader
from ckaudit.sources.manifest.parts import read_form_link, read_offering, read_rule, read_writer
from ckaudit.sources.manifest.problems import Problems
from ckaudit.sources.manifest.resolve import WORDS, Resolver
from ckaudit.sources.manifest.steps import read_automation
from ckaudit.sources.manifest.tree import MAX_BYTES, Node, read_tree

T = TypeVar("T")

VERSION = 1
KEYS = ("version", "complete", "checked", "account", "automations", "rules", "form_links", "external", "offerings")


def read_manifests(paths: Sequence[Path], account: Account | None, stacks: Collection[str]) -> Manifest:
    """One manifest from these files, references resolved against ``account`` (None: names stand for themselves).

    It is complete only when every file says so; ``checked`` is the oldest date.

    Raises:
        ManifestError: with every fault of every file.
    """
    texts = [(read_text(path), str(path)) for path in paths]
    return _parse(texts, account, stacks)


def parse_manifest(text: str, file: str, account: Account | None, stacks: Collection[str]) -> Manifest:
    """The manifest in a text; ``file`` is what positions name. Raises ManifestError."""
    return _parse([(text, file)], account, stacks)


def check_manifest(paths: Sequence[Path], account: Account | None, stacks: Collection[str]) -> list[Problem]:
    """Everything wrong with these files: the faults that stop an audit, else the names the account does not have."""
    try:
        resolver, _ = _read([(read_text(path), str(path)) for path in paths], account, stacks)
    except ManifestError as error:
        return list(error.problems) or [Problem(error.message, error.location, error.hint)]
    return [
        Problem(f"the account has no {WORDS.get(ref.kind, ref.kind.value)} “{ref.name}”", ref.location, resolver.unknown_hint(ref))
        for ref in resolver.references
        if not ref.known
    ]


def read_text(path: Path) -> str:
    """The text of a manifest file.

    Raises:
        ManifestError: it cannot be read, is too large to be a manifest, or is no UTF-8.
    """
    place = Location(str(path))
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            message = f"this file has {size / 1e6:.0f} MB; a manifest of more than {MAX_BYTES // 1_000_000} MB is not read"
            raise ManifestError(message, location=place, hint="Is it really a manifest? A very large account fits into several files.")
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ManifestError("this is not UTF-8 text", location=place, hint="Save the file as UTF-8.") from error
    except IsADirectoryError as error:
        raise ManifestError("this is a folder", location=place, hint="Name a file: automations.yaml.") from error
    except OSError as error:
        raise ManifestError(f"cannot read this file: {error.strerror}", location=place) from error


def _parse(texts: Sequence[tuple[str, str]], account: Account | None, stacks: Collection[str]) -> Manifest:
    return _read(texts, account, stacks)[1]


def _read(texts: Sequence[tuple[str, str]], account: Account | None, stacks: Collection[str]) -> tuple[Resolver, Manifest]:
    problems = Problems()
    resolver = Resolver(account, problems)
    read = Reader(resolver, problems)
    trees = [(root, text, file) for text, file in texts if (root := _root(text, file, problems))]
    resolver.use_automations(_named(root for root, _, _ in trees))
    parts = [_part(read, root, text, file, stacks, account) for root, text, file in trees]
    _no_id_twice(problems, [automation for part in parts for automation in part.automations])
    problems.raise_if_any()
    dates = sorted(part.checked for part in parts if part.checked)
    return resolver, Manifest(
        files=tuple(file for _, file in texts),
        complete=bool(parts) and all(part.complete for part in parts),
        checked=dates[0] if dates else None,
        account=next((part.account for part in parts if part.account), None),
        automations=tuple(item for part in parts for item in part.automations),
        rules=tuple(item for part in parts for item in part.rules),
        form_links=tuple(item for part in parts for item in part.form_links),
        external=tuple(item for part in parts for item in part.external),
        offerings=tuple(item for part in parts for item in part.offerings),
        ignores=tuple(item for part in parts for item in part.ignores),
        references=tuple(resolver.references),
    )


def _root(text: str, file: str, problems: Problems) -> Node | None:
    root = read_tree(text, file, problems)
    if root is None or root.value is None:
        if not problems.found:
            problems.add(
                Location(file, 1), "this manifest is empty", "Begin with “version: 1” and “automations:”, or run “ckaudit manifest new”."
            )
        return None
    if not isinstance(root.value, dict):
        problems.add(root.location, f"a manifest is a mapping (key: value); this is {root.kind}", "Begin with “version: 1”.")
        return None
    return root


def _part(read: Reader, root: Node, text: str, file: str, stacks: Collection[str], account: Account | None) -> Manifest:
    if not isinstance(root.value, dict):
        return Manifest()
    if not _version(read, root):
        return Manifest()
    keys = read.mapping(root, "a manifest", KEYS)

    def every(key: str, what: str, one: Callable[[Reader, Node], T | None]) -> tuple[T, ...]:
        return tuple(item for node in read.items(keys.get(key), what) if (item := one(read, node)) is not None)

    number = read.number(keys.get("account"), "the number of the account", 1)
    if number and account and account.info and account.info.id != number:
        read.problems.add(
            keys["account"].location,
            f"this manifest is for account {number}, the snapshot is of account {account.info.id}",
            "Use the manifest of this account, or correct the number.",
        )
    return Manifest(
        complete=read.flag(keys.get("complete"), "complete") is True,
        checked=read.date(keys["checked"], "checked") if "checked" in keys else None,
        account=number,
        automations=every("automations", "automations", read_automation),
        rules=every("rules", "rules", read_rule),
        form_links=every("form_links", "form links", read_form_link),
        external=every("external", "external writers", read_writer),
        offerings=every("offerings", "offerings", lambda reader, node: read_offering(reader, node, stacks)),
        ignores=read_comments(text, file, root, read.problems),
    )


def _version(read: Reader, root: Node) -> bool:
    node = root.value.get("version") if isinstance(root.value, dict) else None
    if node is None:
        looks_like = isinstance(root.value, dict) and any(key in root.value for key in KEYS)
        hint = "Add “version: 1” as the first line." if looks_like else "Is this file a ckaudit manifest? It has none of its keys."
        read.problems.add(root.location, "a manifest needs “version: 1”", hint)
        return looks_like
    if type(node.value) is int and node.value > VERSION:
        read.problems.add(node.location, f"this manifest has version {node.value}, made for a newer ckaudit", "Upgrade ckaudit.")
        return False
    if type(node.value) is not int or node.value != VERSION:
        read.wrong(node, "“version: 1”")
    return True


def _named(roots: Iterable[Node]) -> list[tuple[int | None, str]]:
    """Ids and names of all automations, before anything is read, so that steps may name automations further down."""
    named = []
    for root in roots:
        automations = root.value.get("automations") if isinstance(root.value, dict) else None
        for node in automations.value if automations and isinstance(automations.value, tuple) else ():
            if isinstance(node.value, dict) and "name" in node.value and isinstance(node.value["name"].value, str):
                number = node.value.get("id")
                named.append((number.value if number and type(number.value) is int else None, node.value["name"].value.strip()))
    return named


def _no_id_twice(problems: Problems, automations: list[Automation]) -> None:
    seen: dict[int, Automation] = {}
    for automation in automations:
        if automation.id is not None:
            first = seen.setdefault(automation.id, automation)
            if first is not automation:
                problems.add(
                    automation.location,
                    f"a second automation has the id {automation.id}",
                    f"The first is “{first.name}” at {first.location}.",
                )
