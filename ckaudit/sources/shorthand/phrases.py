"""What stands behind a sign -> the tree of the same thing in the manifest: names, conditions, triggers, fields and their values."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping as Values

import msgspec

from ckaudit.model.errors import Location
from ckaudit.model.refs import Kind
from ckaudit.sources.manifest.resolve import NOUNS
from ckaudit.sources.shorthand import signs
from ckaudit.sources.shorthand.lines import Line
from ckaudit.sources.shorthand.names import Names, Unclear
from ckaudit.sources.yaml.tree import Broken, Items, Mapping, Node, Scalar

_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_NAMED = re.compile(r'(?:#[0-9]+[ \t]+)?"(?:[^"\\]|\\.)*"')
_ID = re.compile(r"#([0-9]+)(?:[ \t]+|$)")
_FIELD = re.compile(r"([^=~<>]*)([=~<>]?)[ \t]*(.*)")
_SUB_SIGN = re.compile(f"[{re.escape(signs.FORM + signs.PRODUCT + signs.FIELD + signs.OWN_WORDS + signs.REMOVE_TAG + signs.WITHIN)}][ \t]*")
_STEPS = {
    signs.ADD_TAG: ("add_tag", Kind.TAG),
    signs.REMOVE_TAG: ("remove_tag", Kind.TAG),
    signs.SEQUENCE: ("sequence", Kind.SEQUENCE),
    signs.START: ("start_automation", Kind.AUTOMATION),
    signs.REMOVE: ("remove_from_automation", Kind.AUTOMATION),
}
_CLOSE = 'Text in double quotes ends with one, and nothing follows it; inside write \\" and \\\\.'


class Found(msgspec.Struct, frozen=True):
    """What is wrong at a place, as the manifest's own problems are, and the names that may be meant."""

    message: str
    location: Location
    hint: str = ""
    choices: tuple[str, ...] = ()


class Place(msgspec.Struct, frozen=True):
    """A place in a file, and the tree's values there."""

    file: str
    line: int
    column: int

    def scalar(self, text: str) -> Scalar:
        """A text, taken as it is."""
        return Scalar(self.file, self.line, self.column, self.line, text, False)

    def plain(self, text: str) -> Scalar:
        """What YAML would write without quotes, such as a number."""
        return Scalar(self.file, self.line, self.column, self.line, text, True)

    def items(self, items: list[Node] | None = None) -> Items:
        """A list."""
        return Items(self.file, self.line, self.column, self.line, [] if items is None else items)

    def mapping(self, values: Values[str, Node]) -> Mapping:
        """A mapping; all of its keys are here."""
        return Mapping(self.file, self.line, self.column, self.line, dict(values), {key: self.scalar(key) for key in values})

    def broken(self) -> Broken:
        """What was refused."""
        return Broken(self.file, self.line, self.column, self.line)


