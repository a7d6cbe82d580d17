"""Finds links that hand personal details to another site inside their address.

What it finds
-------------
Addresses of links in published emails and snippets that carry the subscriber's email address, or two and more of their personal details (names,
telephone number, address, company, birthday), as fields in the path, behind the question mark or behind “#”. Each site is one finding with the
emails listed. Left alone are a first name alone, an email address alone on your own site (the domain you send from, your membership site), forms and booking pages that are made to be filled in so (Typeform, Calendly and others),
Kit's own names, and passwords, which another rule reports (CK505).
What it cannot see: who runs the site, and what people agreed to.

Why it matters
--------------
Whoever runs the site, every statistics tool on it and every log on the way keep the address of the link, and with it whose it is. Forwarded
mails carry it too. In Europe and elsewhere that is a transfer of personal data people must know of.

How to fix it in Kit
--------------------
1. Open the email or snippet named in this finding (Send → Email Sequences, or Send → Snippets).
2. Click the link. Take the details out of its address, unless the page behind it needs them.
3. If it only has to know who comes, use “{{ subscriber.id }}” in place of the email address.
4. Save it, send the email to yourself, and click the link.

When to ignore it
-----------------
The site is yours or works for you, needs the details to fill in a form, and your privacy policy says so.

Sources
-------
- Personal data in addresses and logs: https://owasp.org/www-community/vulnerabilities/Information_exposure_through_query_strings_in_url
- What is personal data: https://gdpr.eu/eu-gdpr-personal-data/
- Kit's names of a subscriber: https://help.kit.com/en/articles/2502633
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ckaudit.rule import Finding, Graph, Harm, Kind, Need, Options, Rule, Severity, Theme, content, host_of, name_list

RULE = Rule(
    code="CK518",
    name="personal-data-in-link",
    title="A link hands personal details to another site",
    passing="No link hands personal details to another site",
    severity=Severity.INFO,
    theme=Theme.EMAILS,
    harm=Harm.LEAK,
    exposure=3.5,  # personal details in the logs of another site
    needs=(Need.SEQUENCES, Need.SEQUENCE_EMAILS, Need.SNIPPETS),
    checks=Kind.EMAIL,
    effort_minutes=5,
    yields_to=("CK505",),
)

EMAIL = re.compile(r"e?_?mail(?:_?addr(?:ess)?)?", re.IGNORECASE)
PERSONAL = re.compile(
    r"(?:first|last|full|sur|family|user)?_?names?|(?:mobile|cell|tele)?_?(?:phone|mobile)(?:_?number)?|tel|street|(?:home|postal)_?address|address"
    r"|birth_?(?:day|date)|date_of_birth|dob|company|firm|employer|vat_?(?:id|number)?|iban",
    re.IGNORECASE,
)
# forms and booking pages whose own help says to fill them in by the address
FORMS = [
    "typeform.com",
    "calendly.com",
    "tally.so",
    "jotform.com",
    "surveymonkey.com",
    "paperform.co",
    "airtable.com",
    "fillout.com",
    "acuityscheduling.com",
    "savvycal.com",
    "cal.com",
    "youcanbook.me",
    "docs.google.com",
    "forms.gle",
    "zoom.us",
    "tidycal.com",
]
FREE_MAIL = frozenset({"gmail.com", "googlemail.com", "yahoo.com", "outlook.com", "hotmail.com", "icloud.com", "aol.com"})
_FIELD = re.compile(r"(?:\{\{|%7B%7B)(?:-|\s|%20)*+([\w.-]++)", re.IGNORECASE)


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each site, with the texts listed."""
    own = _own_sites(graph)
    for document in graph.contents.documents:
        found: dict[str, tuple[content.Link, dict[str, None]]] = {}
        given = {variable.via: variable.leaf for variable in document.variables if variable.via and variable.root == "subscriber"}
        for link in document.links:
            if details := _details(link, given):
                found.setdefault(host_of(link.href.partition("{")[0]), (link, {}))[1].update(dict.fromkeys(details))
        for host, (link, names) in found.items():
            if len(names) > 1 or (any(EMAIL.fullmatch(name) for name in names) and not _is_under(host, own)):
                yield _finding(document, host, link, list(names))


def _own_sites(graph: Graph) -> set[str]:
    """The domains that the account sends from, and its membership sites. Those of free-mail providers are nobody's own."""
    info = graph.account.info
    addresses = [item.email_address for item in (info.sending_addresses if info else None) or ()]
    senders = (address.rpartition("@")[2].strip().lower() for address in addresses)
    return {domain for domain in (*senders, *graph.membership_hosts) if domain and domain not in FREE_MAIL}


def _is_under(host: str, domains: Iterable[str]) -> bool:
    return any(host == known or host.endswith(f".{known}") for known in domains)


def _details(link: content.Link, given: dict[str, str]) -> list[str]:
    """The personal details in an address; ``given`` are the names that the text gave to fields."""
    if link.element == "img" or (not link.has_liquid and "%7" not in link.href):
        return []
    host = host_of(link.href.partition("{")[0])
    if not host or _is_under(host, FORMS):
        return []
    names = (given.get(name, name.partition(".")[2]) for name in _FIELD.findall(link.href))
    return [name for name in names if EMAIL.fullmatch(name) or PERSONAL.fullmatch(name)]


def _finding(document: content.Document, host: str, link: content.Link, names: list[str]) -> Finding:
    words = f"the link “{link.text[:60]}”" if link.text else "a link"
    return Finding(
        object=document.object,
        message=f"{document.label} hands {name_list(names)} to {host}, inside the address of {words}. Whoever runs that site, and every log "
        "on the way, gets to know them.",
        related=document.related,
        path=(link.position.step(host),),
        cause=host,
    )
