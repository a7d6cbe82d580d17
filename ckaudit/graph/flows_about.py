"""Which automations have to do with an object: asked for every offering, and most automations belong to another one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property

from ckaudit.graph.flow import Flow
from ckaudit.model.refs import Key


class FlowsAbout:
    """Object -> the automations with a trigger, a step or a condition about it."""

    def __init__(self, flows: Sequence[Flow]) -> None:
        self._flows = flows

    @cached_property
    def _places(self) -> dict[Key, list[int]]:
        found: dict[Key, list[int]] = {}
        for place, flow in enumerate(self._flows):
            for key in flow.acts_on | flow.looks_at:
                found.setdefault(key, []).append(place)
        return found

    def any_of(self, keys: Iterable[Key]) -> tuple[Flow, ...]:
        """Those about one of these objects, in the order of the manifest."""
        return tuple(self._flows[place] for place in sorted({place for key in keys for place in self._places.get(key, ())}))
