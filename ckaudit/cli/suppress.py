"""``ckaudit suppress``: accept a finding, with a reason."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ckaudit.cli import completers
from ckaudit.cli.configuration import configuration, configured_rules
from ckaudit.cli.options import clock, own_rules, verbosity
from ckaudit.cli.request import account_here
from ckaudit.cli.terminal import Outcome, Terminal
from ckaudit.engine.select import find_rule
from ckaudit.graph.find_object import named_object, objects_of
from ckaudit.model.config import Config, SuppressedObject, Suppression, SuppressTable
from ckaudit.model.errors import Location, UsageError
from ckaudit.model.findings import Confidence, Severity
from ckaudit.model.rules import Theme
from ckaudit.sources.config import find_config, read_config
from ckaudit.sources.config_text import CONFIG_FILE, add_suppressions
from ckaudit.sources.manifest import read_manifests
from ckaudit.sources.manifest.places import short_path
from ckaudit.sources.snapshot import folder_of, read_snapshot
from ckaudit.sources.stacks import read_stacks

if TYPE_CHECKING:
    from ckaudit.audit import AuditRequest
    from ckaudit.model.account import Account
    from ckaudit.model.automations import Manifest
    from ckaudit.model.refs import ObjectRef
    from ckaudit.model.result import Result
    from ckaudit.model.rules import Rule

MAX_PLACES = 5


@click.command("suppress")
@click.argument("rule", required=False, shell_complete=completers.rules)
@click.argument("target", metavar="[OBJECT]", required=False, shell_complete=completers.objects)
@click.option(
    "--all",
    "everything",
    is_flag=True,
    help="Every object where the rule finds something now; without RULE every finding about the account.",
)
@click.option("--reason", required=True, metavar="TEXT", help="Why it is fine.")
@click.option("--owner", default="", metavar="NAME", help="Who decided.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), default=None, metavar="DAY", help="The last day it holds: 2027-03-01.")
@click.option(
    "--snapshot",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Look the object up here, and write its id and its name. Default: account.json in this folder, if there is one.",
)
@click.option("--force", is_flag=True, help="Also where the rule finds nothing now.")
@own_rules
@clock
@configuration
@verbosity
@click.pass_context
def command(context: click.Context, /, **options: Any) -> Outcome:
    """Accept what a RULE finds at one OBJECT, or with --all everywhere. The entries are appended to the configuration (`ckaudit.toml` is
    made when there is none); everything else in it stays as it is. With a snapshot, an entry that would accept nothing is refused.

    OBJECT is kind and id, as in `sequence:5`, or kind and name, as in `automation:Welcome`. With a snapshot the id or the name alone
    will do. What is found later, at another object, is not accepted.

    \b
    Examples:
      ckaudit suppress CK503 sequence:5 --reason "The link is in the template" --owner dana
      ckaudit suppress CK301 "Summer sale" --snapshot my-account --reason "Runs again in June" --until 2027-06-01
      ckaudit suppress CK602 --all --reason "Left as it was before us" --until 2027-03-01
    """
    terminal: Terminal = context.obj
    if not options["reason"].strip():
        raise UsageError("--reason is empty", hint="Say why the finding is fine.")
    place: Path | None = options["snapshot"] or account_here()
    path: Path = options["config"] or short_path(find_config(Path.cwd(), [folder_of(place)] if place else []) or Path(CONFIG_FILE))
    config = read_config(path, named=options["config"] is not None) if path.exists() else Config()
    request = _request(place, config, options)
    entries = _every(request, config, options) if options["everything"] else (_one(request, config, options, terminal),)
    text = add_suppressions(path, entries, skip_known=options["everything"])
    if not text:
        terminal.note("Nothing was added: everything that is found now is accepted already.")
        return Outcome("")
    number = text.count("\nrule = ")
    terminal.note(f"Added to {path}:" if number == 1 else f"Added to {path}, {number} entries:")
    return Outcome(text)


def _request(place: Path | None, config: Config, options: Mapping[str, Any]) -> AuditRequest:
    from ckaudit.audit import AuditRequest

    return AuditRequest(
        source=place,
        look_in=(Path(), config.folder),
        config=config,
        config_is_named=options["config"] is not None,
        rules=options["folders"],
        now=options["now"],
        min_severity=Severity.INFO,
        min_confidence=Confidence.POSSIBLE,
        suppress=False,
    )


def _one(request: AuditRequest, config: Config, options: Mapping[str, Any], terminal: Terminal) -> tuple[SuppressTable, str]:
    """The entry for one object."""
    if not options["rule"] or not options["target"]:
        hint = "Name both, as in `ckaudit suppress CK503 sequence:5`, or --all for everything that is found now."
        raise UsageError("the rule or the object is missing", hint=hint)
    rule = find_rule(configured_rules(config, options), options["rule"]).rule
    place = request.source
    entry = _entry(rule.code, named_object(options["target"], objects_of(*_read(request, config)) if place else None, rule.checks), options)
    if place and not options["force"]:
        _check_match(entry, rule, request)
    elif not place:
        terminal.note("No snapshot was named, so nobody looked whether the rule finds anything there.")
    return entry, rule.name


def _every(request: AuditRequest, config: Config, options: Mapping[str, Any]) -> tuple[tuple[SuppressTable, str], ...]:
    """An entry for every object at which the rule, or any rule about the account, finds something now."""
    from ckaudit.audit import run_audit

    if options["target"]:
        raise UsageError("--all and an OBJECT exclude each other", hint="Leave one of them out.")
    if request.source is None:
        raise UsageError("--all needs an account to look through", hint="Name it with --snapshot, or run this where account.json lies.")
    wanted = find_rule(configured_rules(config, options), options["rule"]).rule.code if options["rule"] else ""
    result = run_audit(request).result
    names = {rule.code: rule.name for rule in result.rules if rule.theme != Theme.AUDIT}  # those are about what you wrote: mend it
    findings = [finding for finding in result.findings if wanted in ("", finding.rule) and finding.rule in names]
    found = dict.fromkeys((finding.rule, item) for finding in findings for item in (finding.object, *finding.same_cause))
    if not found:
        raise UsageError(f"{wanted or 'every rule'}: nothing is found now", hint="There is nothing to accept.")
    return tuple((_entry(code, item, options), names[code]) for code, item in found)


def _entry(code: str, item: ObjectRef, options: Mapping[str, Any]) -> SuppressTable:
    until: dt.datetime | None = options["until"]
    return SuppressTable(
        rule=code,
        object=SuppressedObject(kind=item.kind, id=item.id, name=item.name),
        reason=options["reason"],
        owner=options["owner"],
        until=until.date() if until else None,
    )


def _read(request: AuditRequest, config: Config) -> tuple[Account, Manifest | None]:
    """The account, and the manifests that an audit of it reads."""
    from ckaudit.audit import manifests_of

    account, files = read_snapshot(Path(str(request.source))), manifests_of(request, config)
    return account, read_manifests(files, account, read_stacks()) if files else None


def _check_match(entry: SuppressTable, rule: Rule, request: AuditRequest) -> None:
    """Audit the account, and raise UsageError when the rule finds nothing that the entry would accept."""
    from ckaudit.audit import run_audit
    from ckaudit.engine.suppress import has_match

    result = run_audit(request).result
    if has_match(Suppression(entry, Location("")), result.findings):
        return
    unjudged = next((item.reason for item in (*result.not_evaluated, *result.crashed) if item.rule == rule.code), "")
    places = [f"{item.kind}:{item.name if item.id is None else item.id}" for item in _places(rule, result)]
    why = f"it could not be judged: {unjudged}" if unjudged else "now it finds nothing there"
    there = f"It finds {', '.join(places[:MAX_PLACES])}{', …' if len(places) > MAX_PLACES else ''}. " if places else ""
    what = f"{entry.object.kind}:{entry.object.name if entry.object.id is None else entry.object.id}"
    raise UsageError(f"{rule.code} has no finding at {what}: {why}", hint=f"{there}With --force it is accepted before it is found.")


def _places(rule: Rule, result: Result) -> tuple[ObjectRef, ...]:
    """Where a rule has findings."""
    return tuple(dict.fromkeys(finding.object for finding in result.findings if finding.rule == rule.code))
