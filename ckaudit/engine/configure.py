"""What a configuration and a request make of an audit: which rules run, and how. Words of theirs that mean nothing are errors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from ckaudit.engine.load import LoadedRule
from ckaudit.engine.policy import policy_rules
from ckaudit.engine.select import matching, select_rules
from ckaudit.model.account import SectionName
from ckaudit.model.automations import IgnoreComment
from ckaudit.model.config import Config, Suppression
from ckaudit.model.configured import Configured
from ckaudit.model.errors import CkauditError, ConfigError, ManifestError, Problem, UsageError, together
from ckaudit.model.findings import Confidence, Severity
from ckaudit.model.nearest import did_you_mean, nearest
from ckaudit.model.refs import Kind
from ckaudit.model.rules import Options
from ckaudit.sources.manifest.places import short_path
from ckaudit.sources.toml_file import toml_problems

if TYPE_CHECKING:
    from ckaudit.graph.graph import Graph

# Kinds whose every object the API lists, so that an id it does not have is a fault.
_SECTION = {
    "tag": SectionName.TAGS,
    "form": SectionName.FORMS,
    "sequence": SectionName.SEQUENCES,
    "email": SectionName.SEQUENCE_EMAILS,
    "field": SectionName.CUSTOM_FIELDS,
    "segment": SectionName.SEGMENTS,
    "snippet": SectionName.SNIPPETS,
}


class Settings(msgspec.Struct, frozen=True):
    """How to audit. ``options`` maps a rule's code to its options; rules that are not in it take their defaults.

    ``severity`` maps a code to the severity all its findings get. With ``suppress`` False nothing is suppressed.
    """

    options: Mapping[str, Options] = {}
    severity: Mapping[str, Severity] = {}
    suppressions: tuple[Suppression, ...] = ()
    suppress: bool = True
    min_severity: Severity = Severity.INFO
    min_confidence: Confidence = Confidence.POSSIBLE


class Prepared(msgspec.Struct, frozen=True):
    """``known`` are all rules there are, those of the configuration's policies included; ``rules`` those that are to run. ``configured``
    says for readers of the result what of that somebody asked for."""

    known: tuple[LoadedRule, ...]
    rules: tuple[LoadedRule, ...]
    settings: Settings
    configured: Configured = Configured()


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
    options = _checked_options(config, known)
    rules = select_rules(known, file.select if select is None else select, file.ignore if ignore is None else ignore)
    settings = Settings(
        options=options,
        severity=rule_severities(config, known),
        suppressions=config.suppressions,
        suppress=suppress,
        min_severity=min_severity or file.min_severity or Severity.INFO,
        min_confidence=min_confidence or file.min_confidence or Confidence.POSSIBLE,
    )
    asked = (select, ignore, min_severity, min_confidence)
    chosen = select_rules(known, file.select if select is None else select)
    return Prepared(known, rules, settings, _configured(config, known, settings, (chosen, rules), any(asked) or not suppress))


def _checked_options(config: Config, known: Sequence[LoadedRule]) -> dict[str, Options]:
    """The options of rules, after every word of the configuration was checked: what is wrong with either is said in one go."""
    errors: list[CkauditError] = []
    options: dict[str, Options] = {}
    try:
        check_words(config, known)
    except ConfigError as error:
        errors.append(error)
    try:
        options = rule_options(config, known)
    except ConfigError as error:
        errors.append(error)
    if errors:
        raise together(errors)
    return options


def _configured(
    config: Config,
    known: Sequence[LoadedRule],
    settings: Settings,
    chosen: tuple[Sequence[LoadedRule], Sequence[LoadedRule]],
    by_command: bool,
) -> Configured:
    """What of an audit is not the default. ``chosen`` are the rules before and after some were ignored."""
    selected, kept = ({loaded.rule.code for loaded in rules} for rules in chosen)
    file = config.file
    by_file = any((file.select, file.ignore, file.severity, file.options, file.min_severity, file.min_confidence, file.suppress))
    usual = {loaded.rule.code: loaded.rule.severity for loaded in known}
    return Configured(
        by=" and ".join([*([_shown_path(config.path)] if config.path and by_file else []), *(["the command line"] * by_command)]),
        ignored=tuple(sorted(selected - kept)),
        not_selected=len(known) - len(selected),
        severities={code: (str(usual[code]), str(now)) for code, now in sorted(settings.severity.items()) if now is not usual[code]},
        options=tuple(sorted(settings.options)),
        min_severity="" if settings.min_severity is Severity.INFO else str(settings.min_severity),
        min_confidence="" if settings.min_confidence is Confidence.POSSIBLE else str(settings.min_confidence),
        suppressions=len(settings.suppressions),
        suppressions_off=not settings.suppress,
    )


def _shown_path(path: Path) -> str:
    """The file as seen from the working directory; its name alone where it lies elsewhere, as reports name no folders of a machine."""
    short = short_path(path)
    return short.name if short.is_absolute() or ".." in short.parts else short.as_posix()


def check_words(config: Config, rules: Sequence[LoadedRule]) -> None:
    """Raise ConfigError for every word of the configuration that means no rule, with the nearest one."""
    if problems := tuple(_wrong_words(config, rules)):
        raise ConfigError("the configuration is invalid", problems=problems)


def rule_options(config: Config, rules: Sequence[LoadedRule]) -> dict[str, Options]:
    """The options of rules, by code. Raises ConfigError for unknown options and wrong values, all at once."""
    found: dict[str, Options] = {}
    problems: list[Problem] = []
    for word, given in config.file.options.items():
        loaded = _rule(rules, word)
        if loaded is None:
            continue
        faults = list(_wrong_options(config, word, given, loaded))
        problems += faults
        if not faults:
            found[loaded.rule.code] = msgspec.convert(given, loaded.rule.options)
    if problems:
        raise ConfigError("the configuration is invalid", problems=tuple(problems))
    return found


def rule_severities(config: Config, rules: Sequence[LoadedRule]) -> dict[str, Severity]:
    """The configured severities, by code."""
    return {loaded.rule.code: severity for word, severity in config.file.severity.items() if (loaded := _rule(rules, word))}


def check_names(graph: Graph, config: Config, known: Sequence[LoadedRule]) -> None:
    """Check what comments of the manifest and the configuration name. Raises ManifestError or ConfigError with what is wrong in both."""
    errors: list[CkauditError] = []
    try:
        check_comments(graph.manifest.ignores, known)
    except ManifestError as error:
        errors.append(error)
    try:
        check_objects(config, graph)
    except ConfigError as error:
        errors.append(error)
    if errors:
        raise together(errors)


def check_objects(config: Config, graph: Graph) -> None:
    """Raise ConfigError for suppressions of objects, and for test tags, the account does not have. What was not read completely is not
    judged."""
    problems = [problem for item in config.suppressions if (problem := _wrong_object(config, item, graph))]
    tags = {tag.name for tag in graph.account.tags}
    problems += [
        Problem(f"there is no tag “{name}”", config.place("test_tags", number), did_you_mean(name, tags))
        for number, name in enumerate(config.file.test_tags)
        if name not in tags and graph.account.complete(SectionName.TAGS)
    ]
    if problems:
        raise ConfigError("the configuration is invalid", problems=tuple(problems))


def check_comments(ignores: Sequence[IgnoreComment], rules: Sequence[LoadedRule]) -> None:
    """Raise ManifestError for comments ``# ckaudit: ignore`` that name no rule."""
    problems = [
        Problem(f"there is no rule “{word}”", ignore.location, _nearest_rule(rules, word))
        for ignore in ignores
        for word in ignore.rules
        if _rule(rules, word) is None
    ]
    if problems:
        raise ManifestError("the manifest is invalid", problems=tuple(problems))


