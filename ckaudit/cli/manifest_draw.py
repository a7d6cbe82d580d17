"""``ckaudit manifest draw``: the automations of a manifest as flow charts."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ckaudit.cli.configuration import configuration, open_config
from ckaudit.cli.inputs import named_manifests
from ckaudit.cli.options import verbosity
from ckaudit.cli.terminal import Outcome, Terminal, write_bytes
from ckaudit.model.errors import ExitStatus, UsageError
from ckaudit.model.nearest import did_you_mean
from ckaudit.render.draw.mermaid import draw_mermaid
from ckaudit.render.draw.svg import draw_svg
from ckaudit.render.plain import cut
from ckaudit.sources.manifest import read_manifests
from ckaudit.sources.manifest.places import slug
from ckaudit.sources.snapshot import read_snapshot
from ckaudit.sources.stacks import read_stacks

if TYPE_CHECKING:
    from ckaudit.model.automations import Automation

SUFFIXES = {"svg": ".svg", "mermaid": ".mmd"}


@click.command("draw")
@click.argument("paths", type=click.Path(path_type=Path), nargs=-1)
@click.option("--snapshot", type=click.Path(path_type=Path), metavar="DIR", help="Take names and ids from this snapshot.")
@click.option("--automation", "name", metavar="NAME", help="Only this one: its name or its id.")
@click.option("--format", "form", type=click.Choice(list(SUFFIXES)), default="mermaid", help="What to draw (default: mermaid).")
@click.option("-o", "folder", type=click.Path(path_type=Path), metavar="DIR", help="One file for each automation in this folder.")
@configuration
@verbosity
@click.pass_context
def draw(context: click.Context, /, **options: Any) -> Outcome:
    """Draw automations as flow charts, as SVG or Mermaid text. Without PATHS: those of the configuration, else
    automations.yaml and automations/*.yaml.

    \b
    Examples:
      ckaudit manifest draw automations.yaml --automation "Course A - release" --format svg > release.svg
      ckaudit manifest draw --snapshot my-account --format svg -o drawings
    """
    terminal: Terminal = context.obj
    chosen = _chosen(_automations(options, terminal), options["name"])
    form, folder = options["form"], options["folder"]
    if folder is None:
        if form == "svg" and len(chosen) != 1:
            raise UsageError(f"{len(chosen)} automations do not fit into one SVG", hint="Name one with --automation, or a folder with -o.")
        return Outcome("\n".join(_drawn(automation, form) for automation in chosen), ExitStatus.CLEAN)
    for number, automation in enumerate(chosen, 1):
        path = folder / f"{number:02}-{slug(automation.name)}{SUFFIXES[form]}"
        write_bytes(path, _drawn(automation, form).encode("utf-8", "replace"))
        terminal.note(f"Written: {path}")
    return Outcome("", ExitStatus.CLEAN)


def _automations(options: Mapping[str, Any], terminal: Terminal) -> tuple[Automation, ...]:
    snapshot: Path | None = options["snapshot"]
    files = named_manifests(options["paths"], snapshot, open_config(options, terminal), terminal)
    if not files:
        raise UsageError("there is no manifest here", hint="Name the file: `ckaudit manifest draw FILE`.")
    automations = read_manifests(files, read_snapshot(snapshot) if snapshot else None, read_stacks()).automations
    if not automations:
        raise UsageError("the manifest lists no automations", hint="Add them under “automations:”.")
    return automations


def _chosen(automations: tuple[Automation, ...], name: str | None) -> tuple[Automation, ...]:
    if name is None:
        return automations
    found = tuple(item for item in automations if name in (item.name, str(item.id)))
    if not found:
        raise UsageError(f"there is no automation “{name}”", hint=did_you_mean(name, [item.name for item in automations]))
    return found


def _drawn(automation: Automation, form: str) -> str:
    if form == "svg":
        return _with_newline(draw_svg(automation))

    return f"%% {cut(automation.name, 200)}\n{_with_newline(draw_mermaid(automation))}"


def _with_newline(text: str) -> str:
    return text if text.endswith("\n") else f"{text}\n"
