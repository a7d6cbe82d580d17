"""Looks for a secret in bytes however it is spelled: in other case, wrapped, escaped, percent-encoded, base64, hex, UTF-16, compressed.

Secret and bytes are both reduced to letters and digits, so that line breaks, table borders and escapes in between hide nothing.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import html
import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote_plus

_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{11,}={0,2}")
_HEX = re.compile(r"(?:[0-9a-fA-F]{2}){6,}")
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})|\\x([0-9a-fA-F]{2})")
_STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)


def found_in(data: bytes, secrets: tuple[str, ...]) -> list[str]:
    """Those secrets that are in the bytes in any spelling."""
    seen = set().union(*({secret for secret in secrets if reduced(secret) in view} for view in map(reduced, _texts(data))))
    return sorted(seen)


def found_below(folder: Path, secrets: tuple[str, ...], *, without: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    """(file, secret) for every file below a folder, hidden ones too, but for those ``without``. Names of files are searched as well."""
    found = []
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.name not in without:
            name = str(path.relative_to(folder))
            found += [(name, secret) for secret in found_in(name.encode() + b"\n" + path.read_bytes(), secrets)]
    return found


def reduced(text: str) -> str:
    """Letters and digits in small letters."""
    return re.sub(r"[^0-9a-z]", "", _COLOUR.sub("", text).lower())


def _texts(data: bytes, depth: int = 2) -> Iterator[str]:
    """The bytes as text in every way they can be read."""
    for plain in _unpacked(data):
        texts = [plain.decode("utf-8", "replace")]
        if b"\0" in plain:
            texts += [plain.decode("utf-16-le", "ignore"), plain[1:].decode("utf-16-le", "ignore")]
        for text in texts:
            unescaped = _ESCAPED.sub(lambda match: chr(int(match[1] or match[2], 16)), html.unescape(unquote_plus(text)))
            yield text
            yield unescaped
            if depth:
                for inner in _decoded(text):
                    yield from _texts(inner, depth - 1)


def _unpacked(data: bytes) -> Iterator[bytes]:
    """The bytes, and what is compressed in them: members of archives, streams of PDFs, gzip."""
    yield data
    if data.startswith(b"PK"):
        with contextlib.suppress(zipfile.BadZipFile), zipfile.ZipFile(io.BytesIO(data)) as archive:
            yield from (archive.read(name) for name in archive.namelist())
    for stream in _STREAM.findall(data) if data.startswith(b"%PDF") else ():
        with contextlib.suppress(zlib.error):
            yield zlib.decompress(stream)


def _decoded(text: str) -> Iterator[bytes]:
    """What stands in a text as base64 or hex. Base64 may begin anywhere in a longer word."""
    for word in _BASE64.findall(text):
        plain = word.rstrip("=").translate(str.maketrans("-_", "+/"))
        for start in range(4):
            part = plain[start:]
            part = part[:-1] if len(part) % 4 == 1 else part
            with contextlib.suppress(binascii.Error):
                yield base64.b64decode(part + "=" * (-len(part) % 4))
    for word in _HEX.findall(text):
        yield bytes.fromhex(word)
