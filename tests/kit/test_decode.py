"""Objects are decoded one by one: bad ones are named and left out, personal data has nowhere to go."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckaudit.kit.decode import OBJECT_TYPES, Decoded, decode_list
from ckaudit.model.account import AccountInfo, BadObject, Sequence, SequenceEmail, Tag, Webhook, WebhookEndpoint
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
    assert decoded.bad == (BadObject("account.sending_addresses[0].is_default", "Expected bool, got str"),)


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
    assert len(decoded.objects) + len(decoded.bad) <= len(values)
