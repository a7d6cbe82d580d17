"""The handover: how the account works, for whoever looks after it next. Inventory, each automation in words, what to watch out for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import msgspec
from markupsafe import Markup

from ckaudit.graph.misspelt import references_in
from ckaudit.model.automations import Automation, Origin
from ckaudit.model.findings import Severity
from ckaudit.model.result import Result, Role
from ckaudit.model.roles import ROLE_WORDS
from ckaudit.render.client import for_client
from ckaudit.render.draw.chart import make_chart
from ckaudit.render.draw.outline import Line, outline
from ckaudit.render.markdown import md
from ckaudit.render.options import DEFAULT_OPTIONS, RenderOptions
from ckaudit.render.page import page_environment, page_policy, page_style
from ckaudit.render.plain import count, cut
from ckaudit.render.readers import for_readers
from ckaudit.render.vocabulary import KINDS_IN_PLURAL, format_date, kind_name

MAX_NAME = 160
MAX_WATCH = 40
SOURCE = "Kit shows its automations to no program. What stands here was described by hand or seen in people's timestamps."
NO_SOURCE = "Kit shows its automations to no program, and nobody has described them yet. What they do is not in this document."
MAX_NOTE = 600


class Offering(msgspec.Struct, frozen=True):
    """What is sold: its tags and sequences by what they are for, and the automations that touch it, by name."""

    name: str
    parts: tuple[tuple[str, str], ...]
    automations: tuple[str, ...]


class Described(msgspec.Struct, frozen=True):
    """An automation in words."""

    name: str
    status: str
    note: str
    lines: tuple[Line, ...]


class Handover(msgspec.Struct, frozen=True):
    """The whole document."""

    account: str
    date: str
    counts: tuple[str, ...]
    offerings: tuple[Offering, ...]
    automations: tuple[Described, ...]
    source: str
    watch: tuple[str, ...]
    more: int


def make_handover(result: Result, options: RenderOptions = DEFAULT_OPTIONS) -> Handover:
    """What the document says, in the owner's words."""
    told = for_client(for_readers(result, options))
    kinds = [item.object.kind for item in told.inventory]
    watch = [
        f"{cut(finding.title, MAX_NAME)}: {kind_name(finding.object.kind).lower()} “{cut(finding.object.name, MAX_NAME)}”"
        for finding in told.findings
        if finding.severity is not Severity.INFO
    ]
    return Handover(
        account=cut(told.account.name, 120) or "Kit account",
        date=format_date(told.generated_at),
        counts=tuple(count(kinds.count(kind), kind, KINDS_IN_PLURAL.get(kind, "").lower()) for kind in dict.fromkeys(kinds)),
        offerings=tuple(_offerings(told)),
        automations=tuple(_described(automation) for automation in told.automations),
        source=SOURCE if told.automations else NO_SOURCE,
        watch=tuple(watch[:MAX_WATCH]),
        more=max(0, len(watch) - MAX_WATCH),
    )


def _offerings(result: Result) -> Iterable[Offering]:
    """Those that somebody stated. What is guessed about them is said to be, and a tag that several share connects no automation to one."""
    touched = {automation.name: _named_in(automation) for automation in result.automations}
    shared = Counter((role.object.kind, role.object.id, role.object.name) for role in set(_plain(result)))
    for name in dict.fromkeys(role.offering for role in result.roles if role.offering and role.origin == "declared"):
        ours = [role for role in result.roles if role.offering == name]
        parts = tuple(dict.fromkeys((_what(role), cut(role.object.name, MAX_NAME)) for role in ours))
        own = {(item.object.kind, item.object.name) for item in ours if shared[item.object.kind, item.object.id, item.object.name] == 1}
        touching = tuple(cut(title, MAX_NAME) for title, named in touched.items() if not own.isdisjoint(named))
        yield Offering(cut(name, MAX_NAME), parts, touching)


def _plain(result: Result) -> Iterable[Role]:
    """Each object of each offering once, whatever it is taken for."""
    return (msgspec.structs.replace(role, role="", origin="", reason="") for role in result.roles)


def _what(role: Role) -> str:
    what = ROLE_WORDS.get(role.role) or role.role
    return what if role.origin == "declared" else f"{what}, as its name or its webhook suggests"


def _named_in(automation: Automation) -> frozenset[tuple[str, str]]:
    """The objects that an automation names in its entries and steps."""
    return frozenset((str(ref.kind), ref.name) for ref in references_in((automation.entries, automation.steps)))


def _described(automation: Automation) -> Described:
    status = "seen in timestamps, on no list" if automation.origin is Origin.OBSERVED else str(automation.status)
    return Described(cut(automation.name, MAX_NAME), status, automation.note, outline(make_chart(automation)))


def render_handover(result: Result, options: RenderOptions = DEFAULT_OPTIONS) -> str:
    """The document as Markdown."""
    made = make_handover(result, options)
    parts = [f"# How the Kit account of {md(made.account)} works", "", f"As of {made.date}: {', '.join(made.counts) or 'nothing'}.", ""]
    parts += [made.source]
    if made.offerings:
        parts += ["", "## What is sold", ""]
    for offering in made.offerings:
        parts += [f"### {md(offering.name)}", ""]
        parts += [f"- {md(name)}: the {md(what)}" for what, name in offering.parts]
        if offering.automations:
            parts.append(f"- Automations that touch it: {', '.join(map(md, offering.automations))}")
        parts.append("")
    if made.automations:
        parts += ["", f"## {count(len(made.automations), 'automation')}, step by step", ""]
    for item in made.automations:
        parts += [f"### {md(item.name)} ({md(item.status)})", ""]
        parts += [md(item.note, MAX_NOTE), ""] if item.note else []
        parts += [*_markdown_lines(item.lines, 0), ""]
    if made.watch:
        parts += ["## What to watch out for", "", *(f"- {md(line)}" for line in made.watch)]
        if made.more:
            parts.append(f"- and {made.more:,} more: they are in the report")
    return "\n".join(parts).rstrip() + "\n"


def _markdown_lines(lines: Sequence[Line], depth: int) -> Iterable[str]:
    for number, line in enumerate(lines, 1):
        yield f"{'   ' * depth}{number}. {md(line.text)}"
        yield from _markdown_lines(line.below, depth + 1)


def render_handover_html(result: Result, options: RenderOptions = DEFAULT_OPTIONS) -> str:
    """The document as one page, without a script."""
    made = make_handover(result, options)
    style = page_style(options.branding, made.account)
    return (
        page_environment()
        .get_template("handover.html.j2")
        .render(
            handover=made,
            brand=cut(options.branding.name, 120),
            policy=page_policy(style),
            style=Markup(style),  # noqa: S704  our own file, with colours that were checked
        )
    )
