"""A result as one HTML file for people: no request to anywhere, complete without its script, good on paper."""

from __future__ import annotations

import re
from functools import lru_cache

import msgspec
from markupsafe import Markup

from ckaudit.model.branding import Branding
from ckaudit.model.result import Result
from ckaudit.render.branding import data_uri
from ckaudit.render.client import for_client
from ckaudit.render.coverage import when_read
from ckaudit.render.markdown_subset import to_html
from ckaudit.render.options import DEFAULT_OPTIONS, RenderOptions, View
from ckaudit.render.page import page_environment, page_policy, page_style, report_file
from ckaudit.render.plain import capital, cut, inert_json
from ckaudit.render.readers import for_readers
from ckaudit.render.view import Brand, Report
from ckaudit.render.view_appendix import appendix
from ckaudit.render.view_findings import groups_of, plan_parts
from ckaudit.render.view_front import front_page


def render_html(result: Result, options: RenderOptions = DEFAULT_OPTIONS) -> str:
    """The report. Same result and options, same bytes."""
    return render_page(result, options)


def render_page(result: Result, options: RenderOptions, *, on_paper: bool = False) -> str:
    """The report as a page. ``on_paper`` leaves out what is never printed: the client's appendix, the script and the data."""
    result = for_readers(result, options)
    report = make_report(result, options)
    style, script = page_style(options.branding, report.account), "" if on_paper else report_file("report.js").strip()
    page = page_environment().get_template("report.html.j2")
    return page.render(
        report=report,
        on_paper=on_paper,
        policy=page_policy(style, script, has_logo=bool(report.brand.logo)),
        style=Markup(style),  # noqa: S704  our own file, with colours that were checked
        script=Markup(script),  # noqa: S704  our own file
        island="" if on_paper else Markup(json_island(result)),  # noqa: S704  no “<” is left in it
    )


def make_report(result: Result, options: RenderOptions) -> Report:
    """Everything the template prints."""
    is_for_client = options.view is View.CLIENT
    told = for_client(result) if is_for_client else result
    groups = groups_of(told, msgspec.structs.replace(options, repository="") if is_for_client else options)  # a client needs no such page
    name = cut(result.account.name, 120) or "Kit account"
    return Report(
        title=f"Kit audit: {name}",
        account=name,
        date=capital(when_read(result)),
        brand=_brand(options.branding),
        front=front_page(result, groups, options),
        plan=plan_parts(groups),
        findings=len(told.findings),
        appendix=appendix(told),
        is_for_client=is_for_client,
    )


def _brand(branding: Branding) -> Brand:
    return Brand(
        name=cut(branding.name, 120),
        logo=data_uri(branding.logo) if branding.logo else "",
        contact=cut(branding.contact, 200),
        introduction=Markup(to_html(branding.introduction)),  # noqa: S704  to_html escapes everything first
        closing=Markup(to_html(branding.closing)),  # noqa: S704  to_html escapes everything first
        tool=branding.tool_branding,
    )


def json_island(result: Result) -> str:
    """The result as JSON that can be inside a script element: no character in it can end the element or the line."""
    text = inert_json(msgspec.json.encode(lean(result)).decode("utf-8"))
    return re.sub("[<>&\u2028\u2029\u202a-\u202e\u2066-\u2069\x7f-\x9f]", lambda match: f"\\u{ord(match[0]):04x}", text)


def lean(value: object) -> object:
    """The value without fields that have their default: it decodes to the same result and takes half the room."""
    if isinstance(value, msgspec.Struct):
        if value.__struct_config__.array_like:
            return [lean(getattr(value, field.name)) for field in _fields(type(value))]
        kept = {field.encode_name: lean(got) for field in _fields(type(value)) if (got := getattr(value, field.name)) != field.default}
        tag, name = value.__struct_config__.tag_field, value.__struct_config__.tag
        return {tag: name, **kept} if tag else kept
    if isinstance(value, tuple):
        return [lean(item) for item in value]
    return value


@lru_cache(maxsize=256)
def _fields(struct: type[msgspec.Struct]) -> tuple[msgspec.structs.FieldInfo, ...]:
    return msgspec.structs.fields(struct)
