"""Names of folders, and shards."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckaudit.fleet.folder_names import folder_name
from ckaudit.fleet.shard import Shard, parse_shard, whole_of
from ckaudit.model.errors import UsageError


@pytest.mark.parametrize("name", ["anna", "ben-2", "a", "client_7"])
def test_a_plain_name_stays(name: str) -> None:
    assert folder_name(name) == name


@pytest.mark.parametrize(
    "name", ["../etc", "/etc/passwd", "..", ".", "", "a/b", "a\\b", "CON", "nul", "com1", "index.html", "fleet.json", "~", "a\x00b"]
)
def test_no_name_leads_out_of_its_folder(name: str) -> None:
    assert re.fullmatch(r"[a-z0-9-]+-[0-9a-f]{10}", folder_name(name))


def test_a_name_that_is_no_plain_one_can_still_be_read() -> None:
    assert re.fullmatch(r"anna-sohne-[0-9a-f]{10}", folder_name("Anna & Söhne"))


def test_names_that_only_differ_in_case_get_two_folders() -> None:
    assert len({folder_name(name).casefold() for name in ("Anna", "anna", "ANNA", "Änna", "anna ")}) == 5


def test_nobody_can_take_the_folder_of_another_by_guessing_it() -> None:
    taken = folder_name("Anna & Söhne")
    assert folder_name(taken) != taken


@given(st.text(max_size=200))
def test_any_name_is_a_short_safe_folder(name: str) -> None:
    assert re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,47}", folder_name(name))


@given(st.lists(st.text(max_size=30), unique=True, max_size=30))
def test_two_names_never_share_a_folder(names: list[str]) -> None:
    assert len({folder_name(name).casefold() for name in names}) == len(names)


@given(st.lists(st.text(max_size=20), unique=True), st.integers(1, 9))
def test_every_account_is_in_exactly_one_shard_and_shards_are_of_one_size(names: list[str], count: int) -> None:
    parts = [Shard(number, count).names(names) for number in range(1, count + 1)]
    assert sorted(name for part in parts for name in part) == sorted(names)
    assert max(map(len, parts)) - min(map(len, parts)) <= 1


def test_twenty_accounts_are_four_times_five() -> None:
    names = [f"client{number:02}" for number in range(1, 21)]
    assert [len(Shard(number, 4).names(names)) for number in (1, 2, 3, 4)] == [5, 5, 5, 5]


@given(st.permutations(["anna", "ben", "clara", "Dora & Co", "eve"]))
def test_the_shard_does_not_depend_on_the_order(names: list[str]) -> None:
    found = [sorted(Shard(number, 2).names(names)) for number in (1, 2)]
    assert found == [["Dora & Co", "anna", "clara"], ["ben", "eve"]]
    assert whole_of(names) == whole_of(sorted(names))


def test_another_account_is_another_whole() -> None:
    assert len({whole_of(names) for names in ((), ("a",), ("a", "b"), ("a\nb",), ("ab",))}) == 5


@pytest.mark.parametrize("text", ["", "1", "0/2", "3/2", "1/0", "a/b", "-1/2", "1/2/3", "1.0/2"])
def test_a_shard_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="not a part of a whole"):
        parse_shard(text)


def test_a_shard_is_read_and_written_the_same() -> None:
    assert str(parse_shard(" 2/4 ")) == "2/4"
