"""Reads a fleet file: names of accounts and where each comes from. Faults name file, line, column and the nearest key.

The file never holds a key itself, so a value that looks like one is refused, and no message repeats it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

from ckaudit.model.errors import ConfigError, Location, Problem
from ckaudit.model.fleet_file import SOURCES, AccountTable, Fleet, FleetAccount, FleetFile, SharedTable
from ckaudit.model.nearest import did_you_mean
from ckaudit.sources.snapshot import ACCOUNT_FILE
from ckaudit.sources.toml_file import read_toml, toml_problems

MAX_NAME = 120
_KEYS_BELONG_ELSEWHERE = "A key does not belong into this file. Name its place: api_key_env, api_key_file or keyring."
_LIVE_ONLY = ("save", "evidence_days", "evidence_max", "api_url")
_VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]*")
_LOOKS_LIKE_A_KEY = re.compile(r"\s*(Bearer\s.*|kit_(\w+_)?[A-Za-z0-9]{16,}|[0-9a-f]{32,})\s*")


def read_fleet(path: Path) -> Fleet:
    """Read a fleet file.

    Raises:
        ConfigError: it cannot be read, is not TOML, or says what cannot be: all problems at once, each with its place.
    """
    data, places = read_toml(path, "docs/fleet.md shows how such a file looks.")
    empty = Fleet(path, FleetFile(), (), places)
    problems = [*_keys_in_the_file(data, empty), *(_list_of_accounts(empty) if isinstance(data.get("account"), list) else ())]
    if not problems:
        problems = list(toml_problems(data, FleetFile, empty.place))
    _stop(problems)
    file = msgspec.convert(data, FleetFile)
    fleet = Fleet(path, file, (), places)
    found, problems = _snapshots(fleet)
    problems += _wrong_address(fleet, file.defaults, "defaults")
    accounts = []
    for name, table in file.account.items():
        complete = msgspec.structs.replace(table, snapshot=found.pop(name)) if name in found and not _sources(table) else table
        problems += _wrong_account(fleet, name, complete)
        accounts.append(FleetAccount(name, _filled(complete, file), fleet.place("account", name)))
    for name, folder in found.items():
        if name in file.account:
            problems.append(Problem(f"there are two accounts “{name}”", fleet.place("account", name), f"The other one is {folder}."))
        accounts.append(FleetAccount(name, _filled(AccountTable(snapshot=folder), file), fleet.place("snapshots")))
    if not (accounts or problems):
        problems.append(Problem("there is no account here", fleet.place(), "An account is a table [account.NAME]."))
    _stop(problems)
    return msgspec.structs.replace(fleet, accounts=tuple(accounts))


def fleet_schema() -> Mapping[str, Any]:
    """The JSON Schema (draft 2020-12) of a fleet file."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:ckaudit:fleet:v1",
        "title": "Accounts for ckaudit fleet (FLEET.toml)",
        **msgspec.json.schema(FleetFile),
    }


def _stop(problems: list[Problem]) -> None:
    if problems:
        raise ConfigError("the fleet file is invalid", problems=tuple(sorted(problems, key=lambda item: item.location or Location(""))))


def _list_of_accounts(fleet: Fleet) -> Iterator[Problem]:
    yield Problem("accounts are tables with a name", fleet.place("account"), "Write [account.NAME] instead of [[account]].")


def _keys_in_the_file(data: Any, fleet: Fleet, at: tuple[str | int, ...] = ()) -> Iterator[Problem]:
    """Values that are a key themselves, and keys (of TOML) that ask for one."""
    if isinstance(data, dict):
        for name, value in data.items():
            if name in {"api_key", "key", "access_token", "token", "secret"} and isinstance(value, str):
                yield Problem(f"there is no key “{name}” here", fleet.place(*at, name), _KEYS_BELONG_ELSEWHERE)
            else:
                yield from _keys_in_the_file(value, fleet, (*at, name))
    elif isinstance(data, list):
        for number, value in enumerate(data):
            yield from _keys_in_the_file(value, fleet, (*at, number))
    elif isinstance(data, str) and at and at[-1] in SOURCES and _LOOKS_LIKE_A_KEY.fullmatch(data):
        yield Problem("this looks like a key itself", fleet.place(*at), _KEYS_BELONG_ELSEWHERE)


def _filled(table: AccountTable, file: FleetFile) -> AccountTable:
    """The account's table, with the defaults where it is silent."""
    shared = SharedTable.__struct_fields__
    silent = {key: getattr(file.defaults, key) for key in shared if getattr(table, key) is None}
    labels = tuple(dict.fromkeys((*file.defaults.labels, *table.labels)))
    return msgspec.structs.replace(table, **silent, labels=labels)


