"""Rules -> their pages under ``docs/rules``, from the one text that ``explain`` and the reports read too."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from typing import assert_never, get_type_hints

import msgspec

from ckaudit.engine.load import LoadedRule
from ckaudit.engine.rule_docs import HEADINGS
from ckaudit.kit.screens import menus_in
from ckaudit.model.rules import ObservedUse, Options, Rule, Theme

OBSERVED_HEADING = "On automations that only timestamps show"
VARIANTS_HEADING = "The ways it fails"
_MARKED = re.compile(r"((?<!`)`+[^`]+`+)")
_TITLES = {
    Theme.ACCOUNT: "The account",
    Theme.ACCESS: "Access: what buyers get, and lose",
    Theme.AUTOMATIONS: "Automations",
    Theme.SEQUENCES: "Sequences",
    Theme.EMAILS: "Emails",
    Theme.TAGS: "Tags and fields",
    Theme.FORMS: "Forms and integrations",
    Theme.EVIDENCE: "Evidence: what happened to people",
    Theme.AUDIT: "The audit itself",
}


class OptionText(msgspec.Struct, frozen=True):
    """One option of a rule: its name, its default as JSON, and what it means."""

    name: str
    default: str
    description: str


def option_texts(options: type[Options]) -> tuple[OptionText, ...]:
    """The options of a rule, in their order."""
    hints = get_type_hints(options, include_extras=True)
    return tuple(
        OptionText(
            field.name,
            msgspec.json.encode(getattr(options(), field.name)).decode(),
            next((meta.description for meta in getattr(hints[field.name], "__metadata__", ()) if getattr(meta, "description", None)), ""),
        )
        for field in msgspec.structs.fields(options)
    )


def rule_pages(rules: Sequence[LoadedRule]) -> dict[str, str]:
    """Every page by its file name: one for each rule, and ``README.md`` with all of them."""
    return {"README.md": _index(rules), **{f"{loaded.rule.code}.md": _page(loaded) for loaded in rules}}


def _page(loaded: LoadedRule) -> str:
    rule, docs = loaded.rule, loaded.docs
    needs = ", ".join(need.replace("_", " ") for need in rule.needs) or "nothing"
    finds, why, fix, ignore, sources = HEADINGS
    parts = (
        (finds, _escape(docs.finds)),
        (why, _escape(docs.why)),
        (fix, f"{_steps(docs.fix)}{_help_on(docs.fix)}"),
        *([(VARIANTS_HEADING, _variants(loaded))] if rule.variants else []),
        (ignore, _escape(docs.ignore)),
        (sources, "\n".join(f"- {_escape(source)}" for source in docs.sources)),
    )
    lines = [
        f"# {rule.code} {rule.name}",
        f"**{_escape(rule.title)}.** {_escape(docs.summary)}",
        "| severity | confidence | needs | minutes to fix | since |\n|---|---|---|---|---|\n"
        f"| {rule.severity} | {rule.confidence} | {needs} | {rule.effort_minutes} | {rule.since} |",
        *(f"## {heading}\n\n{part}" for heading, part in parts),
    ]
    if sentence := observed_text(rule):
        lines.append(f"## {OBSERVED_HEADING}\n\n{_escape(sentence)}")
    options = option_texts(rule.options)
    if options:
        rows = "".join(f"\n| `{item.name}` | `{item.default}` | {_escape(item.description)} |" for item in options)
        lines.append(f"## Options\n\n| option | default | meaning |\n|---|---|---|{rows}")
    return "\n\n".join(lines) + "\n"


def _variants(loaded: LoadedRule) -> str:
    """A table of the variants, and the steps of those that have their own."""
    variants = loaded.text.variants
    rows = "".join(f"\n| `{item.name}` | {item.severity} | {_escape(item.title)} |" for item in variants)
    own = [f"How to fix `{item.name}`:\n\n{_steps(item.fix)}" for item in variants if item.fix]
    table = f"| variant | severity | what is wrong |\n|---|---|---|{rows}"
    return "\n\n".join([table, *own]) + _help_on([step for item in variants for step in item.fix])


def _steps(steps: Sequence[str]) -> str:
    return "\n".join(f"{number}. {_escape(step)}" for number, step in enumerate(steps, 1))


def _help_on(steps: Sequence[str]) -> str:
    """Where Kit's help describes the screens these steps open."""
    links = ", ".join(f"[{screen.name}]({screen.url})" for screen in menus_in(steps))
    return f"\n\nKit's help on these screens: {links}." if links else ""


def observed_text(rule: Rule) -> str:
    """What the rule does with links nobody declared; empty where it has nothing to do with automations."""
    match rule.observed:
        case ObservedUse.JUDGED:
            return (
                "It judges them too, when no complete manifest is there. Such a finding is at most likely, and says how many people's "
                "timestamps show it."
            )
        case ObservedUse.SILENCES:
            return f"They can take a finding away and never bring one: links are seen in timestamps, but {rule.unseen}."
        case ObservedUse.IGNORED:
            return f"It does not judge them: links are seen in timestamps, but {rule.unseen}." if rule.unseen else ""
        case _:
            assert_never(rule.observed)


def _index(rules: Sequence[LoadedRule]) -> str:
    lines = [
        "# The rules",
        "A severity is the usual one: a finding may be milder or graver, and says so. `ckaudit explain CODE` shows the same pages.",
        "These pages are written by `make docs` from the files in `rules/`. Change the rule, not the page.",
    ]
    for theme, group in itertools.groupby(rules, key=lambda loaded: loaded.rule.theme):
        rows = "".join(f"\n{_row(loaded)}" for loaded in group)
        lines.append(f"## {_TITLES[theme]}\n\n| code | name | severity | what is wrong |\n|---|---|---|---|{rows}")
    return "\n\n".join(lines) + "\n"


def _row(loaded: LoadedRule) -> str:
    rule = loaded.rule
    return f"| [{rule.code}]({rule.code}.md) | {rule.name} | {rule.severity} | {_escape(rule.title)} |"


def _escape(text: str) -> str:
    """Plain text as Markdown; what is between backticks is left alone."""
    pieces = _MARKED.split(text)
    return "".join(piece if index % 2 else re.sub(r"([\\*\[\]<>|])", r"\\\1", piece) for index, piece in enumerate(pieces))
