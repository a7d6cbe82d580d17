"""Who an account's emails come from: its sending addresses, and which sequences use which.

A sequence without an address of its own, and an email without one, use the account's default (OpenAPI: ``email_address`` "uses the
account's sending email address if not provided"). Addresses are compared without regard to case.
"""

from __future__ import annotations

from collections import defaultdict

import msgspec

from ckaudit.graph.free_mail import is_free_mail
from ckaudit.graph.lookup import Lookup
from ckaudit.model.account import Account, SendingAddress
from ckaudit.model.refs import Key
from ckaudit.model.rules import Need, NotEvaluatedError


class Sender(msgspec.Struct, frozen=True):
    """An address mail goes out from. ``listed`` is the account's entry for it, None when the account has none.

    ``sequences`` are the active ones with a published email from this address, by id; broadcasts are not looked at.
    """

    address: str
    listed: SendingAddress | None
    sequences: tuple[Key, ...] = ()

    @property
    def is_default(self) -> bool:
        """True for the account's default address."""
        return self.listed is not None and self.listed.is_default

    @property
    def domain(self) -> str:
        """What is behind the @, in lower case."""
        return self.address.rpartition("@")[2].strip().lower()

    @property
    def is_free_mail(self) -> bool:
        """True for an address of a provider that gives addresses to everybody."""
        return is_free_mail(self.domain)


def senders(account: Account, lookup: Lookup) -> tuple[Sender, ...]:
    """The default address first, then every other one that active sequences send from, by address. Addresses nothing uses are left out.

    Raises:
        NotEvaluatedError: Kit's answer has no list of sending addresses.
    """
    addresses = account.info.sending_addresses if account.info else None
    if not addresses:
        raise NotEvaluatedError("Kit's answer lists no sending addresses", (Need.ACCOUNT,))
    listed = {_plain(item.email_address): item for item in addresses}
    default = next((name for name, item in listed.items() if item.is_default), "")
    used: defaultdict[str, dict[Key, None]] = defaultdict(dict)
    written: dict[str, str] = {}
    for sequence in account.sequences:
        for email in lookup.published(sequence.key) if sequence.active is not False else ():
            address = email.email_address or sequence.email_address or ""
            name = _plain(address) or default
            used[name][sequence.key] = None
            written.setdefault(name, address.strip())
    names = sorted({*used, default} - {""}, key=lambda name: (name != default, name))
    return tuple(
        Sender(item.email_address if (item := listed.get(name)) else written[name], listed.get(name), tuple(used[name])) for name in names
    )


def _plain(address: str) -> str:
    return address.strip().casefold()
