"""JSON Schema (draft 2020-12) of the manifest, for completion and checking in editors.

Made from the word lists the parser uses, so that the two cannot drift apart.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeAlias

from ckaudit.model.automations import AccountCreator, AutomationStatus, Billing, Orders, Revoker, RuleActionKind
from ckaudit.model.steps import TriggerKind
from ckaudit.sources.manifest import offerings
from ckaudit.sources.manifest.resolve import LARGEST_ID
from ckaudit.sources.manifest.rules import ACTION_KINDS
from ckaudit.sources.manifest.triggers import ENTRIES, EVENTS, TRIGGERS
from ckaudit.sources.manifest.values import UNITS
from ckaudit.sources.stacks import read_stacks

# A JSON Schema is JSON: here a bare dict is the right type.
Schema: TypeAlias = dict[str, Any]

_DATE = r"^\d{4}-\d{2}-\d{2}$"
_LIST_OF = {
    "purchase_tags": "Tags that mean: has bought.",
    "optin_tags": "Tags that mean: has signed up for something free.",
    "early_contact_tags": "Tags added before an order is complete, such as checkout started.",
    "access_tags": "Tags that give access.",
    "module_tags": "Tags that open the modules, in order.",
    "revoke_tags": "Tags that take access away.",
    "cancel_tags": "Tags that mean: has cancelled.",
    "pause_tags": "Tags that mean: is paused.",
    "failed_payment_tags": "Tags that mean: a payment failed.",
    "login_sequences": "Sequences with the login email.",
    "module_sequences": "Sequences that announce modules.",
    "dunning_sequences": "Sequences about failed payments.",
    "pitch_sequences": "Sequences that sell the offering.",
}
_TRIGGERS = {
    TriggerKind.JOINS_FORM: "Joins this form or landing page; “any” means any form.",
    TriggerKind.TAG_ADDED: "This tag is added.",
    TriggerKind.TAG_REMOVED: "This tag is removed.",
    TriggerKind.SUBSCRIBES_TO_SEQUENCE: "Subscribes to this sequence.",
    TriggerKind.COMPLETES_SEQUENCE: "Completes this sequence.",
}
_ACTIONS = {
    RuleActionKind.SUBSCRIBE_SEQUENCE: "Subscribe to this sequence.",
    RuleActionKind.UNSUBSCRIBE_SEQUENCE: "Unsubscribe from this sequence.",
    RuleActionKind.SUBSCRIBE_FORM: "Subscribe to this form.",
    RuleActionKind.UNSUBSCRIBE_FORM: "Unsubscribe from this form.",
    RuleActionKind.ADD_TAG: "Add this tag.",
    RuleActionKind.REMOVE_TAG: "Remove this tag.",
}
_WEBHOOKS = {"login": "make the login", "sync": "read the tags again", "release": "release the offering", "revoke": "take access away"}


def manifest_schema() -> Schema:
    """The schema. It knows the stacks of this ckaudit; names of tags and the like are checked against an account only."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "ckaudit manifest",
        "description": "The automations, rules and outside writers of a Kit account.",
        **_object(
            {
                "version": {"const": 1, "description": "Version of the manifest's format."},
                "complete": _flag("True when every automation, rule and outside writer of the account is listed."),
                "checked": {"type": "string", "pattern": _DATE, "description": "The day somebody last compared this with Kit's screens."},
                "account": _whole("Number of the account. A manifest of another account is refused."),
                "automations": _list(_see("automation"), "Visual automations."),
                "rules": _list(_see("rule"), "Rules of Kit's Rules screen."),
                "form_links": _list(_see("form_link"), "What forms do by themselves."),
                "external": _list(_see("writer"), "What else writes into the account: shops, sites, Zapier, bulk work by hand."),
                "offerings": _list(_see("offering"), "What the tags mean for people's access."),
            },
            ("version",),
        ),
        "$defs": {
            "reference": _reference(),
            "duration": {
                "type": "string",
                "pattern": f"^0*[1-9][0-9]* +({'|'.join(UNITS)})s?$",
                "description": "A whole number of minutes, hours, days or weeks, such as “5 minutes”.",
            },
            "steps": _list(_see("step"), "Steps, in order."),
            "step": _step(),
            "condition": _condition(),
            "entry": _trigger(ENTRIES),
            "event": _trigger(EVENTS),
            "trigger": _trigger(TRIGGERS),
            "automation": _automation(),
            "rule": _rule(),
            "form_link": _form_link(),
            "writer": _writer(),
            "offering": _offering(),
        },
    }


