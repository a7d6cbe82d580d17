"""A difference of two results or two snapshots as one HTML page for people."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from markupsafe import Markup

from ckaudit.engine.baseline import Changed, ResultDiff
from ckaudit.graph.snapshot_diff import ObjectChange, SnapshotDiff
from ckaudit.model.branding import Branding
from ckaudit.model.findings import ReportedFinding
from ckaudit.model.refs import ObjectRef
from ckaudit.render.client import in_their_words
from ckaudit.render.page import page_environment, page_policy, page_style
from ckaudit.render.plain import cut
from ckaudit.render.since import lost_sentences
from ckaudit.render.vocabulary import SEVERITIES, kind_name

_TITLES = {ResultDiff: "What changed between two audits", SnapshotDiff: "What changed in the account"}
_BLOCKS = {
    "new": ("New", "Found in the later audit and not in the earlier one."),
    "worse": ("Weighs more now", "Found both times, with more weight."),
    "milder": ("Weighs less now", "Found both times, with less weight."),
    "fixed": ("Fixed", "Found in the earlier audit; looked for again, and gone."),
    "redescribed": (
        "Described otherwise now",
        "Nothing changed about these but what somebody wrote down: a name was corrected, or what a tag is for. Look in Kit before you call "
        "them fixed.",
    ),
    "accepted": ("Accepted since", "Still there, and somebody decided that it is fine."),
    "gone": ("Gone with what they name", "Something that these are about does not exist any more."),
    "covered": ("Perhaps part of another finding now", "Another finding covers the same cause."),
    "not_judged": ("No longer judged", "The later audit could not look again. Nothing confirms that these are fixed."),
    "not_asked": ("No longer asked for", "The later audit left out their check, or does not show findings of their weight."),
    "lost": ("Lost since", "What the earlier audit could judge and the later one could not: what is wrong there now would not be seen."),
    "unchanged": ("Still there", "Found both times."),
    "automations": ("Automations, step by step", "Lines with + are new, lines with - are gone."),
    "added": ("Added", "In the later snapshot only."),
    "removed": ("Removed", "In the earlier snapshot only. An automation or a link that still names one of these does nothing."),
    "renamed": ("Renamed", "The same object under another name."),
    "fields": ("Settings and texts that changed", "Numbers of people are left out: they change by themselves."),
    "not_compared": ("Not compared", "These were not read completely in both snapshots, so nothing can be said about them."),
}


class Row(msgspec.Struct, frozen=True):
    """One thing that differs. ``signs`` are lines that begin with ``+``, ``-`` or a space."""

    what: str
    severity: str = ""
    code: str = ""
    note: str = ""
    people: int | None = None
    signs: tuple[tuple[str, str], ...] = ()


class Block(msgspec.Struct, frozen=True):
    """Rows under one heading, and a sentence what they mean."""

    anchor: str
    title: str
    words: str
    rows: tuple[Row, ...]

    @property
    def is_folded(self) -> bool:
        """True for what did not change: it is there for whoever opens it."""
        return self.anchor == "unchanged"


class Side(msgspec.Struct, frozen=True):
    """One of the two that are compared. ``name`` is its file or folder, ``account`` whose it is, ``day`` when that was read, ``score`` of
    a result; empty where nobody knows."""

    name: str
    account: str = ""
    day: str = ""
    score: str = ""


class DiffPage(msgspec.Struct, frozen=True):
    """The page: whose account, what is compared, the score before and after, and blocks with something in them."""

    title: str
    account: str
    scope: tuple[str, ...]
    blocks: tuple[Block, ...]


def render_diff_html(diff: ResultDiff | SnapshotDiff, sides: tuple[Side, Side], branding: Branding) -> str:
    """The page. ``sides`` are the earlier and the later of the two."""
    blocks = _of_results(diff) if isinstance(diff, ResultDiff) else _of_snapshots(diff)
    old, new = sides
    page = DiffPage(
        title=_TITLES[type(diff)],
        account=cut(new.account or old.account, 120),
        scope=(f"Earlier: {_called(old)}", f"Later: {_called(new)}"),
        blocks=tuple(block for block in blocks if block.rows),
    )
    style = page_style(branding, page.account)
    template = page_environment().get_template("diff.html.j2")
    return template.render(page=page, brand=cut(branding.name, 120), style=Markup(style), policy=page_policy(style))  # noqa: S704  ours


def _called(side: Side) -> str:
    return ", ".join(cut(part, 120) for part in (side.name, side.day, side.score) if part)


def _of_results(diff: ResultDiff) -> Iterable[Block]:
    since = diff.since
    yield _block("new", map(_finding, diff.new))
    yield _block("worse", map(_changed, diff.worse))
    yield _block("milder", map(_changed, diff.milder))
    yield _block("not_judged", map(_finding, since.not_judged))
    yield _block("lost", map(Row, lost_sentences(since)))
    yield _block("fixed", map(_finding, since.fixed))
    yield _block("redescribed", map(_finding, since.redescribed))
    yield _block("gone", map(_finding, since.gone))
    yield _block("accepted", map(_finding, since.accepted))
    yield _block("covered", map(_finding, since.covered))
    yield _block("not_asked", map(_finding, since.not_asked))
    yield _block("unchanged", map(_finding, diff.unchanged))


def _of_snapshots(diff: SnapshotDiff) -> Iterable[Block]:
    renamed = (item for item in diff.changed if item.renamed_from)
    fields = (row for item in diff.changed for row in _fields(item))
    steps = (Row(_object(item.object), signs=_signs(item.lines)) for item in diff.automations)
    yield _block("automations", steps)
    yield _block("added", (Row(_object(item)) for item in diff.added))
    yield _block("removed", (Row(_object(item)) for item in diff.removed))
    names = (Row(_object(item.object), note=f"Before: “{cut(item.renamed_from)}”") for item in renamed)
    yield _block("renamed", names)
    yield _block("fields", fields)
    yield _block("not_compared", (Row(section.replace("_", " ").capitalize()) for section in diff.not_compared))


def _block(name: str, rows: Iterable[Row]) -> Block:
    return Block(name.replace("_", "-"), *_BLOCKS[name], tuple(rows))


def _finding(finding: ReportedFinding) -> Row:
    what = f"{cut(in_their_words(finding.title or finding.message), 200)}: {_object(finding.object)}"
    return Row(what, str(finding.severity), finding.rule, people=finding.people)


def _changed(item: Changed) -> Row:
    return msgspec.structs.replace(_finding(item.finding), note=_was(item.before))


def _was(before: str) -> str:
    return f"Was: {SEVERITIES.get(before) or cut(before, 40)}"


def _object(item: ObjectRef) -> str:
    number = f" ({cut(str(item.id), 40)})" if item.id is not None else ""
    return f"{kind_name(item.kind)} “{cut(item.name, 160)}”{number}"


def _fields(item: ObjectChange) -> Iterable[Row]:
    for field in item.fields:
        change = f"{field.field.replace('_', ' ')}: {field.before} → {field.after}"
        yield Row(_object(item.object), note=change, signs=_signs(field.lines))


def _signs(lines: Iterable[str]) -> tuple[tuple[str, str], ...]:
    return tuple((line[:1], cut(line[2:], 400) if line[2:].strip() else "") for line in lines)
