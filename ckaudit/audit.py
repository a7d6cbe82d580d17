"""One audit: a request in, what was audited out. Commands, fleets and the Python API all use it, so that they cannot differ.

``run_audit`` is the whole of it. Its stages are there for callers with something to do in between, such as reading a live account as soon
as the configuration is known to be right: ``plan_audit``, ``read_inputs``, ``audit_inputs``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import msgspec

from ckaudit.engine.baseline import only_new
from ckaudit.engine.configure import Prepared, check_names, prepare
from ckaudit.engine.exit_status import FailOn, exit_status, fails_unjudged
from ckaudit.engine.load import LoadedRule, load_rules
from ckaudit.engine.pipeline import audit
from ckaudit.engine.run import CrashHook
from ckaudit.graph.build import build_graph
from ckaudit.graph.graph import Graph
from ckaudit.model.account import Account
from ckaudit.model.automations import Manifest
from ckaudit.model.branding import Branding
from ckaudit.model.config import Config
from ckaudit.model.errors import ConfigError, ExitStatus, IncompleteError, NothingToAuditError, UsageError
from ckaudit.model.findings import Confidence, ReportedFinding, Severity
from ckaudit.model.links import MIN_CONFIDENCE
from ckaudit.model.pulled import Pulled
from ckaudit.model.result import Result
from ckaudit.model.roster import Listed, Roster
from ckaudit.model.stack import Stack, suggest_stack
from ckaudit.observed.account import ObservedAccount
from ckaudit.observed.observe import observe
from ckaudit.render.branding import branding_of
from ckaudit.resources import rules_folder
from ckaudit.sources.config import manifest_files, read_config, rule_folders
from ckaudit.sources.files import StrPath
from ckaudit.sources.manifest import read_manifests
from ckaudit.sources.manifest.places import MANIFEST_SUFFIXES, find_manifests, manifest_folders
from ckaudit.sources.snapshot import folder_of, read_snapshot
from ckaudit.sources.stacks import read_stacks

if TYPE_CHECKING:
    from ckaudit.model.evidence import Evidence

Loader: TypeAlias = Callable[[tuple[Path, ...]], Sequence[LoadedRule]]


class AuditRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What to audit, and how. What is left out here the configuration says; what it leaves out, too, has its default.

    ``source`` is where the account comes from: a snapshot (its folder or its ``account.json``), a manifest file, what ``pull_account``
    brought, or an ``Account``. Without one, ``manifests`` are audited alone. Where no manifest is named, those in or beside the snapshot
    count, then those in ``look_in``.

    ``config`` is a file, or a configuration that was read. One that nobody named but that was found (``config_is_named`` False) may not
    run ``rules`` of its own. ``evidence``: use people's timestamps; ``people``: say whom findings count; ``suppress`` False shows
    suppressed findings. With a ``baseline`` the result has what is new. ``fail_on_unjudged``: what could not be judged fails the audit,
    with a baseline what it could judge; without an answer it does so with a baseline, unless ``fail_on`` is never.
    """

    source: StrPath | Account | Pulled | None = None
    manifests: tuple[StrPath, ...] = ()
    look_in: tuple[Path, ...] = ()
    config: StrPath | Config | None = None
    config_is_named: bool = True
    rules: tuple[StrPath, ...] = ()
    stack: str | None = None
    now: dt.datetime | None = None
    select: tuple[str, ...] | None = None
    ignore: tuple[str, ...] | None = None
    min_severity: Severity | None = None
    min_confidence: Confidence | None = None
    fail_on: FailOn | None = None
    fail_on_unjudged: bool | None = None
    suppress: bool = True
    evidence: bool = True
    people: bool = False
    baseline: Result | None = None


