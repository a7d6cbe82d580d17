"""Rules, forms, outside writers and offerings: what a manifest says besides automations."""

from __future__ import annotations

from collections.abc import Callable, Collection

from msgspec import structs

from ckaudit.model.automations import (
    AccountCreator,
    Billing,
    ExternalWriter,
    FormLink,
    KitRule,
    Offering,
    Orders,
    Revoker,
    RuleAction,
    RuleActionKind,
    WebhookTags,
)
from ckaudit.model.refs import Kind
from ckaudit.sources.manifest.fields import Reader
from ckaudit.sources.manifest.problems import suggestion
from ckaudit.sources.manifest.steps import RULE_TRIGGERS, product, read_happenings
from ckaudit.sources.manifest.tree import Node

RULE_KEYS = ("name", "enabled", "when", "do", "note")
FORM_KEYS = ("form", "sequence", "adds_tags", "sets_fields", "double_opt_in", "note")
WRITER_KEYS = ("name", "adds_tags", "removes_tags", "adds_to_sequences", "adds_to_forms", "sets_fields", "note")
OFFERING_TAGS = (
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
OFFERING_SEQUENCES = ("login_sequences", "module_sequences", "dunning_sequences", "pitch_sequences")
OFFERING_KEYS = (
    "name",
    "stack",
    "orders",
    "billing",
    "refunds",
    "account_created_by",
    "revoked_by",
    "products",
    *OFFERING_TAGS,
    "webhook_tags",
    *OFFERING_SEQUENCES,
    "login_hosts",
    "note",
)
_ACTION_KINDS = {
    RuleActionKind.SUBSCRIBE_SEQUENCE: Kind.SEQUENCE,
    RuleActionKind.UNSUBSCRIBE_SEQUENCE: Kind.SEQUENCE,
    RuleActionKind.SUBSCRIBE_FORM: Kind.FORM,
    RuleActionKind.UNSUBSCRIBE_FORM: Kind.FORM,
    RuleActionKind.ADD_TAG: Kind.TAG,
    RuleActionKind.REMOVE_TAG: Kind.TAG,
}


def read_rule(read: Reader, node: Node) -> KitRule | None:
    """One rule. It needs no name, but something that fires it and something it does."""
    keys = read.mapping(node, "a rule", RULE_KEYS)
    if not isinstance(node.value, dict):
        return None
    for key, hint in (("when", "For example: when: [{tag_added: Customer}]"), ("do", "For example: do: [{add_tag: Buyer}]")):
        if key not in keys or not read.items(keys[key], key):
            read.problems.add(node.location, f"a rule needs “{key}”", hint)
    actions = (_action(read, item) for item in read.items(keys.get("do"), "actions"))
    return KitRule(
        name=read.text(keys.get("name"), "the name of the rule").strip(),
        enabled=read.flag(keys.get("enabled"), "enabled") is not False,
        when=read_happenings(read, keys.get("when"), RULE_TRIGGERS, "a trigger"),
        do=tuple(action for action in actions if action),
        location=node.location,
        note=read.text(keys.get("note"), "a note"),
    )


def _action(read: Reader, node: Node) -> RuleAction | None:
    table = {str(kind): _action_reader(read, kind) for kind in RuleActionKind}
    action = read.one_of(node, "an action", table, ("note",))
    return structs.replace(action, location=node.location) if action else None


def _action_reader(read: Reader, kind: RuleActionKind) -> Callable[[Node], RuleAction | None]:
    def action(node: Node) -> RuleAction | None:
        if kind is RuleActionKind.SET_FIELD:
            keys = read.mapping(node, "set_field", ("field", "value"))
            field = read.ref(Kind.FIELD, keys.get("field"))
            if "field" not in keys and isinstance(node.value, dict):
                read.problems.add(node.location, "set_field needs “field”", "Write {field: Status, value: member}.")
            return RuleAction(kind=kind, ref=field, value=read.value(keys.get("value"), "the new value")) if field else None
        ref = read.ref(_ACTION_KINDS[kind], node)
        return RuleAction(kind=kind, ref=ref) if ref else None

    return action


def read_form_link(read: Reader, node: Node) -> FormLink | None:
    """What a form does by itself."""
    keys = read.mapping(node, "a form link", FORM_KEYS)
    form = read.ref(Kind.FORM, keys.get("form"))
    if form is None:
        if "form" not in keys and isinstance(node.value, dict):
            read.problems.add(node.location, "a form link needs “form”", "Write {form: Free preview, sequence: Pitch}.")
        return None
    return FormLink(
        form=form,
        sequence=read.ref(Kind.SEQUENCE, keys.get("sequence")),
        adds_tags=read.refs(Kind.TAG, keys.get("adds_tags"), "tags"),
        sets_fields=read.refs(Kind.FIELD, keys.get("sets_fields"), "custom fields"),
        double_opt_in=read.flag(keys.get("double_opt_in"), "double_opt_in"),
        location=node.location,
        note=read.text(keys.get("note"), "a note"),
    )


def read_writer(read: Reader, node: Node) -> ExternalWriter | None:
    """What else writes into the account."""
    keys = read.mapping(node, "an external writer", WRITER_KEYS)
    name = read.text(keys.get("name"), "the name of the writer").strip()
    if not name:
        if "name" not in keys and isinstance(node.value, dict):
            read.problems.add(node.location, "an external writer needs a name", "For example: name: ThriveCart")
        return None
    return ExternalWriter(
        name=name,
        adds_tags=read.refs(Kind.TAG, keys.get("adds_tags"), "tags"),
        removes_tags=read.refs(Kind.TAG, keys.get("removes_tags"), "tags"),
        adds_to_sequences=read.refs(Kind.SEQUENCE, keys.get("adds_to_sequences"), "sequences"),
        adds_to_forms=read.refs(Kind.FORM, keys.get("adds_to_forms"), "forms"),
        sets_fields=read.refs(Kind.FIELD, keys.get("sets_fields"), "custom fields"),
        location=node.location,
        note=read.text(keys.get("note"), "a note"),
    )


def read_offering(read: Reader, node: Node, stacks: Collection[str]) -> Offering | None:
    """What the tags mean for people's access to one product."""
    keys = read.mapping(node, "an offering", OFFERING_KEYS)
    if not isinstance(node.value, dict):
        return None
    name, stack = read.text(keys.get("name"), "the name of the offering").strip(), read.text(keys.get("stack"), "the stack").strip()
    for key, found in (("name", name), ("stack", stack)):
        if not found and key not in keys:
            read.problems.add(node.location, f"an offering needs “{key}”", f"Possible are: {', '.join(stacks)}." if key == "stack" else "")
    if stack and stack not in stacks:
        read.problems.add(keys["stack"].location, f"there is no stack “{stack}”", suggestion(stack, stacks))
    tags = {key: read.refs(Kind.TAG, keys.get(key), "tags") for key in OFFERING_TAGS}
    sequences = {key: read.refs(Kind.SEQUENCE, keys.get(key), "sequences") for key in OFFERING_SEQUENCES}
    webhooks = read.mapping(keys["webhook_tags"], "webhook_tags", ("login", "sync", "release", "revoke")) if "webhook_tags" in keys else {}
    products = [text for item in read.items(keys.get("products"), "products") if (text := read.text(item, "the name of a product").strip())]
    for item in read.items(keys.get("products"), "products"):
        if isinstance(item.value, str) and item.value.strip():
            product(read, item.value.strip(), item.location)
    return Offering(
        name=name,
        stack=stack,
        orders=read.choice(keys.get("orders"), Orders, "orders"),
        billing=read.choice(keys.get("billing"), Billing, "billing"),
        refunds=read.flag(keys.get("refunds"), "refunds"),
        account_created_by=read.choice(keys.get("account_created_by"), AccountCreator, "account_created_by"),
        revoked_by=read.choice(keys.get("revoked_by"), Revoker, "revoked_by"),
        products=tuple(products),
        webhook_tags=WebhookTags(**{key: read.refs(Kind.TAG, value, "tags") for key, value in webhooks.items()}),
        login_hosts=tuple(_host(text) for item in read.items(keys.get("login_hosts"), "hosts") if (text := read.text(item, "a host"))),
        location=node.location,
        note=read.text(keys.get("note"), "a note"),
        **tags,
        **sequences,
    )


def _host(text: str) -> str:
    """The host of what somebody typed, with or without https:// and a path."""
    return text.strip().lower().split("://")[-1].split("/")[0]
