"""Lists of names in sentences."""

from __future__ import annotations

import pytest

from ckaudit.graph.words import name_list


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, ""), (1, "“A”"), (2, "“A” and “B”"), (3, "“A”, “B” and “C”"), (4, "“A”, “B”, “C” and 1 more"), (5, "“A”, “B”, “C” and 2 more")],
)
def test_a_list_of_names_reads_as_a_sentence_and_is_cut_short(count: int, text: str) -> None:
    assert name_list("ABCDE"[:count]) == text
