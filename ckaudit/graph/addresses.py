"""Web addresses as links and webhooks have them."""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import urlsplit, urlunsplit


@lru_cache(4096)
def host_of(target: str) -> str:
    """The host of an address in lower case, empty when there is none."""
    try:
        return (urlsplit(target).hostname or "").lower()
    except ValueError:
        return ""


def plain_link(address: str) -> str:
    """A link address as Kit's rules compare it here: without ``utm_*`` parameters, a trailing slash, and capitals in scheme and host."""
    address = address.strip()
    try:
        parts = urlsplit(address)
    except ValueError:
        return address
    query = "&".join(pair for pair in parts.query.split("&") if not pair.lower().startswith("utm_"))
    return urlunsplit((parts.scheme, parts.netloc.lower(), parts.path.rstrip("/"), query, parts.fragment))