class AuditPlan(msgspec.Struct, frozen=True):
    """A request whose configuration was read and found to be right: which rules run and how, and whose report it is."""

    request: AuditRequest
    config: Config
    prepared: Prepared
    branding: Branding

    @property
    def fail_on(self) -> FailOn:
        """From which severity on findings fail the audit."""
        return FailOn(self.request.fail_on or self.config.file.fail_on or FailOn.WARNING)

    @property
    def fails_unjudged(self) -> bool:
        """Whether what could not be judged fails it."""
        asked = self.config.file.fail_on_unjudged if self.request.fail_on_unjudged is None else self.request.fail_on_unjudged
        return fails_unjudged(asked, self.fail_on, has_baseline=self.request.baseline is not None)


class Inputs(msgspec.Struct, frozen=True):
    """What was read. ``problem`` is why a live account was read in part only, ``roster`` who the people are, where it is known.

    ``evidence`` are all timestamps, also those of people who only test: they have one of the ``test_tags``.
    """

    graph: Graph
    account: Account | None = None
    manifest: Manifest | None = None
    evidence: Evidence | None = None
    test_tags: tuple[str, ...] = ()
    roster: Roster | None = None
    problem: IncompleteError | None = None


class Audited(msgspec.Struct, frozen=True):
    """What came of an audit. ``people`` are those whom the findings count, None where they were not asked for or are not known.

    ``graph`` has what is declared and what timestamps show. ``problem`` is why a live account was read in part only.
    """

    result: Result
    graph: Graph
    exit_status: ExitStatus
    branding: Branding
    people: tuple[Listed, ...] | None = None
    problem: IncompleteError | None = None


def run_audit(request: AuditRequest, *, load: Loader = load_rules, on_crash: CrashHook | None = None) -> Audited:
    """Audit an account. ``load`` loads rules from folders; ``on_crash`` is called with every rule that raised an exception.

    Raises:
        InputError: something in the request, the configuration or the files they name is wrong; says what and where.
        NothingToAuditError: there is neither an account nor a manifest.
    """
    plan = plan_audit(request, load)
    return audit_inputs(plan, read_inputs(plan.request, plan.config), on_crash)


def plan_audit(request: AuditRequest, load: Loader = load_rules) -> AuditPlan:
    """Read the configuration, and choose the rules. Raises InputError."""
    config = config_of(request)
    stack_of(request, config, read_stacks())
    now = request.now or dt.datetime.now(dt.UTC)
    folders = tuple(map(Path, request.rules)) or rule_folders(config, named=request.config_is_named)
    prepared = prepare(
        config,
        load((rules_folder(), *folders)),
        select=request.select,
        ignore=request.ignore,
        min_severity=request.min_severity,
        min_confidence=request.min_confidence,
        suppress=request.suppress,
    )
    return AuditPlan(msgspec.structs.replace(request, config=config, now=now), config, prepared, branding_of(config))


def read_inputs(request: AuditRequest, config: Config) -> Inputs:
    """Read the account, its manifests and its timestamps, and build the graph. Raises InputError and NothingToAuditError."""
    stacks = read_stacks()
    stack = stack_of(request, config, stacks)
    account, evidence, roster, problem = _account(request)
    files = manifests_of(request, config)
    if account is None and not files:
        raise NothingToAuditError("there is nothing to audit", hint="Name a snapshot or a manifest.")
    manifest = read_manifests(files, account, stacks) if files else None
    graph = build_graph(account, manifest, stacks, request.now or dt.datetime.now(dt.UTC), stack)
    return Inputs(graph, account, manifest, evidence, config.file.test_tags, roster, problem)


def observe_inputs(inputs: Inputs, min_confidence: float = MIN_CONFIDENCE) -> ObservedAccount:
    """The account together with what its timestamps show; those of people who only test are left out."""
    evidence = inputs.evidence
    if evidence and inputs.account and inputs.test_tags:
        from ckaudit.evidence.testers import without_testers

        evidence = without_testers(evidence, inputs.account, inputs.test_tags)
    return observe(inputs.graph, evidence, min_confidence)


