"""What a tag, sequence or product can be for: the roles that offerings state and ckaudit infers."""

from __future__ import annotations

import enum
from collections.abc import Mapping


class RoleName(enum.StrEnum):
    """What a tag, sequence or product is for. Values are the keys of ``offerings``."""

    PRODUCT = "products"
    PURCHASE = "purchase_tags"
    OPTIN = "optin_tags"
    EARLY_CONTACT = "early_contact_tags"
    ACCESS = "access_tags"
    MODULE = "module_tags"
    REVOKE = "revoke_tags"
    CANCEL = "cancel_tags"
    PAUSE = "pause_tags"
    FAILED_PAYMENT = "failed_payment_tags"
    WEBHOOK_LOGIN = "webhook_tags.login"
    WEBHOOK_SYNC = "webhook_tags.sync"
    WEBHOOK_RELEASE = "webhook_tags.release"
    WEBHOOK_REVOKE = "webhook_tags.revoke"
    LOGIN_SEQUENCE = "login_sequences"
    MODULE_SEQUENCE = "module_sequences"
    DUNNING_SEQUENCE = "dunning_sequences"
    PITCH_SEQUENCE = "pitch_sequences"


ROLE_WORDS: Mapping[str, str] = {
    RoleName.PRODUCT: "product",
    RoleName.PURCHASE: "tag that buyers get",
    RoleName.OPTIN: "tag of people who asked for something free",
    RoleName.EARLY_CONTACT: "tag of people who looked at the offer before they bought",
    RoleName.ACCESS: "tag that gives access",
    RoleName.MODULE: "tag that opens a part of the course",
    RoleName.REVOKE: "tag that takes access away",
    RoleName.CANCEL: "tag of people who cancelled",
    RoleName.PAUSE: "tag of people who pause",
    RoleName.FAILED_PAYMENT: "tag of people whose payment failed",
    RoleName.WEBHOOK_LOGIN: "tag that makes your membership site create a login",
    RoleName.WEBHOOK_SYNC: "tag that makes your membership site read a member's tags again",
    RoleName.WEBHOOK_RELEASE: "tag that makes your membership site open the course",
    RoleName.WEBHOOK_REVOKE: "tag that makes your membership site close the course",
    RoleName.LOGIN_SEQUENCE: "sequence that sends the login",
    RoleName.MODULE_SEQUENCE: "sequence that says that a part of the course is open",
    RoleName.DUNNING_SEQUENCE: "sequence for people whose payment failed",
    RoleName.PITCH_SEQUENCE: "sequence that sells",
}
"""What readers see in place of the key."""

# the webhook operations that make the buyer's login, and those after which the site reads the tags again
LOGIN_MAKERS = (RoleName.WEBHOOK_LOGIN, RoleName.WEBHOOK_RELEASE)
TAG_READERS = (RoleName.WEBHOOK_SYNC, RoleName.WEBHOOK_LOGIN, RoleName.WEBHOOK_RELEASE, RoleName.WEBHOOK_REVOKE)
WEBHOOK_ROLES = (RoleName.WEBHOOK_LOGIN, RoleName.WEBHOOK_SYNC, RoleName.WEBHOOK_RELEASE, RoleName.WEBHOOK_REVOKE)
# what opens a course for people
GIVES_ACCESS = (*LOGIN_MAKERS, RoleName.ACCESS, RoleName.MODULE, RoleName.LOGIN_SEQUENCE)
# tags that are about access wherever it is given: what a site reads or is called by
ACCESS_TAGS = (*WEBHOOK_ROLES, RoleName.ACCESS, RoleName.MODULE)

BY_INTEGRATIONS = (
    RoleName.PURCHASE,
    RoleName.OPTIN,
    RoleName.EARLY_CONTACT,
    RoleName.ACCESS,
    RoleName.MODULE,
    RoleName.REVOKE,
    RoleName.CANCEL,
    RoleName.PAUSE,
    RoleName.FAILED_PAYMENT,
)
"""What shops and membership sites do: nobody lists it in an incomplete manifest."""
