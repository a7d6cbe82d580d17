"""Credentials: found where the contract says, refused with a next step, never shown."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckaudit.kit.credentials import Credential, CredentialKind, find_credential
from ckaudit.model.errors import CredentialsError, ExitStatus

SECRET = "kit_canary_0123456789"


def test_a_key_from_the_environment_travels_in_kits_header() -> None:
    credential = find_credential({"KIT_API_KEY": SECRET})
    assert credential.header == ("X-Kit-Api-Key", SECRET)
    assert credential.requests_per_minute == 120


def test_a_token_from_the_environment_travels_as_bearer() -> None:
    credential = find_credential({"KIT_ACCESS_TOKEN": SECRET})
    assert credential.header == ("Authorization", f"Bearer {SECRET}")
    assert credential.requests_per_minute == 600


def test_a_key_file_wins_over_the_environment() -> None:
    assert find_credential({"KIT_API_KEY": "other", "KIT_ACCESS_TOKEN": "third"}, f"{SECRET}\n").header[1] == SECRET


def test_white_space_and_a_byte_order_mark_around_a_key_are_not_part_of_it() -> None:
    assert find_credential({}, f"\ufeff {SECRET}\r\n\n").header[1] == SECRET


def test_an_empty_key_does_not_hide_a_token() -> None:
    assert find_credential({"KIT_API_KEY": " ", "KIT_ACCESS_TOKEN": SECRET}).kind is CredentialKind.OAUTH


@pytest.mark.parametrize(
    ("environ", "key_text", "expected"),
    [
        ({}, None, "there is no API key"),
        ({"KIT_API_KEY": ""}, None, "KIT_API_KEY is empty"),
        ({"KIT_API_KEY": " \n"}, None, "KIT_API_KEY is empty"),
        ({"KIT_API_KEY": "a", "KIT_ACCESS_TOKEN": "b"}, None, "both set"),
        ({"KIT_API_KEY": SECRET}, "", "the key file is empty"),
        ({}, f"{SECRET}\n{SECRET}", "more than one line"),
        ({}, f"{SECRET} {SECRET}", "not an API key"),
        ({}, f'"{SECRET}"', "not an API key"),
        ({}, f"{SECRET}é", "not an API key"),
        ({}, f"{SECRET}\x00", "not an API key"),
        ({}, SECRET * 1000, "not an API key"),
        ({"KIT_ACCESS_TOKEN": f"Bearer {SECRET}"}, None, "KIT_ACCESS_TOKEN holds something"),
    ],
)
def test_a_missing_or_malformed_credential_is_one_sentence_with_a_next_step(
    environ: dict[str, str], key_text: str | None, expected: str
) -> None:
    with pytest.raises(CredentialsError) as caught:
        find_credential(environ, key_text)
    assert expected in str(caught.value)
    assert caught.value.hint
    assert caught.value.exit_status is ExitStatus.INCOMPLETE
    assert SECRET not in str(caught.value)


@given(st.text(alphabet="ABCXYZ+=/", min_size=12))
def test_a_credential_never_shows_its_secret(secret: str) -> None:
    credential = Credential(CredentialKind.KEY, secret)
    assert secret not in f"{credential!r} {credential!s} {credential.mark(bytes(16))}"
    assert secret not in credential.hide_in(f"before{secret}after")


@pytest.mark.parametrize(
    "spelling",
    [
        lambda key: "".join(f"%{ord(char):02X}" for char in key),
        lambda key: "".join(f"\\u{ord(char):04x}" for char in key),
        lambda key: "".join(f"\\x{ord(char):02x}" for char in key),
        lambda key: "".join(f"&#{ord(char)};" for char in key),
        lambda key: key.encode().hex(),
        lambda key: key.encode().hex(":"),
        ".".join,
        "-".join,
        lambda key: " ".join(key).upper(),
    ],
)
def test_a_key_is_hidden_in_other_spellings_too(spelling: Callable[[str], str]) -> None:
    key = "kit_0a1B2c3D4e5F6g7H"
    assert Credential(CredentialKind.KEY, key).hide_in(f"You sent {spelling(key)}, go away") == "You sent [credential], go away"


@pytest.mark.parametrize("write_down", [pickle.dumps, copy.deepcopy])
def test_a_credential_cannot_be_pickled_or_copied(write_down: object) -> None:
    with pytest.raises(TypeError):
        write_down(Credential(CredentialKind.KEY, SECRET))  # type: ignore[operator]


def test_the_mark_tells_credentials_apart() -> None:
    one, other = Credential(CredentialKind.KEY, SECRET), Credential(CredentialKind.KEY, "other")
    assert one.mark(bytes(16)) == Credential(CredentialKind.OAUTH, SECRET).mark(bytes(16))
    assert one.mark(bytes(16)) != other.mark(bytes(16))
    assert one.mark(bytes(16)) != one.mark(b"1" * 16)
