"""A value -> what may be said of it: its kind, its length, and which name or id of the account it is."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

from ckaudit.model.account import Account
from ckaudit.model.refs import Kind
from ckaudit.sources.manifest.resolve import listings_of
from ckaudit.sources.pages.anchors import Anchors, spaced
from ckaudit.sources.pages.shape.words import is_plain, number_of, screen_number

_DIGITS = re.compile(r"[0-9]+")
_NUMBER = re.compile(r"-?[0-9]{1,20}(?:[.,][0-9]{1,20})*%?")
_HEX = re.compile(r"[0-9a-fA-F-]{16,}")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9:.]{5,15}(?:Z|[+-][0-9:]{4,6})?)?")
_DURATION = re.compile(r"[0-9]{1,4} ?(?:minute|hour|day|week)s?", re.IGNORECASE)
_URL = re.compile(r"(?:https?:)?//[^\s]+|/[^\s/]+(?:/[^\s]*)?")
_MAX_READ = 4000
"""Of longer texts only the length is told."""


class Values:
    """Says of values what they are, never what they say. Names and ids of the account stand in it by their place in the account's lists.

    What has no code of its own, such as classes of elements, is counted as it comes: the same text has the same number.
    """

    def __init__(self, account: Account | None, automations: Sequence[tuple[int | None, str]] = ()) -> None:
        listings = listings_of(account, automations)
        self._anchors = Anchors(listings)
        self._codes: dict[str, list[str]] = {}
        self._ids: dict[str, list[str]] = {}
        for kind in (Kind.TAG, Kind.FORM, Kind.SEQUENCE, Kind.FIELD, Kind.SEGMENT, Kind.AUTOMATION):
            places = {number: place for place, number in enumerate(listings[kind].by_id, 1)}
            for name, ids in listings[kind].by_name.items():
                code = next((f"{kind}#{places[number]}" for number in ids if number in places), f"{kind}#named")
                self._codes.setdefault(spaced(name), []).append(code)
            for number, place in places.items():
                self._ids.setdefault(str(number), []).append(f"{kind}#{place}")
        self._counted: defaultdict[str, dict[str, int]] = defaultdict(dict)

    def text(self, value: str) -> str:
        """What a text is."""
        plain = spaced(value[: _MAX_READ + 1])
        if not plain:
            return "blank" if value else "empty"
        if code := self.name(plain):
            return code
        if _DIGITS.fullmatch(plain):
            return self.digits(plain)
        if _NUMBER.fullmatch(plain):
            return f"number({len(plain)})"
        if code := number_of(plain) or screen_number(plain):
            return code
        if _DURATION.fullmatch(plain):
            return "duration"
        if _DATE.fullmatch(plain):
            return "date"
        if _HEX.fullmatch(plain):
            return f"hex({len(plain)})"
        if _URL.fullmatch(plain):
            return self.url(plain)
        return f"text({len(value)}){self._names_in(plain)}"

    def name(self, plain: str) -> str:
        """The objects of the account that are called so."""
        return " or ".join(self._codes.get(plain, ()))

    def digits(self, digits: str) -> str:
        """A whole number: an id of the account, or how long it is."""
        found = self._ids.get(digits)
        return f"id of {' or '.join(found)}" if found else f"digits({len(digits)})"

    def url(self, address: str) -> str:
        """An address by the shape of its path. Of its host and its query is told only that they are there."""
        rest, query, _ = address.partition("?")
        host = "//" if "//" in rest else ""
        path = rest.partition("//")[2].partition("/")[2] if host else rest[1:]
        parts = [self._segment(part) for part in path.partition("#")[0].split("/")[:12] if part]
        return f"url({'/'.join([host, *parts]) if parts or host else '/'}{'?' if query else ''})"

    def _segment(self, part: str) -> str:
        return self.digits(part) if _DIGITS.fullmatch(part) else number_of(part) or f"text({len(part)})"

    def key(self, name: str) -> str:
        """The name of a key, of an attribute or of an element: itself where it is made of everybody's words and is no name of the account,
        else its number."""
        if is_plain(name) and not self._codes.get(name):
            return name
        if _DIGITS.fullmatch(name):
            return self.digits(name)
        return self._codes_of(name) or self.counted("key", name)

    def _codes_of(self, name: str) -> str:
        return " or ".join(self._codes.get(spaced(name), ()))

    def counted(self, what: str, value: str) -> str:
        """The number of a text among those of its sort: what is the same has the same one."""
        numbers = self._counted[what]
        return f"{what}#{numbers.setdefault(value, len(numbers) + 1)}"

    def _names_in(self, plain: str) -> str:
        if len(plain) > _MAX_READ:
            return ""
        found = [
            f"{self.name(anchor.names[0])}{' cut' if anchor.cut else ''}" for anchor in self._anchors.find(plain) if len(anchor.names) == 1
        ]
        return f" with {', '.join(found)}" if found else ""
