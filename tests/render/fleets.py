"""Fleet results to render: an ordinary one, and one in which everything foreign is an attack."""

from __future__ import annotations

import msgspec

from ckaudit.engine.score import grade
from ckaudit.fleet.summary import make_result
from ckaudit.model.errors import ExitStatus
from ckaudit.model.findings import Severity
from ckaudit.model.fleet import AccountRow, Change, FleetResult, RowStatus, RuleHits, WorstFinding
from ckaudit.model.refs import ObjectRef
from ckaudit.model.result import AccountHead, Summary

EVIL = "<script>alert(1)</script>\"'|`\x1b[31m\u202e{{ 7 * 7 }}\n::error::x"
TITLES = {"CK203": ("no-revoke-path", "People who get their money back keep the course"), "CK501": ("missing-link", "Only one way out")}

RELEASE = ObjectRef("automation", "Release", 7)


def row(
    name: str, error: int = 0, warning: int = 0, *, score: int | None = 80, percent: int = 100, labels: tuple[str, ...] = ()
) -> AccountRow:
    """An audited account."""
    hits = [RuleHits("CK203", Severity.ERROR, error, 41)] if error else []
    hits += [RuleHits("CK501", Severity.WARNING, warning)] if warning else []
    worst = WorstFinding("CK203", "no-revoke-path", Severity.ERROR, TITLES["CK203"][1], RELEASE, 41) if error else None
    return AccountRow(
        name=name,
        labels=labels,
        exit_status=ExitStatus.FINDINGS if hits else ExitStatus.CLEAN,
        account=AccountHead(27, f"Studio of {name}"),
        summary=Summary(error=error, warning=warning, score=score, judged_percent=percent, grade=grade(score, percent)),
        worst=worst,
        rules=tuple(hits),
        reports={"report.html": f"{name}/report.html", "plan.csv": f"{name}/plan.csv"},
    )


def lost(name: str, reason: str, hint: str = "", status: RowStatus = RowStatus.FAILED) -> AccountRow:
    """An account that was not audited."""
    return AccountRow(name=name, status=status, exit_status=ExitStatus.INCOMPLETE, reason=reason, hint=hint)


def of(*rows: AccountRow, name: str = "Clients") -> FleetResult:
    """A result of these rows."""
    return make_result(rows, TITLES, name=name, generated_at="2026-11-20T12:00:00Z")


def normal() -> FleetResult:
    """Accounts of every kind."""
    part = AccountRow(
        name="part",
        status=RowStatus.INCOMPLETE,
        exit_status=ExitStatus.INCOMPLETE,
        reason="Kit answered 500",
        summary=Summary(warning=1, score=70, judged_percent=90, grade=grade(70, 90)),
    )
    return of(
        row("calm"),
        msgspec.structs.replace(row("worst", 12, 3, score=41, labels=("monthly",)), change=Change("2026-10-20T12:00:00Z", 2, 1, 50)),
        row("bad", 2, 30, score=60, labels=("monthly", "courses")),
        row("warned", 0, 2),
        part,
        lost("gone", "the environment variable KIT_X is not set", "Set KIT_X to the account's API key."),
        lost("later", "the run was interrupted before this account", status=RowStatus.NOT_RUN),
    )


def hostile() -> FleetResult:
    """Every foreign text is an attack."""
    worst = WorstFinding(EVIL, EVIL, Severity.ERROR, EVIL, ObjectRef("automation", EVIL, 7))
    evil = AccountRow(
        name=EVIL,
        labels=(EVIL,),
        account=AccountHead(27, EVIL),
        summary=Summary(error=1),
        worst=worst,
        rules=(RuleHits(EVIL, Severity.ERROR, 1),),
        reports={EVIL: "javascript:alert(1)", "report.html": '../../x/" onclick="alert(1)'},
    )
    return make_result((evil, lost(EVIL + "2", EVIL, EVIL)), {EVIL: (EVIL, EVIL)}, name=EVIL, generated_at=EVIL)
