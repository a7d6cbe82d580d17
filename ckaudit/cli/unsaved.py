"""A live account that nobody asked to keep: when something goes wrong after it was read, it is kept all the same."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from ckaudit.cli.terminal import Terminal
from ckaudit.model.errors import CkauditError
from ckaudit.sources.snapshot import write_snapshot

if TYPE_CHECKING:
    from ckaudit.model.pulled import Pulled


class Unsaved:
    """What a command read over the API and stored nowhere. Reading it takes minutes; a file that cannot be written, or a word in the
    configuration that means nothing, must not cost them."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._pulled: Pulled | None = None

    def hold(self, pulled: Pulled) -> None:
        """Remember an account, unless it is stored already or was read in part: then it is not a snapshot."""
        if pulled.snapshot is None and pulled.problem is None:
            self._pulled = pulled

    @contextmanager
    def kept_on_error(self) -> Iterator[None]:
        """Keep the account when what is done with it raises an error, or somebody presses Ctrl-C."""
        try:
            yield
        except (CkauditError, KeyboardInterrupt):
            self.keep()
            raise

    def keep(self) -> None:
        """Store the account in a new folder here, and say where. A problem with that is said, too: the command has one already."""
        pulled, self._pulled = self._pulled, None
        if pulled is None:
            return
        folder = _new_folder(f"account-{pulled.account.info.id if pulled.account.info else 'read'}")
        try:
            write_snapshot(folder, pulled.account)
            if pulled.evidence:
                from ckaudit.sources.evidence_file import write_evidence

                write_evidence(folder, pulled.evidence)
        except CkauditError as error:
            self._terminal.note(f"What was read could not be kept: {error.message}")
            return
        self._terminal.note(f"What was read is kept: `ckaudit scan {shlex.quote(str(folder))}` goes on without reading it again.")


def _new_folder(name: str) -> Path:
    """A folder of this name that is not there yet, with a number where it is."""
    names = (name if number == 1 else f"{name}-{number}" for number in count(1))
    return next(Path(item) for item in names if not Path(item).exists())
