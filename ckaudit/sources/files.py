"""Writes a file whole or not at all; reads a key."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

from ckaudit.model.errors import CredentialsError, OutputError

_LONGEST_KEY_FILE = 65536  # characters; /dev/zero has no end


def write_atomically(path: Path, data: bytes) -> None:
    """Write through a temporary file in the same folder, so that ``path`` never holds half of it. Creates the folder.

    The file is readable by its owner only: it describes a client's business.

    Raises:
        OutputError: the folder or file cannot be written; what was there before is untouched.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise cannot_write(path, error) from None
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        raise cannot_write(path, error) from None
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def remove(path: Path) -> None:
    """Remove a file; none is fine. Raises OutputError."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise cannot_write(path, error) from None


def cannot_write(path: Path, error: OSError) -> OutputError:
    """The sentence for a file that cannot be written."""
    return OutputError(f"cannot write {path}: {error.strerror or error}", hint="Check the folder, its permissions and the free space.")


def read_key(path: Path) -> str:
    """The text of a file with an API key.

    Raises:
        CredentialsError: it cannot be read or is no text; never quotes it.
    """
    try:
        with path.open(encoding="utf-8-sig") as file:
            return file.read(_LONGEST_KEY_FILE)
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        raise CredentialsError(f"cannot read the API key from {path}: {reason}", hint="Give a file that holds the key alone.") from None
