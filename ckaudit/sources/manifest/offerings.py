"""Offerings: what the tags mean for people's access."""

from __future__ import annotations

from ckaudit.model.automations import AccountCreator, Billing, Offering, Orders, Revoker, WebhookTags
from ckaudit.model.refs import Kind, Ref
from ckaudit.sources.manifest.problems import quote
from ckaudit.sources.manifest.tree import Node
from ckaudit.sources.manifest.values import Reading

TAG_KEYS = (
    "purchase_tags",
    "optin_tags",
    "early_contact_tags",
    "access_tags",
    "module_tags",
    "revoke_tags",
    "cancel_tags",
    "pause_tags",
    "failed_payment_tags",
)
SEQUENCE_KEYS = ("login_sequences", "module_sequences", "dunning_sequences", "pitch_sequences")
WEBHOOK_KEYS = ("login", "sync", "release", "revoke")
KEYS = (
    "name",
    "stack",
    "orders",
    "billing",
    "refunds",
    "account_created_by",
    "revoked_by",
    "products",
    *TAG_KEYS,
    "webhook_tags",
    *SEQUENCE_KEYS,
    "login_hosts",
)


def read_offerings(reading: Reading, node: Node | None) -> tuple[Offering, ...]:
    """The offerings of a manifest."""
    return tuple(offering for item in reading.items(node, "“offerings”") if (offering := _offering(reading, item)))


def _offering(reading: Reading, node: Node) -> Offering | None:
    mapping = reading.mapping(node, "an offering", KEYS, ("name", "stack"), "Write it as in {name: Course A, stack: accessally}.")
    if mapping is None:
        return None
    values = mapping.values

    def tags(key: str) -> tuple[Ref, ...]:
        return reading.refs(values.get(key), Kind.TAG)

    def sequences(key: str) -> tuple[Ref, ...]:
        return reading.refs(values.get(key), Kind.SEQUENCE)

    return Offering(
        name=reading.text(values.get("name"), "the name of an offering"),
        stack=_stack(reading, values.get("stack")),
        orders=reading.choice(values.get("orders"), Orders),
        billing=reading.choice(values.get("billing"), Billing),
        refunds=reading.flag(values.get("refunds"), "“refunds”"),
        account_created_by=reading.choice(values.get("account_created_by"), AccountCreator),
        revoked_by=reading.choice(values.get("revoked_by"), Revoker),
        products=reading.texts(values.get("products"), "“products”"),
        purchase_tags=tags("purchase_tags"),
        optin_tags=tags("optin_tags"),
        early_contact_tags=tags("early_contact_tags"),
        access_tags=tags("access_tags"),
        module_tags=tags("module_tags"),
        revoke_tags=tags("revoke_tags"),
        cancel_tags=tags("cancel_tags"),
        pause_tags=tags("pause_tags"),
        failed_payment_tags=tags("failed_payment_tags"),
        webhook_tags=_webhook_tags(reading, values.get("webhook_tags")),
        login_sequences=sequences("login_sequences"),
        module_sequences=sequences("module_sequences"),
        dunning_sequences=sequences("dunning_sequences"),
        pitch_sequences=sequences("pitch_sequences"),
        login_hosts=_hosts(reading, values.get("login_hosts")),
        location=reading.at(node),
    )


def _stack(reading: Reading, node: Node | None) -> str:
    name = reading.text(node, "the name of a stack")
    if node and name and name not in reading.stacks:
        reading.unknown(node, f"there is no stack {quote(name)}", name, sorted(reading.stacks))
    return name


def _webhook_tags(reading: Reading, node: Node | None) -> WebhookTags:
    if node is None:
        return WebhookTags()
    example = 'Write it as in webhook_tags: {login: ["AA: create login"], sync: ["AA: update user"]}.'
    mapping = reading.mapping(node, "“webhook_tags”", WEBHOOK_KEYS, hint=example)
    if mapping is None:
        return WebhookTags()
    login, sync, release, revoke = (reading.refs(mapping.values.get(key), Kind.TAG) for key in WEBHOOK_KEYS)
    return WebhookTags(login, sync, release, revoke)


def _hosts(reading: Reading, node: Node | None) -> tuple[str, ...]:
    for item in reading.items(node, "“login_hosts”"):
        text = getattr(item, "text", "")
        if "/" in text:
            reading.fault(item, "a host is expected here, not an address", "Write it as in members.example.com.")
    return reading.texts(node, "“login_hosts”")
