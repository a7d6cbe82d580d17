"""``ckaudit manifest edit``: describe automations in a page of your own browser, or answer in the terminal."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from ckaudit.cli.configuration import configuration, open_config
from ckaudit.cli.options import demo, inputs, own_rules, verbosity
from ckaudit.cli.request import account_request
from ckaudit.cli.terminal import Outcome, Terminal, is_terminal, write_output
from ckaudit.model.errors import ExitStatus, NothingToAuditError, UsageError
from ckaudit.resources import demo_folder

if TYPE_CHECKING:
    from ckaudit.workbench.server import Workbench
    from ckaudit.workbench.session import Session

_MINUTE = 60


@click.command("edit")
@click.argument("snapshot", type=click.Path(path_type=Path), required=False)
@demo("Try it with a copy of the account that comes with ckaudit.")
@click.option("--terminal", "in_terminal", is_flag=True, help="No page: accept, change or refuse one draft after the other here.")
@click.option("--open", "is_opened", is_flag=True, help="Open the page in your browser.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, metavar="N", help="Listen here (default: any free port).")
@click.option(
    "--idle",
    type=click.IntRange(0, 10_000),
    default=120,
    metavar="MINUTES",
    help="End when nobody asked for so long (default: 120; 0: never).",
)
@inputs
@own_rules
@configuration
@verbosity
@click.pass_context
def edit(context: click.Context, /, **options: Any) -> Outcome:
    """Describe your automations: a page with the list, the steps, the drawing and what an audit finds, while you type.

    What timestamps show is there as drafts, to accept, change or refuse with one key. Every automation is saved as a file of its own beside
    the snapshot, in automations/. The page is answered by this command alone, on this machine alone. SNAPSHOT is a folder made by
    `ckaudit pull -o DIR`.

    \b
    Examples:
      ckaudit manifest edit my-account --open
      ckaudit manifest edit my-account --terminal
      ckaudit manifest edit --demo --open
    """
    terminal: Terminal = context.obj
    if options["demo"] and not options["snapshot"]:
        with tempfile.TemporaryDirectory(prefix="ckaudit-demo-") as folder:
            copy = Path(folder) / "demo"
            shutil.copytree(demo_folder(), copy)
            terminal.note(f"A copy of the demo account: {copy}. It is gone when this ends.")
            return _edit({**options, "snapshot": copy, "demo": False}, terminal)
    return _edit(options, terminal)


def _edit(options: dict[str, Any], terminal: Terminal) -> Outcome:
    session = _session(options, terminal)
    if options["in_terminal"]:
        from ckaudit.cli.manifest_review import review

        if not is_terminal(sys.stdin):
            raise UsageError("--terminal asks questions, and nobody is there to answer", hint="Run it in a terminal, or leave it away.")
        return review(session, terminal)
    return _serve(session, options, terminal)


def _session(options: dict[str, Any], terminal: Terminal) -> Session:
    from ckaudit.audit import manifests_of, plan_audit, read_inputs
    from ckaudit.workbench.files import Files, folder_for
    from ckaudit.workbench.session import Session

    config = open_config(options, terminal)
    request = account_request({**options, "no_evidence": False, "api_key_file": None}, config)
    if not isinstance(request.source, Path):
        raise NothingToAuditError(
            "there is no account whose names could be completed", hint="Name a snapshot made by `ckaudit pull -o DIR`, or try --demo."
        )
    paths = manifests_of(request, config)
    plan = plan_audit(msgspec.structs.replace(request, manifests=paths))
    files = Files(paths, folder_for(paths, request.source), are_named=bool(request.manifests or config.file.manifest))
    return Session(plan, read_inputs(plan.request, plan.config), files)


def _serve(session: Session, options: dict[str, Any], terminal: Terminal) -> Outcome:
    from ckaudit.workbench.server import ADDRESS, Workbench

    try:
        server = Workbench(session, port=options["port"], idle=options["idle"] * _MINUTE)
    except OSError as error:
        hint = "Another program listens there: choose another --port."
        raise UsageError(f"cannot listen on {ADDRESS}:{options['port']}: {error.strerror or error}", hint=hint) from None
    with server:
        write_output(f"{server.url}\n")
        terminal.note("Open this address in your browser. It works on this machine only, until you end it: with its button or with Ctrl-C.")
        if options["is_opened"] and click.launch(server.url_for_once) != 0:
            terminal.note("No browser could be started.")
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            server.ended = "asked"
    return _ended(server, session, terminal)


def _ended(server: Workbench, session: Session, terminal: Terminal) -> Outcome:
    if server.ended == "idle":
        terminal.note(f"Ended: nobody asked for {server.idle // _MINUTE:.0f} minutes.")
    if texts := len(session.kept.read().texts):
        what = "1 text that is not saved is" if texts == 1 else f"{texts} texts that are not saved are"
        terminal.note(f"{what} kept in {session.kept.path}; run this again to go on.")
    return Outcome("", ExitStatus.CLEAN)
