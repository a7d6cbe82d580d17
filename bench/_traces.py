"""Which mistakes in a manifest could be seen at all: those about something that at least twenty people got a visible timestamp of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ckaudit.graph.declared_links import declared_links
from ckaudit.model.events import ObjectKind
from ckaudit.model.links import DeclaredLink
from ckaudit.model.refs import Key, Kind
from ckaudit.model.steps import Effect
from ckaudit.observed.compare import over_steps
from tests.evidence.described import Steps

if TYPE_CHECKING:
    from bench.manifest_mistakes import Audited, Mistake

MANY = 20
_KIND = {int(kind): kind.kind for kind in ObjectKind}


class Traces:
    """What the people of one account really went through, by the truth of its simulator."""

    def __init__(self, audited: Audited) -> None:
        self.audited = audited
        self.right = audited.graph(audited.described.manifest)
        self.links = declared_links(self.right)
        self.gaps: dict[tuple[Key, Key], np.ndarray[tuple[int], np.dtype[np.int64]]] = {
            (_key(cause), _key(effect)): np.array(pair.gaps)
            for (cause, effect), pair in audited.described.truth.items()
            if len(pair.gaps) >= MANY
        }
        self.names = {(found.kind, found.name): found.key for found in map(self.right.object, self.right.network)}

    def shows(self, mistake: Mistake) -> bool:
        """True when timestamps can show this mistake."""
        match mistake.group:
            case "delay":
                return self.time_differs(mistake)
            case "swap":
                return self.turned(mistake) or self.time_differs(mistake)
            case "dropped removal":
                return self.comes_off(mistake)
            case _ if mistake.kind == "dropped delay":
                return self.time_differs(mistake)
            case _ if mistake.kind == "add for remove":
                return self.comes_off(mistake)
            case _:
                return any(self.given(mistake.automation, key) for key in self.lost(mistake))

    def lost(self, mistake: Mistake) -> set[Key]:
        """What steps give that are not there any more."""
        return set(self._gives(_steps_at(self.audited.described.manifest, mistake))) - set(
            self._gives(_steps_at(mistake.manifest, mistake))
        )

    def _gives(self, steps: Steps) -> Iterable[Key]:
        for step in steps:
            for key, kind in (("add_tag", Kind.TAG), ("sequence", Kind.SEQUENCE)):
                if key in step:
                    yield self.names[kind, step[key]]
            for inner in (step.get("then", []), step.get("else", []), *(way.get("steps", []) for way in step.get("split", ()))):
                yield from self._gives(inner)

    def given(self, automation: str, key: Key) -> bool:
        """True when enough people really got it from this automation."""
        return any(link.target == key and self._of(link) == automation and (link.source, key) in self.gaps for link in self.links)

    def _of(self, link: DeclaredLink) -> str:
        return self.right.object(link.cause).name if link.cause.kind is Kind.AUTOMATION else ""

    def comes_off(self, mistake: Mistake) -> bool:
        """True when enough people went through the step that takes the tag off, by the only way there is, and nothing else does."""
        tag = self.names[Kind.TAG, _step_at(self.audited.described.manifest, mistake)["remove_tag"]]
        if len(self.right.causes.of(Effect.REMOVES_TAG, tag)) > 1:
            return False
        ways: dict[tuple[Key, Key], list[DeclaredLink]] = {}
        for link in self.links:
            if self._of(link) == mistake.automation and (link.source, link.target) in self.gaps:
                ways.setdefault((link.source, link.target), []).append(link)
        return any(all(tag in link.past for link in links) for links in ways.values())

    def time_differs(self, mistake: Mistake) -> bool:
        """True when what people waited is out of half to double of what the wrong manifest says."""
        said = _ranges(declared_links(self.audited.graph(mistake.manifest)))
        for pair, (least, most) in said.items():
            if pair in self.gaps and _ranges(self.links).get(pair) not in (None, (least, most)):
                early, late = np.percentile(self.gaps[pair], [10, 90])
                if late < least / 2 or early > max(2 * most, 60):
                    return True
        return False

    def turned(self, mistake: Mistake) -> bool:
        """True when enough people got two things one after the other which the wrong manifest has the other way round."""
        reached = over_steps(declared_links(self.audited.graph(mistake.manifest)))
        return any(
            source in reached.get(target, ()) and target not in reached.get(source, ()) and (gaps > 0).sum() >= MANY
            for (source, target), gaps in self.gaps.items()
        )


def _ranges(links: Iterable[DeclaredLink]) -> Mapping[tuple[Key, Key], tuple[int, int]]:
    """The least and the greatest planned time of each pair, without those where nobody can say."""
    found: dict[tuple[Key, Key], tuple[int, int] | None] = {}
    for link in links:
        pair = (link.source, link.target)
        if link.min_seconds is None or link.max_seconds is None:
            found[pair] = None
        elif pair not in found:
            found[pair] = (link.min_seconds, link.max_seconds)
        elif known := found[pair]:
            found[pair] = (min(known[0], link.min_seconds), max(known[1], link.max_seconds))
    return {pair: span for pair, span in found.items() if span is not None}


def _key(obj: tuple[int, int]) -> Key:
    return Key(_KIND[obj[0]], int(obj[1]))


def _steps_at(manifest: object, mistake: Mistake) -> Steps:
    held: Any = manifest
    for part in mistake.place[:-1]:
        held = held[part]
    steps: Steps = held
    return steps


def _step_at(manifest: object, mistake: Mistake) -> dict[str, str]:
    return _steps_at(manifest, mistake)[mistake.place[-1]]
