"""Mining links: small accounts by hand, simulated ones with known truth, and what must not matter."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ckaudit.evidence.mine import mine
from ckaudit.model.events import Events, ObjectKind, make_events
from ckaudit.model.refs import Key
from tests.evidence.judge import Tally, ends, judge, make
from tests.evidence.life import FORM, NOW, SEQUENCE, START, TAG, F, L, Life, S, T, U
from tests.evidence.simulator import DAY, PROFILES, World, simulate


def test_the_steps_of_one_automation_form_a_chain() -> None:
    life = Life(200)
    form = life.timestamp(F, life.arrive)
    lead = life.timestamp(L, form + life.jitter(3))
    life.timestamp(S, lead + life.jitter(3))
    assert set(life.links()) == {(F, L), (L, S)}


@pytest.mark.parametrize("short", [[S], [L], [S, T], [F, S], [F, L, S, T]])
def test_a_list_that_goes_back_less_far_changes_neither_links_nor_shares(short: list[tuple[int, int]]) -> None:
    life = Life(900)
    form = life.timestamp(F, life.arrive)
    lead = life.timestamp(L, form + life.jitter(3))
    life.timestamp(S, (lead + life.jitter(3))[:450], np.arange(450))
    life.timestamp(T, (lead + DAY + life.jitter(60))[450:], np.arange(450, 900))
    whole = life.links()
    begin = START + 100 * DAY
    life.rows = [row for row in life.rows if (row[1], row[2]) not in short or row[3] >= begin]
    since = {Key(ObjectKind(kind).kind, number): begin for kind, number in short}
    found = {ends(link): link for link in mine(make_events(*np.array(life.rows).T), now=NOW, since=since)}
    assert set(found) == set(whole) == {(F, L), (L, S), (L, T)}
    assert all(link.share == pytest.approx(whole[pair].share, abs=0.05) for pair, link in found.items())


@pytest.mark.parametrize("ended", [S, L])
def test_a_cause_that_was_given_up_before_the_shortest_list_begins_is_no_cause_of_what_came_since(ended: tuple[int, int]) -> None:
    life = Life(900)
    begin = START + 80 * DAY
    form = life.timestamp(F, life.arrive)
    long_ago = np.flatnonzero(form < begin - 10 * DAY)
    life.timestamp(ended, form[long_ago] + life.jitter(3, len(long_ago)), long_ago)
    life.timestamp(T, form + 60 + life.jitter(3))
    life.rows = [row for row in life.rows if (row[1], row[2]) != F or row[3] >= begin]
    found = mine(make_events(*np.array(life.rows).T), now=NOW, since={Key(ObjectKind(F[0]).kind, F[1]): begin})
    assert [ends(link) for link in found if ends(link)[1] == T] == [(F, T)]


def test_a_form_its_tag_and_a_sequence_in_one_second_are_a_chain_by_their_kinds() -> None:
    life = Life(100)
    for obj in (F, L, S):
        life.timestamp(obj, life.arrive)
    assert set(life.links()) == {(F, L), (L, S)}


def test_a_delay_is_measured() -> None:
    life = Life(300)
    life.timestamp(T, life.timestamp(L, life.arrive) + 7 * DAY + life.jitter(60))
    link = life.links()[L, T]
    assert abs(link.delay_seconds - 7 * DAY) <= 60
    assert 7 * DAY <= link.delay_p10 <= link.delay_seconds <= link.delay_p90 <= 7 * DAY + 60
    assert link.support == 300
    assert link.share == 1.0


def test_two_effects_of_one_cause_are_siblings_not_a_chain() -> None:
    life = Life(300)
    lead = life.timestamp(L, life.arrive)
    life.timestamp(S, lead + life.jitter(20))
    life.timestamp(T, lead + life.jitter(20))
    assert set(life.links()) == {(L, S), (L, T)}


def test_a_late_step_that_makes_the_next_one_late_is_its_cause() -> None:
    life = Life(300)
    lead = life.timestamp(L, life.arrive)
    middle = life.timestamp(T, lead + 3600 * life.rng.integers(1, 40, 300))
    life.timestamp(U, middle + DAY + life.jitter(60))
    assert (T, U) in life.links()
    assert (L, U) not in life.links()


def test_a_step_whose_lateness_does_not_matter_is_a_sibling() -> None:
    life = Life(300)
    lead = life.timestamp(L, life.arrive)
    life.timestamp(T, lead + 600 * life.rng.integers(0, 100, 300))
    life.timestamp(U, lead + DAY + life.jitter(60))
    assert (T, U) not in life.links()


def test_a_branch_that_only_some_take_is_found_with_its_share() -> None:
    life = Life(400)
    lead = life.timestamp(L, life.arrive)
    some = np.arange(0, 400, 4)
    life.timestamp(T, lead[some] + 300 + life.jitter(60, 100), some)
    link = life.links()[L, T]
    assert (link.support, link.share) == (100, 0.25)


def test_people_who_got_the_cause_yesterday_do_not_lower_the_share_of_a_delay_of_a_week() -> None:
    life = Life(400)
    life.arrive[:200] = NOW - DAY
    life.arrive[:200] -= life.jitter(DAY, 200)
    lead = life.timestamp(L, life.arrive)
    old = np.arange(200, 400)
    life.timestamp(T, lead[old] + 7 * DAY, old)
    assert life.links()[L, T].share == 1.0


def test_a_removed_step_is_skipped() -> None:
    life = Life(100)
    life.timestamp(S, life.timestamp(L, life.arrive) + 300 + life.jitter(60))
    assert set(life.links()) == {(L, S)}


def test_a_window_of_sending_days_is_found() -> None:
    life = Life(400)
    joined = life.timestamp(S, life.arrive)
    life.timestamp(T, (joined // DAY + 3) * DAY + 9 * 3600 + life.jitter(600))
    link = life.links()[S, T]
    assert link.support == 400
    assert link.delay_p90 - link.delay_p10 < DAY


def test_people_processed_after_a_pause_do_not_hide_the_link() -> None:
    life = Life(300)
    lead = life.timestamp(L, life.arrive)
    resume = START + 80 * DAY
    paused = (lead > START + 70 * DAY) & (lead < resume)
    life.timestamp(S, np.where(paused, resume + life.jitter(300), lead + life.jitter(60)))
    assert set(life.links()) == {(L, S)}


def test_each_person_is_explained_by_the_cause_they_have() -> None:
    life = Life(600)
    lead = life.timestamp(L, life.arrive)
    some = np.arange(0, 600, 3)
    step = life.timestamp(T, lead[some] + 20 * DAY + life.jitter(600, 200), some)
    life.timestamp(S, step + life.jitter(2, 200), some)
    rest = np.setdiff1d(np.arange(600), some)
    life.timestamp(S, life.arrive[rest] + 12 * DAY + life.jitter(1000, 400), rest)
    found = life.links()
    assert (found[T, S].support, found[L, S].support) == (200, 400)


def test_whoever_a_bulk_action_started_does_not_make_another_step_the_cause() -> None:
    life = Life(500)
    life.arrive[:300] = START + 50 * DAY
    lead = life.timestamp(L, life.arrive)
    life.timestamp(S, lead + 2 + life.jitter(20))
    life.timestamp(T, lead + DAY + life.jitter(30))
    assert (L, S) in life.links()


def test_what_follows_a_sequence_is_caused_by_it_and_not_by_the_tag_that_started_it() -> None:
    life = Life(400)
    lead = life.timestamp(L, life.arrive)
    joined = life.timestamp(S, lead + life.jitter(3))
    life.timestamp(T, (joined // DAY + 3 + life.jitter(2)) * DAY + 9 * 3600 + life.jitter(600))
    assert set(life.links()) == {(L, S), (S, T)}


def test_a_tag_that_every_form_gives_has_every_form_as_its_cause() -> None:
    life = Life(1000)
    popular = (TAG, 50)
    for number in range(10):
        some = np.arange(number * 100, number * 100 + 100)
        life.timestamp((FORM, 100 + number), life.arrive[some], some)
    life.timestamp(popular, life.arrive + life.jitter(3))
    assert set(life.links()) == {((FORM, 100 + number), popular) for number in range(10)}


def test_a_sequence_id_above_32_bits_is_kept() -> None:
    life = Life(60)
    big = (SEQUENCE, 2**62 + 1)
    life.timestamp(big, life.timestamp((TAG, 2**40), life.arrive) + 5)
    assert set(life.links()) == {((TAG, 2**40), big)}


def test_fewer_than_twenty_people_are_no_link() -> None:
    life = Life(19)
    life.timestamp(T, life.timestamp(L, life.arrive) + 1)
    assert not life.links()


def test_an_import_that_adds_two_tags_to_hundreds_in_one_second_is_no_link() -> None:
    life = Life(600)
    for begin in range(0, 600, 200):
        some = np.arange(begin, begin + 200)
        second = np.full(200, START + (begin + 1) * 3600)
        life.timestamp(L, second, some)
        life.timestamp(S, second + 1, some)
    assert not life.links()


def test_an_import_that_takes_its_minutes_is_no_link() -> None:
    life = Life(600)
    life.timestamp(L, START + life.jitter(600))
    life.timestamp(T, START + 900 + life.jitter(600))
    assert not life.links()


def test_what_people_do_in_their_own_time_is_no_link() -> None:
    life = Life(2000)
    bought = life.arrive + life.rng.lognormal(10.5, 1.2, 2000).astype(np.int64)
    life.timestamp(F, life.arrive)
    life.timestamp(T, bought)
    assert not life.links()


def test_people_who_click_in_the_mails_of_a_sequence_are_no_link() -> None:
    life = Life(600)
    enrolled = life.timestamp(S, life.arrive)
    some = np.arange(150)
    life.timestamp(T, enrolled[:150] + 300 + life.jitter(60 * 3600, 150), some)
    assert not life.links()


def test_a_sequence_whose_last_mail_waits_for_its_hour_is_a_link() -> None:
    life = Life(600)
    enrolled = life.timestamp(S, life.arrive)
    at_nine = (enrolled[:400] // DAY + 3) * DAY + 9 * 3600
    life.timestamp(T, at_nine + life.jitter(600, 400), np.arange(400))
    assert set(life.links()) == {(S, T)}


def test_a_sequence_whose_last_mail_waits_for_its_day_is_a_link() -> None:
    life = Life(600)
    enrolled = life.timestamp(S, life.arrive)
    some = np.arange(450)
    life.timestamp(T, enrolled[:450] + (1 + life.rng.integers(0, 3, 450)) * DAY + life.jitter(300, 450), some)
    assert set(life.links()) == {(S, T)}


def test_two_tags_written_at_once_from_outside_in_any_order_are_no_link() -> None:
    life = Life(500)
    life.timestamp(T, life.arrive + life.jitter(3))
    life.timestamp(U, life.arrive + life.jitter(3))
    assert not life.links()


def test_no_events_give_no_links() -> None:
    assert mine(make_events([], [], [], [], []), now=NOW) == ()


def at_any_time(rng: np.random.Generator, person: np.ndarray) -> np.ndarray:
    return (rng.beta(2, 3, person.size) * 150 * DAY).astype(np.int64)


def within_hours_of_each_other(rng: np.random.Generator, person: np.ndarray) -> np.ndarray:
    return rng.integers(0, 150 * DAY, person.max() + 1)[person] + rng.lognormal(8, 1.5, person.size).astype(np.int64)


def at_one_hour_of_the_day(rng: np.random.Generator, person: np.ndarray) -> np.ndarray:
    return rng.integers(0, 150, person.size) * DAY + rng.integers(0, 3600, person.size)


@pytest.mark.parametrize("when", [at_any_time, within_hours_of_each_other, at_one_hour_of_the_day])
def test_independent_random_streams_give_fewer_than_one_link_in_ten_thousand_pairs(
    when: Callable[[np.random.Generator, np.ndarray], np.ndarray],
) -> None:
    pairs = links = 0
    for seed in range(8):
        rng = np.random.default_rng(seed)
        people, objects = 3000, 40
        person = rng.integers(0, people, 30_000)
        code = rng.choice(objects, 30_000, p=rng.dirichlet(np.full(objects, 0.7)))
        events = make_events(person, code % 3, code, START + when(rng, person), np.zeros(30_000))
        links += len(mine(events, now=NOW))
        pairs += objects * (objects - 1)
    assert links <= pairs / 10_000


@pytest.fixture(scope="module")
def busy() -> World:
    return simulate(7, PROFILES["busy"])


def changed(events: Events, **columns: np.ndarray) -> Events:
    names = ("person", "kind", "id", "second", "state")
    return make_events(*(columns.get(column, getattr(events, column)) for column in names))


@settings(max_examples=3, deadline=None)
@given(seed=st.integers(0, 1000))
def test_numbering_people_otherwise_changes_nothing(busy: World, seed: int) -> None:
    numbers = np.unique(busy.events.person)
    other = np.random.default_rng(seed).permutation(numbers.size) * 3
    moved = changed(busy.events, person=other[np.searchsorted(numbers, busy.events.person)])
    assert mine(moved, now=busy.now) == mine(busy.events, now=busy.now)


@settings(max_examples=3, deadline=None)
@given(shift=st.integers(-(10**9), 10**9))
def test_shifting_all_times_changes_nothing(busy: World, shift: int) -> None:
    moved = changed(busy.events, second=busy.events.second + shift)
    assert mine(moved, now=busy.now + shift) == mine(busy.events, now=busy.now)


def test_rows_that_come_twice_change_nothing(busy: World) -> None:
    rows = np.random.default_rng(5).permutation(np.concatenate([np.arange(len(busy.events)), np.arange(0, len(busy.events), 3)]))
    e = busy.events
    assert mine(make_events(e.person[rows], e.kind[rows], e.id[rows], e.second[rows], e.state[rows]), now=busy.now) == mine(e, now=busy.now)


# The targets of the project are 0.95 and 0.90 on accounts nobody tuned on (``python -m tests.evidence.judge`` measures many); the bounds
# leave room for the chance of a few small accounts, not for a worse method.
@pytest.mark.parametrize(
    ("family", "profile", "precision", "recall"),
    [
        ("first", "plain", 0.90, 0.80),
        ("first", "held out", 0.90, 0.75),
        ("second", "tidy", 0.93, 0.90),
        ("second", "wild", 0.93, 0.88),
        ("third", "usual", 0.90, 0.78),
        ("business", "membership", 0.90, 0.88),
    ],
)
def test_links_of_simulated_accounts_are_found_by_cause_amid_traps(family: str, profile: str, precision: float, recall: float) -> None:
    total = Tally()
    for seed in range(500, 503):
        world = make(family, profile, seed)
        total += judge(world, mine(world.events, now=world.now))
    assert total.precision >= precision
    assert total.recall >= recall
    assert total.timed >= 0.95 * total.found


def test_confidence_says_how_many_are_real() -> None:
    total = Tally()
    for family, profile, seed in (
        ("first", "busy", 600),
        ("second", "default", 600),
        ("third", "usual", 600),
        ("business", "creator", 600),
        ("agency", "creator", 600),
        ("agency", "membership", 600),
    ):
        world = make(family, profile, seed)
        total += judge(world, mine(world.events, now=world.now, min_confidence=0.0))
    said, real = np.array(total.judged).T
    assert np.mean(real[said >= 0.95]) >= 0.94
    assert abs(np.mean(said) - np.mean(real)) <= 0.06
