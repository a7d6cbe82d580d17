"""What stands above and below a step, among what leaves timestamps; see ``ckaudit.graph.step_neighbours``."""

from __future__ import annotations

import msgspec

from ckaudit.graph.flow import Flow
from ckaudit.graph.nodes import FlowNode
from ckaudit.graph.paths import Span
from ckaudit.model.links import DeclaredLink, ObservedLink
from ckaudit.model.refs import Key


class Neighbour(msgspec.Struct, frozen=True):
    """A timestamp above or below a step, with the planned seconds between the two.

    ``mails``: emails of a sequence with delays of their own are sent in between, on their days and hours. ``entry``: it starts the
    automation. ``sure``: who has it was there, which is not so of the tag of a goal: people may have had it before.
    """

    key: Key
    seconds: Span
    mails: bool = False
    entry: bool = False
    sure: bool = True


class StepNeighbours(msgspec.Struct, frozen=True, eq=False):
    """A step that gives or takes off ``key``.

    ``before``: the nearest timestamps above it that everybody has who was there, empty when on some path there is none: those of entries
    and goals, and of what is own to the automation. ``near``: the same with tags that come off again, which some people may still have.
    ``after``: the nearest ones below it that are own to the automation and that nobody gets without passing the step. ``always``:
    everybody who walks on from ``before`` comes to the step. ``own``: the step gives ``key``, and nothing else does. ``again``: a tag that
    starts the automation comes off, or another automation starts it, so that people may come in anew, and go at once through sequences
    they are in already.
    """

    flow: Flow
    node: FlowNode
    key: Key
    before: tuple[Neighbour, ...] = ()
    near: tuple[Neighbour, ...] = ()
    after: tuple[Neighbour, ...] = ()
    always: bool = False
    own: bool = False
    again: bool = False


class TimedLinks(msgspec.Struct, frozen=True, eq=False):
    """The links between timestamps that the manifest declares, those that were observed and nothing explains, and what stands around each
    step of an active automation."""

    declared: tuple[DeclaredLink, ...] = ()
    unexplained: tuple[ObservedLink, ...] = ()
    steps: tuple[StepNeighbours, ...] = ()
