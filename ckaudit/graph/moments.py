"""What happens to people from outside, one moment at a time: a form joined, a tag added, and what a shop writes in one go."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import product

import msgspec

from ckaudit.graph.flow import Flow
from ckaudit.graph.membership import Membership
from ckaudit.graph.reactions import Reactions, Start
from ckaudit.graph.signals import Signal, signal_of
from ckaudit.graph.words import describe
from ckaudit.model.account import Account
from ckaudit.model.automations import Manifest
from ckaudit.model.refs import Key, Kind, ObjectRef
from ckaudit.model.roles import RoleName
from ckaudit.model.steps import Effect
from ckaudit.model.triggers import Trigger, TriggerKind

_GIVES = (Effect.ADDS_TAG, Effect.JOINS_FORM, Effect.ENROLS, Effect.SETS_FIELD)
# written on an occasion of its own, never together with a purchase
_OTHER_OCCASIONS = (RoleName.REVOKE, RoleName.CANCEL, RoleName.PAUSE, RoleName.FAILED_PAYMENT, RoleName.EARLY_CONTACT)


class Moment(msgspec.Struct, frozen=True):
    """Things that happen to a person at once. ``starts`` are what to ask ``graph.reactions.what_follows`` for.

    ``object`` is how results name it: the tag, form, product or integration. ``key`` is the object whose people it happens to, if there is
    one. ``stated`` is False when the manifest only makes it likely that these go together: it lists what a shop writes, not when.
    """

    object: ObjectRef
    starts: tuple[Start, ...]
    key: Key | None = None
    stated: bool = True


def moments(
    reactions: Reactions, account: Account, manifest: Manifest, flows: Iterable[Flow], memberships: Iterable[Membership]
) -> tuple[Moment, ...]:
    """Every moment that something listens to: single triggers first, in the order of the manifest, then what comes together."""
    owned = tuple(memberships)
    return (*_single(account, manifest, tuple(flows)), *_integrations(reactions, manifest, owned), *_offerings(owned))


def _single(account: Account, manifest: Manifest, flows: tuple[Flow, ...]) -> Iterator[Moment]:
    triggers = [entry for flow in flows for entry in flow.automation.entries]
    triggers += [when for rule in manifest.rules for when in rule.when]
    triggers += [Trigger(kind=TriggerKind.JOINS_FORM, ref=link.form) for link in manifest.form_links]
    forms = [form.key for form in account.forms if not form.archived] if any(_any_form(trigger) for trigger in triggers) else []
    names = {form.key: form.name for form in account.forms}
    found: dict[Signal, Moment] = {}
    for trigger in triggers:
        if _any_form(trigger):
            for key in forms:
                signal = Signal(key, TriggerKind.JOINS_FORM)
                found.setdefault(signal, Moment(ObjectRef(Kind.FORM, names[key], key.id), (signal,), key))
        else:
            named = trigger.ref.object if trigger.ref else ObjectRef(str(trigger.kind), describe(trigger))
            found.setdefault(signal_of(trigger), Moment(named, (signal_of(trigger),), trigger.target))
    yield from found.values()


def _any_form(trigger: Trigger) -> bool:
    return trigger.kind is TriggerKind.JOINS_FORM and trigger.ref is None


def _integrations(reactions: Reactions, manifest: Manifest, memberships: tuple[Membership, ...]) -> Iterator[Moment]:
    """What one integration writes in one go. Where the event is stated, everything; otherwise a tag and a form, sequence or field that
    are about the same thing: by name, or because it writes no others."""
    apart = {key for item in memberships for key in item.keys(*_OTHER_OCCASIONS)}
    for index, writer in enumerate(manifest.external):
        written = [cause for cause in reactions.causes.by(Key(Kind.EXTERNAL, index)) if cause.effect in _GIVES]
        named = ObjectRef("external", writer.name)
        bought = (Signal(writer.product.key, TriggerKind.PURCHASES),) if writer.product and writer.on == "purchase" else ()
        if writer.on:
            if len(written) + len(bought) > 1:
                yield Moment(named, (*bought, *written))
            continue
        tags = [cause for cause in written if cause.effect is Effect.ADDS_TAG and cause.target not in apart]
        others = [cause for cause in written if cause.effect is not Effect.ADDS_TAG]
        alone = len(tags) == 1 and len(others) == 1
        for tag, other in product(tags, others):
            if alone or _same_thing(tag.ref.name, other.ref.name):
                yield Moment(named, (tag, other), stated=False)


def _offerings(memberships: tuple[Membership, ...]) -> Iterator[Moment]:
    """Buying an offering is two things at once where it has one product and one purchase tag."""
    for item in memberships:
        products, tags = item.keys(RoleName.PRODUCT), item.keys(RoleName.PURCHASE)
        if len(products) == len(tags) == 1:
            starts = (Signal(products[0], TriggerKind.PURCHASES), Signal(tags[0], TriggerKind.TAG_ADDED))
            yield Moment(item.object, starts, tags[0], stated=item.declared(RoleName.PRODUCT, RoleName.PURCHASE))


def _same_thing(one: str, other: str) -> bool:
    """Everything that the shorter name says, the other says too: “Freebie: checklist” and “Checklist”."""
    less, more = sorted((_telling(one), _telling(other)), key=len)
    return bool(less) and less <= more


_COMMON = frozenset(
    {"an", "and", "the", "of", "for", "to", "in", "on", "my", "your", "new", "tag", "form", "list", "status", "access", "webhook"}
    | {"buyer", "buyers", "customer", "customers", "purchased", "purchase", "bought", "course", "freebie", "member", "members"}
    | {"welcome", "lead", "leads", "signup", "subscriber", "subscribers", "newsletter"}
)


@lru_cache(4096)
def _telling(name: str) -> frozenset[str]:
    return frozenset(re.findall(r"[^\W_]+", name.casefold())) - _COMMON
