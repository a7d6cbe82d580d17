"""The JSON Schema says yes to what the parser reads and no to the problems a schema can see."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jsonschema
import pytest

from ckaudit.model.automations import RuleActionKind
from ckaudit.model.offerings import Offering
from ckaudit.sources.manifest import manifest_schema, parse_manifest
from ckaudit.sources.stacks import read_stacks
from ckaudit.sources.yaml.problems import Problems
from ckaudit.sources.yaml.reader import read_document
from ckaudit.sources.yaml.tree import plain
from tests.sources.manifest.helpers import STEPS
from tests.sources.manifest.test_constructs import STEP_TABLE
from tests.sources.manifest.test_problems import TABLE

ROOT = Path(__file__).parents[3]
STACKS = read_stacks()
VALIDATOR = jsonschema.Draft202012Validator(manifest_schema())

# Problems no schema can see: two objects that contradict each other, order, the calendar, what YAML is not, single paths of a split.
UNSEEN = (
    "a second automation",
    "2 automations are",
    "is not a date of the calendar",
    "“otherwise” is the last",
    "a split has one",
    "the key “version” is here",
    "is more than 1000 weeks",
)


def data(text: str) -> tuple[Any, Problems]:
    found = Problems()
    root = read_document(text, "m.yaml", found).root
    return (plain(root) if root else None), found


def indented(text: str) -> str:
    return STEPS + "".join(f"      {line}\n" for line in text.splitlines())


VALID = [
    *(indented(row[0]) for row in STEP_TABLE),
    (ROOT / "examples" / "demo" / "automations.yaml").read_text(encoding="utf-8"),
    "version: 1",
    "version: 1\nautomations:\nrules:\nform_links:\nexternal:\nsegments:\nofferings:\n",
    "version: 1\nautomations: [{name: A, entries: [{form: any}, {tag: T}, {product: P}]}]",
    "version: 1\nexternal: [{name: Z, on: refund, product: P, after: 1 day, removes_from_sequences: [S], unsubscribes: true}]",
    "version: 1\nsegments: [{name: Buyers, any: [{tag: T}, {filter: in Spain}], all: [{form: F}], none: [{sequence: S}, {purchases: P}]}]",
    "version: 1\nform_links: [{form: F, incentive_email: true, incentive_download: list.pdf}]",
    "version: 1\nrules: [{when: [{form: F}, {app_event: books}], do: [{remove_from_sequence: S}, {webhook: 'https://x.example'}]}]",
    "version: 1\ncomplete: false\nchecked: 2026-11-20\naccount: 27\n",
    "version: 1\nautomations: [{name: 2024, id: 1, status: inactive, notes: x, entries: [{joins_form: any}, {purchases: 5}]}]",
    "version: 1\nexternal: [{name: Z, adds_tags: [VIP, 12, {id: 12, name: VIP}]}]",
    "version: 1\nform_links: [{form: F, sequence: S, adds_tags: [], sets_fields: [], double_opt_in: true}]",
    "version: 1\nofferings: [{name: C, stack: none, products: [2024, C], webhook_tags: {login: [], sync: [A]}, login_hosts: [m.example]}]",
    *(
        f"version: 1\nofferings: [{{name: C, stack: none, price: '{price}'}}]"
        for price in ("290 dollars", "€49.50", "$ 1,290", "29 EUR a month", "1.290,00 €")
    ),
    *(
        f"version: 1\nrules: [{{when: [{{completes_sequence: S}}], do: [{{{kind}: X}}]}}]"
        for kind in RuleActionKind
        if kind is not RuleActionKind.SET_FIELD
    ),
    "version: 1\nrules: [{name: R, enabled: false, when: [{clicks_link: 'https://x.example'}], do: [{set_field: {field: f, value: 3}}]}]",
]


def test_it_is_a_schema_of_draft_2020_12() -> None:
    jsonschema.Draft202012Validator.check_schema(manifest_schema())
    assert manifest_schema()["$schema"] == "https://json-schema.org/draft/2020-12/schema"


@pytest.mark.parametrize("text", VALID)
def test_what_the_parser_reads_is_valid(text: str) -> None:
    parse_manifest(text, "m.yaml", None, STACKS)
    assert [error.message for error in VALIDATOR.iter_errors(data(text)[0])] == []


def seen(text: str, message: str) -> bool:
    """Whether a schema can see this problem: the YAML itself is right and the problem is about one value."""
    return not data(text)[1].count and not any(word in message for word in UNSEEN)


@pytest.mark.parametrize("text", [row[0] for row in TABLE if seen(row[0], row[3])])
def test_what_the_parser_refuses_is_invalid(text: str) -> None:
    assert list(VALIDATOR.iter_errors(data(text)[0])) != []


def test_every_key_has_a_description_or_refers_to_one() -> None:
    schema = manifest_schema()

    def walk(part: Any, where: str) -> list[str]:
        if isinstance(part, list):
            return [problem for item in part for problem in walk(item, where)]
        if not isinstance(part, dict):
            return []
        bare = [
            f"{where}.{key}"
            for key, value in part.get("properties", {}).items()
            if "description" not in value and "description" not in schema["$defs"].get(value.get("$ref", "").rpartition("/")[2], {})
        ]
        return bare + [problem for key, value in part.items() for problem in walk(value, f"{where}.{key}")]

    allowed = {"event", "goal", "form_links"}
    assert [name for name in walk(schema, "") if name.rpartition(".")[2] not in allowed] == []


def test_it_knows_every_key_of_an_offering_and_every_stack() -> None:
    offering = manifest_schema()["$defs"]["offering"]["properties"]
    assert set(offering) == set(Offering.__struct_fields__) - {"location", "note"}
    assert offering["stack"]["enum"] == list(STACKS)


def test_it_is_a_new_one_each_time() -> None:
    manifest_schema()["properties"].clear()
    assert manifest_schema()["properties"]
