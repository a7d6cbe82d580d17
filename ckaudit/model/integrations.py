"""What writes into the account from outside Kit, as the manifest states it: shops, membership sites, Zapier, bulk work by hand."""

from __future__ import annotations

import enum
from typing import Annotated, ClassVar

from msgspec import Meta

from ckaudit.model.notation import FieldRefs, FormRefs, Notation, Part, ProductRef, Seconds, SequenceRefs, TagRefs


class Occasion(enum.StrEnum):
    """What makes an integration write."""

    PURCHASE = "purchase"
    RENEWAL = "renewal"
    UPGRADE = "upgrade"
    FAILED_PAYMENT = "failed-payment"
    CANCELLATION = "cancellation"
    REFUND = "refund"
    ABANDONED_CART = "abandoned-cart"
    SIGNUP = "signup"
    OTHER = "other"

    @property
    def ends_access(self) -> bool:
        """True for a cancellation and a refund."""
        return self in (Occasion.CANCELLATION, Occasion.REFUND)

    @property
    def renews(self) -> bool:
        """True for a renewal: it comes again and again."""
        return self is Occasion.RENEWAL


class Integration(Part, frozen=True, kw_only=True):
    """What else writes into the account: a shop, a membership site, Zapier, or somebody's bulk work.

    With ``on`` it is what one event makes it write, all together: then an integration is listed once for each event, under one name.
    Without ``on`` nobody said when it writes what. ``after`` is the seconds until it does.
    """

    notation: ClassVar = Notation(
        "an integration",
        "Write it as in {name: ThriveCart, on: purchase, adds_tags: [Customer]}.",
        answers={
            "events": "List the integration once for each event, with “on”, as in {name: ThriveCart, on: refund, adds_tags: [Refunded]}.",
            "delay": "Write “after”, as in after: 10 minutes.",
            "tags": "Write “adds_tags” or “removes_tags”.",
        },
    )

    name: Annotated[str, Meta(description="Who writes, such as ThriveCart, Zapier, or a person.")]
    on: Annotated[
        Occasion | None,
        Meta(description="The event at which it writes what follows, all together. Any when left out. List it once for each event."),
    ] = None
    product: Annotated[ProductRef | None, Meta(description="The product the event is about, by the name the shop has for it.")] = None
    after: Annotated[Seconds | None, Meta(description="It writes this long after the event; at once when left out.")] = None
    adds_tags: Annotated[TagRefs, Meta(description="Tags it adds.")] = ()
    removes_tags: Annotated[TagRefs, Meta(description="Tags it removes.")] = ()
    adds_to_sequences: Annotated[SequenceRefs, Meta(description="Sequences it subscribes people to.")] = ()
    removes_from_sequences: Annotated[SequenceRefs, Meta(description="Sequences it takes people out of.")] = ()
    adds_to_forms: Annotated[FormRefs, Meta(description="Forms it subscribes people to.")] = ()
    sets_fields: Annotated[FieldRefs, Meta(description="Custom fields it sets.")] = ()
    unsubscribes: Annotated[bool, Meta(description="True when it unsubscribes people from every email.")] = False
