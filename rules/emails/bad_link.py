"""Finds links that lead nowhere, or to a place only you can see.

What it finds
-------------
Addresses of links and pictures in published emails: empty ones and a bare “#”, addresses of your own computer or network
(localhost, 192.168.…,
``file:``), Kit's own editor and WordPress' admin pages, staging and preview sites. Plain ``http:`` is noted, once for each site. ``mailto:``,
``tel:``, addresses with
an anchor (“…#start”) and addresses made of Liquid are fine. Nothing is requested: a link that answers “not found” is not noticed.

Why it matters
--------------
Readers click “Start lesson 2” and see an error or a login page that is not for them. A sales link that leads nowhere costs the sale.

How to fix it in Kit
--------------------
1. Open the email or snippet named in this finding (Send → Email Sequences, or Send → Snippets).
2. Click the link and replace its address by the public one.
3. Open that address in a private browser window to see what your readers see.
4. Save it.

When to ignore it
-----------------
The readers are your own team. Plain ``http:`` is fine when the site behind it sends people on to https.

Sources
-------
- Links of an email: the API's ``content``
- Kit's editor addresses (app.kit.com/sequences/…, /automations/…/edit) ask for your login
- Hosts of staging sites: the hosting companies' own names for them, listed in this rule
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ckaudit.rule import Finding, Graph, Kind, Need, Options, Rule, Severity, Theme, Variant, content, development_target, host_of

_OPEN = "Open the email or snippet named in this finding (Send → Email Sequences, or Send → Snippets)."

RULE = Rule(
    code="CK513",
    name="bad-link",
    title="A link in an email leads nowhere",
    passing="Every link in an email has a public address",
    severity=Severity.ERROR,
    theme=Theme.EMAILS,
    needs=(Need.SEQUENCES, Need.SEQUENCE_EMAILS, Need.SNIPPETS),
    checks=Kind.EMAIL,
    effort_minutes=5,
    variants={
        "empty": Variant("A link in an email has no address"),
        "hash": Variant("A link in an email leads nowhere"),
        "own-computer": Variant(
            "An email links to your own computer or network",
            fix=(
                _OPEN,
                "Click the link, and replace its address by the public one. A picture: upload it again.",
                "Open that address in a private browser window to see what your readers see.",
                "Save it.",
            ),
        ),
        "editor": Variant("A link in an email leads to a page only you can open"),
        "staging": Variant("A link in an email leads to a test version of a site"),
        "http": Variant(
            "A link in an email is not encrypted",
            Severity.INFO,
            (
                _OPEN,
                "Click the link, and write “https” for “http” at the beginning of its address.",
                "Open that address in a private browser window: if it does not open, leave the link as it was.",
                "Save it.",
            ),
        ),
    },
)

FILE = re.compile(r"file:|[a-zA-Z]:\\", re.IGNORECASE)
KIT = re.compile(r"(?:app|editor)\.(?:kit|convertkit)\.com")
KIT_EDITOR = re.compile(
    r"^/(?:sequences|broadcasts|campaigns|automations|email_templates|account_settings|subscribers|dashboard|editor|snippets|segments"
    r"|forms/designers|landing_pages|products/\d+/edit|creator-network)\b"
)
ADMIN = re.compile(r"/wp-admin/(?!admin-(?:ajax|post)\.php)")
# hosts of public sites that are called so: pictures of Reddit, previews of shops for pictures and themes, Kit's own
PUBLIC = re.compile(
    r".*\.(?:redd\.it|123rf\.com|envatousercontent\.com|themeforest\.net|mailerlite\.(?:com|io)|(?:convertkit|kit)-mail\d*\.com)"
)
STAGING = re.compile(
    r"(?:staging|stage|stg|preview|deploy-preview-\d+-)[\w-]*\..+\..+|[\w-]+-staging\..+|.*\.(?:wpengine\.com|wpenginepowered\.com|kinsta\.cloud"
    r"|mystagingwebsite\.com|cloudwaysapps\.com|flywheelsites\.com|flywheelstaging\.com|sg-host\.com|pantheonsite\.io|instawp\.xyz"
    r"|tastewp\.com)"
)
DRAFT = re.compile(r"[?&](?:preview=true|preview_id=\d|elementor-preview=|et_fb=1)")

SAYS = {
    "empty": "has no address",
    "hash": "has only “#” as its address",
    "own-computer": "leads to {host}, which exists on one computer or in one network only",
    "editor": "leads into the editor on {host}, where only you can log in",
    "staging": "leads to a test version of a site ({host})",
}
HARM = {
    "empty": "Whoever clicks it lands nowhere.",
    "hash": "Whoever clicks it lands nowhere.",
    "own-computer": "Readers get an error.",
    "editor": "Readers see a login page that is not for them.",
    "staging": "Readers see unfinished pages, or are asked for a password.",
}


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each text and kind of bad address; of plain http one for each site, with the texts listed."""
    for document in graph.contents.documents:
        passwords = document.passwords_in_addresses
        judged = [(problem, link) for link in document.links if (problem := _problem(link)) and not link.hands_over(passwords)]
        for variant in SAYS:
            links = [link for problem, link in judged if problem == variant]
            if links:
                yield _finding(document, variant, links)
        plain = [(_host(link), link) for problem, link in judged if problem == "http"]
        for host in dict.fromkeys(host for host, _ in plain):
            yield _plain_http(document, host, [link for at, link in plain if at == host])


