"""Secrets in webhook addresses are replaced; what rules read stays."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckaudit.kit.redact import UNREADABLE, looks_random, redact_targets

UUID = "5f0c2a4e-0d3c-4b7e-9d1a-2f6f3f1f0a11"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://m.example.com/?aal_genpass=s3cret", "https://m.example.com/?aal_genpass=REDACTED-1"),
        ("https://m.example.com/?aal_genpass=", "https://m.example.com/?aal_genpass="),
        ("https://m.example.com/?aal_genpass", "https://m.example.com/?aal_genpass"),
        ("https://m.example.com/?opensesame", "https://m.example.com/?REDACTED-1"),
        ("https://m.example.com/?a=1&b=2&c=1", "https://m.example.com/?a=REDACTED-1&b=REDACTED-2&c=REDACTED-1"),
        ("https://m.example.com/?a=x%20y&b=x+y", "https://m.example.com/?a=REDACTED-1&b=REDACTED-1"),
        (
            "https://m.example.com/?wpf_action=update_tags&access_key=k&send_notification=false",
            "https://m.example.com/?wpf_action=update_tags&access_key=REDACTED-1&send_notification=false",
        ),
        ("https://m.example.com/?wpf_action=s3cret", "https://m.example.com/?wpf_action=REDACTED-1"),
        ("https://m.example.com/?wpf_action_2=add", "https://m.example.com/?wpf_action_2=REDACTED-1"),
        ("https://user:pass@m.example.com:8443/a/#frag", "https://m.example.com:8443/a/"),
        ("https://hooks.zapier.com/hooks/catch/123/abc/", "https://hooks.zapier.com/hooks/catch/REDACTED-1/REDACTED-2/"),
        ("https://hook.eu1.make.com/abc", "https://hook.eu1.make.com/REDACTED-1"),
        ("https://secretname.m.pipedream.net/", "https://redacted-1.m.pipedream.net/"),
        (f"https://n8n.example.com/webhook/{UUID}", "https://n8n.example.com/webhook/REDACTED-1"),
        ("https://m.example.com/in/token=abc/x;sid=1", "https://m.example.com/in/token=REDACTED-1/x;REDACTED-2"),
        ("https://m.example.com/hook/9f86d081884c7d65/x", "https://m.example.com/hook/REDACTED-1/x"),
        ("http://localhost:8000/dev", "http://localhost:8000/dev"),
        ("http://[::1]:80/dev", "http://[::1]:80/dev"),
        ("mailto:somebody@private.example", "mailto:REDACTED-1"),
        ("http://[::1", UNREADABLE),
        ("https://host:port/", UNREADABLE),
        ("https://m.example.com/\r\nSet-Cookie:\u202e x", "https://m.example.com/Set-Cookie:x"),
        ("", ""),
    ],
)
def test_an_address_keeps_what_rules_read_and_loses_the_rest(url: str, expected: str) -> None:
    assert redact_targets([url]) == [expected]


def test_the_same_value_has_the_same_label_within_a_section() -> None:
    assert redact_targets(["https://a.b/?k=one", "https://a.b/?k=two", "https://c.d/?z=one"]) == [
        "https://a.b/?k=REDACTED-1",
        "https://a.b/?k=REDACTED-2",
        "https://c.d/?z=REDACTED-1",
    ]


WORDS = ["wp-json", "my-account", "Login.php", "webinar2026", "thank-you-for-registering-2026", "v1", "2026", "course_a_module_12", ""]
RANDOM = [UUID, "9f86d081884c7d65", "AbCdEfGhIjKlMnOpQrSt", "x7k2m9p4q1w8", "a@b.example", "123456789012", "q" * 30]
HOSTS = ["a.b", "hooks.zapier.com", "x.m.pipedream.net", "u@h:1"]


@pytest.mark.parametrize("word", WORDS)
def test_words_that_people_type_stay(word: str) -> None:
    assert not looks_random(word)


@pytest.mark.parametrize("word", RANDOM)
def test_what_nobody_types_goes(word: str) -> None:
    assert looks_random(word)


secrets = st.text(alphabet=string.ascii_letters + string.digits + "-_.~%+", min_size=6, max_size=40).map("zq".__add__)


@given(st.lists(secrets, min_size=1, max_size=5))
def test_no_query_value_userinfo_or_fragment_ever_survives(values: list[str]) -> None:
    urls = [f"https://{value}:{value}@m.example.com/hook?k={value}&{value}&x=%20{value}#{value}" for value in values]
    text = " ".join(redact_targets(urls))
    assert not [value for value in values if value in text]


urls = st.one_of(
    st.text(max_size=60),
    st.builds(
        "https://{}/{}?{}".format,
        st.sampled_from(HOSTS),
        st.text(max_size=30),
        st.text(max_size=30),
    ),
)


@given(st.lists(urls, max_size=5))
def test_redacting_twice_changes_nothing_and_nothing_makes_it_fail(urls: list[str]) -> None:
    once = redact_targets(urls)
    assert redact_targets(once) == once
