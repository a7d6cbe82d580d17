"""Results on their way into files: ``scan``, ``report`` and ``fleet`` write them here, so that they cannot differ."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec

from ckaudit.engine.baseline import whole
from ckaudit.model.errors import CkauditError
from ckaudit.model.result import Result
from ckaudit.render.formats import FORMATS, render_bytes
from ckaudit.render.options import RenderOptions
from ckaudit.sources.files import write_atomically


class Written(msgspec.Struct, frozen=True):
    """What became of the files: those that are there now, and what is wrong with the others."""

    files: tuple[Path, ...] = ()
    problems: tuple[CkauditError, ...] = ()


def write_outputs(result: Result, targets: Mapping[Path, str], options: RenderOptions) -> Written:
    """Write a result into files, each in its format and each whole or not at all. One that cannot be written leaves the others alone."""
    files, problems = [], []
    for path, form in targets.items():
        try:
            write_atomically(path, render_bytes(shown_in(form, result), form, options), shared=True)
        except CkauditError as error:
            problems.append(error)
        else:
            files.append(path)
    return Written(tuple(files), tuple(problems))


def shown_in(form: str, result: Result) -> Result:
    """What a format shows of a result that a baseline was taken from: some show the whole account and mark what is new."""
    return msgspec.structs.replace(whole(result), since=result.since) if FORMATS[form].is_whole else result
