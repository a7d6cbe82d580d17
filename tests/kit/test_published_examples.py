"""Every documented answer of Kit decodes into the model, and every documented error into a sentence."""

from __future__ import annotations

import json

import msgspec
import pytest

from ckaudit.kit.credentials import Credential, CredentialKind
from ckaudit.kit.decode import decode_list
from ckaudit.kit.http import Response
from ckaudit.kit.messages import describe
from ckaudit.kit.paging import read_document
from ckaudit.model.account import SectionName
from tests.fake_kit.published import examples

KEY = Credential(CredentialKind.KEY, "kit_canary")
# The beginning of a file's name -> the section its objects belong to, and their envelope.
FILES = {
    "get-current-account": (SectionName.ACCOUNT, "account"),
    "observed-account": (SectionName.ACCOUNT, "account"),
    "list-tags.": (SectionName.TAGS, "tags"),
    "list-tags-for": (SectionName.TAGS, "tags"),
    "observed-empty-list": (SectionName.TAGS, "tags"),
    "list-forms": (SectionName.FORMS, "forms"),
    "list-sequences": (SectionName.SEQUENCES, "sequences"),
    "get-a-sequence.": (SectionName.SEQUENCES, "sequence"),
    "list-sequence-emails": (SectionName.SEQUENCE_EMAILS, "emails"),
    "get-a-sequence-email": (SectionName.SEQUENCE_EMAILS, "email"),
    "list-custom-fields": (SectionName.CUSTOM_FIELDS, "custom_fields"),
    "list-snippets": (SectionName.SNIPPETS, "snippets"),
    "get-a-snippet": (SectionName.SNIPPETS, "snippet"),
    "list-webhooks": (SectionName.WEBHOOKS, "webhooks"),
    "observed-webhook": (SectionName.WEBHOOKS, "webhook"),
    "list-webhook-endpoints": (SectionName.WEBHOOK_ENDPOINTS, "webhook_endpoints"),
    "get-a-webhook-endpoint": (SectionName.WEBHOOK_ENDPOINTS, "webhook_endpoint"),
    "list-segments": (SectionName.SEGMENTS, "segments"),
    "list-email-templates": (SectionName.EMAIL_TEMPLATES, "email_templates"),
    "observed-email-templates": (SectionName.EMAIL_TEMPLATES, "email_templates"),
    "list-broadcasts": (SectionName.BROADCASTS, "broadcasts"),
    "get-a-broadcast": (SectionName.BROADCASTS, "broadcast"),
}


@pytest.mark.parametrize("start", FILES)
def test_documented_objects_decode(start: str) -> None:
    section, envelope = FILES[start]
    found = {name: text for name, text in examples().items() if name.startswith(start)}
    assert found
    for text in found.values():
        objects = json.loads(text)[envelope]
        raws = [msgspec.Raw(json.dumps(item).encode()) for item in (objects if isinstance(objects, list) else [objects])]
        decoded = decode_list(section, raws, section)
        assert decoded.bad == ()
        assert len(decoded.objects) == len(raws)
        assert "@convertkit.dev" not in repr(decoded)


def test_documented_errors_become_sentences() -> None:
    sentences = {
        name: describe(Response(int(name[6:9]), text.encode()), "GET /v4/tags", KEY)
        for name, text in examples().items()
        if name.startswith("error-")
    }
    assert sentences["error-401.json"] == "Kit answered 401 to GET /v4/tags: “The access token is invalid”"
    assert sentences["error-422.nested-array.json"] == "Kit answered 422 to GET /v4/tags: “Sequence is inactive”"
    assert sentences["error-403.bulk-stats-empty.json"] == "Kit answered 403 to GET /v4/tags with no explanation"
    assert sentences["error-429.txt"] == "Kit answered 429 to GET /v4/tags with plain text"
    assert all(sentence.isprintable() and "{" not in sentence for sentence in sentences.values())


def test_documented_lists_have_the_pagination_the_client_reads() -> None:
    lists = [text for name, text in examples().items() if name.startswith("list-") and '"pagination"' in text]
    assert len(lists) > 10
    assert all("pagination" in read_document(text.encode()) for text in lists)
