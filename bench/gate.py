"""What a gate says of twenty changes that a pull request can make, in every format, by the real program.

``python -m bench.gate`` prints one row a change: the exit status of ``scan --baseline`` and of ``diff``, what the text counts, and what
each format shows. ``alerts``: opened and closed in code scanning, which knows them by ``primaryLocationLineHash``.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

DEMO = Path(__file__).parents[1] / "examples" / "demo"
NOW = ("--now", "2026-11-24T09:00:00Z")
MARK = '<span class="new">'
LIST = "kit/automations.yaml"
FORMATS = ("result.json", "out.sarif", "junit.xml", "gl-code-quality.json", "plan.csv", "report.md", "report.html")

Change = Callable[[Path], None]


def edit(file: str, old: str, new: str) -> Change:
    """Replace a text, which must be there."""

    def change(folder: Path) -> None:
        path = folder / file
        text = path.read_text("utf-8")
        if old not in text:
            raise ValueError(f"{old!r} is not in {file}")
        path.write_text(text.replace(old, new), "utf-8")

    return change


def write(file: str, text: str) -> Change:
    """Write a file."""

    def change(folder: Path) -> None:
        (folder / file).write_text(text, "utf-8")

    return change


def remove(file: str) -> Change:
    """Delete a file."""
    return lambda folder: (folder / file).unlink()


def move(old: str, new: str) -> Change:
    """Rename a file."""

    def change(folder: Path) -> None:
        (folder / old).rename(folder / new)

    return change


def both(*changes: Change) -> Change:
    """One after the other."""

    def change(folder: Path) -> None:
        for each in changes:
            each(folder)

    return change


def cut_off(folder: Path) -> None:
    """The first part of the account only."""
    path = folder / "kit/account.json"
    path.write_bytes(path.read_bytes()[:20000])


CHANGES: dict[str, Change] = {
    "nothing": lambda _: None,
    "add: a delay is taken out, so a module opens at once": edit(
        LIST, '      - delay: 7 days\n      - add_tag: "Coastal Light: module 2"', '      - add_tag: "Coastal Light: module 2"'
    ),
    "add: an automation that ends nowhere": edit(
        LIST, "\nrules:", "\n  - name: New\n    entries: [{tag_added: Customer}]\n    steps: [{add_tag: Customer}]\n\nrules:"
    ),
    "fix: a misspelt name": edit(LIST, "Workshop: atended", "Workshop: attended"),
    "fix: an email's misspelt field": edit("kit/account.json", "subscriber.favorite_subject", "subscriber.favourite_subject"),
    "rename: a tag in account and list": both(
        edit("kit/account.json", "Coastal Light: purchased", "Coastal Light: bought"),
        edit(LIST, "Coastal Light: purchased", "Coastal Light: bought"),
    ),
    "rename: a sequence in account and list": both(
        edit("kit/account.json", "Coastal Light: welcome", "Coastal Light: hello"),
        edit(LIST, "Coastal Light: welcome", "Coastal Light: hello"),
    ),
    "rename: the list to automations.yml": move(LIST, "kit/automations.yml"),
    "rename: the list to automation.yaml": move(LIST, "kit/automation.yaml"),
    "delete: the list": remove(LIST),
    "delete: the timestamps": remove("kit/events.npz"),
    "delete: the numbers of people": remove("kit/counts.json"),
    "misspell: one tag everywhere": edit(LIST, "AA: create login", "AA: make login"),
    "misspell: a key of the list": edit(LIST, "      - delay: 7 days", "      - dealy: 7 days"),
    "ignore: two themes": write("kit/ckaudit.toml", 'ignore = ["CK4", "CK8"]\n'),
    "downgrade: two rules": write("kit/ckaudit.toml", '[severity]\nCK202 = "info"\nCK203 = "info"\n'),
    "accept: a finding": write(
        "kit/ckaudit.toml", '[[suppress]]\nrule = "CK401"\nobject = {kind = "sequence", id = 2031746}\nreason = "On purpose"\n'
    ),
    "stale: the snapshot is a year old": edit("kit/reading.json", "2026-11-24", "2025-11-24"),
    "stale: a section was refused": edit(
        "kit/account.json", '"webhooks": {\n      "status": "complete"', '"webhooks": {\n      "status": "refused"'
    ),
    "broken: account.json is cut off": cut_off,
    "broken: the configuration": write("kit/ckaudit.toml", "fail_onn = 'error'\n"),
}


def ran(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run ckaudit in a process of its own."""
    command = [sys.executable, "-m", "ckaudit", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def hashes(sarif: Path) -> set[str]:
    """The alerts code scanning has after this file."""
    document = json.loads(sarif.read_text("utf-8"))
    return {
        found["partialFingerprints"]["primaryLocationLineHash"]
        for found in document["runs"][0].get("results", [])
        if found.get("baselineState") != "absent" and not found.get("suppressions")
    }


def row(name: str, change: Change, folder: Path, base: Path) -> list[str]:
    """One change, audited."""
    shutil.copytree(DEMO, folder / "kit")
    shutil.copy(base / "base.json", folder / "base.json")
    change(folder)
    scan = ran(
        folder, "scan", "kit", *NOW, "--baseline", "base.json", "--format", "github", *(word for name in FORMATS for word in ("-o", name))
    )
    text = " ".join(ran(folder, "scan", "kit", *NOW, "-q", "--baseline", "base.json").stdout.split())
    diff = ran(folder, "diff", "base.json", "result.json", "--fail-on", "warning") if (folder / "result.json").exists() else None
    counted = re.search(r"Compared with the baseline: ([^.]*)\.", text)
    return [
        name,
        str(scan.returncode),
        str(diff.returncode) if diff else "-",
        counted[1] if counted else "-",
        *shown(folder, scan.stdout, base),
    ]


def shown(folder: Path, annotations: str, base: Path) -> Iterator[str]:
    """What each format shows."""
    levels = Counter(re.findall(r"^::(error|warning|notice) ", annotations, re.MULTILINE))
    yield f"{levels['error']}/{levels['warning']}/{levels['notice']}"
    sarif = json.loads((folder / "out.sarif").read_text("utf-8"))["runs"][0]
    states = Counter(found.get("baselineState", "-") for found in sarif.get("results", []))
    told = sum(
        len(call.get("toolExecutionNotifications", []) + call.get("toolConfigurationNotifications", [])) for call in sarif["invocations"]
    )
    yield ", ".join(f"{number} {state}" for state, number in sorted(states.items())) + (f", {told} notifications" if told else "")
    before, after = hashes(base / "base.sarif"), hashes(folder / "out.sarif")
    yield f"+{len(after - before)} -{len(before - after)}"
    suite = ET.parse(folder / "junit.xml").getroot()
    yield f"{len(list(suite.iter('failure')))} failures, {len(list(suite.iter('error')))} errors"
    quality: list[dict[str, Any]] = json.loads((folder / "gl-code-quality.json").read_text("utf-8"))
    yield str(dict(Counter(found["severity"] for found in quality))).replace("'", "")
    page = (folder / "report.html").read_text("utf-8") if (folder / "report.html").exists() else ""
    body = page.split("</style>")[-1].split("<script")[0]
    yield f"{body.count(MARK)} marks" if page else "-"
    yield "yes" if (folder / "plan.csv").exists() else "no"
    markdown = (folder / "report.md").read_text("utf-8") if (folder / "report.md").exists() else ""
    yield (
        "; ".join(
            re.findall(
                r"\d+ (?:rules? (?:ignored|with another severity)|entr(?:y accepts|ies accept))|not confirmed|could not be judged", markdown
            )[:3]
        )
        or "-"
    )


def main() -> None:
    """Print the table."""
    head = ("change", "scan", "diff", "compared", "github e/w/n", "sarif", "alerts", "junit", "gitlab", "html", "csv", "markdown says")
    print("| " + " | ".join(head) + " |\n" + "|---" * len(head) + "|")
    with tempfile.TemporaryDirectory() as place:
        base = Path(place) / "base"
        base.mkdir()
        shutil.copytree(DEMO, base / "kit")
        ran(base, "scan", "kit", *NOW, "-q", "--fail-on", "never", "-o", "base.json", "-o", "base.sarif")
        for number, (name, change) in enumerate(CHANGES.items()):
            folder = Path(place) / str(number)
            folder.mkdir()
            print("| " + " | ".join(row(name, change, folder, base)) + " |", flush=True)


if __name__ == "__main__":
    main()