def _see(name: str, description: str = "") -> Schema:
    return {"$ref": f"#/$defs/{name}"} | ({"description": description} if description else {})


def _flag(description: str) -> Schema:
    return {"type": "boolean", "description": description}


def _text(description: str) -> Schema:
    """Text; a number counts as the text it is written in."""
    return {"type": ["string", "number"], "minLength": 1, "description": description}


def _value(description: str, *more: str) -> Schema:
    return {"type": ["string", "number", "boolean", *more], "description": description}


def _whole(description: str, least: int = 1) -> Schema:
    return {"type": "integer", "minimum": least, "maximum": LARGEST_ID, "description": description}


def _list(items: Schema, description: str) -> Schema:
    return {"type": ["array", "null"], "items": items, "description": description}


def _some(items: Schema, description: str) -> Schema:
    return {"type": "array", "minItems": 1, "items": items, "description": description}


def _words(words: Iterable[str], description: str) -> Schema:
    return {"enum": [str(word) for word in words], "description": description}


def _object(properties: Schema, required: tuple[str, ...] = ()) -> Schema:
    return {"type": "object", "additionalProperties": False, "properties": properties, "required": list(required)}


def _one_of(properties: Schema, beside: Schema | None = None) -> Schema:
    """An object with exactly one of these keys, and any of those beside it."""
    return {**_object({**properties, **(beside or {})}), "oneOf": [{"required": [key]} for key in properties]}


def _reference() -> Schema:
    pair = _object({"id": _whole("The id."), "name": _text("The exact name.")}, ("id", "name"))
    return {
        "description": "An exact name, an id, or {id: 11, name: …}, in which both must agree.",
        "anyOf": [{"type": "string", "minLength": 1}, _whole("The id."), pair],
    }


def _references(description: str) -> Schema:
    return _list(_see("reference"), description)


def _trigger(triggers: Iterable[TriggerKind]) -> Schema:
    shapes: Schema = {
        TriggerKind.FIELD_CHANGED: {
            **_object({"field": _see("reference"), "to": _value("The new value; any when left out.")}, ("field",)),
            "description": "This custom field changes.",
        },
        TriggerKind.PURCHASES: _text("Purchases the product of this name."),
        TriggerKind.APP_EVENT: _text("What an app reports, in its own words."),
        TriggerKind.CLICKS_LINK: _text("Clicks the link with this address."),
        TriggerKind.DATE: {"type": "string", "pattern": _DATE, "description": "This date occurs, such as 2026-12-24."},
    }
    return _one_of({str(trigger): shapes.get(trigger) or _see("reference", _TRIGGERS[trigger]) for trigger in triggers})


def _set_field() -> Schema:
    shape = _object({"field": _see("reference"), "value": _value("The new value; null clears the field.", "null")}, ("field", "value"))
    return {**shape, "description": "Set a custom field."}


def _step() -> Schema:
    path = {
        "anyOf": [
            _object({"tag": _see("reference"), "steps": _see("steps")}, ("tag",)),
            _object({"otherwise": _see("steps")}, ("otherwise",)),
        ]
    }
    goal = _object({"event": _see("event"), "steps": _see("steps")}, ("event",))
    kinds = {
        "sequence": _see("reference", "Put people into this sequence; they go on after its last published email."),
        "delay": _see("duration"),
        "add_tag": _see("reference", "Add this tag."),
        "remove_tag": _see("reference", "Remove this tag."),
        "set_field": _set_field(),
        "start_automation": _see("reference", "Start this automation, too."),
        "remove_from_automation": _see("reference", "Remove people from this automation."),
        "exit": {"const": True, "description": "Leave this automation."},
        "if": _see("condition"),
        "split": _some(path, "People go down the first path whose tag they have; “otherwise” comes last."),
        "event": _see("event", "People wait here until this happens, and it pulls forward everybody above it."),
        "events": _some(goal, "Events side by side: whichever happens first counts."),
    }
    beside = {
        "then": _see("steps", "Steps for people who meet the condition."),
        "else": _see("steps", "Steps for people who do not."),
        "note": _text("A note for the reader."),
        "waiting": _whole("How many subscribers wait here, as Kit shows.", 0),
    }
    sides = {"if": {"required": ["if"]}, "then": {"anyOf": [{"required": ["then"]}, {"required": ["else"]}]}}
    return {**_one_of(kinds, beside), "dependentRequired": {"then": ["if"], "else": ["if"]}, **sides}


