"""Error bodies in all shapes seen become one sentence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckaudit.kit.credentials import Credential, CredentialKind
from ckaudit.kit.http import Response
from ckaudit.kit.messages import clean, describe, error_text

KEY = Credential(CredentialKind.KEY, "kit_canary_0123456789")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"errors": ["Not Found"]}', "Not Found"),
        (b'{"errors": ["One.", "Two."]}', "One.; Two."),
        (b'{"errors": "Developer account must be on pro plan"}', "Developer account must be on pro plan"),
        (b'{"errors": [["Sequence is inactive"]]}', "Sequence is inactive"),
        (b'{"error": "Authorization Failed", "message": "API Key not present"}', "Authorization Failed; API Key not present"),
        (b'{"error": "invalid_grant", "error_description": "It expired"}', "It expired; invalid_grant"),
        (b"{}", ""),
        (b'{"errors": []}', ""),
        (b'{"errors": {"base": 1}}', ""),
        (b"Retry later", ""),
        (b"<html></html>", ""),
        (b"", ""),
        (b"[" * 100_000, ""),
        (b"\xff\xfe", ""),
    ],
)
def test_every_shape_of_error_body_is_read(body: bytes, expected: str) -> None:
    assert error_text(body) == expected


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (Response(403, b'{"errors": ["No."]}', "", "abc-1"), "Kit answered 403 to GET /v4/tags: “No.”"),
        (Response(403, b'{"errors": ["No at 2026-11-20T12:00:01Z."]}'), "Kit answered 403 to GET /v4/tags: “No at [varies].”"),
        (Response(502, b"<!DOCTYPE html><p>x"), "Kit answered 502 to GET /v4/tags with an HTML page"),
        (Response(429, b"Retry later", "text/plain"), "Kit answered 429 to GET /v4/tags with plain text"),
        (Response(500, b""), "Kit answered 500 to GET /v4/tags with an empty body"),
        (Response(403, b"{}"), "Kit answered 403 to GET /v4/tags with no explanation"),
    ],
)
def test_the_sentence_names_status_and_endpoint_and_nothing_that_passes(answer: Response, expected: str) -> None:
    assert describe(answer, "GET /v4/tags", KEY) == expected


@given(st.text(), st.text())
def test_a_text_from_outside_is_one_short_harmless_line(before: str, after: str) -> None:
    text = clean(f"{before} kit_canary_0123456789 {after}", KEY)
    assert len(text) <= 200
    assert text.isprintable()
    assert "kit_canary_0123456789" not in text
    assert "\u202e" not in text
    assert "\x1b" not in text


@given(st.emails())
def test_an_address_in_an_error_is_not_repeated(address: str) -> None:
    assert address not in clean(f"Subscriber <{address}>, is bad", KEY)
