"""Checks what comes from outside onto a report: the logo and the accent colour."""

from __future__ import annotations

import base64
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

from ckaudit.model.branding import Branding, Logo, LogoType
from ckaudit.model.config import Config, ReportTable
from ckaudit.model.errors import ConfigError, Location
from ckaudit.sources.config import read_logo_file

MAX_LOGO = 200_000
MIN_CONTRAST = 4.5
LIGHT_GROUND, DARK_GROUND = "#ffffff", "#1f2831"

_PNG = b"\x89PNG\r\n\x1a\n"
_SVG = "{http://www.w3.org/2000/svg}"
_HREF = "{http://www.w3.org/1999/xlink}href"
# What a picture needs. Everything else goes: scripts, foreign objects, animations, links, pictures in the picture.
_ELEMENTS = frozenset((
    "svg", "g", "defs", "title", "desc", "symbol", "use", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "text",
    "tspan", "textPath", "linearGradient", "radialGradient", "stop", "clipPath", "mask", "pattern", "marker", "filter", "feGaussianBlur",
    "feOffset", "feBlend", "feFlood", "feComposite", "feMerge", "feMergeNode", "feColorMatrix", "style",
))  # fmt: skip
_OUTSIDE = re.compile(r"url\s*\(\s*['\"]?\s*(?!#)|@import|expression\s*\(|javascript:|\\", re.IGNORECASE)


def branding_of(config: Config) -> Branding:
    """Whose report it is, as a configuration says. Raises ConfigError for a logo or a colour that cannot be used."""
    return read_branding(config.file.report, config.folder, lambda key: config.place("report", key))


def read_branding(table: ReportTable, folder: Path, place: Callable[[str], Location]) -> Branding:
    """What a ``[report]`` table asks for; its logo is a file as seen from ``folder``. Raises ConfigError."""
    return make_branding(table, read_logo_file(table, folder, place("logo")), place)


def make_branding(table: ReportTable, logo: bytes | None, place: Callable[[str], Location]) -> Branding:
    """What a ``[report]`` table asks for. ``logo`` is its logo file as it is; ``place`` says where a key is.

    Raises:
        ConfigError: the logo or the colour cannot be used.
    """
    key = "logo"
    try:
        checked = read_logo(logo, table.logo) if logo is not None else None
        key = "accent"
        if table.accent:
            accents(table.accent)
    except ConfigError as error:
        raise ConfigError(error.message, hint=error.hint, location=place(key)) from None
    return Branding(
        name=table.name,
        logo=checked,
        accent=table.accent,
        contact=table.contact,
        introduction=table.introduction,
        closing=table.closing,
        tool_branding=table.tool_branding,
    )


def read_logo(data: bytes, name: str = "logo") -> Logo:
    """Check a logo and make it harmless. ``name`` is the file's, for messages.

    An SVG loses everything that runs, loads or links: what stays is shapes, words and colours.

    Raises:
        ConfigError: larger than 200,000 bytes, neither PNG nor SVG, or broken.
    """
    if len(data) > MAX_LOGO:
        raise ConfigError(f"{name}: the logo has {len(data):,} bytes, at most {MAX_LOGO:,} are taken", hint="Save it smaller.")
    if data.startswith(_PNG):
        if data[12:16] != b"IHDR" or b"IEND" not in data[-16:]:
            raise ConfigError(f"{name}: the picture is cut off", hint="Save it again as PNG.")
        return Logo(LogoType.PNG, data)
    return Logo(LogoType.SVG, _clean_svg(data, name))


def _clean_svg(data: bytes, name: str) -> bytes:
    if re.search(rb"<!(DOCTYPE|ENTITY)", data, re.IGNORECASE):
        data = re.sub(rb"<!DOCTYPE[^<>\[]*>", b"", data, count=1, flags=re.IGNORECASE)
        if re.search(rb"<!(DOCTYPE|ENTITY)", data, re.IGNORECASE):
            raise ConfigError(f"{name}: the SVG declares entities", hint="Export it as “plain SVG”.")
    try:
        root = ET.fromstring(data)  # noqa: S314  no entities are left that could grow
    except (ET.ParseError, ValueError, LookupError) as error:
        raise ConfigError(f"{name}: neither a PNG nor an SVG picture", hint="Save the logo as PNG or as plain SVG.") from error
    if root.tag != f"{_SVG}svg":
        raise ConfigError(f"{name}: the file holds <{root.tag.rpartition('}')[2]}>, not an SVG picture", hint="Save the logo as plain SVG.")
    try:
        cleaned = _cleaned(root)
    except RecursionError:
        raise ConfigError(f"{name}: the SVG is nested too deeply", hint="Export it as “plain SVG”.") from None
    cleaned.set("xmlns", _SVG[1:-1])
    return ET.tostring(cleaned, encoding="unicode").encode("utf-8")


def _cleaned(element: ET.Element) -> ET.Element:
    """A copy of allowed elements and attributes, without name spaces."""
    copy = ET.Element(element.tag.removeprefix(_SVG), dict(sorted(_attributes(element).items())))
    is_style = copy.tag == "style"
    copy.text = "" if is_style and _OUTSIDE.search(element.text or "") else element.text
    copy.tail = element.tail
    for child in element:
        if isinstance(child.tag, str) and child.tag.startswith(_SVG) and child.tag.removeprefix(_SVG) in _ELEMENTS:
            copy.append(_cleaned(child))
    return copy


def _attributes(element: ET.Element) -> dict[str, str]:
    kept = {}
    for name, value in element.attrib.items():
        plain = "href" if name == _HREF else name
        is_foreign = plain.startswith("{") or plain.lower().startswith("on")
        leads_out = plain == "href" and not value.startswith("#")
        if not (is_foreign or leads_out or _OUTSIDE.search(value)):
            kept[plain] = value
    return kept


def data_uri(logo: Logo) -> str:
    """The picture as an address that needs no request."""
    return f"data:{logo.type};base64,{base64.b64encode(logo.data).decode('ascii')}"


def accents(colour: str) -> tuple[str, str]:
    """The accent colour for light and for dark ground: as given, and made lighter until it can be read on the dark.

    Raises:
        ConfigError: not ``#rrggbb``, or too pale to read on white (contrast below 4.5:1); the message names a darker one that works.
    """
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", colour):
        raise ConfigError(f"the accent colour must look like #1f65ad, not “{colour[:40]}”")
    light = colour.lower()
    if contrast(light, LIGHT_GROUND) < MIN_CONTRAST:
        raise ConfigError(
            f"the accent colour {light} is too pale to read on white: contrast {contrast(light, LIGHT_GROUND):.1f}:1, 4.5:1 is needed",
            hint=f"The same colour, darker: {_moved(light, 0, LIGHT_GROUND)}",
        )
    return light, _moved(light, 255, DARK_GROUND)


def _moved(colour: str, towards: int, ground: str) -> str:
    """The colour, moved towards black (0) or white (255) in twentieths until it can be read."""
    parts, moved = _parts(colour), colour
    for step in range(21):
        moved = "#" + "".join(f"{round(part + (towards - part) * step / 20):02x}" for part in parts)
        if contrast(moved, ground) >= MIN_CONTRAST:
            return moved
    return moved


def _parts(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def contrast(one: str, other: str) -> float:
    """Contrast of two colours after WCAG 2.2, from 1 to 21."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = (part / 255 for part in _parts(colour))
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in (red, green, blue)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
