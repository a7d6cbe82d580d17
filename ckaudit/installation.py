"""How this copy of ckaudit came here, and which command adds to it or replaces it. It is on no package index, so hints
name what an extra needs, and the program that keeps this environment."""

from __future__ import annotations

import importlib.util
import json
import re
import shlex
import shutil
import sys
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

_NAME = "ckaudit"


def adding(extra: str, package: str) -> str:
    """The command that installs what an extra needs beside this ckaudit; ``package`` is what it needs where nobody says more."""
    needed = " ".join(shlex.quote(item) for item in _requirements(extra) or [package])
    home = Path(sys.prefix)
    if (home / "pipx_metadata.json").is_file():
        return f"pipx inject {shlex.quote(home.name)} {needed}"
    if _is_passing(home):
        return f"uvx --with {needed} …, with what you gave uvx before"
    if (home / "uv-receipt.toml").is_file():
        return f"uv pip install --python {_python()} {needed}"
    return f"{_pip('install')} {needed}"


def upgrading() -> str:
    """A sentence: how to get a newer ckaudit."""
    home, source = Path(sys.prefix), _source()
    if (home / "pipx_metadata.json").is_file():
        return f"Upgrade: `pipx upgrade {shlex.quote(home.name)}`."
    if (home / "uv-receipt.toml").is_file():
        return f"Upgrade: `uv tool upgrade {_NAME}`."
    if source.startswith("git+"):
        return f"Upgrade: `{_pip('install')} --upgrade {shlex.quote(f'{_NAME} @ {source}')}`."
    return "Upgrade: install the newer ckaudit from where you got this one" + (
        f": `{_pip('install')} --upgrade {shlex.quote(source)}`." if source else "."
    )


def _requirements(extra: str) -> list[str]:
    """What the extra needs, as the installed package says: ``weasyprint>=68``."""
    found = _distribution()
    lines = (found.requires or []) if found else []
    return [line.partition(";")[0].strip() for line in lines if re.search(rf"extra\s*==\s*['\"]{re.escape(extra)}['\"]", line)]


def _source() -> str:
    """Where it was installed from: the path of a file or folder, or ``git+https://…``; empty when nobody wrote it down (PEP 610)."""
    found = _distribution()
    try:
        noted = json.loads((found and found.read_text("direct_url.json")) or "{}")
        parts = urlsplit(noted["url"])
        if parts.scheme == "file":
            return unquote(parts.path)
        url = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
        return f"git+{url}" if noted.get("vcs_info", {}).get("vcs") == "git" else url
    except (ValueError, KeyError, TypeError, AttributeError):
        return ""


def _distribution() -> Distribution | None:
    try:
        return distribution(_NAME)
    except PackageNotFoundError:
        return None


def _is_passing(home: Path) -> bool:
    """An environment that ``uvx`` made for one run, in its cache."""
    return any(re.match(r"(archive|environments|builds)-v\d+$", part) for part in home.parts)


def _pip(command: str) -> str:
    return f"uv pip {command} --python {_python()}" if importlib.util.find_spec("pip") is None else f"{_python()} -m pip {command}"


def _python() -> str:
    """The Python of this environment, as it can be typed: by its name where that leads to it."""
    for name in ("python", "python3"):
        if shutil.which(name) == sys.executable:
            return name
    return shlex.quote(sys.executable or "python3")
