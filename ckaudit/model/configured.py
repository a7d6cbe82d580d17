"""What a configuration or a command line changed about an audit, for whoever reads its result."""

from __future__ import annotations

import msgspec


class Configured(msgspec.Struct, frozen=True):
    """``by`` names what says so: the configuration file, “the command line”, or both.

    ``ignored`` are the rules that were left out by their names, ``not_selected`` counts those that nobody asked for. ``severities`` maps
    rules to their severity before and now (``["error", "info"]``), ``options`` are the rules whose options were set. ``min_severity``
    and ``min_confidence`` are empty when everything is shown. ``suppressions`` counts the entries that accept findings; with
    ``suppressions_off`` none of them counted.
    """

    by: str = ""
    ignored: tuple[str, ...] = ()
    not_selected: int = 0
    severities: dict[str, tuple[str, str]] = {}
    options: tuple[str, ...] = ()
    min_severity: str = ""
    min_confidence: str = ""
    suppressions: int = 0
    suppressions_off: bool = False
