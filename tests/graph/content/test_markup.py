"""What the HTML of an email holds."""

from __future__ import annotations

import pytest

from ckaudit.graph.content.model import MASK, MASK_REST, Position
from tests.graph.content.reading import document


def shown(content: str) -> str:
    """The visible text of a content, Liquid as “~”."""
    texts = [text.text for text in document(content, subject="").texts]
    return "".join(texts).replace(MASK_REST, "").replace(MASK, "~").strip()


@pytest.mark.parametrize(
    ("content", "href"),
    [
        ('<a href="https://e.example.com/?a=1&amp;b=2">x</a>', "https://e.example.com/?a=1&b=2"),
        ("<a href='{{ subscriber.link }}'>x</a>", "{{ subscriber.link }}"),
        ("<a href={{ subscriber.link }}>x</a>", "{{ subscriber.link }}"),
        ('<a href="https://e.example.com/{{ subscriber.id }}?n={{ subscriber.first_name | default: "x" }}">x</a>',
         'https://e.example.com/{{ subscriber.id }}?n={{ subscriber.first_name | default: "x" }}'),
        ('<a {% if subscriber.id %}href="https://e.example.com"{% endif %}>x</a>', "https://e.example.com"),
        ('<A HREF=" https://e.example.com ">x</A>', "https://e.example.com"),
        ('<a class="{{ subscriber.css }}" href="{{ subscriber.link }}">x</a>', "{{ subscriber.link }}"),
        ('<a href="">x</a>', ""),
    ],
)  # fmt: skip
def test_the_address_of_a_link_survives(content: str, href: str) -> None:
    assert [link.href for link in document(content).links] == [href]


def test_a_link_without_an_address_is_none() -> None:
    assert document('<a name="top">x</a>').links == ()


def test_pictures_and_areas_have_addresses_too() -> None:
    links = document('<img src="https://e.example.com/a.png"><map><area href="https://e.example.com/b"></map>').links
    assert [(link.element, link.href) for link in links] == [("img", "https://e.example.com/a.png"), ("area", "https://e.example.com/b")]


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ('<a href="#x">Log <b>in</b>\n here</a>', "Log in here"),
        ('<a href="#x">Hi {{ subscriber.first_name }}</a>', "Hi "),
        ('<a href="#x">open <p>next', "open next"),
        ('<a href="#x"><img src="https://e.example.com/b.png"></a>', ""),
    ],
)
def test_the_words_of_a_link(content: str, text: str) -> None:
    assert document(content).links[0].text.rstrip() == text.rstrip()


def test_a_new_link_ends_the_one_before() -> None:
    links = document('<a href="#1">one<a href="#2">two</a>').links
    assert [(link.href, link.text) for link in links] == [("#1", "one"), ("#2", "two")]


@pytest.mark.parametrize(
    ("content", "attribute"),
    [
        ("<p>{{ subscriber.a }}</p>", ""),
        ('<p style="color: {{ subscriber.a }}">x</p>', "style"),
        ("<a href={{ subscriber.a }}>x</a>", "href"),
        ('<img alt="{{ subscriber.a }}">', "alt"),
        ("<p {{ subscriber.a }}>x</p>", "?"),
        ('<p\n class="b"\n title="{{ subscriber.a }}">x</p>', "title"),
        ("<style>a { color: {{ subscriber.a }} }</style>", ""),
    ],
)
def test_a_construct_knows_the_attribute_it_stands_in(content: str, attribute: str) -> None:
    assert [variable.attribute for variable in document(content).variables] == [attribute]


def test_text_and_attributes_are_told_apart_in_a_row() -> None:
    link = '<a title="{{ subscriber.b }}" href="{{ subscriber.c }}">{{ subscriber.d }}</a>'
    content = f"{{{{ subscriber.a }}}}{link}<!-- {{{{ subscriber.e }}}} -->{{{{ subscriber.f }}}}"
    places = [(variable.name[-1], variable.attribute, variable.in_comment) for variable in document(content).variables]
    assert places == [("a", "", False), ("b", "title", False), ("c", "href", False), ("d", "", False), ("e", "", True), ("f", "", False)]


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("<p>one</p><p>two</p>", "one\ntwo"),
        ("<p>[YOUR <b>NAME</b>]</p>", "[YOUR NAME]"),
        ("one<br>two", "one\ntwo"),
        ("fish &amp; chips", "fish & chips"),
        ("<style>a{}</style><title>t</title>x<script>y</script>", "x"),
        ("a<!-- b -->c", "ac"),
        ("Hi {{ subscriber.first_name }}!", "Hi ~!"),
        ("<![if !mso]>x<![endif]>", "x"),
        ("<![unknown thing]>x", "x"),
    ],
)
def test_visible_text(content: str, text: str) -> None:
    assert shown(content) == text


@pytest.mark.parametrize(
    ("content", "word", "line", "column"),
    [
        ("<p>find me</p>", "find", 1, 4),
        ("<p>{{ subscriber.a }} find</p>", "find", 1, 23),
        ("<p>one\n two find</p>", "find", 2, 6),
        ("<p>one</p>\n<p>x <b>find</b></p>", "find", 2, 9),
    ],
)
def test_a_word_of_the_visible_text_is_found_in_the_source(content: str, word: str, line: int, column: int) -> None:
    text = document(content, subject="").texts[0]
    position = text.position(text.text.index(word))
    assert (position.line, position.column) == (line, column)


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("<p>Before.</p><p>Choose: {{ unsubscribe_link }} now</p><p>After</p>", "Choose:   now"),
        ("<p>{{ unsubscribe_link }}</p>", " "),
        ("<p>Before.</p><p><b>{{ unsubscribe_link }}</b> for less</p>", "  for less"),
    ],
)
def test_the_line_around_a_construct(content: str, line: str) -> None:
    read = document(content, subject="")
    assert read.texts[0].line_at(read.variables[0].position) == line


def test_characters_used_for_masking_do_no_harm() -> None:
    assert shown(f"a{MASK}b{MASK_REST}c {{{{ subscriber.a }}}}") == "a b c ~"


def test_a_position_reads_as_words() -> None:
    position = document("{{ subscriber.a }}").variables[0].position
    assert isinstance(position, Position)
    assert str(position) == "content, line 1, column 1"


@pytest.mark.parametrize("piece", ["<a ", "<!--", '<a href="', "<a b=c ", "{<b> <i> ", "{{ ", "<![", '{{ "', "{% if x %}"])
def test_a_text_of_nothing_but_beginnings_is_read_in_no_time(piece: str) -> None:
    content = piece * 5000 + '<p>end <a href="https://e.example.com">x</a></p>'
    assert document(content, subject="").texts[0].text.rstrip().endswith("x") or piece in {"<!--", '<a href="'}