def _rule(rules: Sequence[LoadedRule], word: str) -> LoadedRule | None:
    return next((loaded for loaded in rules if word.lower() in (loaded.rule.code.lower(), loaded.rule.name)), None)


def _nearest_rule(rules: Sequence[LoadedRule], word: str) -> str:
    near = nearest(word, [name for loaded in rules for name in (loaded.rule.code, loaded.rule.name)])
    return f"Did you mean “{near}”? `ckaudit rules` lists them all." if near else "`ckaudit rules` lists them all."


def _wrong_words(config: Config, rules: Sequence[LoadedRule]) -> Iterator[Problem]:
    for key in ("select", "ignore"):
        for number, word in enumerate(getattr(config.file, key)):
            try:
                matching(rules, word)
            except UsageError as error:
                yield Problem(error.message, config.place(key, number), error.hint)
    for table in ("severity", "options"):
        seen: dict[str, str] = {}
        for word in getattr(config.file, table):
            loaded = _rule(rules, word)
            if loaded is None:
                yield Problem(f"there is no rule “{word}”", config.place(table, word), _nearest_rule(rules, word))
            elif (first := seen.setdefault(loaded.rule.code, word)) != word:
                yield Problem(f"“{word}” and “{first}” are the same rule", config.place(table, word), "Keep one of them.")
    for number, entry in enumerate(config.file.suppress):
        if _rule(rules, entry.rule) is None:
            yield Problem(f"there is no rule “{entry.rule}”", config.place("suppress", number, "rule"), _nearest_rule(rules, entry.rule))
        if entry.object.kind not in [str(kind) for kind in Kind]:
            place = config.place("suppress", number, "object", "kind")
            yield Problem(f"there is no kind of object “{entry.object.kind}”", place, did_you_mean(entry.object.kind, Kind))
        elif entry.object.id is None and not entry.object.name:
            yield Problem("the object needs an id, or a name where it has none", config.place("suppress", number, "object"))


