"""The account graph as text for other tools: GraphML, DOT, Mermaid, JSON."""

from __future__ import annotations

import enum
import io
import json
import re
from typing import TYPE_CHECKING, assert_never

from ckaudit.graph.words import in_whole_units

if TYPE_CHECKING:
    import networkx as nx

    from ckaudit.graph.graph import Graph


class GraphFormat(enum.StrEnum):
    """Formats of ``ckaudit graph``."""

    GRAPHML = "graphml"
    DOT = "dot"
    MERMAID = "mermaid"
    JSON = "json"


def export(graph: Graph, form: GraphFormat) -> str:
    """The network of ``graph`` in this format; the same account gives the same bytes."""
    nodes = [(str(key), data) for key, data in graph.network.nodes(data=True)]
    edges = [(str(a), str(b), data) for a, b, data in graph.network.edges(data=True)]
    nodes.sort(key=lambda node: node[0])
    edges.sort(key=lambda edge: (edge[0], edge[1], edge[2]["kind"], json.dumps(_plain(edge[2]), sort_keys=True)))
    match form:
        case GraphFormat.GRAPHML:
            return _graphml(nodes, edges)
        case GraphFormat.DOT:
            return _dot(nodes, edges)
        case GraphFormat.MERMAID:
            return _mermaid(nodes, edges)
        case GraphFormat.JSON:
            return _json(nodes, edges)
        case _:
            assert_never(form)


_Nodes = list[tuple[str, dict[str, object]]]
_Edges = list[tuple[str, str, dict[str, object]]]
# characters XML 1.0 forbids, and those that reorder or hide text
_UNSAFE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufffe\uffff\ud800-\udfff]")


def _text(value: object) -> str:
    return _UNSAFE.sub("\ufffd", str(value).replace("\r\n", "\n").replace("\r", "\n"))


def _plain(data: dict[str, object]) -> dict[str, str | float | bool]:
    """Values other tools understand; what is not known is left out."""
    return {name: value if isinstance(value, bool | int | float) else _text(value) for name, value in data.items() if value is not None}


def _edge_words(data: dict[str, object]) -> str:
    """An edge in a few words: what it is and who says so, and of one that timestamps show how many people, when and how sure."""
    words = f"{data['kind']} ({data['origin']})"
    if data["kind"] != "follows":
        return words
    delay, sure = int(str(data["delay_seconds"])), float(str(data["confidence"]))
    return f"{words}: {data['support']} people, {in_whole_units(delay)[1]}, {min(sure, 0.99):.0%} sure"


def _json(nodes: _Nodes, edges: _Edges) -> str:
    body = {
        "directed": True,
        "multigraph": True,
        "nodes": [{"id": name, **_plain(data)} for name, data in nodes],
        "edges": [{"source": a, "target": b, **_plain(data)} for a, b, data in edges],
    }
    return json.dumps(body, indent=2, ensure_ascii=False) + "\n"


def _graphml(nodes: _Nodes, edges: _Edges) -> str:
    import networkx as nx

    copy: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    for name, data in nodes:
        copy.add_node(_text(name), **_plain(data))
    for a, b, data in edges:
        copy.add_edge(_text(a), _text(b), **_plain(data))
    stream = io.BytesIO()
    nx.write_graphml(copy, stream)
    return stream.getvalue().decode("utf-8") + "\n"


def _dot(nodes: _Nodes, edges: _Edges) -> str:
    def quoted(value: object) -> str:
        return '"' + _text(value).replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ") + '"'

    lines = ["digraph account {", "  rankdir=LR;", "  node [shape=box];"]
    lines += [f"  {quoted(name)} [label={quoted(data['name'])}, kind={quoted(data['kind'])}];" for name, data in nodes]
    for a, b, data in edges:
        more = "".join(f", {name}={quoted(value)}" for name, value in _plain(data).items() if name != "kind")
        style = ", style=dashed" if data["kind"] == "follows" else ""
        lines.append(f"  {quoted(a)} -> {quoted(b)} [label={quoted(_edge_words(data))}{style}{more}];")
    return "\n".join([*lines, "}"]) + "\n"


def _mermaid(nodes: _Nodes, edges: _Edges) -> str:
    def quoted(value: object) -> str:
        flat = _text(value).replace("\n", " ")
        return '"' + re.sub(r'["<>&#;`\[\]{}|\\]', lambda match: f"#{ord(match[0])};", flat) + '"'

    number = {name: f"n{index}" for index, (name, _) in enumerate(nodes)}
    lines = ["flowchart LR"]
    lines += [f"  {number[name]}[{quoted(data['name'])}]" for name, data in nodes]
    for a, b, data in edges:
        line = "-.->" if data["kind"] == "follows" else "-->"
        lines.append(f"  {number[a]} {line}|{quoted(_edge_words(data))}| {number[b]}")
    return "\n".join(lines) + "\n"
