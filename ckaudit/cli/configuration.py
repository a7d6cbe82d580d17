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
        help="The configuration. Default: the nearest ckaudit.toml, or [tool.ckaudit] of pyproject.toml, from here upwards.",
    )(function)


def open_config(options: Mapping[str, Any], terminal: Terminal) -> Config:
    """The configuration that was named, or the nearest one; an empty one when there is none. The demo has none unless it is named.

    Raises:
        ConfigError: it cannot be read, or is invalid.
    """
    path: Path | None = options["config"]
    if path is None and not options.get("demo"):
        path = find_config(Path.cwd())
        if path is not None:
            path = path.relative_to(Path.cwd()) if path.parent == Path.cwd() else path
            terminal.note(f"Configuration: {path}")
            if terminal.verbosity > 0 and (other := passed_over(path)):
                terminal.note(f"{other} has a table [tool.ckaudit], too. It does not count beside {path}.")
    return read_config(path, named=options["config"] is not None) if path else Config()


def configured_rules(config: Config, options: Mapping[str, Any]) -> tuple[LoadedRule, ...]:
    """The built-in rules, those of the folders the options or else the configuration name, and the configuration's policies."""
    folders = options["folders"] or rule_folders(config, named=options["config"] is not None)
    return (*load_rules((rules_folder(), *folders)), *policy_rules(config))
