"""The graph of one account, and the plain questions rules ask of it. Questions about one automation are asked of its flow."""

from __future__ import annotations

import copy
import datetime as dt
from collections import Counter
from functools import cached_property
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from ckaudit.graph.causes import Cause, Causes
from ckaudit.graph.content import Contents, mails
from ckaudit.graph.cycles import Cycle, find_cycles
from ckaudit.graph.flow import Flow
from ckaudit.graph.flows_about import FlowsAbout
from ckaudit.graph.login import Logins
from ckaudit.graph.lookup import Lookup
from ckaudit.graph.membership import Membership
from ckaudit.graph.misspelt import KITS_OWN, open_world_note, unknown_in
from ckaudit.graph.moments import Moment, moments
from ckaudit.graph.nearest import NameIndex
from ckaudit.graph.neighbours import TimedLinks
from ckaudit.graph.nodes import FlowNode
from ckaudit.graph.plan import PaidUse, PlanFacts, paid_uses, plan_facts
from ckaudit.graph.reactions import Reactions
from ckaudit.graph.releases import Release, bad_releases
from ckaudit.graph.roles import Roles
from ckaudit.graph.senders import Sender, senders
from ckaudit.graph.stopped_forms import forms_into_stopped
from ckaudit.graph.timestamps import Timestamps
from ckaudit.graph.webhooks import WebhookTag
from ckaudit.graph.words import is_pitch_name
from ckaudit.graph.zones import local_day, read_zone, spell_days
from ckaudit.model.account import Account, SectionName, Sequence, utc
from ckaudit.model.automations import KitRule, Manifest
from ckaudit.model.findings import Confidence
from ckaudit.model.refs import Key, Kind, ObjectRef, Ref
from ckaudit.model.result import Role
from ckaudit.model.roles import ACCESS_TAGS, BY_INTEGRATIONS, RoleName
from ckaudit.model.rules import Need, NotEvaluatedError
from ckaudit.model.steps import Effect
from ckaudit.model.suppressions import StaleSuppressions
from ckaudit.model.triggers import Trigger, TriggerKind

if TYPE_CHECKING:
    import networkx as nx

YOUNG = dt.timedelta(days=14)


