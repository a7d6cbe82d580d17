"""Write ``docs/manifest-reference.md``, every key of the manifest, from its JSON Schema. ``--check`` only compares.

Run ``make docs`` after changing a key.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ckaudit.sources.manifest import manifest_schema
from ckaudit.sources.manifest.fields import ANOTHER_WORD

TARGET = Path(__file__).parent / "manifest-reference.md"
REFERENCE = "_reference"
HEAD = """\
# The manifest, key by key

Every key a manifest may have, and what it means; [the manifest](manifest.md) says how to write one. `ckaudit schema manifest` prints the
same as JSON Schema, for completion in editors. Lists may be empty unless it says otherwise.

<!-- Made by docs/make_manifest_page.py from ckaudit/model. Do not edit. -->"""
NAMED = """\
## References

An object is named by its exact name, by its id, or by `{id: 11, name: …}`, in which both must agree. A custom field's name is its key or
its label; the key wins. A number is an id: a name that looks like one needs quotes."""


def page() -> str:
    """The whole page."""
    schema = manifest_schema()
    parts = {name: part for name, part in schema["$defs"].items() if not name.endswith(REFERENCE)}
    sections = [section("manifest", schema), *(section(name, parts[name]) for name in in_order(schema, parts))]
    return "\n\n".join([HEAD, *sections, NAMED]) + "\n"


def in_order(schema: Any, parts: dict[str, Any]) -> list[str]:
    """The parts, each behind the first that uses it."""
    found: list[str] = []
    waiting = list(names_in({key: value for key, value in schema.items() if key != "$defs"}))
    while waiting:
        name = waiting.pop(0)
        if name in parts and name not in found:
            found.append(name)
            waiting = [*names_in(parts[name]), *waiting]
    return found


def names_in(schema: Any) -> Iterator[str]:
    """The parts a schema refers to, from top to bottom."""
    if isinstance(schema, dict):
        if "$ref" in schema:
            yield schema["$ref"].rpartition("/")[2]
        for value in schema.values():
            yield from names_in(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from names_in(value)


def section(name: str, schema: Any) -> str:
    """A part of the manifest: its keys in a table for each form it has."""
    forms = [table(form) for form in schema.get("anyOf", [schema])]
    return "\n\n".join([f"## {title(name)}", *("Or:\n\n" * bool(number) + form for number, form in enumerate(forms))])


def table(schema: Any) -> str:
    """The keys of an object, each with the other words for it."""
    also = {key: part["description"].split("“")[1][:-2] for key, part in schema["properties"].items() if is_another_word(part)}
    one = [key for choice in schema.get("oneOf", ()) for key in choice["required"] if key not in also]
    rows = [
        f"| {' or '.join(f'`{word}`' for word in [key, *(word for word, meant in also.items() if meant == key)])} "
        f"| {value(part)}{'; required' * (key in schema['required'])} | {part['description']} |"
        for key, part in schema["properties"].items()
        if key not in also
    ]
    few = (
        "Exactly one of the keys from "
        + f"`{one[0]}` to `{one[-1]}`"
        + (", and any of the others." if len(one) < len(rows) else ".")
        + "\n\n"
        if one
        else ""
    )
    return few + "\n".join(["| Key | Value | Meaning |", "|---|---|---|", *rows])


def is_another_word(schema: Any) -> bool:
    """True for a key that means the same as another one."""
    return str(schema.get("description", "")).startswith(ANOTHER_WORD)


def value(schema: Any) -> str:
    """What may be written, in words."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        words = name.removesuffix(REFERENCE).replace("_", " ")
        return f"[{words}](#references)" if name.endswith(REFERENCE) else f"[{words}](#{name.replace('_', '-')})"
    if "anyOf" in schema:
        return " or ".join(value(part) for part in schema["anyOf"])
    if "enum" in schema:
        return ", ".join(f"`{word}`" for word in schema["enum"])
    if "const" in schema:
        return f"`{str(schema['const']).lower()}`"
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    if kinds[0] == "array":
        return f"list of {value(schema['items'])}{'; not empty' if 'minItems' in schema else ''}"
    words = {"integer": "whole number", "boolean": "`true` or `false`", "null": "`null`"}.get(kinds[0], "text")
    return words + "".join(f", such as `{example}`" for example in schema.get("examples", ())[:1])


def title(name: str) -> str:
    """The heading of a part."""
    return name.replace("_", " ").capitalize()


def main(arguments: list[str]) -> int:
    """Write or compare; the exit status."""
    text = page()
    if "--check" in arguments:
        if not TARGET.exists() or TARGET.read_text(encoding="utf-8") != text:
            sys.stderr.write(f"docs/{TARGET.name} differs from the manifest's keys. Run `make docs` and commit the page.\n")
            return 1
        return 0
    TARGET.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
