"""What is in ckaudit: a bill of materials (CycloneDX 1.6) of the package and of the dependencies that the lock names with their hashes.

``python -m release.sbom > sbom.json``. It says nothing that changes from one run to the next.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]


def bill(root: Path = ROOT) -> dict[str, Any]:
    """The bill of materials."""
    (version,) = re.findall(r'^__version__ = "([^"]+)"$', (root / "ckaudit" / "version.py").read_text("utf-8"), re.MULTILINE)
    lock = (root / "requirements" / "run.txt").read_text("utf-8").replace("\\\n", " ")
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": {"type": "application", "name": "ckaudit", "version": version, "licenses": [{"license": {"id": "MIT"}}]}},
        "components": [_component(line) for line in lock.splitlines() if "==" in line and not line.startswith("#")],
    }


def _component(line: str) -> dict[str, Any]:
    name, version = re.split(r"==", line.split(maxsplit=1)[0].partition(";")[0], maxsplit=1)
    return {
        "type": "library",
        "name": name,
        "version": version,
        "purl": f"pkg:pypi/{name.lower()}@{version}",
        "hashes": [{"alg": "SHA-256", "content": digest} for digest in re.findall(r"--hash=sha256:([0-9a-f]{64})", line)],
    }


if __name__ == "__main__":
    json.dump(bill(), sys.stdout, indent=2)
