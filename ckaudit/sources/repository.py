"""The repository that files lie in: CI systems want every place as seen from its root, wherever a command runs."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

ROOT_VARIABLES = ("GITHUB_WORKSPACE", "CI_PROJECT_DIR")
"""Where GitHub and GitLab check a repository out:
https://docs.github.com/actions/reference/workflows-and-actions/variables, https://docs.gitlab.com/ci/variables/predefined_variables/"""


def repository_root(folder: Path, environ: Mapping[str, str]) -> Path | None:
    """The root of the repository around a folder: what the CI system says, if the folder lies in it, else the nearest folder with
    ``.git``. None when there is none."""
    place = folder.resolve()
    for name in ROOT_VARIABLES:
        if environ.get(name) and place.is_relative_to(root := Path(environ[name]).resolve()):
            return root
    return next((parent for parent in (place, *place.parents) if (parent / ".git").exists()), None)


def seen_from(root: Path, file: str) -> str:
    """A file, named as seen from the working directory or whole, as seen from a root, with slashes. One that lies elsewhere stays as it
    is."""
    if not file:
        return file
    path = Path(os.path.normpath(Path.cwd() / file))  # a link in a repository is a file of its own there
    for there in (path, path.resolve()):
        if there.is_relative_to(root):
            return there.relative_to(root).as_posix()
    return file
