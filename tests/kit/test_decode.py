"""Objects are decoded one by one: an odd field is named and left out, not its object; personal data has nowhere to go."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckaudit.kit.decode import OBJECT_TYPES, Decoded, decode_list
from ckaudit.kit.repair import MAX_REPAIRS
from ckaudit.model.account import (
    AccountInfo,
    BadObject,
    Exclusion,
    SectionState,
    SectionStatus,
    Sequence,
    SequenceEmail,
    SequenceStats,
    Tag,
    Webhook,
    WebhookEndpoint,
)
from ckaudit.model.account import SectionName as S


def decode(section: S, *objects: object, path: str = "") -> Decoded:
    return decode_list(section, [msgspec.Raw(msgspec.json.encode(item)) for item in objects], path or section)


def test_objects_come_out_ordered_by_id_and_each_once() -> None:
    decoded = decode(S.TAGS, {"id": 3, "name": "c"}, {"id": 1, "name": "a"}, {"id": 3, "name": "again"})
    assert decoded.objects == (Tag(1, "a"), Tag(3, "c"))


def test_a_bad_object_is_named_with_its_path_and_the_rest_is_kept() -> None:
    decoded = decode(S.TAGS, {"id": 1, "name": "a"}, {"id": "2", "name": "b"}, {"name": "c"}, 7, {"id": 4, "name": ["d"]})
    assert decoded.objects == (Tag(1, "a"),)
    assert decoded.bad == (
        BadObject("tags[1].id", "Expected int, got str"),
        BadObject("tags[2]", "Object missing required field id"),
        BadObject("tags[3]", "Expected object, got int"),
        BadObject("tags[4].name", "Expected str, got array"),
    )


def test_the_path_goes_into_the_object() -> None:
    address = {"email_address": "a@b.example", "is_default": "yes"}
    decoded = decode(S.ACCOUNT, {"id": 1, "sending_addresses": [address]})
    assert decoded.bad == (BadObject("account.sending_addresses[0].is_default", "Expected bool, got str", id=1),)
    assert decoded.unreadable == ()


@pytest.mark.parametrize(
    ("field", "sent", "read"),
    [
        ("send_hour", "9", 9),
        ("send_hour", 9.0, 9),
        ("send_hour", " 9.0 ", 9),
        ("stats", {"open_rate": "12%"}, SequenceStats(open_rate=12.0)),
        ("stats", {"open_rate": "12.5", "opens": "7"}, SequenceStats(open_rate=12.5, opens=7)),
        ("hold", "true", True),
        ("active", 0, False),
        ("name", 2026, "2026"),
        ("created_at", "", ""),
        ("exclude_subscriber_sources", [{"type": "tag", "ids": None}], (Exclusion("tag"),)),
        ("email_template_id", "5", 5),
    ],
)
def test_a_value_in_another_spelling_is_read_and_nothing_is_noted(field: str, sent: object, read: object) -> None:
    decoded = decode(S.SEQUENCES, {"id": 1, "name": "a", field: sent})
    assert [getattr(item, field) for item in decoded.objects] == [read]
    assert decoded.bad == ()


@pytest.mark.parametrize(
    ("field", "sent", "read", "path"),
    [
        ("send_hour", "nine", None, ".send_hour"),
        ("send_hour", "", None, ".send_hour"),
        ("send_hour", 9.5, None, ".send_hour"),
        ("send_hour", True, None, ".send_hour"),
        ("stats", {"open_rate": "high", "opens": 3}, SequenceStats(opens=3), ".stats.open_rate"),
        ("stats", [], None, ".stats"),
        ("send_days", ["monday", ["tuesday"]], None, ".send_days[1]"),
        ("exclude_subscriber_sources", [{"ids": [1]}], None, ".exclude_subscriber_sources[0]"),
    ],
)
def test_a_value_that_makes_no_sense_costs_its_field_and_is_noted(field: str, sent: object, read: object, path: str) -> None:
    decoded = decode(S.SEQUENCES, {"id": 1, "name": "a", "email_count": 2, field: sent})
    assert [(getattr(item, field), getattr(item, "email_count", None)) for item in decoded.objects] == [(read, 2)]
    assert [item.path for item in decoded.bad] == [f"sequences[0]{path}"]
    assert decoded.unreadable == ()


def test_what_lacks_an_inner_part_it_needs_is_unreadable_and_the_cause_is_named() -> None:
    decoded = decode(S.WEBHOOKS, {"id": 1, "account_id": "x", "target_url": "https://a.b/", "event": {}})
    assert decoded.objects == ()
    assert decoded.unreadable == decoded.bad == (BadObject("webhooks[0].event", "Object missing required field name"),)


def test_a_section_with_an_unreadable_object_is_partial_with_count_and_first_path() -> None:
    complete = SectionState(SectionStatus.COMPLETE)
    assert decode(S.TAGS, {"id": 1, "name": "a", "created_at": []}).state(complete) == complete
    decoded = decode(S.TAGS, {"id": 1, "name": "a"}, {"id": "2", "name": "b"}, {"id": 3})
    reason = "2 of 3 tags could not be read, first tags[1].id: Expected int, got str"
    assert decoded.state(complete) == SectionState(SectionStatus.PARTIAL, reason)


def test_an_object_full_of_oddities_is_given_up() -> None:
    odd = [{"type": "tag", "ids": ["x"]} for _ in range(MAX_REPAIRS + 1)]
    assert len(decode(S.SEQUENCES, {"id": 1, "name": "a", "exclude_subscriber_sources": odd}).unreadable) == 1


@pytest.mark.parametrize("text", [b'{"id": 1, "name": "\xff"}', b'{"id": 1, "name": "\\ud800"}'])
def test_text_that_is_no_text_is_a_bad_object(text: bytes) -> None:
    assert decode_list(S.TAGS, [msgspec.Raw(text)], "tags").bad == (BadObject("tags[0]", "not valid JSON text"),)


def test_a_null_where_the_model_has_none_counts_as_absent() -> None:
    decoded = decode(S.SEQUENCES, {"id": 1, "name": "a", "hold": None, "repeat": None, "stats": None, "send_days": None})
    assert decoded.objects == (Sequence(1, "a"),)
    assert decode(S.WEBHOOK_ENDPOINTS, {"id": 1, "url": "", "events": None}).objects == (WebhookEndpoint(1, ""),)


def test_unknown_keys_are_dropped_and_unknown_values_kept() -> None:
    event = {"name": "subscriber.moonrise", "planet_id": 3}
    (hook,) = decode(S.WEBHOOKS, {"id": 1, "target_url": "https://a.b/", "event": event, "secret": "whsec_1"}).objects
    assert isinstance(hook, Webhook)
    assert hook.event.name == "subscriber.moonrise"
    assert "whsec_1" not in repr(hook)


def test_ids_of_64_bits_stay_exact() -> None:
    assert decode(S.TAGS, {"id": 2**63 - 1, "name": "a"}).objects == (Tag(2**63 - 1, "a"),)


def test_addresses_of_the_user_are_never_decoded() -> None:
    (info,) = decode(S.ACCOUNT, {"id": 1, "primary_email_address": "canary@private.example"}).objects
    assert isinstance(info, AccountInfo)
    assert "canary" not in repr(info)


def test_emails_are_ordered_by_sequence_position_and_id_with_unknown_positions_last() -> None:
    places = [(9, 2, 0), (1, 1, None), (2, 1, 1), (4, 1, 0), (3, 1, 0)]
    decoded = decode(S.SEQUENCE_EMAILS, *({"id": i, "sequence_id": s, "position": p} for i, s, p in places))
    assert [item.id for item in decoded.objects] == [3, 4, 2, 1, 9]
    assert isinstance(decoded.objects[0], SequenceEmail)


def test_labels_are_numbered_in_the_order_of_ids_whatever_order_kit_sends() -> None:
    hooks = [{"id": n, "event": {"name": "tag_add"}, "target_url": f"https://a.b/?k=value{n}"} for n in (3, 1, 2)]
    assert [getattr(hook, "target_url", "") for hook in decode(S.WEBHOOKS, *hooks).objects] == [
        f"https://a.b/?k=REDACTED-{n}" for n in (1, 2, 3)
    ]


def test_addresses_in_every_field_of_a_webhook_are_redacted() -> None:
    link = {"id": 1, "event": {"name": "link_click", "initiator_value": "https://a.b/?who=canary"}, "target_url": "https://a.b/?k=canary"}
    end = {"id": 1, "url": "https://a.b/?k=canary", "name": "to https://a.b/?k=canary", "description": "see https://a.b/?k=canary."}
    assert "canary" not in repr(decode(S.WEBHOOKS, link)) + repr(decode(S.WEBHOOK_ENDPOINTS, end))


KEYS = ["id", "name", "event", "target_url", "key", "url"]
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=8,
)


@given(st.sampled_from(list(OBJECT_TYPES)), st.lists(json_values, max_size=4))
def test_whatever_kit_sends_is_decoded_or_named(section: S, values: list[object]) -> None:
    decoded = decode(section, *values)
    assert all(bad.path.startswith(section) for bad in decoded.bad)
    assert all(bad.reason for bad in decoded.bad)
    assert len(decoded.objects) + len(decoded.unreadable) <= len(values)
