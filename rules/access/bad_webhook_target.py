"""Finds webhooks that call the wrong place.

What it finds
-------------
Webhooks of a known membership stack whose address is not https, is a local or staging site, or does not agree with the others: two
different hosts, or two different secrets for one host. A secret is the value of ``aal_…`` and of keys such as key, token, secret, access_key
and handshake; numbers of products and names of operations differ from webhook to webhook and are left alone. The secrets themselves are
never shown; they are compared as labels. What it cannot see: a secret in the path, or one under a name of its own.

Why it matters
--------------
Each of these calls goes to a place where your customers are not. A webhook left over from the staging site makes logins there. One with
an old secret is refused. Kit shows no error for this generation of webhooks.

How to fix it in Kit
--------------------
1. In your live membership site, open the webhook generator and make the webhook again for the tag named in this finding.
2. Give the tag to a test subscriber and look into the site's webhook log.
3. When the call arrives, open Automate → Rules in Kit and delete the webhook with the wrong address.

When to ignore it
-----------------
You run two membership sites on purpose, each with its own webhooks. Then state each offering with its ``login_hosts``.

Sources
-------
- AccessAlly's webhook addresses: https://kb.accessally.com/tutorials/how-to-create-convertkit-webhooks/ (claim S23)
- WP Fusion's: https://wpfusion.com/documentation/webhooks/convertkit-webhooks/
- Legacy webhooks carry no status and no delivery log: the API's webhook object
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from urllib.parse import parse_qsl, urlsplit

from ckaudit.rule import (
    Finding,
    Graph,
    Harm,
    Kind,
    Need,
    ObjectRef,
    Options,
    Rule,
    Severity,
    Theme,
    Variant,
    WebhookTag,
    development_target,
    host_of,
)

RULE = Rule(
    code="CK226",
    name="bad-webhook-target",
    title="A webhook calls the wrong place",
    passing="Every webhook calls the live site, safely",
    severity=Severity.ERROR,
    theme=Theme.ACCESS,
    harm=Harm.LOCKED_OUT,
    needs=(Need.WEBHOOKS, Need.MEMBERSHIP),
    checks=Kind.WEBHOOK,
    effort_minutes=15,
    people_from=("CK801", "CK808"),
    nothing="no webhook calls a membership site",
    variants={
        "not-https": Variant(
            "A webhook calls the site without https",
            fix=(
                "Let your membership site have https, and set its own address to https.",
                "Open its webhook generator and make the webhook again for the tag named in this finding.",
                "Give the tag to a test subscriber and look into the site's webhook log.",
                "When the call arrives, open Automate → Rules in Kit and delete the webhook whose address begins with http.",
            ),
        ),
        "not-live": Variant("A webhook calls a test site instead of the live one"),
        "two-hosts": Variant(
            "The webhooks call different sites",
            fix=(
                "Find out which of the sites named in this finding is the live one.",
                "In its webhook generator, make the webhooks again that call another site.",
                "Give each of their tags to a test subscriber and look into the site's webhook log.",
                "When the calls arrive, open Automate → Rules in Kit and delete the webhooks that call another site.",
                "If both sites are live, write them as `login_hosts` of their offerings in the manifest instead.",
            ),
        ),
        "two-secrets": Variant(
            "The webhooks come with different secrets, and the site takes only one",
            fix=(
                "In your membership site, open the webhook generator and look which secret is in use today.",
                "Open Automate → Rules in Kit and find the webhooks whose address has another one.",
                "Make these again in the webhook generator, for the same tags.",
                "Give each of the tags to a test subscriber and look into the site's webhook log.",
                "When the calls arrive, delete the webhooks with the old secret in Automate → Rules.",
            ),
        ),
    },
)

_NOT_LIVE = re.compile(
    r"(^|[.-])(staging|stage|stg|dev|test|local)([.-]|\d*\.)"
    r"|(wpengine\.com|kinsta\.cloud|flywheelsites\.com|myftpupload\.com|cloudwaysapps\.com|instawp\.xyz|tastewp\.com)$",
    re.IGNORECASE,
)
# What says who is calling. Every other part of an address says what is asked for: an operation, a product, a course.
_SECRETS = frozenset({"key", "secret", "token", "access_key", "handshake", "api_key", "apikey", "auth", "password", "signature"})


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each webhook with a bad address, and one for each stack whose webhooks disagree."""
    by_stack: defaultdict[str, list[WebhookTag]] = defaultdict(list)
    for hook in graph.webhook_tags:
        by_stack[hook.stack.name].append(hook)
        variant = _fault(hook.target)
        if variant:
            yield _single(graph, hook, variant)
    for hooks in by_stack.values():
        good = [hook for hook in hooks if not _fault(hook.target)]
        yield from _disagreeing(graph, good)


def judged(graph: Graph) -> Iterable[ObjectRef]:
    """The webhooks of membership sites."""
    return [graph.object(hook.key) for hook in graph.webhook_tags]


def _fault(target: str) -> str:
    if development_target(target) or _NOT_LIVE.search(host_of(target)):
        return "not-live"
    return "" if urlsplit(target).scheme.lower() == "https" else "not-https"


def _single(graph: Graph, hook: WebhookTag, variant: str) -> Finding:
    tag, host = graph.object(hook.key), host_of(hook.target)
    text = {
        "not-live": f"The webhook on “{tag.name}” calls {host}, which looks like a test site. Your live site is not told.",
        "not-https": f"The webhook on “{tag.name}” calls {host} without https. It may be refused, and its secret can be read on the way.",
    }[variant]
    return Finding(object=graph.object(hook.webhook), message=text, variant=variant, related=(tag,))


def _disagreeing(graph: Graph, hooks: list[WebhookTag]) -> Iterator[Finding]:
    hosts = list(dict.fromkeys(host_of(hook.target) for hook in hooks))
    stated = {host for membership in graph.memberships if membership.offering for host in membership.offering.login_hosts}
    if len(hosts) > 1 and not set(hosts) <= stated:
        yield _several(
            graph,
            hooks,
            "two-hosts",
            f"The webhooks of {hooks[0].stack.title} call {len(hosts)} different sites: {', '.join(sorted(hosts))}. At most one of them is live.",
        )
        return
    for host in hosts:
        secrets: defaultdict[str, set[str]] = defaultdict(set)
        for hook in hooks:
            if host_of(hook.target) == host:
                for key, value in parse_qsl(urlsplit(hook.target).query):
                    name = "accessally" if key.lower().startswith("aal_") else key.lower()
                    if name == "accessally" or name in _SECRETS:
                        secrets[name].add(value)
        if any(len(values) > 1 for values in secrets.values()):
            text = f"The webhooks of {hooks[0].stack.title} use different secrets for {host}. The old one is refused, and its tag calls nobody."
            yield _several(graph, [hook for hook in hooks if host_of(hook.target) == host], "two-secrets", text)


def _several(graph: Graph, hooks: list[WebhookTag], variant: str, text: str) -> Finding:
    tags = tuple(dict.fromkeys(graph.object(hook.key) for hook in hooks))
    return Finding(object=graph.object(hooks[0].webhook), message=text, variant=variant, related=tags)
