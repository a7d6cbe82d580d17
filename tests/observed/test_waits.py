"""How long people took between two links: as rules judge it, and as a draft writes it down."""

from __future__ import annotations

import shutil
from pathlib import Path

import msgspec
import pytest

from ckaudit.audit import AuditRequest, run_audit
from ckaudit.model.triggers import TriggerKind
from ckaudit.observed.chains import Durations, passed, waited
from ckaudit.resources import DEMO_CLOCK, demo_folder

WEEK = 7 * 86400
HELD = next(link for link in run_audit(AuditRequest(source=demo_folder(), now=DEMO_CLOCK)).result.links if link.source.kind == "sequence")
LINK = msgspec.structs.replace(HELD, delay_seconds=WEEK, delay_p10=WEEK - 7200, delay_p90=WEEK + 86400)
NUMBER = LINK.source.id
assert isinstance(NUMBER, int)


@pytest.mark.parametrize(
    ("durations", "judged", "drafted"),
    [
        (Durations({NUMBER: 0}, read=frozenset({NUMBER})), WEEK, WEEK),  # one email at once: the week is a delay
        (Durations({NUMBER: 0}), WEEK, 0),  # emails nobody read may have taken the week
        (Durations({NUMBER: 5 * 86400}), 2 * 86400, 2 * 86400),
        (Durations({NUMBER: WEEK}), 0, 0),
        (Durations({NUMBER: WEEK - 7200}), 7200, 0),  # the last email waits for its hour: no delay, but time passed
    ],
)
def test_what_follows_a_sequence(durations: Durations, judged: int, drafted: int) -> None:
    assert passed(LINK, TriggerKind.TAG_ADDED, durations) == judged
    assert waited(LINK, TriggerKind.TAG_ADDED, durations) == drafted


def test_a_delay_that_scatters_is_time_for_rules_and_no_delay_of_a_draft() -> None:
    tag = msgspec.structs.replace(LINK.target, kind="tag", id=1)
    scattered = msgspec.structs.replace(LINK, source=tag, delay_p10=600, delay_p90=3 * WEEK)
    assert passed(scattered, TriggerKind.TAG_ADDED, Durations({})) == WEEK
    assert waited(scattered, TriggerKind.TAG_ADDED, Durations({})) == 0


def test_the_modules_of_the_demo_are_not_said_to_open_at_once_when_timestamps_alone_tell_of_them(tmp_path: Path) -> None:
    for name in ("account.json", "counts.json", "events.npz", "reading.json"):
        shutil.copy(demo_folder() / name, tmp_path)
    result = run_audit(AuditRequest(source=tmp_path, now=DEMO_CLOCK, select=("CK213",))).result
    assert result.automations
    assert [finding.message for finding in result.findings] == []
