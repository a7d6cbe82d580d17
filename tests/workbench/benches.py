"""Workbenches to test: over copies of the demo account, with or without its manifest."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

from ckaudit.audit import AuditRequest, config_of, manifests_of, plan_audit, read_inputs
from ckaudit.resources import DEMO_CLOCK, demo_folder
from ckaudit.workbench.files import Files, folder_for
from ckaudit.workbench.messages import Edit, Opened, Which
from ckaudit.workbench.session import Session

NEW = "> Coastal Light: purchased\n+ Customer\n5m\n= Coastal Light: welcome\n"


def demo(folder: Path, manifest: str | None = None) -> Path:
    """A copy of the demo account in a folder. ``manifest``: in place of its own; empty for none."""
    place = folder / "account"
    shutil.copytree(demo_folder(), place)
    if manifest is not None:
        (place / "automations.yaml").unlink()
        if manifest:
            (place / "automations.yaml").write_text(manifest, encoding="utf-8")
    return place


def session(place: Path) -> Session:
    """A sitting over the account in a folder."""
    request = AuditRequest(source=place, now=DEMO_CLOCK)
    paths = manifests_of(request, config_of(request))
    plan = plan_audit(request)
    return Session(plan, read_inputs(plan.request, plan.config), Files(paths, folder_for(paths, place)))


def listing(names: Iterable[str]) -> str:
    """A manifest that only names automations."""
    return "version: 1\nautomations:\n" + "".join(f"  - name: '{name.replace(chr(39), chr(39) * 2)}'\n" for name in names)


def edit_of(opened: Opened, text: str | None = None, **more: str) -> Edit:
    """The automation as somebody changed it."""
    given = {"name": opened.name, "status": opened.status} | more
    return Edit(key=opened.key, text=opened.text if text is None else text, base=opened.base, **given)


def opened(bench: Session, name: str) -> Opened:
    """The automation of this name, opened."""
    return bench.open(Which(next(row.key for row in bench.list().rows if row.name == name)))
