"""The summary of several accounts as one HTML page: who needs help first, what could not be audited, what is wrong most often."""

from __future__ import annotations

from urllib.parse import quote

import msgspec
from markupsafe import Markup

from ckaudit.model.branding import Branding
from ckaudit.model.fleet import AccountRow, FleetResult, RowStatus
from ckaudit.render.branding import data_uri
from ckaudit.render.fleet import audited_rows, judged_share, little_judged, lost_rows, nothing_found, set_aside
from ckaudit.render.fleet_text import average, compared, format_change
from ckaudit.render.markdown_subset import to_html
from ckaudit.render.page import page_environment, page_policy, page_style, report_file
from ckaudit.render.plain import count, cut
from ckaudit.render.vocabulary import format_date, kind_name

MAX_RULES = 20


class Report(msgspec.Struct, frozen=True):
    """A report of an account, and where it lies."""

    name: str
    url: str


class Account(msgspec.Struct, frozen=True):
    """One account of the table. ``own_name`` is what Kit calls it, when that is something else; ``note`` says what is missing,
    ``little_judged`` how much could be judged where that is too little, ``judged`` how much of everything where that is not all.

    ``worst`` is what to put right first, ``where`` its object, ``nothing`` what is said where there is none.
    """

    name: str
    own_name: str
    labels: tuple[str, ...]
    url: str
    reports: tuple[Report, ...]
    error: int
    warning: int
    info: int
    score: int | None
    severity: str
    worst: str
    where: str
    people: int | None
    note: str
    change: str
    little_judged: str
    judged: str
    nothing: str
    read: str = ""


class Lost(msgspec.Struct, frozen=True):
    """One account that was not audited, why, and what to do."""

    name: str
    reason: str
    hint: str


class Rule(msgspec.Struct, frozen=True):
    """A rule over all accounts. ``share`` is the percentage of the audited accounts that have it."""

    code: str
    title: str
    severity: str
    accounts: int
    share: int
    findings: int
    people: int | None


class FleetPage(msgspec.Struct, frozen=True):
    """Everything the template prints. ``more_rules`` counts those that are not shown."""

    title: str
    scope: tuple[str, ...]
    brand: str
    logo: str
    contact: str
    introduction: Markup
    closing: Markup
    tool: str
    score: int | None
    sentences: tuple[str, ...]
    counts: tuple[tuple[str, int], ...]
    accounts: tuple[Account, ...]
    labels: tuple[str, ...]
    lost: tuple[Lost, ...]
    rules: tuple[Rule, ...]
    more_rules: int


def render_fleet_html(result: FleetResult, branding: Branding) -> str:
    """The page. Same result and branding, same bytes."""
    style, script = page_style(branding), report_file("fleet.js").strip()
    template = page_environment().get_template("fleet.html.j2")
    return template.render(
        page=make_page(result, branding),
        policy=page_policy(style, script, has_logo=branding.logo is not None),
        style=Markup(style),  # noqa: S704  our own file, with colours that were checked
        script=Markup(script),  # noqa: S704  our own file
    )


def make_page(result: FleetResult, branding: Branding) -> FleetPage:
    """The page as plain values."""
    rows, counts = audited_rows(result), result.summary
    return FleetPage(
        title=cut(result.name, 120) or "All accounts",
        scope=_scope(result),
        brand=cut(branding.name, 120),
        logo=data_uri(branding.logo) if branding.logo else "",
        contact=cut(branding.contact, 200),
        introduction=Markup(to_html(branding.introduction)),  # noqa: S704  to_html escapes everything first
        closing=Markup(to_html(branding.closing)),  # noqa: S704  to_html escapes everything first
        tool=f"{result.tool.name} {result.tool.version}" if branding.tool_branding else "",
        score=counts.score,
        sentences=_sentences(result),
        counts=(("error", counts.error), ("warning", counts.warning), ("info", counts.info)),
        accounts=tuple(_account(row) for row in rows),
        labels=tuple(sorted({label for row in rows for label in row.labels})),
        lost=tuple(Lost(cut(row.name, 120), cut(row.reason, 600), cut(row.hint, 400)) for row in lost_rows(result)),
        rules=_rules(result, len(rows)),
        more_rules=max(len(result.rules) - MAX_RULES, 0),
    )


def _scope(result: FleetResult) -> tuple[str, ...]:
    lines = [format_date(result.generated_at), count(result.summary.accounts, "account")]
    return (*lines, *([f"part {result.shard}"] if result.shard else []))


