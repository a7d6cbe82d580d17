"""Logos and accent colours from outside."""

from __future__ import annotations

import pytest

from ckaudit.model.branding import LogoType
from ckaudit.model.errors import ConfigError
from ckaudit.render.branding import DARK_GROUND, MAX_LOGO, MIN_CONTRAST, accents, contrast, data_uri, read_logo

PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89\x00\x00\x00\x00IEND\xaeB`\x82"
)


def svg(inside: str, attributes: str = "") -> bytes:
    return f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" {attributes}>{inside}</svg>'.encode()


def cleaned(inside: str, attributes: str = "") -> str:
    return read_logo(svg(inside, attributes)).data.decode()


def test_a_png_stays_as_it_is() -> None:
    assert read_logo(PNG).data == PNG
    assert data_uri(read_logo(PNG)).startswith("data:image/png;base64,iVBOR")


@pytest.mark.parametrize("data", [PNG[:-12], b"GIF89a", b"", b"<html></html>", b"<svg", b"\xff\xd8\xff", svg("&amp;&lol;")])
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    with pytest.raises(ConfigError) as caught:
        read_logo(data, "logo.svg")
    assert "logo.svg" in caught.value.message
    assert caught.value.hint


def test_a_picture_that_is_too_large_is_refused() -> None:
    with pytest.raises(ConfigError, match="200,000"):
        read_logo(PNG + b"\x00" * MAX_LOGO)


@pytest.mark.parametrize(
    "inside",
    [
        "<script>alert(1)</script>",
        "<script href='https://evil.example/x.js'/>",
        "<foreignObject><body xmlns='http://www.w3.org/1999/xhtml'><img src='x' onerror='alert(1)'/></body></foreignObject>",
        "<image href='https://evil.example/x.png'/>",
        "<a href='javascript:alert(1)'><rect/></a>",
        "<animate attributeName='href' to='javascript:alert(1)'/>",
        "<set attributeName='onclick' to='alert(1)'/>",
        "<style>@import 'https://evil.example/x.css';</style>",
        "<style>rect { fill: url( 'https://evil.example/x' ); }</style>",
        "<style>rect { fill: u\\72l(//evil.example) }</style>",
        "<rect onclick='alert(1)' ONLOAD='alert(1)'/>",
        "<rect style='fill:url(https://evil.example/x)'/>",
        "<use href='https://evil.example/x.svg#a'/>",
        "<use xlink:href='data:image/svg+xml,x#a'/>",
        "<iframe xmlns='http://www.w3.org/1999/xhtml' src='https://evil.example'/>",
    ],
)
def test_whatever_runs_loads_or_links_is_taken_out(inside: str) -> None:
    made = cleaned(f"{inside}<rect width='3'/>", "onload='alert(1)'")
    assert 'width="3"' in made
    for word in ("script", "alert", "evil", "onload", "foreign", "import", "iframe", "javascript", "data:"):
        assert word not in made.lower()


def test_shapes_words_and_inner_references_stay() -> None:
    made = cleaned(
        "<defs><linearGradient id='g'/></defs><rect fill='url(#g)'/><use xlink:href='#g'/><text>A &amp; B</text>", "viewBox='0 0 3 3'"
    )
    for part in ('fill="url(#g)"', 'href="#g"', "A &amp; B", 'viewBox="0 0 3 3"', 'xmlns="http://www.w3.org/2000/svg"'):
        assert part in made


def test_entities_that_could_grow_are_refused() -> None:
    with pytest.raises(ConfigError, match="entities"):
        read_logo(b'<!DOCTYPE svg [<!ENTITY a "aaaa">]>' + svg("&a;"))


def test_a_plain_doctype_is_allowed() -> None:
    data = b'<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">' + svg("<rect/>")
    assert read_logo(data).type is LogoType.SVG


@pytest.mark.parametrize("colour", ["#000000", "#17605a", "#7A1F5C", "#595959"])
def test_an_accent_can_be_read_on_both_grounds(colour: str) -> None:
    light, dark = accents(colour)
    assert contrast(light, "#ffffff") >= MIN_CONTRAST
    assert contrast(dark, DARK_GROUND) >= MIN_CONTRAST


@pytest.mark.parametrize("colour", ["red", "#fff", "#12345g", "#123456;}body{display:none}", ""])
def test_an_accent_that_is_no_colour_is_refused(colour: str) -> None:
    with pytest.raises(ConfigError):
        accents(colour)


def test_contrast_of_black_and_white_is_21() -> None:
    assert round(contrast("#000000", "#ffffff"), 2) == 21


def test_a_logo_nested_without_end_is_refused() -> None:
    groups = b"<g>" * 20_000 + b"</g>" * 20_000
    with pytest.raises(ConfigError, match="nested too deeply"):
        read_logo(b'<svg xmlns="http://www.w3.org/2000/svg">' + groups + b"</svg>")
