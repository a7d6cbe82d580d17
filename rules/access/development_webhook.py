"""Finds webhooks that call somebody's own computer, a tunnel, a test address or a page that shows calls to everybody.

What it finds
-------------
Webhooks that Kit shows, of both generations, whatever their tag is for, and webhooks that rules of the manifest call. Judged by host and path:
localhost and private networks, tunnels such as ngrok, n8n's ``/webhook-test/``, hosts named staging, dev or test, and pages that keep what
they get for everybody to read (webhook.site, requestbin and others). A webhook of a known membership site is another rule's finding (CK226).
What it cannot see: whether a public address is somebody's test all the same, and whether a tunnel is open right now.

Why it matters
--------------
They are left over from the day the webhook was tried out. Kit goes on calling: buyers are told to nobody, and Kit shows no error. A page that
shows calls is worse: names and email addresses of your customers lie there for whoever has the link.

How to fix it in Kit
--------------------
1. Open Automate → Rules and look for the webhook named in this finding.
2. Look whether the tag it waits for has another webhook that calls the live address.
3. If it has none, ask whoever set it up for the live address, make the webhook with it, and give the tag to a test subscriber.
4. When the call arrives, delete the webhook named in this finding.

When to ignore it
-----------------
You are trying something out this week, with a tag that only test subscribers get.

Sources
-------
- n8n's test address takes calls only while the editor listens: https://docs.n8n.io/integrations/builtin/core-nodes/n8n-nodes-base.webhook/
- ngrok, "Put localhost on the internet": https://ngrok.com/docs
- webhook.site, a unique address that shows every request: https://docs.webhook.site/
- Private networks: RFC 1918, RFC 4193, RFC 6761
- Legacy webhooks carry no status and no delivery log: the API's webhook object
"""

from __future__ import annotations

from collections.abc import Iterator

from ckaudit.rule import (
    WEBHOOK_ROLES,
    Confidence,
    Finding,
    Graph,
    Harm,
    Key,
    Kind,
    Need,
    ObjectRef,
    Options,
    Rule,
    Severity,
    Theme,
    Variant,
    development_target,
    host_of,
)

_LOOK = "Open Automate → Rules and look for the webhook named in this finding."
_LIVE = (
    "Look whether the tag it waits for has another webhook that calls the live address. If it has none, ask whoever set it up for that address, "
    "make the webhook with it, and give the tag to a test subscriber."
)
_DELETE = "When the call arrives, delete the webhook named in this finding."

RULE = Rule(
    code="CK237",
    name="development-webhook",
    title="A webhook calls a place for tests",
    passing="No webhook calls a place for tests",
    severity=Severity.WARNING,
    theme=Theme.ACCESS,
    harm=Harm.MONEY,
    needs=(Need.WEBHOOKS,),
    checks=Kind.WEBHOOK,
    effort_minutes=10,
    nothing="there is no webhook beside those of your membership site",
    variants={
        "inspection": Variant(
            "A webhook sends customers' data to a page that shows it to everybody",
            Severity.ERROR,
            (
                _LOOK,
                "Delete the webhook named in this finding: what it sends lies open for whoever has the link.",
                "Delete what that page has collected, if it lets you.",
                "If the webhook was meant for a tool of yours, make it again with the address of that tool.",
            ),
            harm=Harm.LEAK,
        ),
        "own-network": Variant("A webhook calls a computer that Kit cannot reach", fix=(_LOOK, _LIVE, _DELETE)),
        "tunnel": Variant("A webhook calls through a developer's tunnel", fix=(_LOOK, _LIVE, _DELETE)),
        "test-path": Variant("A webhook calls a test address that listens only while somebody looks", fix=(_LOOK, _LIVE, _DELETE)),
        "test-site": Variant("A webhook calls a test version of a site", fix=(_LOOK, _LIVE, _DELETE)),
    },
)

_SAYS = {
    "inspection": "a page that keeps every call for whoever has its link. Names and email addresses of your customers leave with it",
    "own-network": "which exists on one computer or in one network only. Kit cannot reach it, so nobody is told",
    "tunnel": "a developer's tunnel. It is open only while somebody's computer keeps it open; after that nobody is told",
    "test-path": "a test address. It takes a call only while somebody has the workflow open and waits for one; otherwise nobody is told",
    "test-site": "which looks like the test version of a site. The live one is not told",
}


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each webhook with such an address."""
    for key, address, tag in _webhooks(graph):
        problem = development_target(address)
        if problem:
            yield _finding(graph, key, address, tag, str(problem))


def judged(graph: Graph) -> list[Key]:
    """All webhooks that are not those of a known membership site."""
    return [key for key, _, _ in _webhooks(graph)]


def _webhooks(graph: Graph) -> list[tuple[Key, str, Key | None]]:
    """Each webhook once, with its address and the tag it waits for."""
    account, known = graph.account, {hook.webhook for hook in graph.webhook_tags}
    found = {hook.key: (hook.target_url, _tag(hook.event.tag_id)) for hook in account.webhooks}
    found |= {hook.key: (hook.url, None) for hook in account.webhook_endpoints}
    for rule in graph.manifest.rules:
        tags = [when.ref.key for when in rule.when if when.ref and when.ref.key.kind is Kind.TAG]
        targets = [action.ref for action in rule.do if action.ref.key.kind is Kind.WEBHOOK] if rule.enabled else []
        for target in targets:
            found.setdefault(target.key, (target.name, tags[0] if tags else None))
    return [(key, address, tag) for key, (address, tag) in found.items() if key not in known]


def _tag(number: int | None) -> Key | None:
    return None if number is None else Key(Kind.TAG, number)


def _finding(graph: Graph, key: Key, address: str, tag: Key | None, problem: str) -> Finding:
    where = host_of(address)
    alone = tag is not None and tag in graph.keys(*WEBHOOK_ROLES) and problem != "inspection" and _is_only(graph, tag)
    needed = " It is the only webhook on a tag that your membership site waits for." if alone else ""
    related: tuple[ObjectRef, ...] = (graph.object(tag),) if tag else ()
    on = f" on “{related[0].name}”" if related else ""
    return Finding(
        object=graph.object(key),
        variant=problem,
        severity=Severity.ERROR if alone else None,
        confidence=Confidence.LIKELY if problem == "test-site" else None,
        message=f"The webhook{on} calls {where}, {_SAYS[problem]}.{needed}",
        related=related,
    )


def _is_only(graph: Graph, tag: Key) -> bool:
    others = [hook.target_url for hook in graph.account.webhooks if _tag(hook.event.tag_id) == tag]
    return all(development_target(address) for address in others)
