"""The graph of one account, and the plain questions rules ask of it. Path questions are in ``ckaudit.graph.paths``."""

from __future__ import annotations

import copy
import datetime as dt
from collections import Counter
from functools import cached_property
from typing import TYPE_CHECKING

import networkx as nx

from ckaudit.graph.causes import Cause, Causes, Effect
from ckaudit.graph.content import Contents, mails
from ckaudit.graph.flow import Flow
from ckaudit.graph.lookup import Lookup
from ckaudit.graph.roles import Membership, RoleName, Roles
from ckaudit.graph.targets import WebhookTag
from ckaudit.model.account import Account
from ckaudit.model.automations import AutomationStatus, KitRule, Manifest, Trigger, TriggerKind
from ckaudit.model.findings import Confidence
from ckaudit.model.refs import Key, Kind, ObjectRef
from ckaudit.model.result import Role

if TYPE_CHECKING:
    from ckaudit.model.evidence import Evidence
    from ckaudit.model.suppressions import StaleSuppressions


class Graph:
    """One account: its objects, automations, rules and outside writers, and how they hang together.

    ``network`` is the ``networkx.MultiDiGraph``: nodes are ``Key``s with attributes ``kind``, ``name`` and ``known``; edges have ``kind``
    and ``origin`` (see ``ckaudit.graph.build``). ``has_automations`` tells whether automations are known at all: a manifest lists them,
    even an empty list, or links were observed. ``now`` is the clock of the audit (UTC). ``account`` is empty when a manifest alone is
    audited. ``evidence`` holds the timestamps of people, None when they were not read; ``ckaudit.evidence.people`` asks it.
    ``suppressions`` are those that are stale, None until all rules about the account are done.
    """

    def __init__(
        self,
        *,
        account: Account | None,
        manifest: Manifest | None,
        flows: tuple[Flow, ...],
        lookup: Lookup,
        causes: Causes,
        roles: Roles,
        network: nx.MultiDiGraph[Key],
        now: dt.datetime,
        has_automations: bool,
        evidence: Evidence | None = None,
    ) -> None:
        self.has_account = account is not None
        self.account = account or Account()
        self.manifest = manifest or Manifest()
        self.flows = flows
        self.lookup = lookup
        self.causes = causes
        self.network = network
        self.now = now
        self.has_automations = has_automations
        self.evidence = evidence
        self.suppressions: StaleSuppressions | None = None
        self._roles = roles

    def with_suppressions(self, suppressions: StaleSuppressions) -> Graph:
        """The same graph, for the rules that run when all others are done."""
        graph = copy.copy(self)
        graph.suppressions = suppressions
        return graph

    def enlarged(self, network: nx.MultiDiGraph[Key], flows: tuple[Flow, ...], causes: Causes) -> Graph:
        """A graph of the same account with more in it: see ``ckaudit.graph.build.with_links``."""
        return Graph(
            account=self.account if self.has_account else None,
            manifest=self.manifest,
            flows=flows,
            lookup=self.lookup,
            causes=causes,
            roles=self._roles,
            network=network,
            now=self.now,
            has_automations=self.has_automations or len(flows) > len(self.flows),
            evidence=self.evidence,
        )

    # -- what is known ----------------------------------------------------------------------------------------------------------

    @property
    def is_complete(self) -> bool:
        """True when the manifest claims to list every automation, rule and outside writer."""
        return self.manifest.complete

    @property
    def closed_world(self) -> Confidence:
        """How sure a sentence "nothing ever …" can be: certain only with a complete manifest."""
        return Confidence.CERTAIN if self.is_complete else Confidence.LIKELY

    @property
    def open_world_note(self) -> str:
        """What a sentence "nothing ever …" has not looked at, empty when the manifest is complete."""
        if self.is_complete:
            return ""
        return " The manifest does not say that it is complete, so automations, rules or tools it leaves out were not looked at."

    @property
    def has_membership(self) -> bool:
        """True when a membership site is known: an offering with a stack, a visible webhook of one, or declared webhook tags."""
        return bool(self.memberships)

    @property
    def has_products(self) -> bool:
        """True when something says what people buy: offerings, or purchase triggers."""
        bought = (trigger.kind is TriggerKind.PURCHASES for trigger in self._triggers())
        return bool(self.manifest.offerings) or any(bought)

    def count(self, kind: Kind) -> int:
        """How many objects of this kind the account has."""
        return 1 if kind is Kind.ACCOUNT else self._counts[kind]

    @cached_property
    def _counts(self) -> Counter[Kind]:
        return Counter(data["kind"] for _, data in self.network.nodes(data=True) if data["known"])

    @cached_property
    def contents(self) -> Contents:
        """What the emails say: Liquid, links, snippets. Parsed once, when first asked for."""
        return mails(self.account)

    # -- objects ----------------------------------------------------------------------------------------------------------------

    def object(self, key: Key) -> ObjectRef:
        """An object as results name it. Objects the API does not list keep the name they have in the manifest."""
        if key in self.lookup.objects or key not in self.network:
            return self.lookup.object(key)
        return ObjectRef(key.kind, self.network.nodes[key]["name"])

    @property
    def account_object(self) -> ObjectRef:
        """The account as results name it; Kit lets its name be empty."""
        info = self.account.info
        return ObjectRef(Kind.ACCOUNT, (info and info.name) or "this account", info.id if info else None)

    def people(self, key: Key) -> int | None:
        """Kit's count of active people for a tag, form or sequence, None when it gave none."""
        found = self.lookup.objects.get(key)
        count = getattr(found, "subscriber_count", None)
        return count if isinstance(count, int) else None

    def flow(self, key: Key) -> Flow | None:
        """The flow of an automation."""
        return self._flow_by_key.get(key)

    @cached_property
    def _flow_by_key(self) -> dict[Key, Flow]:
        return {flow.automation.ref.key: flow for flow in reversed(self.flows)}

    def uses_of(self, sequence: Key) -> tuple[Cause, ...]:
        """Live causes that put people into a sequence."""
        return self.causes.of(Effect.ENROLS, sequence)

    # -- listeners --------------------------------------------------------------------------------------------------------------

    def starts(self, kind: TriggerKind, ref: Key) -> tuple[Flow, ...]:
        """Automations this trigger starts, whatever their status."""
        any_form = self._entered.get((kind, None), ()) if kind is TriggerKind.JOINS_FORM and ref.kind is Kind.FORM else ()
        found = dict.fromkeys((*self._entered.get((kind, ref), ()), *any_form))
        return tuple(sorted(found, key=lambda flow: flow.index))

    @cached_property
    def _entered(self) -> dict[tuple[TriggerKind, Key | None], list[Flow]]:
        """What starts -> the automations. Rules ask for every tag, and an account has hundreds."""
        result: dict[tuple[TriggerKind, Key | None], list[Flow]] = {}
        for flow in self.flows:
            for trigger in (node.trigger for node in flow.entries if node.trigger):
                result.setdefault((trigger.kind, trigger.ref.key if trigger.ref else None), []).append(flow)
        return result

    def rules_fired(self, kind: TriggerKind, ref: Key) -> tuple[KitRule, ...]:
        """Enabled rules this trigger fires."""
        return tuple(
            rule
            for rule in self.manifest.rules
            if rule.enabled and any(when.kind is kind and when.ref and when.ref.key == ref for when in rule.when)
        )

    def forms_into_stopped(self) -> tuple[tuple[Key, tuple[Flow, ...]], ...]:
        """Live forms whose only follow-up is a paused or inactive automation, each with those automations, in the order of the manifest.

        A running automation, an enabled rule, or what the form does by itself is a follow-up. "Any form" listens to every form.
        """
        refs = dict.fromkeys(when.ref.key for when in self._triggers() if when.kind is TriggerKind.JOINS_FORM and when.ref)
        found = []
        for form in refs:
            listed = self.lookup.form(form)
            flows = self.starts(TriggerKind.JOINS_FORM, form)
            running = any(flow.automation.status is AutomationStatus.ACTIVE for flow in flows)
            otherwise = self.rules_fired(TriggerKind.JOINS_FORM, form) or any(link.form.key == form for link in self.manifest.form_links)
            if flows and not running and not otherwise and not (listed and listed.archived):
                found.append((form, flows))
        return tuple(found)

    def _triggers(self) -> tuple[Trigger, ...]:
        nodes = (node.trigger for flow in self.flows for node in flow.nodes.values() if node.trigger)
        return (*nodes, *(when for rule in self.manifest.rules for when in rule.when))

    # -- meaning ----------------------------------------------------------------------------------------------------------------

    @cached_property
    def memberships(self) -> tuple[Membership, ...]:
        """What is known about people's access, see ``ckaudit.graph.roles``. The stack "none" is no membership."""
        return tuple(item for item in self.all_memberships if item.stack.name != "none")

    @property
    def all_memberships(self) -> tuple[Membership, ...]:
        """The memberships, and the offerings that need none (stack "none")."""
        return self._roles.memberships

    @property
    def webhook_tags(self) -> tuple[WebhookTag, ...]:
        """Tags that visible webhooks of known stacks listen to, ordered by webhook."""
        return self._roles.webhook_tags

    @property
    def membership_hosts(self) -> tuple[str, ...]:
        """Hosts of the membership sites, lower case."""
        return self._roles.hosts

    def keys(self, *roles: RoleName) -> tuple[Key, ...]:
        """Objects that have one of these roles in any membership."""
        return tuple(dict.fromkeys(key for item in self._roles.memberships for key in item.keys(*roles)))

    @cached_property
    def login_sequences(self) -> tuple[Key, ...]:
        """Sequences that carry a login email, declared or recognised."""
        seen = (mail.sequence for mail in self._roles.login_mails)
        return tuple(dict.fromkeys((*self.keys(RoleName.LOGIN_SEQUENCE), *(seen if self.has_membership else ()))))

    def shows_password(self, sequence: Key) -> bool:
        """True when the login email of this sequence prints the password field."""
        return any(mail.sequence == sequence and mail.shows_password for mail in self._roles.login_mails)

    def login_email(self, sequence: Key) -> int | None:
        """The id of the email with the login in this sequence (a published one before a draft), None when none is recognised."""
        return next((mail.email for mail in self._roles.login_mails if mail.sequence == sequence), None)

    def login_reason(self, sequence: Key) -> str:
        """Why a sequence is taken for a login sequence, empty when it is not recognised from its emails."""
        return next((mail.reason for mail in self._roles.login_mails if mail.sequence == sequence), "")

    @cached_property
    def roles(self) -> tuple[Role, ...]:
        """Every role for the report, inferred ones with their reason."""
        return tuple(
            Role(item.role, item.object, membership.name, "declared" if item.declared else "inferred", item.reason)
            for membership in self._roles.memberships
            for item in membership.assigned
        )
