"""What is known of the account's automations at this moment: files, timestamps, and what somebody began here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import msgspec

from ckaudit.graph.describe_next import worth_describing
from ckaudit.model.automations import Automation, DraftFrom, Manifest
from ckaudit.observed.account import ObservedAccount
from ckaudit.workbench.files import Block, owners
from ckaudit.workbench.kept import Kept
from ckaudit.workbench.messages import Row, State, Worklist
from ckaudit.workbench.observations import Draft, Links, draft_ids, drafts_of, links_of

DRAFT = "draft:"
BEGUN = "new:"


class Listed(msgspec.Struct, frozen=True):
    """An automation of a manifest. ``path`` and ``block`` are where it stands, None where its list is written in brackets."""

    automation: Automation
    path: Path | None
    block: Block | None


class Known(msgspec.Struct, frozen=True, eq=False):
    """Files with what they say. ``listed`` has the automations by their keys, ``drafts`` what timestamps show beyond them."""

    texts: Mapping[Path, str]
    manifest: Manifest | None
    account: ObservedAccount
    listed: Mapping[str, Listed]
    drafts: Mapping[str, Draft]
    links: Links


def know(texts: Mapping[Path, str], manifest: Manifest | None, account: ObservedAccount) -> Known:
    """Put it together."""
    automations = manifest.automations if manifest else ()
    written = {name for item in automations if item.draft for name in draft_ids(item)}
    return Known(
        texts=texts,
        manifest=manifest,
        account=account,
        listed=dict(_listed(automations, owners(texts))),
        drafts={f"{DRAFT}{draft.id}": draft for draft in drafts_of(account) if draft.id not in written},
        links=links_of(account),
    )


def _listed(automations: Iterable[Automation], places: Mapping[tuple[str, int], tuple[Path, Block]]) -> Iterator[tuple[str, Listed]]:
    seen: Counter[str] = Counter()
    for automation in automations:
        key = f"id:{automation.id}" if automation.id else f"name:{automation.name}"
        seen[key] += 1
        at = automation.location
        path, block = places.get((at.file, at.line), (None, None)) if at else (None, None)
        yield (key if seen[key] == 1 else f"{key}#{seen[key]}"), Listed(automation, path, block)


def worklist(known: Known, kept: Kept, account: str) -> Worklist:
    """The list, what to do next first: begun texts, then names as they are worth describing, drafts by people, what is described."""
    by_state: dict[State, list[tuple[str, Automation]]] = {state: [] for state in State}
    for key, item in known.listed.items():
        by_state[state_of(key, known, kept)].append((key, item.automation))
    names, described = by_state[State.NAME], by_state[State.DESCRIBED]
    order = {name: place for place, name in enumerate(worth_describing(known.account.observed))}
    names.sort(key=lambda item: order.get(item[1].name, len(order)))
    rows = [
        *_begun(known, kept),
        *(_row(key, item, State.NAME, kept) for key, item in names),
        *(_row(key, item, State.DRAFT, kept) for key, item in by_state[State.DRAFT]),
        *(_draft(key, draft, known, kept) for key, draft in known.drafts.items() if key not in kept.refused),
        *(_row(key, item, State.DESCRIBED, kept) for key, item in described),
        *(_row(key, item, State.REFUSED, kept) for key, item in by_state[State.REFUSED]),
        *(_draft(key, draft, known, kept) for key, draft in known.drafts.items() if key in kept.refused),
    ]
    complete = known.manifest is not None and known.manifest.complete
    waiting = sum(item.draft is not DraftFrom.TIMESTAMPS for _, item in (*by_state[State.DRAFT], *by_state[State.REFUSED]))
    return Worklist(account, tuple(rows), len(described), len(described) + len(names) + waiting, complete)


def state_of(key: str, known: Known, kept: Kept) -> State:
    """What is known of an automation of the list."""
    if key in known.listed:
        automation = known.listed[key].automation
        if automation.is_described and not automation.draft:
            return State.DESCRIBED
        return State.NAME if not automation.is_described else State.REFUSED if key in kept.refused else State.DRAFT
    if key in known.drafts:
        return State.REFUSED if key in kept.refused else State.DRAFT
    return State.BEGUN


def made_from(automation: Automation) -> str:
    """What a draft in a file was made from; empty for timestamps, and for what is no draft."""
    return "" if automation.draft in (None, DraftFrom.TIMESTAMPS) else str(automation.draft)


def _row(key: str, automation: Automation, state: State, kept: Kept) -> Row:
    return Row(key, automation.name, state, str(automation.status), draft_from=made_from(automation), is_edited=key in kept.texts)


def _draft(key: str, draft: Draft, known: Known, kept: Kept) -> Row:
    text = kept.texts.get(key)
    return Row(
        key, text.name if text else draft.automation.name, state_of(key, known, kept), people=draft.people, is_edited=text is not None
    )


def _begun(known: Known, kept: Kept) -> Iterator[Row]:
    """Texts whose automation is in no file: new ones, and those whose file or timestamps went away meanwhile."""
    for key, text in kept.texts.items():
        if key not in known.listed and key not in known.drafts:
            yield Row(key, text.name, State.BEGUN, text.status, is_edited=True)
