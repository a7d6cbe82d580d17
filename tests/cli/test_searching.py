"""The search of the leak tests finds what it should."""

from __future__ import annotations

import base64
import html
import io
import json
import textwrap
import zipfile
import zlib
from collections.abc import Callable
from urllib.parse import quote

import pytest

from tests.cli.searching import found_in

SECRET = "Kit_9f/é+Zq.canary@private.example"


def zipped(text: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.npy", text)
    return made.getvalue()


SPELLINGS: dict[str, Callable[[str], bytes]] = {
    "plain": lambda text: text.encode(),
    "capitals": lambda text: text.upper().encode(),
    "percent": lambda text: quote(text, safe="").encode(),
    "json": lambda text: json.dumps(text).encode(),
    "html": lambda text: html.escape(text).replace("@", "&#64;").encode(),
    "python": lambda text: repr(text.encode()).encode(),
    "base64": lambda text: base64.b64encode(text.encode()),
    "base64 inside": lambda text: base64.b64encode(b"user:" + text.encode() + b" and more"),
    "base64 for addresses": lambda text: base64.urlsafe_b64encode(text.encode()),
    "hex": lambda text: text.encode().hex().encode(),
    "utf-16": lambda text: text.encode("utf-16"),
    "utf-16 in a file": lambda text: b"x" + text.encode("utf-16-be"),
    "wrapped": lambda text: "\n| ".join(textwrap.wrap(text, 7)).encode(),
    "coloured": lambda text: "\x1b[1m".join(textwrap.wrap(text, 9)).encode().replace(b"\x1b[1m", b"\x1b\x5b\x6d"),
    "zip": zipped,
    "pdf": lambda text: b"%PDF-1.7\n1 0 obj\nstream\n" + zlib.compress(text.encode()) + b"\nendstream",
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_secret_is_found_however_it_is_spelled(spelling: str) -> None:
    secret = SECRET.replace("é", "e") if spelling in ("python", "wrapped", "coloured") else SECRET
    made = SPELLINGS[spelling](secret)
    data = made if spelling in ("zip", "pdf", "utf-16") else b"some words " + made + b" and others"
    assert found_in(data, (secret, "absent")) == [secret]


def test_other_words_are_no_secret() -> None:
    assert found_in(b"Kit_9f is a key, private.example a host", (SECRET,)) == []
