"""What somebody copied from Kit's list of automations, or saved of it -> names, numbers and statuses.

No real page was seen, and Kit may change its own: so what is taken are links to an automation, and names that stand beside a word for a
status. All else is said to be not understood.
"""

from __future__ import annotations

import itertools
import re
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from ckaudit.model.automations import AutomationStatus
from ckaudit.sources.automation_list.html import Seen, seen_in
from ckaudit.sources.automation_list.words import is_furniture, status_of, total_in

MAX_NAME = 200
_IS_HTML = re.compile(r"<(?:!doctype|html|head|body|table|ul|div|section|main|a)\b", re.IGNORECASE)
_BREAK = re.compile("\r\n|\r|\n")
_CELL = re.compile(r"\t+| {3,}")
_MARKDOWN = re.compile(r"\[([^\]\[]{1,200})\]\(([^()\s]{1,500})\)")
_ADDRESS = re.compile(r"\S*/automations/([0-9]{1,18})(?:/edit)?/?(?:[?#]\S*)?")
_REGULAR = 0.8  # of the automations have one name between their status and the next
_OFTEN = 3  # a text that stands there so often, and on a third of the rows, is a column and no name


class Listed(msgspec.Struct, frozen=True):
    """An automation of the list. ``status`` None: the page does not say it."""

    name: str
    id: int | None = None
    status: AutomationStatus | None = None

    @property
    def is_cut(self) -> bool:
        """Whether the page shows the beginning of the name only."""
        return self.name.endswith(("…", "..."))


class Page(msgspec.Struct, frozen=True):
    """What a page says. ``unclear``: texts that may be names and were not taken, each with why; ``total``: how many automations the page
    says that there are, 0 when it does not."""

    found: tuple[Listed, ...] = ()
    unclear: tuple[str, ...] = ()
    total: int = 0


def read_page(text: str) -> Page:
    """Read a page, as HTML or as plain text; never raises. Two automations with one number are one."""
    seen = seen_in(text) if _IS_HTML.search(text[:20_000]) else list(_lines(text))
    found, unclear = _by_links(seen) if any(item.link for item in seen) else _by_statuses(seen)
    once: dict[object, Listed] = {}
    for item in found:
        once.setdefault(item.id or item.name, item)
    unclear = [*unclear, *_twice(found)]
    return Page(tuple(once.values()), tuple(dict.fromkeys(unclear)), max((total_in(item.text) for item in seen), default=0))


def _twice(found: Sequence[Listed]) -> Iterator[str]:
    """Names without a number that stand there more than once: two automations may have one name, and only one is taken."""
    for name, times in Counter(item.name for item in found if item.id is None).items():
        if times > 1:
            yield f"“{name}” stands there {times} times and is taken once: are there {times} automations with this name?"


def _lines(text: str) -> Iterator[Seen]:
    """The texts of plain lines; what stands in one line with the address of an automation belongs to it."""
    for row, line in enumerate(_BREAK.split(text), 1):
        cells = [cell for part in _CELL.split(line) for cell in _cells(part.strip(), row)]
        links = {cell.link for cell in cells if cell.link}
        for cell in cells:
            cell.owner = next(iter(links)) if len(links) == 1 else cell.link
            yield cell


def _cells(part: str, row: int) -> Iterator[Seen]:
    """A text; of a link in Markdown the text, and of an address of an automation its number."""
    written = _MARKDOWN.findall(part)
    for name, target in written:
        address = _ADDRESS.fullmatch(target)
        yield Seen(name.strip(), row, int(address[1]) if address else 0)
    address = _ADDRESS.fullmatch(part)
    if address:
        yield Seen("", row, int(address[1]))
    elif part and not written:
        yield Seen(part, row)


def _by_links(seen: Sequence[Seen]) -> tuple[list[Listed], list[str]]:
    """Each link to an automation is one; its name is the text of the link, or the one text beside it."""
    found, unclear = [], []
    often = _often(seen, len({item.owner for item in seen if item.owner}))
    parts: dict[int, list[Seen]] = {}
    for item in seen:
        if item.owner or item.link:
            parts.setdefault(item.link or item.owner, []).append(item)
    for number, texts in parts.items():
        others = [item for item in texts if _may_be_name(item.text) and item.text not in often]
        names = list(dict.fromkeys(item.text for item in others if item.link)) or list(dict.fromkeys(item.text for item in others))
        statuses = {status for item in texts if (status := status_of(item.text))}
        if len(names) == 1:
            found.append(Listed(names[0], number, statuses.pop() if len(statuses) == 1 else None))
        else:
            unclear.append(f"the automation with the number {number}: {_listed(names) if names else 'its name is not beside its link'}")
    return found, unclear


