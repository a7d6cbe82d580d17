"""What Kit's API v4 says about an account, as data.

Field names are the API's own (the published OpenAPI document, 2026-10-02). Only ids and names are required; every other
key may be absent in a response and is then ``None``. Unknown keys are dropped, unknown enumeration values are kept as text.
Times stay the text Kit sent (ISO 8601, UTC); ``utc`` reads one. No subscriber's name or address is here: what is not decoded cannot leak.
"""

from __future__ import annotations

import datetime as dt
import enum
from typing import Annotated, TypeAlias

import msgspec

from ckaudit.model.refs import Key, Kind, ObjectRef

Id: TypeAlias = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
"""Kit's number of an object. One beyond 64 bits is not an id: the object counts as a bad one."""


def utc(text: str | None) -> dt.datetime | None:
    """Read one of Kit's times as an aware UTC datetime. Text that is not a time gives None: Kit's word is never a reason to stop."""
    if not text:
        return None
    try:
        when = dt.datetime.fromisoformat(text)
        return when.replace(tzinfo=dt.UTC) if when.tzinfo is None else when.astimezone(dt.UTC)
    except (ValueError, OverflowError):  # overflow: in UTC it is before year 1 or after 9999
        return None


class Timezone(msgspec.Struct, frozen=True):
    """The account's zone. ``name`` is an IANA name; ``utc_offset`` ignores daylight saving, so use the name."""

    name: str
    friendly_name: str | None = None
    utc_offset: str | None = None


class SendingAddress(msgspec.Struct, frozen=True):
    """An address the account may send from. ``is_verified`` is the truth; ``status`` values are not documented as closed."""

    email_address: str
    from_name: str | None = None
    status: str | None = None
    is_default: bool = False
    is_verified: bool = False
    is_dmarc_configured: bool = False


class Plan(msgspec.Struct, frozen=True):
    """The billing plan (since 2026-07-09). A trial may show only as ``cancels_at`` equal to ``trial_lapse_date``."""

    plan_type: str | None = None
    interval: str | None = None
    subscriber_limit: int | None = None
    on_trial: bool | None = None
    trial_lapse_date: str | None = None
    renews_at: str | None = None
    cancels_at: str | None = None


class AccountInfo(msgspec.Struct, frozen=True):
    """``GET /v4/account`` without the user, and how many active subscribers there are. ``name`` may be empty."""

    id: Id
    name: str = ""
    plan_type: str | None = None
    created_at: str | None = None
    timezone: Timezone | None = None
    sending_addresses: tuple[SendingAddress, ...] | None = None
    plan: Plan | None = None
    subscriber_count: int | None = None


class Tag(msgspec.Struct, frozen=True):
    """A tag. ``subscriber_count`` counts active people only."""

    id: Id
    name: str
    created_at: str | None = None
    subscriber_count: int | None = None

    @property
    def key(self) -> Key:
        """This tag in the account graph."""
        return Key(Kind.TAG, self.id)


class Form(msgspec.Struct, frozen=True):
    """A form, or a landing page when ``type`` is ``hosted``. ``subscriber_count`` counts active people only."""

    id: Id
    name: str
    created_at: str | None = None
    type: str | None = None
    format: str | None = None
    embed_url: str | None = None
    archived: bool | None = None
    uid: str | None = None
    subscriber_count: int | None = None

    @property
    def key(self) -> Key:
        """This form in the account graph."""
        return Key(Kind.FORM, self.id)


class Exclusion(msgspec.Struct, frozen=True):
    """Whom a sequence does not mail: ``type`` is ``tag``, ``sequence``, ``form`` or ``segment``."""

    type: str
    ids: tuple[Id, ...] = ()


class SequenceStats(msgspec.Struct, frozen=True):
    """Delivery numbers. Rates are percent; all but ``unsubscribers`` are None when nothing was delivered."""

    unsubscribers: int | None = None
    recipients: int | None = None
    opens: int | None = None
    clicks: int | None = None
    email_unsubscribes: int | None = None
    bounces: int | None = None
    complaints: int | None = None
    open_rate: float | None = None
    click_rate: float | None = None
    click_to_open_rate: float | None = None
    unsubscribe_rate: float | None = None
    bounce_rate: float | None = None
    complaint_rate: float | None = None


