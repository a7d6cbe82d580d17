"""Finds settings that point to something that no longer exists.

What it finds
-------------
Exclusions of a sequence that name a tag, form, sequence or segment Kit no longer lists, and webhooks on a tag, form or sequence that is
gone. Names in the manifest that nothing matches are another finding.

Why it matters
--------------
An exclusion that points to nothing excludes nobody: buyers get the pitch again. A webhook on a deleted tag never calls, and the tool
behind it hears nothing more.

How to fix it in Kit
--------------------
1. For an exclusion: open Send → Email Sequences, choose the sequence named in this finding, and open its settings.
2. At “Exclude subscribers from this sequence”, remove the empty entry and choose the tag, form, sequence or segment that is meant today.
   Save.
3. For a webhook: open the tool that made it and let it make the webhook again for the object that exists.
4. Let the tool delete the old webhook.

When to ignore it
-----------------
The object was deleted on purpose and nobody is to be excluded any more. The entry is then only clutter.

Sources
-------
- The API's ``exclude_subscriber_sources`` of a sequence, and ``event`` of a webhook
- Deleted objects disappear from the API: https://developers.kit.com/api-reference/overview
"""

from __future__ import annotations

from collections.abc import Iterator

from ckaudit.rule import Finding, Graph, Key, Kind, Need, NotEvaluatedError, Options, Rule, Severity, Theme, Variant, host_of

RULE = Rule(
    code="CK308",
    name="missing-object",
    title="A setting points to something that no longer exists",
    passing="Every exclusion and webhook points to something that exists",
    severity=Severity.WARNING,
    theme=Theme.AUTOMATIONS,
    needs=(Need.SEQUENCES,),
    passes_with=(Need.WEBHOOKS,),
    checks=Kind.SEQUENCE,
    effort_minutes=5,
    variants={
        "exclusion": Variant(
            "A sequence excludes something that no longer exists",
            fix=(
                "Open Send → Email Sequences and choose the sequence named in this finding.",
                "Click Settings. At “Exclude subscribers from this sequence” remove the empty entry, and choose the tag, form, sequence or segment that is meant today.",
                "Click Update Email Sequence.",
            ),
        ),
        "webhook": Variant(
            "A webhook waits for something that no longer exists",
            fix=(
                "Find out which tool made the webhook named in this finding: its address tells.",
                "In that tool, let it make the webhook again for the tag, form or sequence that exists today.",
                "Let the tool delete the old one.",
            ),
        ),
    },
)

SECTIONS = {
    Kind.TAG: Need.TAGS,
    Kind.FORM: Need.FORMS,
    Kind.SEQUENCE: Need.SEQUENCES,
    Kind.SEGMENT: Need.SEGMENTS,
}


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each sequence, and for each webhook, that points to nothing."""
    yield from _exclusions(graph)
    yield from _webhooks(graph)
    named = [key for sequence in graph.account.sequences for key in sequence.excluded_keys]
    unread = graph.missing(*dict.fromkeys(SECTIONS[key.kind] for key in named if key not in graph.lookup.objects))
    if unread:
        words = ", ".join(section.replace("_", " ") for section in unread)
        raise NotEvaluatedError(f"what sequences exclude was not compared with the {words}: they were not read completely", unread)


def _gone(graph: Graph, key: Key) -> bool:
    """True only when the list of this kind was read completely and does not have the id."""
    return not graph.missing(SECTIONS[key.kind]) and key not in graph.lookup.objects


def _exclusions(graph: Graph) -> Iterator[Finding]:
    for sequence in graph.account.sequences:
        gone = [key for key in sequence.excluded_keys if _gone(graph, key)]
        if gone:
            kind, number = gone[0]
            more = f" and {len(gone) - 1} more" if len(gone) > 1 else ""
            key = sequence.key
            yield Finding(
                object=graph.object(key),
                message=f"“{sequence.name}” excludes the {kind} with the id {number}{more}, which no longer exists. Nobody is left out by that: people who should not get these emails get them.",
                variant="exclusion",
                people=graph.people(key),
            )


def _webhooks(graph: Graph) -> Iterator[Finding]:
    for hook in graph.account.webhooks:
        event = hook.event
        targets = ((Kind.TAG, event.tag_id), (Kind.FORM, event.form_id), (Kind.SEQUENCE, event.sequence_id or event.course_id))
        for kind, number in targets:
            if number is not None and _gone(graph, Key(kind, number)):
                where = host_of(hook.target_url) or "its target"
                yield Finding(
                    object=graph.object(hook.key),
                    message=f"A webhook to {where} waits for the {kind} with the id {number}, which no longer exists. It never calls.",
                    variant="webhook",
                )