def _condition() -> Schema:
    compared: Schema = {word: _value("The value to compare with.") for word in ("is", "contains", "above", "below")}
    compared |= {word: {"const": True, "description": f"The field is {word}."} for word in ("blank", "known")}
    field = {**_object({"field": _see("reference"), **compared}, ("field",)), "oneOf": [{"required": [word]} for word in compared]}
    return {
        "description": "Looked at once, when the person arrives.",
        "anyOf": [
            _object({"tag": _see("reference", "Has this tag.")}, ("tag",)),
            field,
            _object({"filter": _text("Kit's advanced filter, in words.")}, ("filter",)),
            _object({"opened_within": _see("duration", "Opened any email within this time.")}, ("opened_within",)),
        ],
    }


def _automation() -> Schema:
    return _object(
        {
            "name": _text("The name it has in Kit."),
            "id": _whole("The number in its address, …/automations/1982218/edit."),
            "status": _words(AutomationStatus, "Active when left out. Paused lets people in and holds them; inactive lets nobody in."),
            "notes": _text("What it is for."),
            "recurring": _flag("True when the same people are meant to go through again."),
            "evergreen": _flag("True when no end is planned."),
            "entries": _list(_see("entry"), "Any of them starts the automation."),
            "steps": _see("steps"),
        },
        ("name",),
    )


def _rule() -> Schema:
    actions = {str(kind): _set_field() if kind is RuleActionKind.SET_FIELD else _see("reference", _ACTIONS[kind]) for kind in ACTION_KINDS}
    return _object(
        {
            "name": _text("A name for the reader."),
            "enabled": _flag("False when it is switched off."),
            "when": _some(_see("trigger"), "Any of them fires the rule."),
            "do": _some(_one_of(actions), "All of them are done."),
        },
        ("when", "do"),
    )


def _form_link() -> Schema:
    return _object(
        {
            "form": _see("reference"),
            "sequence": _see("reference", "The sequence the form subscribes people to."),
            "adds_tags": _references("Tags the form adds."),
            "sets_fields": _references("Custom fields the form fills."),
            "double_opt_in": _flag("True when people confirm their address first."),
        },
        ("form",),
    )


def _writer() -> Schema:
    return _object(
        {
            "name": _text("Who writes, such as ThriveCart, Zapier, or a person."),
            "adds_tags": _references("Tags it adds."),
            "removes_tags": _references("Tags it removes."),
            "adds_to_sequences": _references("Sequences it subscribes people to."),
            "adds_to_forms": _references("Forms it subscribes people to."),
            "sets_fields": _references("Custom fields it sets."),
        },
        ("name",),
    )


def _offering() -> Schema:
    webhooks = _object({key: _references(f"Tags that make the membership site {_WEBHOOKS[key]}.") for key in offerings.WEBHOOK_KEYS})
    return _object(
        {
            "name": _text("The product."),
            "stack": _words(read_stacks(), "The membership site, platform or cart."),
            "orders": _words(Orders, "Who takes the order."),
            "billing": _words(Billing, "How it is paid."),
            "refunds": _flag("False when money is never given back, so nothing has to be revoked."),
            "account_created_by": _words(AccountCreator, "Who makes the login; webhook when left out."),
            "revoked_by": _words(Revoker, "Who takes access away; kit when left out."),
            "products": _list(_text("A product."), "Names in Kit's purchase events."),
            **{key: _references(_LIST_OF[key]) for key in (*offerings.TAG_KEYS, *offerings.SEQUENCE_KEYS)},
            "webhook_tags": {**webhooks, "description": "Tags whose adding makes the membership site act."},
            "login_hosts": _list(
                {"type": ["string", "number"], "minLength": 1, "pattern": "^[^/]*$", "description": "A host such as members.example.com."},
                "Where people log in.",
            ),
        },
        ("name", "stack"),
    )
