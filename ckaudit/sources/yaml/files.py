"""Files with YAML: reading them from disk."""

from __future__ import annotations

from pathlib import Path

from ckaudit.model.errors import Location
from ckaudit.sources.files import near_path
from ckaudit.sources.yaml.problems import Problems
from ckaudit.sources.yaml.tree import line_column

# An automation of twenty steps takes about a kilobyte, so this holds thousands, more than anybody draws; they are read in a few seconds.
MAX_BYTES = 5_000_000


def read_text(path: Path, what: str, problems: Problems) -> str | None:
    """The text of a file; None when it cannot be read, with the reason in ``problems``. ``what`` is what it should be.

    Never reads more than ``MAX_BYTES``.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        hint = near_path(path) or "Check its name and permissions."
        problems.add(f"cannot read this file: {error.strerror or error}", Location(str(path)), hint)
        return None
    except ValueError:  # a NUL in the name
        problems.add("this is not a file name", Location(str(path)))
        return None
    if len(data) > MAX_BYTES:
        hint = "Is this the right file? Large ones may be split into several."
        problems.add(f"this file is larger than {MAX_BYTES // 1_000_000} MB, too large for {what}", Location(str(path)), hint)
        return None
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        problems.add("this file is UTF-16 text", Location(str(path)), "Save it as UTF-8.")
        return None
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8")
        place = Location(str(path), *line_column(before, len(before)))
        problems.add("this is not UTF-8 text", place, "Save the file as UTF-8 in your editor.")
        return None
