"""Is this commit what the tag says? ``python -m release.check v1.2.3`` ends with 1 and says what is missing.

The version stands in ``ckaudit/version.py``, so that a bare checkout knows it too; a tag that says another one releases nothing.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def problems(tag: str, root: Path = ROOT) -> list[str]:
    """Why this tag cannot be released, empty when it can."""
    found = []
    version = re.findall(r'^__version__ = "([^"]+)"$', (root / "ckaudit" / "version.py").read_text("utf-8"), re.MULTILINE)
    if not re.fullmatch(r"v\d+\.\d+\.\d+(?:(?:a|b|rc)\d+)?", tag):
        found.append(f"the tag {tag} is not v and a version, as in v1.2.3")
    if version != [tag.removeprefix("v")]:
        found.append(f"ckaudit/version.py says {' '.join(version) or 'nothing'}, the tag says {tag.removeprefix('v')}")
    changes = (root / "CHANGELOG.md").read_text("utf-8")
    section = re.search(
        rf"^## \[{re.escape(tag.removeprefix('v'))}\] - \d{{4}}-\d\d-\d\d\n(.*?)(?=^## |\Z)", changes, re.MULTILINE | re.DOTALL
    )
    if section is None:
        found.append(f"CHANGELOG.md has no heading “## [{tag.removeprefix('v')}] - YYYY-MM-DD”")
    elif not re.search(r"^- ", section[1], re.MULTILINE):
        found.append("CHANGELOG.md lists nothing under this version")
    unreleased = re.search(r"^## \[Unreleased\]\n(.*?)(?=^## |\Z)", changes, re.MULTILINE | re.DOTALL)
    if unreleased and re.search(r"^- ", unreleased[1], re.MULTILINE):
        found.append("CHANGELOG.md still has entries under [Unreleased]")
    if "/OWNER/" in (root / "pyproject.toml").read_text("utf-8"):
        found.append("pyproject.toml has OWNER in [project.urls]: put the owner of the repository there")
    return found


if __name__ == "__main__":
    told = problems(sys.argv[1])
    for line in told:
        print(line, file=sys.stderr)
    sys.exit(1 if told else 0)
