"""Findings for a terminal: in full, one block per object; or on a screen, grouped by rule, worst first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from ckaudit.model.findings import Confidence, PathStep, ReportedFinding
from ckaudit.model.refs import ObjectRef
from ckaudit.render.options import RenderOptions
from ckaudit.render.plain import clean, count, cut, headcount, wrap

MAX_MESSAGE = 1200
MAX_SAME = 40
STEPS_SHOWN = 3
RULES_SHOWN = 8
OBJECTS_SHOWN = 3
_LINES_OF_FIX = 2
_COLOURS: Mapping[str, str] = {"error": "1;31", "warning": "1;33", "info": "36", "object": "1", "dim": "2"}
_INDENT = " " * 11


class Style(msgspec.Struct, frozen=True):
    """How to draw: columns, colours or none, how much (-1 findings only, 0 normal, 1 everything), and where codes of rules lead to, for
    terminals that show links: the repository of ``RenderOptions``, empty for none."""

    width: int = 80
    colour: bool = False
    verbose: int = 0
    repository: str = ""

    def paint(self, text: str, colour: str) -> str:
        """The text in a colour, or as it is."""
        return f"\x1b[{_COLOURS[colour]}m{text}\x1b[0m" if self.colour else text


def _linked(line: str, finding: ReportedFinding, style: Style) -> str:
    """A finding's first line, its code leading to the page of the rule (OSC 8)."""
    address = RenderOptions(repository=style.repository).page(finding.docs) if style.repository else ""
    return line.replace(finding.rule, f"\x1b]8;;{address}\x1b\\{finding.rule}\x1b]8;;\x1b\\", 1) if address else line


def headed(text: str, style: Style) -> list[str]:
    """A heading, wrapped."""
    return [style.paint(line, "object") for line in wrap(text, style.width)]


def by_rule(findings: Sequence[ReportedFinding], style: Style) -> list[list[str]]:
    """One short block per rule, in the order of its worst finding, and at the end what was left out. What to click stands once."""
    groups: dict[str, list[ReportedFinding]] = {}
    for finding in findings:
        groups.setdefault(finding.rule, []).append(finding)
    shown = list(groups.values())[:RULES_SHOWN]
    return [*(_rule(group, style) for group in shown), _left_out(list(groups.values())[RULES_SHOWN:], style)]


def _rule(group: list[ReportedFinding], style: Style) -> list[str]:
    worst = group[0]
    severity = str(worst.severity)
    facts = (
        [f"{worst.rule} {cut(worst.title, 100)}", *_facts(worst)]
        if len(group) == 1
        else [f"{worst.rule} {worst.name}, {len(group)} findings"]
    )
    first, *more = wrap(", ".join(facts), style.width, f"  {severity.ljust(7)}  ", _INDENT)
    lines = [_linked(first.replace(severity, style.paint(severity, severity), 1), worst, style), *more]
    for finding in group[:OBJECTS_SHOWN]:
        lines += _one(finding, len(group) > 1, style)
    if len(group) > OBJECTS_SHOWN:
        lines.append(f"{_INDENT}and {len(group) - OBJECTS_SHOWN} more")
    return lines + (_fix_once(worst, style) if style.verbose >= 0 else [])


def _one(finding: ReportedFinding, listed: bool, style: Style) -> list[str]:
    people = f" ({headcount(finding.people, finding.people_who)})" if listed and finding.people is not None else ""
    dash = "- " if listed else ""
    lines = wrap(f"{cut(first_sentence(finding.message), 400)}{people}", style.width, f"{_INDENT}{dash}", f"{_INDENT}{' ' * len(dash)}")
    if finding.same_cause:
        lines += wrap(f"The same in: {format_same(finding, OBJECTS_SHOWN)}", style.width, f"{_INDENT}{' ' * len(dash)}")
    if finding.location:
        lines.append(style.paint(f"{_INDENT}{' ' * len(dash)}{clean(str(finding.location))}", "dim"))
    return lines


def _fix_once(finding: ReportedFinding, style: Style) -> list[str]:
    """As many whole steps as fit into two lines, at least one, and where the others are."""
    most = 1
    while most < len(finding.fix) and len(_steps(finding, most, style)) <= _LINES_OF_FIX:
        most += 1
    return _steps(finding, most if len(_steps(finding, most, style)) <= _LINES_OF_FIX else max(1, most - 1), style)


def _steps(finding: ReportedFinding, most: int, style: Style) -> list[str]:
    steps = " ".join(clean(step) for step in finding.fix[:most])
    more = len(finding.fix) - most
    where = f" … {count(more, 'more step')}: ckaudit explain {finding.rule}" if more > 0 else ""
    return wrap(f"{steps}{where}", style.width, f"{_INDENT}fix: ", f"{_INDENT}     ")


