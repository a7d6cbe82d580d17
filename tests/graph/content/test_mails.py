"""Which emails are looked at, and how snippets are expanded."""

from __future__ import annotations

import subprocess
import sys
import tracemalloc

import pytest

from ckaudit.graph.content import mails
from ckaudit.graph.content.names import is_password
from ckaudit.model.account import Account, Sequence, SequenceEmail, Snippet
from ckaudit.model.refs import Key, Kind
from tests.graph.content.reading import account, contents, document, names


def snippet(number: int, key: str, content: str, *, archived: bool = False) -> Snippet:
    return Snippet(number, key.title(), key, content=content, archived=archived)


def test_only_published_e_mails_of_active_sequences_are_looked_at() -> None:
    sequences = (Sequence(1, "On", active=True), Sequence(2, "Off", active=False), Sequence(3, "Old"))
    emails = (
        SequenceEmail(1, 1, subject="a", published=True, content="x"),
        SequenceEmail(2, 1, subject="b", published=False, content="x"),
        SequenceEmail(3, 2, subject="c", published=True, content="x"),
        SequenceEmail(4, 3, subject="d", published=True, content="x"),
        SequenceEmail(5, 9, subject="e", published=True, content="x"),
    )
    read = mails(Account(sequences=sequences, sequence_emails=emails, snippets=(snippet(1, "old", "x", archived=True),)))
    assert [mail.email.subject for mail in read.mails] == ["a", "d"]
    assert read.not_looked_at == {"draft emails": 1, "emails of inactive sequences": 2, "archived snippets": 1}


def test_e_mails_come_in_sending_order() -> None:
    emails = tuple(SequenceEmail(number, 1, published=True, position=position) for number, position in ((1, None), (2, 1), (3, 0)))
    read = mails(Account(sequences=(Sequence(1, "S"),), sequence_emails=emails))
    assert [mail.email.id for mail in read.of(Key(Kind.SEQUENCE, 1))] == [3, 2, 1]


def test_an_e_mail_without_content_is_not_readable() -> None:
    read = mails(Account(sequences=(Sequence(1, "S"),), sequence_emails=(SequenceEmail(1, 1, published=True),)))
    assert [mail.readable for mail in read.mails] == [False]
    assert read.not_looked_at == {"emails whose content Kit did not give": 1}


def test_an_e_mail_with_too_much_liquid_says_nothing_about_what_is_missing_in_it() -> None:
    content = "".join(f"{{{{ a{index} {'(' * 1900} }}}}" for index in range(20))
    email = SequenceEmail(1, 1, published=True, content=content)
    read = mails(Account(sequences=(Sequence(1, "S"),), sequence_emails=(email,)))
    assert [mail.readable for mail in read.mails] == [False]
    assert read.not_looked_at == {"emails and snippets with more Liquid than anybody writes": 1}


def test_snippets_are_expanded_through_others_each_once() -> None:
    parts = (snippet(1, "outer", "{{ snippet.inner }}{{ subscriber.a }}"), snippet(2, "inner", "{{ subscriber.b }}"))
    read = contents("{{ snippet.outer }}{{ snippet.inner }}", "{{ snippet.inner }}", snippets=parts)
    assert [found.object.name for found in read.mails[0].snippets] == ["Outer", "Inner"]
    assert [found.object.name for found in read.snippets] == ["Outer", "Inner"]
    assert {variable.name for variable in read.mails[0].variables} >= {"subscriber.a", "subscriber.b"}
    assert [mail.email.id for mail in read.users(read.snippets[1])] == [0, 1]


def test_a_cycle_of_snippets_ends() -> None:
    parts = (snippet(1, "a", "{{ snippet.b }}"), snippet(2, "b", "{{ snippet.a }}"))
    assert [found.object.name for found in contents("{{ snippet.a }}", snippets=parts).mails[0].snippets] == ["A", "B"]


def test_archived_unused_and_commented_snippets_are_not_read() -> None:
    parts = (snippet(1, "old", "{{ subscriber.a }}", archived=True), snippet(2, "unused", "x"), snippet(3, "hidden", "x"))
    assert contents("{{ snippet.old }}<!-- {{ snippet.hidden }} -->", snippets=parts).snippets == ()


def test_a_name_assigned_in_the_mail_is_known_in_its_snippet() -> None:
    read = contents("{% assign who = 1 %}{{ snippet.a }}", snippets=(snippet(1, "a", "{{ who }}"),))
    assert "who" in read.snippets[0].locals


def test_common_liquid_never_loads_the_parser() -> None:
    content = '<p>Hi {{ subscriber.first_name | default: "you" }} {% if subscriber.tags contains "A" %}a{% else %}b{% endif %}</p>'
    code = f"import sys; from tests.graph.content.reading import contents; contents({content!r}); assert 'liquid' not in sys.modules"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_reading_twice_gives_the_same() -> None:
    one = account('<p>{{ subscriber.a }} <a href="#">x</a></p>', "{% if a %}")
    assert mails(one) == mails(one)


def test_a_document_names_its_mail_and_sequence() -> None:
    read = document("x", subject="Your login")
    assert (read.label, [str(other) for other in read.related]) == ("“Your login”", ["sequence “Welcome”"])
    assert names(read) == []


def test_a_password_in_an_address_is_found_also_through_an_assigned_name() -> None:
    content = (
        '{% assign key = subscriber.password %}<a href="https://e.example.com/?k={{ key }}">x</a><a href="https://e.example.com/">y</a>'
    )
    read = document(content)
    passwords = read.passwords_in_addresses
    assert [variable.name for variable in passwords] == ["subscriber.password"]
    assert [link.hands_over(passwords) for link in read.links] == [True, False]


@pytest.mark.parametrize("key", ["password", "accessally_password", "wp_pass", "pass", "Kennwort", "member_pwd"])
def test_keys_that_hold_a_password(key: str) -> None:
    assert is_password(key)


@pytest.mark.parametrize("key", ["passport", "compass", "password_reset_link", "password_hint", "has_password", "password_set_url", "city"])
def test_keys_that_hold_none(key: str) -> None:
    assert not is_password(key)


def test_what_is_known_about_an_e_mail_takes_less_room_than_its_text() -> None:
    body = "<p>Hello {{ subscriber.first_name }}, this is it.</p>" * 30 + '<p><a href="https://example.com/x">here</a></p>' * 10
    emails = tuple(SequenceEmail(number, 1, subject="Hello", published=True, content=body) for number in range(1, 101))
    held = Account(sequences=(Sequence(1, "S"),), sequence_emails=emails)
    mails(held)  # what is loaded once
    tracemalloc.start()
    read = mails(held)
    size = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert len(read.mails[0].variables) == 30
    assert size < len(emails) * len(body)


def test_the_emails_of_a_sequence_are_those_with_its_id() -> None:
    sequences = tuple(Sequence(number, f"S{number}") for number in (3, 1, 2))
    emails = tuple(SequenceEmail(10 * owner + place, owner, published=True, position=place) for owner in (3, 1) for place in (0, 1))
    read = mails(Account(sequences=sequences, sequence_emails=emails))
    asked = (Key(Kind.SEQUENCE, 1), Key(Kind.SEQUENCE, 2), Key(Kind.SEQUENCE, 3), Key(Kind.TAG, 1), Key(Kind.SEQUENCE, "S1"))
    assert [[mail.email.id for mail in read.of(key)] for key in asked] == [[10, 11], [], [30, 31], [], []]
