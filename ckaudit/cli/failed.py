"""What a scan leaves behind when nothing could be audited: reports that say why, so that no pipeline shows an older one or none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import msgspec

from ckaudit.cli.outputs import keep_input
from ckaudit.cli.terminal import Terminal, write_bytes, write_output
from ckaudit.model.errors import CkauditError, ConfigError, ManifestError, Problem, together
from ckaudit.sources.config import readable_part
from ckaudit.sources.manifest import check_manifest
from ckaudit.sources.manifest.places import MANIFEST_SUFFIXES, find_manifests, manifest_folders
from ckaudit.sources.repository import repository_root, seen_from
from ckaudit.sources.stacks import read_stacks


@contextmanager
def reported(options: Mapping[str, Any], terminal: Terminal) -> Iterator[None]:
    """On an error of ours: the reports that were asked for say what is wrong, all of it, and the error goes on."""
    try:
        yield
    except CkauditError as error:
        whole = _whole(error, options)
        _write(whole, options, terminal)
        raise whole from None


def _whole(error: CkauditError, options: Mapping[str, Any]) -> CkauditError:
    """The error, and what is wrong elsewhere: whoever corrects the configuration learns of the manifest in the same run."""
    if not isinstance(error, ConfigError):
        return error
    more: list[CkauditError] = []
    with suppress(CkauditError, OSError):
        more += _misspelt_rules(error)
    with suppress(CkauditError, OSError):
        problems = [problem for problem in check_manifest(_manifests(options), None, read_stacks()) if not problem.warning]
        more += [ManifestError("the manifest is invalid", problems=tuple(problems))] if problems else []
    return together([error, *more])


def _misspelt_rules(error: ConfigError) -> list[CkauditError]:
    """The words for rules in the part of a configuration that can be read."""
    from ckaudit.engine.configure import check_words
    from ckaudit.engine.load import load_rules
    from ckaudit.engine.policy import policy_rules
    from ckaudit.resources import rules_folder

    places = [problem.location for problem in error.problems if problem.location]
    if not places:
        return []
    part = readable_part(Path(places[0].file))
    try:
        check_words(part, (*load_rules((rules_folder(),)), *policy_rules(part)))
    except ConfigError as found:
        known = {problem.message for problem in error.problems}
        new = tuple(problem for problem in found.problems if problem.message not in known)
        return [ConfigError(found.message, problems=new)] if new else []
    return []


def _manifests(options: Mapping[str, Any]) -> tuple[Path, ...]:
    """The manifests a command would have read, as far as that is known without a configuration."""
    snapshot: Path | None = options["snapshot"]
    if snapshot is not None and snapshot.suffix in MANIFEST_SUFFIXES:
        return (snapshot,)
    return options["manifests"] or find_manifests(*(manifest_folders(snapshot) if snapshot else ()), Path())


def _read_by(options: Mapping[str, Any]) -> tuple[Path, ...]:
    """Files that the command reads: no report of its failure may stand in their place."""
    key: str | None = options["api_key_file"]
    single = (options["snapshot"], options["config"], options["baseline"], Path(key) if key and key != "-" else None)
    return (*_manifests(options), *(path for path in single if path is not None))


def _write(error: CkauditError, options: Mapping[str, Any], terminal: Terminal) -> None:
    from ckaudit.render.formats import FORMATS, format_for
    from ckaudit.render.problems import PROBLEM_FORMATS, render_problems

    problems = tuple(_shown(problem, terminal) for problem in error.problems or (Problem(error.message, error.location, error.hint),))
    root = repository_root(Path.cwd(), terminal.environ)

    def rendered(form: str) -> str:
        pointing = root is not None and FORMATS[form].points_at_lines
        return render_problems([_from(root, item) for item in problems] if root and pointing else problems, form, error.exit_status)

    for path in options["outputs"]:
        with suppress(CkauditError):
            keep_input(path, "-o", _read_by(options))
            form = format_for(path).name
            if form in PROBLEM_FORMATS and not path.is_dir():
                write_bytes(path, rendered(form).encode("utf-8", "replace"), shared=True)
                terminal.note(f"Written: {path}, which says why nothing was audited.")
    asked: str | None = options["form"]
    if asked in PROBLEM_FORMATS and asked != "text":
        with suppress(CkauditError):
            write_output(rendered(asked))


def _shown(problem: Problem, terminal: Terminal) -> Problem:
    return msgspec.structs.replace(problem, message=terminal.hidden(problem.message), hint=terminal.hidden(problem.hint))


def _from(root: Path, problem: Problem) -> Problem:
    place = problem.location
    return msgspec.structs.replace(problem, location=place and msgspec.structs.replace(place, file=seen_from(root, place.file)))
