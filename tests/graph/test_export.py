from __future__ import annotations

import datetime as dt
import io
import json
import re

import networkx as nx
import pytest

from ckaudit.graph.build import build_graph, with_links
from ckaudit.graph.export import GraphFormat, export
from ckaudit.graph.graph import Graph
from ckaudit.model.account import Account, Tag
from ckaudit.model.automations import Automation, Manifest
from ckaudit.model.refs import Key, Kind, Ref
from ckaudit.model.result import Link
from ckaudit.model.steps import AddTag
from ckaudit.model.triggers import Trigger, TriggerKind

NOW = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
HOSTILE = (
    'say "hi" \\ back',
    "<script>alert(1)</script>",
    "a\nb\r\nc",
    "nul\x00 bell\x07 escape\x1b[31m",
    "left\u202eright",
    "]]> -->",
    "n0 --> n1; click n0 href",
    "`code` | pipe {curly} #quot; &amp;",
    "🌊 emoji and 漢字",
)


def graph(names: tuple[str, ...] = HOSTILE) -> Graph:
    tags = tuple(Tag(number, name) for number, name in enumerate(names, 1))
    refs = tuple(Ref(Kind.TAG, tag.name, tag.id) for tag in tags)
    entry = Trigger(kind=TriggerKind.TAG_ADDED, ref=refs[0])
    automations = (Automation(name=names[-1], entries=(entry,), steps=tuple(AddTag(tag=ref) for ref in refs)),)
    return build_graph(Account(tags=tags), Manifest(automations=automations, references=refs), {}, NOW)


def test_graphml_is_read_back_with_every_node_and_edge() -> None:
    made = graph()
    read = nx.read_graphml(io.BytesIO(export(made, GraphFormat.GRAPHML).encode()), force_multigraph=True)
    assert read.number_of_nodes() == made.network.number_of_nodes()
    assert read.number_of_edges() == made.network.number_of_edges()
    assert read.nodes["tag:9"]["name"] == "🌊 emoji and 漢字"


def test_json_is_read_back_and_keeps_kinds_and_origins() -> None:
    body = json.loads(export(graph(), GraphFormat.JSON))
    assert {"id": "tag:2", "kind": "tag", "name": "<script>alert(1)</script>", "known": True} in body["nodes"]
    assert {edge["origin"] for edge in body["edges"]} == {"declared"}


def test_dot_has_one_statement_on_a_line_and_no_open_quote() -> None:
    lines = export(graph(), GraphFormat.DOT).splitlines()
    assert (lines[0], lines[-1]) == ("digraph account {", "}")
    for line in lines[3:-1]:
        assert line.endswith("];")
        assert len(re.findall(r'(?<!\\)(?:\\\\)*"', line)) % 2 == 0


def test_mermaid_shows_names_as_text_only() -> None:
    for line in export(graph(), GraphFormat.MERMAID).splitlines()[1:]:
        assert re.fullmatch(r'  n\d+(\["[^"<>`\[\]{}|\\&;#]*(?:#\d+;[^"<>`\[\]{}|\\&;#]*)*"\]| -->\|"\w+ \(\w+\)"\| n\d+)', line), line


@pytest.mark.parametrize("form", list(GraphFormat))
def test_no_control_character_gets_out(form: GraphFormat) -> None:
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", export(graph(), form))


@pytest.mark.parametrize("form", list(GraphFormat))
def test_the_same_account_gives_the_same_bytes(form: GraphFormat) -> None:
    assert export(graph(), form) == export(graph(), form)


@pytest.mark.parametrize("form", list(GraphFormat))
def test_the_order_in_which_things_were_read_does_not_show(form: GraphFormat) -> None:
    made, other = graph(), graph()
    turned: nx.MultiDiGraph[Key] = nx.MultiDiGraph()
    turned.add_nodes_from(reversed(list(made.network.nodes(data=True))))
    turned.add_edges_from(reversed(list(made.network.edges(data=True))))
    other.network = turned
    assert export(made, form) == export(other, form)


@pytest.mark.parametrize("form", list(GraphFormat))
def test_an_empty_account_is_an_empty_graph(form: GraphFormat) -> None:
    assert export(build_graph(Account(), None, {}, NOW), form).strip()


def seen() -> Graph:
    """The graph with one link that timestamps show and the manifest does not."""
    made = graph(("Lead magnet", "Welcome", "VIP"))
    one, other = (made.object(Key(Kind.TAG, number)) for number in (3, 1))
    return with_links(
        made, [Link(one, other, 412, 0.96, 302, 300, 309, "observed", 0.97), Link(other, one, 0, 0.0, None, None, None, "declared")]
    )


def test_what_timestamps_show_is_an_edge_with_its_origin_and_confidence() -> None:
    (edge,) = [edge for edge in json.loads(export(seen(), GraphFormat.JSON))["edges"] if edge["origin"] == "observed"]
    assert edge == {
        "source": "tag:3",
        "target": "tag:1",
        "kind": "follows",
        "origin": "observed",
        "status": "observed",
        "support": 412,
        "share": 0.96,
        "confidence": 0.97,
        "delay_seconds": 302,
        "delay_p10": 300,
        "delay_p90": 309,
    }


def test_every_format_shows_origin_people_delay_and_confidence_of_what_was_seen() -> None:
    assert '-.->|"follows (observed): 412 people, 5 minutes, 97% sure"|' in export(seen(), GraphFormat.MERMAID).replace("#58;", ":")
    dot = next(line for line in export(seen(), GraphFormat.DOT).splitlines() if "follows" in line)
    assert '"tag:3" -> "tag:1" [label="follows (observed): 412 people, 5 minutes, 97% sure", style=dashed' in dot
    assert 'confidence="0.97"' in dot
    read = nx.read_graphml(io.BytesIO(export(seen(), GraphFormat.GRAPHML).encode()), force_multigraph=True)
    (data,) = [data for _, _, data in read.edges(data=True) if data["kind"] == "follows"]
    assert (data["origin"], data["support"], data["confidence"]) == ("observed", 412, 0.97)


def test_what_timestamps_show_leaves_the_graph_it_is_added_to_alone() -> None:
    made = graph(("Lead magnet", "Welcome", "VIP"))
    before = export(made, GraphFormat.JSON)
    with_links(made, [Link(made.object(Key(Kind.TAG, 3)), made.object(Key(Kind.TAG, 1)), 412, 0.96, 302, 300, 309, "observed", 0.97)])
    assert export(made, GraphFormat.JSON) == before
