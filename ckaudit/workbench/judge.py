"""What an audit would say if the files were as they are in the making: the same reading, the same rules."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec

from ckaudit.audit import AuditPlan, Inputs, audit_inputs, observe_inputs, stack_of
from ckaudit.graph.build import build_graph
from ckaudit.model.automations import Manifest
from ckaudit.model.errors import Location
from ckaudit.model.findings import ReportedFinding
from ckaudit.model.result import Result
from ckaudit.observed.account import ObservedAccount
from ckaudit.sources.manifest import parse_manifests
from ckaudit.sources.stacks import read_stacks


class Judge:
    """Audits an account with other manifests than those on the disk."""

    def __init__(self, plan: AuditPlan, inputs: Inputs) -> None:
        self.plan = plan
        self.inputs = inputs
        self.stacks = read_stacks()
        self.stack = stack_of(plan.request, plan.config, self.stacks)

    @property
    def account_number(self) -> int | None:
        """Kit's number of the account."""
        account = self.inputs.account
        return account.info.id if account and account.info else None

    def manifest(self, texts: Mapping[Path, str]) -> Manifest | None:
        """The manifest that these files are; None without any. Raises ManifestError."""
        return parse_manifests({str(path): text for path, text in texts.items()}, self.inputs.account, self.stacks) if texts else None

    def observe(self, manifest: Manifest | None) -> ObservedAccount:
        """The account with this manifest, and what its timestamps show."""
        return observe_inputs(self._inputs(manifest))

    def audit(self, manifest: Manifest | None) -> Result:
        """The result of an audit with this manifest. Raises InputError where its comments name what is not there."""
        inputs = self._inputs(manifest)
        inputs.graph.contents = self.inputs.graph.contents  # emails stay as they are while somebody types: they are read once
        return audit_inputs(self.plan, inputs).result

    def _inputs(self, manifest: Manifest | None) -> Inputs:
        now = self.inputs.graph.now
        graph = build_graph(self.inputs.account, manifest, self.stacks, now, self.stack)
        return msgspec.structs.replace(self.inputs, graph=graph, manifest=manifest)


def about(finding: ReportedFinding, file: str, first: int, last: int) -> bool:
    """Whether a finding is about something that stands in these lines of a file."""
    places = (finding.location, *(step.location for step in finding.path))
    return any(_is_in(place, file, first, last) for place in places)


def _is_in(place: Location | None, file: str, first: int, last: int) -> bool:
    return place is not None and place.file == file and first <= place.line <= last
