"""A saved page, HAR or JSON -> its shape: names of elements and keys, kinds and lengths of values, and where the names and ids of an
account stand in it, as ``tag#3``. No text, no cookie, no token, no header and no value of a query.

That is how a page of Kit's may be shown to whoever builds a reader for it, without showing what is in it.
"""

from __future__ import annotations

import base64
import binascii
from typing import Any

import msgspec

from ckaudit.model.errors import InputError, Location
from ckaudit.sources.pages.shape.html_shape import html_node
from ckaudit.sources.pages.shape.json_shape import json_node, secret_in
from ckaudit.sources.pages.shape.tree import Shapes
from ckaudit.sources.pages.shape.values import Values
from ckaudit.sources.pages.shape.words import is_plain

__all__ = ["Values", "shape_of"]

_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
_SANITIZED = (
    "Export it again without them: in Chrome's network panel choose “Export HAR (sanitized)”. Send nobody this file: it opens your account."
)


def shape_of(text: str, file: str, values: Values) -> str:
    """The shape, a line for each part. ``file`` is what places in messages are called.

    Raises:
        InputError: it is none of the three, or holds cookies or authorization headers.
    """
    place, shapes = Location(file), Shapes()
    body = text.lstrip("\ufeff \t\r\n")
    if body[:1] in ("{", "["):
        value = _decoded(body, place)
        _refuse(secret_in(value), place)
        what, root = ("har", _har(value, values, shapes)) if _is_har(value) else ("json", json_node(value, values, shapes))
    elif body[:1] == "<":
        root, secret = html_node(body, values, shapes)
        _refuse(secret, place)
        what = "html"
    else:
        saved = body[:2000].lower()
        hint = "Save the page as “Webpage, HTML Only”, or the network panel's list as HAR."
        reason = "this is a web archive (MHTML)" if "mime-version:" in saved else "this is neither HTML, nor HAR, nor JSON"
        raise InputError(reason, location=place, hint=hint)
    return f"shape of {what}, {len(text)} characters\n" + "".join(f"{line}\n" for line in shapes.lines(root))


def _decoded(body: str, place: Location) -> Any:
    try:
        return msgspec.json.decode(body)
    except (ValueError, RecursionError):
        raise InputError("this looks like JSON and is none", location=place, hint="Is the file whole? Save it again.") from None


def _refuse(secret: str, place: Location) -> None:
    if secret:
        raise InputError(f"this file holds cookies or credentials (“{secret}”)", location=place, hint=_SANITIZED)


def _is_har(value: Any) -> bool:
    log = value.get("log") if isinstance(value, dict) else None
    return isinstance(log, dict) and isinstance(log.get("entries"), list)


def _har(value: Any, values: Values, shapes: Shapes) -> int:
    return shapes.node("requests", [_request(entry, values, shapes) for entry in value["log"]["entries"] if isinstance(entry, dict)])


def _request(entry: dict[str, Any], values: Values, shapes: Shapes) -> int:
    """One request: its method and path, what was sent, and what came back; no header."""
    request, response = _object(entry.get("request")), _object(entry.get("response"))
    method = request.get("method")
    head = f"{method if method in _METHODS else 'request'} {values.url(str(request.get('url', '')))}"
    status = response.get("status")
    answer = f"status {status}" if isinstance(status, int) and 100 <= status < 600 else "no status"
    bodies = [("sent", _object(request.get("postData"))), ("answer", _object(response.get("content")))]
    return shapes.node(head, [shapes.node(answer), *(_body(label, body, values, shapes) for label, body in bodies if body)])


def _body(label: str, body: dict[str, Any], values: Values, shapes: Shapes) -> int:
    text, kind = body.get("text"), _mime(body.get("mimeType"))
    if not isinstance(text, str) or not text:
        return shapes.node(f"{label}: {kind}, empty")
    if body.get("encoding") == "base64":
        try:
            text = base64.b64decode(text, validate=True).decode()
        except (binascii.Error, ValueError):
            return shapes.node(f"{label}: {kind}, bytes({len(text)})")
    start = text.lstrip()[:1]
    if start in ("{", "["):
        try:
            value = msgspec.json.decode(text)
        except (ValueError, RecursionError):
            return shapes.node(f"{label}: {kind}, text({len(text)})")
        if secret := secret_in(value):
            _refuse(secret, Location(label))
        return json_node(value, values, shapes, f"{label}: {kind}")
    if start == "<":
        root, secret = html_node(text, values, shapes)
        _refuse(secret, Location(label))
        return shapes.node(f"{label}: {kind}", [root])
    return shapes.node(f"{label}: {kind}, text({len(text)})")


def _mime(value: object) -> str:
    kind = value.partition(";")[0].strip().lower() if isinstance(value, str) else ""
    first, _, second = kind.partition("/")
    return kind if is_plain(first) and is_plain(second.replace("+", "-")) else "other"


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
