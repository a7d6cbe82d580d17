"""Which rules run: by code, code prefix, name or theme."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ckaudit.engine.load import LoadedRule
from ckaudit.model.errors import UsageError
from ckaudit.model.nearest import nearest
from ckaudit.model.rules import Theme


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
