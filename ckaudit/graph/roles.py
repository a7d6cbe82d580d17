"""What tags and sequences mean for people's access: declared in ``offerings``, else inferred and explained.

Inference goes in this order: the event and target address of visible webhooks, then structure, then names. Names and structure refine a
membership that is known, they never create one: a shop with a tag "Customer" is no membership.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property, lru_cache
from operator import attrgetter

import msgspec

from ckaudit.graph.addresses import host_of
from ckaudit.graph.flow import Flow
from ckaudit.graph.login import LoginMail, login_sequences
from ckaudit.graph.lookup import Lookup
from ckaudit.graph.membership import Assigned, Membership
from ckaudit.graph.webhooks import webhook_tags
from ckaudit.graph.words import with_article
from ckaudit.model.account import Account
from ckaudit.model.automations import Manifest
from ckaudit.model.offerings import Offering
from ckaudit.model.refs import Key, Kind, ObjectRef
from ckaudit.model.result import Role
from ckaudit.model.roles import ACCESS_TAGS, GIVES_ACCESS, LOGIN_MAKERS, WEBHOOK_ROLES, RoleName
from ckaudit.model.stack import Operation, Stack
from ckaudit.model.triggers import TriggerKind

_BY_OPERATION = {
    Operation.LOGIN: RoleName.WEBHOOK_LOGIN,
    Operation.SYNC: RoleName.WEBHOOK_SYNC,
    Operation.RELEASE: RoleName.WEBHOOK_RELEASE,
    Operation.REVOKE: RoleName.WEBHOOK_REVOKE,
}
_BY_PATTERN = {
    "webhook:login": RoleName.WEBHOOK_LOGIN,
    "webhook:sync": RoleName.WEBHOOK_SYNC,
    "webhook:release": RoleName.WEBHOOK_RELEASE,
    "webhook:revoke": RoleName.WEBHOOK_REVOKE,
    "revoke": RoleName.REVOKE,
    "cancel": RoleName.CANCEL,
    "pause": RoleName.PAUSE,
    "failed_payment": RoleName.FAILED_PAYMENT,
    "early_contact": RoleName.EARLY_CONTACT,
    "purchase": RoleName.PURCHASE,
    "optin": RoleName.OPTIN,
    "access": RoleName.ACCESS,
    "module": RoleName.MODULE,
}
_OF_THE_SITE = (RoleName.WEBHOOK_LOGIN, RoleName.WEBHOOK_SYNC, RoleName.WEBHOOK_REVOKE)


class Roles:
    """Every membership of an account."""

    def __init__(self, account: Account, manifest: Manifest, flows: tuple[Flow, ...], lookup: Lookup, stacks: Mapping[str, Stack]) -> None:
        self._account, self._manifest, self._flows, self._lookup, self.stacks = account, manifest, flows, lookup, stacks
        self.webhook_tags = webhook_tags(account, manifest, stacks)
        self._by_name: dict[str, list[tuple[Key, ObjectRef, RoleName, str]]] = {}
        self._keys: dict[tuple[RoleName, ...], tuple[Key, ...]] = {}

    @cached_property
    def memberships(self) -> tuple[Membership, ...]:
        """One for each offering with a stack; without offerings, one for each stack detected from webhook targets."""
        if self._manifest.offerings:
            return _with_shared(tuple(self._declared(offering) for offering in self._manifest.offerings if offering.stack in self.stacks))
        found = dict.fromkeys(tag.stack.name for tag in self.webhook_tags)
        return tuple(self._detected(self.stacks[name]) for name in found)

    def keys(self, roles: tuple[RoleName, ...]) -> tuple[Key, ...]:
        """Objects that have one of these roles in any membership."""
        if roles not in self._keys:
            self._keys[roles] = tuple(dict.fromkeys(key for item in self.memberships for key in item.keys(*roles)))
        return self._keys[roles]

    @cached_property
    def told(self) -> tuple[Role, ...]:
        """Every role for the report, inferred ones with their reason."""
        return tuple(
            Role(item.role, item.object, membership.name, "declared" if item.declared else "inferred", item.reason)
            for membership in self.memberships
            for item in membership.assigned
        )

    @cached_property
    def login_mails(self) -> tuple[LoginMail, ...]:
        """Emails that look like login emails: by address, by path, by password field."""
        return login_sequences(self._account, self._lookup, self.login_hosts)

    @cached_property
    def hosts(self) -> tuple[str, ...]:
        """Hosts of the membership sites: declared, else those of the webhooks of known stacks."""
        declared = [host for offering in self._manifest.offerings for host in offering.login_hosts]
        seen = [host for tag in self.webhook_tags if (host := host_of(tag.target))]
        return tuple(dict.fromkeys(host.lower() for host in (*declared, *seen)))

    @cached_property
    def login_hosts(self) -> tuple[str, ...]:
        """Hosts on which a login link may stand: those of the sites, and of platforms where sites have addresses below the platform's."""
        stacks = (self.stacks[offering.stack] for offering in self._manifest.offerings if offering.stack in self.stacks)
        return tuple(dict.fromkeys((*self.hosts, *(host for stack in stacks for host in stack.login_hosts))))

    @cached_property
    def _owners(self) -> Mapping[Key, frozenset[str]]:
        """The offerings that state a tag in a role of their own product. The calls that serve a whole site (login, sync, revoke) are not
        among them: naming one for an offering does not take it from the others."""
        found: dict[Key, set[str]] = {}
        for offering in self._manifest.offerings:
            for item in _stated(offering):
                if item.role not in _OF_THE_SITE:
                    found.setdefault(item.key, set()).add(offering.name)
        return {key: frozenset(names) for key, names in found.items()}

    def _is_anothers(self, item: Assigned, offering: Offering) -> bool:
        """A webhook tag that exactly one other offering states as its own product's."""
        owners = self._owners.get(item.key, frozenset())
        return item.role in WEBHOOK_ROLES and len(owners) == 1 and offering.name not in owners

    def _declared(self, offering: Offering) -> Membership:
        """What is stated, and guesses for the roles that are not. Who names what makes the login names all of it: a release webhook on
        another product's tag is none of this one's."""
        stack = self.stacks[offering.stack]
        assigned = list(_stated(offering))
        stated = {item.role for item in assigned}
        if stack.is_site or not stated.isdisjoint(ACCESS_TAGS):
            own = {item.key for item in assigned if item.role in LOGIN_MAKERS}
            inferred = (item for item in self._inferred(stack, offering.name) if not self._is_anothers(item, offering))
            guesses = (item for item in inferred if item.role not in stated)
            assigned += [item for item in guesses if not own or item.role not in LOGIN_MAKERS or item.key in own]
        hosts = tuple(host.lower() for host in offering.login_hosts) or self.hosts
        return Membership(offering.name, stack, tuple(assigned), offering, hosts)

    def _detected(self, stack: Stack) -> Membership:
        hosts = ", ".join(dict.fromkeys(host_of(tag.target) for tag in self.webhook_tags if tag.stack.name == stack.name))
        return Membership(stack.title, stack, tuple(self._inferred(stack, "")), None, self.hosts, f"webhooks point to {hosts}")

    # -- inference --------------------------------------------------------------------------------------------------------------

    def _inferred(self, stack: Stack, family: str) -> Iterator[Assigned]:
        by_webhook = tuple(self._from_webhooks(stack))
        yield from by_webhook
        makers = {item.key for item in by_webhook if item.role in LOGIN_MAKERS}
        logins = tuple(self._login_sequences(makers, family))
        yield from logins
        structure = tuple(self._from_structure(makers, {item.key for item in logins}, family))
        yield from structure
        yield from self._from_names(stack, family, {item.key for item in (*by_webhook, *structure)})

    def _from_webhooks(self, stack: Stack) -> Iterator[Assigned]:
        for tag in self.webhook_tags:
            if tag.stack.name == stack.name and tag.operation in _BY_OPERATION:
                reason = f"its webhook calls {stack.title} on {host_of(tag.target)}"
                yield Assigned(_BY_OPERATION[tag.operation], tag.key, self._lookup.object(tag.key), reason, declared=False)

    def _login_sequences(self, makers: set[Key], family: str) -> Iterator[Assigned]:
        for mail in self.login_mails:
            if not family or self._belongs(mail.sequence, makers, family):
                yield Assigned(RoleName.LOGIN_SEQUENCE, mail.sequence, self._lookup.object(mail.sequence), mail.reason, declared=False)

    def _belongs(self, sequence: Key, makers: set[Key], family: str) -> bool:
        """True when this sequence is part of this offering: by name, or because an automation of its name uses it."""
        if _same_family(self._lookup.name(sequence), family):
            return True
        users = [flow for flow in self._flows if flow.enrolling(sequence)]
        return any(_same_family(flow.name, family) or _family_entry(flow, family) for flow in users)

    def _from_structure(self, makers: set[Key], logins: set[Key], family: str) -> Iterator[Assigned]:
        for flow in self._flows:
            for node in () if flow.acts_on.isdisjoint(makers | logins) else flow.entries:
                trigger = node.trigger
                if trigger is None or trigger.ref is None or (family and not _same_family(trigger.ref.name, family)):
                    continue
                role = {TriggerKind.TAG_ADDED: RoleName.PURCHASE, TriggerKind.PURCHASES: RoleName.PRODUCT}.get(trigger.kind)
                if role and trigger.ref.key not in makers and not _names_other_role(trigger.ref.name):
                    reason = f"it starts “{flow.name}”, which gives people their login"
                    yield Assigned(role, trigger.ref.key, trigger.ref.object, reason, declared=False)

    def _from_names(self, stack: Stack, family: str, taken: set[Key]) -> Iterator[Assigned]:
        beginning = f"{_plain(family)} " if family else ""
        for key, named, role, plain in self._named(stack):
            if key not in taken and (role in WEBHOOK_ROLES or plain.startswith(beginning)):
                yield Assigned(role, key, named, f"its name looks like {_words(role)}", declared=False)

    def _named(self, stack: Stack) -> list[tuple[Key, ObjectRef, RoleName, str]]:
        """Tags whose names look like a role in this stack, with those names in plain words. Read once: there may be many offerings."""
        if stack.name not in self._by_name:
            patterns = [(re.compile(item.pattern, re.IGNORECASE), _BY_PATTERN.get(item.role)) for item in stack.tags]
            roles = (
                (key, named, next((role for regex, role in patterns if role and regex.search(named.name)), None))
                for key, named in self._tags()
            )
            self._by_name[stack.name] = [(key, named, role, f"{_plain(named.name)} ") for key, named, role in roles if role]
        return self._by_name[stack.name]

    def _tags(self) -> Iterable[tuple[Key, ObjectRef]]:
        known = {Key(Kind.TAG, tag.id): ObjectRef("tag", tag.name, tag.id) for tag in self._account.tags}
        named = {ref.key: ref.object for ref in self._manifest.references if ref.kind is Kind.TAG and ref.known}
        return sorted({**named, **known}.items(), key=lambda item: (str(item[0].id).zfill(20), item[1].name))


