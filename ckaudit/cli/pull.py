"""``ckaudit pull``: the account as a snapshot."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import click

from ckaudit.cli.evidence import gaps
from ckaudit.cli.inputs import find_credential, pull_account, request_of
from ckaudit.cli.options import clock, credentials, evidence, loudness
from ckaudit.cli.terminal import Outcome, Terminal
from ckaudit.kit.screens import API_KEYS
from ckaudit.model.errors import CredentialsError, UsageError


@click.command("pull")
@click.option("-o", "save", type=click.Path(path_type=Path), required=True, metavar="DIR", help="The snapshot's folder.")
@evidence
@click.option("--with-emails", is_flag=True, help="Also keep people's addresses, in people.json (default: no address is kept).")
@clock
@credentials
@loudness
@click.pass_context
def command(context: click.Context, /, **options: Any) -> Outcome:
    """Read your account into a snapshot and audit nothing. An interrupted pull goes on with what it has.

    \b
    Examples:
      KIT_API_KEY=… ckaudit pull -o my-account
      ckaudit pull -o my-account --api-key-file key.txt
    """
    from ckaudit.model.account import SectionStatus
    from ckaudit.render.plain import amount, clean

    terminal: Terminal = context.obj
    if options["with_emails"] and options["no_evidence"]:
        raise UsageError("--with-emails and --no-evidence exclude each other", hint="Addresses come with people's timestamps.")
    request = request_of(options)
    credential = find_credential(request, terminal)
    if credential is None:
        hint = f"Set KIT_API_KEY, or use --api-key-file FILE. A key is made in Kit: {API_KEYS}."
        raise CredentialsError("there is no API key", hint=hint)
    pulled = pull_account(request, credential, terminal)
    if pulled.problem:
        raise pulled.problem
    account = pulled.account
    missing = [
        f"  {name.replace('_', ' ')}: {state.reason or state.status}"
        for name, state in account.sections.items()
        if state.status is not SectionStatus.COMPLETE
    ]
    missing += [f"  {sentence}" for sentence in gaps(pulled.evidence)]
    read = {"tags": account.tags, "sequences": account.sequences, "emails": account.sequence_emails, "forms": account.forms}
    counts = {what: len(items) for what, items in read.items()}
    if pulled.evidence:
        counts["timestamps"] = len(pulled.evidence.events)
    told = ", ".join(amount(number, what) for what, number in counts.items())
    lines = [f"{request.save}: {told}", *(["Not read, or in part:", *missing] if missing else [])]
    if request.with_emails and pulled.roster:
        lines.append(f"{request.save}/people.json holds {len(pulled.roster.ids):,} addresses of people: keep it to yourself.")
    lines += [f"Next: ckaudit scan {shlex.quote(str(request.save))}", *_manifest_hint(request.save)]
    return Outcome(clean("\n".join(lines), keep_newlines=True) + "\n")


def _manifest_hint(folder: Path | None) -> list[str]:
    """How to list the automations, as long as nobody did."""
    from ckaudit.sources.manifest.places import MANIFEST_FILE, find_manifests, manifest_folders

    if folder is None or find_manifests(*manifest_folders(folder), Path()):
        return []
    place, file = shlex.quote(str(folder)), shlex.quote(str(folder / MANIFEST_FILE))
    return [f"Kit's API shows no automations. To list them: ckaudit manifest new {place} -o {file}"]
