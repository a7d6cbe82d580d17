"""What a renderer is given besides the result."""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TypeAlias

import msgspec

from ckaudit.model.branding import Branding
from ckaudit.model.findings import Severity
from ckaudit.model.result import Result
from ckaudit.model.trend import TrendPoint
from ckaudit.render.markdown_subset import safe_url

Lines: TypeAlias = Mapping[tuple[str, int | str, str], int]
NO_LINES: Lines = MappingProxyType({})


class View(enum.StrEnum):
    """Who reads the report: the owner of the account, or the consultant who works with ckaudit."""

    CLIENT = "client"
    CONSULTANT = "consultant"


class RenderOptions(msgspec.Struct, frozen=True):
    """``branding``, ``baseline`` (an earlier result of the same account) and ``history`` (earlier audits of it) are for the
    reports people read.

    ``view`` is of HTML and PDF: the client's has no file, command or code; the consultant's has everything.

    ``account_file`` and ``account_lines`` (what ``ckaudit.sources.snapshot_lines.object_lines`` gives) are for formats that point at
    lines: where the snapshot's ``account.json`` lies, as seen from the repository's root, and the line of each object in it, and of the
    texts of emails, by kind, id and key (empty for the object itself).

    ``root`` is the folder from which those formats name files, None for the working directory.

    ``repository`` is the address under which files of ckaudit's repository can be read, ending in a slash; empty when nobody knows it.

    ``fail_on`` is the severity from which findings fail the run, or never; ``unjudged``: so does what could not be judged. Formats that say
    what failed follow them.
    """

    branding: Branding = Branding()
    baseline: Result | None = None
    history: tuple[TrendPoint, ...] = ()
    view: View = View.CLIENT
    account_file: str = "account.json"
    account_lines: Lines = NO_LINES
    root: Path | None = None
    repository: str = ""
    fail_on: str = "warning"
    unjudged: bool = False

    def page(self, docs: str) -> str:
        """The address of a rule's page: ``docs`` itself, or where the repository has it. Empty where no link can lead there."""
        in_repository = self.repository and re.fullmatch(r"docs/rules/[A-Z]{2,4}\d{3}\.md", docs)
        return safe_url(self.repository + docs if in_repository else docs)

    def fails(self, severity: Severity) -> bool:
        """Whether findings of a severity fail the run."""
        return self.fail_on in tuple(Severity) and severity.rank <= Severity(self.fail_on).rank


DEFAULT_OPTIONS = RenderOptions()
