"""Which rules run: by code, code prefix, name or theme."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from ckaudit.engine.load import LoadedRule
from ckaudit.model.errors import UsageError
from ckaudit.model.nearest import nearest
from ckaudit.model.rules import Theme

_WORD = re.compile(r"\w+")
_SLIPS = 2
"""Letters by which a misspelt word is longer or shorter."""


def select_rules(rules: Sequence[LoadedRule], select: Iterable[str] = (), ignore: Iterable[str] = ()) -> tuple[LoadedRule, ...]:
    """The rules that ``select`` names (all when it names none), without those that ``ignore`` names.

    A word is a code (``CK202``), the beginning of one (``CK2``), a name or a theme, in any case.

    Raises:
        UsageError: a word means no rule; says the nearest one.
    """
    words = tuple(select)
    chosen = [rule for word in words for rule in matching(rules, word)] if words else list(rules)
    dropped = {rule.rule.code for word in ignore for rule in matching(rules, word)}
    return tuple(
        sorted({rule.rule.code: rule for rule in chosen if rule.rule.code not in dropped}.values(), key=lambda item: item.rule.code)
    )


def matching(rules: Sequence[LoadedRule], word: str) -> tuple[LoadedRule, ...]:
    """The rules one word means. Raises UsageError when there is none."""
    wanted = word.strip()
    lower = wanted.lower()
    found = tuple(rule for rule in rules if lower in (rule.rule.code.lower(), rule.rule.name, str(rule.rule.theme)))
    if not found and any(char.isdigit() for char in wanted):
        found = tuple(rule for rule in rules if rule.rule.code.lower().startswith(lower))
    if found or lower in (str(theme) for theme in Theme):
        return found
    raise UsageError(f"there is no rule, code or theme “{wanted}”", hint=_hint(rules, wanted))


def is_rule(rules: Sequence[LoadedRule], word: str) -> bool:
    """True for the code or the name of a rule."""
    return any(word.strip().lower() in (rule.rule.code.lower(), rule.rule.name) for rule in rules)


def rules_about(rules: Sequence[LoadedRule], words: Iterable[str]) -> tuple[str, tuple[LoadedRule, ...]]:
    """The rules that say every one of these words, or whose codes begin so; those that say them in their name or title first.

    Words match at their beginnings (``draft`` finds ``drafts``), and one that no rule says is read as the nearest that one does: the text
    is what was looked for.
    """
    asked = [word for part in words for word in _WORD.findall(part.casefold())]
    if len(asked) == 1 and (codes := tuple(rule for rule in rules if asked[0][-1].isdigit() and _is_prefix(asked[0], rule))):
        return asked[0].upper(), codes
    said = [(set(_said(rule, everything=False)), set(_said(rule, everything=True)), rule) for rule in rules]
    every = {word for _, all_words, _ in said for word in all_words}
    asked = [word if _is_said(word, every) else _misspelt(word, every) for word in asked]
    ranked = [
        (not all(_is_said(word, few) for word in asked), rule)
        for few, all_words, rule in said
        if asked and all(_is_said(word, all_words) for word in asked)
    ]
    return " ".join(asked), tuple(rule for _, rule in sorted(ranked, key=lambda item: (item[0], item[1].rule.code)))


def _misspelt(word: str, said: Iterable[str]) -> str:
    """The word that is meant, if it is about as long: a slip of the finger leaves out few letters."""
    near = nearest(word, sorted(said))
    return near if near and abs(len(near) - len(word)) <= _SLIPS else word


def is_beginning(rules: Sequence[LoadedRule], word: str) -> bool:
    """True for the beginning of a rule's code."""
    return any(_is_prefix(word.casefold(), rule) for rule in rules)


def _is_prefix(word: str, rule: LoadedRule) -> bool:
    return rule.rule.code.casefold().startswith(word)


def _said(rule: LoadedRule, *, everything: bool) -> list[str]:
    titles = [rule.rule.name, rule.rule.title, *(variant.title for variant in rule.rule.variants.values())]
    more = [str(rule.rule.theme), rule.docs.summary, rule.docs.finds, rule.docs.why] if everything else []
    return _WORD.findall(" ".join((*titles, *more)).casefold())


def _is_said(word: str, words: Iterable[str]) -> bool:
    """At the beginning of a word; or without its ending, where enough of it is left."""
    stem = word[: max(4, len(word) - 2)]
    return any(other.startswith(word) or (len(word) > 4 and other.startswith(stem) and len(other) < len(word)) for other in words)


def find_rule(rules: Sequence[LoadedRule], word: str) -> LoadedRule:
    """The one rule with this code or name. Raises UsageError with the nearest one."""
    for rule in rules:
        if word.strip().lower() in (rule.rule.code.lower(), rule.rule.name):
            return rule
    raise UsageError(f"there is no rule “{word}”", hint=_hint(rules, word))


def _hint(rules: Sequence[LoadedRule], word: str) -> str:
    names = [name for rule in rules for name in (rule.rule.code, rule.rule.name)] + [str(theme) for theme in Theme]
    near = nearest(word, names)
    return f"Did you mean “{near}”? `ckaudit rules` lists them all." if near else "`ckaudit rules` lists them all."