def _left_out(groups: list[list[ReportedFinding]], style: Style) -> list[str]:
    if not groups:
        return []
    rules = ", ".join(f"{group[0].rule} {group[0].name}{f' ({len(group)})' if len(group) > 1 else ''}" for group in groups)
    number = sum(len(group) for group in groups)
    return wrap(f"and {count(number, 'more finding')}: {clean(rules)}. All of them in full: --full", style.width, "  ")


def first_sentence(text: str) -> str:
    """Up to the first full stop that ends a sentence; one inside quotation marks is part of a name."""
    depth = 0
    for index, char in enumerate(text):
        depth += (char == "“") - (char == "”")
        if char in ".!?" and depth <= 0 and text[index + 1 : index + 2] in ("", " "):
            return text[: index + 1]
    return text


def by_object(findings: Iterable[ReportedFinding], style: Style) -> list[list[str]]:
    """One block per object with all that is known, in the order of its worst finding."""
    groups: dict[tuple[str, str], list[ReportedFinding]] = {}
    for finding in findings:
        groups.setdefault((finding.object.kind, str(finding.object.id or finding.object.name)), []).append(finding)
    return [_group(group, style) for group in groups.values()]


def _group(findings: list[ReportedFinding], style: Style) -> list[str]:
    lines = headed(format_object(findings[0].object), style)
    for index, finding in enumerate(findings):
        lines += [*([""] if index else []), *_finding(finding, style)]
    return lines


def format_object(item: ObjectRef) -> str:
    """An object in one line."""
    return f"{clean(item.kind).replace('_', ' ')} “{cut(item.name)}”"


def format_same(finding: ReportedFinding, most: int = MAX_SAME) -> str:
    """The further objects of a finding in one line; empty when it has none. Above ``most`` they are counted."""
    more = len(finding.same_cause) - most
    return ", ".join(format_object(item) for item in finding.same_cause[:most]) + (f" and {more:,} more" if more > 0 else "")


def with_same(finding: ReportedFinding, longest: int) -> str:
    """The message cut to a length, and the further objects behind it: for formats that have no other place for them."""
    same = f" The same in: {format_same(finding)}." if finding.same_cause else ""
    return f"{cut(finding.message, longest)}{same}"


def _finding(finding: ReportedFinding, style: Style) -> list[str]:
    severity = str(finding.severity)
    first, *more = wrap(f"{finding.rule} {', '.join([finding.name, *_facts(finding)])}", style.width, f"  {severity.ljust(7)}  ", _INDENT)
    lines = [_linked(first.replace(severity, style.paint(severity, severity), 1), finding, style), *more]
    if finding.location:
        lines.append(style.paint(f"{_INDENT}{clean(str(finding.location))}", "dim"))
    lines += wrap(cut(finding.message, MAX_MESSAGE), style.width, _INDENT)
    if finding.same_cause:
        lines += _labelled("same in", format_same(finding, len(finding.same_cause) if style.verbose > 0 else MAX_SAME), style)
    if finding.beside:
        lines += _labelled("with", ", ".join(format_object(item) for item in finding.beside), style)
    if finding.path:
        lines += _labelled("path", format_path(finding.path), style)
    if finding.covers:
        lines += _labelled("covers", ", ".join(finding.covers), style)
    return lines + (_fix(finding, style) if style.verbose >= 0 else [])


def _facts(finding: ReportedFinding, *, who: bool = True) -> list[str]:
    """How sure it is, unless it is certain, and how many people it touches; with ``who`` also who they are."""
    facts = [] if finding.confidence is Confidence.CERTAIN else [str(finding.confidence)]
    if finding.people is not None:
        people = headcount(finding.people, finding.people_who)
        facts.append(f"{people} who {cut(finding.people_who)}" if finding.people_who and who else people)
    return facts


def _labelled(label: str, text: str, style: Style) -> list[str]:
    return wrap(text, style.width, f"{_INDENT}{label}: ", " " * (13 + len(label)))


def format_path(path: Iterable[PathStep]) -> str:
    """The steps of a path in one line of words."""
    return " → ".join(f"{cut(step.name)}{f' ({cut(step.note)})' if step.note else ''}" for step in path)


def _fix(finding: ReportedFinding, style: Style) -> list[str]:
    steps = finding.fix if style.verbose > 0 else finding.fix[:STEPS_SHOWN]
    lines: list[str] = []
    for number, step in enumerate(steps, 1):
        start = "fix: " if number == 1 else "     "
        lines += wrap(clean(step), style.width, f"{_INDENT}{start}{number}. ", " " * 19)
    more = len(finding.fix) - len(steps)
    if more:
        lines.append(f"{' ' * 16}and {more} more: ckaudit explain {finding.rule}")
    return lines
