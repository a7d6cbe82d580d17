"""The words of CONTRIBUTING's glossary: the worst of those we do not use stay out of code, documents, templates and keys."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PLACES = ("ckaudit", "rules", "reports", "docs", "README.md", "SECURITY.md", "action.yml")
ENDINGS = {".py", ".md", ".j2", ".toml", ".yaml", ".yml", ".js", ".css"}
NOT_OURS = {
    "an email with a hyphen": r"\be-mail",
    "a timestamp in two words": r"\btime[ -]stamp",
    "outside writer": r"\boutside writers?\b",
    "loudness": r"loudness",
    "station": r"\bstations?\b",
    "happening": r"\bhappenings?\b",
    "forever in two words": r"\bfor[ _-]ever\b",
    "limits by other names": r"\b_?(MOST|LONGEST|LARGEST|FEWEST|LEAST)_[A-Z]",
    "keys that changed": r"\"(counted|also)\"",
}


def texts() -> Iterator[tuple[Path, str]]:
    for place in PLACES:
        path = ROOT / place
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.suffix in ENDINGS and "__pycache__" not in file.parts:
                yield file.relative_to(ROOT), file.read_text(encoding="utf-8")


@pytest.mark.parametrize("word", NOT_OURS)
def test_a_word_that_is_not_ours_is_nowhere(word: str) -> None:
    pattern = re.compile(NOT_OURS[word])
    assert [f"{file}: {match[0]}" for file, text in texts() if (match := pattern.search(text))] == []
