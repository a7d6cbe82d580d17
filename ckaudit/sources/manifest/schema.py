"""JSON Schema (draft 2020-12) of the manifest, for completion and checking in editors.

Made from the same word lists the parser uses, so that the two cannot drift apart.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, TypeAlias

from ckaudit.model.automations import AccountCreator, AutomationStatus, Billing, Orders, Revoker, RuleActionKind, Trigger
from ckaudit.sources.manifest.parts import OFFERING_SEQUENCES, OFFERING_TAGS
from ckaudit.sources.manifest.steps import ENTRIES, EVENTS, RULE_TRIGGERS

# a JSON Schema is JSON: the one place where a bare dict is the right type
Schema: TypeAlias = dict[str, Any]


def manifest_schema(stacks: Collection[str] = ()) -> Schema:
    """The schema; ``stacks`` are the valid names for ``offerings[].stack`` (any text when empty)."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "ckaudit manifest",
        "description": "The automations, rules and outside writers of a Kit account, for ckaudit.",
        "type": "object",
        "required": ["version"],
        "additionalProperties": False,
        "properties": {
            "version": {"const": 1, "description": "Version of the manifest format."},
            "complete": _flag("Every automation, rule and outside writer of the account is listed."),
            "checked": {
                "type": "string",
                "pattern": r"^\d{4}-\d{2}-\d{2}$",
                "description": "When somebody last compared this with the screen.",
            },
            "account": _whole("Number of the account; a manifest of another account is refused."),
            "automations": _list({"$ref": "#/$defs/automation"}, "Visual automations."),
            "rules": _list({"$ref": "#/$defs/rule"}, "Rules: when any of these happens, do all of those."),
            "form_links": _list({"$ref": "#/$defs/form_link"}, "What forms do by themselves."),
            "external": _list({"$ref": "#/$defs/writer"}, "What else writes into the account: shops, sites, Zapier, bulk work by hand."),
            "offerings": _list({"$ref": "#/$defs/offering"}, "What the tags mean for people's access."),
        },
        "$defs": {
            "reference": _reference(),
            "duration": {
                "type": "string",
                "pattern": r"^\s*0*[1-9][0-9]* *(minutes?|hours?|days?|weeks?)\s*$",
                "description": "For example: 5 minutes.",
            },
            "value": {"type": ["string", "number", "boolean", "null"]},
            "steps": _list({"$ref": "#/$defs/step"}, "Steps, in order."),
            "step": _step(),
            "test": _test(),
            "entry": _happening(ENTRIES),
            "event": _happening(EVENTS),
            "trigger": _happening(RULE_TRIGGERS),
            "automation": _automation(),
            "rule": _rule(),
            "form_link": _form_link(),
            "writer": _writer(),
            "offering": _offering(stacks),
        },
    }


def _flag(text: str) -> Schema:
    return {"type": "boolean", "description": text}


def _text(text: str) -> Schema:
    return {"type": "string", "minLength": 1, "description": text}


def _whole(text: str, least: int = 1) -> Schema:
    return {"type": "integer", "minimum": least, "maximum": 2**63 - 1, "description": text}


def _list(items: Schema, text: str) -> Schema:
    return {"type": ["array", "null"], "items": items, "description": text}


def _words(words: Iterable[str], text: str) -> Schema:
    return {"enum": [str(word) for word in words], "description": text}


def _object(properties: Schema, required: tuple[str, ...] = ()) -> Schema:
    shape: Schema = {"type": "object", "additionalProperties": False, "properties": properties}
    return {**shape, "required": list(required)} if required else shape


def _refs(text: str) -> Schema:
    return _list({"$ref": "#/$defs/reference"}, text)


def _one(properties: Schema, beside: Schema | None = None) -> Schema:
    """An object with exactly one of these keys, and any of those beside it."""
    return {
        **_object({**properties, **(beside or {})}),
        "oneOf": [{"required": [key]} for key in properties],
    }


def _reference() -> Schema:
    pair = {"id": _whole("The id."), "name": _text("The exact name.")}
    return {
        "description": "An exact name, an id, or {id: 11, name: …} whose parts must agree.",
        "anyOf": [{"type": "string", "minLength": 1}, {"type": "integer", "minimum": 1}, {**_object(pair), "minProperties": 1}],
    }


_REFERENCE: Schema = {"$ref": "#/$defs/reference"}


def _field_changed() -> Schema:
    return _object({"field": _REFERENCE, "to": {"$ref": "#/$defs/value"}}, ("field",))


