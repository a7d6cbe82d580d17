"""Where manifests lie when nobody names them."""

from __future__ import annotations

import re
import unicodedata
from contextlib import suppress
from difflib import get_close_matches
from itertools import islice
from pathlib import Path

MANIFEST_FOLDER = "automations"
MANIFEST_SUFFIXES = (".yaml", ".yml")
MANIFEST_FILE = f"{MANIFEST_FOLDER}{MANIFEST_SUFFIXES[0]}"

_LOOK_LIKE = frozenset((*MANIFEST_SUFFIXES, ".txt"))
_NAMES = (MANIFEST_FOLDER, "manifest")
_AUTOMATIONS = re.compile(rb"^(automations|rules):", re.MULTILINE)
_MAX_FILES, _MAX_LOOK = 500, 65536
_MAX_SLUG = 60
# Windows opens a device under these names, whatever follows the dot
_DEVICES = frozenset(["con", "prn", "aux", "nul", *(f"{name}{number}" for name in ("com", "lpt") for number in range(1, 10))])


def slug(name: str) -> str:
    """A name as a file name that every system takes: letters, digits and dashes of it."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    stem = re.sub(r"[^a-z0-9]+", "-", plain.casefold()).strip("-")[:_MAX_SLUG].strip("-") or "automation"
    return f"automation-{stem}" if stem in _DEVICES else stem


def find_manifests(*folders: Path) -> tuple[Path, ...]:
    """``automations.yaml`` and ``automations/*.yaml`` of the first of these folders that has any; ``.yml`` does as well."""
    for folder in folders:
        named = (folder / f"{MANIFEST_FOLDER}{suffix}" for suffix in MANIFEST_SUFFIXES)
        more = sorted(path for suffix in MANIFEST_SUFFIXES for path in (folder / MANIFEST_FOLDER).glob(f"*{suffix}"))
        if found := (*(path for path in named if path.is_file()), *more):
            return tuple(short_path(path) for path in found)
    return ()


def manifest_folders(snapshot: Path) -> tuple[Path, ...]:
    """Where to look for the manifests of a snapshot (its folder, or its ``account.json``): in the folder, then beside it."""
    if not snapshot.is_dir():
        return snapshot.parent, snapshot.parent
    return snapshot, snapshot / ".." if snapshot == Path() else snapshot.parent


def misnamed(snapshot: Path) -> Path | None:
    """A file in or beside a snapshot that is probably its manifest under another name: by its name, or as it lists automations."""
    with suppress(OSError):
        for folder in dict.fromkeys(manifest_folders(snapshot)):
            files = [path for path in islice(folder.iterdir(), _MAX_FILES) if path.suffix.lower() in _LOOK_LIKE and path.is_file()]
            found = [path for path in sorted(files) if get_close_matches(path.stem.lower(), _NAMES, cutoff=0.8) or _lists_automations(path)]
            if found:
                return short_path(found[0])
    return None


def _lists_automations(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return bool(_AUTOMATIONS.search(file.read(_MAX_LOOK)))
    except OSError:
        return False


def short_path(path: Path) -> Path:
    """The path as seen from the working directory, when it lies below: results then say the same on every machine."""
    try:
        return path.resolve().relative_to(Path.cwd()) if path.is_absolute() else path
    except ValueError:
        return path
