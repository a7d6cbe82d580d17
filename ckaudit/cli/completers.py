"""What could follow, for a shell that asks: rules, stacks, and the objects of the account that lies here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import click
from click.shell_completion import CompletionItem

from ckaudit.model.errors import CkauditError


def rules(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Codes, and names where somebody began to type one, with what the rule finds."""
    from ckaudit.engine.load import load_rules
    from ckaudit.resources import rules_folder

    found = []
    for loaded in load_rules((rules_folder(),)):
        found += [(loaded.rule.code, loaded.rule.title), *([(loaded.rule.name, loaded.rule.title)] if incomplete else [])]
    return _beginning(incomplete, found)


def rules_and_themes(context: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The same for lists with commas, and themes."""
    from ckaudit.model.rules import Theme

    done, comma, last = incomplete.rpartition(",")
    themes = _beginning(last, [(str(theme), "a theme") for theme in Theme])
    return [CompletionItem(f"{done}{comma}{item.value}", help=item.help) for item in (*themes, *rules(context, param, last))]


def stacks(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The membership sites that are known."""
    from ckaudit.sources.stacks import read_stacks

    return _beginning(incomplete, [(name, stack.title) for name, stack in read_stacks().items()])


def objects(context: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """``kind:id`` of the objects in ``--snapshot``, or in the account that lies here; nothing when there is none."""
    from ckaudit.graph.find_object import objects_of
    from ckaudit.render.plain import cut
    from ckaudit.sources.snapshot import read_snapshot

    place = context.params.get("snapshot") or Path("account.json")
    try:
        known = objects_of(read_snapshot(place), None) if Path(place).exists() else ()
    except CkauditError:
        return []
    return _beginning(incomplete, [(f"{item.kind}:{item.id}", cut(item.name)) for item in known if item.id is not None])


def _beginning(incomplete: str, words: Iterable[tuple[str, str]]) -> list[CompletionItem]:
    def found() -> Iterator[CompletionItem]:
        for word, text in words:
            if word.lower().startswith(incomplete.lower()):
                yield CompletionItem(word, help=text)

    return list(found())
