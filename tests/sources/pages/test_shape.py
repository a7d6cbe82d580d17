"""The shape of a page shows how it is made and nothing of what is in it."""

from __future__ import annotations

import html
import json
import string
import time
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ckaudit.model.account import Account, CustomField, Form, SectionName, SectionState, SectionStatus, Sequence, Tag
from ckaudit.model.errors import InputError
from ckaudit.sources.pages.shape import Values, shape_of
from ckaudit.sources.pages.shape.words import WORDS, is_plain

ACCOUNT = Account(
    tags=(Tag(11, "Customer"), Tag(12, "Course A: purchased")),
    forms=(Form(51, "Free guide"),),
    sequences=(Sequence(5, "Welcome"),),
    custom_fields=(CustomField(7, "country", "Country of birth"),),
    sections={name: SectionState(SectionStatus.COMPLETE) for name in SectionName},
)


def shaped(text: str, account: Account | None = ACCOUNT) -> str:
    return shape_of(text, "page", Values(account, [(1982218, "Course A - release")]))


def lines(text: str) -> list[str]:
    return [line.strip() for line in shaped(text).splitlines()[1:]]


def test_names_and_ids_of_the_account_stand_by_their_place() -> None:
    page = {"items": [{"id": 12, "name": " Course A:  purchased"}, {"id": 999, "name": "Nobody's"}, {"name": "Welcome", "id": "1982218"}]}
    assert lines(json.dumps(page)) == [
        "object(1)",
        "items: array(3)",
        "object(2)",
        "id: id of tag#2",
        "name: tag#2",
        "object(2)",
        "id: digits(3)",
        "name: text(8)",
        "object(2)",
        "name: sequence#1",
        "id: id of automation#1",
    ]


def test_what_is_the_same_several_times_is_said_once() -> None:
    page = "<ul>" + "<li class=x>one</li>" * 40 + "<li>two</li></ul>"
    assert lines(page) == [
        "page",
        "ul",
        "40 x li class=class#1",
        "text(3)",
        "li",
        "text(3)",
    ]


def test_names_inside_of_text_and_cut_names_are_told() -> None:
    said = lines("<p>Add tag: Customer</p><p>Course A: purch…</p><p>5 minutes</p><p>Tag is added</p><p>42</p>")
    assert said[2::2] == ["text(17) with tag#1", "text(16) with tag#2 cut", "duration", said[8], "digits(2)"]
    assert said[8].startswith("kit#")
    assert lines("<p>Add tag</p>")[2].startswith("label#")  # as paste reads it


def test_json_inside_of_a_page_is_shown_as_json() -> None:
    inside = json.dumps({"steps": [{"type": "email_sequence", "name": "Welcome"}]})
    for page in (f"<script>{inside}</script>", f'<div data-props="{html.escape(inside)}"></div>'):
        assert lines(page)[2:6] == ["json: object(1)", "steps: array(1)", "object(2)", lines(page)[5]]
        assert lines(page)[5].startswith("type: word#")
        assert lines(page)[6] == "name: sequence#1"


HAR = {
    "log": {
        "entries": [
            {
                "request": {
                    "method": "GET",
                    "url": "https://app.kit.com/automations/1982218/edit?token=Zx9SecretZx9",
                    "headers": [{"name": "X-Request-Id", "value": "Zx9HeaderZx9"}],
                    "cookies": [],
                    "queryString": [{"name": "token", "value": "Zx9SecretZx9"}],
                },
                "response": {
                    "status": 200,
                    "headers": [],
                    "content": {"mimeType": "application/json", "text": json.dumps({"name": "Welcome"})},
                },
            }
        ]
    }
}


def test_a_har_shows_method_path_and_bodies_and_no_header() -> None:
    said = lines(json.dumps(HAR))
    assert said[0] == "requests"
    assert said[1].startswith("GET url(//")
    assert "/id of automation#1/" in said[1]
    assert said[1].endswith("?)")
    assert said[2:] == ["status 200", "answer: application/json: object(1)", "name: sequence#1"]


def changed(**parts: Any) -> str:
    copy = json.loads(json.dumps(HAR))
    copy["log"]["entries"][0]["request"].update(parts)
    return json.dumps(copy)


@pytest.mark.parametrize(
    "text",
    [
        changed(cookies=[{"name": "_kit_session", "value": "x"}]),
        changed(headers=[{"name": "Cookie", "value": "a=b"}]),
        changed(headers=[{"name": "authorization", "value": "Bearer x"}]),
        changed(headers=[{"name": "Proxy-Authorization", "value": "x"}]),
        json.dumps({"response": {"set-cookie": "a=b"}}),
        json.dumps([[{"Authorization": "Bearer x"}]]),
        json.dumps({"headers": {"X-Kit-Api-Key": "kit_x"}}),
        "<script>" + json.dumps({"cookies": {"a": "b"}}) + "</script>",
    ],
)
def test_files_with_cookies_or_credentials_are_refused(text: str) -> None:
    with pytest.raises(InputError, match="holds cookies or credentials") as caught:
        shaped(text)
    assert "sanitized" in str(caught.value)


