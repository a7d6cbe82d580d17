"""A difference of two results or two snapshots as one HTML page for people."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from markupsafe import Markup

from ckaudit.engine.baseline import ResultDiff
from ckaudit.graph.snapshot_diff import ObjectChange, SnapshotDiff
from ckaudit.model.branding import Branding
from ckaudit.model.findings import Finding, Severity
from ckaudit.model.refs import ObjectRef
from ckaudit.render.page import page_environment, page_policy, page_style
from ckaudit.render.plain import cut
from ckaudit.render.texts import DEFAULT_LANGUAGE, Texts, load_texts
from ckaudit.render.view_findings import kind_word


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


class DiffPage(msgspec.Struct, frozen=True):
    """The page: a heading, what is compared, and blocks with something in them."""

    title: str
    scope: str
    blocks: tuple[Block, ...]
    language: str


def render_diff_html(diff: ResultDiff | SnapshotDiff, names: tuple[str, str], branding: Branding, language: str = DEFAULT_LANGUAGE) -> str:
    """The page. ``names`` say what is compared: two files or folders, as the reader knows them."""
    texts = load_texts(language)
    blocks = _of_results(diff, texts) if isinstance(diff, ResultDiff) else _of_snapshots(diff, texts)
    kind = "results" if isinstance(diff, ResultDiff) else "snapshots"
    old, new = (cut(name, 120) for name in names)
    page = DiffPage(
        texts(f"diff.title_{kind}"), texts("diff.scope", old=old, new=new), tuple(block for block in blocks if block.rows), language
    )
    style = page_style(branding)
    template = page_environment(language).get_template("diff.html.j2")
    return template.render(page=page, brand=cut(branding.name, 120), style=Markup(style), policy=page_policy(style))  # noqa: S704  ours


def _of_results(diff: ResultDiff, texts: Texts) -> Iterable[Block]:
    changed = [msgspec.structs.replace(_finding(item.finding, texts), note=_was(item.before, texts)) for item in diff.changed]
    yield _block("new", (_finding(item, texts) for item in diff.new), texts)
    yield _block("changed", changed, texts)
    yield _block("fixed", (_finding(item, texts) for item in diff.fixed), texts)
    yield _block("accepted", (_finding(item, texts) for item in diff.accepted), texts)
    yield _block("unclear", (_finding(item, texts) for item in diff.unclear), texts)
    yield _block("unchanged", (_finding(item, texts) for item in diff.unchanged), texts)


def _of_snapshots(diff: SnapshotDiff, texts: Texts) -> Iterable[Block]:
    renamed = (item for item in diff.changed if item.renamed_from)
    fields = (row for item in diff.changed for row in _fields(item, texts))
    steps = (Row(_object(item.object, texts), signs=_signs(item.lines)) for item in diff.automations)
    yield _block("automations", steps, texts)
    yield _block("added", (Row(_object(item, texts)) for item in diff.added), texts)
    yield _block("removed", (Row(_object(item, texts)) for item in diff.removed), texts)
    names = (Row(_object(item.object, texts), note=texts("diff.before", name=cut(item.renamed_from))) for item in renamed)
    yield _block("renamed", names, texts)
    yield _block("fields", fields, texts)
    yield _block("not_compared", (Row(section.replace("_", " ").capitalize()) for section in diff.not_compared), texts)


def _block(name: str, rows: Iterable[Row], texts: Texts) -> Block:
    return Block(name.replace("_", "-"), texts(f"diff.{name}"), texts(f"diff.{name}_words"), tuple(rows))


def _finding(finding: Finding, texts: Texts) -> Row:
    what = f"{cut(finding.title or finding.message, 200)}: {_object(finding.object, texts)}"
    return Row(what, str(finding.severity or Severity.INFO), finding.rule, people=finding.people)


def _was(before: str, texts: Texts) -> str:
    known = before in tuple(Severity)
    return texts("diff.was", severity=texts(f"severity.{before}") if known else cut(before, 40))


def _object(item: ObjectRef, texts: Texts) -> str:
    number = f" ({cut(str(item.id), 40)})" if item.id is not None else ""
    return f"{kind_word(item.kind, texts)} “{cut(item.name, 160)}”{number}"


def _fields(item: ObjectChange, texts: Texts) -> Iterable[Row]:
    for field in item.fields:
        change = texts("diff.field", field=field.field.replace("_", " "), before=field.before, after=field.after)
        yield Row(_object(item.object, texts), note=change, signs=_signs(field.lines))


def _signs(lines: Iterable[str]) -> tuple[tuple[str, str], ...]:
    return tuple((line[:1], cut(line[2:], 400) if line[2:].strip() else "") for line in lines)
