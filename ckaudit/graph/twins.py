"""What is added instead of a tag that something waits for."""

from __future__ import annotations

from ckaudit.graph.graph import Graph
from ckaudit.model.refs import Key
from ckaudit.model.steps import Effect


def added_instead(graph: Graph, tag: Key) -> str:
    """A sentence that names a tag with nearly the same name which something adds, with a space before it; empty when there is none."""
    for twin, _ in graph.names.twins(tag):
        writers = graph.causes.of(Effect.ADDS_TAG, twin)
        if writers:
            return f" “{writers[0].object.name}” adds “{graph.object(twin).name}”, which is another tag for Kit: is that the one?"
    return ""
