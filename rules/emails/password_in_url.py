"""Finds links that carry a password in their address.

What it finds
-------------
Links of published emails whose address contains a password field, such as ``…?accessally_password={{ subscriber.password }}``, or
hands over
any other value as a password. This is the pattern of “auto login links”.

Why it matters
--------------
Kit's click tracking, the reader's mail program, every proxy on the way and your site's logs keep that address. Whoever gets the email
forwarded is logged in as your customer. One leaked log opens every account you sold.

How to fix it in Kit
--------------------
1. Open the email or snippet named in this finding (Send → Email Sequences, or Send → Snippets).
2. Click the link and replace its address by the address of your login page, without anything behind the question mark.
3. Save it.
4. If people have clicked the link already, let them set new passwords on your site.

When to ignore it
-----------------
Never, unless the value is a token that works once and expires, and only its name sounds like a password.

Sources
-------
- The pattern: https://kb.accessally.com/tutorials/how-to-create-auto-login-links-for-your-membership-site/
- AccessAlly's ConvertKit guide, step 2: https://kb.accessally.com/tutorials/convertkit-automation/ (claim S15)
- Passwords in addresses end up in logs (CWE-598): https://cwe.mitre.org/data/definitions/598.html
"""

from __future__ import annotations

from collections.abc import Iterator

from ckaudit.rule import Finding, Graph, Harm, Kind, Need, Options, Rule, Severity, Theme, Variant, content, host_of

RULE = Rule(
    code="CK505",
    name="password-in-url",
    title="A link carries the customer's password in its address",
    passing="No link carries a password",
    severity=Severity.ERROR,
    theme=Theme.EMAILS,
    harm=Harm.LEAK,
    exposure=8.5,  # a working login in logs and forwarded mails
    needs=(Need.SEQUENCES, Need.SEQUENCE_EMAILS, Need.SNIPPETS),
    checks=Kind.EMAIL,
    effort_minutes=10,
    variants={
        "field": Variant("A link carries the customer's password in its address"),
        "parameter": Variant("A link hands over a password in its address"),
    },
)


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each text: the field when there is one, else the parameter."""
    for document in graph.contents.documents:
        passwords = document.passwords_in_addresses
        links = [link for link in document.links if link.hands_over(passwords)]
        if passwords:
            yield _field(document, passwords[0], links)
        elif links:
            yield _parameter(document, links[0])


def _field(document: content.Document, variable: content.Variable, links: list[content.Link]) -> Finding:
    return Finding(
        object=document.object,
        variant="field",
        message=f"{document.label} has a link{_to(links[0]) if links else ''} whose address contains the password field “{variable.leaf}”. Every "
        "click writes the customer's password into click tracking and log files, and a forwarded email logs the next reader in.",
        related=document.related,
        path=(variable.position.step(f"{{{{ {variable.name} }}}}"),),
        cause=f"{variable.leaf}{_to(links[0]) if links else ''}",
    )


def _parameter(document: content.Document, link: content.Link) -> Finding:
    return Finding(
        object=document.object,
        variant="parameter",
        message=f"{document.label} has a link{_to(link)} that hands over a password in its address. Every click writes it into click "
        "tracking and log files, and a forwarded email logs the next reader in.",
        related=document.related,
        path=(link.position.step("link"),),
        cause=_to(link),
    )


def _to(link: content.Link) -> str:
    """The host only: the rest of such an address may be a secret."""
    host = host_of(link.href.partition("{")[0])
    return f" to {host}" if host else ""