def _wrong_options(config: Config, word: str, given: Mapping[str, Any], loaded: LoadedRule) -> Iterator[Problem]:
    names = loaded.rule.options.__struct_fields__
    for name in given:
        if name not in names:
            hint = did_you_mean(name, names) if names else "This rule has no options."
            yield Problem(f"{loaded.rule.code} has no option “{name}”", config.place("options", word, name), hint)
    for field in msgspec.structs.fields(loaded.rule.options):
        if field.name in given:
            for fault in toml_problems(given[field.name], field.type, config.place, ("options", word, field.name)):
                hint = fault.hint or f"`ckaudit explain {loaded.rule.code}` says what it has."
                yield Problem(f"{field.name}: {fault.message}", fault.location, hint)


def _wrong_object(config: Config, item: Suppression, graph: Graph) -> Problem | None:
    wanted = item.entry.object
    section = _SECTION.get(wanted.kind)
    if section is None or not graph.has_account or not graph.account.complete(section):
        return None
    names = {str(key.id): graph.object(key).name for key in graph.lookup.objects if key.kind == wanted.kind}
    number = config.suppressions.index(item)
    if wanted.id is None:
        if wanted.name in names.values():
            return None
        place = config.place("suppress", number, "object", "name")
        return Problem(f"the account has no {wanted.kind} “{wanted.name}”", place, _nearest_object(wanted.name, "", names))
    if str(wanted.id) in names:
        return None
    place = config.place("suppress", number, "object", "id")
    return Problem(f"the account has no {wanted.kind} {wanted.id}", place, _nearest_object(wanted.name, str(wanted.id), names))


def _nearest_object(name: str, number: str, names: Mapping[str, str]) -> str:
    """The object with the nearest name, else with the nearest number."""
    close = nearest(name, names.values()) if name else None
    found = next((key for key, other in names.items() if other == close), None) if close else nearest(number, names)
    return f"Did you mean {found} (“{names[found]}”)?" if found else "If the object is gone, delete the entry."
