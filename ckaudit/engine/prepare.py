"""What a configuration and a request make of an audit: which rules there are, which of them run, and how."""

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


class Prepared(msgspec.Struct, frozen=True):
    """``known`` are all rules there are, those of the configuration's policies included; ``rules`` those that are to run."""

    known: tuple[LoadedRule, ...]
    rules: tuple[LoadedRule, ...]
    settings: Settings


def prepare(
    config: Config,
    loaded: Sequence[LoadedRule],
    *,
    select: tuple[str, ...] | None = None,
    ignore: tuple[str, ...] | None = None,
    min_severity: Severity | None = None,
    min_confidence: Confidence | None = None,
    suppress: bool = True,
) -> Prepared:
    """Put an audit together from rules that were loaded. ``select`` and ``ignore`` are words for rules; what is None here, the
    configuration says. Without ``suppress`` nothing is suppressed.

    Raises:
        ConfigError, UsageError: a word of the configuration or of the request means no rule, or an option is wrong.
    """
    known, file = (*loaded, *policy_rules(config)), config.file
    check_words(config, known)
    rules = select_rules(known, file.select if select is None else select, file.ignore if ignore is None else ignore)
    settings = Settings(
        options=rule_options(config, known),
        severity=rule_severities(config, known),
        suppressions=config.suppressions,
        suppress=suppress,
        min_severity=min_severity or file.min_severity or Severity.INFO,
        min_confidence=min_confidence or file.min_confidence or Confidence.POSSIBLE,
    )
    return Prepared(known, rules, settings)
