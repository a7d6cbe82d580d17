"""Finds webhooks that Kit has switched off.

What it finds
-------------
Webhooks of the new generation whose status is ``disabled``. What it cannot see: webhooks of the older generation, which have no status,
and which calls were lost. Kit shows this list to apps; an API key is usually refused, and then this rule says so.

Why it matters
--------------
Kit stops calling a switched-off webhook and loses what happens in the meantime. If it told your site or your shop about tags and sign-ups,
nobody is let in or locked out any more, and no screen of Kit says so.

How to fix it in Kit
--------------------
1. Find out which tool the webhook named in this finding belongs to, and whether you still use it.
2. If you do, look whether the tool runs and takes calls, and repair it.
3. Let whoever made the webhook switch it on again: in that tool's own settings, where it is connected with Kit.
4. Compare the people who came since then: the calls of that time do not come again.
5. If you do not use it any more, let the tool delete the webhook, or disconnect it from Kit.

When to ignore it
-----------------
It was switched off on purpose, for example because the tool was replaced.

Sources
-------
- ``status`` of a webhook endpoint, ``active`` or ``disabled``: https://developers.kit.com/api-reference/webhook-endpoints
- Whether Kit switches one off by itself after failed calls is not written down there: that is assumed, and the finding says so
"""

from __future__ import annotations

from collections.abc import Iterator

from ckaudit.rule import Finding, Graph, Harm, Key, Kind, Need, Options, Rule, Severity, Theme, host_of

RULE = Rule(
    code="CK238",
    name="disabled-webhook-endpoint",
    title="A webhook is switched off, so nobody is told",
    passing="Every webhook of the new generation is switched on",
    severity=Severity.WARNING,
    theme=Theme.ACCESS,
    harm=Harm.MONEY,
    needs=(Need.WEBHOOK_ENDPOINTS,),
    checks=Kind.WEBHOOK,
    effort_minutes=15,
    nothing="the account has no webhook of the new generation",
)


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each webhook that is switched off and whose work no other one does."""
    active = {(hook.url, event) for hook in graph.account.webhook_endpoints if not _is_off(hook.status) for event in hook.events}
    for hook in graph.account.webhook_endpoints:
        if not _is_off(hook.status) or (hook.events and all((hook.url, event) in active for event in hook.events)):
            continue
        events = f" It was to tell of {', '.join(hook.events[:4])}{' and more' if len(hook.events) > 4 else ''}." if hook.events else ""
        where = host_of(hook.url) or "its address"
        yield Finding(
            object=graph.object(hook.key),
            message=f"The webhook “{hook.name or hook.url}” to {where} is disabled, so Kit does not call it.{events} Kit may have switched it "
            "off after calls that failed.",
        )


def judged(graph: Graph) -> list[Key]:
    """The webhooks of the new generation."""
    return [hook.key for hook in graph.account.webhook_endpoints]


def _is_off(status: str | None) -> bool:
    return (status or "").casefold() in {"disabled", "inactive", "paused", "failed"}
