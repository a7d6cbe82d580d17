"""The first files parse, are correct whatever the names are, and give no orders to ckaudit."""

from __future__ import annotations

import datetime as dt

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ckaudit.graph.suggestions import suggested_offerings
from ckaudit.model.account import (
    Account,
    AccountInfo,
    CustomField,
    Form,
    SectionName,
    SectionState,
    SectionStatus,
    Sequence,
    SequenceEmail,
    Tag,
    Webhook,
    WebhookEvent,
)
from ckaudit.model.automations import Manifest
from ckaudit.model.offerings import Offering
from ckaudit.model.refs import ObjectRef
from ckaudit.model.result import Link, LooksLinked
from ckaudit.observed.chains import Durations
from ckaudit.render.draft_manifest import AccountFacts
from ckaudit.render.new_manifest import Beginning, FirstFiles, first_files
from ckaudit.sources.manifest import parse_manifest
from ckaudit.sources.stacks import read_stacks
from tests.render.test_draft_manifest import HOSTILE, MODELINE

NOW = dt.datetime(2026, 11, 20, tzinfo=dt.UTC)
STACKS = read_stacks()
TARGET = "https://members.example.com/?aal_genpass=x"


def account_of(*tags: str, sequence: str = "Welcome", form: str = "Newsletter", subject: str = "Hello", hook: bool = True) -> Account:
    """An account with these tags; a webhook of AccessAlly listens to the first."""
    return Account(
        info=AccountInfo(27),
        tags=tuple(Tag(number, name, subscriber_count=3) for number, name in enumerate(tags, 1)),
        forms=(Form(90, form),),
        sequences=(Sequence(80, sequence),),
        sequence_emails=(
            SequenceEmail(1, 80, subject=subject, published=True, content='<a href="https://members.example.com/login">in</a>'),
        ),
        custom_fields=(CustomField(70, "country"),),
        webhooks=(Webhook(5, WebhookEvent("tag_add", tag_id=1), TARGET),) if hook and tags else (),
        sections={name: SectionState(SectionStatus.COMPLETE) for name in SectionName},
    )


def made(account: Account, manifest: Manifest | None = None, stack: str | None = None, links: tuple[Link, ...] = ()) -> FirstFiles:
    told = [(kind, item.name) for kind, group in (("tag", account.tags), ("form", account.forms)) for item in group]
    return first_files(
        Beginning(
            account=account,
            facts=AccountFacts(Durations({}), ambiguous=frozenset(name for name in told if told.count(name) > 1), number=27),
            today="2026-11-20",
            stacks=tuple(STACKS),
            links=links,
            offerings=suggested_offerings(account, manifest, STACKS, NOW, stack),
        )
    )


def written(account: Account, manifest: Manifest | None = None, stack: str | None = None) -> str:
    """The offerings."""
    return made(account, manifest, stack).offerings


def texts(account: Account, stack: str | None = None) -> tuple[str, ...]:
    files = made(account, stack=stack)
    return (files.listed, files.others, files.offerings)


def parsed(text: str, account: Account) -> Manifest:
    manifest = parse_manifest(text, "automations.yaml", account, STACKS)
    assert all(ref.known for ref in manifest.references)
    return manifest


def uncommented(text: str) -> str:
    """What a person gets who follows “take the # away” everywhere below the list of names."""
    names, listed, rest = text.partition("\n# The names of this account")
    examples = rest.partition("\n\n")[2] if listed else text
    return (
        (names if listed else "")
        + "\n"
        + "\n".join(line.removeprefix("#") if line.startswith("#  ") else line for line in examples.split("\n"))
    )


def test_they_list_no_automations_so_nothing_is_said_about_them() -> None:
    account = account_of("Customer")
    for text in texts(account):
        manifest = parsed(text, account)
        assert (manifest.lists_automations, manifest.complete, manifest.account) == (False, False, 27)


