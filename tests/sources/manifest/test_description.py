"""One described field of a struct is a key of the file: read, placed, refused with the nearest name, and in the JSON Schema."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

import pytest
from msgspec import UNSET, Meta

from ckaudit.model.errors import Location
from ckaudit.model.notation import Key, Notation, Part, Seconds, TagRefs
from ckaudit.model.offerings import Billing
from ckaudit.model.refs import Kind, Ref
from ckaudit.sources.manifest.records import Record
from ckaudit.sources.manifest.resolve import Resolver, listings_of
from ckaudit.sources.manifest.values import Reading
from ckaudit.sources.yaml.problems import Problems
from ckaudit.sources.yaml.reader import read_document


class Gift(Part, frozen=True, kw_only=True):
    """A part nobody has written a reader for."""

    notation: ClassVar = Notation("a gift", "Write it as in {name: Book}.")

    name: Annotated[str, Meta(description="What it is.")]
    tags: Annotated[TagRefs, Meta(description="Who gets it.")] = ()
    paid: Annotated[Billing | None, Key("billing"), Meta(description="How it is paid.")] = None
    after: Annotated[Seconds | None, Meta(description="How long it waits.")] = None
    made_up: bool = False


def read(text: str) -> tuple[Any, list[str]]:
    """What the text says, and what is wrong with it."""
    problems = Problems()
    root = read_document(text, "m.yaml", problems).root
    assert root
    found = Record(Gift).read(Reading(problems, Resolver(listings_of(None, [])), ()), root, "")
    return found, [str(problem) for problem in problems.listed()]


def test_a_described_field_is_read_with_its_place() -> None:
    found, problems = read("name: Book\ntags: [VIP]\nbilling: one-off\nafter: 2 days\n")
    assert problems == []
    tag = Ref(Kind.TAG, "VIP", location=Location("m.yaml", 2, 8))
    assert found == Gift(name="Book", tags=(tag,), paid=Billing.ONE_OFF, after=2 * 86400, location=Location("m.yaml", 1, 1))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("name: Book\ntag: []", "m.yaml:2:1: a gift has no key “tag”\n  Did you mean “tags”?"),
        ("name: Book\nbilling: oneoff", "m.yaml:2:10: “oneoff” is not possible for “billing” of a gift\n  Did you mean “one-off”?"),
        ("name: Book\nafter: 2 dyas", "m.yaml:2:8: “2 dyas” is not a time that Kit has\n  Did you mean “2 days”?"),
        ("tags: []", "m.yaml:1:1: a gift needs “name”\n  Write it as in {name: Book}."),
        ("name: Book\nmade_up: true", "m.yaml:2:1: a gift has no key “made_up”\n  Possible are name, tags, billing, after."),
    ],
)
def test_what_does_not_fit_is_refused_with_place_and_nearest_name(text: str, problem: str) -> None:
    assert read(text)[1] == [problem]


def test_a_part_without_what_it_needs_is_not_made() -> None:
    assert read("tags: []")[0] is UNSET


def test_the_schema_has_the_same_keys() -> None:
    parts: dict[str, Any] = {}
    assert Record(Gift).schema(parts) == {"$ref": "#/$defs/gift"}
    gift = parts["gift"]
    assert (list(gift["properties"]), gift["required"]) == (["name", "tags", "billing", "after"], ["name"])
    assert gift["properties"]["tags"]["items"] == {"$ref": "#/$defs/tag_reference"}
    assert gift["properties"]["billing"] == {"enum": list(Billing), "description": "How it is paid."}
