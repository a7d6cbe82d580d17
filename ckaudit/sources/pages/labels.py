"""``labels.toml``: what the words on Kit's pages mean, as people answered it once.

[labels]
"zorp" = "add_tag"
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec

from ckaudit.model.errors import ConfigError, Location
from ckaudit.sources.config_text import toml_text
from ckaudit.sources.files import write_atomically
from ckaudit.sources.pages.paste import Meaning, plain
from ckaudit.sources.toml_file import read_toml, toml_problems

LABELS_FILE = "labels.toml"
_HEAD = """\
# What words on Kit's pages mean: answers to `ckaudit manifest paste`. {{}} stands for the name or the delay in them.
# One of: {meanings}

[labels]
"""


class _File(msgspec.Struct, frozen=True):
    labels: dict[str, Meaning] = {}


def read_labels(path: Path) -> dict[str, str]:
    """The answers of a file; none where there is no file.

    Raises:
        ConfigError: it cannot be read, or a word of it is none of ``Meaning``; says where.
    """
    if not path.exists():
        return {}
    data, places = read_toml(path, "It is made by `ckaudit manifest paste`.")
    problems = tuple(toml_problems(data, _File, lambda *at: places.get(at, Location(str(path)))))
    if problems:
        raise ConfigError("the labels are not right", problems=problems)
    return {plain(label): str(meaning) for label, meaning in msgspec.convert(data, _File).labels.items()}


def write_labels(path: Path, labels: Mapping[str, str]) -> None:
    """Write all answers, in the order of the words. Raises OutputError."""
    lines = [f"{toml_text(label)} = {toml_text(meaning)}" for label, meaning in sorted(labels.items())]
    head = _HEAD.format(meanings=", ".join(Meaning))
    write_atomically(path, (head + "".join(f"{line}\n" for line in lines)).encode())
