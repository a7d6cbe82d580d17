"""Writes a file whole or not at all; reads no more of one than fits; reads a key; says which file was meant."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
from pathlib import Path
from typing import TypeAlias

from ckaudit.model.errors import CredentialsError, OutputError
from ckaudit.model.nearest import nearest

StrPath: TypeAlias = str | os.PathLike[str]
"""A path as whoever uses the Python API may write it."""

_MAX_KEY_FILE = 65536  # characters; /dev/zero has no end
_UNFINISHED = ".ckaudit-"


def write_atomically(path: Path, data: bytes, *, shared: bool = False) -> None:
    """Write through a temporary file in the same folder, so that ``path`` never holds half of it. Creates the folder.

    The file is readable by its owner only, as accounts, people and results are; one that is ``shared``, such as a report for whoever
    publishes it, has the permissions that the umask gives. A link of that name is replaced, what it leads to stays.

    Raises:
        OutputError: the folder or file cannot be written; what was there before is untouched.
    """
    if path.exists() and not path.is_symlink() and not path.is_file() and not path.is_dir():
        raise OutputError(
            f"cannot write {path}: it is a device or a pipe, not a file", hint="Name a file, or let standard output go there."
        )
    # The name is made here and known before the file is there: Ctrl-C finds nothing that would not be removed.
    temporary = path.parent / f"{_UNFINISHED}{secrets.token_hex(8)}.tmp"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(temporary, "xb", opener=_for_all if shared else _for_owner) as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        raise cannot_write(path, error) from None
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def replace_unchanged(path: Path, before: bytes | None, data: bytes, *, shared: bool = False) -> None:
    """As ``write_atomically``, when the file still is what was read (None: there was none).

    Raises:
        OutputError: somebody changed it meanwhile, or it cannot be written; what is there is untouched.
    """
    try:
        now = path.read_bytes() if path.exists() else None
    except OSError as error:
        raise cannot_write(path, error) from None
    if now != before:
        raise OutputError(f"{path} was changed meanwhile by somebody else, and stays as it is", hint="Run the command again.")
    write_atomically(path, data, shared=shared)


def _for_all(path: str, flags: int) -> int:
    return os.open(path, flags, mode=0o666)


def _for_owner(path: str, flags: int) -> int:
    return os.open(path, flags, mode=0o600)


def remove_unfinished(folder: Path) -> None:
    """Remove what processes that were killed while they wrote into this folder left behind. Raises OutputError."""
    for path in folder.glob(f"{_UNFINISHED}*.tmp"):
        remove(path)


def read_limited(path: Path, max_size: int) -> bytes:
    """The bytes of a file, or of a pipe such as ``<(git show HEAD:result.json)``.

    Raises:
        OSError: it cannot be read or has more than ``max_size`` bytes; ``strerror`` says so in words.
    """
    try:
        with path.open("rb") as file:
            data = file.read(max_size + 1)
    except ValueError:  # a NUL in the name
        raise OSError(errno.EINVAL, "this is not a file name") from None
    if len(data) > max_size:
        raise OSError(errno.EFBIG, f"it is larger than {max_size // 1_000_000} MB")
    return data


def near_path(path: Path) -> str:
    """The hint for a path that is not there: the nearest name in its folder; empty when there is none."""
    try:
        names = [entry.name for entry in path.parent.iterdir() if not entry.name.startswith(".")]
    except (OSError, ValueError):
        return ""
    near = nearest(path.name, names)
    return f"Did you mean {path.parent / near}?" if near and near != path.name else ""


def remove(path: Path) -> None:
    """Remove a file; none is fine. Raises OutputError."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise cannot_write(path, error) from None


def cannot_write(path: Path, error: OSError) -> OutputError:
    """The sentence for a file that cannot be written. Windows refuses to replace one that is open."""
    hint = "Check the folder, its permissions and the free space."
    is_open = getattr(error, "winerror", None) in (5, 32)
    return OutputError(
        f"cannot write {path}: {error.strerror or error}", hint=f"Is it open in another program? {hint}" if is_open else hint
    )


def read_key(path: Path) -> str:
    """The text of a file with an API key.

    Raises:
        CredentialsError: it cannot be read or is not text; never quotes it.
    """
    try:
        with path.open(encoding="utf-8-sig") as file:
            return file.read(_MAX_KEY_FILE)
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise CredentialsError(f"cannot read the API key from {path}: {reason}", hint="Give a file that holds the key alone.") from None
