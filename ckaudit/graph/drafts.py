"""Drafts in a manifest: automations that were made from timestamps, a page's text or a picture and not compared with Kit's screens yet.

A draft is a guess, and a guess neither accuses nor clears. What one of a page or a picture does is unknown, but that it exists is known:
it counts as one of which only the name is known. One from timestamps has a made-up name and adds nothing to what the timestamps say
themselves, so it counts for nothing at all. Only where the manifest says that it lists everything, whatever is a draft may be the one that
does what seems missing.
"""

from __future__ import annotations

import msgspec

from ckaudit.graph.misspelt import references_in
from ckaudit.model.automations import Automation, DraftFrom, Manifest


def without_drafts(manifest: Manifest) -> Manifest:
    """The manifest as rules see it; the names of its drafts stay in ``drafts``."""
    drafts = tuple(item for item in manifest.automations if item.draft)
    if not drafts:
        return manifest
    kept = tuple(
        _named_only(item) if item.draft else item
        for item in manifest.automations
        if manifest.complete or item.draft is not DraftFrom.TIMESTAMPS
    )
    theirs = {id(ref) for item in drafts for ref in references_in(item)}
    listed = bool(kept or manifest.complete or manifest.rules or manifest.form_links or manifest.external)
    return msgspec.structs.replace(
        manifest,
        automations=kept,
        lists_automations=manifest.lists_automations and listed,
        references=tuple(ref for ref in manifest.references if id(ref) not in theirs),
        drafts=tuple(item.name for item in drafts),
    )


def _named_only(item: Automation) -> Automation:
    return msgspec.structs.replace(item, draft=None, entries=(), steps=())
