"""Write ``docs/rules``: one page for each rule, and an index. With ``--check`` nothing is written and a difference is an error.

Run ``make docs`` after changing a rule.
"""

from __future__ import annotations

import sys
from pathlib import Path

from ckaudit.engine.load import load_rules
from ckaudit.render.rule_pages import rule_pages

ROOT = Path(__file__).parents[1]
TARGET = ROOT / "docs" / "rules"


def differences(pages: dict[str, str]) -> list[str]:
    """Names of pages that are missing, out of date or left over."""
    there = {path.name for path in TARGET.glob("*.md")}
    stale = [name for name, text in pages.items() if name not in there or (TARGET / name).read_text(encoding="utf-8") != text]
    return sorted([*stale, *(there - set(pages))])


def main(arguments: list[str]) -> int:
    """Write or compare; the exit status."""
    pages = rule_pages(load_rules((ROOT / "rules",)))
    different = differences(pages)
    if "--check" in arguments:
        if different:
            sys.stderr.write(f"docs/rules differs from the rules: {', '.join(different)}. Run `make docs` and commit the pages.\n")
        return int(bool(different))
    TARGET.mkdir(exist_ok=True)
    for name in different:
        if name in pages:
            (TARGET / name).write_text(pages[name], encoding="utf-8")
        else:
            (TARGET / name).unlink()
    sys.stdout.write(f"docs/rules: {len(pages)} pages, {len(different)} changed\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