def _with_shared(memberships: tuple[Membership, ...]) -> tuple[Membership, ...]:
    """Tell each membership which of its keys another one uses too."""
    uses = Counter(key for item in memberships for key in item.keys(*GIVES_ACCESS))
    shared = frozenset(key for key, count in uses.items() if count > 1)
    return tuple(msgspec.structs.replace(item, shared=shared) for item in memberships)


def _stated(offering: Offering) -> Iterator[Assigned]:
    said = f"stated in offering “{offering.name}”"
    for name in offering.products:
        yield Assigned(RoleName.PRODUCT, Key(Kind.PRODUCT, name), ObjectRef("product", name), said)
    for role in RoleName:
        for ref in () if role is RoleName.PRODUCT else attrgetter(role)(offering):
            yield Assigned(role, ref.key, ref.object, said)


def _words(role: RoleName) -> str:
    name = role.value.replace("webhook_tags.", "webhook ").removesuffix("s").replace("_", " ")
    return with_article(name)


def _names_other_role(name: str) -> bool:
    """True when a name says it is no purchase tag."""
    return bool(re.search(r"revoke|cancel|refund|pause|early[ _-]?contact|failed", name, re.IGNORECASE))


def _same_family(name: str, family: str) -> bool:
    """True when a name begins with the offering's name, ignoring case and punctuation ("course_a: purchased", "Course A")."""
    return f"{_plain(name)} ".startswith(f"{_plain(family)} ")


@lru_cache(4096)
def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", " ", text).strip().casefold()


def _family_entry(flow: Flow, family: str) -> bool:
    return any(node.trigger and node.trigger.ref and _same_family(node.trigger.ref.name, family) for node in flow.entries)
