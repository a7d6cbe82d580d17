"""The API key or OAuth token: where it comes from, and never where it goes except into one request header."""

from __future__ import annotations

import enum
import hashlib
import json
import re
from base64 import b64encode
from collections.abc import Iterator, Mapping
from html import escape
from typing import NoReturn
from urllib.parse import quote

from ckaudit.kit.screens import API_KEYS
from ckaudit.model.errors import CredentialsError

KEY_VARIABLE = "KIT_API_KEY"
TOKEN_VARIABLE = "KIT_ACCESS_TOKEN"  # noqa: S105 - the name of the variable
_MAX_LENGTH = 4096
_WHERE_KEYS_ARE = f"Kit: {API_KEYS}."


class CredentialKind(enum.StrEnum):
    """``key``: a v4 API key. ``oauth``: an OAuth access token."""

    KEY = "key"
    OAUTH = "oauth"


class Credential:
    """A secret that does not show itself: ``repr`` and ``str`` name the kind only."""

    __slots__ = ("_secret", "kind")

    def __init__(self, kind: CredentialKind, secret: str) -> None:
        self.kind = kind
        self._secret = secret

    def __repr__(self) -> str:
        return f"<Credential {self.kind}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a credential is not written down")

    @property
    def header(self) -> tuple[str, str]:
        """The request header that carries it."""
        if self.kind is CredentialKind.KEY:
            return "X-Kit-Api-Key", self._secret
        return "Authorization", f"Bearer {self._secret}"

    @property
    def requests_per_minute(self) -> int:
        """Kit's limit in a rolling minute, per credential (developers.kit.com, rate limits)."""
        return 120 if self.kind is CredentialKind.KEY else 600

    def hide_in(self, text: str) -> str:
        """The text with the secret replaced, for anything that came from outside."""
        return hide_secret(text, self._secret)

    def mark(self, salt: bytes) -> str:
        """16 hex digits that tell whether two runs used the same credential, and nothing else."""
        return hashlib.blake2b(self._secret.encode(), salt=salt, digest_size=8).hexdigest()


MIN_SPLIT = 8
"""Characters of a secret that is looked for with signs between them; of a short one, any text has the letters."""


def hide_secret(text: str, secret: str) -> str:
    """The text with a secret replaced, in whatever case, percent-encoded, inside JSON, HTML, base64 or hexadecimal, with every character
    escaped, and split by a sign or blank between its characters: who answers in Kit's place may send back what was sent, in a spelling of
    its own. Not reversed, not cut in pieces, and not encrypted."""
    data = secret.encode()
    escaped = ("".join(form.format(byte) for byte in data) for form in ("%{:02x}", "\\x{:02x}", "\\u{:04x}", "&#{};", "&#x{:x};"))
    forms = {secret, quote(secret, safe=""), json.dumps(secret)[1:-1], escape(secret), data.hex(), *escaped, *_in_base64(secret)}
    patterns = [re.escape(form) for form in sorted(forms, key=len, reverse=True)]
    if len(secret) >= MIN_SPLIT:
        patterns += [r"[\W_]{1,2}".join(map(re.escape, secret)), r"[\W_]{1,2}".join(f"{byte:02x}" for byte in data)]
    return re.sub("|".join(patterns), "[credential]", text, flags=re.IGNORECASE)


def _in_base64(secret: str) -> Iterator[str]:
    """What stays the same of a secret in base64, whatever stands before and behind it. Nothing for one of a few characters."""
    for before in range(3) if len(secret) >= 8 else ():
        data = bytes(before) + secret.encode()
        whole = b64encode(data[: len(data) // 3 * 3]).decode()
        yield whole[4 if before else 0 :]


def find_credential(environ: Mapping[str, str], key_text: str | None = None, key_source: str = "the key file") -> Credential:
    """The credential to use. ``key_text`` is what a key file or standard input held; it wins over the environment.

    Raises:
        CredentialsError: none, an empty or malformed one, or both a key and a token in the environment.
    """
    if key_text is not None:
        return make_credential(CredentialKind.KEY, key_text, key_source)
    key, token = environ.get(KEY_VARIABLE, ""), environ.get(TOKEN_VARIABLE, "")
    if key.strip() and token.strip():
        raise CredentialsError(f"{KEY_VARIABLE} and {TOKEN_VARIABLE} are both set", hint="Unset the one that is not meant.")
    if token.strip():
        return make_credential(CredentialKind.OAUTH, token, TOKEN_VARIABLE)
    if KEY_VARIABLE in environ:
        return make_credential(CredentialKind.KEY, key, KEY_VARIABLE)
    hint = f"Set {KEY_VARIABLE}, or use --api-key-file FILE. A key is made in {_WHERE_KEYS_ARE}"
    raise CredentialsError("there is no API key", hint=hint)


def make_credential(kind: CredentialKind, text: str, source: str) -> Credential:
    """A credential from the text that ``source`` held. Raises CredentialsError when it is none; never quotes it."""
    return Credential(kind, _clean(text, source))


def _clean(text: str, source: str) -> str:
    """The secret without the white space around it; every other oddity is an error that does not quote it."""
    secret = text.strip().removeprefix("\ufeff").strip()
    hint = f"It must hold the key alone, in one line and without quotes. A key is made in {_WHERE_KEYS_ARE}"
    if not secret:
        raise CredentialsError(f"{source} is empty", hint=hint)
    if len(secret.splitlines()) > 1:
        raise CredentialsError(f"{source} holds more than one line", hint=hint)
    if len(secret) > _MAX_LENGTH or any(not "!" <= char <= "~" for char in secret) or secret[0] in "\"'":
        raise CredentialsError(f"{source} holds something that is not an API key", hint=hint)
    return secret