def _problem(link: content.Link) -> str:
    """What is wrong with an address, empty for nothing. Liquid at the beginning can be any address."""
    href = re.sub(r"[\s\x00-\x1f]", "", link.href)
    if href in {"", "#"}:
        return "" if link.element == "img" else "hash" if href else "empty"
    if FILE.match(href):
        return "own-computer"
    host = host_of(href.partition("{")[0]) if "{" in href else host_of(href)
    if not host:
        return ""
    path = href.split(host, 1)[-1] if host in href else href
    development = development_target(href.partition("{")[0])
    if str(development) == "own-network":
        return "own-computer"
    if ADMIN.search(path) or (KIT.fullmatch(host) and KIT_EDITOR.match(path)):
        return "editor"
    if str(development) == "tunnel" or (STAGING.fullmatch(host) and not _is_public(host, link)) or DRAFT.search(path):
        return "staging"
    return "http" if href.lower().startswith("http:") else ""


def _is_public(host: str, link: content.Link) -> bool:
    """True for public sites with such a name; a picture on a host called “preview” is there for everybody."""
    return bool(PUBLIC.fullmatch(host)) or (link.element == "img" and host.startswith("preview"))


def _finding(document: content.Document, variant: str, links: list[content.Link]) -> Finding:
    first = links[0]
    what = "a picture" if first.element == "img" else f"a link (“{_short(first.text)}”)" if first.text else "a link without words"
    host = _host(first) or "your own computer"
    more = f" The same holds for {len(links) - 1} more." if len(links) > 1 else ""
    return Finding(
        object=document.object,
        variant=variant,
        message=f"{document.label} has {what} that {SAYS[variant].format(host=host)}. {HARM[variant]}{more}",
        related=document.related,
        path=tuple(link.position.step(_short(link.text) or link.element) for link in links[:5]),
        cause="\n".join(sorted({f"{_host(link)} {link.element} {'' if _host(link) else link.text}" for link in links})),
    )


def _host(link: content.Link) -> str:
    return host_of(link.href.partition("{")[0])


def _plain_http(document: content.Document, host: str, links: list[content.Link]) -> Finding:
    return Finding(
        object=document.object,
        variant="http",
        message=f"{document.label} links to {host} without encryption (http instead of https). Some mail programs warn their readers "
        "of it.",
        related=document.related,
        path=tuple(link.position.step(host) for link in links[:5]),
        cause=host,
    )


def _short(words: str) -> str:
    return words if len(words) <= 60 else words[:59] + "…"