def test_the_list_has_the_line_that_editors_read_ready_to_be_switched_on() -> None:
    account = account_of("Customer")
    text = made(account).listed
    assert MODELINE.search(text) is None
    assert text.count("\n## yaml-language-server: $schema=automations.schema.json\n") == 1
    parsed(text.replace("\n## yaml", "\n# yaml"), account)


def confirmed(text: str, account: Account) -> Manifest:
    """What stands in the manifest once a person has taken every # away; the names in its examples are made up."""
    return parse_manifest(uncommented(text), "automations.yaml", account, STACKS)


def test_guesses_count_for_nothing_before_a_person_confirms_them() -> None:
    account = account_of("AA: create login", "Course A: purchased", "Course A: access")
    text = written(account)
    assert parsed(text, account).offerings == ()
    assert len(confirmed(text, account).offerings) == 1


def test_the_examples_are_correct_once_the_hash_is_gone_and_no_tag_of_the_account_stands_in_them() -> None:
    account = account_of("Archive", hook=False)
    listed, others, offerings = texts(account)
    assert "Archive" not in listed.partition("\n# The names of this account")[2].partition("\n\n")[2] + others + offerings
    manifest = confirmed(others, account)
    assert [len(confirmed(text, account).automations) for text in (listed, others)] == [1, 0]
    assert (len(manifest.rules), len(manifest.form_links), len(manifest.external), len(manifest.segments)) == (1, 1, 1, 1)


def test_each_product_becomes_an_offering_with_its_own_tags() -> None:
    account = account_of("AA: create login", "Course A: purchased", "Course A: access", "Course A VIP: access", "course_a: module 1")
    course, vip = confirmed(written(account), account).offerings
    assert (course.name, vip.name) == ("Course A", "Course A VIP")
    assert [ref.name for ref in course.access_tags] == ["Course A: access"]
    assert [ref.name for ref in course.module_tags] == ["course_a: module 1"]
    assert [ref.name for ref in vip.access_tags] == ["Course A VIP: access"]
    assert [ref.name for ref in vip.webhook_tags.login] == ["AA: create login"]
    assert course.login_hosts == ("members.example.com",)


def test_without_a_product_the_site_itself_is_the_offering() -> None:
    account = account_of("AA: create login", "VIP")
    (offering,) = confirmed(written(account), account).offerings
    assert (offering.name, [ref.name for ref in offering.login_sequences]) == ("AccessAlly", [])


def hooked(*tags: str, calls: tuple[str, ...]) -> Account:
    """An account with these tags; a webhook that makes a login listens to each of ``calls``."""
    held = account_of(*tags)
    ids = [tag.id for tag in held.tags if tag.name in calls]
    return msgspec.structs.replace(held, webhooks=tuple(Webhook(at, WebhookEvent("tag_add", tag_id=at), TARGET) for at in ids))


def test_each_login_webhook_tag_is_an_offering_named_by_the_beginning_of_its_tags() -> None:
    tags = ("Choir: create login", "Choir: paid", "Solo voice - create login", "Solo voice - joined", "free_scales_mini_course opt-in")
    account = hooked(*tags, calls=("Choir: create login", "Solo voice - create login"))
    choir, solo = confirmed(written(account), account).offerings
    assert (choir.name, [ref.name for ref in choir.webhook_tags.login]) == ("Choir", ["Choir: create login"])
    assert (solo.name, [ref.name for ref in solo.webhook_tags.login]) == ("Solo voice", ["Solo voice - create login"])


def test_what_is_only_signed_up_for_is_not_taken_for_a_course() -> None:
    account = account_of("AA: create login", "podcast_starter_kit opt-in", "podcast_starter_kit instant access", "Course A: purchased")
    assert [offering.name for offering in confirmed(written(account), account).offerings] == ["Course A"]


def test_an_offering_lists_every_key_there_is() -> None:
    text = written(account_of("AA: create login", "Course A: purchased")).partition("\nofferings:")[2]
    keys = [field.name for field in msgspec.structs.fields(Offering) if field.name not in ("location", "note")]
    assert [key for key in keys if f" {key}:" not in text] == []


