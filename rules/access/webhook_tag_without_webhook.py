"""Finds webhook tags behind which there is no webhook.

What it finds
-------------
A tag that is stated as a webhook tag, or whose name says so, while Kit lists no webhook on it. It speaks only when another webhook of the
same site is visible to this credential; otherwise the site's webhooks may be hidden, and nothing can be said.

Why it matters
--------------
Automations add the tag and everybody believes that the site is called. Nothing is. No login is made, no module opens, no refund closes
anything.

How to fix it in Kit
--------------------
1. In your membership site, open the webhook generator (in WordPress, at the top: AccessAlly → Webhook Generator).
2. If no webhook for the tag named in this finding is there: choose the operation, and choose the tag.
3. In Kit, open Automate → Rules and check that the webhook appears there.
4. Give the tag to a test subscriber and look into the site's webhook log (AccessAlly: Settings → Developer Tools → Detailed Log).

When to ignore it
-----------------
The webhook was made by another app, so that this credential does not see it, or by hand on the Rules screen.

Sources
-------
- AccessAlly's ConvertKit guide, step 5: https://kb.accessally.com/tutorials/convertkit-automation/ (claim S23)
- Which webhooks ``GET /v4/webhooks`` lists is not documented; the finding therefore says "visible to this credential".
- The webhook log: https://kb.accessally.com/tutorials/webhook-guide/
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ckaudit.rule import (
    WEBHOOK_ROLES,
    Confidence,
    Finding,
    Graph,
    Harm,
    Key,
    Kind,
    Membership,
    Need,
    NotEvaluatedError,
    Options,
    Rule,
    Severity,
    Theme,
    Variant,
)

RULE = Rule(
    code="CK225",
    name="webhook-tag-without-webhook",
    title="A webhook tag calls nobody",
    passing="Every webhook tag has its webhook",
    severity=Severity.WARNING,
    theme=Theme.ACCESS,
    harm=Harm.LOCKED_OUT,
    confidence=Confidence.LIKELY,
    needs=(Need.WEBHOOKS, Need.MEMBERSHIP),
    passes_with=(Need.TAGS,),
    needs_roles=(WEBHOOK_ROLES,),
    checks=Kind.TAG,
    effort_minutes=10,
    people_from=("CK801",),
    nothing="there is no webhook tag",
    variants={
        "declared": Variant("A webhook tag calls nobody"),
        "by-name": Variant(
            "A tag is named like a webhook tag and calls nobody",
            fix=(
                "Find out what the tag is for. If it is not meant to call your site, accept this finding: its name alone says so.",
                "Otherwise open the webhook generator in your membership site (in WordPress, at the top: AccessAlly → Webhook Generator).",
                "If no webhook for the tag is there: choose the operation, and choose the tag.",
                "In Kit, open Automate → Rules and check that the webhook appears there.",
                "Give the tag to a test subscriber and look into the site's webhook log (AccessAlly: Settings → Developer Tools → "
                "Detailed Log).",
            ),
        ),
    },
)


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each webhook tag without a visible webhook."""
    hooked = {hook.event.tag_id for hook in graph.account.webhooks if hook.event.short_name == "tag_add"}
    hooked |= {hook.key.id for hook in graph.webhook_tags if isinstance(hook.key.id, int)}
    visible = {hook.stack.name for hook in graph.webhook_tags}
    seen: set[Key] = set()
    judged = False
    for membership in graph.memberships:
        if not membership.calls_site or not _same_site(membership, visible):
            continue
        judged = True
        for tag in membership.keys(*WEBHOOK_ROLES):
            if tag not in seen and isinstance(tag.id, int) and tag.id not in hooked:
                seen.add(tag)
                yield _finding(graph, membership, tag)
    if not judged:
        raise NotEvaluatedError(
            "no webhook of a membership site is visible to this credential, so a missing one cannot be told from a hidden one",
            (Need.WEBHOOKS,),
        )


def judged(graph: Graph) -> Iterable[Key]:
    """The webhook tags."""
    return graph.keys(*WEBHOOK_ROLES)


def _same_site(membership: Membership, visible: set[str]) -> bool:
    """LearnDash through WP Fusion uses WP Fusion's webhooks."""
    return membership.stack.name in visible or (membership.stack.name.endswith("wp-fusion") and "wp-fusion" in visible)


def _finding(graph: Graph, membership: Membership, tag: Key) -> Finding:
    named = graph.object(tag)
    declared = any(item.key == tag and item.declared for item in membership.assigned)
    why = "is stated as a webhook tag" if declared else "is named like a webhook tag"
    return Finding(
        object=named,
        message=f"“{named.name}” {why}, but no webhook on it is visible to this credential. If there is none, adding it calls nobody.",
        variant="declared" if declared else "by-name",
        confidence=Confidence.LIKELY if declared else Confidence.POSSIBLE,
        related=(membership.object,) if membership.offering else (),
        people=graph.people(tag),
        location=membership.offering.location if declared and membership.offering else None,
    )
