"""The one module that knows the HTTP library. Sends GET requests to one host, and cannot send anything else."""

from __future__ import annotations

import asyncio
import os
import re
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from ipaddress import ip_address
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx
import msgspec

from ckaudit.kit.credentials import Credential
from ckaudit.model.errors import BugError, UsageError
from ckaudit.version import __version__

DEFAULT_API_URL = "https://api.kit.com"
CONNECTIONS = 10
MAX_BODY = 256 * 2**20

_PATH = re.compile(r"(/(?!\.+(/|$))[\w.~-]+)*", re.ASCII)

Params = tuple[tuple[str, str], ...]


class Response(msgspec.Struct, frozen=True):
    """What came back. ``body`` is decompressed."""

    status: int
    body: bytes
    content_type: str = ""
    request_id: str = ""
    retry_after: str = ""


class TransportError(msgspec.Struct, frozen=True):
    """Nothing usable came back; ``reason`` completes "Kit could not be reached: …"."""

    reason: str


Transport = Callable[[str, Params], Awaitable[Response | TransportError]]


class Timeouts(msgspec.Struct, frozen=True):
    """Seconds to wait for a connection, for the next bytes, and for a whole response."""

    connect: float = 10.0
    read: float = 30.0
    total: float = 120.0


class GetOnly(httpx.AsyncBaseTransport):
    """Lets GET requests to one origin through. Anything else is stopped before a socket is opened."""

    def __init__(self, inner: httpx.AsyncBaseTransport, origin: str) -> None:
        self._inner = inner
        self._origin = httpx.URL(origin)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Pass a request on. Raises BugError when it is not a GET or would carry the credential to another host."""
        same = (request.url.scheme, request.url.host, request.url.port) == (self._origin.scheme, self._origin.host, self._origin.port)
        if request.method != "GET" or not same:
            raise BugError(f"ckaudit tried to send {request.method} to {request.url.host}; it may only read from {self._origin.host}")
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._inner.aclose()


@asynccontextmanager
async def open_transport(
    credential: Credential, api_url: str = DEFAULT_API_URL, timeouts: Timeouts | None = None
) -> AsyncIterator[Transport]:
    """A function that GETs a path with parameters. Proxies are those of the environment. Redirects are not followed.

    Raises:
        UsageError: ``api_url`` is not an address a credential may be sent to, or the proxy setting cannot be used.
    """
    origin = check_api_url(api_url)
    timeouts = timeouts or Timeouts()
    name, secret = credential.header
    headers = {name: secret, "Accept": "application/json", "Accept-Encoding": "gzip", "User-Agent": f"ckaudit/{__version__}"}
    timeout = httpx.Timeout(timeouts.read, connect=timeouts.connect, pool=None)
    async with httpx.AsyncClient(
        base_url=origin, transport=_transport(origin), headers=headers, timeout=timeout, trust_env=False
    ) as client:

        async def get(path: str, params: Params) -> Response | TransportError:
            try:
                async with asyncio.timeout(timeouts.total):
                    return await _get(client, path, params)
            except TimeoutError:
                return TransportError("the answer took too long")

        yield get


def check_api_url(api_url: str) -> str:
    """The address to talk to: ``https://host[:port][/path]``, or plain http for this machine. Kit's ``/v4`` comes behind it.

    Raises:
        UsageError: anything else; a credential is not sent in the clear.
    """
    hint = f"The default is {DEFAULT_API_URL}."
    try:
        parts = urlsplit(api_url.strip())
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        raise UsageError("the API address is not a web address", hint=hint) from None
    host = parts.hostname or ""
    if parts.scheme not in {"http", "https"} or not host or parts.username or parts.password or parts.query or parts.fragment:
        raise UsageError("the API address must look like https://api.kit.com", hint=hint)
    path = parts.path.rstrip("/").removesuffix("/v4").rstrip("/")
    if not _PATH.fullmatch(path) or path.endswith("/v3"):
        raise UsageError("the API address may have a plain path such as /kit, without /v3, “..” or special characters", hint=hint)
    if parts.scheme == "http" and not _is_this_machine(host):
        raise UsageError(f"the API address must begin with https://, or the credential would travel to {host} in the clear", hint=hint)
    return f"{parts.scheme}://{f'[{host}]' if ':' in host else host}{port}{path}"


def _is_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _transport(origin: str) -> GetOnly:
    scheme, host = origin.partition("://")[::2]
    direct = _is_this_machine(urlsplit(origin).hostname or "") or proxy_bypass(host)
    proxy = None if direct else getproxies().get(scheme) or getproxies().get("all")
    limits = httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS)
    try:
        # Plain http (this machine only) needs no certificates, and loading them takes longer than a whole test.
        return GetOnly(httpx.AsyncHTTPTransport(verify=scheme == "https", proxy=proxy, limits=limits), origin)
    except OSError:  # ssl.SSLError is one
        named = [name for name in ("SSL_CERT_FILE", "SSL_CERT_DIR") if os.environ.get(name)]
        message = f"the certificates that {' or '.join(named) or 'this machine'} names cannot be read, so no server can be checked"
        raise UsageError(message, hint="Name a file of certificates in PEM format, or unset the variable.") from None
    except (ImportError, ValueError, httpx.InvalidURL):
        # The address of a proxy may hold a password, so it is not quoted.
        message = f"the proxy in the environment ({scheme.upper()}_PROXY or ALL_PROXY) cannot be used"
        raise UsageError(message, hint="Use an http:// or https:// proxy, or set NO_PROXY.") from None


async def _get(client: httpx.AsyncClient, path: str, params: Params) -> Response | TransportError:
    try:
        async with client.stream("GET", path, params=params) as response:
            body = bytearray()
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > MAX_BODY:
                    return TransportError(f"the answer is larger than {MAX_BODY // 2**20} MB")
            head = response.headers
            kind, number, again = head.get("content-type", ""), head.get("x-request-id", ""), head.get("retry-after", "")
            return Response(response.status_code, bytes(body), kind, number, again)
    except httpx.TimeoutException:
        return TransportError("the answer took too long")
    except httpx.ProxyError:
        return TransportError("the proxy of the environment refused the connection")
    except httpx.ConnectError as error:
        return TransportError(_why_no_connection(error))
    except httpx.InvalidURL:
        return TransportError("it gave an address of the next page that is too long to be asked for")
    except (httpx.TransportError, httpx.DecodingError):
        return TransportError("the connection broke in the middle of the answer")


def _why_no_connection(error: httpx.ConnectError) -> str:
    causes: list[BaseException] = [error]
    while (deeper := causes[-1].__cause__ or causes[-1].__context__) is not None:
        causes.append(deeper)
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
        return "its certificate could not be verified (behind a proxy that inspects TLS, set SSL_CERT_FILE)"
    if any(isinstance(cause, socket.gaierror) for cause in causes):
        return "the host name is unknown (no network, or a wrong API address)"
    return "no connection (no network, a firewall, or a wrong API address)"
