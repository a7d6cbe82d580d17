"""The configuration file as commands use it: found, read, and below what the command line says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ckaudit.cli.terminal import Terminal
from ckaudit.engine.load import load_rules
from ckaudit.engine.policy import policy_rules
from ckaudit.model.config import Config
from ckaudit.resources import rules_folder
from ckaudit.sources.config import find_config, passed_over, read_config, rule_folders
from ckaudit.sources.manifest.places import short_path

if TYPE_CHECKING:
    from ckaudit.engine.load import LoadedRule

F = TypeVar("F", bound=Callable[..., object])


def configuration(function: F) -> F:
    """``--config``."""
    return click.option(
        "--config",
        type=click.Path(path_type=Path),
        envvar="CKAUDIT_CONFIG",
        metavar="FILE",
        help="The configuration. Default: the nearest ckaudit.toml or [tool.ckaudit] to the snapshot, else from here upwards.",
    )(function)


def open_config(options: Mapping[str, Any], terminal: Terminal) -> Config:
    """The configuration that was named, or the nearest one to the account; an empty one when there is none. Says which one it is.
    The demo has none unless it is named.

    Raises:
        ConfigError: it cannot be read, or is invalid.
    """
    named: Path | None = options["config"]
    if named is not None or options.get("demo"):
        return read_config(named) if named else Config()
    path = find_config(Path.cwd(), folders_of(options))
    if path is None:
        return Config()
    path = short_path(path)
    terminal.note(f"Configuration: {path}{_not_used(path)}")
    if terminal.verbosity > 0 and (other := passed_over(path)):
        terminal.note(f"{other} has a table [tool.ckaudit], too. It does not count beside {path}.")
    return read_config(path, named=False)


def folders_of(options: Mapping[str, Any]) -> tuple[Path, ...]:
    """The folders of the snapshot and the manifests that a command names, where a configuration may lie."""
    account = [options.get("snapshot") or options.get("save")]
    paths = [path for path in (*account, *options.get("manifests", ()), *options.get("paths", ())) if path is not None]
    return tuple(dict.fromkeys(path if path.is_dir() else path.parent for path in paths))


def _not_used(path: Path) -> str:
    """What to add when the configuration that counts elsewhere does not count for this account."""
    other = find_config(Path.cwd())
    return f" ({short_path(other)} does not count for this account)" if other and short_path(other) != path else ""


def configured_rules(config: Config, options: Mapping[str, Any]) -> tuple[LoadedRule, ...]:
    """The built-in rules, those of the folders the options or else the configuration name, and the configuration's policies."""
    folders = options["folders"] or rule_folders(config, named=options["config"] is not None)
    return (*load_rules((rules_folder(), *folders)), *policy_rules(config))
