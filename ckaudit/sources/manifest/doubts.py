"""What is well written in a manifest and probably not meant: names in typographic quotes, and one automation listed twice."""

from __future__ import annotations

from collections.abc import Iterator

from ckaudit.model.automations import Manifest
from ckaudit.model.errors import Location, Problem
from ckaudit.sources.yaml.problems import quote

_OPENING, _CLOSING = "“”„‟«»‘’‚‛‹›", "“”‟«»‘’‛‹›"


def doubtful(manifest: Manifest) -> list[Problem]:
    """One warning for each place, in the order of the files; names that the account has are as they are."""
    found = [*_quoted(manifest), *_twice(manifest)]
    return sorted(found, key=lambda item: (item.location.file, item.location.line) if item.location else ("", 0))


def _quoted(manifest: Manifest) -> Iterator[Problem]:
    named = [(ref.name, ref.location) for ref in manifest.references if ref.id is None]
    named += [(item.name, item.location) for item in manifest.automations]
    for name, location in dict.fromkeys(named):
        if len(name) > 2 and name[0] in _OPENING and name[-1] in _CLOSING:
            hint = f'YAML knows straight quotes alone: "{name[1:-1]}". With these they are part of the name.'
            yield Problem(f"the name {name} stands in typographic quotes", location, hint, warning=True)


def _twice(manifest: Manifest) -> Iterator[Problem]:
    """The second of two automations with one name, unless ids tell them apart."""
    first: dict[str, tuple[int | None, Location | None]] = {}
    for item in manifest.automations:
        if item.name not in first:
            first[item.name] = (item.id, item.location)
            continue
        number, place = first[item.name]
        if item.id is None or number is None:
            line = f" (line {place.line} of {place.file})" if place else ""
            hint = "Is it one? Then leave one of them away. Are there two in Kit? Then give each its “id”."
            yield Problem(f"the automation {quote(item.name)} is listed a second time{line}", item.location, hint, warning=True)