def _happening(allowed: Iterable[Trigger]) -> Schema:
    shapes: Schema = {
        Trigger.FIELD_CHANGED: _field_changed(),
        Trigger.PURCHASES: _text("Name of the product."),
        Trigger.APP_EVENT: _text("The event in the app's own words."),
        Trigger.CLICKS_LINK: _text("Address of the link."),
        Trigger.DATE: {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$", "description": "A date as 2026-12-24."},
    }
    return _one({str(trigger): shapes.get(trigger, _REFERENCE) for trigger in allowed}, {"note": _text("A note.")})


def _step() -> Schema:
    steps: Schema = {"$ref": "#/$defs/steps"}
    path = {
        "anyOf": [
            _object({"tag": _REFERENCE, "steps": steps, "note": _text("A note.")}, ("tag",)),
            _object({"otherwise": steps, "note": _text("A note.")}, ("otherwise",)),
        ]
    }
    goal = _object({"event": {"$ref": "#/$defs/event"}, "steps": steps, "note": _text("A note.")}, ("event",))
    beside: Schema = {
        "note": _text("A note."),
        "waiting": _whole("Subscribers waiting here, as Kit shows.", 0),
        "then": steps,
        "else": steps,
    }
    shape = _one(
        {
            "sequence": {**_REFERENCE, "description": "Enrol; go on after the last published e-mail."},
            "delay": {"$ref": "#/$defs/duration"},
            "add_tag": _REFERENCE,
            "remove_tag": _REFERENCE,
            "set_field": _object({"field": _REFERENCE, "value": {"$ref": "#/$defs/value"}}, ("field", "value")),
            "start_automation": _REFERENCE,
            "remove_from_automation": _REFERENCE,
            "exit": {"const": True, "description": "Leave this automation."},
            "if": {"$ref": "#/$defs/test"},
            "split": {"type": "array", "minItems": 1, "items": path, "description": "The first tag that matches counts."},
            "event": {"$ref": "#/$defs/event"},
            "events": {"type": "array", "minItems": 1, "items": goal, "description": "Goals side by side."},
        },
        beside,
    )
    return {
        **shape,
        "dependentRequired": {"then": ["if"], "else": ["if"]},
        "if": {"required": ["if"]},
        "then": {"anyOf": [{"required": ["then"]}, {"required": ["else"]}]},
    }


def _test() -> Schema:
    yes: Schema = {"const": True}
    operators: Schema = {word: {"$ref": "#/$defs/value"} for word in ("is", "contains", "above", "below")} | {"blank": yes, "known": yes}
    return {
        "anyOf": [
            _object({"tag": _REFERENCE}, ("tag",)),
            _object({"filter": _text("The filter in words.")}, ("filter",)),
            _object({"opened_within": {"$ref": "#/$defs/duration"}}, ("opened_within",)),
            {**_object({"field": _REFERENCE, **operators}, ("field",)), "oneOf": [{"required": [word]} for word in operators]},
        ],
        "description": "Looked at once, when the person arrives.",
    }


def _automation() -> Schema:
    return _object(
        {
            "name": _text("The name it has in Kit."),
            "id": _whole("The number in …/automations/<number>/edit."),
            "status": _words(AutomationStatus, "Active, paused or inactive."),
            "notes": _text("What it is for."),
            "recurring": _flag("The same people are meant to go through again."),
            "evergreen": _flag("No end is planned."),
            "entries": _list({"$ref": "#/$defs/entry"}, "Any of them starts the automation."),
            "steps": {"$ref": "#/$defs/steps"},
        },
        ("name",),
    )


def _rule() -> Schema:
    shapes: Schema = {str(kind): _REFERENCE for kind in RuleActionKind}
    shapes[RuleActionKind.SET_FIELD] = _object({"field": _REFERENCE, "value": {"$ref": "#/$defs/value"}}, ("field",))
    return _object(
        {
            "name": {"type": "string"},
            "enabled": _flag("Switched on (default true)."),
            "when": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/trigger"}, "description": "Any of them."},
            "do": {"type": "array", "minItems": 1, "items": _one(shapes, {"note": _text("A note.")}), "description": "All of them."},
            "note": _text("A note."),
        },
        ("when", "do"),
    )


def _form_link() -> Schema:
    return _object(
        {
            "form": _REFERENCE,
            "sequence": _REFERENCE,
            "adds_tags": _refs("Tags the form adds."),
            "sets_fields": _refs("Custom fields it fills."),
            "double_opt_in": _flag("People confirm first."),
            "note": _text("A note."),
        },
        ("form",),
    )


def _writer() -> Schema:
    return _object(
        {
            "name": _text("Who writes."),
            "adds_tags": _refs("Tags it adds."),
            "removes_tags": _refs("Tags it removes."),
            "adds_to_sequences": _refs("Sequences it fills."),
            "adds_to_forms": _refs("Forms it fills."),
            "sets_fields": _refs("Custom fields it sets."),
            "note": _text("A note."),
        },
        ("name",),
    )


def _offering(stacks: Collection[str]) -> Schema:
    hooks = _object({key: _refs(f"Tags that make the site {word}.") for key, word in _HOOKS})
    return _object(
        {
            "name": _text("Name of the product."),
            "stack": _words(stacks, "The membership site or cart.") if stacks else _text("The membership site or cart."),
            "orders": _words(Orders, "Who takes the order."),
            "billing": _words(Billing, "How it is paid."),
            "refunds": _flag("False: never given back."),
            "account_created_by": _words(AccountCreator, "Who makes the login."),
            "revoked_by": _words(Revoker, "Who takes access away."),
            "products": _list(_text("A product."), "Names in Kit's purchase events."),
            **{key: _refs(key.replace("_", " ").capitalize() + ".") for key in (*OFFERING_TAGS, *OFFERING_SEQUENCES)},
            "webhook_tags": hooks,
            "login_hosts": _list(_text("A host such as members.example.com."), "Where people log in."),
            "note": _text("A note."),
        },
        ("name", "stack"),
    )


_HOOKS = (("login", "make the login"), ("sync", "read the tags again"), ("release", "release the course"), ("revoke", "take access away"))
