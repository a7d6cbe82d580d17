"""The configuration file as commands use it: found, read, and below what the command line says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click
from click.core import ParameterSource

from ckaudit.cli.terminal import Terminal
from ckaudit.model.branding import Branding
from ckaudit.model.config import Config

F = TypeVar("F", bound=Callable[..., object])


def configuration(function: F) -> F:
    """``--config``."""
    return click.option(
        "--config",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="The configuration. Default: the nearest ckaudit.toml, or [tool.ckaudit] of pyproject.toml, from here upwards.",
    )(function)


def open_config(options: Mapping[str, Any], terminal: Terminal) -> Config:
    """The configuration that was named, or the nearest one; an empty one when there is none. The demo has none unless it is named.

    Raises:
        ConfigError: it cannot be read, or is invalid.
    """
    from ckaudit.sources.config import find_config, read_config

    path: Path | None = options["config"]
    if path is None and not options.get("demo"):
        path = find_config(Path.cwd())
        if path is not None:
            path = path.relative_to(Path.cwd()) if path.parent == Path.cwd() else path
            terminal.note(f"Configuration: {path}")
    return read_config(path) if path else Config()


def chosen_options(context: click.Context, config: Config, options: Mapping[str, Any]) -> dict[str, Any]:
    """The options of a command; where the command line is silent, the configuration speaks."""
    file, folder = config.file, config.path.parent if config.path else Path()
    configured: dict[str, Any] = {
        "manifests": tuple(folder / name for name in file.manifest),
        "folders": tuple(folder / name for name in file.rules),
        "stack": file.stack,
        "select": file.select,
        "ignore": file.ignore,
        "min_severity": file.min_severity,
        "min_confidence": file.min_confidence,
        "fail_on": file.fail_on,
    }
    silent = (ParameterSource.DEFAULT, ParameterSource.DEFAULT_MAP, None)
    return dict(options) | {name: value for name, value in configured.items() if value and context.get_parameter_source(name) in silent}


def branding_of(config: Config) -> Branding:
    """Whose report it is. Raises ConfigError for a logo or a colour that cannot be used."""
    from ckaudit.render.branding import make_branding
    from ckaudit.sources.config import read_logo_file

    return make_branding(config.file.report, read_logo_file(config), lambda key: config.place("report", key))
