"""Kit's lists, page by page, forwards. Cursors are opaque; the HTTP library percent-encodes them (they end in ``=``)."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from itertools import count

import msgspec

from ckaudit.kit.client import Client, UnexpectedResponseError
from ckaudit.kit.requests import PER_PAGE, ListRequest
from ckaudit.model.errors import KitRefusedError, KitUnreachableError

_REPEATS_OF_A_BROKEN_PAGE = 2
_MAX_EMPTY_PAGES = 50
MAX_PAGES = 1000
"""A million tags, or emails of one sequence: no account has them, and a list without end would never be told from one."""
_RESTARTS = 3
_STRING_OR_NO_NUMBER = re.compile(r'("(?:[^"\\]++|\\.)*+(?:"|\\?\Z))|-?\b(?:NaN|Infinity)\b', re.DOTALL)
_ESCAPE = re.compile(r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)", re.DOTALL)


class Page(msgspec.Struct, frozen=True):
    """The objects of one page as JSON text. ``more``: another page follows. ``cut``: Kit says so but gives no usable cursor.

    ``total``: how many there are in all, where Kit was asked for it and says so.
    """

    objects: tuple[msgspec.Raw, ...]
    more: bool = False
    cut: bool = False
    total: int | None = None


class _Counted(msgspec.Struct, frozen=True):
    total_count: int | None = None


class _Pagination(msgspec.Struct, frozen=True):
    has_next_page: bool
    end_cursor: str | None = None
    total_count: int | None = None


async def pages(client: Client, request: ListRequest, most: int | None = None) -> AsyncIterator[Page]:
    """Every page of a list. Ends after the last one, or after a page that is ``cut``: then the list is not complete.

    A cursor that Kit refuses points at something that is gone since: then the list begins again, and objects come twice. A list that goes
    on and on without an object is cut.

    Raises:
        IncompleteError: as ``Client.get``, or there are more than ``most`` pages; pages yielded before stay valid.
    """
    seen: set[str] = set()
    cursor: str | None = None
    restarts = empty = 0
    for number in count():
        if number == most:
            hint = "Is there something else than Kit at the API address? Run it again; if it stays so, tell Kit's support."
            raise KitUnreachableError(f"Kit's list at GET {request.path} has no end: it was left after {most:,} pages", hint=hint)
        try:
            page, following = await _page(client, request, cursor, seen)
        except KitRefusedError:
            if cursor is None or restarts == _RESTARTS:
                raise
            restarts, cursor = restarts + 1, None
            seen.clear()
            continue
        empty = 0 if page.objects else empty + 1
        if page.more and empty > _MAX_EMPTY_PAGES:
            page = msgspec.structs.replace(page, more=False, cut=True)
        yield page
        if not page.more or following is None:
            return
        seen.add(following)
        cursor = following


async def _page(client: Client, request: ListRequest, cursor: str | None, seen: set[str]) -> tuple[Page, str | None]:
    first = (("include_total_count", "true"),) if request.counted else ()
    params = (*request.params, ("per_page", PER_PAGE), *(first if cursor is None else (("after", cursor),)))
    broken = 0

    def read(body: bytes) -> tuple[Page, str | None]:
        nonlocal broken
        objects, pagination = _parts(body, request.envelope)
        following = pagination.end_cursor
        usable = bool(following) and following not in seen
        if pagination.has_next_page and not usable:
            broken += 1
            if broken <= _REPEATS_OF_A_BROKEN_PAGE:
                raise UnexpectedResponseError("promises another page but does not say where")
        more = pagination.has_next_page and usable
        return Page(objects, more, pagination.has_next_page and not usable, pagination.total_count), following

    return await client.get(request.path, params, read)


def total_of(body: bytes) -> int | None:
    """How many there are in all, of an answer that was asked to count them; None when Kit does not say. The people in it are not read."""
    document = read_document(body)
    if "subscribers" not in document:
        raise UnexpectedResponseError("has no list of subscribers")
    try:
        return msgspec.json.decode(document.get("pagination", b"{}"), type=_Counted).total_count
    except ValueError:
        return None


def _parts(body: bytes, envelope: str) -> tuple[tuple[msgspec.Raw, ...], _Pagination]:
    document = read_document(body)
    try:
        objects = msgspec.json.decode(document[envelope], type=tuple[msgspec.Raw, ...])
        if "pagination" not in document:  # one page; as long as a whole one, it may not be all, and there is no cursor to go on with
            return objects, _Pagination(has_next_page=len(objects) >= int(PER_PAGE))
        return objects, msgspec.json.decode(document["pagination"], type=_Pagination)
    except (KeyError, ValueError):
        raise UnexpectedResponseError(f"has no list of {envelope.replace('_', ' ')}") from None


def read_document(body: bytes) -> dict[str, msgspec.Raw]:
    """The top level of a JSON body. Raises UnexpectedResponseError when it is cut off, no JSON, or no object."""
    try:
        return msgspec.json.decode(body, type=dict[str, msgspec.Raw])
    except (ValueError, RecursionError):
        pass
    try:
        return msgspec.json.decode(_mended(body), type=dict[str, msgspec.Raw])
    except (ValueError, RecursionError):
        raise UnexpectedResponseError("is not the JSON that Kit sends") from None


def _mended(body: bytes) -> bytes:
    """JSON as some programs write it: without the mark in front, with null for numbers that JSON does not have, and “�” for halves of
    characters. One of these in one object must not cost the list."""
    text = body.removeprefix(b"\xef\xbb\xbf").decode("utf-8", errors="replace")
    numbers = _STRING_OR_NO_NUMBER.sub(lambda match: match[1] or "null", text)
    return _ESCAPE.sub(lambda match: "\\ufffd" if match[1] else match[0], numbers).encode("utf-8")
