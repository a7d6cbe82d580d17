"""The few Markdown marks of a consultant's own words."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckaudit.render.markdown_subset import safe_url, to_html


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("One\ntwo\n\nthree", "<p>One two</p><p>three</p>"),
        ("**bold** and *italic* and `a < b`", "<p><strong>bold</strong> and <em>italic</em> and <code>a &lt; b</code></p>"),
        ("- one\n- two\n  more", "<ul><li>one</li><li>two more</li></ul>"),
        ("1. one\n2. two", "<ol><li>one</li><li>two</li></ol>"),
        ("## Head\nbody", "<p><strong>Head</strong></p><p>body</p>"),
        ("[me](https://example.com/?a=1&b=2)", '<p><a href="https://example.com/?a=1&amp;b=2">me</a></p>'),
        ("[write](mailto:a@example.com)", '<p><a href="mailto:a@example.com">write</a></p>'),
        ("[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>"),
        ("[x](data:text/html,y)", "<p>x</p>"),
        ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"),
        ('[a"b](https://e.com/"onx=1)', '<p><a href="https://e.com/&quot;onx=1">a&quot;b</a></p>'),
        ("2 * 3 * 4", "<p>2 * 3 * 4</p>"),
        ("", ""),
    ],
)
def test_marks(text: str, html: str) -> None:
    assert to_html(text) == html


@given(st.text(alphabet="<>&\"'*`[]()#-1. \n\tahttps:/javscript\\onx="))
def test_no_text_becomes_an_element_that_is_not_allowed(text: str) -> None:
    html = to_html(text)
    assert re.fullmatch(r'(?:[^<>]|</?(?:p|strong|em|code|ul|ol|li)>|<a href="(?:https?|mailto):[^"<>]*">|</a>)*', html, re.IGNORECASE)


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", " https://a", "//evil.example", "file:///etc/passwd", "data:x", "", "ht\ntp://x", "http://[", "vbscript:x"],
)
def test_addresses_that_are_not_plain_links_are_dropped(url: str) -> None:
    assert safe_url(url) == ""
