"""The credential of a named account: from an environment variable, a file, or the system's keyring."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from pathlib import Path

from ckaudit.installation import adding
from ckaudit.kit.credentials import Credential, CredentialKind, make_credential
from ckaudit.model.errors import CredentialsError
from ckaudit.model.fleet_file import AccountTable
from ckaudit.sources.files import read_key

KEYRING_SERVICE = "ckaudit"


def credential_of(table: AccountTable, folder: Path, environ: Mapping[str, str]) -> Credential | None:
    """The credential of an account; None for a snapshot. ``folder`` is what a key file's path is seen from.

    Raises:
        CredentialsError: it is not there, or is not a credential; never quotes it.
    """
    if table.api_key_env is not None:
        return make_credential(CredentialKind.KEY, _variable(table.api_key_env, environ), table.api_key_env)
    if table.access_token_env is not None:
        return make_credential(CredentialKind.OAUTH, _variable(table.access_token_env, environ), table.access_token_env)
    if table.api_key_file is not None:
        path = folder / table.api_key_file
        return make_credential(CredentialKind.KEY, read_key(path), str(path))
    if table.keyring is not None:
        return make_credential(CredentialKind.KEY, _from_keyring(table.keyring), f"the keyring's entry “{table.keyring}”")
    return None


def _variable(name: str, environ: Mapping[str, str]) -> str:
    if name not in environ:
        raise CredentialsError(f"the environment variable {name} is not set", hint=f"Set {name} to the account's API key.")
    return environ[name]


def _from_keyring(entry: str) -> str:
    try:
        keyring = importlib.import_module("keyring")
    except ImportError:
        hint = f"It comes with `{adding('keyring', 'keyring')}`. Or use api_key_env or api_key_file."
        raise CredentialsError("the key is in the keyring, and the package that opens it is not installed", hint=hint) from None
    try:
        found = keyring.get_password(KEYRING_SERVICE, entry)
    except Exception as error:  # noqa: BLE001  backends raise what they like, and their words may quote what they hold
        hint = "Is it locked, or is there none on this machine? `keyring diagnose` shows it."
        raise CredentialsError(f"the keyring cannot be read ({type(error).__name__})", hint=hint) from None
    if not isinstance(found, str):
        hint = f"Store the key with `keyring set {KEYRING_SERVICE} {entry}`."
        raise CredentialsError(f"the keyring has no entry “{entry}” of the service “{KEYRING_SERVICE}”", hint=hint)
    return found
