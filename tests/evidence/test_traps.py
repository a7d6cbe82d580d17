"""What deceives, one thing at a time: the links that are there are found, and nothing else is said to be one.

Each account has one automation beside the trap, so that its habits can be learnt: a tag puts people into a sequence within seconds.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ckaudit.evidence.mine import mined
from ckaudit.model.links import Mined, Why
from tests.evidence import traps
from tests.evidence.judge import ends, judge
from tests.evidence.traps import LEAD, SEQUENCE, SERIES, Setting, quiet, sprung
from tests.evidence.truth import World


def with_trap(trap: Callable[[Setting], None], seed: int) -> World:
    return sprung(quiet(seed), seed, trap)


def found(world: World) -> Mined:
    return mined(world.events, now=world.now)


@pytest.mark.parametrize(
    "trap",
    [
        traps.sibling_between,
        traps.two_effects_in_a_row,
        traps.far_behind,
        traps.bulk_starts_automation,
        traps.double_opt_in,
        traps.one_tag_for_all_products,
    ],
    ids=lambda trap: trap.__name__,
)
def test_links_with_anything_in_between_are_found(trap: Callable[[Setting], None]) -> None:
    for seed in range(3):
        world = with_trap(trap, seed)
        tally = judge(world, found(world).links)
        assert (tally.missed, tally.wrong) == (0, 0), (seed, tally)


@pytest.mark.parametrize(
    "trap",
    [traps.nightly_job, traps.forms_by_hand, traps.script_twice, traps.click_in_a_mail, traps.webinar_date, traps.bought_after_all],
    ids=lambda trap: trap.__name__,
)
def test_what_no_automation_did_is_no_link(trap: Callable[[Setting], None]) -> None:
    for seed in range(3):
        world = with_trap(trap, seed)
        tally = judge(world, found(world).links)
        assert (tally.missed, tally.wrong) == (0, 0), (seed, tally)


def test_the_trigger_of_a_branch_is_named_and_not_the_tag_that_decides() -> None:
    for seed in range(3):
        world = with_trap(traps.branch_by_a_tag, seed)
        said = {ends(link) for link in found(world).links}
        assert {pair for pair in said if pair[1][0] == SEQUENCE} == world.causal().keys()


def test_a_shop_that_writes_two_tags_at_once_is_named_as_one_writer() -> None:
    def two_tags(at: Setting) -> None:
        one, other, who = at.new(), at.new(), at.some(300, 301)
        when = at.write(one, who, at.later(who))
        at.write(other, who, when + (at.rng.random(len(who)) < 0.2))

    result = found(with_trap(two_tags, 1))
    assert {ends(link) for link in result.links} == {(LEAD, SERIES)}
    assert [look.why for look in result.look_linked] == [Why.SAME_WRITER]


def test_what_has_people_and_no_cause_is_listed_with_what_the_times_say() -> None:
    world = with_trap(traps.webinar_date, 2)
    listed = {item.object.id: item.why for item in found(world).without_cause}
    assert LEAD[1] in listed
    assert Why.ONE_EVENT in listed.values()
    assert SERIES[1] not in listed
