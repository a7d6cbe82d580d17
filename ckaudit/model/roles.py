"""What a tag, sequence or product can be for: the roles that offerings state and ckaudit infers."""

from __future__ import annotations

import enum


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