def _by_statuses(seen: Sequence[Seen]) -> tuple[list[Listed], list[str]]:
    """Each word for a status is that of the one name beside it: in the same row, else in the row above or below, as all of them."""
    texts = [item for item in seen if status_of(item.text) or _may_be_name(item.text)]
    often = _often(texts, sum(status_of(item.text) is not None for item in texts))
    texts = [item for item in texts if item.text not in often]
    rows: defaultdict[int, list[Seen]] = defaultdict(list)
    for item in texts:
        rows[item.row].append(item)
    beside = [row for row in rows.values() if len({status_of(item.text) is None for item in row}) == 2]
    statuses = sum(any(status_of(item.text) for item in row) for row in rows.values())
    return _in_rows(list(rows.values())) if 2 * len(beside) > statuses else _in_columns(_without_filters(texts))


def _in_rows(rows: Iterable[Sequence[Seen]]) -> tuple[list[Listed], list[str]]:
    found, unclear = [], []
    for row in rows:
        names = [item.text for item in row if not status_of(item.text)]
        statuses = {status for item in row if (status := status_of(item.text))}
        if len(names) == 1 and len(statuses) == 1:
            found.append(Listed(names[0], None, statuses.pop()))
        elif names:
            unclear.append(f"line {row[0].row}: {_listed(names)}")
    return found, unclear


def _in_columns(texts: Sequence[Seen]) -> tuple[list[Listed], list[str]]:
    """Names and statuses below each other: whether a name stands above or below its status is that which is nearer, for most."""
    places = [at for at, item in enumerate(texts) if status_of(item.text)]
    gaps = [after - before - 1 for before, after in itertools.pairwise(places)]
    regular = sum(gap == 1 for gap in gaps) >= _REGULAR * len(gaps)
    step = _direction(texts, places) if regular else 0
    found, taken = [], set(places)
    for number, at in enumerate(places if step else ()):
        gap = ([1, *gaps] if step < 0 else [*gaps, 1])[number]
        if gap == 1 and 0 <= at + step < len(texts):
            found.append(Listed(texts[at + step].text, None, status_of(texts[at].text)))
            taken.add(at + step)
    return found, [f"line {item.row}: “{item.text[:MAX_NAME]}”" for at, item in enumerate(texts) if at not in taken]


def _direction(texts: Sequence[Seen], places: Sequence[int]) -> int:
    """-1 when names stand above their status, 1 when below, 0 when nobody can tell."""
    if not places:
        return 0
    if len(texts) == 2 and len(places) == 1:
        return 1 - 2 * places[0]
    above = [texts[at].row - texts[at - 1].row for at in places if at]
    below = [texts[at + 1].row - texts[at].row for at in places if at + 1 < len(texts)]
    if not above or not below:
        return -1 if above else 1
    nearer = statistics.median(above) - statistics.median(below)
    if nearer:
        return -1 if nearer < 0 else 1
    first, last = places[0] == 0, places[-1] == len(texts) - 1
    return 0 if first == last else 1 if first else -1


def _without_filters(texts: Sequence[Seen]) -> list[Seen]:
    """The texts without different statuses that stand right below each other, as in a menu to choose from."""
    kept: list[Seen] = []
    together: list[Seen] = []
    for item in (*texts, None):
        if item and status_of(item.text) and (not together or item.row - together[-1].row <= 1):
            together.append(item)
            continue
        if len({status_of(other.text) for other in together}) == 1:
            kept.append(together[0])
        together = []
        if item and status_of(item.text):
            together.append(item)
        elif item:
            kept.append(item)
    return kept


def _often(texts: Iterable[Seen], rows: int) -> set[str]:
    """What stands on so many rows that it is a button or a column."""
    counts = Counter(item.text for item in texts if not status_of(item.text))
    return {text for text, count in counts.items() if count >= _OFTEN and 3 * count >= rows}


def _may_be_name(text: str) -> bool:
    return bool(text) and len(text) <= MAX_NAME and status_of(text) is None and not is_furniture(text)


def _listed(names: Sequence[str]) -> str:
    return " or ".join(f"“{name}”" for name in names[:4]) + (" or another" if len(names) > 4 else "")
