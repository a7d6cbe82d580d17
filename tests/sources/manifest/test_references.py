"""Names and ids find the objects of the account, or say why not."""

from __future__ import annotations

import pytest

from ckaudit.model.account import Account, AccountInfo, SectionStatus
from ckaudit.model.errors import Problem
from ckaudit.model.refs import Kind, Ref
from tests.sources.manifest.helpers import FILE, account, parse, problems


def refs(text: str, held: Account | None = None) -> tuple[Ref, ...]:
    """The references of the entries of a flow mapping such as ``adds_tags: [VIP]``."""
    return parse(f"version: 1\nexternal: [{{name: Z, {text}}}]\n", held).references


def ref(text: str, held: Account | None = None) -> tuple[str, int | None, bool]:
    """Name, id and known of one reference."""
    (found,) = refs(text, held)
    return found.name, found.id, found.known


def problem(text: str, held: Account | None) -> Problem:
    """The one problem of such a text."""
    (found,) = problems(f"version: 1\nexternal: [{{name: Z, {text}}}]\n", held)
    return found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("adds_tags: [VIP]", ("VIP", 11, True)),
        ("adds_tags: [11]", ("VIP", 11, True)),
        ("adds_tags: [{id: 11, name: VIP}]", ("VIP", 11, True)),
        ("adds_tags: ['2024']", ("2024", 13, True)),
        ("adds_tags: [2024]", ("2024", 2024, False)),
        ("adds_tags: [vip]", ("vip", None, False)),
        ("adds_tags: ['VIP ']", ("VIP ", None, False)),
        ("adds_tags: [{id: 99, name: Nobody}]", ("Nobody", 99, False)),
        ("adds_to_sequences: [Welcome]", ("Welcome", 31, True)),
        ("adds_to_forms: [Footer]", ("Footer", 21, True)),
        ("adds_to_forms: [22]", ("Twin", 22, True)),
        ("adds_to_forms: [{id: 23, name: Twin}]", ("Twin", 23, True)),
        ("sets_fields: [Country]", ("Country", 41, True)),
        ("sets_fields: [country]", ("country", 41, True)),
        ("sets_fields: [land]", ("land", 42, True)),
        ("sets_fields: [42]", ("country", 42, True)),
        ("sets_fields: [{id: 41, name: Country}]", ("Country", 41, True)),
        ("sets_fields: [{id: 41, name: country}]", ("country", 41, True)),
    ],
)
def test_with_a_complete_snapshot(text: str, found: tuple[str, int | None, bool]) -> None:
    assert ref(text, account()) == found


@pytest.mark.parametrize("status", [SectionStatus.PARTIAL, SectionStatus.REFUSED, SectionStatus.SKIPPED])
@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("adds_tags: [VIP]", ("VIP", 11, True)),
        ("adds_tags: [Nobody]", ("Nobody", None, True)),
        ("adds_tags: [99]", ("99", 99, True)),
        ("adds_tags: [{id: 99, name: Nobody}]", ("Nobody", 99, True)),
    ],
)
def test_an_incomplete_section_proves_no_absence(status: SectionStatus, text: str, found: tuple[str, int | None, bool]) -> None:
    assert ref(text, account(status)) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("adds_tags: [VIP]", ("VIP", None, True)),
        ("adds_tags: [11]", ("11", 11, True)),
        ("adds_tags: [{id: 11, name: VIP}]", ("VIP", 11, True)),
    ],
)
def test_without_a_snapshot_names_stand_for_themselves(text: str, found: tuple[str, int | None, bool]) -> None:
    assert ref(text) == found


