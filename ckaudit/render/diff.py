"""Differences of two results or two snapshots, as text, Markdown or JSON."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

import msgspec

from ckaudit.engine.baseline import Changed, ResultDiff
from ckaudit.graph.snapshot_diff import ObjectChange, SnapshotDiff
from ckaudit.model.findings import ReportedFinding
from ckaudit.model.refs import ObjectRef
from ckaudit.render.markdown import md
from ckaudit.render.plain import clean, cut, to_json
from ckaudit.render.since import lost_sentences

AnyDiff = ResultDiff | SnapshotDiff
Group = tuple[str, list[str]]


class Escape(Protocol):
    """Makes foreign text harmless, and cuts it."""

    def __call__(self, text: str, longest: int = ..., /) -> str:
        """The text in at most so many columns."""


def render_diff(diff: AnyDiff, form: str) -> str:
    """The difference in a format: ``text``, ``markdown`` or ``json``."""
    if form == "json":
        kind = "results" if isinstance(diff, ResultDiff) else "snapshots"
        return to_json({"schema": "ckaudit.diff/v1", "of": kind, **_body(diff)})
    if form == "markdown":
        return _document(_groups(diff, md), "## ", "- ", fence="```diff\n{}\n```")
    return _document(_groups(diff, cut), "", "  ", fence="{}")


def _groups(diff: AnyDiff, escape: Escape) -> list[Group]:
    return _result_groups(diff, escape) if isinstance(diff, ResultDiff) else _snapshot_groups(diff, escape)


def _body(diff: AnyDiff) -> dict[str, Any]:
    """The difference as JSON has it: what became of findings that are gone beside those that are there."""
    body: dict[str, Any] = msgspec.to_builtins(diff)
    if isinstance(diff, ResultDiff):
        since = body.pop("since")
        body |= {key: value for key, value in since.items() if key not in ("new", "worse")}
    return body


def _result_groups(diff: ResultDiff, escape: Escape) -> list[Group]:
    since = diff.since
    groups: tuple[tuple[str, Iterable[ReportedFinding]], ...] = (
        ("Fixed", since.fixed),
        ("Described otherwise now", since.redescribed),
        ("Gone with what they name", since.gone),
        ("Suppressed since", since.accepted),
        ("Perhaps part of another finding now", since.covered),
        ("No longer judged, so not confirmed", since.not_judged),
        ("No longer asked for", since.not_asked),
        ("Unchanged", diff.unchanged),
    )
    return [
        ("New", [_finding(finding, escape) for finding in diff.new]),
        ("Worse", [_changed(item, escape) for item in diff.worse]),
        ("Milder", [_changed(item, escape) for item in diff.milder]),
        *((title, [_finding(finding, escape) for finding in findings]) for title, findings in groups),
        ("Lost since", [escape(sentence, 1000) for sentence in lost_sentences(since)]),
    ]


def _changed(item: Changed, escape: Escape) -> str:
    return f"{_finding(item.finding, escape)} (was {escape(item.before)})"


def _finding(finding: ReportedFinding, escape: Escape) -> str:
    return f"{finding.severity} {escape(finding.rule)} {_named(finding.object, escape)}: {escape(finding.title or finding.message)}"


def _named(item: ObjectRef, escape: Escape) -> str:
    number = f" ({escape(str(item.id))})" if item.id is not None else ""
    return f"{escape(item.kind.replace('_', ' '))} “{escape(item.name)}”{number}"


def _snapshot_groups(diff: SnapshotDiff, escape: Escape) -> list[Group]:
    renamed = [item for item in diff.changed if item.renamed_from]
    return [
        ("Added", [_named(item, escape) for item in diff.added]),
        ("Removed", [_named(item, escape) for item in diff.removed]),
        ("Renamed", [f"{_named(item.object, escape)}, before “{escape(item.renamed_from)}”" for item in renamed]),
        ("Changed", [line for item in diff.changed for line in _fields(item, escape)]),
        *((f"Automation “{escape(item.object.name)}”", [f"\0{clean(line)}" for line in item.lines]) for item in diff.automations),
        *(group for item in diff.changed for group in _texts(item, escape)),
        ("Not compared, because not read completely in both", [escape(section) for section in diff.not_compared]),
    ]


def _fields(item: ObjectChange, escape: Escape) -> list[str]:
    return [f"{_named(item.object, escape)}: {escape(one.field)} {escape(one.before)} → {escape(one.after)}" for one in item.fields]


def _texts(item: ObjectChange, escape: Escape) -> list[Group]:
    """Long texts, line by line."""
    return [
        (f"{_named(item.object, escape)}: {escape(one.field)}", [f"\0{clean(line)}" for line in one.lines])
        for one in item.fields
        if one.lines
    ]


def _document(groups: list[Group], heading: str, bullet: str, *, fence: str) -> str:
    """Groups with something in them. Lines that begin with a zero byte are steps of an automation, kept together as they are."""
    blocks = []
    for title, lines in groups:
        if not lines:
            continue
        is_steps = lines[0].startswith("\0")
        body = fence.format("\n".join(line[1:] for line in lines)) if is_steps else "\n".join(f"{bullet}{line}" for line in lines)
        count = "" if is_steps else f" ({len(lines):,})"
        gap = "\n\n" if heading else "\n"
        blocks.append(f"{heading}{title}{count}{gap}{body}")
    return "\n\n".join(blocks) + "\n" if blocks else "No difference.\n"
