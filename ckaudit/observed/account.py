"""An account together with what its timestamps show: what the rules run on."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from ckaudit.graph.graph import Graph
from ckaudit.model.automations import Automation
from ckaudit.model.result import EvidenceCoverage, Link, LooksLinked, Observed, WithoutCause
from ckaudit.model.suppressions import StaleSuppressions
from ckaudit.observed.alternatives import Alternative
from ckaudit.observed.chains import ObservedChain


class ObservedAccount(msgspec.Struct, frozen=True, eq=False, kw_only=True):
    """An account together with what its timestamps show.

    ``declared`` is the account as the manifest and the API describe it; its timestamps can be asked. ``observed`` is the same with every
    observed link as an edge, and with the automations nothing declared explains; those alone are ``automations``, and ``chains`` what each
    was made of, by ``Automation.observed_id``. A complete manifest lists all automations: then there are none. ``links``,
    ``look_linked``, ``without_cause`` and ``timelines`` are as results have them. ``alternatives`` are what the account may be where what
    the manifest names is misspelt or was not read.
    """

    declared: Graph
    observed: Graph
    alternatives: tuple[Alternative, ...] = ()
    automations: tuple[Automation, ...] = ()
    chains: Mapping[str, ObservedChain] = {}
    links: tuple[Link, ...] = ()
    look_linked: tuple[LooksLinked, ...] = ()
    without_cause: tuple[WithoutCause, ...] = ()
    timelines: Observed | None = None
    coverage: EvidenceCoverage = EvidenceCoverage()

    def with_suppressions(self, suppressions: StaleSuppressions) -> ObservedAccount:
        """The same account, for the rules that run when all others are done."""
        declared, observed = (graph.with_suppressions(suppressions) for graph in (self.declared, self.observed))
        return msgspec.structs.replace(self, declared=declared, observed=observed)