class Graph:
    """One account: its objects, automations, rules and integrations, and how they are connected.

    ``flows`` are its automations, ``causes`` everything that does something, ``reactions`` what that sets off, ``lookup`` the objects of
    the ``account`` by key, ``names`` the nearest among their names, ``manifest`` what somebody wrote down.
    ``network`` is the ``networkx.MultiDiGraph``: nodes are ``Key``s with attributes ``kind``, ``name`` and ``known``; edges have ``kind``
    and ``origin`` (see ``ckaudit.graph.build``). ``has_automations`` tells whether automations are known at all: a manifest lists them,
    even an empty list, or links were observed. ``now`` is the clock of the audit (UTC). ``account`` is empty when a manifest alone is
    audited. ``timed`` are the links between timestamps, empty while these were not read. ``suppressions`` are those that are stale, None
    until all rules about the account are done.
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
    ) -> None:
        self.has_account = account is not None
        self.account = account or Account()
        self.manifest = manifest or Manifest()
        self.flows = flows
        self.lookup = lookup
        self.causes = causes
        self.reactions = Reactions(flows, causes, self.manifest, lookup.timing)
        self.names = NameIndex(self.account, lookup, {flow.name: flow.key for flow in flows})
        self.network = network
        self.now = now
        self.has_automations = has_automations
        self.suppressions: StaleSuppressions | None = None
        self._roles, self.stacks, self._about = roles, roles.stacks, FlowsAbout(flows)
        self._timestamps: Timestamps | None = None
        self.timed = TimedLinks()
        self._emails_of: Graph = self

    def with_emails_of(self, graph: Graph) -> Graph:
        """The same graph, which reads no emails anew where these are the other one's."""
        if self.account is graph.account:
            self._emails_of = graph
        return self

    def with_suppressions(self, suppressions: StaleSuppressions) -> Graph:
        """The same graph, for the rules that run when all others are done."""
        graph = copy.copy(self)
        graph.suppressions = suppressions
        return graph

    def with_automations(self, network: nx.MultiDiGraph[Key], flows: tuple[Flow, ...], causes: Causes) -> Graph:
        """A graph of the same account with more in it: see ``ckaudit.graph.build.with_links``."""
        larger = Graph(
            account=self.account if self.has_account else None,
            manifest=self.manifest,
            flows=flows,
            lookup=self.lookup,
            causes=causes,
            roles=self._roles,
            network=network,
            now=self.now,
            has_automations=self.has_automations or len(flows) > len(self.flows),
        )
        return larger if self._timestamps is None else larger.with_timestamps(self._timestamps, self.timed)

    def with_timestamps(self, timestamps: Timestamps, links: TimedLinks) -> Graph:
        """The same graph with the timestamps of people, and what is known of the links between them."""
        timed = copy.copy(self)
        timed._timestamps = timestamps
        timed.timed = links
        return timed

    # -- what is known ----------------------------------------------------------------------------------------------------------

    @cached_property
    def is_complete(self) -> bool:
        """True when the manifest claims to list every automation, rule and integration, and describes each."""
        return self.manifest.complete and not self.manifest.undescribed

    @property
    def closed_world(self) -> Confidence:
        """How sure a sentence "nothing ever …" can be: certain only with a complete manifest that names nothing unknown."""
        return Confidence.CERTAIN if self.is_complete and not self.misspelt else Confidence.LIKELY

    @property
    def open_world_note(self) -> str:
        """What a sentence "nothing ever …" has not looked at, empty when the manifest is complete and names nothing unknown."""
        return open_world_note(self.misspelt, self.manifest)

    @cached_property
    def misspelt(self) -> tuple[Ref, ...]:
        """What moves people as the manifest names it, and the account does not have, nor anything like it: nobody knows what was meant."""
        named = unknown_in(self.manifest, *KITS_OWN, "external")
        return tuple(ref for ref in named if ref.id is not None or not self.names.nearest(ref.kind, ref.name))

    def missing(self, *sections: Need) -> tuple[Need, ...]:
        """Those of these sections of the account that were not read completely: of them nothing may be said to be absent."""
        return tuple(section for section in sections if not self.account.complete(SectionName(section)))

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
        return mails(self.account) if self._emails_of is self else self._emails_of.contents

    @property
    def timestamps(self) -> Timestamps:
        """The timestamps of people. Raises NotEvaluatedError when they were not read."""
        if self._timestamps is None:
            raise NotEvaluatedError("the timestamps of people were not read; `ckaudit pull` reads them", (Need.EVIDENCE,))
        return self._timestamps

    @property
    def has_timestamps(self) -> bool:
        """True when the timestamps of people were read."""
        return self._timestamps is not None

    # -- objects ----------------------------------------------------------------------------------------------------------------

    def object(self, key: Key) -> ObjectRef:
        """An object as results name it. Objects the API does not list keep the name they have in the manifest."""
        if key in self.lookup.objects or key not in self.network:
            return self.lookup.object(key)
        return ObjectRef(key.kind, self.network.nodes[key]["name"])

    def object_of(self, node: FlowNode) -> ObjectRef:
        """What an entry or step is about; for one that is about nothing, what it says."""
        return self.object(node.target) if node.target else ObjectRef(str(node.kind), node.label)

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
        return {flow.key: flow for flow in reversed(self.flows)}

    def made(self, key: Key) -> dt.datetime | None:
        """When an object was made (UTC), None when Kit does not say."""
        return utc(getattr(self.lookup.objects.get(key), "created_at", None))

    def is_young(self, key: Key) -> bool:
        """True for an object made in the fourteen days before the account was read: what belongs to it may still be to come."""
        made, day = self.made(key), self.account.read_on
        return made is not None and (dt.datetime.combine(day, dt.time(), dt.UTC) if day else self.now) - made < YOUNG

    def held_or_young(self, key: Key) -> bool:
        """True when somebody holds the tag or is in the sequence, or the object is too young to tell."""
        return bool(self.people(key)) or self.is_young(key)

    # -- who does what ------------------------------------------------------------------------------------------------------------

    def uses_of(self, sequence: Key) -> tuple[Cause, ...]:
        """Live causes that put people into a sequence."""
        return self.causes.of(Effect.ENROLS, sequence)

    def feeders(self, sequence: Key) -> tuple[Cause, ...]:
        """Live causes that really put people into a sequence: steps nobody comes to are left out."""
        return tuple(cause for cause in self.uses_of(sequence) if cause.reached)

    def sells(self, sequence: Key) -> bool:
        """True for a sequence that sells: an offering states it, or it is named so (“Course A launch”)."""
        return sequence in self.keys(RoleName.PITCH_SEQUENCE) or is_pitch_name(self.object(sequence).name)

    def may_be_fed(self, sequence: Key) -> bool:
        """False only when Kit counts nobody in a sequence and nothing known feeds it: then it may still be under construction."""
        return self.people(sequence) != 0 or bool(self.feeders(sequence))

    def may_come_from_integration(self, tag: Key) -> bool:
        """True for a tag that shops and membership sites add, unless the manifest claims to list them."""
        return not self.is_complete and tag in self.keys(*BY_INTEGRATIONS)

    def given_by_integrations(self) -> frozenset[Key]:
        """The tags, sequences and forms that a shop, a site or somebody's bulk work is known to give."""
        gives = (Effect.ADDS_TAG, Effect.ENROLS, Effect.JOINS_FORM)
        return frozenset(cause.target for cause in self.causes.all if cause.integrated and cause.effect in gives)

    def removed_elsewhere(self, flow: Flow, tag: Key) -> bool:
        """True when something outside ``flow`` takes this tag off its people: an integration, or what the same step of theirs sets off."""
        removing = self.causes.of(Effect.REMOVES_TAG, tag)
        return any(cause.integrated or (cause.reached and self.reactions.act_together(flow, cause)) for cause in removing)

    def added_elsewhere(self, flow: Flow, tags: tuple[Key, ...]) -> bool:
        """True when a rule, form or automation that the same step of people sets off adds one of these tags to the people of ``flow``."""
        adding = (cause for tag in tags for cause in self.causes.of(Effect.ADDS_TAG, tag) if cause.reached)
        return any(self.reactions.act_together(flow, cause) for cause in adding)

    @cached_property
    def cycles(self) -> tuple[Cycle, ...]:
        """Cycles in which automations and rules start each other again."""
        return find_cycles(self.reactions, self.lookup)

    @cached_property
    def moments(self) -> tuple[Moment, ...]:
        """What happens to people from outside, one moment at a time: each trigger that something listens to, and what comes together."""
        return moments(self.reactions, self.account, self.manifest, self.flows, self.all_memberships)

    # -- listeners --------------------------------------------------------------------------------------------------------------

    def starts(self, key: Key, kind: TriggerKind = TriggerKind.TAG_ADDED) -> tuple[Flow, ...]:
        """Automations this trigger of this object starts, whatever their status; without a kind, that a tag is added."""
        found = self.reactions.listeners.to(kind, key)
        return tuple(dict.fromkeys(listener.flow for listener in found if listener.flow))

    def rules_fired(self, key: Key, kind: TriggerKind = TriggerKind.TAG_ADDED) -> tuple[KitRule, ...]:
        """Enabled rules this trigger of this object fires; without a kind, that a tag is added. A rule on "any form" is not among them."""
        found = (listener for listener in self.reactions.listeners.to(kind, key) if listener.live and listener.trigger.ref)
        return tuple({listener.unit: listener.rule for listener in found if listener.rule}.values())

    def forms_into_stopped(self) -> tuple[tuple[Key, tuple[Flow, ...]], ...]:
        """Live forms whose only follow-up is a paused or inactive automation, each with those automations, in the order of the manifest."""
        return forms_into_stopped(self._triggers(), self.reactions, self.lookup, self.manifest)

    def _triggers(self) -> tuple[Trigger, ...]:
        nodes = (node.trigger for flow in self.flows for node in flow.nodes.values() if node.trigger)
        return (*nodes, *(when for rule in self.manifest.rules for when in rule.when))

    # -- meaning ----------------------------------------------------------------------------------------------------------------

    @cached_property
    def memberships(self) -> tuple[Membership, ...]:
        """What is known about people's access. Without a membership site an offering is one when it names tags that are about access."""
        return tuple(item for item in self.all_memberships if item.stack.is_site or item.keys(*ACCESS_TAGS))

    @property
    def all_memberships(self) -> tuple[Membership, ...]:
        """The memberships, and the offerings that need none."""
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
        return self._roles.keys(roles)

    def flows_of(self, membership: Membership) -> tuple[Flow, ...]:
        """Automations about something that has a role in this membership, as in the manifest: no other gives or takes its access."""
        return self._about.any_of(item.key for item in membership.assigned)

    @cached_property
    def releases(self) -> tuple[Flow, ...]:
        """The automations that give access to some membership."""
        found = {flow.index for item in self.memberships for flow in self.flows_of(item) if item.is_release(flow)}
        return tuple(flow for flow in self.flows if flow.index in found)

    @cached_property
    def logins(self) -> Logins:
        """The login emails of the account."""
        stated = self.keys(RoleName.LOGIN_SEQUENCE)
        return Logins(self._roles.login_mails, stated, self._roles.login_hosts, known=self.has_membership)

    @property
    def roles(self) -> tuple[Role, ...]:
        """Every role for the report, inferred ones with their reason."""
        return self._roles.told

    def bad_releases(self, membership: Membership, flow: Flow) -> tuple[Release, ...]:
        """Steps that add an access or module tag of this offering whose site is not called in time and in order."""
        return tuple(bad_releases(self.reactions, membership, flow))

    # -- the account itself -------------------------------------------------------------------------------------------------------

    @cached_property
    def plan(self) -> PlanFacts:
        """The plan the account is on."""
        return plan_facts(self.account.info, self.now)

    def paid_uses(self) -> tuple[PaidUse, ...]:
        """What the account uses that only paid plans have."""
        return paid_uses(self.account, self.flows, self.manifest.undescribed)

    def senders(self) -> tuple[Sender, ...]:
        """The default sending address first, then every other one that active sequences send from, by address.

        Raises:
            NotEvaluatedError: Kit's answer has no list of sending addresses.
        """
        return senders(self.account, self.lookup)

    def insist_on_senders(self) -> None:
        """End the rule with a reason unless the sequences and their emails were read: only then it is known which addresses send.

        Raises:
            NotEvaluatedError: they were not.
        """
        if missing := self.missing(Need.SEQUENCES, Need.SEQUENCE_EMAILS):
            reason = "the sequences and their emails were not read completely, so only the addresses seen so far were looked at"
            raise NotEvaluatedError(reason, missing)

    @cached_property
    def zone(self) -> ZoneInfo | None:
        """The account's time zone, None when Kit does not name it in a known way."""
        stated = self.account.info.timezone if self.account.info else None
        return read_zone(stated.name) if stated else None

    def zone_of(self, sequence: Sequence) -> ZoneInfo | None:
        """The time zone a sequence sends by, None when Kit does not name it in a known way."""
        return read_zone(sequence.time_zone)

    def day(self, when: dt.datetime) -> dt.date:
        """The day it is in the account's time zone at this moment; in UTC when the zone is not known."""
        return local_day(when, self.zone)

    def days(self, first: dt.datetime, last: dt.datetime) -> str:
        """Two moments as days of the account's zone: ``on 4 December 2026`` or ``between 1 November 2026 and 4 December 2026``."""
        return spell_days(self.day(first), self.day(last))
