"""References: what somebody wrote, matched with the objects the API lists.

A reference is an exact name, an id, or ``{id: 11, name: "…"}`` whose parts must agree. A custom field is named by key or label, the key
wins. A name that two objects share asks for the id. A name nothing matches stays, marked as unknown, when the section was read
completely.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from ckaudit.model.account import Account, SectionName
from ckaudit.model.errors import Location
from ckaudit.model.refs import Kind, Ref
from ckaudit.sources.manifest.problems import Problems, suggestion
from ckaudit.sources.manifest.tree import Node

SECTIONS = {
    Kind.TAG: SectionName.TAGS,
    Kind.FORM: SectionName.FORMS,
    Kind.SEQUENCE: SectionName.SEQUENCES,
    Kind.FIELD: SectionName.CUSTOM_FIELDS,
    Kind.SEGMENT: SectionName.SEGMENTS,
    Kind.SNIPPET: SectionName.SNIPPETS,
}
WORDS = {Kind.FIELD: "custom field"}
LARGEST = 2**63 - 1


class Names:
    """The names and ids of one kind of object. ``closed``: the list is complete, so what is not in it does not exist."""

    def __init__(self, *, closed: bool) -> None:
        self.closed = closed
        self.ids: defaultdict[str, list[int]] = defaultdict(list)
        self.names: dict[int, str] = {}

    def add(self, number: int, name: str, *others: str) -> None:
        """One object; ``others`` are further names that give way to those already there."""
        self.names[number] = name
        self.ids[name].append(number)
        for other in others:
            if other and other != name:
                self.ids[f"\0{other}"].append(number)

    def find(self, name: str) -> list[int]:
        """Ids of the objects with this name."""
        return self.ids.get(name) or self.ids.get(f"\0{name}") or []

    def all_names(self) -> Iterable[str]:
        """Every name, for suggestions."""
        return (name.removeprefix("\0") for name in self.ids)


class Resolver:
    """Resolves references against one account (or none) and remembers them all."""

    def __init__(self, account: Account | None, problems: Problems) -> None:
        self.problems = problems
        self.references: list[Ref] = []
        self.tables: dict[Kind, Names] = {}
        for kind, section in SECTIONS.items():
            self.tables[kind] = Names(closed=account is not None and account.complete(section))
        if account:
            for kind, group in (
                (Kind.TAG, account.tags),
                (Kind.FORM, account.forms),
                (Kind.SEQUENCE, account.sequences),
                (Kind.SEGMENT, account.segments),
            ):
                for item in group:
                    self.tables[kind].add(item.id, item.name)
            for field in account.custom_fields:
                self.tables[Kind.FIELD].add(field.id, field.key, field.label or "")
            for snippet in account.snippets:
                self.tables[Kind.SNIPPET].add(snippet.id, snippet.key, snippet.name)

    def use_automations(self, named: Iterable[tuple[int | None, str]]) -> None:
        """The automations of the manifest, which other steps may name. Those without an id are known by name."""
        table = Names(closed=True)
        for place, (number, name) in enumerate(named):
            # negative numbers stand for automations without an id: they never leave this table
            table.add(number if number is not None else -place - 1, name)
        self.tables[Kind.AUTOMATION] = table

    def ref(self, kind: Kind, node: Node) -> Ref | None:
        """The reference in this node; None when it is no reference at all (noted)."""
        name, number = self._parts(kind, node)
        if name is None and number is None:
            return None
        ref = self._resolve(kind, name, number, node.location)
        self.references.append(ref)
        return ref

    def _parts(self, kind: Kind, node: Node) -> tuple[str | None, int | None]:
        word = WORDS.get(kind, kind.value)
        match node.value:
            case bool() | float():
                shown = str(node.value).lower()
                self.problems.add(node.location, f"expected a {word}, found {node.kind}", f'Quote it if that is the name: "{shown}".')
            case int():
                if 0 < node.value <= LARGEST:
                    return None, node.value
                self.problems.add(node.location, f"{node.value} is no id", "Ids are whole numbers above 0.")
            case str() if node.value.strip():
                return node.value, None
            case dict() if set(node.value) <= {"id", "name"} and node.value:
                return self._pair(node.value, word)
            case _:
                self.problems.add(
                    node.location, f"expected a {word}, found {node.kind}", 'Give its exact name, its id, or {id: 11, name: "…"}.'
                )
        return None, None

    def _pair(self, pair: dict[str, Node], word: str) -> tuple[str | None, int | None]:
        name, number = pair.get("name"), pair.get("id")
        if number and not (type(number.value) is int and 0 < number.value <= LARGEST):
            self.problems.add(number.location, f"expected the id of a {word}, found {number.kind}", "Ids are whole numbers above 0.")
            return None, None
        if name and not (isinstance(name.value, str) and name.value.strip()):
            self.problems.add(name.location, f"expected the name of a {word}, found {name.kind}", "Quote it if that is the name.")
            return None, None
        return (str(name.value) if name else None), (number.value if number and isinstance(number.value, int) else None)

    def _resolve(self, kind: Kind, name: str | None, number: int | None, where: Location) -> Ref:
        table = self.tables.get(kind, Names(closed=False))
        word = WORDS.get(kind, kind.value)
        if number is not None:
            actual = table.names.get(number)
            if actual is not None and name is not None and number not in table.find(name):
                self.problems.add(
                    where, f"the {word} with the id {number} is called “{actual}”, not “{name}”", "Correct the name or the id."
                )
            return Ref(kind, name or actual or str(number), number, known=actual is not None or not table.closed, location=where)
        found = table.find(name or "")
        if len(found) > 1:
            ids = ", ".join(str(item) for item in found if item > 0) or "none has one: add “id:” to each"
            self.problems.add(where, f"{len(found)} {word}s are called “{name}”", f"Give the id instead ({ids}).")
        if found:
            return Ref(kind, name or "", found[0] if found[0] > 0 else None, location=where)
        return Ref(kind, name or "", None, known=not table.closed, location=where)

    def unknown_hint(self, ref: Ref) -> str:
        """The nearest name for an unknown reference."""
        return suggestion(ref.name, list(self.tables.get(ref.kind, Names(closed=False)).all_names()))
