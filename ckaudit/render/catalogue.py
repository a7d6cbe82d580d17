"""The catalogue of rules, and one rule explained, as text."""

from __future__ import annotations

from collections.abc import Sequence

from ckaudit.engine.load import LoadedRule
from ckaudit.engine.rule_docs import HEADINGS
from ckaudit.model.rules import Options
from ckaudit.render.plain import clean, count, to_json, wrap
from ckaudit.render.rule_pages import OBSERVED_HEADING, observed_text, option_texts


def catalogue_text(rules: Sequence[LoadedRule]) -> str:
    """A table of the rules."""
    from tabulate import tabulate

    rows = [(loaded.rule.code, str(loaded.rule.severity), loaded.rule.name, _needs(loaded)) for loaded in rules]
    table = tabulate(rows, headers=("code", "severity", "name", "needs"), disable_numparse=True, maxcolwidths=[8, 8, 34, 24])
    return f"{table}\n\n{count(len(rules), 'rule')}. `ckaudit explain CODE` says what a rule finds and how to fix it.\n"


def catalogue_json(rules: Sequence[LoadedRule]) -> str:
    """The rules as JSON, one object each."""
    return to_json([loaded.text for loaded in rules])


def explain_text(loaded: LoadedRule, *, width: int = 80) -> str:
    """One rule's documentation."""
    rule, docs = loaded.rule, loaded.docs
    lines = wrap(f"{rule.code} {rule.name}: {rule.title}", width)
    lines += wrap(f"{rule.severity}, {rule.confidence}. Needs: {_needs(loaded)}. Since {rule.since}.", width)
    lines += ["", *wrap(docs.summary, width)]
    parts: tuple[list[str], ...] = (
        _paragraphs(docs.finds, width),
        _paragraphs(docs.why, width),
        [line for number, step in enumerate(docs.fix, 1) for line in wrap(step, width, f"  {number}. ", "     ")],
        _paragraphs(docs.ignore, width),
        [line for source in docs.sources for line in wrap(source, width, "  - ", "    ")],
    )
    for heading, part in zip(HEADINGS, parts, strict=True):
        lines += ["", heading, "-" * len(heading), *part]
    if sentence := observed_text(rule):
        lines += ["", OBSERVED_HEADING, "-" * len(OBSERVED_HEADING), *wrap(sentence, width)]
    options = _options(rule.options, width)
    if options:
        lines += ["", "Options", "-------", *options]
    return clean("\n".join(lines), keep_newlines=True) + "\n"


def _paragraphs(text: str, width: int) -> list[str]:
    lines: list[str] = []
    for paragraph in text.split("\n\n"):
        lines += [*([""] if lines else []), *wrap(paragraph, width)]
    return lines


def _options(options: type[Options], width: int) -> list[str]:
    lines: list[str] = []
    for item in option_texts(options):
        lines += wrap(f"{item.name} = {item.default}: {item.description}", width, "  ", "    ")
    return lines


def _needs(loaded: LoadedRule) -> str:
    return ", ".join(need.replace("_", " ") for need in loaded.rule.needs) or "nothing"
