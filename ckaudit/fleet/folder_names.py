"""Names of accounts as names of folders. They depend on the account's name and on nothing else."""

from __future__ import annotations

import re
import unicodedata
from hashlib import blake2b

MAX_LENGTH = 48

# A name that may stand as it is: nothing any file system changes or forbids, and nothing that looks like one of our marks.
_SAFE = re.compile(r"[a-z0-9](?:[a-z0-9_-]{0,46}[a-z0-9_])?")
_MARKED = re.compile(r".*-[0-9a-f]{10}")
_WINDOWS = re.compile(r"con|prn|aux|nul|com[0-9]|lpt[0-9]")


def folder_name(name: str) -> str:
    """A name for the account's folder: ``anna`` stays, ``Anna & Söhne`` becomes ``anna-sohne-`` with ten hex digits of its hash.

    Two accounts never get the same one, on file systems that do not tell ``A`` from ``a`` neither; it never leads out of its folder.
    """
    if _SAFE.fullmatch(name) and not _MARKED.fullmatch(name) and not _WINDOWS.fullmatch(name):
        return name
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[: MAX_LENGTH - 11].strip("-")
    mark = blake2b(name.encode("utf-8", "surrogatepass"), digest_size=5).hexdigest()
    return f"{words or 'account'}-{mark}"
