"""What came of auditing several accounts: ``ckaudit.fleet/v1`` (JSON Schema: ``ckaudit schema fleet``). Holds no secret and no person."""

from __future__ import annotations

import enum

import msgspec

from ckaudit.model.errors import ExitStatus
from ckaudit.model.findings import Severity
from ckaudit.model.refs import ObjectRef
from ckaudit.model.result import AccountHead, Grade, Summary, Tool

FLEET_SCHEMA = "ckaudit.fleet/v1"


class RowStatus(enum.StrEnum):
    """``audited``: to the end. ``incomplete``: the account could be read in part. ``failed``: not at all. ``not_run``: interrupted."""

    AUDITED = "audited"
    INCOMPLETE = "incomplete"
    FAILED = "failed"
    NOT_RUN = "not_run"


class WorstFinding(msgspec.Struct, frozen=True):
    """The first thing to put right in an account."""

    rule: str
    name: str
    severity: Severity
    title: str
    object: ObjectRef
    people: int | None = None


class RuleHits(msgspec.Struct, frozen=True):
    """The findings of one rule in one account. ``people`` is the most that one of them reaches."""

    rule: str
    severity: Severity
    findings: int
    people: int | None = None


class Change(msgspec.Struct, frozen=True):
    """What changed since the audit before, or since the baseline, of which ``since`` is the clock (UTC). It is empty for an account that
    the baseline lacks.

    Counts are of findings. ``not_confirmed`` were there and could not be judged again; ``lost`` counts the rules and names of the manifest
    that the baseline could judge and find, and this audit could not. Only a baseline has these two.
    """

    since: str
    new: int = 0
    fixed: int = 0
    score_before: int | None = None
    unchanged: int = 0
    not_confirmed: int = 0
    lost: int = 0


class AccountRow(msgspec.Struct, frozen=True, kw_only=True):
    """One account. ``reason`` says why it was not audited, or not to the end, ``hint`` what to do about it.

    ``audited_at`` is the clock of its audit (UTC), empty when there was none. ``reports`` maps a report's name to its path, as seen from
    the folder of ``fleet.json``. ``digest`` changes when the account's entry in the fleet file or the wishes of the command do.
    """

    name: str
    labels: tuple[str, ...] = ()
    status: RowStatus = RowStatus.AUDITED
    exit_status: ExitStatus = ExitStatus.CLEAN
    reason: str = ""
    hint: str = ""
    audited_at: str = ""
    read_on: str | None = None
    account: AccountHead = AccountHead()
    summary: Summary = Summary()
    worst: WorstFinding | None = None
    rules: tuple[RuleHits, ...] = ()
    change: Change | None = None
    reports: dict[str, str] = {}
    digest: str = ""

    @property
    def is_audited(self) -> bool:
        """True when the account could be read, at least in part."""
        return self.status in (RowStatus.AUDITED, RowStatus.INCOMPLETE)

    @property
    def is_partial(self) -> bool:
        """True of an audited account of which less than 80 % of the checks could be judged, or too few for a score."""
        return self.is_audited and self.summary.grade is Grade.PARTIAL


class FleetRule(msgspec.Struct, frozen=True):
    """A rule over all accounts: how many have findings of it, and how many. ``severity`` is the worst of them.

    ``people`` is the most that one finding reaches in any of the accounts: at most so many, in one place of one account.
    """

    rule: str
    name: str
    title: str
    severity: Severity
    accounts: int
    findings: int
    people: int | None = None


class FleetSummary(msgspec.Struct, frozen=True, kw_only=True):
    """Counts. ``new``, ``fixed``, ``unchanged`` and ``not_confirmed`` are of accounts that are compared (``--history``, ``--baseline``).

    ``score`` is the average of the accounts whose score is not partial, ``partial`` how many were audited and have a partial one or none,
    ``exit_status`` the highest of all accounts.
    """

    accounts: int = 0
    audited: int = 0
    incomplete: int = 0
    failed: int = 0
    not_run: int = 0
    error: int = 0
    warning: int = 0
    info: int = 0
    suppressed: int = 0
    new: int = 0
    fixed: int = 0
    unchanged: int = 0
    not_confirmed: int = 0
    score: int | None = None
    partial: int = 0
    exit_status: ExitStatus = ExitStatus.CLEAN


class FleetResult(msgspec.Struct, frozen=True, kw_only=True):
    """All of it. ``accounts`` are in order of need, ``rules`` the most frequent first.

    ``shard`` is ``2/4`` for one of several runs side by side, empty for a whole one; ``missing_shards`` are those a merge did not get.
    ``shard_of`` is the same in all runs that divide the same accounts.
    """

    schema: str = FLEET_SCHEMA
    tool: Tool
    generated_at: str
    name: str = ""
    shard: str = ""
    shard_of: str = ""
    missing_shards: tuple[str, ...] = ()
    summary: FleetSummary
    rules: tuple[FleetRule, ...] = ()
    accounts: tuple[AccountRow, ...] = ()