def _sentences(result: FleetResult) -> tuple[str, ...]:
    """How many accounts are in trouble, how many are fine, and what is missing."""
    rows, counts = audited_rows(result), result.summary
    urgent = sum(row.summary.error > 0 for row in rows)
    important = sum(row.summary.error == 0 and row.summary.warning > 0 for row in rows)
    quiet = [row for row in rows if not row.summary.error and not row.summary.warning]
    aside = [row for row in quiet if set_aside(row)]
    calm = sum(not row.is_partial and row not in aside for row in quiet)
    unknown = sum(row.is_partial and row not in aside for row in quiet)
    lost = len(result.accounts) - len(rows)
    lines = []
    if urgent:
        lines.append(f"{count(urgent, 'account')} {_have(urgent)} findings that are urgent: people are harmed or money is lost now.")
    if important:
        lines.append(f"{important:,} more {_have(important)} something important, and nothing urgent.")
    if calm:
        lines.append(f"{count(calm, 'account')} {_have(calm)} nothing urgent and nothing important.")
    if aside:
        among = " in what could be judged" if any(row.is_partial for row in aside) else ""
        besides = "besides what was known before, is accepted or is not shown"
        lines.append(f"Of {count(len(aside), 'account')} nothing important was found{among} {besides}.")
    if unknown:
        lines.append(f"Of {count(unknown, 'account')} nothing important was found, but too little could be judged to say that all is well.")
    if counts.partial:
        lines.append(average(result))
    if any(row.change for row in rows):
        lines.append(f"Compared with the audits before: {compared(result)}")
    if lost:
        lines.append(f"{count(lost, 'account')} could not be audited; {'the reason is' if lost == 1 else 'the reasons are'} below.")
    if result.missing_shards:
        lines.append(f"These parts are missing, so some accounts are not on this page: {', '.join(result.missing_shards)}.")
    return tuple(lines) or ("There is no account here.",)


def _have(number: int) -> str:
    return "has" if number == 1 else "have"


def _account(row: AccountRow) -> Account:
    worst, counts = row.worst, row.summary
    reports = tuple(Report(name, report_url(path)) for name, path in row.reports.items())
    page = next((report.url for report in reports if report.name.endswith((".html", ".htm"))), "")
    return Account(
        name=cut(row.name, 120),
        own_name=cut(row.account.name, 80) if row.account.name.casefold() != row.name.casefold() else "",
        labels=tuple(cut(label, 40) for label in row.labels),
        url=page or (reports[0].url if reports else ""),
        reports=tuple(report for report in reports if report.url != page),
        error=counts.error,
        warning=counts.warning,
        info=counts.info,
        score=counts.score,
        severity=worst.severity if worst else "",
        worst=cut(worst.title, 160) if worst else "",
        where=f"{kind_name(worst.object.kind)} “{cut(worst.object.name, 80)}”" if worst else "",
        people=worst.people if worst else None,
        note=_note(row),
        change=_change(row),
        little_judged=little_judged(row),
        judged=judged_share(row),
        nothing=nothing_found(row),
        read=f"Read on {format_date(row.read_on)}" if row.read_on else "Nobody wrote down when it was read",
    )


def _change(row: AccountRow) -> str:
    """What changed since the audit before; nothing when there was none."""
    if row.change is None:
        return ""
    since = f" Compared with {format_date(row.change.since)}" if row.change.since else ""
    words = format_change(row)
    return f"{words[0].upper()}{words[1:]}.{since}"


def _note(row: AccountRow) -> str:
    if row.status is RowStatus.INCOMPLETE:
        return f"Read in part only: {cut(row.reason, 300)}"
    return f"A check broke: {cut(row.reason, 300)}" if row.reason else ""


def report_url(path: str) -> str:
    """A report's path as an address below the page, whatever characters it has; it never leads to another place."""
    parts = [part for part in path.replace("\\", "/").split("/") if part not in ("", ".", "..")]
    return "./" + "/".join(quote(part, safe="") for part in parts)


def _rules(result: FleetResult, audited: int) -> tuple[Rule, ...]:
    return tuple(
        Rule(
            rule.rule,
            cut(rule.title or rule.name, 160),
            rule.severity,
            rule.accounts,
            round(100 * rule.accounts / max(audited, 1)),
            rule.findings,
            rule.people,
        )
        for rule in result.rules[:MAX_RULES]
    )
