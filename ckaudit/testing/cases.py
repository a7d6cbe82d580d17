"""Cases of rules as data: ``<rule>.cases.yaml`` beside the rule.

A file is a list of cases ``{name, kind, account, manifest, events, options, now, read, stack, suppressions, expect, not_evaluated}``;
``account`` is in the notation of ``ckaudit.testing.mini_account``, ``events`` in that of ``ckaudit.testing.mini_events``, ``manifest`` in
that of the manifest (``version: 1`` may be left out), and ``suppressions`` are the stale ones, ``unused`` and ``expired``. Only the rule
itself runs.
"""

from __future__ import annotations

import datetime as dt
import enum
from pathlib import Path

import msgspec

from ckaudit.engine.fold import fold
from ckaudit.engine.load import LoadedRule
from ckaudit.engine.run import CrashHook, RuleRun
from ckaudit.engine.run_on_observed import run_rule
from ckaudit.graph.build import build_graph
from ckaudit.model.account import Account
from ckaudit.model.automations import VERSION, Manifest
from ckaudit.model.errors import Location, RuleFileError
from ckaudit.model.rules import Options
from ckaudit.model.stack import suggest_stack
from ckaudit.model.suppressions import StaleSuppression, StaleSuppressions
from ckaudit.observed.account import ObservedAccount
from ckaudit.observed.observe import observe
from ckaudit.sources.manifest import manifest_of
from ckaudit.sources.stacks import read_stacks
from ckaudit.sources.yaml.tree import Mapping, Node, Scalar, is_nothing, plain
from ckaudit.testing.case_file import error_at, items_of, mapping_of, read_case_file, text_of
from ckaudit.testing.mini_account import build_account
from ckaudit.testing.mini_events import build_evidence, named_in

DEFAULT_NOW = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)

# the account of a case that gives events alone
_NOTHING = Scalar("", 0, 0, 0, "", plain=True)
_CASE_KEYS = ("name", "kind", "account", "manifest", "events", "options", "now", "read", "stack", "suppressions", "expect", "not_evaluated")
_EXPECT_KEYS = ("variant", "title", "object", "severity", "confidence", "people", "message", "path", "related", "same_cause", "fix")


class CaseKind(enum.StrEnum):
    """What a case shows: a mistake, its absence, something that only looks like it, or an input that does not suffice."""

    BAD = "bad"
    GOOD = "good"
    NEAR_MISS = "near-miss"
    MISSING_DATA = "missing-data"


class Expected(msgspec.Struct, frozen=True, kw_only=True):
    """A finding that must come. What is None is not compared."""

    object: str
    message: str
    location: Location
    variant: str = ""
    title: str | None = None
    severity: str | None = None
    confidence: str | None = None
    people: int | None = None
    path: tuple[str, ...] | None = None
    related: tuple[str, ...] | None = None
    same_cause: tuple[str, ...] | None = None
    fix: tuple[str, ...] | None = None


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """One case, read and checked; ``node`` holds its parts with their places."""

    rule: LoadedRule
    name: str
    kind: CaseKind
    expect: tuple[Expected, ...]
    not_evaluated: str
    options: Options
    now: dt.datetime
    stack: str | None
    node: Node

    @property
    def id(self) -> str:
        """The case in one line."""
        return f"{self.rule.rule.code} {self.kind}: {self.name}"

    @property
    def has_events(self) -> bool:
        """Whether it brings timestamps."""
        return "events" in mapping_of(self.node, "a case")


def read_cases(rule: LoadedRule) -> tuple[Case, ...]:
    """The cases of a rule; none when it has no case file.

    Raises:
        RuleFileError: the file is wrong; says where.
    """
    file = rule.cases_file
    if not file.exists():
        return ()
    root = read_case_file(file)
    if root is None or is_nothing(root):
        return ()
    cases = tuple(_case(rule, node) for node in items_of(root, "a case file"))
    names: set[str] = set()
    for case in cases:
        if case.name in names:
            raise error_at(case.node, f"a second case is named “{case.name}”")
        names.add(case.name)
    return cases


def run_case(case: Case, on_crash: CrashHook | None = None) -> RuleRun:
    """Run the rule of a case over its account and manifest. Findings of one cause are one, as in a result.

    Raises:
        InputError: account or manifest are wrong; positions are those of the case file.
    """
    run = run_rule(case_account(case), case.rule, case.options, on_crash)
    return msgspec.structs.replace(run, findings=fold(run.findings))


def case_account(case: Case) -> ObservedAccount:
    """The account a case describes. Objects the manifest names are created in it."""
    parts = mapping_of(case.node, "a case")
    stacks = read_stacks()
    account: Account | None = None
    manifest: Manifest | None = None
    if "manifest" in parts:
        manifest = _manifest(parts["manifest"], None)
    events = parts.get("events")
    if "account" in parts or events:
        named = (*(manifest.references if manifest else ()), *(named_in(events) if events else ()))
        account = build_account(parts.get("account", _NOTHING), named)
    if "manifest" in parts and account:
        manifest = _manifest(parts["manifest"], account)
    if case.stack and case.stack not in stacks:
        raise error_at(parts["stack"], f"there is no stack “{case.stack}”", suggest_stack(case.stack, stacks))
    if account and "read" in parts:
        account = msgspec.structs.replace(account, read_on=_time(parts["read"], "read").date())
    evidence = build_evidence(events, account, case.now) if events and account else None
    graph = build_graph(account, manifest, stacks, case.now, case.stack)
    if "suppressions" in parts:
        graph = graph.with_suppressions(_suppressions(parts["suppressions"]))
    return observe(graph, evidence)


