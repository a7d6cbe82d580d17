"""The measurements of mining run: a small account gives a line of figures."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bench.evidence import COLUMNS, NOT_FITTED, cost, fit_jobs, judge, tiled
from tests.evidence.judge import FAMILIES
from tests.evidence.simulator import PROFILES, simulate


def test_what_mining_costs_is_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    events = tiled([simulate(1, replace(PROFILES["plain"], people=(150, 200)))], 3_000, 136)
    np.savez(tmp_path / "events.npz", **{name: getattr(events, name) for name in COLUMNS})
    cost(str(tmp_path / "events.npz"))
    assert "x lexsort" in capsys.readouterr().out


def test_links_can_be_judged_for_the_fit() -> None:
    family, (_, profiles) = next(iter(FAMILIES.items()))
    assert judge((family, profiles[0], 100, False))


def test_the_confidence_is_fitted_on_every_family_but_the_one_it_is_checked_on() -> None:
    jobs = fit_jobs()
    assert {family for family, *_ in jobs} == FAMILIES.keys() - set(NOT_FITTED)
    assert NOT_FITTED
    assert len(set(jobs)) == len(jobs)
