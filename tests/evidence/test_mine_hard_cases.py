"""Mining links where the seconds alone decide little: each account by hand, and beside it one that looks alike and must end otherwise."""

from __future__ import annotations

import numpy as np

from tests.evidence.life import FORM, SEQUENCE, START, TAG, F, L, Life, S, T, U
from tests.evidence.simulator import DAY

HOUR = 3600
WINTER = START + 34 * DAY
"""When summer time ends."""
PRODUCTS = [(TAG, 20 + number) for number in range(6)]
CUSTOMER, BUYER = (TAG, 30), (TAG, 31)


def orders(life: Life) -> np.ndarray:
    """Everybody orders one of six products, whose place is returned. In the same second the shop writes another tag for all who buy; the
    product in place 3 is sold elsewhere."""
    bought = np.arange(life.people) % len(PRODUCTS)
    for number, product in enumerate(PRODUCTS):
        some = np.flatnonzero(bought == number)
        life.timestamp(product, life.arrive[some], some)
    here = np.flatnonzero(bought != 3)
    life.timestamp(BUYER, life.arrive[here], here)
    return bought


def at_nine(life: Life, second: np.ndarray, days: int) -> np.ndarray:
    """So many days later, on the next day of the week on which mails go out, at nine in the account's time; and some minutes until
    everybody's mail is out."""
    day = second // DAY + days
    for _ in range(2):
        day += (day + 3) % 7 > 4  # 1 January 1970 was a Thursday
    nine = day * DAY + 9 * HOUR
    out: np.ndarray = nine + np.where(nine > WINTER, HOUR, 0) + life.jitter(600)
    return out


def launch(life: Life) -> np.ndarray:
    """Everybody gets the launch's tag in one second."""
    return life.timestamp(L, np.full(life.people, START + 20 * DAY))


def test_four_products_with_a_rule_each_are_named_and_not_what_every_buyer_gets_beside_them() -> None:
    life = Life(1000)
    some = np.flatnonzero(orders(life) < 4)
    life.timestamp(CUSTOMER, life.arrive[some] + life.jitter(3, len(some)), some)
    assert {cause for cause, effect in life.links() if effect == CUSTOMER} == set(PRODUCTS[:4])


def test_what_every_buyer_gets_is_named_where_it_is_the_trigger() -> None:
    life = Life(1000)
    some = np.flatnonzero(orders(life) != 3)
    life.timestamp(CUSTOMER, life.arrive[some] + life.jitter(3, len(some)), some)
    assert {cause for cause, effect in life.links() if effect == CUSTOMER} == {BUYER}


def a_tag_between(life: Life, others: int) -> None:
    """A form's tag two seconds later, a sequence after five minutes; the tag has ``others`` besides, who do not get into the sequence."""
    some, rest = np.arange(life.people - others), np.arange(life.people - others, life.people)
    form = life.timestamp(F, life.arrive[some], some)
    life.timestamp(L, form + 2, some)
    life.timestamp(L, life.arrive[rest], rest)
    life.timestamp(S, form + 303 + life.jitter(1, len(some)), some)


def test_a_tag_between_is_not_the_cause_where_others_who_have_it_do_not_go_on() -> None:
    life = Life(450)
    a_tag_between(life, 150)
    assert set(life.links()) == {(F, L), (F, S)}


def test_a_tag_between_is_the_cause_where_all_who_have_it_go_on() -> None:
    life = Life(300)
    a_tag_between(life, 0)
    assert set(life.links()) == {(F, L), (L, S)}


def test_the_end_of_the_second_sequence_is_named_though_summer_time_moves_the_first_one_too() -> None:
    life = Life(1000, seed=2)
    second = (SEQUENCE, 6)
    first = life.timestamp(S, life.arrive)
    joined = life.timestamp(second, at_nine(life, first, 3))
    life.timestamp(T, at_nine(life, joined, 4))
    assert set(life.links()) == {(S, second), (second, T)}


def test_a_launch_at_one_moment_leads_into_a_sequence_and_on() -> None:
    life = Life(200)
    mails = life.timestamp(S, launch(life) + 300 + life.jitter(60))
    life.timestamp(T, mails + 11 * DAY + life.jitter(600))
    assert set(life.links()) == {(L, S), (S, T)}


def test_two_tags_for_the_same_crowd_by_hand_are_no_link() -> None:
    life = Life(200)
    life.timestamp(T, launch(life) + 300)
    life.timestamp(U, launch(life) + 11 * DAY)
    assert not life.links()


def confirmed(life: Life) -> tuple[np.ndarray, np.ndarray]:
    """Four in ten confirm within the hour, most others within the day, some never."""
    draw = life.rng.random(life.people)
    gap = np.where(draw < 0.4, life.rng.lognormal(np.log(95), 0.9, life.people), life.rng.uniform(HOUR, DAY, life.people))
    who = np.flatnonzero(draw < 0.85)
    return who, gap[who].astype(np.int64) + 5


def test_a_form_that_four_in_ten_confirm_within_the_hour_gives_its_tag() -> None:
    life = Life(400)
    form = life.timestamp(F, life.arrive)
    who, gap = confirmed(life)
    life.timestamp(L, form[who] + gap, who)
    assert (F, L) in life.links()


def test_two_forms_one_after_the_other_by_hand_are_no_link() -> None:
    life = Life(400)
    form = life.timestamp(F, life.arrive)
    who, gap = confirmed(life)
    life.timestamp((FORM, 7), form[who] + gap, who)
    assert not life.links()
