"""The configuration file as commands use it: found, read, and below what the command line says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.core import ParameterSource

from ckaudit.cli.terminal import Terminal
from ckaudit.model.branding import Branding
from ckaudit.model.config import Config
from ckaudit.model.errors import ConfigError, Location

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
    from ckaudit.sources.config import find_config, passed_over, read_config

    path: Path | None = options["config"]
    if path is None and not options.get("demo"):
        path = find_config(Path.cwd())
        if path is not None:
            path = path.relative_to(Path.cwd()) if path.parent == Path.cwd() else path
            terminal.note(f"Configuration: {path}")
            if terminal.verbosity > 0 and (other := passed_over(path)):
                terminal.note(f"{other} has a table [tool.ckaudit], too. It does not count beside {path}.")
    return read_config(path) if path else Config()


def chosen_options(context: click.Context, config: Config, options: Mapping[str, Any], *, missing: bool = False) -> dict[str, Any]:
    """The options of a command; where the command line is silent, the configuration speaks. ``config_folder`` is where it lies.
    ``missing``: manifests that are not there yet are left out.

    Raises:
        ConfigError: what it says for this command names a file, a folder or a stack that is not there, or rules that it may not run.
    """
    from ckaudit.sources.config import rule_folders

    file, folder = config.file, config.path.parent if config.path else Path()
    configured: dict[str, Any] = {
        "manifests": tuple(folder / name for name in file.manifest if not missing or (folder / name).exists()),
        "stack": file.stack,
        "select": file.select,
        "ignore": file.ignore,
        "min_severity": file.min_severity,
        "min_confidence": file.min_confidence,
        "fail_on": file.fail_on,
    }
    silent = (ParameterSource.DEFAULT, ParameterSource.DEFAULT_MAP)
    if context.get_parameter_source("folders") in silent:
        configured["folders"] = rule_folders(config, named=options["config"] is not None)
    used = {name: value for name, value in configured.items() if value and context.get_parameter_source(name) in silent}
    _check_paths(config, used)
    _check_stack(config, used)
    return dict(options) | used | {"config_folder": folder if config.path else None, "test_tags": file.test_tags}


def configured_rules(context: click.Context, options: Mapping[str, Any]) -> tuple[LoadedRule, ...]:
    """The built-in rules, those of folders, and those of the configuration."""
    from ckaudit.engine.load import load_rules
    from ckaudit.engine.policy import policy_rules
    from ckaudit.resources import rules_folder

    config = open_config(options, context.find_root().obj)
    folders = chosen_options(context, config, options)["folders"]
    return (*load_rules((rules_folder(), *folders)), *policy_rules(config))


def _check_paths(config: Config, used: Mapping[str, Any]) -> None:
    for option, key, what in (("manifests", "manifest", "file"), ("folders", "rules", "file or folder")):
        for number, path in enumerate(used.get(option, ())):
            if not path.exists():
                hint = "Paths are seen from the configuration's folder."
                raise ConfigError(f"there is no {what} {path}", hint=hint, location=config.place(key, number))


def _check_stack(config: Config, used: Mapping[str, Any]) -> None:
    from ckaudit.model.nearest import did_you_mean
    from ckaudit.sources.stacks import read_stacks

    name = used.get("stack")
    if name and name not in (stacks := read_stacks()):
        raise ConfigError(f"there is no stack “{name}”", hint=did_you_mean(name, stacks), location=config.place("stack"))


def branding_of(config: Config) -> Branding:
    """Whose report it is. Raises ConfigError for a logo or a colour that cannot be used."""
    from ckaudit.render.branding import make_branding
    from ckaudit.sources.config import read_logo_file

    def place(key: str) -> Location:
        return config.place("report", key)

    table = config.file.report
    folder = config.path.parent if config.path else Path()
    return make_branding(table, read_logo_file(table, folder, place("logo")), place)
