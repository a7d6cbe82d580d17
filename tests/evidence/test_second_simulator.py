"""The second simulator is a judge, so it is judged first: what it calls true must follow from the timestamps it shows."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Callable

import numpy as np
import pytest

from ckaudit.model.events import Events, ObjectKind
from ckaudit.model.holders import PersonState
from tests.evidence.baselines import Pairs, dependency, histogram
from tests.evidence.second_account import DAY, Account, Add, Automation, Condition, Delay, Enrol, Exit, Goal, Mails, Obj, Remove, Rule, Step
from tests.evidence.second_run import Person, Run
from tests.evidence.second_simulator import PROFILES, World, look, simulate

START = 1_700_000_000
FORM, FIRST, SECOND, THIRD, COURSE = (0, 1), (1, 1), (1, 2), (1, 3), (2, 1)


def pairs(world: World) -> set[tuple[Obj, Obj]]:
    return set(world.truth)


def send(account: Account, *acts: tuple[int, Obj], keeps_last: bool = False, leaves: int = 10**12, trait: float = 0.2) -> World:
    """One person to whom the ``acts`` happen, seconds after the start. No jitter."""
    person = Person(7, leaves, True, (trait, trait, trait))
    run = Run(account, account.rng, lag=1e-9, stalls=0, keeps_last=keeps_last)
    for second, obj in acts:
        run.plan(START + second, run.outside, person, obj)
    run.go()
    return look([person], account.now)


def empty() -> Account:
    return Account(random.Random(1), START, START + 100 * DAY)


def one(*steps: Step) -> Account:
    """An account of one automation behind the form."""
    account = empty()
    account.mails[COURSE] = Mails([0, 1, 1])
    account.automations.append(Automation([FORM], list(steps)))
    return account


@pytest.mark.parametrize("profile", PROFILES)
def test_same_seed_gives_same_account(profile: str) -> None:
    first, again, other = simulate(profile, 4), simulate(profile, 4), simulate(profile, 5)
    for column in ("person", "kind", "id", "second", "state"):
        assert np.array_equal(getattr(first.events, column), getattr(again.events, column))
    assert first.direct().keys() == again.direct().keys()
    assert not np.array_equal(first.events.second, other.events.second)


@pytest.mark.parametrize("profile", PROFILES)
def test_every_visible_cause_has_a_timestamp_that_is_not_later(profile: str) -> None:
    world = simulate(profile, 1)
    columns = (world.events.person, world.events.kind, world.events.id, world.events.second)
    shown = set(zip(*(column.tolist() for column in columns), strict=True))
    for effect, cause in world.causes:
        assert (effect.person.number, *effect.obj, effect.second) in shown
        if cause:
            assert cause.person is effect.person
            assert cause.second <= effect.second
            assert (cause.person.number, *cause.obj, cause.second) in shown


@pytest.mark.parametrize("profile", PROFILES)
def test_one_timestamp_per_person_and_object_before_the_reading(profile: str) -> None:
    world = simulate(profile, 2)
    columns = (world.events.person, world.events.kind, world.events.id)
    assert set(Counter(zip(*(column.tolist() for column in columns), strict=True)).values()) == {1}
    assert world.events.second.max() < world.now


def test_steps_form_a_chain() -> None:
    world = send(one(Add(FIRST), Enrol(COURSE), Add(SECOND)), (0, FORM))
    assert pairs(world) == {(FORM, FIRST), (FIRST, COURSE), (COURSE, SECOND)}


def test_a_removed_tag_has_no_timestamp_and_is_skipped() -> None:
    world = send(one(Add(FIRST), Delay(600), Remove(FIRST), Add(SECOND)), (0, FORM))
    assert FIRST not in {timestamp.obj for timestamp, _ in world.causes}
    assert world.truth[FORM, SECOND].delay == 600


def test_a_tag_given_again_shows_its_last_or_first_time() -> None:
    acts = (0, FIRST), (50, FORM), (90, FIRST)
    steps = Add(FIRST), Delay(10), Add(SECOND)
    assert pairs(send(one(*steps), *acts)) == {(FORM, SECOND)}
    last = send(one(*steps), *acts, keeps_last=True)
    assert {timestamp.second - START for timestamp, _ in last.causes} == {50, 60, 90}
    assert pairs(last) == {(FORM, SECOND)}


def test_a_held_tag_fires_nothing() -> None:
    account = one(Add(FIRST))
    account.rules.append(Rule([FIRST], [Add(SECOND)]))
    world = send(account, (0, FIRST), (50, FORM), keeps_last=True)
    assert {timestamp.obj: timestamp.second - START for timestamp, _ in world.causes} == {FORM: 50, FIRST: 50, SECOND: 0}
    assert pairs(world) == {(FORM, FIRST)}


def test_a_goal_pulls_forward_and_is_the_cause() -> None:
    world = send(one(Enrol(COURSE), Add(FIRST), Goal(SECOND), Add(THIRD)), (0, FORM), (100, SECOND))
    assert pairs(world) == {(FORM, COURSE), (SECOND, THIRD)}


def test_a_goal_holds_who_arrives_and_pulls_nobody_back() -> None:
    steps = Add(FIRST), Goal(SECOND), Add(THIRD)
    assert pairs(send(one(*steps), (0, FORM))) == {(FORM, FIRST)}
    assert pairs(send(one(*steps), (0, FORM), (100, SECOND))) == {(FORM, FIRST), (SECOND, THIRD)}
    assert pairs(send(one(*steps), (0, SECOND), (100, FORM))) == {(FORM, FIRST)}


def test_a_pause_holds_and_its_end_releases() -> None:
    account = one(Add(FIRST))
    account.automations[0].paused = (START, START + DAY)
    assert send(account, (60, FORM)).truth[FORM, FIRST].delay >= DAY - 60


def test_who_unsubscribed_is_not_moved() -> None:
    world = send(one(Add(FIRST), Delay(600), Add(SECOND)), (0, FORM), leaves=START + 300)
    assert pairs(world) == {(FORM, FIRST)}
    assert set(world.events.state.tolist()) == {PersonState.CANCELLED}


def test_one_way_of_a_condition_is_taken() -> None:
    steps = Condition(yes=(Add(FIRST), Exit()), no=(Add(SECOND),)), Add(THIRD)
    assert pairs(send(one(*steps), (0, FORM), trait=0.2)) == {(FORM, FIRST)}
    assert pairs(send(one(*steps), (0, FORM), trait=0.9)) == {(FORM, SECOND), (SECOND, THIRD)}


def test_siblings_have_the_trigger_as_their_cause() -> None:
    account = one(Add(FIRST), Delay(60), Add(THIRD))
    account.rules.append(Rule([FORM], [Add(SECOND)]))
    assert pairs(send(account, (0, FORM))) == {(FORM, FIRST), (FORM, SECOND), (FIRST, THIRD)}


def test_mails_wait_for_weekday_and_hour() -> None:
    account = empty()
    sunday_noon = 1_700_395_200 // DAY * DAY + 12 * 3600
    mails = Mails([0, 1], days=frozenset({2}), hour=9, offset=-5)
    sent = mails.sent(sunday_noon, account.rng)
    assert 0 <= sent - (sunday_noon // DAY * DAY + 3 * DAY + 14 * 3600) < 3600  # Wednesday, 9 in New York


def test_a_link_is_not_direct_when_most_have_a_timestamp_in_between() -> None:
    account = one(Delay(600), Add(FIRST))
    people = [Person(number, 10**12, True, (0.1,) * 3) for number in range(40)]
    run = Run(account, account.rng, lag=1e-9, stalls=0, keeps_last=False)
    for number, person in enumerate(people):
        run.plan(START + number, run.outside, person, FORM)
        if number < 21:
            run.plan(START + number + 300, run.outside, person, SECOND)
    run.go()
    world = look(people, account.now)
    assert (world.truth[FORM, FIRST].support, world.truth[FORM, FIRST].clear) == (40, 19)
    assert world.direct() == {}


@pytest.mark.parametrize(
    ("find", "precision", "recall"),
    [(histogram, (0.4, 0.7), (0.4, 0.7)), (dependency, (0.25, 0.45), (0.5, 0.8))],
    ids=["histogram", "heuristic"],
)
def test_simple_ways_fail_as_the_targets_say(
    find: Callable[[Events], Pairs], precision: tuple[float, float], recall: tuple[float, float]
) -> None:
    """About 0.6 and 0.6, 0.35 and 0.6; a sibling for the parent is the most frequent error."""
    right, found, true, wrong = 0, 0, 0, defaultdict(int)
    for seed in range(4):
        world = simulate("default", seed)
        links, direct = find(world.events), world.direct().keys()
        right, found, true = right + len(links & direct), found + len(links), true + len(direct)
        for link in links - direct:
            wrong[world.relation(*link)] += 1
    assert precision[0] <= right / found <= precision[1]
    assert recall[0] <= right / true <= recall[1]
    assert max(wrong, key=lambda kind: wrong[kind]) == "sibling"


def test_numbers_exceed_32_bits_and_kinds_are_mixed() -> None:
    events = simulate("tidy", 0).events
    assert events.person.max() > 2**32
    assert set(events.kind.tolist()) == {int(kind) for kind in ObjectKind}
