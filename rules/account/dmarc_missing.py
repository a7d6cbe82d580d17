"""Finds sending domains without a DMARC record.

What it finds
-------------
For every address the account tells whether DMARC is set up for its domain. This rule looks at the default sending address and at every
address an active sequence sends from, and reports each domain once. Free-mail addresses (CK106) and addresses the account does not have
(CK411) are other rules' business. Kit may look at a domain only once one of its addresses is confirmed; the finding says so.

Why it matters
--------------
Gmail and Yahoo ask for a DMARC record from everybody who sends many emails (5,000 a day and more) and sort mail without it into spam or
refuse it. On a launch day that is most of your list: people who never see an offer do not buy, and logins get lost.

How to fix it in Kit
--------------------
1. Click your account's name at the top right and open Settings → Email, and look at the domain named in this finding.
2. Let Kit show the DNS records for it: two CNAME records and one TXT record named _dmarc.
3. Add them where your domain is managed. “v=DMARC1; p=none;” is enough for the TXT record to begin with.
4. Come back the next day and let Kit check the records again.

When to ignore it
-----------------
Never for long. If you send a few hundred emails a month the effect is small. If the record exists, let Kit check the domain again: this
rule repeats what Kit says and asks no DNS server.

Sources
-------
- Gmail's and Yahoo's requirements: https://help.kit.com/en/articles/8538056
- Verified sending domains: https://help.kit.com/en/articles/2502558, https://help.kit.com/en/articles/9176509
- API: `account.sending_addresses[].is_dmarc_configured`
"""

from __future__ import annotations

from collections.abc import Iterator

from ckaudit.rule import Confidence, Finding, Graph, Harm, Kind, Need, ObjectRef, Options, Rule, Sender, Severity, Theme, Variant

RULE = Rule(
    code="CK105",
    name="dmarc-missing",
    title="A sending domain has no DMARC record",
    passing="Every sending domain has a DMARC record",
    severity=Severity.WARNING,
    theme=Theme.ACCOUNT,
    harm=Harm.MONEY,
    needs=(Need.ACCOUNT,),
    checks=Kind.ADDRESS,
    effort_minutes=30,
    variants={
        "no-record": Variant("A sending domain has no DMARC record"),
        "not-confirmed-either": Variant(
            "A sending domain has no DMARC record, and its address is not confirmed",
            fix=(
                "Click your account's name at the top right and open Settings → Email.",
                "Find the address named in this finding. Send the confirmation email again, open it in that mailbox and click the link.",
                "Look at the domain of that address. If Kit now finds its record, you are done.",
                "Otherwise let Kit show the DNS records for it: two CNAME records and one TXT record named _dmarc. Add them where your domain is managed.",
                "Come back the next day and let Kit check the records again.",
            ),
        ),
    },
)


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each domain."""
    domains: dict[str, list[Sender]] = {}
    for sender in graph.senders():
        if sender.listed and not sender.is_free_mail:
            domains.setdefault(sender.domain, []).append(sender)
    for domain, used in domains.items():
        if not any(sender.listed and sender.listed.is_dmarc_configured for sender in used):
            yield _finding(domain, used)
    graph.insist_on_senders()


def judged(graph: Graph) -> Iterator[ObjectRef]:
    """The addresses Kit lists that emails are sent from, at a domain of the account's own."""
    yield from (ObjectRef("address", sender.address) for sender in graph.senders() if sender.listed and not sender.is_free_mail)


def _finding(domain: str, used: list[Sender]) -> Finding:
    confirmed = any(sender.listed and sender.listed.is_verified for sender in used)
    assumed = "" if confirmed else " The address is not confirmed yet; Kit may look at the domain only afterwards."
    return Finding(
        object=ObjectRef("address", used[0].address),
        message=f"Kit finds no DMARC record for “{domain}”, the domain of “{used[0].address}”. Gmail and Yahoo sort mail from it into spam "
        f"or refuse it when much is sent, so offers and logins get lost.{assumed}",
        variant="no-record" if confirmed else "not-confirmed-either",
        confidence=Confidence.CERTAIN if confirmed else Confidence.LIKELY,
        related=tuple(ObjectRef("address", sender.address) for sender in used[1:]),
    )
