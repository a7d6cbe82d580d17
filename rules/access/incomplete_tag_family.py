"""Finds offerings whose set of tags has a hole.

What it finds
-------------
With a stack where a revoke tag wins over the access tag (AccessAlly), an offering that has an access tag but no revoke tag, or a purchase
tag but no access tag.

Why it matters
--------------
AccessAlly's wizard makes these tags together. One that is missing was forgotten or made by hand, and then it is wired into nothing:
access cannot be taken away, or a purchase opens nothing.

How to fix it in Kit
--------------------
1. In your membership site, open the offering's wizard and let it make the missing tag. Do not make it by hand in Kit.
2. In the manifest, add the tag to the offering.
3. Run the audit again: it now checks what happens with that tag.

When to ignore it
-----------------
The offering is free, or nobody is ever to lose it (state ``refunds: false``), or one tag does both jobs.

Sources
-------
- AccessAlly's tags of an offering: https://kb.accessally.com/tutorials/tag-guide/
- AccessAlly's ConvertKit guide, "set your content in the AccessAlly Offering wizard":
  https://kb.accessally.com/tutorials/convertkit-automation/ (claim S4)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ckaudit.rule import (
    AccessModel,
    Confidence,
    Finding,
    Graph,
    Harm,
    Key,
    Kind,
    Membership,
    Need,
    Options,
    RoleName,
    Rule,
    Severity,
    Theme,
    Variant,
    name_list,
)

RULE = Rule(
    code="CK228",
    name="incomplete-tag-family",
    title="An offering lacks one of its tags",
    passing="Every offering has all its tags",
    severity=Severity.INFO,
    theme=Theme.ACCESS,
    harm=Harm.LEAK,
    confidence=Confidence.LIKELY,
    needs=(Need.TAGS, Need.MEMBERSHIP),
    needs_roles=((RoleName.ACCESS, RoleName.PURCHASE),),
    checks=Kind.TAG,
    effort_minutes=10,
    nothing="there is no access or purchase tag",
    variants={
        "no-revoke-tag": Variant("An offering has no tag that takes access away"),
        "no-access-tag": Variant("An offering has no tag that gives access", harm=Harm.LOCKED_OUT),
    },
)


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each offering and missing tag."""
    for membership in graph.memberships:
        if membership.stack.access_model is not AccessModel.FORBIDDEN or membership.offering is None:
            continue
        access, revoke, bought = (membership.keys(role) for role in (RoleName.ACCESS, RoleName.REVOKE, RoleName.PURCHASE))
        kept = membership.never_revoked
        if access and not revoke and not kept:
            yield _finding(graph, membership, "no-revoke-tag", name_list(graph.object(key).name for key in access))
        if bought and not access and not membership.keys(RoleName.MODULE) and not _released_by_site(membership):
            yield _finding(graph, membership, "no-access-tag", name_list(graph.object(key).name for key in bought))


def judged(graph: Graph) -> Iterable[Key]:
    """The access and purchase tags."""
    return graph.keys(RoleName.ACCESS, RoleName.PURCHASE)


def _released_by_site(membership: Membership) -> bool:
    """A release operation grants the access on the site's side: Kit need not know the tag."""
    return bool(membership.keys(RoleName.WEBHOOK_RELEASE))


def _finding(graph: Graph, membership: Membership, variant: str, names: str) -> Finding:
    text = {
        "no-revoke-tag": f"“{membership.name}” has {names} for access but no revoke tag. Access once given cannot be taken away by a tag.",
        "no-access-tag": f"“{membership.name}” has {names} for the purchase but no access tag. What opens the course cannot be checked.",
    }[variant]
    return Finding(
        object=membership.object,
        message=text,
        variant=variant,
        location=membership.location,
    )
