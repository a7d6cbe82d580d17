"""One pull into a folder at a time. The system holds the lock, so that a process that crashes or is killed leaves none behind."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from ckaudit.model.errors import OutputError
from ckaudit.sources.files import cannot_write

LOCK_FILE = ".ckaudit-pull.lock"

if sys.platform == "win32":
    import msvcrt

    _FAR = 1 << 30  # a byte behind the number that others are to read

    def _lock(file: int) -> None:
        os.lseek(file, _FAR, os.SEEK_SET)
        msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        os.lseek(file, 0, os.SEEK_SET)

else:
    import fcntl

    def _lock(file: int) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextlib.contextmanager
def locked(folder: Path | None) -> Iterator[None]:
    """Keep other pulls out of this folder, which is made if need be. Nothing to do without one.

    Raises:
        OutputError: another process has it, or it cannot be written.
    """
    if folder is None:
        yield
        return
    is_new = not folder.exists()
    path = folder / LOCK_FILE
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = _opened(path)
    except OSError as error:
        raise cannot_write(folder, error) from None
    try:
        yield
    finally:
        _release(path, file)
        if is_new:
            with contextlib.suppress(OSError):
                folder.rmdir()


def _release(path: Path, file: int) -> None:
    """Remove the file, then let go of it: who waits behind it sees that it is gone, and makes a new one, which is not to be removed."""
    removed = False
    try:
        path.unlink()
        removed = True
    except OSError:  # Windows removes no open file; there nobody can have made a new one
        pass
    finally:
        os.close(file)  # whatever happens: this process must not keep out its own next pull
    if not removed:
        with contextlib.suppress(OSError):
            path.unlink()


def _opened(path: Path) -> int:
    """The lock, taken. Raises OSError, and OutputError when another process has it."""
    while True:
        file = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600)
        try:
            _lock(file)
        except (BlockingIOError, PermissionError):
            number = os.read(file, 20).decode(errors="replace")
            os.close(file)
            who = f" (process {number})" if number.isdecimal() else ""
            hint = "Wait until it is done, or choose another folder."
            raise OutputError(f"another pull into {path.parent} is under way{who}", hint=hint) from None
        except OSError:
            pass  # a file system without locks, such as some of those on other machines: better without than not at all
        with contextlib.suppress(FileNotFoundError):
            if path.stat().st_ino == os.fstat(file).st_ino:
                os.truncate(file, 0)
                os.write(file, str(os.getpid()).encode())
                return file
        os.close(file)  # it was removed by the one who had it, in between