def test_an_empty_list_of_cookies_is_none() -> None:
    assert lines(json.dumps({"cookies": [], "headers": [{"name": "Cookie", "value": ""}]}))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Add tag\nCustomer\n", "neither HTML, nor HAR, nor JSON"),
        ("", "neither HTML, nor HAR, nor JSON"),
        ("From: <Saved by Blink>\nMIME-Version: 1.0\n", "web archive"),
        ('{"a": ', "looks like JSON"),
        ("[" * 100_000, "looks like JSON"),
    ],
)
def test_another_file_is_refused_with_what_to_do(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        shaped(text)


@pytest.mark.parametrize(
    "key", ["jane@example.com", "Jane", "a1b2c3d4", "123456", "Zoë", "jane_doe", "Customer", "customerJane", "", "x" * 90]
)
def test_a_key_that_may_be_data_is_not_shown(key: str) -> None:
    said = shaped(json.dumps({key: 1}))
    assert key == "" or key not in said
    assert not is_plain(key)


def test_the_words_that_are_shown_are_everybodys() -> None:
    assert not {"jane", "max", "may", "will", "rose", "mark", "bill", "grace", "hope", "frank"} & set(WORDS) - {"max"}
    assert all(is_plain(name) for name in ("entry_conditions", "data-step-id", "createdAt", "viewBox", "aria-label", "x1"))


# -- nothing of what is in it ------------------------------------------------------------------------------------------------------

SECRET = st.text(alphabet="ÄÖÜẞ" + "ЖЩЮЯ" + "QXZ" + "@._-", min_size=4, max_size=24)
"""Made of signs that no word of a shape has, so that any four of them in a row are a leak."""
KEYS = st.one_of(st.sampled_from(["id", "name", "steps", "data-type", "cookieless", "title"]), SECRET)


def documents() -> st.SearchStrategy[Any]:
    leaves = st.one_of(st.none(), st.booleans(), st.integers(-(2**60), 2**60), st.floats(allow_nan=False, allow_infinity=False), SECRET)
    return st.recursive(leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=20)


def texts_in(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case list():
            for item in value:
                yield from texts_in(item)
        case dict():
            for key, item in value.items():
                yield key if not is_plain(key) else ""
                yield from texts_in(item)
        case int() | float() if not isinstance(value, bool):
            yield str(value)


def leaks(texts: Iterator[str], said: str) -> list[str]:
    """Four characters in a row of any of these texts that stand in what is said."""
    return [text[at : at + 4] for text in texts for at in range(len(text) - 3) if text[at : at + 4] in said]


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(KEYS, documents(), min_size=1, max_size=5))
def test_no_four_characters_of_a_json_are_in_its_shape(document: dict[str, Any]) -> None:
    assert leaks(texts_in(document), shaped(json.dumps(document))) == []


def pages() -> st.SearchStrategy[str]:
    def element(parts: tuple[str, list[tuple[str, str]], list[str]]) -> str:
        tag, attributes, inner = parts
        said = "".join(f' {name}="{html.escape(value)}"' for name, value in attributes)
        return f"<{tag}{said}>{''.join(inner)}</{tag}>"

    tags = st.sampled_from(["div", "span", "a", "script", "style", "x-qxzqxz", "textarea", "svg", "b"])
    names = st.sampled_from(["class", "id", "href", "data-qxzqxz", "title", "content", "style", "value", "alt"])
    leaf = st.one_of(
        SECRET.map(html.escape),
        SECRET.map(lambda text: f"<!-- {text} -->"),
        SECRET.map(lambda text: f"<!{text}>"),
        SECRET.map(lambda text: f"<?{text}?>"),
        SECRET.map(lambda text: f"<div title={text}"),
        SECRET.map(lambda text: f"</{text}>"),
        SECRET.map(lambda text: f"<script>{json.dumps({'name': text, text: 1})}</script>"),
    )
    attributes = st.lists(st.tuples(names, SECRET), max_size=3)
    return st.recursive(leaf, lambda inner: st.tuples(tags, attributes, st.lists(inner, max_size=4)).map(element), max_leaves=15)


@settings(max_examples=300, deadline=None)
@given(pages())
def test_no_four_characters_of_a_page_are_in_its_shape(page: str) -> None:
    said = shaped(f"<html>{page}</html>")
    assert {char for char in said if char not in string.ascii_letters + string.digits + " \n_+=:,.()#/?-"} == set()
    for secret in ("QXZ", "qxz", "Ä", "Ж"):
        assert secret not in said


@settings(max_examples=100, deadline=None)
@given(SECRET, SECRET, SECRET, documents())
def test_no_four_characters_of_a_har_are_in_its_shape(path: str, query: str, header: str, body: Any) -> None:
    request = {
        "method": query,
        "url": f"https://{header.strip('.')}/{path}?{query}={header}#{path}",
        "headers": [{"name": header, "value": query}],
        "queryString": [{"name": query, "value": header}],
        "postData": {"mimeType": header, "text": query},
    }
    response = {"status": 200, "statusText": path, "content": {"mimeType": path, "text": json.dumps(body)}}
    said = shaped(json.dumps({"log": {"entries": [{"request": request, "response": response}], "comment": path}}))
    assert leaks(iter([path, query, header, *texts_in(body)]), said) == []


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=200) | st.text(alphabet="<>/!-\"'= abc{}[]", max_size=200))
def test_whatever_a_file_holds_there_is_a_shape_or_a_refusal(text: str) -> None:
    for begin in ("<", "{", "[", ""):
        try:
            shaped(begin + text)
        except InputError:
            continue


@pytest.mark.parametrize("part", ["<", "<!--", "<a ", "<a b='", "<script>", "</div>", "<div>", "&", "<!x", "<?x", "<p>x</b>", '<a b="{'])
def test_a_hostile_page_costs_no_more_than_its_length(part: str) -> None:
    def seconds(times: int) -> float:
        start = time.process_time()
        shaped("<html>" + part * times)
        return time.process_time() - start

    seconds(100)
    assert seconds(40_000) < max(0.5, 8 * 4 * seconds(10_000))
