"""Automations in every notation that a manifest has, as plain data for hypothesis, and what the tests compare."""

from __future__ import annotations

import json
from typing import Any, TypeVar

import msgspec
from hypothesis import strategies as st

from ckaudit.model.account import Account
from ckaudit.model.automations import Automation
from ckaudit.sources.shorthand import Names
from tests.sources.manifest.helpers import parse

T = TypeVar("T")
ODD_NAMES = (
    "Course A: purchased", "yes", "true", "null", "2024", "# x", "#11", "#11 x", "- x", "a, b", "🌊 é", "it's", '"', '"x" y', "{x}", " x ",
    "any", "any thing", "> x", ">> x", "!! x", "? VIP", "x = y", "=", "%", "5m", "7 days", "2026-12-24", "exit", "note: x", "* x", "a\nb",
    "\u202eVIP", "שלום", "a\tb", "a  b", "VIP", "Customer", "vip", "Footer", "Twin", "country", "Country", "land", "Same", "|", "/", "&",
    "$ 5",     "@home", "<b>x</b>", "\\", "x # ckaudit: ignore CK311 y", "##vso[task]", "👩‍💻", "a\u00a0b", "Straße", "İ",
)  # fmt: skip
NAMES = st.one_of(
    st.sampled_from(ODD_NAMES),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\ufffe\uffff"), min_size=1, max_size=8),
)
REFS = st.one_of(NAMES, NAMES, st.integers(1, 60), st.builds(lambda number, name: {"id": number, "name": name}, st.integers(70, 90), NAMES))
TIMES = st.builds(
    lambda number, unit: f"{number} {unit}", st.integers(1, 99), st.sampled_from(["minutes", "hours", "day", "days", "weeks"])
)
VALUES = st.one_of(NAMES, st.just(""))
EVENTS = st.one_of(
    st.builds(lambda ref: {"tag_added": ref}, REFS),
    st.builds(lambda name: {"purchases": name}, NAMES),
    st.builds(lambda name: {"app_event": name}, NAMES),
    st.builds(lambda ref: {"field_changed": {"field": ref}}, REFS),
    st.builds(lambda ref, value: {"field_changed": {"field": ref, "to": value}}, REFS, VALUES),
)
ENTRIES = st.one_of(EVENTS, st.builds(lambda ref: {"joins_form": ref}, REFS))
GOALS = st.one_of(EVENTS, st.builds(lambda ref: {"tag_removed": ref}, REFS), st.just({"date": "2026-12-24"}))
TESTS = st.one_of(
    st.builds(lambda ref: {"tag": ref}, REFS),
    st.builds(lambda name: {"filter": name}, NAMES),
    st.builds(lambda time: {"opened_within": time}, TIMES),
    st.builds(
        lambda ref, operator, value: {"field": ref, operator: value}, REFS, st.sampled_from(["is", "contains", "above", "below"]), VALUES
    ),
    st.builds(lambda ref, operator: {"field": ref, operator: True}, REFS, st.sampled_from(["blank", "known"])),
)


@st.composite
def steps(draw: st.DrawFn, depth: int = 3) -> list[dict[str, Any]]:
    """Steps, of every kind."""
    return [draw(_step(depth)) for _ in range(draw(st.integers(0, 4 if depth == 3 else 2)))]


@st.composite
def _step(draw: st.DrawFn, depth: int) -> dict[str, Any]:
    simple = {
        "add_tag": REFS, "remove_tag": REFS, "sequence": REFS, "delay": TIMES, "start_automation": REFS, "remove_from_automation": REFS,
        "app_action": NAMES, "exit": st.just(True), "event": GOALS,
        "set_field": st.fixed_dictionaries({"field": REFS, "value": st.none() | VALUES}),
    }  # fmt: skip
    kind = draw(st.sampled_from([*simple, *(["if", "split", "events"] if depth else [])]))
    if kind == "if":
        made = {"if": draw(TESTS)} | draw(st.fixed_dictionaries({"then": steps(depth - 1)}, optional={"else": steps(depth - 1)}))
    elif kind == "split":
        paths = [{"tag": draw(REFS), "steps": draw(steps(depth - 1))} for _ in range(draw(st.integers(0, 2)))]
        made = {"split": paths + ([{"otherwise": draw(steps(depth - 1))}] if not paths or draw(st.booleans()) else [])}
    elif kind == "events":
        made = {"events": [{"event": draw(GOALS), "steps": draw(steps(depth - 1))} for _ in range(draw(st.integers(1, 3)))]}
    else:
        made = {kind: draw(simple[kind])}
    return made | draw(st.fixed_dictionaries({}, optional={"note": NAMES, "waiting": st.integers(0, 999)}))


@st.composite
def automations(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Automations, with everything that can be said of them."""
    optional = {
        "status": st.sampled_from(["active", "paused", "inactive"]),
        "notes": NAMES,
        "draft": st.sampled_from(["timestamps", "paste", "screenshot"]),
        "recurring": st.booleans(),
        "evergreen": st.booleans(),
        "entries": st.lists(ENTRIES, max_size=3),
        "steps": steps(),
    }
    return draw(st.lists(st.fixed_dictionaries({"name": NAMES}, optional=optional), max_size=3))


def built(data: list[dict[str, Any]], account: Account | None) -> tuple[Automation, ...] | None:
    """The automations that a manifest with this data has; None for one that the manifest's reader refuses, as with names used twice."""
    from ckaudit.model.errors import ManifestError

    numbered = [item | {"id": 100 + number} for number, item in enumerate(data)]
    try:
        return parse(json.dumps({"version": 1, "automations": numbered}), account).automations
    except ManifestError:
        return None


def names_of(account: Account | None, automations: tuple[Automation, ...]) -> Names:
    """What names are looked up in."""
    return Names(account, [(item.id, item.name) for item in automations])


def bare(value: T) -> T:
    """A part of the model without its places."""
    if isinstance(value, msgspec.Struct):
        fields = {name: None if name == "location" else bare(getattr(value, name)) for name in value.__struct_fields__}
        return type(value)(**fields)
    return tuple(map(bare, value)) if isinstance(value, tuple) else value  # type: ignore[return-value]
