"""Which sequences carry the login e-mail: it links to the membership site with a login path, or prints the password field."""

from __future__ import annotations

import html
import re

import msgspec

from ckaudit.graph.lookup import Lookup
from ckaudit.graph.targets import host_of
from ckaudit.model.account import Account, SequenceEmail
from ckaudit.model.refs import Key, Kind

LOGIN_PATH = re.compile(r"log-?in|wp-login|my-account|sign-?in|magic|auto-?log", re.IGNORECASE)
PASSWORD_FIELD = re.compile(
    r"subscriber\.((?i:\w*?(?:password|passwort|kennwort|pwd)\w*|(?:\w+_)?pass))\b"
)  # Liquid: the root in small letters
_LINK = re.compile(r"""href\s*=\s*(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)


class LoginMail(msgspec.Struct, frozen=True):
    """A sequence that carries a login e-mail, which e-mail, and how one can tell. ``shows_password``: the mail prints the password."""

    sequence: Key
    email: int
    reason: str
    shows_password: bool


def login_sequences(account: Account, lookup: Lookup, hosts: tuple[str, ...]) -> tuple[LoginMail, ...]:
    """The first login e-mail of each sequence that has one (published ones before drafts), ordered by sequence id."""
    found = []
    for sequence in account.sequences:
        key = Key(Kind.SEQUENCE, sequence.id)
        mails = sorted(lookup.emails(key), key=lambda email: not email.published)
        reasons = ((email, why) for email in mails if (why := login_reason(email, hosts)))
        if first := next(reasons, None):
            email, why = first
            found.append(LoginMail(key, email.id, why, bool(PASSWORD_FIELD.search(email.content or ""))))
    return tuple(found)


def login_reason(email: SequenceEmail, hosts: tuple[str, ...]) -> str:
    """Why this is a login e-mail, empty when it is none. A link to the host alone is no login link."""
    content = email.content or ""
    plain = content.lower()
    for match in _LINK.finditer(content) if any(host in plain for host in hosts) else ():
        address = html.unescape(match[1] or match[2] or "")
        if is_login_link(address, hosts):
            return f"“{email.subject or 'its e-mail'}” links to the login page on {host_of(address)}"
    if PASSWORD_FIELD.search(content):
        return f"“{email.subject or 'its e-mail'}” prints the password field"
    return ""


def is_login_link(address: str, hosts: tuple[str, ...]) -> bool:
    """True for an address on a membership host whose path or query is about logging in."""
    host = host_of(address)
    on_site = any(host == known or host.endswith(f".{known}") for known in hosts)
    return on_site and bool(LOGIN_PATH.search(address.split(host, 1)[-1]))
