"""A result as text for a terminal, a pipe or a mail: readable at 80 columns and without colour."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from ckaudit.model.findings import Confidence, PathStep, ReportedFinding, Suppressed
from ckaudit.model.refs import ObjectRef
from ckaudit.model.result import Result, Role
from ckaudit.render.coverage import format_score, is_list_given, needs_a_list, unseen
from ckaudit.render.evidence_text import by_status
from ckaudit.render.plain import clean, columns, count, cut, defused, wrap

MAX_MESSAGE = 1200
STEPS_SHOWN = 3
_COLOURS: Mapping[str, str] = {"error": "1;31", "warning": "1;33", "info": "36", "object": "1", "dim": "2"}


class Style(msgspec.Struct, frozen=True):
    """How to draw: columns, colours or none, and how much (-1 findings only, 0 normal, 1 everything)."""

    width: int = 80
    colour: bool = False
    verbose: int = 0

    def paint(self, text: str, colour: str) -> str:
        """The text in a colour, or as it is."""
        return f"\x1b[{_COLOURS[colour]}m{text}\x1b[0m" if self.colour else text


def render_text(result: Result, *, width: int = 80, colour: bool = False, verbose: int = 0) -> str:
    """The whole result. Same result and arguments, same text; ends in a newline."""
    style = Style(width, colour, verbose)
    parts: list[list[str]] = []
    if verbose >= 0:
        parts.append(_head(result, style))
    parts += _findings(result, style)
    if verbose >= 0:
        parts += [
            _crashed(result, style),
            _not_evaluated(result, style),
            _not_applicable(result, style),
            _suppressed(result, style),
            _passed(result, style),
            _roles(result, style),
        ]
    parts.append(_summary(result, style))
    return defused("\n\n".join("\n".join(part) for part in parts if part)) + "\n"


def _head(result: Result, style: Style) -> list[str]:
    """Whose account, when, and what the audit could see."""
    account = result.account
    facts = [f"account {account.id}" if account.id is not None else "", f"plan {cut(account.plan_type, 20)}" if account.plan_type else ""]
    name = cut(account.name) or ("Kit account" if result.coverage.sections else "Manifest")
    head = f"{name} ({', '.join(part for part in facts if part)})" if any(facts) else name
    lines = _title(f"{head}, {result.generated_at.replace('T', ' ').replace('Z', ' UTC')}", style)
    for sentence in coverage_sentences(result):
        lines += wrap(clean(sentence), style.width, "  ")
    return lines


def _title(text: str, style: Style) -> list[str]:
    return [style.paint(line, "object") for line in wrap(text, style.width)]


def coverage_sentences(result: Result) -> list[str]:
    """What the audit could see and what not, one sentence each."""
    coverage = result.coverage
    sentences = unseen(result)
    if coverage.manifest.complete and is_list_given(result):
        files = ", ".join(coverage.manifest.files)
        sentences.insert(0, f"Automations come from {files}, which says that it lists all of them: Kit shows them to no tool.")
    if coverage.evidence.events:
        links = by_status(result.links)
        new = f", {len(links.undeclared)} of them in no automation that was named" if links.undeclared and is_list_given(result) else ""
        sentences.append(f"{coverage.evidence.events:,} timestamps of people show {count(links.found, 'link')}{new} (ckaudit discover).")
    if coverage.with_emails:
        sentences.append("The snapshot holds addresses of subscribers.")
    return sentences


def _findings(result: Result, style: Style) -> list[list[str]]:
    """One block per object, in the order of its worst finding."""
    groups: dict[tuple[str, str], list[ReportedFinding]] = {}
    for finding in result.findings:
        groups.setdefault((finding.object.kind, str(finding.object.id or finding.object.name)), []).append(finding)
    return [_group(findings, style) for findings in groups.values()]


def _group(findings: list[ReportedFinding], style: Style) -> list[str]:
    lines = _title(format_object(findings[0].object), style)
    for index, finding in enumerate(findings):
        lines += [*([""] if index else []), *_finding(finding, style)]
    return lines


def format_object(item: ObjectRef) -> str:
    """An object in one line."""
    return f"{clean(item.kind).replace('_', ' ')} “{cut(item.name)}”"


def _finding(finding: ReportedFinding, style: Style) -> list[str]:
    severity = str(finding.severity)
    extras = [finding.name]
    if finding.confidence is not Confidence.CERTAIN:
        extras.append(str(finding.confidence))
    if finding.people is not None:
        people = count(finding.people, "person", "people")
        extras.append(f"{people} who {cut(finding.people_who)}" if finding.people_who else people)
    indent = " " * 11
    first, *more = wrap(f"{finding.rule} {', '.join(extras)}", style.width, f"  {severity.ljust(7)}  ", indent)
    lines = [first.replace(severity, style.paint(severity, severity), 1), *more]
    if finding.location:
        lines.append(style.paint(f"{indent}{clean(str(finding.location))}", "dim"))
    lines += wrap(cut(finding.message, MAX_MESSAGE), style.width, indent)
    if finding.related:
        lines += _labelled("with", ", ".join(format_object(item) for item in finding.related), style)
    if finding.path:
        lines += _labelled("path", format_path(finding.path), style)
    if finding.covers:
        lines += _labelled("covers", ", ".join(finding.covers), style)
    return lines + (_fix(finding, style) if style.verbose >= 0 else [])


def _labelled(label: str, text: str, style: Style) -> list[str]:
    return wrap(text, style.width, f"{' ' * 11}{label}: ", " " * (13 + len(label)))


def format_path(path: Iterable[PathStep]) -> str:
    """The steps of a path in one line of words."""
    return " → ".join(f"{cut(step.name)}{f' ({cut(step.note)})' if step.note else ''}" for step in path)


def _fix(finding: ReportedFinding, style: Style) -> list[str]:
    steps = finding.fix if style.verbose > 0 else finding.fix[:STEPS_SHOWN]
    lines: list[str] = []
    for number, step in enumerate(steps, 1):
        start = "fix: " if number == 1 else "     "
        lines += wrap(clean(step), style.width, f"{' ' * 11}{start}{number}. ", " " * 19)
    more = len(finding.fix) - len(steps)
    if more:
        lines.append(f"{' ' * 16}and {more} more: ckaudit explain {finding.rule}")
    return lines


_NEED_A_LIST = "Kit's API shows no automations, and no manifest lists them (-v: what each of these rules lacks)"


def _crashed(result: Result, style: Style) -> list[str]:
    lines = _title("Rules that failed (a bug, not your fault)", style) if result.crashed else []
    for item in result.crashed:
        lines += wrap(clean(f"{item.rule} {item.name}: {item.reason}"), style.width, "  ", "    ")
    return lines


def _not_evaluated(result: Result, style: Style) -> list[str]:
    """Grouped by reason: one missing thing usually silences many rules."""
    groups: dict[str, list[str]] = {}
    for item in result.not_evaluated:
        reason = _NEED_A_LIST if needs_a_list(item, result) and style.verbose <= 0 else item.reason
        groups.setdefault(reason, []).append(item.rule)
    lines = _title("Not evaluated", style) if groups else []
    for reason, rules in groups.items():
        lines += wrap(clean(f"{', '.join(rules)}: {cut(reason, MAX_MESSAGE)}"), style.width, "  ", "    ")
    return lines


def _not_applicable(result: Result, style: Style) -> list[str]:
    """Grouped by reason, and only when asked for more: nothing is missing here."""
    groups: dict[str, list[str]] = {}
    for item in result.not_applicable if style.verbose > 0 else ():
        groups.setdefault(item.reason, []).append(item.rule)
    lines = _title("Nothing to judge", style) if groups else []
    for reason, rules in groups.items():
        lines += wrap(clean(f"{', '.join(rules)}: {reason}"), style.width, "  ", "    ")
    return lines


def _suppressed(result: Result, style: Style) -> list[str]:
    lines = _title("Suppressed", style) if result.suppressed else []
    for item in result.suppressed:
        text = f"{item.finding.rule} {format_object(item.finding.object)}: {format_accepted(item, place=True)}"
        lines += wrap(clean(text), style.width, "  ", "    ")
    return lines


def format_accepted(item: Suppressed, *, place: bool = False) -> str:
    """Why somebody accepted a finding, who, and until when; with ``place`` also where it is written."""
    facts = (item.owner, f"until {item.until}" if item.until else "", str(item.location or "") if place else "")
    who = f" ({', '.join(clean(fact) for fact in facts if fact)})" if any(facts) else ""
    return f"{cut(item.reason or 'no reason given', MAX_MESSAGE)}{who}"


def _passed(result: Result, style: Style) -> list[str]:
    if style.verbose <= 0 or not result.passed:
        return []
    lines = _title("Passed", style)
    for item in result.passed:
        lines += wrap(f"{item.rule} {item.title} ({item.checked:,} checked)", style.width, "  ", "    ")
    return lines


def _roles(result: Result, style: Style) -> list[str]:
    """What the tool took tags and sequences for although nobody stated it, and why."""
    inferred = [role for role in result.roles if role.origin == "inferred"]
    if not inferred:
        return []
    title = "Guessed, and to be confirmed under “offerings” in the manifest"
    return [*_title(title, style), *(f"  {line}".rstrip() for line in _roles_table(inferred, style.width - 2).splitlines())]


def _roles_table(roles: list[Role], width: int) -> str:
    from tabulate import tabulate

    first = min(20, max(4, *(columns(role.role.replace("_", " ")) for role in roles)))
    second = min(28, (width - first - 4) // 2, max(4, *(columns(format_object(role.object)) for role in roles)))
    rest = max(12, width - first - second - 4)
    rows = [
        (
            cut(role.role.replace("_", " "), first),
            "\n".join(wrap(format_object(role.object), second)),
            "\n".join(wrap(cut(role.reason, 400), rest)),
        )
        for role in roles
    ]
    return tabulate(rows, headers=("role", "what", "because"), tablefmt="simple", disable_numparse=True)


def _summary(result: Result, style: Style) -> list[str]:
    """Counts in one line, what was held back, and what to do next."""
    summary = result.summary
    counts = [
        (count(summary.error, "error"), "error" if summary.error else ""),
        (count(summary.warning, "warning"), "warning" if summary.warning else ""),
        (f"{summary.info} info", ""),
        (f"{count(summary.passed, 'rule')} passed", ""),
        (f"{summary.not_evaluated} not evaluated", ""),
        (f"{summary.not_applicable} with nothing to judge" if summary.not_applicable else "", ""),
        (f"{summary.suppressed} suppressed" if summary.suppressed else "", ""),
        (f"{len(result.crashed)} failed" if result.crashed else "", "error"),
        (format_score(result), ""),
    ]
    lines = _joined([count for count in counts if count[0]], style)
    if summary.hidden:
        lines += wrap(f"{count(summary.hidden, 'finding')} below --min-severity or --min-confidence not shown.", style.width)
    if summary.unchanged or summary.fixed:
        known = f"Compared with the baseline: {summary.unchanged} unchanged and not shown, {summary.fixed} fixed."
        lines += wrap(known, style.width)
    if style.verbose >= 0:
        lines += wrap(f"Next: {next_step(result)}", style.width, "", "      ")
    return lines


def _joined(counts: list[tuple[str, str]], style: Style) -> list[str]:
    """Texts and their colours in one list with commas, broken between two of them where the line is full."""
    lines, used = [""], 0
    for index, (text, colour) in enumerate(counts):
        comma = "," if index < len(counts) - 1 else ""
        if used and used + 1 + len(text) + len(comma) > style.width:
            lines, used = [*lines, ""], 0
        gap = " " if used else ""
        lines[-1] += gap + (style.paint(text, colour) if colour else text) + comma
        used += len(gap) + len(text) + len(comma)
    return lines


def next_step(result: Result) -> str:
    """The one command or act that helps most now."""
    if result.findings:
        first = f"ckaudit explain {result.findings[0].rule}"
        waiting = sum(needs_a_list(item, result) for item in result.not_evaluated)
        hint = "type them into the manifest" if result.coverage.manifest.files else "ckaudit manifest new"
        return f"{first}; for the {waiting} rules that need your automations: {hint}" if waiting > 1 else first
    if result.crashed:
        return "run the command again with -v -v and report what it prints"
    if not is_list_given(result):
        return "type your automations into automations.yaml (ckaudit manifest new writes a draft), then run the command again"
    return "nothing to do here; run the audit again after the next change in Kit"
