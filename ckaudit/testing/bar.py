"""The bar a rule must clear beside its cases coming out: enough of them, a whole documentation, sentences. Ours and everybody's."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from ckaudit.engine.load import LoadedRule
from ckaudit.model.rules import Need, ObservedUse, Theme
from ckaudit.render.rule_pages import option_texts
from ckaudit.testing.cases import Case, CaseKind, case_account
from ckaudit.testing.regexes import find_patterns, slow_patterns

MIN_SILENT = 2
"""Cases in which a rule must find nothing: most mistakes of a rule are findings too many."""
MIN_WORDS = 5
"""Words below which a section of the documentation says nothing."""
_ABOUT_AUTOMATIONS = (Theme.ACCESS, Theme.AUTOMATIONS)
_GAP = re.compile(r"\{\w*\}|(?<=.)\bNone\b|“”| {2}|\(\)| [.,;:!]")
_QUOTED = re.compile(r"“[^“”]*”")


class Shortfall(msgspec.Struct, frozen=True):
    """Something a rule lacks: what is missing, what to do about it, and in which file."""

    rule: str
    file: Path
    missing: str
    todo: str


def shortfalls(loaded: LoadedRule, cases: Sequence[Case]) -> tuple[Shortfall, ...]:
    """Everything a rule lacks. ``cases`` are its own.

    Raises:
        InputError: a case with timestamps cannot be built.
    """
    name = f"{loaded.rule.code} {loaded.rule.name}"
    in_cases = (*_kinds(loaded, cases), *_variants(loaded, cases), *_observed_cases(loaded, cases), *_messages(cases))
    in_rule = (*_titles(loaded), *_documentation(loaded), *_observed_use(loaded), *_patterns(loaded))
    return (
        *(Shortfall(name, loaded.file, missing, todo) for missing, todo in in_rule),
        *(Shortfall(name, loaded.cases_file, missing, todo) for missing, todo in in_cases),
    )


def _kinds(loaded: LoadedRule, cases: Sequence[Case]) -> Iterator[tuple[str, str]]:
    kinds = Counter(case.kind for case in cases)
    silent = kinds[CaseKind.GOOD] + kinds[CaseKind.NEAR_MISS]
    if not kinds[CaseKind.BAD]:
        yield "no case is bad", "Write an account in which the rule must find something, with the exact finding under “expect”."
    if not kinds[CaseKind.NEAR_MISS]:
        yield "no case is a near miss", "Write an account that looks like a bad one and is in order (kind: near-miss)."
    if silent < MIN_SILENT:
        todo = "Write more near misses, or a good one: what comes nearest to a bad case is worth most."
        yield f"only {silent} of its cases must be silent; {MIN_SILENT} are asked for", todo
    if loaded.rule.needs and not kinds[CaseKind.MISSING_DATA]:
        needs = ", ".join(loaded.rule.needs)
        todo = "Write an account without it (kind: missing-data), with the reason under “not_evaluated”."
        yield f"it needs {needs}, and no case shows what it says without", todo


def _variants(loaded: LoadedRule, cases: Sequence[Case]) -> Iterator[tuple[str, str]]:
    shown = {item.variant for case in cases for item in case.expect}
    for variant in loaded.rule.variants:
        if variant not in shown:
            yield f"no bad case shows the variant “{variant}”", f"Write one that expects “variant: {variant}”, or take it out of RULE."


def _observed_use(loaded: LoadedRule) -> Iterator[tuple[str, str]]:
    rule = loaded.rule
    if rule.theme not in _ABOUT_AUTOMATIONS or Need.AUTOMATIONS not in rule.needs:
        return
    if rule.observed is ObservedUse.JUDGED and rule.unseen:
        yield "it judges automations that only timestamps show, and says why it cannot (“unseen”)", "Take one of the two out of RULE."
    elif rule.observed is not ObservedUse.JUDGED and not rule.unseen:
        todo = "Set “observed” to ObservedUse.JUDGED, or say in “unseen” why timestamps alone cannot answer."
        yield "it does not say what it does with automations that only timestamps show", todo


def _observed_cases(loaded: LoadedRule, cases: Sequence[Case]) -> Iterator[tuple[str, str]]:
    use = loaded.rule.observed
    if use is ObservedUse.IGNORED:
        return
    timed = [case for case in cases if case.has_events]
    kinds = Counter(case.kind for case in timed if case.kind is not CaseKind.BAD or case_account(case).automations)
    bad, near = kinds[CaseKind.BAD], kinds[CaseKind.NEAR_MISS]
    if use is ObservedUse.JUDGED and not bad:
        todo = "Write a bad one with “events” and without the automation in its manifest."
        yield "no bad case has an automation that only timestamps show", todo
    if use is ObservedUse.SILENCES and bad:
        todo = "What timestamps show may only take findings of this rule away: set “observed” to ObservedUse.JUDGED, or correct the case."
        yield "a bad case has an automation that only timestamps show", todo
    if near < max(bad, 1):
        todo = "Write near misses with “events” in which what timestamps show makes the rule silent."
        yield f"{near} near misses have timestamps; {max(bad, 1)} are asked for, as many as bad ones", todo


def _messages(cases: Sequence[Case]) -> Iterator[tuple[str, str]]:
    for case in cases:
        for item in case.expect:
            message = " ".join(item.message.split())
            if not message.endswith((".", "?", "!")):
                yield f"a message is not a sentence: {message}", f"Let the message of “{case.name}” end with a full stop."
            if gap := _GAP.search(_QUOTED.sub("“…”", message)):
                todo = f"See “{gap.group().strip() or 'two spaces'}” in the message of “{case.name}”."
                yield f"a message has a gap: {message}", todo


def _patterns(loaded: LoadedRule) -> Iterator[tuple[str, str]]:
    """Names and emails are what anybody wrote: no text may keep a rule busy."""
    names = getattr(loaded.check, "__globals__", {})
    found, _ = find_patterns({loaded.file: names})
    for slow in slow_patterns(found):
        yield (
            f"line {slow.found.line}: the regular expression takes {slow.times} times as long for four times the text ({slow.attack})",
            "Bound what repeats ({0,80}), make it possessive (*+), or let it begin only where the repetition begins (a lookbehind).",
        )


def _titles(loaded: LoadedRule) -> Iterator[tuple[str, str]]:
    rule = loaded.rule
    variants = [variant.title for variant in rule.variants.values()]
    for title in (rule.title, rule.passing, *variants):
        if not title[0].isupper() or title.endswith("."):
            yield f"a title is not written like one: {title}", "Begin it with a capital letter, and leave the full stop out."
    for title, count in Counter(variants).items():
        if count > 1:
            yield f"{count} variants have one title: {title}", "Let each title say which way the rule failed."


def _documentation(loaded: LoadedRule) -> Iterator[tuple[str, str]]:
    docs = loaded.docs
    for heading, text in (("What it finds", docs.finds), ("Why it matters", docs.why), ("When to ignore it", docs.ignore)):
        if len(text.split()) < MIN_WORDS:
            yield f"the section “{heading}” is thin: {text}", "Say it so that the owner of the account understands and believes it."
    for option in option_texts(loaded.rule.options):
        if not option.description.endswith("."):
            yield f"the description of the option “{option.name}” is not a sentence", "End it with a full stop."
        if f"`{option.name}`" not in docs.finds and option.name not in docs.ignore:
            todo = f"Write ``{option.name}`` under “What it finds”, where the rule uses it."
            yield f"the documentation does not mention the option “{option.name}”", todo