def _suppressions(node: Node) -> StaleSuppressions:
    given = mapping_of(node, "suppressions", ("unused", "expired"))
    found = {key: tuple(_suppression(item) for item in items_of(items, key)) for key, items in given.items()}
    return StaleSuppressions(**found, count=1)


def _suppression(node: Node) -> StaleSuppression:
    given = mapping_of(node, "a suppression", ("rules", "object", "reason", "until", "is_comment"))
    parts = {key: plain(part) for key, part in given.items()}
    kind, _, name = str(parts.get("object", "")).partition(" ")
    try:
        return msgspec.convert({**parts, "object": {"kind": kind, "name": name}, "location": node.location}, StaleSuppression)
    except msgspec.ValidationError as error:
        raise error_at(node, f"this suppression is wrong: {error}") from None


def _manifest(node: Node, account: Account | None) -> Manifest:
    """The manifest inside a case, in which “version: 1” may be left out."""
    given = mapping_of(node, "manifest")
    version = Scalar(node.file, node.line, node.column, node.last, str(VERSION), plain=True)
    keys = node.keys if isinstance(node, Mapping) else {}
    root = Mapping(node.file, node.line, node.column, node.last, {"version": version, **given}, {"version": version, **keys})
    return manifest_of(root, account, read_stacks())


def _case(rule: LoadedRule, node: Node) -> Case:
    parts = mapping_of(node, "a case", _CASE_KEYS)
    for key in ("name", "kind"):
        if key not in parts:
            raise error_at(node, f"a case needs “{key}”")
    if plain(parts["kind"]) not in tuple(CaseKind):
        raise error_at(parts["kind"], "no such kind of case", f"Possible are {', '.join(CaseKind)}.")
    if "account" not in parts and "manifest" not in parts:
        raise error_at(node, "a case needs an account or a manifest", "An account with the usual values is “account: {}”.")
    expected = parts.get("expect")
    reason = parts.get("not_evaluated")
    stack = parts.get("stack")
    case = Case(
        rule=rule,
        name=text_of(parts["name"], "name"),
        kind=CaseKind(text_of(parts["kind"], "kind")),
        expect=tuple(_expected(rule, item) for item in items_of(expected, "expect")) if expected else (),
        not_evaluated=text_of(reason, "not_evaluated") if reason else "",
        options=_options(rule, parts.get("options")),
        now=_time(parts["now"], "now") if "now" in parts else DEFAULT_NOW,
        stack=text_of(stack, "stack") if stack else None,
        node=node,
    )
    _check_kind(case)
    return case


def _check_kind(case: Case) -> None:
    if (case.kind is CaseKind.BAD) != bool(case.expect):
        raise error_at(case.node, "“expect” belongs to bad cases, and a bad case needs it")
    if case.kind is CaseKind.MISSING_DATA and not case.not_evaluated:
        raise error_at(case.node, "a case with missing data needs “not_evaluated” (the reason)")
    if case.not_evaluated and case.kind not in (CaseKind.MISSING_DATA, CaseKind.BAD):
        raise error_at(case.node, "“not_evaluated” (the reason) belongs to cases with missing data, or to bad ones that show only a part")


def _expected(rule: LoadedRule, node: Node) -> Expected:
    given = mapping_of(node, "an expectation", _EXPECT_KEYS)
    for key in ("object", "message"):
        if key not in given:
            raise error_at(node, f"an expectation needs “{key}”")
    parts = {key: plain(part) for key, part in given.items()}
    try:
        expected = msgspec.convert({**parts, "location": node.location}, Expected)
    except msgspec.ValidationError as error:
        raise error_at(node, f"this expectation is wrong: {error}") from None
    variants = rule.rule.variants
    if expected.variant not in variants and (expected.variant or variants):
        known = f"{rule.rule.code} declares {', '.join(variants)}." if variants else f"{rule.rule.code} declares no variants."
        raise error_at(
            node, f"the rule has no variant “{expected.variant}”" if expected.variant else "an expectation needs “variant”", known
        )
    return expected


def _options(rule: LoadedRule, node: Node | None) -> Options:
    if node is None:
        return rule.rule.options()
    try:
        return msgspec.convert(plain(node), rule.rule.options)
    except msgspec.ValidationError as error:
        raise error_at(node, f"these options are wrong: {error}") from None


def _time(node: Node, what: str) -> dt.datetime:
    try:
        when = dt.datetime.fromisoformat(text_of(node, what))
    except ValueError:
        raise error_at(node, "this is not a time", "Write it as 2026-11-20T12:00:00Z.") from None
    return when if when.tzinfo else when.replace(tzinfo=dt.UTC)


def misplaced_cases(folder: Path) -> tuple[Path, ...]:
    """Case files below a folder that stand beside no rule."""
    files = sorted(folder.rglob("*.cases.yaml")) if folder.is_dir() else []
    return tuple(file for file in files if not Path(str(file).removesuffix(".cases.yaml") + ".py").exists())


def no_rule_error(file: Path) -> RuleFileError:
    """The error for a case file without a rule."""
    name = file.name.removesuffix(".cases.yaml") + ".py"
    return RuleFileError(f"there is no rule {name} beside this case file", location=Location(str(file)))
