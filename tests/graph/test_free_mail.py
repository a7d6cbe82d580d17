"""Which domains belong to everybody."""

from __future__ import annotations

import pytest

from ckaudit.graph.free_mail import is_free_mail


@pytest.mark.parametrize(
    "domain", ["gmail.com", "GMAIL.com", "yahoo.com", "yahoo.co.uk", "yahoo.com.br", "hotmail.fr", "live.nl", "gmx.at", "web.de"]
)
def test_providers_are_known_in_every_country(domain: str) -> None:
    assert is_free_mail(domain)


@pytest.mark.parametrize(
    "domain",
    [
        "",
        "example.com",
        "mygmail.com",
        "gmail.com.example.com",
        "mail.gmail.com",
        "outlook.studio",
        "live.io",
        "gmx.academy",
        "yahoo.shop.com",
    ],
)
def test_names_that_only_look_like_a_provider_are_not(domain: str) -> None:
    assert not is_free_mail(domain)
