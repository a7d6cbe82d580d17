"""An automation from the text of its page: layouts written before the parser, and layouts and words made up at random."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ckaudit.model.account import Account, CustomField, Form, SectionName, SectionState, SectionStatus, Tag
from ckaudit.model.account import Sequence as SequenceOfMails
from ckaudit.model.automations import Automation
from ckaudit.model.steps import AnyStep, all_steps
from ckaudit.resources import demo_folder
from ckaudit.sources.manifest import read_manifests
from ckaudit.sources.manifest.resolve import listings_of
from ckaudit.sources.pages.anchors import spaced
from ckaudit.sources.pages.paste import Meaning, Page, Role, plain, read_page
from ckaudit.sources.shorthand import Names, read, write
from ckaudit.sources.snapshot import read_snapshot
from tests.sources.pages.layouts import Layout, layouts

DEMO = read_snapshot(demo_folder())
AUTOMATIONS = tuple((item.id, item.name) for item in read_manifests([demo_folder() / "automations.yaml"], DEMO).automations)
LISTINGS = listings_of(DEMO, AUTOMATIONS)
NAMES = Names(DEMO, AUTOMATIONS)


def shorthand(automation: Automation) -> str:
    lines = write(automation, NAMES).splitlines()
    return "".join(f"{line}\n" for line in lines if not line.startswith(("* ", "draft: ")))


def own_name(text: str) -> str:
    return next((name for _, name in AUTOMATIONS if name in text), "Mine")


def page(layout: Layout) -> Page:
    return read_page(layout.text, LISTINGS, own_name(layout.text), {plain(label): word for label, word in layout.labels.items()})


@pytest.mark.parametrize("layout", layouts(), ids=lambda layout: layout.name)
def test_a_layout_written_before_the_parser(layout: Layout) -> None:
    found = page(layout)
    assert shorthand(found.automation) == layout.steps
    assert str(found.automation.draft) == "paste"
    assert set(layout.unknown) <= {line.text for line in found.of(Role.UNKNOWN)}
    assert bool(found.unsure) is layout.unsure
    assert found.is_empty is layout.empty
    assert found.questions == ()


@pytest.mark.parametrize("layout", [layout for layout in layouts() if layout.labels], ids=lambda layout: layout.name)
def test_words_nobody_knows_are_asked_about_once_and_nothing_is_guessed(layout: Layout) -> None:
    found = read_page(layout.text, LISTINGS, own_name(layout.text))
    assert {question.label for question in found.questions} == {plain(label) for label in layout.labels}
    wanted = layout.steps.splitlines()
    assert [line for line in shorthand(found.automation).splitlines() if line not in wanted] == []


# -- layouts and words made up at random -------------------------------------------------------------------------------------------

SYLLABLES = ["zor", "bli", "vem", "kru", "tas", "nol", "fip", "gud", "wex", "hab", "jin", "qua"]
NOISE = ["Grow", "Send", "Upgrade", "12 subscribers", "3,204 people", "97%", "View report", "Edit", "", "   "]
MADE_OF = {
    "+": Meaning.ADD_TAG,
    "-": Meaning.REMOVE_TAG,
    "=": Meaning.SEQUENCE,
    "!": Meaning.TAG_ADDED,
    ">": Meaning.TAG_ADDED,
}
KITS = {
    Meaning.TAG_ADDED: "Tag is added",
    Meaning.ADD_TAG: "Add tag",
    Meaning.REMOVE_TAG: "Remove tag",
    Meaning.SEQUENCE: "Email Sequence",
    Meaning.DELAY: "Delay",
    Meaning.JOINS_FORM: "Joins a form",
}


class World(msgspec.Struct, frozen=True):
    """An account, an automation in it as items (meaning, name), and the words for each meaning."""

    account: Account
    items: tuple[tuple[Meaning, str], ...]
    words: dict[Meaning, str]


def world(seed: int, *, kits_words: bool) -> World:
    dice = random.Random(seed)

    def name(number: int) -> str:
        first, sign, last = dice.choice(["Course", "Studio", "Guide"]), dice.choice([": ", " - ", " "]), dice.choice(["paid", "open"])
        return f"{first} {number}{sign}{last}"

    tags, sequences, forms = ([name(number) for number in range(low, low + 8)] for low in (10, 30, 50))
    items = [(Meaning.TAG_ADDED, tags[0])] if dice.random() < 0.6 else [(Meaning.JOINS_FORM, forms[0])]
    items.append((Meaning.ADD_TAG, tags[1]))
    for _ in range(dice.randrange(3, 12)):
        meaning = dice.choice([Meaning.ADD_TAG, Meaning.REMOVE_TAG, Meaning.SEQUENCE, Meaning.DELAY, Meaning.TAG_ADDED])
        value = {Meaning.SEQUENCE: dice.choice(sequences), Meaning.DELAY: dice.choice(["5 minutes", "1 day", "2 weeks", "12 hours"])}
        items.append((meaning, value.get(meaning, dice.choice(tags))))
    beginnings = dice.sample(SYLLABLES, len(KITS))
    made = {meaning: f"{begin}{dice.choice(SYLLABLES)}".capitalize() for meaning, begin in zip(KITS, beginnings, strict=True)}
    account = Account(
        tags=tuple(Tag(number, tag) for number, tag in enumerate(tags, 1)),
        sequences=tuple(SequenceOfMails(number, sequence) for number, sequence in enumerate(sequences, 1)),
        forms=tuple(Form(number, form) for number, form in enumerate(forms, 1)),
        custom_fields=(CustomField(1, "country"),),
        sections={section: SectionState(SectionStatus.COMPLETE) for section in SectionName},
    )
    return World(account, tuple(items), KITS if kits_words else made)


LAYOUTS: dict[str, Callable[[str, str], list[str]]] = {
    "above": lambda word, name: [word, name],
    "below": lambda word, name: [name, word],
    "line": lambda word, name: [f"{word}: {name}"],
    "arrow": lambda word, name: [f"{word} → {name}"],
    "behind": lambda word, name: [f"{name} ({word})"],
}


def printed(world: World, layout: str, seed: int, *, noise: bool) -> str:
    dice = random.Random(seed)
    lines = ["Mine"]
    for meaning, name in world.items:
        lines += LAYOUTS[layout](world.words[meaning], name)
        if noise and dice.random() < 0.6:
            lines += dice.choices(NOISE, k=dice.randrange(1, 3))
    return "\n".join(lines) + "\n"


def expected(world: World) -> list[tuple[str, str]]:
    return [(str(meaning), name) for meaning, name in world.items]


def found_in(automation: Automation) -> list[tuple[str, str]]:
    entries = [(str(entry.kind), entry.ref.name) for entry in automation.entries if entry.ref]
    return entries + [_said(step) for step in automation.steps]


def _said(step: AnyStep) -> tuple[str, str]:
    kind = step.__struct_config__.tag
    if kind == "event":
        return "tag_added", step.ref.name if step.ref else ""
    return str(kind), getattr(step, "text", "") or (step.ref.name if step.ref else "")


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("seed", range(30))
def test_a_random_automation_in_kits_words(layout: str, seed: int) -> None:
    made = world(seed, kits_words=True)
    found = read_page(printed(made, layout, seed, noise=True), listings_of(made.account, ()), "Mine")
    assert found_in(found.automation) == expected(made)
    assert found.of(Role.UNKNOWN) == ()


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("seed", range(30))
def test_a_random_automation_in_words_of_nobodys_once_they_are_answered(layout: str, seed: int) -> None:
    made = world(seed, kits_words=False)
    text = printed(made, layout, seed, noise=True)
    asked = read_page(text, listings_of(made.account, ()), "Mine").questions
    meanings = {word.casefold(): meaning for meaning, word in made.words.items()}
    answers = {question.label: str(next(meanings[part] for part in question.label.split() if part in meanings)) for question in asked}
    found = read_page(text, listings_of(made.account, ()), "Mine", answers)
    assert found_in(found.automation) == expected(made)
    assert found.questions == ()


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("seed", range(15))
def test_before_words_are_answered_nothing_is_made_up(layout: str, seed: int) -> None:
    made = world(seed, kits_words=False)
    found = read_page(printed(made, layout, seed, noise=True), listings_of(made.account, ()), "Mine")
    left = expected(made)
    for item in found_in(found.automation):
        assert item in left
        left.remove(item)


# -- properties --------------------------------------------------------------------------------------------------------------------

WORDS = [
    "Customer",
    "VIP",
    "Coastal Light: welcome",
    "Palette guide",
    "Coastal Light: purch…",
    "Tag is added",
    "Add tag",
    "Delay",
    "5 minutes",
]
MORE = [
    "Yes",
    "No",
    "Condition",
    "Event",
    "Exit this automation",
    "Zorp",
    "Edit",
    "12",
    "Purchases a product",
    "country",
    "Remove tag: VIP",
]
texts = st.lists(st.lists(st.sampled_from(WORDS + MORE) | st.text(max_size=12), max_size=3).map("\t".join), max_size=14).map("\n".join)


@settings(max_examples=300, deadline=None)
@given(texts, st.dictionaries(st.sampled_from(["zorp", "edit", "add tag"]), st.sampled_from([str(meaning) for meaning in Meaning])))
def test_every_piece_of_a_text_has_one_role_and_every_step_its_source(text: str, answers: dict[str, str]) -> None:
    found = read_page(text, LISTINGS, "Mine", answers)
    places = [(line.number, line.cell) for line in found.lines]
    assert len(places) == len(set(places))
    said = "".join(text.split())
    assert "".join("".join(line.text.split()) for line in found.lines) == said or len(said) > 1000
    assert all(bool(line.why) is (line.role is Role.UNKNOWN) for line in found.lines)
    parts = [*found.automation.entries, *all_steps(found.automation.steps)]
    for part in parts:
        assert part.location
        source = " ".join(found.sources[part.location.line, part.location.column - 1])
        name = part.ref.name if part.ref else ""
        assert spaced(name) in source or "…" in source
        assert (part.location.line, part.location.column - 1) in places
    steps = {(part.location.line, part.location.column - 1) for part in parts if part.location}
    assert all(line.role is Role.STEP for line in found.lines if (line.number, line.cell) in steps)


@settings(max_examples=200, deadline=None)
@given(texts)
def test_what_is_read_is_a_draft_that_shorthand_and_manifest_can_hold(text: str) -> None:
    found = read_page(text, LISTINGS, "Mine")
    again = read(write(found.automation, NAMES), NAMES)
    assert again.problems == ()
    assert write(again.automations[0], NAMES) == write(found.automation, NAMES)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 40), st.sampled_from(["above", "below", "line"]))
def test_noise_in_between_changes_nothing(seed: int, layout: str) -> None:
    made = world(seed, kits_words=True)
    with_noise, without = (
        read_page(printed(made, layout, seed, noise=noise), listings_of(made.account, ()), "Mine") for noise in (True, False)
    )
    assert found_in(with_noise.automation) == found_in(without.automation)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Add tag\nNobody's tag", "none of the account stands beside them"),
        ("Customer", "no words say what happens with it"),
        ("Add tag\nCoastal Light: modul…", "tags begin so"),
        ("Add tag: Customer and VIP", "more than one name"),
        ("Yes", "no condition stands above it"),
        ("Post to Slack", "none of its words is known"),
        ("Joins a form\nPalette guide\nAdd tag\nVIP\nJoins a form\nNewsletter footer", "have no event for it"),
        ("Delay\nCustomer", ""),
    ],
)
def test_what_was_not_understood_says_why(text: str, why: str) -> None:
    assert any(why in line.why for line in read_page(text, LISTINGS, "Mine").of(Role.UNKNOWN))


def test_two_automations_of_one_name_are_not_told_apart() -> None:
    listings = listings_of(DEMO, [(1, "Twin"), (2, "Twin")])
    found = read_page("Tag is added\nVIP\nStart another automation\nTwin\n", listings, "Mine")
    assert found.automation.steps == ()
    assert "2 automations are called so" in {line.why for line in found.of(Role.UNKNOWN)}


def test_a_product_is_taken_as_it_stands_and_said_to_be_unsure() -> None:
    found = read_page("Purchases a product\nWatercolour box\nAdd tag\nCustomer\n", LISTINGS, "Mine")
    assert [(str(entry.kind), entry.ref.name) for entry in found.automation.entries if entry.ref] == [("purchases", "Watercolour box")]
    assert list(found.unsure.values()) == ["no list has the products: the name is taken as it stands"]


def test_side_by_side_with_no_first() -> None:
    text = "Tag is added\nVIP\nCondition\nCustomer\nNo\tYes\nAdd tag\tRemove tag\nVIP\tCustomer\nDelay\n1 day\n"
    found = read_page(text, LISTINGS, "Mine")
    assert shorthand(found.automation) == "> VIP\n? Customer\n  - Customer\n|\n  + VIP\n1d\n"
    assert set(found.unsure.values()) == {"two branches stood side by side: which step belongs to which is read from tabs"}


def test_of_a_condition_without_sides_the_steps_below_are_not_in_it() -> None:
    found = read_page("Tag is added\nVIP\nCondition\nCustomer\nDelay\n1 day\n", LISTINGS, "Mine")
    assert shorthand(found.automation).splitlines()[0] == "> VIP"
    assert shorthand(found.automation).splitlines()[-1] == "1d"


HOSTILE = [
    "Coastal Light: " * 20_000,
    "Customer\n" * 20_000,
    "Condition\nCustomer\nYes\n" * 5_000,
    "1 " * 50_000,
    "a" * 200_000 + "…",
    "\t" * 100_000,
    "Add tag\tCustomer\n" * 10_000,
]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: text[:12].strip() or "tabs")
def test_a_hostile_text_costs_little(text: str) -> None:
    start = time.process_time()
    read_page(text, LISTINGS, "Mine")
    assert time.process_time() - start < 8


@pytest.mark.parametrize("text", ["VIPs are welcome", "xVIP"])
def test_a_name_is_found_as_a_whole_only(text: str) -> None:
    assert read_page(f"Add tag\n{text}\n", LISTINGS, "Mine").automation.steps == ()
