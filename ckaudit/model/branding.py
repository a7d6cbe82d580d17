"""Whose report it is: what a consultant may put on it instead of ckaudit's own name."""

from __future__ import annotations

import enum

import msgspec


class LogoType(enum.StrEnum):
    """The two kinds of picture a logo may be."""

    PNG = "image/png"
    SVG = "image/svg+xml"


class Logo(msgspec.Struct, frozen=True):
    """A checked picture, see ``ckaudit.render.branding.read_logo``."""

    type: LogoType
    data: bytes


class Branding(msgspec.Struct, frozen=True, kw_only=True):
    """What a report shows of its author. ``introduction`` and ``closing`` are Markdown without HTML, ``accent`` is ``#rrggbb``.

    ``contact`` is one line: an address, a telephone number, a name. ``tool_branding`` False leaves ckaudit's name to the versions.
    """

    name: str = ""
    logo: Logo | None = None
    accent: str = ""
    contact: str = ""
    introduction: str = ""
    closing: str = ""
    tool_branding: bool = True
