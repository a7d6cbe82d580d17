"""``ckaudit pull``: the account as a snapshot."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import click

from ckaudit.cli.inputs import automations_from, gaps, pull
from ckaudit.cli.options import clock, credentials, evidence, verbosity
from ckaudit.cli.request import find_credential, pull_request
from ckaudit.cli.terminal import Outcome, Terminal
from ckaudit.kit.screens import API_KEYS
from ckaudit.model.account import SectionStatus
from ckaudit.model.config import Config
from ckaudit.model.errors import CredentialsError, UsageError
from ckaudit.render.plain import amount, clean, plural
from ckaudit.sources.manifest.places import manifest_folders

BAD_MANIFEST = "The automations have problems, so they do not help to tell which tags matter; `ckaudit manifest check` shows them."

MAX_ODD = 10


@click.command("pull")
@click.option("-o", "save", type=click.Path(path_type=Path), required=True, metavar="DIR", help="The snapshot's folder.")
@evidence
@click.option("--with-emails", is_flag=True, help="Also keep people's addresses, in people.json (default: no address is kept).")
@clock
@credentials
@verbosity
@click.pass_context
def command(context: click.Context, /, **options: Any) -> Outcome:
    """Read your account into a snapshot and audit nothing. An interrupted pull goes on with what it has.

    \b
    Examples:
      KIT_API_KEY=… ckaudit pull -o my-account
      ckaudit pull -o my-account --api-key-file key.txt
    """
    from ckaudit.audit import AuditRequest, manifests_of

    terminal: Terminal = context.obj
    if options["with_emails"] and options["no_evidence"]:
        raise UsageError("--with-emails and --no-evidence exclude each other", hint="Addresses come with people's timestamps.")
    credential = find_credential(options["api_key_file"], terminal)
    if credential is None:
        hint = f"Set KIT_API_KEY, or use --api-key-file FILE. A key is made in Kit: {API_KEYS}."
        raise CredentialsError("there is no API key", hint=hint)
    folder: Path = options["save"]
    audit = AuditRequest(look_in=(*manifest_folders(folder), Path()), now=options["now"])
    files = manifests_of(audit, Config())
    if files:
        terminal.note(automations_from(files))
    pulled = pull(pull_request(options, credential, audit), terminal, lambda _: terminal.note(BAD_MANIFEST))
    if pulled.problem:
        raise pulled.problem
    account = pulled.account
    missing = [
        f"  {name.replace('_', ' ')}: {state.reason or state.status}"
        for name, state in account.sections.items()
        if state.status is not SectionStatus.COMPLETE
    ]
    odd = account.bad_objects
    missing += [f"  {item.path}: {item.reason}" for item in odd[:MAX_ODD]]
    if len(odd) > MAX_ODD:
        missing.append(f"  and {plural(len(odd) - MAX_ODD, '{n} more odd object or value', '{n} more odd objects or values')}")
    missing += [f"  {sentence}" for sentence in gaps(pulled.evidence)]
    read = {"tags": account.tags, "sequences": account.sequences, "emails": account.sequence_emails, "forms": account.forms}
    counts = {what: len(items) for what, items in read.items()}
    if pulled.evidence:
        counts["timestamps"] = len(pulled.evidence.events)
    summary = ", ".join(amount(number, what) for what, number in counts.items())
    lines = [f"{folder}: {summary}", *(["Not read, or in part:", *missing] if missing else [])]
    if options["with_emails"] and pulled.roster:
        lines.append(f"{folder}/people.json holds {len(pulled.roster.ids):,} addresses of people: keep it to yourself.")
    place = shlex.quote(str(folder))
    lines.append(f"Next: ckaudit scan {place}")
    if not files:
        lines.append(f"Kit's API shows no automations. To begin with them: ckaudit manifest new {place}")
    return Outcome(clean("\n".join(lines), keep_newlines=True) + "\n")
