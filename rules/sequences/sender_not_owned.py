"""Finds sequences that send from an address the account does not have.

What it finds
-------------
The sender of a sequence, or of one of its published emails, is not among the account's sending addresses. It happens after a change of
domain: changing the account's default address leaves existing sequences as they are. Inactive sequences and drafts are left alone.

Why it matters
--------------
Kit sends in the name of an address nobody vouches for any more. Such emails bounce or land in spam, and answers from your customers go to
a mailbox you may not have.

How to fix it in Kit
--------------------
1. Open Send → Email Sequences and choose the sequence named in this finding.
2. Click Settings at the top right.
3. Under “Send emails as” choose one of the account's addresses, and save.
4. If the old address is still yours and should be used: click your account's name at the top right, open Settings → Email, and add and
   confirm it there.

When to ignore it
-----------------
The address was added to the account after this account was read: read it again.

Sources
-------
- Changing the default address does not change sequences: https://help.kit.com/en/articles/2502596
- API: `account.sending_addresses[]`, `sequence.email_address`, `email.email_address`. What Kit does with an address that was removed is not
  documented.
"""

from __future__ import annotations

from collections.abc import Iterator

from ckaudit.rule import Finding, Graph, Harm, Key, Kind, Need, ObjectRef, Options, Rule, Severity, Theme, Variant, name_list

RULE = Rule(
    code="CK411",
    name="sender-not-owned",
    title="A sequence sends from an address the account does not have",
    passing="Every sequence sends from one of the account's addresses",
    severity=Severity.ERROR,
    theme=Theme.SEQUENCES,
    harm=Harm.MONEY,
    needs=(Need.ACCOUNT, Need.SEQUENCES, Need.SEQUENCE_EMAILS),
    checks=Kind.SEQUENCE,
    effort_minutes=5,
    variants={
        "whole-sequence": Variant("A sequence sends from an address the account does not have"),
        "some-emails": Variant(
            "Some emails of a sequence send from an address the account does not have",
            fix=(
                "Open Send → Email Sequences and choose the sequence named in this finding.",
                "Open its emails one by one, and find those that send from the address named in this finding.",
                "Choose one of the account's addresses for them, or the address of the sequence, and save it.",
                "If the old address is still yours and should be used: add and confirm it under Settings → Email.",
            ),
        ),
    },
)


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each sequence."""
    strange: dict[Key, list[str]] = {}
    for sender in graph.senders():
        for key in sender.sequences if sender.listed is None else ():
            strange.setdefault(key, []).append(sender.address)
    for key in sorted(strange, key=lambda key: int(key.id)):
        yield _finding(graph, key, strange[key])


def _finding(graph: Graph, key: Key, addresses: list[str]) -> Finding:
    every = len(addresses) == len({(email.email_address or "").casefold() for email in graph.lookup.published(key)})
    part = "" if every else "partly "
    many = len(addresses) > 1
    return Finding(
        object=graph.object(key),
        message=f"“{graph.object(key).name}” sends {part}from {name_list(addresses)}, and this account does not have "
        f"{'these addresses' if many else 'this address'}. Its emails may bounce or land in spam.",
        variant="some-emails" if part else "whole-sequence",
        related=tuple(ObjectRef("address", address) for address in addresses),
        people=graph.people(key),
        cause=" ".join(sorted(addresses)),
    )
