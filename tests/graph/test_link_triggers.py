"""Rules on a click: which addresses are the same link."""

from __future__ import annotations

import datetime as dt

import pytest

from ckaudit.graph.addresses import plain_link
from ckaudit.graph.build import build_graph
from ckaudit.model.refs import Kind
from ckaudit.sources.manifest import parse_manifest


@pytest.mark.parametrize(
    "same",
    [
        "https://example.com/buy/",
        "https://example.com/buy?utm_source=kit&utm_medium=email",
        "https://EXAMPLE.com/buy/?UTM_Campaign=x",
        " https://example.com/buy ",
    ],
)
def test_campaign_parameters_and_a_trailing_slash_make_no_difference(same: str) -> None:
    assert plain_link(same) == plain_link("https://example.com/buy")


@pytest.mark.parametrize(
    "other",
    [
        "https://example.com/Buy",
        "https://example.com/buy?plan=2",
        "https://example.com/buy#price",
        "http://example.com/buy",
        "http://[",
        "",
    ],
)
def test_everything_else_does(other: str) -> None:
    assert plain_link(other) != plain_link("https://example.com/buy")


def test_other_parameters_stay_in_their_order() -> None:
    assert plain_link("https://example.com/?b=1&utm_id=7&a=2") == "https://example.com?b=1&a=2"


def test_two_rules_on_the_same_link_hang_on_one_node() -> None:
    text = """
version: 1
rules:
  - {when: [{clicks_link: "https://example.com/buy/?utm_source=a"}], do: [{add_tag: A}]}
  - {when: [{clicks_link: "https://example.com/buy"}], do: [{remove_tag: A}]}
"""
    graph = build_graph(None, parse_manifest(text, "m.yaml", None, ()), {}, dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    links = [key for key in graph.network if key.kind is Kind.LINK]
    assert len(links) == 1
    assert graph.network.out_degree(links[0]) == 2
