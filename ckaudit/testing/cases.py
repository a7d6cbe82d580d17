"""Cases of rules as data: ``<rule>.cases.yaml`` beside the rule.

A file is a list of cases ``{name, kind, account, manifest, events, options, now, stack, suppressions, expect, not_evaluated}``;
``account`` is in the notation of ``ckaudit.testing.mini_account``, ``events`` in that of ``ckaudit.testing.mini_events``, ``manifest`` in
that of the manifest (``version: 1`` may be left out), and ``suppressions`` are the stale ones, ``unused`` and ``expired``. Only the rule
itself runs.
"""

from __future__ import annotations

import datetime as dt
import enum
from pathlib import Path

import msgspec

from ckaudit.engine.load import LoadedRule
from ckaudit.engine.rule_run import RuleRun
from ckaudit.engine.run import CrashHook, run_rule
from ckaudit.graph.build import build_graph
from ckaudit.model.account import Account
from ckaudit.model.automations import Manifest
from ckaudit.model.errors import Location, RuleFileError
from ckaudit.model.nearest import did_you_mean
from ckaudit.model.rules import Options
from ckaudit.model.suppressions import StaleSuppression, StaleSuppressions
from ckaudit.observed.account import ObservedAccount
from ckaudit.observed.observe import observe
from ckaudit.sources.manifest import parse_manifest
from ckaudit.sources.stacks import read_stacks
from ckaudit.testing.case_yaml import Node, read_yaml
from ckaudit.testing.mini_account import build_account
from ckaudit.testing.mini_events import build_evidence, named_in

DEFAULT_NOW = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)

# the account of a case that gives events alone
_NOTHING = Node(None, Location(""), 0, 0)
_CASE_KEYS = ("name", "kind", "account", "manifest", "events", "options", "now", "stack", "suppressions", "expect", "not_evaluated")
_EXPECT_KEYS = ("variant", "title", "object", "severity", "confidence", "people", "message", "path", "related", "fix")


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
    fix: tuple[str, ...] | None = None


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """One case, read and checked; ``node`` holds its parts with their places, ``text`` the whole file."""

    rule: LoadedRule
    name: str
    kind: CaseKind
    expect: tuple[Expected, ...]
    not_evaluated: str
    options: Options
    now: dt.datetime
    stack: str | None
    has_events: bool
    node: Node
    text: str

    @property
    def id(self) -> str:
        """The case in one line."""
        return f"{self.rule.rule.code} {self.kind}: {self.name}"


def read_cases(rule: LoadedRule) -> tuple[Case, ...]:
    """The cases of a rule; none when it has no case file.

    Raises:
        RuleFileError: the file is wrong; says where.
    """
    file = rule.cases_file
    if not file.exists():
        return ()
    root, text = read_yaml(file)
    if root is None:
        return ()
    cases = tuple(_case(rule, node, text) for node in root.items("a case file"))
    names: set[str] = set()
    for case in cases:
        if case.name in names:
            raise case.node.error(f"a second case is named “{case.name}”")
        names.add(case.name)
    return cases


def run_case(case: Case, on_crash: CrashHook | None = None) -> RuleRun:
    """Run the rule of a case over its account and manifest.

    Raises:
        InputError: account or manifest are wrong; positions are those of the case file.
    """
    return run_rule(case_account(case), case.rule, case.options, on_crash)


def case_account(case: Case) -> ObservedAccount:
    """The account a case describes. Objects the manifest names are created in it."""
    parts = case.node.mapping("a case")
    stacks = read_stacks()
    account: Account | None = None
    manifest: Manifest | None = None
    if "manifest" in parts:
        manifest = _manifest(case, parts["manifest"], None)
    events = parts.get("events")
    if "account" in parts or events:
        named = (*(manifest.references if manifest else ()), *(named_in(events) if events else ()))
        account = build_account(parts.get("account", _NOTHING), named)
    if "manifest" in parts and account:
        manifest = _manifest(case, parts["manifest"], account)
    if case.stack and case.stack not in stacks:
        raise parts["stack"].error(f"there is no stack “{case.stack}”", did_you_mean(case.stack, stacks))
    evidence = build_evidence(events, account, case.now) if events and account else None
    graph = build_graph(account, manifest, stacks, case.now, case.stack)
    if "suppressions" in parts:
        graph = graph.with_suppressions(_suppressions(parts["suppressions"]))
    return observe(graph, evidence)


def _suppressions(node: Node) -> StaleSuppressions:
    node.check_keys("suppressions", ("unused", "expired"))
    found = {key: tuple(_suppression(item) for item in items.items(key)) for key, items in node.mapping("suppressions").items()}
    return StaleSuppressions(**found)


