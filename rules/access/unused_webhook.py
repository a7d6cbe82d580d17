"""Finds webhooks that nothing sets off.

What it finds
-------------
A webhook on “tag is added” whose tag nothing known adds (no step, rule, form or integration) and nobody holds.

Why it matters
--------------
It does no harm today. But a left-over webhook is how a tag with an old name comes back to life, and it keeps one of your site's keys in a
place nobody looks at.

How to fix it in Kit
--------------------
1. Make sure that no other tool adds the tag: your shop, your site, a form of another service. If one does, list it under ``external`` in
   the manifest.
2. Otherwise open Automate → Rules and find the webhook on the tag named in this finding.
3. Delete the webhook. The tag may stay.

When to ignore it
-----------------
The tag is meant for a launch that has not begun.

Sources
-------
- AccessAlly's ConvertKit guide, step 5: https://kb.accessally.com/tutorials/convertkit-automation/ (claim S23)
- Webhooks and the tags they listen to: the API's webhook object
"""

from __future__ import annotations

from collections.abc import Iterator

from ckaudit.rule import Confidence, Effect, Finding, Graph, Harm, Key, Kind, Need, Options, Rule, Severity, Theme, Variant, host_of

RULE = Rule(
    code="CK227",
    name="unused-webhook",
    title="A webhook waits for a tag that nothing adds",
    passing="No webhook waits for a tag that nobody has and nothing adds",
    severity=Severity.INFO,
    theme=Theme.ACCESS,
    harm=Harm.LOCKED_OUT,
    confidence=Confidence.LIKELY,
    needs=(Need.WEBHOOKS, Need.TAGS, Need.AUTOMATIONS),
    checks=Kind.WEBHOOK,
    effort_minutes=5,
    unseen="that nothing adds a tag they cannot show",
    variants={
        "nothing-adds": Variant("A webhook waits for a tag that nothing adds"),
        "switched-off": Variant(
            "A webhook waits for a tag, and what adds the tag is switched off",
            fix=(
                "Open Automate → Visual Automations (for a rule: Automate → Rules) and choose the one that this finding says is switched "
                "off.",
                "If it is still needed: look whether its tags and steps fit, and set it to Active (a rule: switch it on).",
                "If it was given up: open Automate → Rules and delete the webhook on the tag named in this finding. The tag may stay.",
            ),
            yields_to=("CK301",),
        ),
    },
)


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each webhook whose tag nothing adds and nobody holds."""
    for hook in graph.account.webhooks:
        if hook.event.short_name != "tag_add" or hook.event.tag_id is None:
            continue
        tag = Key(Kind.TAG, hook.event.tag_id)
        if graph.lookup.tag(tag) and graph.people(tag) == 0 and not graph.causes.of(Effect.ADDS_TAG, tag):
            named = graph.object(tag)
            asleep = graph.causes.of(Effect.ADDS_TAG, tag, live=False)
            stopped = f" “{asleep[0].object.name}” would, but it is switched off." if asleep else ""
            where = host_of(hook.target_url) or "its target"
            yield Finding(
                object=graph.object(hook.key),
                message=f"Nothing adds “{named.name}”, and nobody has it, so the webhook on it never calls {where}.{stopped}{graph.open_world_note}",
                variant="switched-off" if asleep else "nothing-adds",
                confidence=graph.closed_world,
                related=(named, *dict.fromkeys(cause.object for cause in asleep)),
            )
