"""Makes a source archive the same bytes each time: ``python -m release.repack dist/ckaudit-1.2.3.tar.gz``.

The build writes the clock into it. Here the files are in the order of their names, belong to nobody,
and are as old as ``SOURCE_DATE_EPOCH``.
"""

from __future__ import annotations

import gzip
import io
import os
import sys
import tarfile
from pathlib import Path


def repack(archive: Path, seconds: int) -> None:
    """Write an archive anew, every time in it set to ``seconds`` since 1970."""
    packed = io.BytesIO()
    with tarfile.open(archive) as old, tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as new:
        for member in sorted(old.getmembers(), key=lambda item: item.name):
            content = old.extractfile(member) if member.isfile() else None
            member.mtime, member.uid, member.gid, member.uname, member.gname, member.pax_headers = seconds, 0, 0, "", "", {}
            member.mode = 0o755 if member.isdir() or member.mode & 0o100 else 0o644
            new.addfile(member, content)
    with archive.open("wb") as file, gzip.GzipFile("", "wb", mtime=seconds, fileobj=file) as zipped:
        zipped.write(packed.getvalue())


if __name__ == "__main__":
    for name in sys.argv[1:]:
        repack(Path(name), int(os.environ["SOURCE_DATE_EPOCH"]))
