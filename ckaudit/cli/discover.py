"""``ckaudit discover``: the automations an account seems to have, from the timestamps of its people."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ckaudit.cli.configuration import configuration, open_config
from ckaudit.cli.inputs import open_inputs
from ckaudit.cli.options import credentials, demo, evidence, inputs, verbosity
from ckaudit.cli.terminal import Outcome, Terminal, width
from ckaudit.model.errors import ExitStatus, NothingToAuditError, UsageError
from ckaudit.model.links import MIN_CONFIDENCE
from ckaudit.model.refs import Kind
from ckaudit.observed.chains import durations, pace_of
from ckaudit.render.coverage import undescribed
from ckaudit.render.draft_manifest import AccountFacts
from ckaudit.render.json import render_json
from ckaudit.render.links import links_mermaid, render_links
from ckaudit.render.plain import wrap

if TYPE_CHECKING:
    from ckaudit.graph.graph import Graph
    from ckaudit.model.result import Link, Result

WIDEST = 200
"""Columns of a table at most, however wide the terminal is."""


@click.command("discover")
@click.argument("snapshot", type=click.Path(path_type=Path), required=False)
@demo("The account that comes with ckaudit.")
@click.option("--format", "form", type=click.Choice(["table", "json", "mermaid"]), default="table", help="Default: table.")
@click.option(
    "--min-confidence",
    "sure_enough",
    type=click.FloatRange(0, 1),
    default=MIN_CONFIDENCE,
    metavar="SHARE",
    help=f"Leave out what is less sure, 0 to 1. Default: {MIN_CONFIDENCE}.",
)
@click.option("--save", type=click.Path(path_type=Path), metavar="DIR", help="Keep the account that is read as a snapshot.")
@inputs
@configuration
@evidence
@credentials
@verbosity
@click.pass_context
def command(context: click.Context, /, **options: Any) -> Outcome:
    """Find what follows what in an account: Kit's API shows no automations, but the timestamps of people show what they did.

    \b
    Examples:
      ckaudit discover --demo
      ckaudit discover my-account
      ckaudit discover my-account --format mermaid
    """
    from ckaudit.audit import observe_inputs
    from ckaudit.engine.pipeline import audit

    terminal: Terminal = context.obj
    if options["no_evidence"]:
        raise UsageError("--no-evidence leaves out what discover works with", hint="Leave the option away.")
    read = open_inputs(options, open_config(options, terminal), terminal)
    if read.evidence is None:
        raise NothingToAuditError(
            "there are no timestamps to find links in", hint="Read them with `ckaudit pull -o DIR`, without --no-evidence."
        ) from read.problem
    if read.problem:
        terminal.error(read.problem)
        terminal.note("The links are those of what was read until then.")
    result = audit(observe_inputs(read, options["sure_enough"]), ())
    text = render(result, options["form"], options["sure_enough"])
    return Outcome(text, ExitStatus.INCOMPLETE if read.problem else ExitStatus.CLEAN)


def render(result: Result, form: str, sure_enough: float = MIN_CONFIDENCE) -> str:
    """The links in a format."""
    match form:
        case "json":
            return render_json(result)
        case "mermaid":
            return links_mermaid(result.links)
        case _:
            columns = width(sys.stdout, WIDEST)
            table = render_links(
                result.links,
                result.coverage.evidence,
                result.look_linked,
                result.without_cause,
                width=columns,
                least=0.0 if sure_enough == MIN_CONFIDENCE else sure_enough,
            )
            told = undescribed(result.coverage.manifest)
            return table + "".join("\n" + "\n".join(wrap(sentence, columns)) + "\n" for sentence in told)


def facts_of(graph: Graph, links: Iterable[Link] = ()) -> AccountFacts:
    """What a draft must know of the account, by these links also how fast Kit is there."""
    account = graph.account
    groups = ((Kind.TAG, account.tags), (Kind.FORM, account.forms), (Kind.SEQUENCE, account.sequences))
    names = Counter((str(kind), item.name) for kind, objects in groups for item in objects)
    return AccountFacts(
        durations=durations(graph),
        ambiguous=frozenset(name for name, count in names.items() if count > 1),
        number=account.info.id if account.info else None,
        pace=pace_of(links),
    )
