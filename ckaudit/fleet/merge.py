"""Several runs, such as the shards of one fleet on several machines, joined into one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from ckaudit.fleet.audit import Titles
from ckaudit.fleet.shard import Shard, parse_shard
from ckaudit.fleet.summary import make_result, titles_in
from ckaudit.model.errors import ExitStatus, InputError
from ckaudit.model.fleet import AccountRow, FleetResult, RowStatus
from ckaudit.model.fleet_file import Fleet
from ckaudit.sources.fleet_result import copy_report, has_report


class Part(msgspec.Struct, frozen=True):
    """One run: where it came from, as the user named it, the folder its reports are seen from, and what it holds."""

    source: Path
    folder: Path
    result: FleetResult


def merge(parts: Sequence[Part], fleet: Fleet | None = None) -> FleetResult:
    """The parts as one run. With a fleet file, its accounts that no part has are rows, too.

    Raises:
        InputError: an account or a shard is in two parts, they are parts of different wholes, or were made by different versions.
    """
    _check_versions(parts)
    missing = _missing_shards(parts)
    rows: dict[str, tuple[Path, AccountRow]] = {}
    titles: Titles = {}
    for part in parts:
        titles |= titles_in(part.result)
        for row in part.result.accounts:
            if row.name in rows:
                message = f"the account “{row.name}” is in {rows[row.name][0]} and in {part.source}"
                raise InputError(message, hint="Merge parts that have no account in common, such as those of --shard.")
            rows[row.name] = (part.source, _with_its_reports(row, part.folder))
    absent = [_absent(account.name, account.table.labels) for account in fleet.accounts if account.name not in rows] if fleet else []
    names = dict.fromkeys(part.result.name for part in parts if part.result.name)
    return make_result(
        [*(row for _, row in rows.values()), *absent],
        titles,
        name=fleet.file.name if fleet else ", ".join(names),
        generated_at=max(part.result.generated_at for part in parts),
        missing_shards=missing,
        version=parts[0].result.tool.version,
    )


def copy_reports(parts: Sequence[Part], out: Path) -> None:
    """Put the reports of all parts below one folder. Raises OutputError."""
    for part in parts:
        for row in part.result.accounts:
            for path in row.reports.values():
                copy_report(part.folder / path, out / path)


def _with_its_reports(row: AccountRow, folder: Path) -> AccountRow:
    """The row with the reports that are there: a fleet.json may have been sent without them."""
    there = {name: path for name, path in row.reports.items() if has_report(folder / path)}
    return msgspec.structs.replace(row, reports=there)


def _absent(name: str, labels: tuple[str, ...]) -> AccountRow:
    return AccountRow(
        name=name,
        labels=labels,
        status=RowStatus.NOT_RUN,
        exit_status=ExitStatus.INCOMPLETE,
        reason="none of the merged runs has this account",
        hint="Was a shard left out, or has the fleet file changed since?",
    )


def _check_versions(parts: Sequence[Part]) -> None:
    first = parts[0]
    for part in parts[1:]:
        if part.result.tool.version != first.result.tool.version:
            message = f"{first.source} was made by ckaudit {first.result.tool.version} and {part.source} by {part.result.tool.version}"
            raise InputError(message, hint="Their rules may differ, so their numbers do not add up. Run all parts with one version.")


def _missing_shards(parts: Sequence[Part]) -> tuple[str, ...]:
    """The shards of the whole that no part is. Parts without a shard are whole runs of their own."""
    sharded = [part for part in parts if part.result.shard]
    shards = [(parse_shard(part.result.shard), part.source) for part in sharded]
    if not shards:
        return ()
    whole = next((part.source for part in parts if not part.result.shard), None)
    first, source = shards[0]
    if whole:
        raise InputError(
            f"{source} is the part {first} of a run and {whole} is a whole one", hint="Merge parts of one whole, or whole runs."
        )
    found: dict[int, Path] = {}
    for shard, place in shards:
        if shard.count != first.count:
            raise InputError(f"{source} is the part {first} and {place} the part {shard}: these are parts of different wholes")
        if shard.number in found:
            raise InputError(f"{found[shard.number]} and {place} are both the part {shard}", hint="Name each part once.")
        found[shard.number] = place
    _check_accounts(sharded)
    return tuple(str(Shard(number, first.count)) for number in range(1, first.count + 1) if number not in found)


def _check_accounts(parts: Sequence[Part]) -> None:
    """Raise InputError when two shards divide different accounts: some of them may be in no part."""
    first = parts[0]
    for part in parts[1:]:
        if part.result.shard_of != first.result.shard_of:
            message = f"{first.source} and {part.source} are parts of different lists of accounts, so an account may be in no part"
            raise InputError(message, hint="Run all parts with the same fleet file, the same snapshots and the same --only.")
