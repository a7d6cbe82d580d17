"""``python -m cassettes.record``: record the conversations in this folder again. See README.md beside it."""

from __future__ import annotations

import contextlib
import json
import os
import re
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import click
import vcr
import yaml

from ckaudit.kit.credentials import Credential, CredentialKind, find_credential
from ckaudit.kit.http import DEFAULT_API_URL
from ckaudit.kit.redact import Labels, redact_text, redact_url
from ckaudit.kit.timing import Timing
from ckaudit.sources.live import Pulled, pull
from tests.fake_kit.accounts import big, sample
from tests.fake_kit.app import KEY, FakeKit
from tests.fake_kit.clock import Clock
from tests.fake_kit.faults import Fault, FaultPlan
from tests.fake_kit.server import serve

FOLDER = Path(__file__).parent
HEADERS = {"content-type", "retry-after", "x-request-id"}
PERSONAL = {"email": "owner@example.com", "primary_email_address": "owner@example.com", "first_name": "Somebody"}
ADDRESSES = {"target_url", "url", "initiator_value"}


def paged_sample() -> dict[str, Any]:
    """The sample account with enough tags for several pages of two."""
    return sample() | {"tags": big(tags=5)["tags"]}


def troubles() -> FaultPlan:
    """The faults of ``faults.yaml``: the first requests to three paths."""
    left = {
        "/v4/tags": [Fault.TOO_MANY],
        "/v4/segments": [Fault.ERROR_500, Fault.TEXT_200],
        "/v4/snippets": [Fault.HTML_502],
    }

    def plan(_number: int, path: str) -> Fault | None:
        return left[path].pop(0) if left.get(path) else None

    return plan


SCENES: dict[str, tuple[str, Callable[[], FakeKit]]] = {
    "pull.yaml": (KEY, lambda: FakeKit(paged_sample(), largest_page=2)),
    "key-refused.yaml": ("wrong", lambda: FakeKit(sample())),
    "endpoints-refused.yaml": (KEY, lambda: FakeKit({**sample(), "_open": ()})),
    "faults.yaml": (KEY, lambda: FakeKit(sample(), faults=troubles())),
}


def recorder(mode: str) -> vcr.VCR:
    """vcrpy with what this project needs of it.

    Bodies are stored decompressed: a compressed one cannot be read in a diff, and if saving it failed, vcrpy would leave the HTTP
    library patched. Both filters also run on loading, so they change nothing the second time.
    """
    return vcr.VCR(
        cassette_library_dir=str(FOLDER),
        record_mode=mode,
        match_on=["method", "host", "path", "query"],
        decode_compressed_response=True,
        filter_headers=["x-kit-api-key", "authorization", "user-agent", "accept", "accept-encoding", "connection", "host"],
        before_record_request=as_if_kit,
        before_record_response=partial(scrub, Labels()),
    )


def as_if_kit(request: Any) -> Any:
    """Every recording names Kit's own host, whatever answered."""
    request.uri = urlunsplit(urlsplit(request.uri)._replace(scheme="https", netloc="api.kit.com"))
    return request


def scrub(labels: Labels, response: dict[str, Any]) -> dict[str, Any]:
    """Leave out what is personal, secret, or different on every run. One secret has one label in the whole recording."""
    headers = {name: values for name, values in response["headers"].items() if name.lower() in HEADERS}
    body = response["body"]["string"]
    with contextlib.suppress(ValueError):  # plain text and HTML of errors stay as they are
        body = json.dumps(_scrubbed(json.loads(body), labels), ensure_ascii=False, indent=1).encode()
    return {**response, "headers": headers, "body": {"string": body}}


def _scrubbed(value: Any, labels: Labels, key: str = "") -> Any:
    if isinstance(value, dict):
        if {"state", "email_address"} <= set(value):  # a subscriber; sending addresses have no state
            value = {**value, "email_address": "somebody@example.com"}
        return {name: _scrubbed(item, labels, name) for name, item in value.items()}
    if isinstance(value, list):
        return [_scrubbed(item, labels) for item in value]
    if not isinstance(value, str):
        return value
    if key in ADDRESSES:
        return redact_url(value, labels)
    return PERSONAL.get(key, redact_text(value, labels) if key in {"name", "description"} else value)


class _Readable(yaml.SafeDumper):
    """Writes bodies of several lines as lines."""


def _as_lines(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Readable.add_representer(str, _as_lines)


def record(name: str, url: str, credential: Credential, timing: Timing) -> Pulled:
    """One pull into one file, its requests in a fixed order."""
    path = FOLDER / name
    path.unlink(missing_ok=True)
    with recorder("all").use_cassette(name):
        pulled = pull(credential, api_url=url, timing=timing)
    written = yaml.safe_load(path.read_text(encoding="utf-8"))
    written["interactions"].sort(key=lambda item: item["request"]["uri"])
    text = yaml.dump(written, Dumper=_Readable, allow_unicode=True, width=140)
    again: dict[str, str] = {}  # labels were numbered as answers came in; number them as they stand here
    text = re.sub(r"REDACTED-\d+", lambda match: again.setdefault(match[0], f"REDACTED-{len(again) + 1}"), text)
    path.write_text(text, encoding="utf-8")
    return pulled


def main() -> None:
    """Record all from the fake Kit, or one from Kit."""
    if "--real" in sys.argv[1:]:
        pulled = record("pull.yaml", DEFAULT_API_URL, find_credential(os.environ), Timing())
        click.echo(f"pull.yaml: {pulled.requests} requests to {DEFAULT_API_URL}. Read the diff before you commit it.")
        return
    for name, (secret, kit) in SCENES.items():
        with serve(kit()) as served:
            pulled = record(name, served.url, Credential(CredentialKind.KEY, secret), Clock().timing)
        click.echo(f"{name}: {pulled.requests} requests, {pulled.problem or 'complete'}")


if __name__ == "__main__":
    main()
