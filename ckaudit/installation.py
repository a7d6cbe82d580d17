"""How this copy of ckaudit came here, which command adds to it or replaces it, and where its repository can be read. It is on no package
index, so hints name what an extra needs, and the program that keeps this environment."""

from __future__ import annotations

import importlib.util
import json
import re
import shlex
import shutil
import sys
from collections.abc import Mapping
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit, urlunsplit

_NAME = "ckaudit"
_NOBODY = "OWNER"
"""The owner in ``pyproject.toml`` before somebody publishes ckaudit."""
_FILES = {"github.com": "blob", "gitlab.com": "-/blob"}
"""How hosts name the files of a commit."""
_WORD = r"[A-Za-z0-9_][A-Za-z0-9_.-]*"


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


def repository(environ: Mapping[str, str]) -> str:
    """The address under which the files of this ckaudit's repository can be read, ending in a slash; empty when nobody knows it.

    In this order: what the package says once somebody publishes it, the commit that git installed, and what the action says it was run
    from. Only hosts whose addresses of files are documented count, and only names that need no escaping.
    """
    return _published() or _from_git() or _from_action(environ)


def _published() -> str:
    """``[project.urls]``, unless it still names nobody."""
    found = _distribution()
    for line in (found.metadata.get_all("Project-URL") or []) if found else []:
        label, _, address = line.partition(",")
        parts = _hosted(address)
        if label.strip() == "Homepage" and parts and parts[1] != _NOBODY:
            return _file_address(*parts, "main")
    return ""


def _from_git() -> str:
    """The commit that was installed with ``pip install git+https://…`` (PEP 610)."""
    noted = _direct_url()
    info = noted.get("vcs_info")
    commit = info.get("commit_id") if isinstance(info, dict) and info.get("vcs") == "git" else None
    parts = _hosted(str(noted.get("url", "")))
    return _file_address(*parts, commit) if parts and isinstance(commit, str) and re.fullmatch(r"[0-9a-f]{40,64}", commit) else ""


def _from_action(environ: Mapping[str, str]) -> str:
    """What ``action.yml`` says. GitHub leaves its own variables empty for the steps of such an action (actions/runner#2473); of one action
    that uses another it names the outer one, so only a repository that is called ckaudit counts."""
    owner, _, name = environ.get("CKAUDIT_REPOSITORY", "").partition("/")
    ref = environ.get("CKAUDIT_REF", "")
    known = environ.get("GITHUB_SERVER_URL", "https://github.com") == "https://github.com" and name == _NAME
    plain = re.fullmatch(_WORD, owner) and re.fullmatch(rf"{_WORD}(?:/{_WORD})*", ref)
    return _file_address("github.com", owner, name, ref) if known and plain else ""


def _hosted(address: str) -> tuple[str, str, str] | None:
    """Host, owner and name of a repository; None for hosts whose addresses nobody told us."""
    try:
        parts = urlsplit(address.strip())
        host = parts.hostname or ""
    except ValueError:
        return None
    path = re.fullmatch(rf"/({_WORD})/({_WORD}?)(?:\.git)?/?", parts.path)
    return (host, path[1], path[2]) if path and host in _FILES and parts.scheme in ("https", "ssh") else None


def _file_address(host: str, owner: str, name: str, ref: str) -> str:
    return f"https://{host}/{owner}/{name}/{_FILES[host]}/{ref}/"


def _requirements(extra: str) -> list[str]:
    """What the extra needs, as the installed package says: ``weasyprint>=68``."""
    found = _distribution()
    lines = (found.requires or []) if found else []
    return [line.partition(";")[0].strip() for line in lines if re.search(rf"extra\s*==\s*['\"]{re.escape(extra)}['\"]", line)]


def _source() -> str:
    """Where it was installed from: the path of a file or folder, or ``git+https://…``; empty when nobody wrote it down (PEP 610)."""
    noted = _direct_url()
    try:
        parts = urlsplit(noted["url"])
        if parts.scheme == "file":
            return unquote(parts.path)
        url = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
        return f"git+{url}" if noted.get("vcs_info", {}).get("vcs") == "git" else url
    except (ValueError, KeyError, TypeError, AttributeError):
        return ""


def _direct_url() -> dict[str, Any]:
    found = _distribution()
    try:
        noted = json.loads((found and found.read_text("direct_url.json")) or "{}")
    except ValueError:
        return {}
    return noted if isinstance(noted, dict) else {}


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
