"""Which address a sequence really sends from."""

from __future__ import annotations

import pytest

from ckaudit.graph.senders import Sender
from ckaudit.model.account import SendingAddress, Sequence
from ckaudit.model.refs import Key, Kind
from ckaudit.model.rules import NotEvaluatedError
from tests.graph.accounts import account_of, graph_of, info, mail

MAIN = SendingAddress("Hello@Example.com", is_default=True, is_verified=True)
SPARE = SendingAddress("spare@example.com")


def found(
    *sequences: Sequence, mails: tuple[object, ...] = (), addresses: tuple[SendingAddress, ...] = (MAIN, SPARE)
) -> tuple[Sender, ...]:
    return graph_of(account_of(*sequences, mails=mails, head=info(*addresses))).senders()  # type: ignore[arg-type]


def test_the_default_address_counts_even_when_no_sequence_uses_it() -> None:
    assert found() == (Sender("Hello@Example.com", MAIN),)


def test_a_sequence_without_an_address_uses_the_default() -> None:
    assert found(Sequence(5, "S"), mails=(mail(5, 1),)) == (Sender("Hello@Example.com", MAIN, (Key(Kind.SEQUENCE, 5),)),)


def test_addresses_are_the_same_whatever_their_case() -> None:
    assert len(found(Sequence(5, "S", email_address="HELLO@example.com"), mails=(mail(5, 1),))) == 1


def test_an_email_with_an_address_of_its_own_does_not_use_the_sequences() -> None:
    both = found(Sequence(5, "S", email_address="spare@example.com"), mails=(mail(5, 1, email_address="hello@example.com"),))
    assert [sender.address for sender in both] == ["Hello@Example.com"]


def test_drafts_and_inactive_sequences_send_nothing() -> None:
    drafts = (mail(5, 1, published=False, email_address="spare@example.com"), mail(6, 2, email_address="spare@example.com"))
    assert [sender.address for sender in found(Sequence(5, "S"), Sequence(6, "T", active=False), mails=drafts)] == ["Hello@Example.com"]


def test_an_address_the_account_does_not_have_is_listed_nowhere() -> None:
    other = found(Sequence(5, "S", email_address="old@elsewhere.example"), mails=(mail(5, 1),))[1]
    assert other == Sender("old@elsewhere.example", None, (Key(Kind.SEQUENCE, 5),))
    assert other.domain == "elsewhere.example"


def test_without_any_address_of_the_account_nothing_can_be_said() -> None:
    with pytest.raises(NotEvaluatedError, match="lists no sending addresses"):
        found(Sequence(5, "S"), mails=(mail(5, 1),), addresses=())


def test_an_account_without_a_default_has_only_the_addresses_in_use() -> None:
    sequence = Sequence(5, "S", email_address="spare@example.com")
    assert [sender.address for sender in found(sequence, mails=(mail(5, 1),), addresses=(SPARE,))] == ["spare@example.com"]