class Sequence(msgspec.Struct, frozen=True):
    """An email sequence. ``hold`` keeps people after its last email, ``repeat`` lets a person go through it again."""

    id: Id
    name: str
    hold: bool = False
    repeat: bool = False
    created_at: str | None = None
    updated_at: str | None = None
    email_address: str | None = None
    email_template_id: Id | None = None
    send_days: tuple[str, ...] | None = None
    send_hour: int | None = None
    time_zone: str | None = None
    active: bool | None = None
    exclude_subscriber_sources: tuple[Exclusion, ...] | None = None
    email_count: int | None = None
    subscriber_count: int | None = None
    stats: SequenceStats | None = None

    @property
    def key(self) -> Key:
        """This sequence in the account graph."""
        return Key(Kind.SEQUENCE, self.id)

    @property
    def object(self) -> ObjectRef:
        """This sequence as results name it."""
        return ObjectRef(Kind.SEQUENCE, self.name, self.id)

    @property
    def excluded_keys(self) -> tuple[Key, ...]:
        """The tags, forms, sequences and segments whose people it does not mail."""
        kinds = (Kind.TAG, Kind.FORM, Kind.SEQUENCE, Kind.SEGMENT)
        sources = (source for source in self.exclude_subscriber_sources or () if source.type in kinds)
        return tuple(Key(Kind(source.type), number) for source in sources for number in source.ids)


class SequenceEmail(msgspec.Struct, frozen=True, gc=False):
    """One email of a sequence. ``delay_unit`` is ``days`` or ``hours``; only a first email may wait 0 days.

    ``send_days`` overrides the sequence's, None for hour delays. ``position`` may be None or repeated: order by (position, id).
    """

    id: Id
    sequence_id: Id
    subject: str | None = None
    preview_text: str | None = None
    email_address: str | None = None
    email_template_id: Id | None = None
    published: bool = False
    position: int | None = None
    delay_value: int | None = None
    delay_unit: str | None = None
    send_days: tuple[str, ...] | None = None
    content: str | None = None

    @property
    def delay_seconds(self) -> int:
        """How long this email waits after the one before it (or after joining), in seconds."""
        return (self.delay_value or 0) * (3600 if self.delay_unit == "hours" else 86400)

    @property
    def title(self) -> str:
        """The subject, or what stands for it."""
        return self.subject or "(no subject)"

    @property
    def object(self) -> ObjectRef:
        """This email as results name it."""
        return ObjectRef(Kind.EMAIL, self.title, self.id)


class CustomField(msgspec.Struct, frozen=True):
    """A custom field. Liquid and the API use ``key``; people see ``label``."""

    id: Id
    key: str
    label: str | None = None
    name: str | None = None

    @property
    def first_key(self) -> str:
        """The key it was made with, empty when the name does not say: ``name`` is ``ck_field_<id>_<key>``, and stays when a new label
        changes the key (OpenAPI document, ``PUT /v4/custom_fields/{id}``)."""
        return (self.name or "").removeprefix(f"ck_field_{self.id}_") if (self.name or "").startswith(f"ck_field_{self.id}_") else ""


class SnippetDocument(msgspec.Struct, frozen=True):
    """The body of a block snippet."""

    value_html: str | None = None
    value_plain: str | None = None


class Snippet(msgspec.Struct, frozen=True):
    """A snippet, used as ``{{ snippet.<key> }}``. ``snippet_type`` is ``inline`` or ``block``."""

    id: Id
    name: str
    key: str
    snippet_type: str | None = None
    archived: bool = False
    created_at: str | None = None
    updated_at: str | None = None
    content: str | None = None
    document: SnippetDocument | None = None

    @property
    def body(self) -> str:
        """The text of the snippet, whichever of the two places Kit put it in."""
        if self.content:
            return self.content
        return (self.document and (self.document.value_html or self.document.value_plain)) or ""


class WebhookEvent(msgspec.Struct, frozen=True):
    """What fires a legacy webhook. ``name`` comes without the ``subscriber.`` prefix used at creation."""

    name: str
    tag_id: Id | None = None
    form_id: Id | None = None
    sequence_id: Id | None = None
    course_id: Id | None = None
    product_id: Id | None = None
    custom_field_id: Id | None = None
    initiator_value: str | None = None

    @property
    def short_name(self) -> str:
        """``tag_add`` for both ``tag_add`` and ``subscriber.tag_add``."""
        return self.name.rpartition(".")[2]


