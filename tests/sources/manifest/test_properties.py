"""Whatever is in a manifest: either data or a ManifestError with places, never anything else."""

from __future__ import annotations

import json
import re
import string
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from ckaudit.model.steps import AnyStep
from ckaudit.sources.manifest import check_manifest, manifest_schema, parse_manifest
from tests.sources.manifest.helpers import STACKS, account, problems
from tests.sources.manifest.writer import Writer


def keys_in(schema: Any) -> Iterator[str]:
    """Every key a schema names."""
    if isinstance(schema, dict):
        yield from schema.get("properties", {})
    for part in schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ():
        yield from keys_in(part)


ALL_KEYS = sorted({*keys_in(manifest_schema()), "<<", "steps "})
WORDS = st.sampled_from(["5 minutes", "VIP", "any", "2026-11-20", "none"])
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), WORDS)
KEY = st.sampled_from(ALL_KEYS)
TREES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEY, inner, max_size=4), max_leaves=25)


def check(text: str) -> None:
    """Read a text; problems, if any, are in order, inside the text, and not too many."""
    found = problems(text, account())
    lines = len(re.split("\r\n|\r|\n", text))
    places = [problem.location for problem in found if problem.location]
    assert places == sorted(places)
    assert all(problem.message for problem in found)
    assert all(0 <= place.line <= lines for place in places)
    assert len(found) <= 21


@given(st.dictionaries(KEY, TREES, max_size=5))
def test_any_tree_is_read_or_refused(tree: dict[str, Any]) -> None:
    check(json.dumps({"version": 1} | tree))
    check(json.dumps({"version": 1} | tree, indent="\t", ensure_ascii=False))


@given(TREES)
def test_any_steps_are_read_or_refused(tree: Any) -> None:
    automation = {"name": "A", "steps": [tree], "entries": [tree]}
    check(json.dumps({"version": 1, "automations": [automation], "rules": [tree], "offerings": [tree]}))


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    check(text)


@given(st.text(alphabet=string.ascii_lowercase[:3] + " \n\t\r-:#'\"[]{},&*!|>%@`?\\~.0\u2028\ufeff", max_size=60))
@settings(max_examples=300)
def test_any_yaml_like_text_is_read_or_refused(text: str) -> None:
    check(text)
    check(f"version: 1\nautomations:\n  - name: {text}\n    # ckaudit: ignore CK311 x\n    steps: []\n")


@given(st.binary(max_size=200))
@settings(max_examples=50)
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "m.yaml"
        path.write_bytes(data)
        check_manifest([path], None, STACKS)


NAMES = st.one_of(
    st.text(min_size=1, max_size=12).filter(lambda text: not any("\ud800" <= char <= "\udfff" for char in text)),
    st.sampled_from(
        ["Course A: purchased", "yes", "true", "null", "2024", "# x", "- x", "a, b", "🌊 é", "it's", '"', "{x}", " x ", "any thing"]
    ),
)


@st.composite
def written_steps(draw: st.DrawFn, depth: int = 2) -> list[dict[str, Any]]:
    """Steps as the writer takes them: the manifest's own notation."""
    steps: list[dict[str, Any]] = []
    for _ in range(draw(st.integers(0, 3))):
        kind = draw(st.sampled_from(["add_tag", "remove_tag", "sequence", "delay", "set_field", "exit", "if", "split", "event", "events"]))
        name = draw(NAMES)
        inner = draw(written_steps(depth - 1)) if depth and kind in ("if", "split", "events") else []
        value: Any = {
            "delay": f"{draw(st.integers(1, 99))} {draw(st.sampled_from(['minutes', 'hours', 'day', 'weeks']))}",
            "set_field": {"field": name, "value": draw(st.none() | NAMES)},
            "exit": True,
            "if": {"tag": name},
            "split": [{"tag": name, "steps": inner}, {"otherwise": inner}],
            "event": {"tag_added": name},
            "events": [{"event": {"tag_removed": name}, "steps": inner}],
        }.get(kind, name)
        step: dict[str, Any] = {kind: value} | ({"then": inner, "else": inner} if kind == "if" else {})
        steps.append(step | ({"waiting": draw(st.integers(0, 5))} if draw(st.booleans()) else {}))
    return steps


def notation(steps: tuple[AnyStep, ...]) -> list[dict[str, Any]]:
    """What was read, in the manifest's notation again."""
    return [_notation(msgspec.to_builtins(step)) for step in steps]


def _notation(step: dict[str, Any]) -> dict[str, Any]:
    kind = step["step"]
    trigger: Any = step.get("trigger")
    makers: dict[str, Callable[[], Any]] = {
        "add_tag": lambda: step["tag"]["name"],
        "remove_tag": lambda: step["tag"]["name"],
        "sequence": lambda: step["sequence"]["name"],
        "delay": lambda: step["text"],
        "set_field": lambda: {"field": step["field"]["name"], "value": step["value"]},
        "exit": lambda: True,
        "if": lambda: {"tag": step["test"]["ref"]["name"]},
        "split": lambda: [
            {"tag": path["tag"]["name"], "steps": list(map(_notation, path["steps"]))}
            if path["tag"]
            else {"otherwise": list(map(_notation, path["steps"]))}
            for path in step["paths"]
        ],
        "event": lambda: {trigger["kind"]: trigger["ref"]["name"]},
        "events": lambda: [
            {"event": {path["trigger"]["kind"]: path["trigger"]["ref"]["name"]}, "steps": list(map(_notation, path["steps"]))}
            for path in step["paths"]
        ],
    }
    value = makers[kind]()
    sides = {"then": list(map(_notation, step["then"])), "else": list(map(_notation, step["otherwise"]))} if kind == "if" else {}
    return {kind: value, **sides} | ({"waiting": step["waiting"]} if step["waiting"] is not None else {})


@given(written_steps(), st.randoms(use_true_random=False))
def test_what_is_written_is_read_with_its_places(steps: list[dict[str, Any]], dice: Any) -> None:
    writer = Writer(dice)
    text = writer.manifest({"version": 1, "automations": [{"name": "A", "steps": steps}]})
    manifest = parse_manifest(text, "m.yaml", None, STACKS)
    assert notation(manifest.automations[0].steps) == steps
    for ref in manifest.references:
        assert ref.location
        assert (ref.location.line, ref.location.column) in writer.places[ref.name]
