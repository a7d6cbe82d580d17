"""ckaudit audits Kit (formerly ConvertKit) accounts. This is its Python API, explained with examples in ``docs/api.md``:

    import ckaudit

    audited = ckaudit.run_audit(ckaudit.AuditRequest(source="my-account"))
    print(audited.result.summary.score)

A name is loaded when it is used first: `ckaudit --help` must not wait for what it does not need.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from ckaudit.version import __version__

if TYPE_CHECKING:
    from ckaudit.audit import Audited, AuditRequest, run_audit
    from ckaudit.model.errors import CkauditError
    from ckaudit.model.findings import Severity
    from ckaudit.model.result import Result
    from ckaudit.pull import PullRequest, pull_account
    from ckaudit.render.formats import render_result
    from ckaudit.render.options import RenderOptions
    from ckaudit.sources.manifest import read_manifests
    from ckaudit.sources.results import read_result
    from ckaudit.sources.snapshot import read_snapshot

__all__ = [
    "AuditRequest",
    "Audited",
    "CkauditError",
    "PullRequest",
    "RenderOptions",
    "Result",
    "Severity",
    "__version__",
    "pull_account",
    "read_manifests",
    "read_result",
    "read_snapshot",
    "render_result",
    "run_audit",
]

if not TYPE_CHECKING:  # a type checker would take every misspelt name for one of these
    _MODULES = {
        "AuditRequest": "ckaudit.audit",
        "Audited": "ckaudit.audit",
        "CkauditError": "ckaudit.model.errors",
        "PullRequest": "ckaudit.pull",
        "RenderOptions": "ckaudit.render.options",
        "Result": "ckaudit.model.result",
        "Severity": "ckaudit.model.findings",
        "pull_account": "ckaudit.pull",
        "read_manifests": "ckaudit.sources.manifest",
        "read_result": "ckaudit.sources.results",
        "read_snapshot": "ckaudit.sources.snapshot",
        "render_result": "ckaudit.render.formats",
        "run_audit": "ckaudit.audit",
    }

    def __getattr__(name: str) -> object:
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(_MODULES[name]), name)

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})
