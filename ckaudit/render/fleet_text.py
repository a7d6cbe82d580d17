"""What came of several accounts as tables: for a terminal, for a comment on a pull request, for a spreadsheet."""

from __future__ import annotations

import csv
import io

from ckaudit.model.fleet import AccountRow, Change, FleetResult, FleetRule, RowStatus
from ckaudit.render.csv import BYTE_ORDER_MARK, cell
from ckaudit.render.fleet import audited_rows, judged_share, little_judged, lost_rows, set_aside
from ckaudit.render.markdown import md
from ckaudit.render.plain import columns, count, cut, defused, wrap
from ckaudit.render.vocabulary import format_date

MAX_RULES = 10
MAX_CHANGED = 20
MAX_ROWS = 200  # of a comment; a forge takes 65,536 characters
_NUMBERS, _SHARE, _DAY, _WIDE = 36, 8, 12, 72
"""Columns of a table that the four numbers and the gaps take, the judged share, the day; from how many on there is room for these two."""
_PARTLY = " *"
CSV_COLUMNS = (
    *("account", "status", "exit_status", "errors", "warnings", "notes", "suppressed", "score", "new", "fixed"),
    *("worst_rule", "worst", "people", "labels", "reason", "report", "read_on", "judged_percent"),
)


def render_fleet_text(result: FleetResult, *, width: int = 80, colour: bool = False) -> str:
    """Tables at most ``width`` columns wide: the accounts in order of need, those not audited and why, the most frequent rules."""
    parts = [_table(audited_rows(result), width), _lost(lost_rows(result), width), _partly(audited_rows(result), width)]
    parts += [_changed(result.accounts, width), _frequent(result.rules[:MAX_RULES], width), _counted(result, width, colour)]
    return defused("\n\n".join(part for part in parts if part)) + "\n"


