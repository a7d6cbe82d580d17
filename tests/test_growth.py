"""Accounts made to take long: twice the account takes about twice as long, four times where the connections quadruple.

``make bench`` measures the same accounts in larger sizes. Here the sizes are small and the bound is the one for quadrupling: what was found
and mended took eight to thirteen times as long.
"""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from bench.growth import DENSE, SHAPES
from ckaudit.audit import AuditRequest, run_audit


def seconds(name: str, size: int, folder: Path) -> float:
    path = folder / "automations.yaml"
    path.write_text(SHAPES[name].manifest(size), encoding="utf-8")
    account = SHAPES[name].account(size)
    begun = time.process_time()
    run_audit(AuditRequest(source=account, manifests=(path,)))
    return time.process_time() - begun


@pytest.mark.parametrize(
    ("name", "size"),
    [("full", 20), ("same tag", 30), ("starts", 50), ("rules", 200), ("offerings", 60), ("independent", 300), ("misspelt", 200)],
)
def test_twice_the_account_takes_at_most_as_long_as_its_connections_are_more(name: str, size: int, tmp_path: Path) -> None:
    seconds("ring", 3, tmp_path)  # what is loaded once
    half, whole = (min(seconds(name, count, tmp_path) for _ in range(2)) for count in (size, 2 * size))
    assert whole <= DENSE * half + 0.5, f"{half:.2f} s, then {whole:.2f} s"
