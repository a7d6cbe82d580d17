"""Finds sending addresses at free-mail providers such as Gmail.

What it finds
-------------
The account's default sending address, and every address an active sequence sends from, if it belongs to a provider that gives addresses
to everybody (gmail.com, yahoo, hotmail, gmx, web.de, icloud.com and the like). Addresses nothing uses are left alone.

Why it matters
--------------
Gmail and Yahoo tell every mailbox in the world to distrust mail in their name that they did not send themselves. Kit is not Gmail, so
such emails bounce or land in spam: the guide people signed up for, the login they paid for.

How to fix it in Kit
--------------------
1. Get a mailbox at a domain of your own, such as hello@your-site.com.
2. Click your account's name at the top right and open Settings → Email, add that address and confirm it.
3. Set it as the default address.
4. Changing the default does not change sequences: open each sequence that sends from the old address, click Settings, and choose the new
   address under “Send emails as”.

When to ignore it
-----------------
Only while you try Kit out with yourself as the only reader.

Sources
-------
- Free email addresses bounce; the default address does not change existing sequences: https://help.kit.com/en/articles/2502596
- The first thing to check when a sequence is not sending: https://help.kit.com/en/articles/2502568
- API: `account.sending_addresses[].email_address`, `sequence.email_address`, `email.email_address`
"""

from __future__ import annotations

from collections.abc import Iterator

from ckaudit.rule import Finding, Graph, Harm, Kind, Need, ObjectRef, Options, Rule, Sender, Severity, Theme, Variant, name_list

RULE = Rule(
    code="CK106",
    name="free-mail-sender",
    title="Emails are sent from a free-mail address",
    passing="Every email is sent from a domain of the account's own",
    severity=Severity.ERROR,
    theme=Theme.ACCOUNT,
    harm=Harm.MONEY,
    needs=(Need.ACCOUNT,),
    checks=Kind.ADDRESS,
    effort_minutes=45,
    variants={
        "default": Variant("The default sending address is a free-mail address"),
        "used-by-sequences": Variant(
            "A sequence sends from a free-mail address",
            fix=(
                "Get a mailbox at a domain of your own, such as hello@your-site.com.",
                "Click your account's name at the top right and open Settings → Email, add that address and confirm it.",
                "Open each sequence named in this finding, click Settings, and choose the new address under “Send emails as”.",
            ),
        ),
    },
)


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each address."""
    for sender in graph.senders():
        if sender.listed and sender.is_free_mail:
            yield _finding(graph, sender)
    graph.insist_on_senders()


def judged(graph: Graph) -> Iterator[ObjectRef]:
    """The addresses Kit lists that emails are sent from."""
    yield from (ObjectRef("address", sender.address) for sender in graph.senders() if sender.listed)


def _finding(graph: Graph, sender: Sender) -> Finding:
    sequences = [graph.object(key) for key in sender.sequences]
    names = name_list(item.name for item in sequences)
    uses = f" {names} {'send' if len(sequences) > 1 else 'sends'} from it." if sequences else ""
    role = "This account's default sending address" if sender.is_default else "A sending address of this account"
    return Finding(
        object=ObjectRef("address", sender.address),
        message=f"{role} is “{sender.address}”, a free-mail address.{uses} Mailboxes distrust mail in the name of {sender.domain} that "
        f"{sender.domain} did not send itself, so it bounces or lands in spam.",
        variant="default" if sender.is_default else "used-by-sequences",
        related=tuple(sequences),
    )