def test_names_alone_suggest_no_membership() -> None:
    account = account_of("Course A: purchased", "Course A: access", hook=False)
    assert parsed(written(account), account).offerings == ()


def test_a_stack_that_is_named_is_believed() -> None:
    account = account_of("Course A: purchased", hook=False)
    (offering,) = confirmed(written(account, stack="wp-fusion"), account).offerings
    assert (offering.name, offering.stack) == ("Course A", "wp-fusion")


def test_every_guess_says_why() -> None:
    account = account_of("AA: create login", "Course A: purchased")
    guesses = [line for line in uncommented(written(account)).partition("\nofferings:")[2].splitlines() if line.lstrip().startswith("- ")]
    assert [line for line in guesses[1:] if "   # " not in line and "name:" not in line] == []


def test_offerings_that_are_stated_are_told_with_guesses_and_stay_where_they_are() -> None:
    account = account_of("AA: create login", "Course A: purchased", "Course A: revoke")
    text = (
        "version: 1\nautomations: []\nofferings: [{name: Course A, stack: accessally, refunds: false, billing: one-off, "
        'purchase_tags: ["Course A: purchased"]}, {name: Book, stack: none}]\n'
    )
    known = parse_manifest(text, "a.yaml", account, STACKS)
    assert parsed(written(account, known), account).offerings == ()
    course, book = confirmed(written(account, known), account).offerings
    assert (course.refunds, str(course.billing), [ref.name for ref in course.revoke_tags]) == (False, "one-off", ["Course A: revoke"])
    assert (book.name, book.stack, book.purchase_tags) == ("Book", "none", ())


def test_what_was_probably_written_from_outside_is_a_comment_and_no_automation() -> None:
    account = account_of("Paid", "Customer", hook=False)
    looks = (LooksLinked(ObjectRef("tag", "Paid", 1), ObjectRef("tag", "Customer", 2), 90, 0, 0, 2, "the same writer"),)
    told = Beginning(account=account, facts=AccountFacts(Durations({})), today="2026-11-20", stacks=(), looks=looks)
    files = first_files(told)
    assert "# * tag “Paid” and tag “Customer”: the same writer, 90 people" in files.others
    assert files.drafts == ()
    assert [item.name for item in confirmed(files.others, account).external] == ["ThriveCart"]  # the example


ORDERS = [
    "# ckaudit: ignore CK311 no",
    " # ckaudit: ignore CK311 no",
    "x #\tckaudit:ignore CK201 y",
    "ckaudit: ignore",
    "#ckaudit: ignore CK201 y",
]


@pytest.mark.parametrize("name", [*HOSTILE, *ORDERS])
def test_any_name_survives_and_gives_no_orders(name: str) -> None:
    account = account_of(name, f"{name}: purchased", name, sequence=name, form=name, subject=name)
    for text in texts(account):
        assert parsed(text, account).ignores == ()
        assert not {char for char in text if char != "\n" and ord(char) < 32} | ({"\u202e", "\x85"} & set(text))


names = st.one_of(
    st.text(max_size=12),
    st.sampled_from(HOSTILE + ORDERS),
    st.builds(
        "{}{}{}".format, st.text(max_size=6), st.sampled_from([": ", " - ", "_", ""]), st.sampled_from(["purchased", "access", "opt-in"])
    ),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(names, max_size=6), names, names, names, st.booleans(), st.sampled_from([None, *STACKS]))
def test_any_account_gives_a_manifest_that_is_right(
    tags: list[str], sequence: str, form: str, subject: str, hook: bool, stack: str | None
) -> None:
    account = account_of(*tags, sequence=sequence, form=form, subject=subject, hook=hook)
    for text in texts(account, stack):
        assert parsed(text, account).ignores == ()
        parse_manifest(uncommented(text), "automations.yaml", account, STACKS)
