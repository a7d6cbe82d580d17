"""What is known about people's access to one product: its stack, its orders, and what tags and sequences mean for it."""

from __future__ import annotations

from functools import cached_property

import msgspec

from ckaudit.graph.flow import Flow
from ckaudit.model.errors import Location
from ckaudit.model.findings import Confidence
from ckaudit.model.offerings import AccountCreator, Billing, Offering, Orders, Revoker
from ckaudit.model.refs import Key, Kind, ObjectRef
from ckaudit.model.roles import GIVES_ACCESS, LOGIN_MAKERS, WEBHOOK_ROLES, RoleName
from ckaudit.model.stack import Stack


class Assigned(msgspec.Struct, frozen=True):
    """One object in one role, and why. ``declared`` is False for inferred roles."""

    role: RoleName
    key: Key
    object: ObjectRef
    reason: str
    declared: bool = True


_NONE: frozenset[RoleName] = frozenset()


class Membership(msgspec.Struct, frozen=True, dict=True):
    """One product with restricted access: its stack, what is known about its orders, and the roles of tags and sequences.

    ``offering`` is None when the membership was detected from webhook targets: then it stands for every product of that site. ``shared``
    are the webhook tags that other offerings use as well.
    """

    name: str
    stack: Stack
    assigned: tuple[Assigned, ...]
    offering: Offering | None = None
    hosts: tuple[str, ...] = ()
    detected: str = ""
    shared: frozenset[Key] = frozenset()

    def keys(self, *roles: RoleName) -> tuple[Key, ...]:
        """The objects in these roles, in their order and without repetition."""
        if roles not in self._asked:
            self._asked[roles] = tuple(dict.fromkeys(key for role in roles for key in self._by_role.get(role, ())))
        return self._asked[roles]

    @property
    def object(self) -> ObjectRef:
        """The offering as results name it."""
        return ObjectRef(Kind.OFFERING, self.name)

    @property
    def location(self) -> Location | None:
        """The offering in the manifest, None for a membership that was detected."""
        return self.offering.location if self.offering else None

    @cached_property
    def _asked(self) -> dict[tuple[RoleName, ...], tuple[Key, ...]]:
        """Answers of ``keys``."""
        return {}

    def has(self, key: Key | None, *roles: RoleName) -> bool:
        """True when this object has one of these roles. None has none."""
        return not self._roles_of.get(key, _NONE).isdisjoint(roles) if key else False

    @cached_property
    def _roles_of(self) -> dict[Key, frozenset[RoleName]]:
        """Object -> its roles: rules ask for every offering about every step, and most are of another one."""
        result: dict[Key, frozenset[RoleName]] = {}
        for item in self.assigned:
            result[item.key] = result.get(item.key, _NONE) | {item.role}
        return result

    @cached_property
    def _by_role(self) -> dict[RoleName, dict[Key, None]]:
        """Role -> the objects in it, in their order. Rules ask for every step of every automation."""
        result: dict[RoleName, dict[Key, None]] = {}
        for item in self.assigned:
            result.setdefault(item.role, {})[item.key] = None
        return result

    def states(self, *roles: RoleName) -> bool:
        """True when something is in these roles that is no guess: a person stated it, or the webhook on it is seen."""
        return any(item.role in roles and (item.declared or item.role in WEBHOOK_ROLES) for item in self.assigned)

    def declared(self, *roles: RoleName) -> bool:
        """True when a person stated the offering and everything in these roles, so that nothing rests on a guess."""
        return self.offering is not None and all(item.declared for item in self.assigned if item.role in roles)

    def confidence(self, *roles: RoleName, best: Confidence = Confidence.CERTAIN) -> Confidence:
        """How sure a finding is that rests on these roles: ``best`` when a person stated the offering and all of them, else likely."""
        return best if self.declared(*roles) else Confidence.LIKELY

    @property
    def orders(self) -> Orders | None:
        """Who takes the order, None when nobody said."""
        return self.offering.orders if self.offering else None

    @property
    def own_order_form(self) -> bool:
        """True when AccessAlly's own order form takes the order."""
        return self.orders is Orders.ACCESSALLY

    @property
    def external_orders(self) -> bool:
        """True when a shop outside takes the order."""
        return self.orders is Orders.EXTERNAL

    @property
    def billing(self) -> Billing | None:
        """How it is paid, None when nobody said."""
        return self.offering.billing if self.offering else None

    @property
    def refunds(self) -> bool | None:
        """False: never given back. None when nobody said."""
        return self.offering.refunds if self.offering else None

    @property
    def site(self) -> str:
        """The membership site as sentences call it."""
        return self.stack.site or self.stack.title

    @property
    def site_first(self) -> str:
        """The membership site at the beginning of a sentence."""
        return self.site[:1].upper() + self.site[1:]

    @property
    def calls_site(self) -> bool:
        """True when tags call the site: this stack works that way, or the offering names such tags."""
        return self.stack.webhook_tags or bool(self.keys(*WEBHOOK_ROLES))

    @property
    def created_by(self) -> AccountCreator:
        """Who makes the login: whoever the offering says, a login tag that it names, else what is known of the stack."""
        stated = self.offering.account_created_by if self.offering else None
        by_tag = self.stack.webhook_tags or bool(self.keys(*LOGIN_MAKERS))
        return stated or (AccountCreator.WEBHOOK if by_tag else self.stack.account_created_by or AccountCreator.SITE)

    @property
    def login_made_elsewhere(self) -> bool:
        """True when no webhook has to make the login: the shop, the site, the platform or AccessAlly's order form does."""
        return self.created_by is not AccountCreator.WEBHOOK or self.own_order_form

    @property
    def needs_login_webhook(self) -> bool:
        """True when the login is made by a webhook tag of its own, and not elsewhere or by the purchase tag."""
        return not self.login_made_elsewhere and not self.stack.purchase_tag_is_webhook

    @property
    def is_free(self) -> bool:
        """True when nobody pays for it."""
        return self.billing is Billing.FREE

    @property
    def is_recurring(self) -> bool:
        """True for subscriptions and payment plans."""
        return self.billing in (Billing.SUBSCRIPTION, Billing.PAYMENT_PLAN)

    @property
    def never_revoked(self) -> bool:
        """True when Kit never has to take the access away: it is free, is not refunded, or the site does it."""
        return self.is_free or self.refunds is False or self._revoked_by is Revoker.SITE

    @property
    def revoked_by_kit(self) -> bool:
        """True when Kit takes access away, which it does unless somebody said otherwise."""
        return self._revoked_by is Revoker.KIT

    @property
    def revoked_by_hand(self) -> bool:
        """True when somebody takes access away by hand."""
        return self._revoked_by is Revoker.HAND

    @property
    def revoker_unknown(self) -> bool:
        """True when nothing says who takes access away: neither the offering, nor what is known of its stack."""
        stated = self.offering.revoked_by if self.offering else None
        return not (stated or self.stack.revoked_by or self.keys(RoleName.REVOKE, RoleName.CANCEL))

    @property
    def _revoked_by(self) -> Revoker:
        """Stated; Kit where a revoke tag is known, else as the stack does."""
        stated = self.offering.revoked_by if self.offering else None
        return stated or (Revoker.KIT if self.keys(RoleName.REVOKE) else self.stack.revoked_by or Revoker.KIT)

    def is_release(self, flow: Flow) -> bool:
        """True for an automation that gives access to this offering: it adds a login, release or access tag or has a login sequence that
        no other offering uses; or it starts on a tag or product of this offering and has any of these, a module tag or a tag that lets the
        site read the tags again. Starting on a purchase tag gives nobody access. One whose entries all revoke or cancel does not count."""
        if flow.index not in self._releases:
            self._releases[flow.index] = not self.is_revoke(flow) and self._gives_access(flow)
        return self._releases[flow.index]

    @cached_property
    def _releases(self) -> dict[int, bool]:
        """Answers of ``is_release`` by index of the automation."""
        return {}

    def _gives_access(self, flow: Flow) -> bool:
        starts = (RoleName.PURCHASE, RoleName.OPTIN, RoleName.EARLY_CONTACT, RoleName.PRODUCT)
        started = any(self.has(node.target, *starts) for node in flow.entries)
        return not (self._gives if started else self._gives_alone).isdisjoint(flow.acts_on)

    @cached_property
    def _gives(self) -> frozenset[Key]:
        """What gives people access when they bought this offering. A site that reads the tags again gives what the shop tagged."""
        return frozenset(self.keys(*GIVES_ACCESS, RoleName.WEBHOOK_SYNC))

    @cached_property
    def _gives_alone(self) -> frozenset[Key]:
        """What gives people access to this offering and to no other, however they came in. The next module is for those who have it."""
        return frozenset(self.keys(*LOGIN_MAKERS, RoleName.LOGIN_SEQUENCE, RoleName.ACCESS)) - self.shared

    def opens(self, key: Key | None) -> bool:
        """True for a tag or sequence that gives people access to this offering and to no other, however they came to it."""
        return key in self._gives_alone

    def sold_with(self, other: Membership) -> bool:
        """True for two parts of one bundle: the manifest states the same purchase tags for both, and no products of their own."""
        if not (self.declared(RoleName.PURCHASE) and other.declared(RoleName.PURCHASE)):
            return False
        products = set(self.keys(RoleName.PRODUCT)), set(other.keys(RoleName.PRODUCT))
        apart = all(products) and products[0] != products[1]
        bought = set(self.keys(RoleName.PURCHASE))
        return bool(bought) and bought == set(other.keys(RoleName.PURCHASE)) and not apart

    def is_revoke(self, flow: Flow) -> bool:
        """True for an automation whose entries are all revoke or cancel tags."""
        ends = [self.has(node.target, RoleName.REVOKE, RoleName.CANCEL) for node in flow.entries]
        return bool(ends) and all(ends)