def _table(rows: tuple[AccountRow, ...], width: int) -> str:
    from tabulate import tabulate

    if not rows:
        return ""
    days = width >= _WIDE
    shares = days and any(judged_share(row) for row in rows)
    room = width - _NUMBERS - (_DAY if days else 0) - (_SHARE if shares else 0)
    name = max(min(max(columns(row.name) for row in rows), room // 2 - len(_PARTLY), 30), 9)
    worst = room - name - len(_PARTLY)
    lines = [
        (
            cut(row.name, name) + (_PARTLY if row.status is RowStatus.INCOMPLETE else ""),
            *(str(number or "-") for number in (row.summary.error, row.summary.warning, row.summary.info)),
            _score(row),
            *([f"{row.summary.judged_percent} %"] if shares else []),
            *([cut(row.read_on or "?", 10)] if days else []),
            cut(f"{row.worst.rule} {row.worst.name}" if row.worst else _nothing(row), worst),
        )
        for row in rows
    ]
    headers = ("account", "error", "warn", "info", "score", *(["judged"] if shares else []), *(["read on"] if days else []), "worst")
    alignment = ("left", *["right"] * (4 + shares), *["left"] * (1 + days))
    return tabulate(lines, headers=headers, tablefmt="simple", disable_numparse=True, colalign=alignment)


def _score(row: AccountRow) -> str:
    """``80``, ``80?`` where it is partial, ``-`` where there is none."""
    score = row.summary.score
    return "-" if score is None else f"{score}?" if row.is_partial else str(score)


def _nothing(row: AccountRow) -> str:
    return ", ".join(filter(None, (set_aside(row), f"{row.summary.judged_percent} % judged" if row.is_partial else "")))


def _lost(rows: tuple[AccountRow, ...], width: int) -> str:
    lines = ["Not audited:"] if rows else []
    for row in rows:
        lines += wrap(f"{cut(row.name)}: {cut(row.reason, 400)}", width, "  ", "    ")
        lines += wrap(cut(row.hint, 400), width, "    ") if row.hint else []
    return "\n".join(lines)


def _partly(rows: tuple[AccountRow, ...], width: int) -> str:
    lines = []
    for row in rows:
        if row.status is RowStatus.INCOMPLETE:
            lines += wrap(f"* {cut(row.name)}: read in part only. {cut(row.reason, 400)}", width, "  ", "    ")
        elif row.reason:
            lines += wrap(f"{cut(row.name)}: {cut(row.reason, 400)}", width, "  ", "    ")
    partial = [row for row in rows if row.is_partial]
    if partial:
        told = f"? Too few checks could be judged, so the score is partial or there is none: {_shares(partial)}."
        lines += wrap(told, width, "  ", "    ")
    most = [row for row in rows if judged_share(row) and not row.is_partial] if width < _WIDE else []
    if most:
        lines += wrap(f"Not all checks could be judged: {_shares(most)}.", width, "  ", "    ")
    return "\n".join(lines)


def _shares(rows: list[AccountRow]) -> str:
    told = ", ".join(f"{cut(row.name)} ({row.summary.judged_percent} %)" for row in rows[:MAX_CHANGED])
    return told + (f" and {len(rows) - MAX_CHANGED:,} more" if len(rows) > MAX_CHANGED else "")


def _changed(rows: tuple[AccountRow, ...], width: int) -> str:
    """The accounts with something new, fixed or out of sight since the audit before, or since the baseline."""
    changed = [row for row in rows if row.change and (row.change.new or row.change.fixed or row.change.not_confirmed or row.change.lost)]
    lines = ["What changed:"] if changed else []
    for row in changed[:MAX_CHANGED]:
        lines += wrap(f"{cut(row.name)}: {format_change(row)}", width, "  ", "    ")
    more = len(changed) - MAX_CHANGED
    return "\n".join([*lines, *([f"  and {count(more, 'more account')}"] if more > 0 else [])])


def format_change(row: AccountRow) -> str:
    """``2 new, 1 fixed, 9 unchanged, score 75 before and 80 now``."""
    change = row.change or Change("")
    if not change.since:
        return f"not in the baseline, so {count(change.new, 'finding')} {'counts' if change.new == 1 else 'count'} as new"
    words = f"{change.new:,} new, {change.fixed:,} fixed, {change.unchanged:,} unchanged"
    words += f", {change.not_confirmed:,} not confirmed" if change.not_confirmed else ""
    words += f", {count(change.lost, 'check')} not judged any more" if change.lost else ""
    before, now = change.score_before, row.summary.score
    return words if before is None or now is None or before == now else f"{words}, score {before} before and {now} now"


def _frequent(rules: tuple[FleetRule, ...], width: int) -> str:
    lines = ["Most frequent:"] if rules else []
    for rule in rules:
        accounts = count(rule.accounts, "account")
        people = f", at most {count(rule.people, 'person', 'people')} in one account" if rule.people else ""
        lines += wrap(f"{cut(rule.rule, 12)} {cut(rule.title, 120)}: {rule.severity}, {accounts}{people}", width, "  ", "    ")
    return "\n".join(lines)


def _counted(result: FleetResult, width: int, colour: bool) -> str:
    """``40 accounts: 38 audited, 2 not. 12 errors, 31 warnings, 90 notes. Average score 71 of 100.``"""
    counts = result.summary
    states = [f"{counts.audited:,} audited"]
    states += [f"{counts.incomplete:,} in part"] if counts.incomplete else []
    states += [f"{counts.failed:,} failed"] if counts.failed else []
    states += [f"{counts.not_run:,} not begun"] if counts.not_run else []
    found = f"{count(counts.error, 'error')}, {count(counts.warning, 'warning')}, {count(counts.info, 'note')}"
    score = f" {average(result)}" if average(result) else ""
    since = f" {compared(result)}" if compared(result) else ""
    missing = f" Missing shards: {cut(', '.join(result.missing_shards))}." if result.missing_shards else ""
    shard = f" Shard {cut(result.shard)}." if result.shard else ""
    sentence = f"{count(counts.accounts, 'account')}: {', '.join(states)}. {found}.{since}{score}{shard}{missing}"
    lines = wrap(sentence, width)
    return "\n".join(f"\x1b[1m{line}\x1b[0m" if colour else line for line in lines)


def compared(result: FleetResult) -> str:
    """How many findings are new, fixed and unchanged in the accounts that are compared with something; empty when none is."""
    counts = result.summary
    if not any(row.change for row in result.accounts):
        return ""
    words = f"{counts.new:,} new, {counts.fixed:,} fixed, {counts.unchanged:,} unchanged"
    return f"{words}, {counts.not_confirmed:,} not confirmed." if counts.not_confirmed else f"{words}."


def average(result: FleetResult) -> str:
    """The average score, and how many accounts it leaves out because too little of them could be judged."""
    counts = result.summary
    score = f"Average score {counts.score} of 100" if counts.score is not None else ""
    left = count(counts.partial, "account")
    if not score:
        return f"No average score: too little could be judged of {left}." if counts.partial else ""
    return f"{score}, without {left} of which too little could be judged." if counts.partial else f"{score}."


def render_fleet_csv(result: FleetResult) -> str:
    """One row for each account; comma-separated, lines end in CR LF, begins with a byte order mark. No cell is a formula."""
    out = io.StringIO(newline="")
    out.write(BYTE_ORDER_MARK)
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(CSV_COLUMNS)
    for row in result.accounts:
        worst, counts = row.worst, row.summary
        values = (
            *(row.name, row.status, row.exit_status, counts.error, counts.warning, counts.info, counts.suppressed),
            "" if counts.score is None else counts.score,
            *((row.change.new, row.change.fixed) if row.change else ("", "")),
            *(worst.rule if worst else "", worst.title if worst else ""),
            *("" if worst is None or worst.people is None else worst.people, "; ".join(row.labels), row.reason),
            next(iter(row.reports.values()), ""),
            *(row.read_on or "", counts.judged_percent if row.is_audited else ""),
        )
        writer.writerow([cell(value) for value in values])
    return out.getvalue()


def render_fleet_markdown(result: FleetResult) -> str:
    """A table of the accounts, those not audited, and the most frequent rules. At most 200 accounts; the others are counted."""
    lines = [f"## {md(result.name) or 'Accounts'}", "", md(_counted(result, 10_000, False), 600), ""]
    rows, changed = audited_rows(result), any(row.change for row in result.accounts)
    if rows:
        lines += [
            f"| Account | Errors | Warnings | Notes |{' Compared |' if changed else ''} Score | Read on | Worst |",
            f"|---|--:|--:|--:|{'---|' if changed else ''}--:|---|---|",
            *(_md_row(row, changed=changed) for row in rows[:MAX_ROWS]),
            "",
        ]
    if len(rows) > MAX_ROWS:
        lines += [f"And {len(rows) - MAX_ROWS:,} more accounts.", ""]
    lost = lost_rows(result)
    if lost:
        lines += ["### Not audited", "", *(f"- **{md(row.name)}**: {md(row.reason, 400)} {md(row.hint, 300)}" for row in lost[:50]), ""]
    if result.rules:
        lines += ["### Most frequent", ""]
        lines += [f"- {md(rule.rule)} {md(rule.title, 120)}: {count(rule.accounts, 'account')}" for rule in result.rules[:MAX_RULES]]
        lines += [""]
    return "\n".join(lines)


def _md_row(row: AccountRow, *, changed: bool) -> str:
    counts = row.summary
    brackets = "partial" if row.is_partial else judged_share(row)
    score = "" if counts.score is None else f"{counts.score} ({brackets})" if brackets else str(counts.score)
    worst = (
        f"{md(row.worst.rule)} {md(row.worst.title, 100)}" if row.worst else ", ".join(filter(None, (set_aside(row), little_judged(row))))
    )
    name = md(row.name, 60) + (" (in part)" if row.status is RowStatus.INCOMPLETE else "")
    day = md(format_date(row.read_on)) if row.read_on else "?"
    since = f" {format_change(row) if row.change else ''} |" if changed else ""
    return f"| {name} | {counts.error} | {counts.warning} | {counts.info} |{since} {score} | {day} | {worst} |"
