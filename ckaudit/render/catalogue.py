"""The catalogue of rules, and one rule explained, as text."""

from __future__ import annotations

from collections.abc import Sequence

from ckaudit.engine.load import LoadedRule
from ckaudit.engine.rule_docs import HEADINGS
from ckaudit.model.rules import Options
from ckaudit.render.options import RenderOptions
from ckaudit.render.plain import clean, count, cut, to_json, wrap
from ckaudit.render.rule_pages import OBSERVED_HEADING, VARIANTS_HEADING, observed_text, option_texts

MAX_FOUND = 20


def catalogue_text(rules: Sequence[LoadedRule]) -> str:
    """A table of the rules."""
    from tabulate import tabulate

    rows = [(loaded.rule.code, str(loaded.rule.severity), loaded.rule.name, _needs(loaded)) for loaded in rules]
    table = tabulate(rows, headers=("code", "severity", "name", "needs"), disable_numparse=True, maxcolwidths=[8, 8, 34, 24])
    return f"{table}\n\n{count(len(rules), 'rule')}. `ckaudit explain CODE` says what a rule finds and how to fix it.\n"


def found_text(rules: Sequence[LoadedRule], words: str, *, width: int = 80) -> str:
    """The rules about some words, a line each; of a great many the first."""
    lines = wrap(f"{count(len(rules), 'rule')} about “{cut(words)}”:", width)
    for loaded in rules[:MAX_FOUND]:
        lines += wrap(f"{loaded.rule.code}  {loaded.rule.title}", width, "  ", " " * (4 + len(loaded.rule.code)))
    if len(rules) > MAX_FOUND:
        lines.append(f"  and {len(rules) - MAX_FOUND} more that mention it: `ckaudit rules`")
    return "\n".join([*lines, "", "`ckaudit explain CODE` says all about one."]) + "\n"


def catalogue_json(rules: Sequence[LoadedRule]) -> str:
    """The rules as JSON, one object each."""
    return to_json([loaded.text for loaded in rules])


def explain_text(loaded: LoadedRule, *, width: int = 80, repository: str = "") -> str:
    """One rule's documentation, and where it can be read and passed on, when the repository's address is known."""
    rule, docs = loaded.rule, loaded.docs
    lines = wrap(f"{rule.code} {rule.name}: {rule.title}", width)
    lines += wrap(f"{rule.severity}, {rule.confidence}. Needs: {_needs(loaded)}. Since {rule.since}.", width)
    lines += ["", *wrap(docs.summary, width)]
    finds, why, fix, ignore, sources = HEADINGS
    parts = (
        (finds, _paragraphs(docs.finds, width)),
        (why, _paragraphs(docs.why, width)),
        (fix, _steps(docs.fix, width)),
        (VARIANTS_HEADING, _variants(loaded, width)),
        (ignore, _paragraphs(docs.ignore, width)),
        (sources, [line for source in docs.sources for line in wrap(source, width, "  - ", "    ")]),
        (OBSERVED_HEADING, wrap(observed_text(rule), width)),
        ("Options", _options(rule.options, width)),
    )
    for heading, part in parts:
        lines += ["", heading, "-" * len(heading), *part] if any(part) else []
    address = RenderOptions(repository=repository).page(loaded.page)
    lines += ["", f"This page: {address}"] if address else []
    return clean("\n".join(lines), keep_newlines=True) + "\n"


def _paragraphs(text: str, width: int) -> list[str]:
    lines: list[str] = []
    for paragraph in text.split("\n\n"):
        lines += [*([""] if lines else []), *wrap(paragraph, width)]
    return lines


def _variants(loaded: LoadedRule, width: int) -> list[str]:
    """Each variant with its severity and title, and its steps where they are not those of the rule."""
    lines: list[str] = []
    for item in loaded.text.variants:
        lines += wrap(f"{item.name} ({item.severity}): {item.title}", width, "  ", "    ")
        lines += _steps(item.fix, width, "    ")
    return lines


def _steps(steps: Sequence[str], width: int, indent: str = "  ") -> list[str]:
    return [line for number, step in enumerate(steps, 1) for line in wrap(step, width, f"{indent}{number}. ", f"{indent}   ")]


def _options(options: type[Options], width: int) -> list[str]:
    lines: list[str] = []
    for item in option_texts(options):
        lines += wrap(f"{item.name} = {item.default}: {item.description}", width, "  ", "    ")
    return lines


def _needs(loaded: LoadedRule) -> str:
    return ", ".join(need.replace("_", " ") for need in loaded.rule.needs) or "nothing"