def _wrong_account(fleet: Fleet, name: str, table: AccountTable) -> Iterator[Problem]:
    at = ("account", name)
    if not name.strip() or len(name) > MAX_NAME or not name.isprintable():
        yield Problem(f"the name of an account has 1 to {MAX_NAME} printable characters", fleet.place(*at))
    given = _sources(table)
    if not given:
        yield Problem(f"“{name}” does not say where the account comes from", fleet.place(*at), f"Give one of {', '.join(SOURCES)}.")
    for key in given[1:]:
        yield Problem(f"“{key}” and “{given[0]}” exclude each other", fleet.place(*at, key), "Keep one of them.")
    for key in given:
        if not getattr(table, key).strip():
            yield Problem(f"“{key}” is empty", fleet.place(*at, key))
        elif key.endswith("_env") and not _VARIABLE.fullmatch(getattr(table, key)):
            yield Problem(f"“{key}” is the name of an environment variable, such as KIT_API_KEY_ANNA", fleet.place(*at, key))
    yield from _wrong_address(fleet, table, *at)
    if "snapshot" in given:
        for key in _LIVE_ONLY:
            if getattr(table, key) is not None:
                yield Problem(f"“{key}” is for accounts that are read live, and this one is a snapshot", fleet.place(*at, key))


def _wrong_address(fleet: Fleet, table: SharedTable, *at: str) -> Iterator[Problem]:
    if table.api_url is not None and not _may_get_keys(table.api_url):
        hint = "Name another address on the command line: --api-url."
        yield Problem("a fleet file sends keys to kit.com or to this machine alone", fleet.place(*at, "api_url"), hint)


def _may_get_keys(url: str) -> bool:
    """A fleet file may come from somebody else, and it names keys of this machine: it must not say where they go."""
    try:
        host = urlsplit(url.strip()).hostname or ""
    except ValueError:
        return False
    try:
        return host in ("kit.com", "localhost") or host.endswith(".kit.com") or ip_address(host).is_loopback
    except ValueError:
        return False


def _sources(table: AccountTable) -> list[str]:
    return [key for key in SOURCES if getattr(table, key) is not None]


def _snapshots(fleet: Fleet) -> tuple[dict[str, str], list[Problem]]:
    """The folders that the patterns of ``snapshots`` find, by their own name, in alphabetical order."""
    found: dict[str, str] = {}
    problems: list[Problem] = []
    for number, pattern in enumerate(fleet.file.snapshots):
        place = fleet.place("snapshots", number)
        try:
            folders = sorted(_folders(fleet.folder, pattern))
        except (ValueError, NotImplementedError, OSError):
            problems.append(Problem(f"“{pattern}” is not a pattern of folders", place, "Such as clients/*, seen from this file."))
            continue
        if not folders:
            hint = "A snapshot is a folder with account.json, made by ckaudit pull."
            problems.append(Problem(f"“{pattern}” fits no snapshot", place, hint))
        for folder in folders:
            other = found.setdefault(Path(folder).name, folder)
            if other != folder:
                problems.append(Problem(f"there are two accounts “{Path(folder).name}”: {other} and {folder}", place, "Rename a folder."))
    return found, problems


def _folders(start: Path, pattern: str) -> Iterator[str]:
    """The snapshots that a pattern fits, as seen from a folder; those of an absolute pattern by their whole path."""
    anchor = Path(pattern).anchor
    if not anchor:
        yield from (str(file.parent.relative_to(start)) for file in start.glob(f"{pattern}/{ACCOUNT_FILE}"))
        return
    yield from (str(file.parent) for file in Path(anchor).glob(f"{pattern[len(anchor) :]}/{ACCOUNT_FILE}"))


def chosen_accounts(fleet: Fleet, words: tuple[str, ...]) -> tuple[FleetAccount, ...]:
    """The accounts that these words mean, all without any: a name or a label, ``*`` standing for anything.

    Raises:
        ConfigError: a word means none; says the nearest one.
    """
    chosen: dict[str, FleetAccount] = {}
    for word in words:
        fitting = [account for account in fleet.accounts if any(fnmatchcase(name, word) for name in (account.name, *account.table.labels))]
        if not fitting:
            names = dict.fromkeys(name for account in fleet.accounts for name in (account.name, *account.table.labels))
            raise ConfigError(f"--only: there is no account and no label “{word}”", hint=did_you_mean(word, list(names)[:200]))
        chosen |= {account.name: account for account in fitting}
    return tuple(account for account in fleet.accounts if not words or account.name in chosen)
