"""Offerings: what the tags mean for people's access, as the manifest states it. A new key is one field here."""

from __future__ import annotations

import enum
from typing import Annotated, ClassVar

import msgspec
from msgspec import Meta

from ckaudit.model.notation import Notation, Part, SequenceRefs, TagRefs, Written


class Orders(enum.StrEnum):
    """Who takes the order."""

    ACCESSALLY = "accessally"
    EXTERNAL = "external"
    MIXED = "mixed"


class Billing(enum.StrEnum):
    """How an offering is paid."""

    FREE = "free"
    ONE_OFF = "one-off"
    PAYMENT_PLAN = "payment-plan"
    SUBSCRIPTION = "subscription"


class AccountCreator(enum.StrEnum):
    """Who creates the buyer's login."""

    WEBHOOK = "webhook"
    SITE = "site"
    PLATFORM = "platform"


class Revoker(enum.StrEnum):
    """Who takes access away."""

    KIT = "kit"
    SITE = "site"
    HAND = "hand"


class WebhookTags(msgspec.Struct, frozen=True):
    """Tags whose adding makes the membership site act, by what the site does. A tag may be in several."""

    notation: ClassVar = Notation(
        "“webhook_tags”", 'Write it as in webhook_tags: {login: ["AA: create login"], sync: ["AA: update user"]}.'
    )

    login: Annotated[TagRefs, Meta(description="Tags that make the membership site make the login.")] = ()
    sync: Annotated[TagRefs, Meta(description="Tags that make the membership site read the tags again.")] = ()
    release: Annotated[TagRefs, Meta(description="Tags that make the membership site release the offering.")] = ()
    revoke: Annotated[TagRefs, Meta(description="Tags that make the membership site take access away.")] = ()


class Offering(Part, frozen=True, kw_only=True):
    """What the tags mean for people's access to one product. None means not stated."""

    notation: ClassVar = Notation("an offering", "Write it as in {name: Course A, stack: accessally}.")

    name: Annotated[str, Meta(description="The product.")]
    stack: Annotated[str, Written.STACK, Meta(description="The membership site, platform or cart.")]
    orders: Annotated[Orders | None, Meta(description="Who takes the order.")] = None
    billing: Annotated[Billing | None, Meta(description="How it is paid.")] = None
    price: Annotated[str | None, Written.PRICE, Meta(description="What it costs one person, in money or per month.")] = None
    refunds: Annotated[bool | None, Meta(description="False when money is never given back, so nothing has to be revoked.")] = None
    account_created_by: Annotated[AccountCreator | None, Meta(description="Who makes the login; webhook when left out.")] = None
    revoked_by: Annotated[Revoker | None, Meta(description="Who takes access away; kit when left out.")] = None
    products: Annotated[tuple[str, ...], Meta(description="Names in Kit's purchase events.")] = ()
    purchase_tags: Annotated[TagRefs, Meta(description="Tags that mean: has bought.")] = ()
    optin_tags: Annotated[TagRefs, Meta(description="Tags that mean: has signed up for something free.")] = ()
    early_contact_tags: Annotated[TagRefs, Meta(description="Tags added before an order is complete, such as checkout started.")] = ()
    access_tags: Annotated[TagRefs, Meta(description="Tags that give access.")] = ()
    module_tags: Annotated[TagRefs, Meta(description="Tags that open the modules, in order.")] = ()
    revoke_tags: Annotated[TagRefs, Meta(description="Tags that take access away.")] = ()
    cancel_tags: Annotated[TagRefs, Meta(description="Tags that mean: has cancelled.")] = ()
    pause_tags: Annotated[TagRefs, Meta(description="Tags that mean: is paused.")] = ()
    failed_payment_tags: Annotated[TagRefs, Meta(description="Tags that mean: a payment failed.")] = ()
    webhook_tags: Annotated[WebhookTags, Meta(description="Tags whose adding makes the membership site act.")] = WebhookTags()
    login_sequences: Annotated[SequenceRefs, Meta(description="Sequences with the login email.")] = ()
    module_sequences: Annotated[SequenceRefs, Meta(description="Sequences that announce modules.")] = ()
    dunning_sequences: Annotated[SequenceRefs, Meta(description="Sequences about failed payments.")] = ()
    pitch_sequences: Annotated[SequenceRefs, Meta(description="Sequences that sell the offering.")] = ()
    login_hosts: Annotated[tuple[Annotated[str, Written.HOST], ...], Meta(description="Where people log in.")] = ()
