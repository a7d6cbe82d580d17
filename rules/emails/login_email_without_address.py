"""Finds login emails that do not say which email address is the user name.

What it finds
-------------
Login sequences whose published emails never print ``{{ subscriber.email_address }}``, neither in the text nor in a link, and do not say
in words which address to use. When the email shows a password, that is a warning: a password without the user name opens nothing.

Why it matters
--------------
Many people have several addresses. Who tries the wrong one reads “unknown user” and believes that the purchase failed.

How to fix it in Kit
--------------------
1. Open Send → Email Sequences, choose the sequence and open the email named in this finding.
2. Write “Your user name:” where the login link stands.
3. Click the “+” sign, choose Personalization, and click the “+” beside the subscriber's email.
4. Save it.

When to ignore it
-----------------
The login link logs people in by itself, or your site asks for something else than an email address.

Sources
-------
- AccessAlly's ConvertKit guide, step 2, "the email address they used": https://kb.accessally.com/tutorials/convertkit-automation/
  (claim S14)
- ``{{ subscriber.email_address }}``: https://help.kit.com/en/articles/2502633
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
)

RULE = Rule(
    code="CK507",
    name="login-email-without-address",
    title="The login email does not say which address to log in with",
    passing="Every login email says which address to log in with",
    severity=Severity.INFO,
    theme=Theme.EMAILS,
    harm=Harm.LOCKED_OUT,
    needs=(Need.SEQUENCES, Need.SEQUENCE_EMAILS, Need.SNIPPETS, Need.MEMBERSHIP),
    needs_roles=((RoleName.LOGIN_SEQUENCE,),),
    checks=Kind.SEQUENCE,
    effort_minutes=5,
    nothing="no sequence carries a login email",
    variants={
        "no-address": Variant("The login email does not say which address to log in with"),
        "password-without-address": Variant(
            "The login email shows a password without the address that belongs to it",
            Severity.WARNING,
            (
                "Open Send → Email Sequences, choose the sequence and open the email named in this finding.",
                "Write “Your user name:” on the line above the password.",
                "Click the “+” sign, choose Personalization, and click the “+” beside the subscriber's email.",
                "Save it.",
            ),
        ),
    },
)

IN_WORDS = re.compile(
    r"\b(?:e-?mail|address)\b[^.!?\n]{0,30}\b(?:you|this)\b[^.!?\n]{0,20}\b(?:use|used|bought|purchased|ordered|signed|enrol|registered|paid)"
    r"|\bsame e-?mail\b|\bthis e-?mail address\b|\baddress (?:this|that this) e-?mail\b"
    r"|\byour e-?mail(?: address)? (?:is your|as your|and (?:the|your) password)",
    re.IGNORECASE,
)


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each login sequence that leaves the user name open.

    Raises:
        NotEvaluatedError: no address of a membership site is known.
    """
    if not graph.membership_hosts:
        reason = "no address of the membership site is known: state “login_hosts” for the offering in the manifest"
        raise NotEvaluatedError(reason, (Need.MEMBERSHIP,))
    for key in graph.logins.sequences:
        mails = graph.contents.of(key)
        if mails and all(mail.readable for mail in mails) and not any(_says_which(mail) for mail in mails):
            yield _finding(graph, key, mails)


def judged(graph: Graph) -> Iterable[Key]:
    """The sequences with a login email."""
    return graph.keys(RoleName.LOGIN_SEQUENCE)


def _says_which(mail: content.Mail) -> bool:
    printed = any(
        variable.name == "subscriber.email_address" and variable.printed and not variable.in_comment for variable in mail.variables
    )
    by_itself = any(link.href.startswith("{{") and "magic" in link.href for link in mail.links)
    return printed or by_itself or any(IN_WORDS.search(text.text) for text in mail.texts)


def _finding(graph: Graph, key: Key, mails: tuple[content.Mail, ...]) -> Finding:
    login = graph.contents.login(key, graph.logins.email(key))
    shown = any(variable.printed and variable.is_password for mail in mails for variable in mail.variables)
    declared = any(item.declared(RoleName.LOGIN_SEQUENCE) and item.has(key, RoleName.LOGIN_SEQUENCE) for item in graph.memberships)
    which = login.own.label if login else f"“{graph.object(key).name}”"
    if shown:
        message = f"{which} shows a password but not the email address that belongs to it. Buyers with several addresses cannot log in."
    else:
        message = (
            f"{which} does not say with which email address to log in. Buyers with several addresses try the wrong one and ask for help."
        )
    return Finding(
        object=login.own.object if login else graph.object(key),
        variant="password-without-address" if shown else "no-address",
        confidence=Confidence.CERTAIN if declared else Confidence.LIKELY,
        message=message,
        related=login.own.related if login else tuple(mail.own.object for mail in mails),
    )