class Webhook(msgspec.Struct, frozen=True):
    """A webhook of the legacy generation. ``target_url`` has its query values replaced (see ``ckaudit.kit.redact``)."""

    id: Id
    event: WebhookEvent
    target_url: str
    account_id: Id | None = None

    @property
    def key(self) -> Key:
        """This webhook in the account graph; the two generations count their ids apart."""
        return Key(Kind.WEBHOOK, f"legacy:{self.id}")


class WebhookEndpoint(msgspec.Struct, frozen=True):
    """A webhook of the new generation (since 2026-08-27). ``url`` is redacted like ``Webhook.target_url``."""

    id: Id
    url: str
    name: str | None = None
    events: tuple[str, ...] = ()
    status: str | None = None
    source: str | None = None
    description: str | None = None
    created_at: str | None = None

    @property
    def key(self) -> Key:
        """This webhook in the account graph."""
        return Key(Kind.WEBHOOK, f"endpoint:{self.id}")


class Segment(msgspec.Struct, frozen=True):
    """A segment. The API gives no conditions."""

    id: Id
    name: str
    created_at: str | None = None


class EmailTemplate(msgspec.Struct, frozen=True):
    """An email template. The API gives no body."""

    id: Id
    name: str
    is_default: bool = False
    category: str | None = None


class Broadcast(msgspec.Struct, frozen=True):
    """A broadcast, as ``slim=true`` gives it."""

    id: Id
    subject: str | None = None
    status: str | None = None
    created_at: str | None = None
    published_at: str | None = None
    send_at: str | None = None
    public: bool | None = None


class SectionName(enum.StrEnum):
    """The parts of an account that are read one by one, in the order they are stored."""

    ACCOUNT = "account"
    TAGS = "tags"
    FORMS = "forms"
    SEQUENCES = "sequences"
    SEQUENCE_EMAILS = "sequence_emails"
    CUSTOM_FIELDS = "custom_fields"
    SNIPPETS = "snippets"
    WEBHOOKS = "webhooks"
    WEBHOOK_ENDPOINTS = "webhook_endpoints"
    SEGMENTS = "segments"
    EMAIL_TEMPLATES = "email_templates"
    BROADCASTS = "broadcasts"


class SectionStatus(enum.StrEnum):
    """How far a section was read. Only ``complete`` allows a rule to speak of absence."""

    COMPLETE = "complete"
    PARTIAL = "partial"
    REFUSED = "refused"
    SKIPPED = "skipped"


class SectionState(msgspec.Struct, frozen=True):
    """Status of a section and, unless it is complete, the reason as a sentence."""

    status: SectionStatus = SectionStatus.SKIPPED
    reason: str | None = None


class BadObject(msgspec.Struct, frozen=True, omit_defaults=True):
    """What could not be decoded and was left out. ``path`` is like ``tags[3].name``; ``id`` is the object's that lost a field only."""

    path: str
    reason: str
    id: int | None = None


class Account(msgspec.Struct, frozen=True):
    """Everything that was read of one account. Lists are ordered by id, emails by (sequence, position, id).

    ``with_emails``: subscribers' addresses are kept beside it (``people.json``), never in it. ``read_on``: the day of reading (UTC).
    """

    info: AccountInfo | None = None
    tags: tuple[Tag, ...] = ()
    forms: tuple[Form, ...] = ()
    sequences: tuple[Sequence, ...] = ()
    sequence_emails: tuple[SequenceEmail, ...] = ()
    custom_fields: tuple[CustomField, ...] = ()
    snippets: tuple[Snippet, ...] = ()
    webhooks: tuple[Webhook, ...] = ()
    webhook_endpoints: tuple[WebhookEndpoint, ...] = ()
    segments: tuple[Segment, ...] = ()
    email_templates: tuple[EmailTemplate, ...] = ()
    broadcasts: tuple[Broadcast, ...] = ()
    sections: dict[SectionName, SectionState] = {}
    bad_objects: tuple[BadObject, ...] = ()
    with_emails: bool = False
    read_on: dt.date | None = None

    def state(self, name: SectionName) -> SectionState:
        """How far a section was read; never missing."""
        return self.sections.get(name, SectionState())

    def complete(self, *names: SectionName) -> bool:
        """True when every named section was read completely."""
        return all(self.state(name).status is SectionStatus.COMPLETE for name in names)
