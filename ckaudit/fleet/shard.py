"""Which part of a fleet runs here: ``--shard 2/4``. It depends on the names of the accounts and on nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterable
from hashlib import blake2b

import msgspec

from ckaudit.model.errors import UsageError


class Shard(msgspec.Struct, frozen=True):
    """One part of ``count`` parts; ``number`` counts from 1."""

    number: int
    count: int

    def __str__(self) -> str:
        return f"{self.number}/{self.count}"

    def names(self, names: Iterable[str]) -> frozenset[str]:
        """The names that belong to this part. The parts differ by one account at most, and are the same whatever the order of ``names``.

        The order is that of hashes: accounts with like names, which are often of a like size, do not all meet in one part.
        """
        return frozenset(sorted(names, key=_hash)[self.number - 1 :: self.count])


def parse_shard(text: str) -> Shard:
    """``2/4`` as a shard. Raises UsageError."""
    match = re.fullmatch(r"(\d{1,6})/(\d{1,6})", text.strip())
    if not match or not 1 <= int(match[1]) <= int(match[2]):
        raise UsageError(f"--shard: “{text}” is not a part of a whole", hint="Write it as 2/4: the second of four parts.")
    return Shard(int(match[1]), int(match[2]))


def whole_of(names: Iterable[str]) -> str:
    """A digest of all accounts that are divided: parts of different wholes may share accounts, and leave some out."""
    return _hash("\n".join(sorted(map(_hash, names))))


def _hash(text: str) -> str:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
