"""How many requests a pull may send, and who is asked for more."""

from __future__ import annotations

import pytest

from ckaudit.kit.budget import RequestBudget
from ckaudit.model.errors import TooManyRequestsError


class Person:
    """Gives these answers, the last one forever, and remembers the questions."""

    def __init__(self, *answers: bool) -> None:
        self.answers = list(answers)
        self.questions: list[str] = []

    def __call__(self, question: str) -> bool:
        self.questions.append(question)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def spent(budget: RequestBudget, count: int) -> int:
    """So many are tried; how many were sent."""
    for _ in range(count):
        budget.spend()
    return budget.sent


def test_as_many_are_sent_as_may_be() -> None:
    assert spent(RequestBudget(5), 5) == 5


def test_one_more_is_not_sent_and_the_sentence_says_how_to_go_on() -> None:
    budget = RequestBudget(5)
    spent(budget, 5)
    with pytest.raises(TooManyRequestsError, match="5 requests were sent") as caught:
        budget.spend()
    assert "run the same command again" in caught.value.hint
    assert "--max-requests" in caught.value.hint
    assert budget.sent == 5


def test_who_says_yes_is_asked_again_after_as_many() -> None:
    person = Person(True, True, False)
    budget = RequestBudget(5, person)
    with pytest.raises(TooManyRequestsError):
        spent(budget, 100)
    assert (budget.sent, len(person.questions)) == (20, 3)


def test_who_says_no_is_asked_once() -> None:
    person = Person(False)
    budget = RequestBudget(1, person)
    budget.spend()
    for _ in range(10):
        with pytest.raises(TooManyRequestsError):
            budget.spend()
    assert len(person.questions) == 1


def test_what_fits_is_not_asked_about() -> None:
    person = Person(False)
    RequestBudget(100, person).foresee(100, "The emails", "about 50 s")
    assert person.questions == []


def test_what_does_not_fit_is_asked_about_before_the_first_request() -> None:
    person = Person(True)
    budget = RequestBudget(100, person)
    budget.foresee(840_000, "The timestamps of 3 tags, forms and sequences", "about 117 h")
    assert person.questions == ["The timestamps of 3 tags, forms and sequences take about 840,000 requests (about 117 h). Read them?"]
    assert spent(budget, 840_000) == 840_000


def test_what_nobody_allows_says_what_would() -> None:
    budget = RequestBudget(100)
    with pytest.raises(TooManyRequestsError, match=r"about 200 requests \(about 2 min\), and 100 may still be sent") as caught:
        budget.foresee(200, "The emails", "about 2 min")
    assert "--max-requests 220" in caught.value.hint
    assert spent(budget, 100) == 100
