"""What a configuration and the wishes of a command make of an audit: which rules there are, which of them run, and how."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from ckaudit.engine.configure import check_words, rule_options, rule_severities
from ckaudit.engine.load import LoadedRule
from ckaudit.engine.policy import policy_rules
from ckaudit.engine.select import select_rules
from ckaudit.engine.settings import Settings
from ckaudit.model.config import Config
from ckaudit.model.findings import Confidence, Severity


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """What to run and what to show. ``select`` and ``ignore`` are words for rules; without ``suppress`` nothing is suppressed."""

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    min_severity: Severity = Severity.INFO
    min_confidence: Confidence = Confidence.POSSIBLE
    suppress: bool = True


class Prepared(msgspec.Struct, frozen=True):
    """``known`` are all rules there are, those of the configuration's policies included; ``rules`` those that are to run."""

    known: tuple[LoadedRule, ...]
    rules: tuple[LoadedRule, ...]
    settings: Settings


def prepare(config: Config, loaded: Sequence[LoadedRule], choice: Choice) -> Prepared:
    """Put an audit together from rules that were loaded.

    Raises:
        ConfigError, UsageError: a word of the configuration or of the choice means no rule, or an option is wrong.
    """
    known = (*loaded, *policy_rules(config))
    check_words(config, known)
    rules = select_rules(known, choice.select, choice.ignore)
    settings = Settings(
        options=rule_options(config, known),
        severity=rule_severities(config, known),
        suppressions=config.suppressions,
        suppress=choice.suppress,
        min_severity=choice.min_severity,
        min_confidence=choice.min_confidence,
    )
    return Prepared(known, rules, settings)