def test_without_a_snapshot_all_mentions_of_one_tag_are_one_object() -> None:
    found = refs("adds_tags: [VIP, 11, {id: 11, name: VIP}], removes_tags: [VIP]")
    assert {(item.name, item.id) for item in found} == {("VIP", 11)}
    assert len(found) == 4


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("adds_tags: [{id: 12, name: VIP}]", "id 12 is the tag “Customer”, not “VIP”", "“VIP” has the id 11."),
        ("adds_tags: [{id: 12, name: vip}]", "id 12 is the tag “Customer”, not “vip”", "No tag is named “vip”."),
        ("adds_tags: [{id: 99, name: VIP}]", "the tag “VIP” does not have the id 99", "It has the id 11."),
        ("adds_to_forms: [Twin]", "2 forms are named “Twin”", "Write the id: 22 or 23."),
        ("sets_fields: [Same]", "2 custom fields are named “Same”", "Write the id: 43 or 44."),
    ],
)
def test_what_is_ambiguous_or_contradicts_itself_is_an_error(text: str, message: str, hint: str) -> None:
    found = problem(text, account())
    assert (found.message, found.hint) == (message, hint)


def test_without_a_snapshot_two_names_for_one_id_are_an_error() -> None:
    found = problem("adds_tags: [{id: 1, name: A}, {id: 1, name: B}]", None)
    assert found.message == "id 1 is the tag “A”, not “B”"
    assert str(found.location) == f"{FILE}:2:52"


AUTOMATIONS = (
    "version: 1\nautomations:\n  - {name: A, id: 1}\n  - {name: B}\n  - {name: T, id: 5}\n  - {name: T, id: 6}\n  - name: X\n    steps: "
)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("A", ("A", 1, True)),
        ("1", ("A", 1, True)),
        ("B", ("B", None, True)),
        ("X", ("X", None, True)),
        ("{id: 5, name: T}", ("T", 5, True)),
        ("b", ("b", None, False)),
        ("7", ("7", 7, False)),
    ],
)
def test_automations_are_those_of_the_manifest(text: str, found: tuple[str, int | None, bool]) -> None:
    (item,) = parse(f"{AUTOMATIONS}[{{start_automation: {text}}}]\n", account()).references
    assert (item.name, item.id, item.known, item.kind) == (*found, Kind.AUTOMATION)


def test_a_reference_has_the_key_of_the_automation_it_means() -> None:
    manifest = parse(f"{AUTOMATIONS}[{{start_automation: A}}, {{remove_from_automation: B}}]\n")
    assert [item.key for item in manifest.references] == [automation.ref.key for automation in manifest.automations[:2]]


def test_two_automations_of_one_name_are_an_error_only_where_the_name_is_used() -> None:
    assert problems(f"{AUTOMATIONS}[]\n") == ()
    assert [found.hint for found in problems(f"{AUTOMATIONS}[{{start_automation: T}}]\n")] == ["Write the id: 5 or 6."]


def test_all_references_are_collected_with_their_places() -> None:
    text = """version: 1
automations:
  - name: A
    entries: [{joins_form: Footer}, {joins_form: any}]
    steps:
      - if: {field: Country, is: Spain}
        then: [{split: [{tag: VIP, steps: [{sequence: Welcome}]}]}]
      - event: {purchases: Course}
rules: [{when: [{completes_sequence: Welcome}], do: [{set_field: {field: land, value: x}}]}]
form_links: [{form: Footer}]
offerings: [{name: C, stack: none, access_tags: [Customer], webhook_tags: {login: [VIP]}, pitch_sequences: [Welcome]}]
"""
    found = parse(text, account()).references
    lines = text.splitlines()
    kinds = "form field tag sequence product sequence field form tag sequence tag".split()  # noqa: SIM905
    assert sorted(str(item.kind) for item in found) == sorted(kinds)
    for item in found:
        assert item.location
        assert item.location.file == FILE
        assert lines[item.location.line - 1][item.location.column - 1 :].startswith(item.name)


def test_the_manifest_of_another_account_is_refused() -> None:
    (found,) = problems("version: 1\naccount: 28\n", account())
    assert found.message == "this manifest belongs to account 28, and the snapshot is of account 27"
    assert str(found.location) == f"{FILE}:2:10"
    assert problems("version: 1\naccount: 27\n", account()) == ()
    assert problems("version: 1\naccount: 28\n") == ()
    assert problems("version: 1\naccount: 28\n", Account()) == ()
    assert problems("version: 1\n", Account(info=AccountInfo(5))) == ()