def audit_inputs(plan: AuditPlan, inputs: Inputs, on_crash: CrashHook | None = None) -> Audited:
    """Run the rules over what was read. Raises InputError where configuration or comments name what is not there."""
    request, config = plan.request, plan.config
    check_names(inputs.graph, config, plan.prepared.known)
    who: dict[str, tuple[int, ...]] = {}

    def note_people(finding: ReportedFinding, people: tuple[int, ...]) -> None:
        who[finding.fingerprint] = people

    account = observe_inputs(inputs)
    found = audit(account, plan.prepared.rules, plan.prepared.settings, on_crash, note_people)
    result = msgspec.structs.replace(found, configured=plan.prepared.configured)
    if request.baseline:
        result = only_new(result, request.baseline)
    return Audited(
        result,
        account.observed,
        exit_status(result, plan.fail_on, incomplete=inputs.problem is not None, unjudged=plan.fails_unjudged),
        plan.branding,
        _listed(result, who, inputs.roster) if request.people and inputs.roster else None,
        inputs.problem,
    )


def config_of(request: AuditRequest) -> Config:
    """The configuration of a request; an empty one when it has none. Raises ConfigError."""
    match request.config:
        case None:
            return Config()
        case Config():
            return request.config
        case path:
            return read_config(Path(path), named=request.config_is_named)


def manifests_of(request: AuditRequest, config: Config) -> tuple[Path, ...]:
    """The manifest files: the source where it is one, and those of the request, else of the configuration, else those that are found.

    Raises:
        ConfigError: the configuration names one that is not there.
    """
    place = _path_of(request)
    source = (place,) if place and _is_manifest(place) else ()
    named = tuple(map(Path, request.manifests)) or manifest_files(config)
    if source or named:
        return (*source, *named)
    return find_manifests(*(manifest_folders(place) if place else ()), *request.look_in)


def _account(request: AuditRequest) -> tuple[Account | None, Evidence | None, Roster | None, IncompleteError | None]:
    """The account, its timestamps, who the people are, and why it is not all of the account."""
    match request.source:
        case None:
            return None, None, None, None
        case Account():
            return request.source, None, None, None
        case Pulled():
            pulled = request.source
            return pulled.account, pulled.evidence if request.evidence else None, pulled.roster, pulled.problem
    place = Path(request.source)
    if _is_manifest(place):
        return None, None, None, None
    account = read_snapshot(place)
    if not request.evidence:
        return account, None, None, None
    from ckaudit.sources.evidence_file import read_evidence  # late: an audit without timestamps loads no numpy
    from ckaudit.sources.people_file import read_people

    evidence = read_evidence(folder_of(place))
    return account, evidence, read_people(folder_of(place)) if request.people and evidence else None, None


def _path_of(request: AuditRequest) -> Path | None:
    source = request.source
    return None if source is None or isinstance(source, (Account, Pulled)) else Path(source)


def _is_manifest(path: Path) -> bool:
    return path.suffix in MANIFEST_SUFFIXES and not path.is_dir()


def stack_of(request: AuditRequest, config: Config, stacks: Mapping[str, Stack]) -> str | None:
    """The name of the stack, where one is stated. Raises UsageError or ConfigError when there is none of this name."""
    name = request.stack or config.file.stack
    if name is None or name in stacks:
        return name
    message, hint = f"there is no stack “{name}”", suggest_stack(name, stacks)
    raise UsageError(message, hint=hint) if request.stack else ConfigError(message, hint=hint, location=config.place("stack"))


def _listed(result: Result, who: Mapping[str, tuple[int, ...]], roster: Roster) -> tuple[Listed, ...]:
    return tuple(
        Listed(finding.rule, finding.name, finding.title, finding.object, roster.subscriber(person), roster.address(person))
        for finding in result.findings
        for person in who.get(finding.fingerprint, ())
    )
