"""Which part of a fleet runs here: ``--shard 2/4``. It depends on an account's name and on nothing else."""

from __future__ import annotations

import re
from hashlib import blake2b

import msgspec

from ckaudit.model.errors import UsageError


class Shard(msgspec.Struct, frozen=True):
    """One part of ``count`` parts; ``number`` counts from 1."""

    number: int
    count: int

    def __str__(self) -> str:
        return f"{self.number}/{self.count}"

    def has(self, name: str) -> bool:
        """Whether the account of this name belongs to this part, whatever other accounts there are."""
        return int.from_bytes(blake2b(name.encode(), digest_size=8).digest()) % self.count == self.number - 1


def parse_shard(text: str) -> Shard:
    """``2/4`` as a shard. Raises UsageError."""
    match = re.fullmatch(r"(\d{1,6})/(\d{1,6})", text.strip())
    if not match or not 1 <= int(match[1]) <= int(match[2]):
        raise UsageError(f"--shard: “{text}” is not a part of a whole", hint="Write it as 2/4: the second of four parts.")
    return Shard(int(match[1]), int(match[2]))
