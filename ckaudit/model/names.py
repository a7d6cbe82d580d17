"""Names of Kit's objects: which one somebody may have meant, and how two names differ that look alike."""

from __future__ import annotations

import difflib
import enum
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable

# difflib takes quadratic time, and no name of Kit's is longer.
_MAX_NAME = 200
_NEAR = 0.75
_TRIED = 40
MAX_SEARCHES = 300
"""Names that are compared letter by letter with others; nobody mistypes more, and each costs some milliseconds."""
_QUOTES = str.maketrans(dict.fromkeys("‘’‚‛′´`", "'") | dict.fromkeys("“”„‟″«»", '"'))


class Names:
    """Names to find the nearest among. Building it takes a moment for thousands of names, asking it much less.

    ``exhausted`` is True after ``MAX_SEARCHES``: then only names with the same words are found, and the others were not looked for.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self._parts = {name: words(name) for name in sorted(names, reverse=True) if len(name) <= _MAX_NAME}
        self._alike = [{alike(parts): name for name, parts in self._parts.items() if parts} for alike in _ALIKE]
        self._searches = 0
        self._by_trigram: dict[str, list[str]] = {}
        for name, parts in self._parts.items():
            for trigram in _trigrams(parts):
                self._by_trigram.setdefault(trigram, []).append(name)

    def closest(self, name: str) -> str:
        """The one that somebody may have meant; empty when none is near. Case, punctuation, spaces and emoji count as nothing.

        Nearer is, in this order: the same words, in another order, in singular or plural, a few letters changed, and, if that goes for
        one name alone, some words more or less.
        """
        wanted = words(name) if len(name) <= _MAX_NAME else ()
        same = (known.get(alike(wanted), "") for alike, known in zip(_ALIKE, self._alike, strict=True))
        if found := next(filter(None, same), ""):
            return found
        if self.exhausted:
            return ""
        self._searches += 1
        return self._few_letters(wanted) or self._more_words(wanted)

    @property
    def exhausted(self) -> bool:
        """True when so many names were searched for that no more are."""
        return self._searches >= MAX_SEARCHES

    def _few_letters(self, wanted: tuple[str, ...]) -> str:
        """The name with the fewest letters changed, its words in either order; of equally near ones that with the same numbers."""
        shared = Counter(name for trigram in sorted(_trigrams(wanted)) for name in self._by_trigram.get(trigram, ()))
        best: tuple[bool, float, str] = (False, 0.0, "")
        for name, _ in shared.most_common(_TRIED):
            parts = self._parts[name]
            alike = max(_ratio(one, other) for one, other in {(wanted, parts), (_stems(wanted), _stems(parts))})
            if alike >= _NEAR:
                best = max(best, (_numbers(parts) == _numbers(wanted), alike, name))
        return best[2]

    def _more_words(self, wanted: tuple[str, ...]) -> str:
        """The one name that has all these words and others, or some of them and no other."""
        mine, found = set(_stems(wanted)), []
        for name, parts in self._parts.items() if mine else ():
            theirs = set(_stems(parts))
            if theirs and (mine < theirs or theirs < mine):
                found.append(name)
        return found[0] if len(found) == 1 else ""


def words(name: str) -> tuple[str, ...]:
    """The words of a name, in small letters."""
    return tuple(re.findall(r"[^\W_]+", unicodedata.normalize("NFKC", name).casefold()))


class Sameness(enum.IntEnum):
    """How two names can be the same name: ``SPELLING`` but for case, spaces and punctuation, ``WORDS`` but for order and plural too,
    ``YEAR`` but for a year in them."""

    SPELLING = 0
    WORDS = 1
    YEAR = 2


def sameness(name: str) -> tuple[str, str, str]:
    """What a name has in common with those that are the same by each ``Sameness``; empty where it has nothing."""
    parts = words(name)
    undated = tuple(part for part in parts if not _YEAR.fullmatch(part))
    # a name without a year has the same undated words as one with
    return "".join(parts), " ".join(_stems(parts)), " ".join(_stems(undated)) if undated else ""


_YEAR = re.compile(r"(19|20)\d\d")


def years(name: str) -> tuple[int, ...]:
    """The years in a name, earliest first."""
    return tuple(sorted(int(part) for part in words(name) if _YEAR.fullmatch(part)))


def is_slip(name: str, meant: str) -> bool:
    """True when ``name`` is ``meant`` with a typing mistake: the same but for case, spaces and punctuation, or but for a few letters of one
    longer word; or when it has an earlier year. “Course A” and “Course B” are two names, and so are “Module 1” and “Module 2”."""
    return is_dated(name, meant) or _is_misspelt(name, meant)


def _is_misspelt(name: str, other: str) -> bool:
    one, two = words(name), words(other)
    if "".join(one) == "".join(two) or _stems(one) == _stems(two):
        return name != other
    unlike = [(a, b) for a, b in zip(one, two, strict=False) if a != b]
    if len(one) != len(two) or len(unlike) != 1 or _numbers(one) != _numbers(two):
        return False
    (a, b) = unlike[0]
    return min(len(a), len(b)) >= _LONG_WORD and _slipped(a, b)


def is_dated(name: str, other: str) -> bool:
    """True when the two differ by their year alone, and the other has the later one."""
    mine, theirs = sameness(name)[Sameness.YEAR], sameness(other)[Sameness.YEAR]
    return bool(mine) and mine == theirs and bool(years(name)) and years(name) < years(other)


def _slipped(one: str, other: str) -> bool:
    """True when a letter or two are missing, or two have changed places. With another letter it is often another word."""
    shared = min(len(one), len(other))
    head = next((at for at in range(shared) if one[at] != other[at]), shared)
    tail = next((at for at in range(shared - head) if one[-1 - at] != other[-1 - at]), shared - head)
    left, right = one[head : len(one) - tail], other[head : len(other) - tail]
    return (not (left and right) and len(left + right) <= _MISSING) or (len(left) == _MISSING and left == right[::-1])


_LONG_WORD = 4
_MISSING = 2


def _joined(parts: tuple[str, ...]) -> tuple[str, ...]:
    return ("".join(parts),)


def _sorted(parts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(parts))


def _stems(parts: tuple[str, ...]) -> tuple[str, ...]:
    """The words in the order of the alphabet, without an s at the end."""
    return tuple(sorted(part.removesuffix("s") if len(part) > 3 else part for part in parts))


_ALIKE = (_joined, _sorted, _stems)


def _numbers(parts: tuple[str, ...]) -> list[str]:
    return re.findall(r"\d+", " ".join(parts))


def _ratio(one: tuple[str, ...], other: tuple[str, ...]) -> float:
    return difflib.SequenceMatcher(None, " ".join(one), " ".join(other)).ratio()


def _trigrams(parts: tuple[str, ...]) -> set[str]:
    """What every three letters of the words are; of a word with fewer, itself."""
    return {part[at : at + 3] for part in parts for at in range(max(1, len(part) - 2))}


def difference(name: str, other: str) -> str:
    """How a name differs from another that looks the same, as a sentence in which it can be seen; empty when anybody sees it."""
    if name == other or _looks(name) != _looks(other):
        return ""
    kinds = [kind for kind, part in _PARTS if part(name) != part(other)] or ["the way its accents are stored"]
    if _spaces(name) == _spaces(other):
        return f"They differ in {' and '.join(kinds)}: “{name}” is not “{other}”."
    return f"They differ in {' and '.join(kinds)}: “{visible(name)}” is not “{visible(other)}” (· is a space)."


def visible(name: str) -> str:
    """A name in which every space can be seen: as a middle dot, other space and invisible characters by their number."""
    return "".join("·" if letter == " " else f"‹U+{ord(letter):04X}›" if _unseen(letter) else letter for letter in name)


def _unseen(letter: str) -> bool:
    return letter.isspace() or letter in "\ufe0e\ufe0f" or unicodedata.category(letter) in ("Cc", "Cf", "Zl", "Zp", "Zs")


def _looks(name: str) -> str:
    """What is left of a name when case, spaces, quotes and invisible characters count as nothing."""
    return _letters(name).casefold().translate(_QUOTES)


def _letters(name: str) -> str:
    return "".join(letter for letter in unicodedata.normalize("NFC", name) if not _unseen(letter))


def _spaces(name: str) -> str:
    return "".join(letter if _unseen(letter) else "x" for letter in unicodedata.normalize("NFC", name))


def _quotes(name: str) -> list[str]:
    return [letter for letter in name if ord(letter) in _QUOTES or letter in "'\""]


def _capitals(name: str) -> str:
    return _letters(name).translate(_QUOTES)


_PARTS = (("spaces", _spaces), ("quotes", _quotes), ("capital letters", _capitals))
