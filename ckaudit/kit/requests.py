"""Which GET requests a pull makes: the fewest that give everything an audit reads."""

from __future__ import annotations

import msgspec

from ckaudit.kit.http import Params
from ckaudit.model.account import SectionName
from ckaudit.model.refs import Key, Kind

PER_PAGE = "1000"


class ListRequest(msgspec.Struct, frozen=True):
    """One of Kit's lists. ``envelope`` is the key its objects come under; paging parameters are added by ``paging``.

    ``counted``: the first page tells how many there are in all. It costs no request, but Kit needs longer for it.
    """

    path: str
    envelope: str
    params: Params = ()
    counted: bool = False


ACCOUNT_PATH = "/v4/account"
# Counts everybody without reading more than one of them. The plan is for active subscribers.
COUNT_PATH = "/v4/subscribers"
COUNT: Params = (("status", "active"), ("per_page", "1"), ("include_total_count", "true"))

# `status=all` because the default hides archived and trashed forms; `archived=true` gives only the archived snippets.
LISTS: dict[SectionName, tuple[ListRequest, ...]] = {
    SectionName.TAGS: (ListRequest("/v4/tags", "tags", (("include", "subscriber_count"),)),),
    SectionName.FORMS: (ListRequest("/v4/forms", "forms", (("status", "all"), ("include", "subscriber_count"))),),
    SectionName.SEQUENCES: (ListRequest("/v4/sequences", "sequences", (("include", "stats"),)),),
    SectionName.CUSTOM_FIELDS: (ListRequest("/v4/custom_fields", "custom_fields"),),
    SectionName.SNIPPETS: (
        ListRequest("/v4/snippets", "snippets", (("archived", "false"), ("include_content", "true"))),
        ListRequest("/v4/snippets", "snippets", (("archived", "true"), ("include_content", "true"))),
    ),
    SectionName.WEBHOOKS: (ListRequest("/v4/webhooks", "webhooks"),),
    SectionName.WEBHOOK_ENDPOINTS: (ListRequest("/v4/webhook_endpoints", "webhook_endpoints"),),
    SectionName.SEGMENTS: (ListRequest("/v4/segments", "segments"),),
    SectionName.EMAIL_TEMPLATES: (ListRequest("/v4/email_templates", "email_templates"),),
    SectionName.BROADCASTS: (ListRequest("/v4/broadcasts", "broadcasts", (("slim", "true"),)),),
}


def emails_of(sequence_id: int) -> ListRequest:
    """The emails of one sequence with their content. (``email_count`` is not a reason to skip it: whether it counts drafts is unknown.)"""
    return ListRequest(f"/v4/sequences/{sequence_id}/emails", "emails", (("include_content", "true"),))


def people_of(key: Key, since: str | None = None, *, counted: bool = False) -> ListRequest:
    """Everybody under a tag, form or sequence, in whatever state; ``since`` (``YYYY-MM-DD``) leaves out who came before.

    ``slim`` spares the custom fields; sequences do not offer it.
    """
    filters: list[tuple[str, str]] = [("status", "all")]
    if key.kind is not Kind.SEQUENCE:
        filters.append(("slim", "true"))
    if since is not None:
        filters.append(("tagged_after" if key.kind is Kind.TAG else "added_after", since))
    return ListRequest(f"/v4/{key.kind}s/{key.id}/subscribers", "subscribers", tuple(filters), counted)
