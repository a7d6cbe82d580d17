"""Finds addresses the account sends from that were never confirmed.

What it finds
-------------
This rule looks at the account's default sending address and at every address an active sequence or one of its published emails sends
from. It reports those Kit has not confirmed. When the account has no confirmed address at all, that is one finding. Unconfirmed addresses
that nothing uses are left alone, and so are addresses the account does not have (CK411). Broadcasts are not looked at.

Why it matters
--------------
Kit asks you to click a link in a mail to the address before it sends in its name. Until then emails from it may not go out, or land in
spam: buyers wait for a login that does not come.

How to fix it in Kit
--------------------
1. Click your account's name at the top right and open Settings → Email.
2. Find the address named in this finding. It shows as unconfirmed.
3. Send the confirmation email again, open it in that mailbox and click the link.
4. If you have no access to that mailbox any more: open each sequence that sends from it, click Settings, and choose another address under
   “Send emails as”.

When to ignore it
-----------------
The address was confirmed after this account was read: read it again.

Sources
-------
- Sending addresses, the default and existing sequences: https://help.kit.com/en/articles/2502596
- Why a sequence is not sending: https://help.kit.com/en/articles/2502568
- API: `account.sending_addresses[].is_verified` (the values of `status` are not documented, so they are not read),
  `sequence.email_address`, `email.email_address`
"""

from __future__ import annotations

from collections.abc import Iterator

from ckaudit.rule import Finding, Graph, Harm, Kind, Need, ObjectRef, Options, Rule, Sender, Severity, Theme, Variant, name_list

_SETTINGS = "Click your account's name at the top right and open Settings → Email."
_CONFIRM = "Send the confirmation email again, open it in that mailbox and click the link."
_FIND = "Find the address named in this finding. It shows as unconfirmed."

RULE = Rule(
    code="CK104",
    name="sender-unverified",
    title="Emails are sent from an unconfirmed address",
    passing="Every address of the account that emails are sent from is confirmed",
    severity=Severity.ERROR,
    theme=Theme.ACCOUNT,
    harm=Harm.MONEY,
    needs=(Need.ACCOUNT,),
    checks=Kind.ADDRESS,
    effort_minutes=5,
    variants={
        "none-confirmed": Variant(
            "The account has no confirmed sending address",
            fix=(
                _SETTINGS,
                "Find the address you want to send from among those named in this finding. It shows as unconfirmed.",
                _CONFIRM,
                "If you cannot read mail at any of them: add an address you can read, confirm it and make it the default. Sequences keep the old one: open each, click Settings, and choose the new address under “Send emails as”.",
            ),
        ),
        "default": Variant(
            "The default sending address was never confirmed",
            fix=(
                _SETTINGS,
                _FIND,
                _CONFIRM,
                "If you cannot read mail at it any more: add another address, confirm it and make it the default. Sequences keep the old one: open each that sends from it, click Settings, and choose the new address under “Send emails as”.",
            ),
        ),
        "used-by-sequences": Variant(
            "A sequence sends from an address that was never confirmed",
            fix=(
                _SETTINGS,
                _FIND,
                _CONFIRM,
                "If you cannot read mail at it any more: open each sequence named in this finding, click Settings, and choose another address under “Send emails as”.",
            ),
        ),
    },
)


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each address, or one for the account when it has no confirmed address."""
    used = graph.senders()
    addresses = (graph.account.info and graph.account.info.sending_addresses) or ()
    if not any(address.is_verified for address in addresses):
        yield _none_confirmed(graph, [address.email_address for address in addresses])
    else:
        for sender in used:
            if sender.listed and not sender.listed.is_verified:
                yield _finding(graph, sender)
    graph.insist_on_senders()


def judged(graph: Graph) -> Iterator[ObjectRef]:
    """The addresses Kit lists that emails are sent from, the default one too."""
    yield from (ObjectRef("address", sender.address) for sender in graph.senders() if sender.listed)


def _none_confirmed(graph: Graph, addresses: list[str]) -> Finding:
    return Finding(
        object=graph.account_object,
        message=f"No sending address of this account is confirmed: {name_list(addresses)}. Emails may not go out or land in spam until "
        "one is.",
        variant="none-confirmed",
        related=tuple(ObjectRef("address", address) for address in addresses),
    )


def _finding(graph: Graph, sender: Sender) -> Finding:
    sequences = [graph.object(key) for key in sender.sequences]
    role = "is the account's default sending address" if sender.is_default else ""
    names = name_list(item.name for item in sequences)
    uses = f"is what {names} {'send' if len(sequences) > 1 else 'sends'} from" if sequences else ""
    jobs = " and ".join(filter(None, (role, uses)))
    return Finding(
        object=ObjectRef("address", sender.address),
        message=f"“{sender.address}” {jobs}, but it was never confirmed. Its emails may not go out or land in spam.",
        variant="default" if sender.is_default else "used-by-sequences",
        related=tuple(sequences),
    )
