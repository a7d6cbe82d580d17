"""Inputs for parsers: random bytes, and valid files with something wrong in them. All randomness is the caller's ``random.Random``."""

from __future__ import annotations

import copy
import io
import json
import random
import re
import zipfile
from collections.abc import Callable
from typing import Any

import numpy as np

Mutator = Callable[[random.Random, bytes], bytes]

WORDS = (
    *(
        b"{",
        b"}",
        b"[",
        b"]",
        b'"',
        b"'",
        b":",
        b",",
        b"-",
        b"#",
        b"&a",
        b"*a",
        b"!!python/name:os.system",
        b"|",
        b">",
        b"?",
        b"%",
        b"\\",
        b"~",
    ),
    *(
        b"null",
        b"true",
        b"no",
        b"NaN",
        b"1e999",
        b"-1",
        b"0",
        b"9" * 20,
        b"9" * 5000,
        b"0x1F",
        b"1_000",
        b"010",
        b"1979-05-27",
        b"99999-01-01",
    ),
    *(b"\x00", b"\r", b"\r\n", b"\n", b"\t", b"\xff", b"\xef\xbb\xbf", b"\xff\xfe", b"\xed\xa0\x80", b"\\ud800", b"\\u0000", b"\x1b[2J"),
    *(text.encode() for text in ("\u202e", "\u2028", "日本", "🎉", "\u200b", "\x85", "İ")),
    *(b"<", b"</script>", b"<!--", b"{{", b"}}", b"{%", b"%}", b"::error::x", b"=cmd()", b"]]>", b"&amp;", b"%s", b"../../etc/passwd"),
    *(b"[[", b"]]", b"=", b"'''", b'"""', b".", b"version", b"<<", b"--- ", b"...", b"id", b"name"),
)

WEIRD: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 2**31, 2**53 + 1, 2**63 - 1, 2**63, -(2**63) - 1, 10**30, 1.5, -0.0, 1e308, "", " ", "\x00", "\x1b[2J"),
    *(
        "\u202ename",
        "a" * 5000,
        "日本 🎉",
        "::error::x",
        "=1+1",
        "<script>",
        "2026-13-45",
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59-23:00",
    ),
    *("tag", "Europe/Berlin", "../../x", "{{ subscriber.", "{% if", "http://[", "javascript:alert(1)", [], {}, [[]], [None], {"": None}),
    *({"id": 5, "name": "Welcome"}, [1, "2", None], "1" * 400),
)


def random_bytes(dice: random.Random, _seed: bytes = b"") -> bytes:
    """Bytes without any sense; half of them words of the formats, or text a parser goes further with."""
    kind = dice.randrange(4)
    if kind == 0:
        return dice.randbytes(dice.choice((1, 4, 16, 64, 256)))
    if kind == 1:
        return bytes(dice.choices(range(32, 127), k=dice.randrange(64)))
    if kind == 2:
        return b"".join(dice.choices(WORDS[:24], k=dice.randrange(1, 24)))
    return dice.choice((b"", b" ", b"\n")).join(dice.choices(WORDS, k=dice.randrange(1, 16)))


def mutated_bytes(dice: random.Random, seed: bytes) -> bytes:
    """A valid file with a few places overwritten, doubled, cut out, or cut off."""
    data = bytearray(seed)
    for _ in range(dice.choice((1, 1, 1, 2, 4))):
        at = dice.randrange(len(data) + 1)
        length = dice.choice((1, 1, 2, 8, 64))
        match dice.randrange(6):
            case 0:
                data[at : at + length] = dice.choice(WORDS)
            case 1:
                data[at:at] = dice.choice(WORDS)
            case 2:
                del data[at : at + length]
            case 3:
                data[at:at] = data[at : at + length] * dice.choice((1, 1, 2, 100))
            case 4:
                data[at : at + 1] = dice.randbytes(1)
            case _ if dice.random() < 0.3:
                del data[at:]
            case _:
                other = dice.randrange(len(data) + 1)
                data[at : at + length], data[other : other + length] = data[other : other + length], data[at : at + length]
    return bytes(data)


def mutated_text(dice: random.Random, seed: bytes) -> bytes:
    """A valid text with tokens replaced, or lines doubled, moved, left out or moved to the right."""
    lines = seed.decode().split("\n")
    for _ in range(dice.choice((1, 1, 2, 3))):
        at = dice.randrange(len(lines))
        match dice.randrange(6):
            case 0:
                lines.insert(dice.randrange(len(lines)), lines[at])
            case 1:
                lines.insert(dice.randrange(len(lines)), lines.pop(at))
            case 2 if len(lines) > 1:
                lines.pop(at)
            case 3:
                lines[at] = " " * dice.randrange(5) + lines[at].lstrip()
            case _:
                lines[at] = _with_another_token(dice, lines[at])
    return "\n".join(lines).encode()


