"""The fixed texts of reports in one language: ``reports/texts.<language>.toml``."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from ckaudit.model.errors import ConfigError
from ckaudit.render.plain import cut
from ckaudit.resources import reports_folder

DEFAULT_LANGUAGE = "en"


class Texts:
    """Look-up of fixed texts by dotted key; ``{name}`` in a text is filled from the call."""

    def __init__(self, language: str, table: Mapping[str, str]) -> None:
        self.language = language
        self._table = table

    def __call__(self, key: str, **values: object) -> str:
        """The text. Raises KeyError for a key that the catalogue does not have: a bug, a test finds it."""
        return self._table[key].format(**values) if values else self._table[key]

    def count(self, key: str, number: int, **values: object) -> str:
        """A text with a number in it: ``key.one`` for exactly one, ``key.many`` else."""
        return self(f"{key}.{'one' if number == 1 else 'many'}", n=f"{number:,}", **values)

    def __contains__(self, key: str) -> bool:
        return key in self._table

    def keys(self) -> frozenset[str]:
        """Every key there is."""
        return frozenset(self._table)


@lru_cache(maxsize=8)
def load_texts(language: str = DEFAULT_LANGUAGE) -> Texts:
    """The catalogue of a language. Raises ConfigError when there is none, naming the ones that exist."""
    files = {path.name.split(".")[1]: path for path in sorted(reports_folder().glob("texts.*.toml"))}
    if language not in files:
        raise ConfigError(f"reports do not come in the language “{language}”", hint=f"There are: {', '.join(files)}.")
    return Texts(language, dict(_flat("", tomllib.loads(files[language].read_text(encoding="utf-8")))))


def date_words(timestamp: str, texts: Texts) -> str:
    """``2026-11-20T09:30:00Z`` as ``20 November 2026``; as it is when it is no time."""
    try:
        moment = dt.datetime.fromisoformat(timestamp)
    except ValueError:
        return cut(timestamp, 40)
    return texts("date.form", day=moment.day, month=texts(f"date.m{moment.month}"), year=moment.year)


def _flat(prefix: str, table: Mapping[str, Any]) -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    for key, value in table.items():
        pairs += _flat(f"{prefix}{key}.", value) if isinstance(value, dict) else [(f"{prefix}{key}", value)]
    return pairs
