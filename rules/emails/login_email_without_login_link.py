"""Finds login emails that do not link to the login page.

What it finds
-------------
The emails of every login sequence, stated under ``offerings`` or recognised. It reports a sequence none of whose published emails links to
the login page of the membership site: no link to the site at all, links to the site that lead elsewhere, for example to its home page, or
links to an address that is the site's but for a typing mistake. Links that cannot be judged (an address that is nothing but Liquid, or another address whose words say “log in”) count as login links.

Why it matters
--------------
Buyers have paid, open the email and do not find the way in. They write to you, or ask their bank for the money.

How to fix it in Kit
--------------------
1. Open Send → Email Sequences, choose the sequence and open the email named in this finding.
2. Write “Log in here”, select it, click the link icon and give the address of your login page.
3. Save it.
4. Send the email to yourself and click the link in a private browser window.

When to ignore it
-----------------
The way in is a picture with its own link tracker, or people are logged in by the shop. State ``login_hosts`` for the offering when
the login
page is on another address than the webhooks show.

Sources
-------
- AccessAlly's ConvertKit guide, step 2, "You will include the link to your AccessAlly login page":
  https://kb.accessally.com/tutorials/convertkit-automation/ (claim S13)
- Published emails and their links: the API's ``content`` of a sequence email
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ckaudit.rule import (
    Confidence,
    Finding,
    Graph,
    Harm,
    Key,
    Kind,
    Need,
    NotEvaluatedError,
    Options,
    RoleName,
    Rule,
    Severity,
    Theme,
    Variant,
    content,
    host_of,
    is_slip,
)

RULE = Rule(
    code="CK506",
    name="login-email-without-login-link",
    title="The login email does not say where to log in",
    passing="Every login email links to the login page",
    severity=Severity.ERROR,
    theme=Theme.EMAILS,
    harm=Harm.LOCKED_OUT,
    needs=(Need.SEQUENCES, Need.SEQUENCE_EMAILS, Need.SNIPPETS, Need.MEMBERSHIP),
    needs_roles=((RoleName.LOGIN_SEQUENCE,),),
    checks=Kind.SEQUENCE,
    effort_minutes=5,
    nothing="no sequence carries a login email",
    variants={
        "no-link": Variant("The login email does not say where to log in", Severity.ERROR),
        "misspelt-host": Variant(
            "The login link leads to an address that only looks like the site's",
            Severity.ERROR,
            (
                "Open Send → Email Sequences, choose the sequence and open the email named in this finding.",
                "Click the link, and replace its address by that of your login page. Type it in a browser first, and copy it from there.",
                "Save it.",
                "Send the email to yourself and click the link in a private browser window.",
            ),
        ),
        "not-the-login-page": Variant(
            "The login email links to the site, but not to its login page",
            Severity.WARNING,
            (
                "Open Send → Email Sequences, choose the sequence and open the email named in this finding.",
                "Click the link to your site, and replace its address by that of your login page.",
                "Save it.",
                "Send the email to yourself and click the link in a private browser window.",
            ),
        ),
    },
)

SAYS_LOGIN = re.compile(
    r"\b(?:log|sign)[\s-]*in(?:to)?\b|\blogin\b|\bpassword\b|\bget (?:instant )?access\b|\baccess (?:your|the|my)\b", re.IGNORECASE
)
LOGIN_ADDRESS = re.compile(r"log-?in|wp-login|my-account|sign-?in|magic|auto-?log|reset|set-?password|lost-?password", re.IGNORECASE)


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each login sequence without a way in.

    Raises:
        NotEvaluatedError: no address of a membership site is known.
    """
    hosts = graph.membership_hosts
    if not hosts:
        reason = "no address of the membership site is known: state “login_hosts” for the offering in the manifest"
        raise NotEvaluatedError(reason, (Need.MEMBERSHIP,))
    for key in graph.logins.sequences:
        mails = graph.contents.of(key)
        links = [link for mail in mails for link in mail.links if link.element != "img"]
        if mails and all(mail.readable for mail in mails) and not any(_may_be_login(graph, link) for link in links):
            yield _finding(graph, key, mails, hosts, any(_on(link, hosts) for link in links))
        elif wrong := _misspelt(graph, links):
            yield _leads_astray(graph, key, mails, *wrong)


def judged(graph: Graph) -> Iterable[Key]:
    """The sequences with a login email."""
    return graph.keys(RoleName.LOGIN_SEQUENCE)


def _misspelt(graph: Graph, links: list[content.Link]) -> tuple[str, str] | None:
    """A host that is one of the site's with a typing mistake, and the right one, when no link leads to the site itself."""
    hosts = graph.membership_hosts
    if any(_on(link, hosts) for link in links):
        return None
    found = ((host, known) for link in links if (host := host_of(link.href)) for known in hosts if is_slip(host, known))
    return next(found, None)


def _leads_astray(graph: Graph, key: Key, mails: tuple[content.Mail, ...], host: str, known: str) -> Finding:
    login = graph.contents.login(key, graph.logins.email(key))
    own = login.own if login else mails[0].own
    return Finding(
        object=own.object if login else graph.object(key),
        variant="misspelt-host",
        confidence=Confidence.LIKELY,
        message=f"{own.label} links to “{host}”, and the site is at “{known}”. Buyers who just paid come to a page that is not yours, "
        "or to none.",
        related=own.related if login else tuple(mail.own.object for mail in mails),
        people=graph.people(key) or None,
    )


def _may_be_login(graph: Graph, link: content.Link) -> bool:
    if graph.logins.is_link(link.href):
        return True
    unknown = link.href.startswith("{{") and "unsubscribe" not in link.href and "preferences" not in link.href
    elsewhere = not _on(link, graph.membership_hosts) and bool(LOGIN_ADDRESS.search(link.href) or SAYS_LOGIN.search(link.text))
    return unknown or elsewhere


def _on(link: content.Link, hosts: tuple[str, ...]) -> bool:
    host = host_of(link.href)
    return any(host == known or host.endswith(f".{known}") for known in hosts)


def _finding(graph: Graph, key: Key, mails: tuple[content.Mail, ...], hosts: tuple[str, ...], reaches_site: bool) -> Finding:
    login = graph.contents.login(key, graph.logins.email(key))
    own = login.own if login else mails[0].own
    sequence = graph.object(key)
    which = f"{own.label} (sequence “{sequence.name}”)" if len(mails) == 1 else f"None of the {len(mails)} emails of “{sequence.name}”"
    verb = "does not link" if len(mails) == 1 else "links"
    declared = any(item.declared(RoleName.LOGIN_SEQUENCE) and item.has(key, RoleName.LOGIN_SEQUENCE) for item in graph.memberships)
    where = "the login page of " + " or ".join(hosts) if reaches_site else " or ".join(hosts)
    if reaches_site:
        harm = "Its links lead to other pages of the site, so buyers have to look for the way in themselves."
    else:
        harm = "Buyers who just paid do not find the way in."
    return Finding(
        object=own.object if login else sequence,
        variant="not-the-login-page" if reaches_site else "no-link",
        confidence=Confidence.CERTAIN if declared else Confidence.LIKELY,
        message=f"{which} {verb} to {where}. {harm}",
        related=own.related if login else tuple(mail.own.object for mail in mails),
        people=graph.people(key) or None,
    )
