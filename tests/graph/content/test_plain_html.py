"""Plain HTML is read by one expression, and exactly as html.parser reads it."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from ckaudit.graph.content.constructs import scan
from ckaudit.graph.content.markup import _plain_tags, _Reader

PIECES = (
    "<p>",
    "</p>",
    '<P CLASS="a">',
    "<br>",
    "<br/>",
    "<br />",
    "text",
    "a & b",
    "&amp;",
    "&copy 2026",
    "&",
    " ",
    "\n",
    "{{ subscriber.first_name }}",
    '<a href="https://example.com/?a=1&amp;b=2">',
    "<a href='x'>",
    '<a href="{{ subscriber.link }}" class="{{ x }}">',
    "<a href=x>",
    "</a>",
    "<a/>",
    '<img src="i.png" alt=""/>',
    '<img src="i.png" hidden>',
    '<td width = "1">',
    "<!-- c -->",
    "<style>p{}</style>",
    "<title>t</title>",
    "<",
    ">",
    "<3",
    "< p>",
    "</ p>",
    "<p",
    "<o:p>",
    "</o:p>",
    "<a\nhref=\"y\"\ttitle='z'>",
    '<a title="<b>">',
    "<a {{ x }}>",
    '<a ="x">',
    '<a b="1"c="2">',
    '"',
    "'",
    "<a b='\">",
    "<![endif]>",
    "<?php ?>",
    "<!doctype html>",
    '</a b="c">',
    "</p/>",
    "<p//>",
)
texts = st.lists(st.sampled_from(PIECES), max_size=12).map("".join)


@settings(max_examples=600, deadline=None)
@given(texts)
def test_both_ways_of_reading_agree(text: str) -> None:
    scanned = scan(text)
    assert _Reader(scanned.found, scanned.masked).read() == _Reader(scanned.found, scanned.masked).read_tolerantly()


def test_what_an_editor_writes_is_plain() -> None:
    assert _plain_tags("<p style=\"color: red\">Hi <a href='x'>there</a>,<br/>see you &amp; yours</p>") is not None


def test_what_needs_tolerance_is_not_plain() -> None:
    assert all(_plain_tags(text) is None for text in ("<a href=x>", "1 < 2", "<!-- c -->", "<style>p{}</style>", "<p"))
