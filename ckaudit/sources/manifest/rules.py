"""Rules, form links and outside writers of a manifest."""

from __future__ import annotations

from ckaudit.model.automations import ExternalWriter, FormLink, KitRule, RuleAction, RuleActionKind
from ckaudit.model.refs import Kind
from ckaudit.sources.manifest.steps import read_set_field
from ckaudit.sources.manifest.tree import Items, Node
from ckaudit.sources.manifest.triggers import read_triggers
from ckaudit.sources.manifest.values import Reading, is_nothing

RULE_KEYS = ("name", "enabled", "when", "do")
FORM_LINK_KEYS = ("form", "sequence", "adds_tags", "sets_fields", "double_opt_in")
EXTERNAL_KEYS = ("name", "adds_tags", "removes_tags", "adds_to_sequences", "adds_to_forms", "sets_fields")

ACTION_KINDS = {
    RuleActionKind.SUBSCRIBE_SEQUENCE: Kind.SEQUENCE,
    RuleActionKind.UNSUBSCRIBE_SEQUENCE: Kind.SEQUENCE,
    RuleActionKind.SUBSCRIBE_FORM: Kind.FORM,
    RuleActionKind.UNSUBSCRIBE_FORM: Kind.FORM,
    RuleActionKind.ADD_TAG: Kind.TAG,
    RuleActionKind.REMOVE_TAG: Kind.TAG,
    RuleActionKind.SET_FIELD: Kind.FIELD,
}


def read_rules(reading: Reading, node: Node | None) -> tuple[KitRule, ...]:
    """The rules of the account."""
    return tuple(rule for item in reading.items(node, "“rules”") if (rule := _rule(reading, item)))


def _rule(reading: Reading, node: Node) -> KitRule | None:
    hint = "Write it as in {when: [{tag_added: Customer}], do: [{add_tag: VIP}]}."
    mapping = reading.mapping(node, "a rule", RULE_KEYS, ("when", "do"), hint)
    if mapping is None:
        return None
    values = mapping.values
    for key in ("when", "do"):
        listed = values.get(key)
        if listed and (is_nothing(listed) or (isinstance(listed, Items) and not listed.items)):
            reading.fault(listed, f"“{key}” of a rule is empty", hint)
    enabled = reading.flag(values.get("enabled"), "“enabled”")
    return KitRule(
        name=reading.text(values.get("name"), "the name of a rule"),
        enabled=enabled is not False,
        when=read_triggers(reading, values.get("when")),
        do=tuple(action for item in reading.items(values.get("do"), "“do”") if (action := _action(reading, item))),
        location=reading.at(node),
    )


def _action(reading: Reading, node: Node) -> RuleAction | None:
    named = reading.single(node, "an action of a rule", tuple(ACTION_KINDS), "{add_tag: VIP}")
    if named is None:
        return None
    kind, value = RuleActionKind(named[0]), named[1]
    if kind is RuleActionKind.SET_FIELD:
        ref, text = read_set_field(reading, value)
    else:
        ref, text = reading.ref(value, ACTION_KINDS[kind]), None
    return RuleAction(kind=kind, ref=ref, value=text, location=reading.at(node)) if ref else None


def read_form_links(reading: Reading, node: Node | None) -> tuple[FormLink, ...]:
    """What forms do by themselves."""
    return tuple(link for item in reading.items(node, "“form_links”") if (link := _form_link(reading, item)))


def _form_link(reading: Reading, node: Node) -> FormLink | None:
    mapping = reading.mapping(node, "a form link", FORM_LINK_KEYS, ("form",), "Write it as in {form: Free preview, sequence: Pitch}.")
    if mapping is None:
        return None
    values = mapping.values
    form = reading.ref(values.get("form"), Kind.FORM)
    sequence = reading.ref(values.get("sequence"), Kind.SEQUENCE)
    adds_tags = reading.refs(values.get("adds_tags"), Kind.TAG)
    sets_fields = reading.refs(values.get("sets_fields"), Kind.FIELD)
    double_opt_in = reading.flag(values.get("double_opt_in"), "“double_opt_in”")
    if form is None:
        return None
    place = reading.at(node)
    return FormLink(form=form, sequence=sequence, adds_tags=adds_tags, sets_fields=sets_fields, double_opt_in=double_opt_in, location=place)


def read_external(reading: Reading, node: Node | None) -> tuple[ExternalWriter, ...]:
    """What else writes into the account."""
    return tuple(writer for item in reading.items(node, "“external”") if (writer := _writer(reading, item)))


def _writer(reading: Reading, node: Node) -> ExternalWriter | None:
    mapping = reading.mapping(
        node, "an outside writer", EXTERNAL_KEYS, ("name",), "Write it as in {name: ThriveCart, adds_tags: [Customer]}."
    )
    if mapping is None:
        return None
    values = mapping.values
    return ExternalWriter(
        name=reading.text(values.get("name"), "the name of an outside writer"),
        adds_tags=reading.refs(values.get("adds_tags"), Kind.TAG),
        removes_tags=reading.refs(values.get("removes_tags"), Kind.TAG),
        adds_to_sequences=reading.refs(values.get("adds_to_sequences"), Kind.SEQUENCE),
        adds_to_forms=reading.refs(values.get("adds_to_forms"), Kind.FORM),
        sets_fields=reading.refs(values.get("sets_fields"), Kind.FIELD),
        location=reading.at(node),
    )
