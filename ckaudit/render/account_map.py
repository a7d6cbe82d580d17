"""The map of an account as a file: one SVG, or a page with every part and the same in words."""

from __future__ import annotations

from markupsafe import Markup

from ckaudit.model.account_map import AccountMap
from ckaudit.model.branding import Branding
from ckaudit.render.draw.map_svg import map_file, map_svg
from ckaudit.render.page import page_environment, page_policy, page_style
from ckaudit.render.plain import cut
from ckaudit.render.view import MapPartView
from ckaudit.render.view_map import map_anchor, map_notes, map_words


def render_map_svg(found: AccountMap) -> str:
    """All parts below each other. Same map, same bytes."""
    return map_file(found.parts)


def render_map_html(found: AccountMap, account: str, branding: Branding) -> str:
    """A page of its own, without scripts, that prints part by part."""
    name = cut(account, 120) or "Kit account"
    style = page_style(branding, name)
    parts = (
        MapPartView(map_anchor(number), number, cut(part.title, 200), map_svg(part, links={}, flags={}), map_words(part))
        for number, part in enumerate(found.parts, 1)
    )
    return (
        page_environment()
        .get_template("map.html.j2")
        .render(
            account=name,
            brand=cut(branding.name, 120),
            parts=tuple(parts),
            notes=map_notes(found, len(found.parts)),
            policy=page_policy(style),
            style=Markup(style),  # noqa: S704  our own file, with colours that were checked
        )
    )