def _suppression(node: Node) -> StaleSuppression:
    node.check_keys("a suppression", ("rules", "object", "reason", "until", "is_comment"))
    parts = {key: part.plain() for key, part in node.mapping("a suppression").items()}
    kind, _, name = str(parts.get("object", "")).partition(" ")
    try:
        return msgspec.convert({**parts, "object": {"kind": kind, "name": name}, "location": node.location}, StaleSuppression)
    except msgspec.ValidationError as error:
        raise node.error(f"this suppression is wrong: {error}") from None


def _manifest(case: Case, node: Node, account: Account | None) -> Manifest:
    """Read the manifest inside a case. All else in the file is blanked out, so that its lines and columns stay those of the file."""
    given = node.mapping("manifest")
    line, column = node.location.line, node.location.column - 1
    body = case.text[node.start : node.end]
    if "version" in given:
        before = "\n" * (line - 1) + " " * column
    elif body.startswith("{"):
        before, body = "\n" * (line - 1) + "{version: 1,".rjust(column + 1), body[1:]
    else:
        before = "\n" * (line - 2) + " " * column + "version: 1\n" + " " * column
    return parse_manifest(before + body, node.location.file, account, read_stacks())


def _case(rule: LoadedRule, node: Node, text: str) -> Case:
    node.check_keys("a case", _CASE_KEYS)
    parts = node.mapping("a case")
    for key in ("name", "kind"):
        if key not in parts:
            raise node.error(f"a case needs “{key}”")
    if parts["kind"].value not in tuple(CaseKind):
        raise parts["kind"].error("no such kind of case", f"Possible are {', '.join(CaseKind)}.")
    if "account" not in parts and "manifest" not in parts:
        raise node.error("a case needs an account or a manifest", "An account with the usual values is “account: {}”.")
    expected = parts.get("expect")
    reason = parts.get("not_evaluated")
    stack = parts.get("stack")
    case = Case(
        rule=rule,
        name=parts["name"].text("name"),
        kind=CaseKind(parts["kind"].text("kind")),
        expect=tuple(_expected(rule, item) for item in expected.items("expect")) if expected else (),
        not_evaluated=reason.text("not_evaluated") if reason else "",
        options=_options(rule, parts.get("options")),
        now=_now(parts.get("now")),
        stack=stack.text("stack") if stack else None,
        has_events="events" in parts,
        node=node,
        text=text,
    )
    _check_kind(case)
    return case


def _check_kind(case: Case) -> None:
    if (case.kind is CaseKind.BAD) != bool(case.expect):
        raise case.node.error("“expect” belongs to bad cases, and a bad case needs it")
    if case.kind is CaseKind.MISSING_DATA and not case.not_evaluated:
        raise case.node.error("a case with missing data needs “not_evaluated” (the reason)")
    if case.not_evaluated and case.kind not in (CaseKind.MISSING_DATA, CaseKind.BAD):
        raise case.node.error("“not_evaluated” (the reason) belongs to cases with missing data, or to bad ones that show only a part")


def _expected(rule: LoadedRule, node: Node) -> Expected:
    node.check_keys("an expectation", _EXPECT_KEYS)
    for key in ("object", "message"):
        if key not in node.mapping("an expectation"):
            raise node.error(f"an expectation needs “{key}”")
    plain = node.plain()
    try:
        expected = msgspec.convert({**plain, "location": node.location} if isinstance(plain, dict) else plain, Expected)
    except msgspec.ValidationError as error:
        raise node.error(f"this expectation is wrong: {error}") from None
    variants = rule.rule.variants
    if expected.variant not in variants and (expected.variant or variants):
        known = f"{rule.rule.code} declares {', '.join(variants)}." if variants else f"{rule.rule.code} declares no variants."
        raise node.error(f"the rule has no variant “{expected.variant}”" if expected.variant else "an expectation needs “variant”", known)
    return expected


def _options(rule: LoadedRule, node: Node | None) -> Options:
    if node is None:
        return rule.rule.options()
    try:
        return msgspec.convert(node.plain(), rule.rule.options)
    except msgspec.ValidationError as error:
        raise node.error(f"these options are wrong: {error}") from None


def _now(node: Node | None) -> dt.datetime:
    if node is None:
        return DEFAULT_NOW
    try:
        when = dt.datetime.fromisoformat(node.text("now"))
    except ValueError:
        raise node.error("this is no time", "Write it as 2026-11-20T12:00:00Z.") from None
    return when if when.tzinfo else when.replace(tzinfo=dt.UTC)


def misplaced_cases(folder: Path) -> tuple[Path, ...]:
    """Case files below a folder that stand beside no rule."""
    files = sorted(folder.rglob("*.cases.yaml")) if folder.is_dir() else []
    return tuple(file for file in files if not Path(str(file).removesuffix(".cases.yaml") + ".py").exists())


def no_rule_error(file: Path) -> RuleFileError:
    """The error for a case file without a rule."""
    name = file.name.removesuffix(".cases.yaml") + ".py"
    return RuleFileError(f"there is no rule {name} beside this case file", location=Location(str(file)))
