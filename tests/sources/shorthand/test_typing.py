"""How much is typed: the demo's automations in an account with hundreds of names like theirs."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from ckaudit.model.account import Account, Sequence, Tag
from ckaudit.model.refs import Kind
from ckaudit.sources.manifest import read_manifests
from ckaudit.sources.shorthand import Names, read, write
from ckaudit.sources.snapshot import read_snapshot

DEMO = Path(__file__).parents[3] / "examples" / "demo"
BOUND = 6.5
WORDS = (
    "Open Deep Bright Quiet Wild First Northern Golden Slow Paper",
    "Harbour Garden Letters Colour Voice Circle Studio Light Table Kitchen",
)
PARTS = [
    "purchased", "access", "refunded", "module 1", "module 2", "module 3", "module 4", "finished", "waitlist", "cancelled",
    "payment failed", "revoke access", "invited", "welcome", "reminders", "launch", "registered", "replay",
]  # fmt: skip
DETAIL = re.compile(r"(id|status|notes?|waiting|recurring|evergreen): ")


def crowded(seed: int) -> Account:
    """The demo's account with 600 tags and 220 sequences, named as people name them: by course and purpose."""
    account, dice = read_snapshot(DEMO), random.Random(seed)
    first, second = (words.split() for words in WORDS)
    names = [f"{one} {two}: {part}" for one in first for two in second for part in PARTS]
    dice.shuffle(names)
    tags = [Tag(10**6 + number, name) for number, name in enumerate(names[: 600 - len(account.tags)])]
    sequences = [Sequence(10**7 + number, name) for number, name in enumerate(names[900 : 1120 - len(account.sequences)])]
    return msgspec.structs.replace(account, tags=(*account.tags, *tags), sequences=(*account.sequences, *sequences))


def keystrokes(account: Account) -> tuple[int, int]:
    """Keys pressed for the demo's automations, Enter and indentation too, and how many steps and entries they have."""
    automations = read_manifests([DEMO / "automations.yaml"], account).automations
    names = Names(account, [(item.id, item.name) for item in automations])
    texts = [write(item, names, short=True) for item in automations]
    assert [read(text, names).problems for text in texts] == [()] * len(texts)
    lines = [line for text in texts for line in text.splitlines() if line[0] != "*" and not DETAIL.match(line.strip())]
    return sum(len(line) + 1 for line in lines), sum(line.strip() != "|" for line in lines)


@pytest.mark.parametrize("seed", range(4))
def test_a_step_takes_six_keystrokes(seed: int) -> None:
    account = crowded(seed)
    assert (len(account.tags), len(account.sequences)) == (600, 220)
    keys, steps = keystrokes(account)
    assert keys / steps <= BOUND


def fastest(task: Callable[[], object]) -> float:
    """Seconds of computing, the least of three."""
    found = []
    for _ in range(3):
        begin = time.process_time()
        task()
        found.append(time.process_time() - begin)
    return max(min(found), 0.002)


def look_up(many: int) -> None:
    """A hundred fragments in an account of so many tags."""
    names = Names(msgspec.structs.replace(read_snapshot(DEMO), tags=tuple(Tag(n, f"Course {n % 977}: part {n}") for n in range(1, many))))
    for number in range(1, many, many // 100):
        names.find(Kind.TAG, f"part {number}")


def test_a_fragment_is_found_in_an_account_of_any_size() -> None:
    """Ten times as many names cost about ten times as much, not a hundred times."""
    assert fastest(lambda: look_up(20_000)) < 40 * fastest(lambda: look_up(2_000))


def test_reading_costs_grow_with_the_text_alone() -> None:
    line = "? VIP\n  + Customer\n|\n  = Welcome\n"
    assert fastest(lambda: read("* A\n" + line * 3_000)) < 40 * fastest(lambda: read("* A\n" + line * 300))