class Phrases:
    """Reads what stands behind signs. Problems go to ``found``."""

    def __init__(self, names: Names, file: str, found: list[Found]) -> None:
        self.names = names
        self.file = file
        self.found = found

    def at(self, line: Line, column: int) -> Place:
        """A place in a line."""
        return Place(self.file, line.number, column)

    def problem(self, line: Line, column: int, message: str, hint: str, choices: tuple[str, ...] = ()) -> None:
        """Note what is wrong."""
        self.found.append(Found(message, Location(self.file, line.number, column), hint, choices))

    def simple(self, line: Line) -> dict[str, Node]:
        """A step without branches that has a sign."""
        if line.sign in _STEPS:
            key, kind = _STEPS[line.sign]
            return {key: self.name(kind, line.rest, line, line.column)}
        if line.sign == signs.GOAL:
            return {"event": self.goal(line)}
        if line.sign == signs.OWN_WORDS:
            hint = "Write it in its own words, as in & sign up for a webinar."
            return {"app_action": self.text(line.rest, line, "what the app does", hint)}
        return {"set_field": self._set_field(line)}

    def tag(self, line: Line) -> Node:
        """The tag of a path."""
        return self.name(Kind.TAG, line.rest, line, line.column)

    def entry(self, line: Line) -> Node:
        """What starts an automation."""
        hint = "Write a rule that adds a tag then, and the tag here."
        if signs.DATE.fullmatch(line.rest):
            self.problem(line, line.column, "no automation starts on a date", "Events wait for one, as in ! 2026-12-24.")
        elif line.rest.startswith(signs.REMOVE_TAG):
            self.problem(line, line.column, "no automation starts when a tag is removed", hint)
        else:
            return self._trigger(line)
        return self.at(line, line.column).broken()

    def goal(self, line: Line) -> Node:
        """What an event waits for."""
        if line.rest.startswith(signs.FORM):
            hint = "Let the form add a tag, and write the tag here."
            self.problem(line, line.column, "no event waits for somebody to join a form", hint)
            return self.at(line, line.column).broken()
        place = self.at(line, line.column)
        return place.mapping({"date": place.scalar(line.rest)}) if signs.DATE.fullmatch(line.rest) else self._trigger(line)

    def _trigger(self, line: Line) -> Node:
        place = self.at(line, line.column)
        sign, rest, column = _sub_sign(line)
        match sign:
            case signs.FORM:
                any_form = rest == signs.ANY
                return place.mapping({"joins_form": place.plain(rest) if any_form else self.name(Kind.FORM, rest, line, column)})
            case signs.PRODUCT:
                hint = "Write the product's name as Kit shows it, as in $ Course A."
                return place.mapping({"purchases": self.text(rest, line, "a product", hint, column)})
            case signs.REMOVE_TAG:
                return place.mapping({"tag_removed": self.name(Kind.TAG, rest, line, column)})
            case signs.OWN_WORDS:
                hint = "Write what the app reports, in its own words."
                return place.mapping({"app_event": self.text(rest, line, "what an app reports", hint, column)})
            case signs.FIELD:
                return place.mapping({"field_changed": self._field_changed(line, rest, column)})
            case _:
                return place.mapping({"tag_added": self.name(Kind.TAG, line.rest, line, line.column)})

    def test(self, line: Line) -> Node:
        """What a condition looks at."""
        place = self.at(line, line.column)
        sign, rest, column = _sub_sign(line)
        match sign:
            case signs.FIELD:
                return self._compared(line, rest, column)
            case signs.OWN_WORDS:
                hint = "Write the advanced filter in words, as in ? & joined the form Footer."
                return place.mapping({"filter": self.text(rest, line, "what the filter asks for", hint, column)})
            case signs.WITHIN:
                return place.mapping({"opened_within": self.at(line, column).scalar(self.delay(rest))})
            case _:
                return place.mapping({"tag": self.name(Kind.TAG, line.rest, line, line.column)})

    def delay(self, text: str) -> str:
        """A time as the manifest writes it: “5m” is “5 minutes”. Anything else stays as it is."""
        short = signs.SHORT_DELAY.fullmatch(text)
        return f"{short[1]} {signs.UNITS[short[2]]}{'' if short[1] == '1' else 's'}" if short else text

    def text(self, text: str, line: Line, what: str, hint: str, column: int = 0) -> Node:
        """Text as it is, or in double quotes."""
        column = column or line.column
        place = self.at(line, column)
        if not text:
            self.problem(line, column, f"{what} is missing", hint)
            return place.broken()
        if not text.startswith(signs.QUOTE):
            return place.scalar(text)
        quoted = _QUOTED.fullmatch(text)
        return self._unquoted(text, line, column) if quoted else self._unclosed(line, column)

    def name(self, kind: Kind, text: str, line: Line, column: int) -> Node:
        """A reference: a fragment of a name, a name in quotes, or #11, which may be followed by the name."""
        place = self.at(line, column)
        if not text:
            hint = f"Write the part of its name that only one {NOUNS[kind]} has."
            self.problem(line, column, f"the {NOUNS[kind]} is missing", hint)
            return place.broken()
        if found := _ID.match(text):
            number, name = place.plain(found[1].lstrip("0") or "0"), text[found.end() :]
            if not name:
                return number
            return place.mapping({"id": number, "name": self.text(name, line, "", "", column + found.end())})
        if text.startswith(signs.QUOTE):
            return self.text(text, line, "", "", column)
        meant = self.names.find(kind, text)
        if isinstance(meant, Unclear):
            self.problem(line, column, meant.message, meant.hint, meant.choices)
            return place.broken()
        return place.scalar(meant)

    def _unquoted(self, text: str, line: Line, column: int) -> Node:
        place = self.at(line, column)
        try:
            said = str(json.loads(text))
            said.encode()
        except ValueError:
            self.problem(line, column, "this text in double quotes has an escape that means nothing", _CLOSE)
            return place.broken()
        if not said:
            self.problem(line, column, "there is nothing between the quotes", "Write the name between them.")
            return place.broken()
        return place.scalar(said)

    def _unclosed(self, line: Line, column: int) -> Broken:
        self.problem(line, column, "this quote is never closed, or something follows it", _CLOSE)
        return self.at(line, column).broken()

    def _field(self, line: Line, rest: str, column: int) -> tuple[Node, str, Node | None]:
        """A field, the operator behind it, and the value behind that; None when there is nothing."""
        quoted = _NAMED.match(rest)
        begin = quoted.end() if quoted else 0
        found = _FIELD.fullmatch(rest, begin)
        if found is None or (quoted and found[1].strip()):
            return self._unclosed(line, column), "", None
        field = self.name(Kind.FIELD, (rest[:begin] + found[1]).strip(), line, column)
        return field, found[2], self._value(found[3], line, column + found.start(3))

    def _value(self, text: str, line: Line, column: int) -> Node | None:
        if not text:
            return None
        if text == signs.QUOTE * 2:
            return self.at(line, column).scalar("")
        return self.text(text, line, "", "", column)

    def _set_field(self, line: Line) -> Node:
        field, operator, value = self._field(line, line.rest, line.column)
        place = self.at(line, line.column)
        if isinstance(field, Broken):
            return field
        if operator != signs.IS:
            hint = "Write it as in % country = Spain; nothing behind = clears the field."
            self.problem(line, line.column, "a field is set to nothing here", hint)
            return place.broken()
        return place.mapping({"field": field, "value": place.plain("null") if value is None else value})

    def _field_changed(self, line: Line, rest: str, column: int) -> Node:
        field, operator, value = self._field(line, rest, column)
        place = self.at(line, column)
        if isinstance(field, Broken):
            return field
        if operator not in ("", signs.IS) or (operator and value is None):
            hint = "Write it as in % country = Spain, or % country for any change."
            self.problem(line, column, "the value the field changes to is missing", hint)
            return place.broken()
        return place.mapping({"field": field} if value is None else {"field": field, "to": value})

    def _compared(self, line: Line, rest: str, column: int) -> Node:
        field, operator, value = self._field(line, rest, column)
        place = self.at(line, line.column)
        if isinstance(field, Broken):
            return field
        if not operator:
            return place.mapping({"field": field, "known": place.plain("true")})
        if value is None:
            if operator == signs.IS:
                return place.mapping({"field": field, "blank": place.plain("true")})
            hint = "Write it as in ? % score > 5; nothing behind = asks whether the field is blank."
            self.problem(line, column, "there is nothing to compare the field with", hint)
            return place.broken()
        return place.mapping({"field": field, signs.OPERATORS[operator]: value})


def _sub_sign(line: Line) -> tuple[str, str, int]:
    """The sign behind the first, what follows it, and its column."""
    found = _SUB_SIGN.match(line.rest)
    if not found:
        return "", line.rest, line.column
    return line.rest[0], line.rest[found.end() :], line.column + found.end()