def _with_another_token(dice: random.Random, line: str) -> str:
    tokens = list(re.finditer(r"[\w.-]+|\"[^\"]*\"|\S", line))
    if not tokens:
        return dice.choice(WORDS).decode("utf-8", "replace")
    token = dice.choice(tokens)
    value = dice.choice(WEIRD)
    new = dice.choice((json.dumps(value), str(value), dice.choice(WORDS).decode("utf-8", "replace")))
    return line[: token.start()] + new + line[token.end() :]


def mutated_json(dice: random.Random, seed: bytes) -> bytes:
    """A valid JSON document with values replaced by others, or keys left out, renamed or swapped."""
    document = json.loads(seed)
    for _ in range(dice.choice((1, 1, 2, 4))):
        places = list(_places(document))
        if not places:
            break
        holder, key = dice.choice(places)
        match dice.randrange(7):
            case 0 if isinstance(holder, dict):
                holder.pop(key)
            case 1 if isinstance(holder, dict):
                holder[dice.choice(("", "id", "name", "x", "\u202e"))] = holder.pop(key)
            case 2:
                other, where = dice.choice(places)
                holder[key] = copy.deepcopy(other[where]) if where in other or isinstance(other, list) else None
            case 3 if isinstance(holder, list):
                holder.append(copy.deepcopy(holder[key]))
            case _:
                holder[key] = copy.deepcopy(dice.choice(WEIRD))  # or a later change would reach the value everywhere
    return json.dumps(document, ensure_ascii=dice.random() < 0.5, indent=dice.choice((None, 2))).encode("utf-8", "surrogatepass")


def _places(value: Any) -> Any:
    """Every (holder, key) in a document."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield value, key
        yield from _places(inner)


def mutated_archive(dice: random.Random, seed: bytes) -> bytes:
    """An evidence file with other arrays in it: other types, shapes, lengths and numbers, or members that are missing or no arrays."""
    with zipfile.ZipFile(io.BytesIO(seed)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    name = dice.choice(list(members))
    match dice.randrange(6):
        case 0:
            members.pop(name)
        case 1:
            members[name] = mutated_bytes(dice, members[name])
        case 2:
            members[name] = random_bytes(dice)
        case _:
            members[name] = _other_array(dice, members[name])
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", dice.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))) as archive:
        for member, data in members.items():
            archive.writestr(zipfile.ZipInfo(member), data, compress_type=archive.compression)
    return mutated_bytes(dice, made.getvalue()) if dice.random() < 0.1 else made.getvalue()


def _other_array(dice: random.Random, member: bytes) -> bytes:
    array = np.load(io.BytesIO(member), allow_pickle=False)
    if array.dtype.names:
        if dice.random() < 0.6:
            return _bytes_of(_other_column(dice, array))
        array = array.view(np.int8)  # records as if they were numbers
    match dice.randrange(6):
        case 0:
            array = array.astype(dice.choice((np.int8, np.int16, np.uint64, np.float64, np.bool_)))
        case 1:
            array = array.reshape((*array.shape, 1)) if dice.random() < 0.5 else array.reshape((1, *array.shape))
        case 2:
            array = np.concatenate([array.reshape(-1), array.reshape(-1)[:1]])
        case 3:
            array = np.full(array.shape, dice.choice((-(2**62), 2**62, -1, 0, 5, 6, 127, 253402300800)), dtype=np.int64)
            array = array.astype(dice.choice((np.int8, np.int64)))
        case 4:
            array = array[:0] if array.ndim else np.array(2**40)
        case _:
            flat = array.reshape(-1).copy()
            if len(flat):
                flat[dice.randrange(len(flat))] = dice.choice((-1, 0, 6, 100, 127))
            array = flat.reshape(array.shape)
    return _bytes_of(array)


def _other_column(dice: random.Random, records: Any) -> Any:
    """Records with other numbers in one column."""
    other = records.copy()
    column = other[dice.choice(other.dtype.names)]
    column[:] = dice.choice((-1, 0, 5, 6, 127)) if column.dtype == np.int8 else dice.choice((-(2**62), 2**62, -1, 2**40))
    return other


def _bytes_of(array: Any) -> bytes:
    made = io.BytesIO()
    np.save(made, array, allow_pickle=False)
    return made.getvalue()
