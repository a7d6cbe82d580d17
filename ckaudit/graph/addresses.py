"""Web addresses as links and webhooks have them."""

from __future__ import annotations

import enum
import ipaddress
import re
from collections.abc import Iterable
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


class DevelopmentTarget(enum.StrEnum):
    """Why an address is one to develop with, and none for customers: it keeps calls for everybody to read, it exists on one computer or in
    one network, it is open while somebody has a tunnel open, it takes calls while somebody looks, or its name says test site."""

    INSPECTION = "inspection"
    OWN_NETWORK = "own-network"
    TUNNEL = "tunnel"
    TEST_PATH = "test-path"
    TEST_SITE = "test-site"


# Their own pages say that they show every request they get.
_INSPECTION = (
    "webhook.site", "emailhook.site", "requestbin.com", "requestbin.net", "requestb.in", "requestcatcher.com", "beeceptor.com",
    "hookbin.com", "hookb.in", "postb.in", "requestinspector.com", "webhookinbox.com", "httpbin.org", "ptsv2.com", "ptsv3.com",
    "typedwebhook.tools", "webhook.cool", "webhook-test.com", "putsreq.com", "rbaskets.in", "mockbin.org", "mockbin.io", "mocky.io",
    "postman-echo.com", "reqres.in", "httpdump.app", "play.svix.com",
)  # fmt: skip
_TUNNELS = (
    "ngrok.io", "ngrok.app", "ngrok.dev", "ngrok-free.app", "ngrok-free.dev", "loca.lt", "localtunnel.me", "trycloudflare.com",
    "serveo.net", "localhost.run", "lhr.life", "lhr.rocks", "tunnelmole.net", "pagekite.me", "bore.pub", "telebit.io", "loclx.io",
    "pinggy.link", "pinggy.io", "devtunnels.ms", "app.github.dev", "githubpreview.dev", "gitpod.io", "sharedwithexpose.com", "zrok.io",
    "smee.io", "ultrahook.com",
)  # fmt: skip
_OWN_NAMES = ("localhost", "local", "internal", "lan", "home", "test", "invalid", "localdomain", "home.arpa")
_OWN_NETWORKS = tuple(map(ipaddress.ip_network, (
    "127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "100.64.0.0/10", "0.0.0.0/32", "::1/128",
    "fc00::/7", "fe80::/10",
)))  # fmt: skip
_TEST_PATH = re.compile(r"(?:^|/)webhook-test(?:/|$)", re.IGNORECASE)
_TEST_LABEL = re.compile(r"(?:.{0,60}-)?(?:staging|stage|stg|dev|test)\d{0,3}", re.IGNORECASE)


def development_target(address: str) -> DevelopmentTarget | None:
    """What makes this address one to develop with, judged by its host and path; None for every other one."""
    host = host_of(address)
    if not host:
        return None
    if _is_under(host, _INSPECTION):
        return DevelopmentTarget.INSPECTION
    if _is_own_network(host):
        return DevelopmentTarget.OWN_NETWORK
    if _is_under(host, _TUNNELS):
        return DevelopmentTarget.TUNNEL
    if _TEST_PATH.search(urlsplit(address).path):
        return DevelopmentTarget.TEST_PATH
    first, _, rest = host.partition(".")
    return DevelopmentTarget.TEST_SITE if "." in rest and _TEST_LABEL.fullmatch(first) else None


def _is_own_network(host: str) -> bool:
    """True for private addresses, and for names that the internet does not know; a name without a dot is one of a local network."""
    try:
        number = ipaddress.ip_address(host)
    except ValueError:
        return "." not in host or _is_under(host, _OWN_NAMES)
    return any(number in network for network in _OWN_NETWORKS if network.version == number.version)


def _is_under(host: str, domains: Iterable[str]) -> bool:
    return any(host == domain or host.endswith(f".{domain}") for domain in domains)
