"""Shorthand -> automations, by way of the manifest's own reader: what it checks and how it says so is the same for both."""

from __future__ import annotations

import re

import msgspec
from msgspec import UNSET

from ckaudit.model.automations import Automation
from ckaudit.model.errors import Location
from ckaudit.model.errors import Problem as FileProblem
from ckaudit.sources.manifest.records import Record
from ckaudit.sources.manifest.resolve import Listing, Resolver
from ckaudit.sources.manifest.values import Reading as ManifestReading
from ckaudit.sources.shorthand import signs
from ckaudit.sources.shorthand.lines import Comment, split_lines
from ckaudit.sources.shorthand.names import Names
from ckaudit.sources.shorthand.parse import Parser
from ckaudit.sources.shorthand.phrases import Found
from ckaudit.sources.yaml.problems import Problems
from ckaudit.sources.yaml.tree import Items, Mapping, Scalar, ScalarKind, line_column

# what a manifest cannot hold either
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
_AUTOMATION = Record(Automation)


class Problem(msgspec.Struct, frozen=True):
    """One thing wrong: what happened and what was expected, where (from 1), what to do next, and the names a fragment may mean."""

    line: int
    column: int
    message: str
    hint: str = ""
    choices: tuple[str, ...] = ()

    def of_file(self, file: str) -> FileProblem:
        """The same as a problem of a file."""
        return FileProblem(self.message, Location(file, self.line, self.column), self.hint)


class Reading(msgspec.Struct, frozen=True):
    """What a text says: its automations, and what is wrong with it, from top to bottom.

    Lines that are wrong are left out of the automations, so that the others can be shown; to be saved, ``problems`` must be empty. Every
    part's ``location`` has its line and column. An automation whose name is missing or wrong is left out as a whole. ``comments``: the
    lines with comments, by number, with their sign.
    """

    automations: tuple[Automation, ...] = ()
    problems: tuple[Problem, ...] = ()
    comments: tuple[tuple[int, str], ...] = ()


def read(text: str, names: Names | None = None, *, name: str = "", file: str = "") -> Reading:
    """Read shorthand; never raises. The costs are linear in the text, times a search in the names for every new fragment.

    ``names``: of the account and of the automations beside these; without them names stand for themselves. ``name``: of the automation
    to which steps before the first “* NAME” belong. ``file``: what places in the text are called.
    """
    text = text.removeprefix("\ufeff")
    if forbidden := _FORBIDDEN.search(text):
        line, column = line_column(text, forbidden.start())
        message = f"here is the character U+{ord(forbidden[0]):04X}, which no name in Kit has"
        return Reading(problems=(Problem(line, column, message, "Delete it; in a name in double quotes write it as \\u and four digits."),))
    names = names or Names()
    root, found = _parsed(text, names, name, file)
    own = _own(root)
    if own:
        names = names.with_automations(own)
        if signs.START in text or signs.REMOVE in text:  # steps may name an automation of this text
            root, found = _parsed(text, names, name, file)
    problems = Problems()
    automations = _built(root, names, problems)
    found += [Found(item.message, item.location or Location(file, 1, 1), item.hint) for item in problems.found]
    comments = tuple((line.number, line.text) for line in split_lines(text) if isinstance(line, Comment))
    return Reading(automations, tuple(sorted(map(_problem, found), key=lambda item: (item.line, item.column))), comments)


def _parsed(text: str, names: Names, name: str, file: str) -> tuple[Items, list[Found]]:
    found: list[Found] = []
    return Parser(names, file, found).run(text, name), found


def _own(root: Items) -> list[tuple[int | None, str]]:
    """Ids and names of the automations of a text."""
    own = []
    for item in root.items:
        if isinstance(item, Mapping) and isinstance(name := item.values["name"], Scalar):
            number = item.values.get("id")
            is_id = isinstance(number, Scalar) and number.kind is ScalarKind.WHOLE and len(number.text) < 20
            own.append((int(number.text) if is_id and isinstance(number, Scalar) else None, name.text))
    return own


def _built(root: Items, names: Names, problems: Problems) -> tuple[Automation, ...]:
    """The automations, with names resolved as in a manifest."""
    resolver, first = Resolver(names.listings), Problems()
    built = _automations(root, ManifestReading(first, resolver, ()))
    if resolver.pairs:  # ids of names that no account is there for: all mentions of one object become one reference
        listings = names.listings | {kind: _copied(names.listings[kind]) for kind, _ in resolver.pairs}
        for (kind, number), name in resolver.pairs.items():
            listings[kind].add(number, name)
        first = Problems()
        built = _automations(root, ManifestReading(first, Resolver(listings), ()))
    problems.take(first)
    return built


def _automations(root: Items, reading: ManifestReading) -> tuple[Automation, ...]:
    return tuple(built for item in root.items if (built := _AUTOMATION.read(reading, item, "")) is not UNSET)


def _copied(listing: Listing) -> Listing:
    return Listing(listing.complete, {name: list(ids) for name, ids in listing.by_name.items()}, dict(listing.by_id))


def _problem(found: Found) -> Problem:
    return Problem(found.location.line, found.location.column, found.message, found.hint, found.choices)
