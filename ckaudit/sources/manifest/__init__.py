"""The manifest: automations, rules and what else moves people, as a YAML or JSON file that people write.

``read_manifests`` for files, ``parse_manifest`` and ``parse_manifests`` for text, ``manifest_of`` for a part of a file,
``check_manifest`` for everything that is wrong with files, ``manifest_schema`` for editors. Nothing here imports PyYAML before a manifest
is read.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from ckaudit.model.account import Account
from ckaudit.model.automations import Manifest
from ckaudit.model.errors import Location, ManifestError, Problem
from ckaudit.sources.files import StrPath
from ckaudit.sources.manifest.parse import build_manifest
from ckaudit.sources.manifest.resolve import unknown_references
from ckaudit.sources.stacks import read_stacks
from ckaudit.sources.yaml.files import read_text
from ckaudit.sources.yaml.problems import Problems
from ckaudit.sources.yaml.reader import Document, read_document
from ckaudit.sources.yaml.tree import Mapping as Mapping_
from ckaudit.sources.yaml.tree import Node, Scalar

__all__ = ["check_manifest", "manifest_of", "manifest_schema", "parse_manifest", "parse_manifests", "read_manifests"]

_EMPTY = "The shortest is “version: 1”; `ckaudit manifest new` writes the first files."


def read_manifests(paths: Sequence[StrPath], account: Account | None = None, stacks: Collection[str] | None = None) -> Manifest:
    """Read files and merge them in the order given; a file given twice counts once. ``stacks`` are the names offerings may use: when
    nothing is said, those that ckaudit knows.

    Names are resolved against ``account``; without one they stand for themselves. An unknown name is a reference with
    ``known=False``, not an error. The merged manifest is complete when a file says so and none says that it is not.

    Raises:
        ManifestError: with every problem of every file (at most 20 in words), each with file, line and column.
    """
    files = [Path(path) for path in paths]
    problems = Problems(map(str, files))
    documents = _documents(files, problems)
    manifest, _ = build_manifest(documents, account, read_stacks() if stacks is None else stacks, problems)
    problems.stop_if_any(ManifestError, "the manifest")
    return manifest


def parse_manifest(text: str, file: str, account: Account | None, stacks: Collection[str]) -> Manifest:
    """As ``read_manifests`` for one text; ``file`` is what places in it are called.

    Raises:
        ManifestError: as ``read_manifests``.
    """
    problems = Problems()
    manifest, _ = build_manifest([_document(text, file, problems)], account, stacks, problems)
    problems.stop_if_any(ManifestError, "the manifest")
    return manifest


def parse_manifests(texts: Mapping[str, str], account: Account | None, stacks: Collection[str]) -> Manifest:
    """As ``read_manifests`` for texts by the names of their files: what an audit would read if these were the files.

    Raises:
        ManifestError: as ``read_manifests``.
    """
    problems = Problems(texts)
    manifest, _ = build_manifest([_document(text, file, problems) for file, text in texts.items()], account, stacks, problems)
    problems.stop_if_any(ManifestError, "the manifest")
    return manifest


def manifest_of(root: Node, account: Account | None, stacks: Collection[str]) -> Manifest:
    """As ``read_manifests`` for a part of a file, such as the manifest of a case. Its comments accept nothing.

    Raises:
        ManifestError: as ``read_manifests``.
    """
    problems = Problems()
    manifest, _ = build_manifest([Document(root.file, "", root, [])], account, stacks, problems)
    problems.stop_if_any(ManifestError, "the manifest")
    return manifest


def check_manifest(paths: Sequence[Path], account: Account | None, stacks: Collection[str]) -> list[Problem]:
    """Everything that is wrong with files, raising nothing: what is invalid first, then names without an object, which rule CK901 finds.

    Such a name is a ``warning``; everything else makes the manifest unusable.
    """
    problems = Problems(map(str, paths))
    manifest, listings = build_manifest(_documents(paths, problems), account, stacks, problems)
    return [*problems.listed(), *problems.in_order(unknown_references(manifest.references, listings))]


def manifest_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a manifest, for completion and checking in editors."""
    from ckaudit.sources.manifest.schema import manifest_schema as schema

    return schema()


def _documents(paths: Sequence[Path], problems: Problems) -> list[Document]:
    texts = ((path, read_text(path, "a manifest", problems)) for path in dict.fromkeys(paths))
    return [_document(text, str(path), problems) for path, text in texts if text is not None]


_OURS = {
    "snapshot": "a snapshot that `ckaudit pull` wrote",
    "result": "a result that `ckaudit scan` wrote",
    "fleet": "the summary of a fleet",
    "people": "a list of people",
    "reading": "the day of a snapshot",
    "counts": "the numbers of people of a snapshot",
}


def _another_document(root: Node | None) -> str:
    """What else of ckaudit's a file is, in words; empty when it may be a manifest."""
    schema = root.values.get("schema") if isinstance(root, Mapping_) else None
    text = schema.text if isinstance(schema, Scalar) else ""
    return _OURS.get(text.removeprefix("ckaudit.").partition("/")[0], "") if text.startswith("ckaudit.") else ""


def _document(text: str, file: str, problems: Problems) -> Document:
    before = problems.count
    document = read_document(text, file, problems)
    if isinstance(document.root, Scalar) and document.root.plain and not document.root.text:
        document.root = None  # “---” and nothing else
    if what := _another_document(document.root):
        problems.add(f"this is {what}, not a manifest", Location(file, 1, 1), "A manifest lists automations; it begins with “version: 1”.")
        document.root = None
    if document.root is None and problems.count == before:
        problems.add("this manifest is empty", Location(file, 1, 1), _EMPTY)
    return document
