"""How to audit: what a configuration and a request say about the rules and about what is shown."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from ckaudit.model.config import Suppression
from ckaudit.model.findings import Confidence, Severity
from ckaudit.model.rules import Options


class Settings(msgspec.Struct, frozen=True):
    """How to audit. ``options`` maps a rule's code to its options; rules that are not in it take their defaults.

    ``severity`` maps a code to the severity all its findings get. With ``suppress`` False nothing is suppressed.
    """

    options: Mapping[str, Options] = {}
    severity: Mapping[str, Severity] = {}
    suppressions: tuple[Suppression, ...] = ()
    suppress: bool = True
    min_severity: Severity = Severity.INFO
    min_confidence: Confidence = Confidence.POSSIBLE
