"""Which sequences carry the login email: it links to the membership site with a login path, or prints the password field."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping

import msgspec

from ckaudit.graph.addresses import host_of
from ckaudit.graph.lookup import Lookup
from ckaudit.model.account import Account, SequenceEmail, Snippet
from ckaudit.model.refs import Key, Kind

LOGIN_PATH = re.compile(r"log-?in|wp-login|my-account|sign-?in|magic|auto-?log", re.IGNORECASE)
PASSWORD_FIELD = re.compile(
    r"subscriber\.((?i:\w*?(?:password|passwort|kennwort|pwd)\w*|(?:\w+_)?pass))\b"
)  # Liquid: the root in small letters
_SNIPPET = re.compile(r"\{\{-?\s*snippet\.([\w-]+)")
_LINK = re.compile(r"""href\s*=\s*(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)


class LoginMail(msgspec.Struct, frozen=True):
    """A sequence that carries a login email, which email, and how one can tell. ``shows_password``: the mail prints the password."""

    sequence: Key
    email: int
    reason: str
    shows_password: bool


class Logins:
    """The login emails of an account. Those that are recognised count only where a membership is known."""

    def __init__(self, mails: tuple[LoginMail, ...], stated: tuple[Key, ...], hosts: tuple[str, ...], *, known: bool) -> None:
        self._mails = {mail.sequence: mail for mail in mails}
        self._hosts = hosts
        self.sequences = tuple(dict.fromkeys((*stated, *(self._mails if known else ()))))
        """Sequences that carry a login email, stated or recognised."""

    def email(self, sequence: Key) -> int | None:
        """The id of the email with the login in this sequence (a published one before a draft), None when none is recognised."""
        mail = self._mails.get(sequence)
        return mail.email if mail else None

    def shows_password(self, sequence: Key) -> bool:
        """True when the login email of this sequence prints the password field."""
        mail = self._mails.get(sequence)
        return mail is not None and mail.shows_password

    def reason(self, sequence: Key) -> str:
        """Why a sequence is taken for a login sequence, empty when it is not recognised from its emails."""
        mail = self._mails.get(sequence)
        return mail.reason if mail else ""

    def is_link(self, address: str) -> bool:
        """True for an address on a membership site whose path or query is about logging in."""
        return is_login_link(address, self._hosts)


def login_sequences(account: Account, lookup: Lookup, hosts: tuple[str, ...]) -> tuple[LoginMail, ...]:
    """The first login email of each sequence that has one (published ones before drafts), ordered by sequence id."""
    snippets = {snippet.key: snippet for snippet in account.snippets if not snippet.archived}
    found = []
    for sequence in account.sequences:
        key = Key(Kind.SEQUENCE, sequence.id)
        for email in sorted(lookup.emails(key), key=lambda email: not email.published):
            texts = _texts(email, snippets)
            if why := _login_reason(email, texts, hosts):
                found.append(LoginMail(key, email.id, why, any(PASSWORD_FIELD.search(text) for text, _ in texts)))
                break
    return tuple(found)


def _texts(email: SequenceEmail, snippets: Mapping[str, Snippet]) -> tuple[tuple[str, str], ...]:
    """What the email says and what the snippets in it say, each with the name of the snippet, empty for the email itself."""
    found = {"": (email.content or "", "")}
    waiting = [email.content or ""]
    while waiting:
        text = waiting.pop()
        for key in _SNIPPET.findall(text) if "snippet." in text else ():
            if key in snippets and key not in found:
                found[key] = (snippets[key].body, snippets[key].name)
                waiting.append(snippets[key].body)
    return tuple(found.values())


def _login_reason(email: SequenceEmail, texts: tuple[tuple[str, str], ...], hosts: tuple[str, ...]) -> str:
    """Why this is a login email, empty when it is none. A link to the host alone is no login link."""
    name = email.subject or "its email"
    for text, snippet in texts:
        plain = text.lower()
        for match in _LINK.finditer(text) if any(host in plain for host in hosts) else ():
            address = html.unescape(match[1] or match[2] or "")
            if is_login_link(address, hosts):
                return f"“{name}” links to the login page on {host_of(address)}{_inside(snippet)}"
    for text, snippet in texts:
        if PASSWORD_FIELD.search(text):
            return f"“{name}” prints the password field{_inside(snippet)}"
    return ""


def _inside(snippet: str) -> str:
    return f", in the snippet “{snippet}”" if snippet else ""


def is_login_link(address: str, hosts: tuple[str, ...]) -> bool:
    """True for an address on a membership host whose path or query is about logging in."""
    host = host_of(address)
    on_site = any(host == known or host.endswith(f".{known}") for known in hosts)
    return on_site and bool(LOGIN_PATH.search(address.split(host, 1)[-1]))
