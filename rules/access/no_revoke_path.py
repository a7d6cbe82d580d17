"""Finds offerings whose access is never taken away after a refund or a cancellation.

What it finds
-------------
For every offering this rule looks for something that reacts when a buyer gets the money back, cancels, or stops paying: a goal or an
entry of an automation, or a rule, on the revoke tag, or a cancel tag that leads to the revoke tag or calls the site, over however many
automations and rules. It reports an offering without any revoke tag, a revoke tag that nothing listens to, and a reaction that exists but
is switched off. Of a cancellation that is heard and takes nothing away it names what hears it: that is the place to mend. Of
several offerings with one revoke tag it names the one whose access tag stays while those of the others come off. Where the
manifest says that somebody takes access away by hand (``revoked_by: hand``), it says only that each refund waits for them; whether they do it, it does not see. A form or tag that the same shop writes beside the revoke tag (listed under ``external``) counts when it leads there.

It does not see whether a shop writes that form for a refund or for something else: it takes the manifest's word.

A tag that itself calls the membership site (a revoke webhook) counts as a reaction.

Why it matters
--------------
Without a revoke path everybody who asks for the money back keeps the course, and everybody who stops paying goes on learning. You lose
the money and still pay for the support. Most owners find out a year later.

How to fix it in Kit
--------------------
1. Open Automate → Visual Automations and choose the automation that gives access to this offering.
2. Pause it while you edit: people wait where they are and go on when it is Active again.
3. Click the “+” right before the end, choose Event → Tag is added, and choose the revoke tag of this offering.
4. Behind it, add the webhook tag that makes your site read the tags again, then a Delay of 5 minutes, then remove that webhook tag.
5. Set the automation back to Active, if it was Active before.
6. Its goal does not see people who have finished the automation. For them click New automation, choose Tag is added with the revoke tag,
   give it the steps of 4, and set it to Active.
7. Make sure that your cart or membership site adds the revoke tag on refund, cancellation and failed payment.

When to ignore it
-----------------
The site takes access away by itself (state ``revoked_by: site``; what is known of a stack counts, and of a platform whose public
documentation does not say who takes access away nothing is concluded before you state it or name a revoke tag), you do it by hand and
never forget it, the offering is free, or it is never given back (``refunds: false``).

Sources
-------
- AccessAlly's ConvertKit guide, step 8: https://kb.accessally.com/tutorials/convertkit-automation/ (claims S38 to S40)
- Events pull people forward: https://help.kit.com/en/articles/2502670
- Kit for WooCommerce skips refunds and cancellations: https://github.com/Kit/convertkit-woocommerce
- ThriveCart's rules for refunds and cancellations: https://support.thrivecart.com/help/adding-customers-to-your-autoresponder
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from ckaudit.rule import (
    WEBHOOK_ROLES,
    AccessModel,
    Cause,
    Consequence,
    Effect,
    Finding,
    Flow,
    Graph,
    Harm,
    Key,
    Kind,
    Location,
    Membership,
    Need,
    NotEvaluatedError,
    ObjectRef,
    ObservedUse,
    Options,
    RoleName,
    Rule,
    Severity,
    Signal,
    Theme,
    TriggerKind,
    Variant,
    host_of,
    name_list,
)

_PAUSE = "Pause it while you edit: people wait where they are and go on when it is Active again."
_RESUME = "Set the automation back to Active, if it was Active before."

RULE = Rule(
    code="CK203",
    name="no-revoke-path",
    title="People who get their money back keep the course",
    passing="A refund or cancellation takes access away",
    severity=Severity.ERROR,
    theme=Theme.ACCESS,
    harm=Harm.LEAK,
    needs=(Need.AUTOMATIONS, Need.MEMBERSHIP),
    checks=Kind.AUTOMATION,
    effort_minutes=20,
    observed=ObservedUse.SILENCES,
    unseen="that nothing takes access away they cannot show",
    nothing="nothing is known that gives access and can end",
    variants={
        "no-revoke-tag": Variant(
            "No tag ends access, so people who get their money back keep the course",
            fix=(
                "Make a revoke tag for this offering: in AccessAlly the offering's wizard makes it. Elsewhere choose Create a tag in Grow"
                " → Subscribers, and let your site close the course by it.",
                "In your cart or membership site, let the tag be added on refund, at the end of a cancelled subscription and when a "
                "payment has failed for good.",
                "Open Automate → Visual Automations and choose the automation that gives access to this offering.",
                _PAUSE,
                "Click the “+” right before the end, choose Event → Tag is added, and choose the new tag.",
                "Behind it, add the webhook tag that makes your site read the tags again, then a Delay of 5 minutes, then remove that "
                "webhook tag.",
                _RESUME,
                "Its goal does not see people who have finished the automation. For them click New automation, choose Tag is added with "
                "the new tag, give it the steps of 6, and set it to Active.",
            ),
        ),
        "nothing-listens": Variant(
            "Nothing reacts to a refund, so people who get their money back keep the course",
            yields_to=("CK220",),
        ),
        "switched-off": Variant(
            "What takes access away after a refund is switched off",
            fix=(
                "Open Automate → Visual Automations (for a rule: Automate → Rules) and choose the one that this finding says is switched "
                "off.",
                "Find out why it was switched off, and whether its tags and steps still fit.",
                "Set it to Active (a rule: switch it on). It acts on what happens from now on.",
                "For the refunds since then: in Grow → Subscribers filter by the tag it listens to, and look on your site who of them "
                "still has the course.",
            ),
            yields_to=("CK301",),
        ),
        "by-hand": Variant(
            "After a refund people keep the course until somebody closes it by hand",
            Severity.INFO,
            fix=(
                "In your cart, look up the refunds and cancellations of the last 90 days.",
                "On your site, look who of these people still has the course, and close it for them.",
                "To have it done by itself: make a revoke tag for this offering, let your cart add it on refund, and listen to it in the "
                "automation that gives access (Automate → Visual Automations, Event → Tag is added).",
            ),
        ),
        "takes-nothing-away": Variant(
            "A cancellation is heard, but nothing takes access away",
            fix=(
                "Decide when access ends. Who cancels has usually paid until the end of a period: then let your shop add the revoke tag "
                "on that day.",
                "Open Automate → Visual Automations (for a rule: Automate → Rules) and choose the one that this finding says takes "
                "nothing away. Pause it while you edit.",
                "If the course may close as soon as its tag is added: behind its goal or entry click the “+”, choose Action → Add or "
                "remove tag, and let it add the revoke tag.",
                "Otherwise click New automation, and choose Tag is added with the revoke tag.",
                "Behind the revoke tag add the webhook tag that makes your site read the tags again, then a Delay of 5 minutes, then "
                "remove that webhook tag.",
                "Set the automations to Active. Make sure that a refund adds the revoke tag too.",
            ),
        ),
        "leaves-one": Variant(
            "A refund takes away some courses and leaves others open",
            fix=(
                "Open the rule or automation that listens to the revoke tag named in this finding (Automate → Rules, or Automate → Visual "
                "Automations). Pause an automation while you edit.",
                "Beside the steps that remove the other access tags add one that removes the access tag named in this finding.",
                "Set an automation back to Active, if it was Active before. Earlier refunds: in Grow → Subscribers filter by the revoke tag and the access tag, and close the course for these people.",
            ),
        ),
    },
)

# what an offering listens for when access has to end
ENDINGS = (RoleName.REVOKE, RoleName.CANCEL)


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each offering that nothing ends."""
    unknown, guessed, called, unread = (list[str]() for _ in range(4))
    for membership in graph.memberships:
        releases = tuple(flow for flow in graph.flows_of(membership) if membership.is_release(flow))
        if not _can_end(membership, releases):
            continue
        if membership.revoker_unknown or not (releases or any(item.declared for item in membership.assigned)):
            unknown.append(membership.name)
        elif not _ends(graph, membership) or _spared(graph, membership):
            if hosts := _called(graph, membership):
                called.append(f"a webhook tells {name_list(hosts)} when “{membership.name}” ends, and what is done there cannot be seen")
            elif _webhooks_unread(graph):
                unread.append(membership.name)
            else:
                yield _finding(graph, membership, releases)
        elif not _is_stated(membership):
            guessed.append(membership.name)
    if unread:
        reason = f"the webhooks and their tags were not read completely, and one of them may take access to {name_list(unread)} away"
        raise NotEvaluatedError(reason, (Need.WEBHOOKS,))
    if called:
        raise NotEvaluatedError(f"{'; '.join(called)}: add revoked_by to it under “offerings” in the manifest")
    if unknown:
        raise NotEvaluatedError(
            f"nothing says who takes access to {name_list(unknown)} away: add revoked_by, or revoke_tags, to it under “offerings” in the manifest"
        )
    if guessed:
        raise NotEvaluatedError(
            f"what takes access to {name_list(guessed)} away is only guessed: add revoke_tags to it under “offerings” in the manifest"
        )


def _is_stated(membership: Membership) -> bool:
    """True when no guess says what ends access. A guess finds something, it clears nothing."""
    linked = membership.stack.access_model is AccessModel.LINKED and membership.states(RoleName.ACCESS)
    return linked or membership.states(*ENDINGS, RoleName.WEBHOOK_REVOKE)


def judged(graph: Graph) -> Iterable[ObjectRef]:
    """What is sold with access that ends."""
    return [item.object for item in graph.memberships if _can_end(item, [flow for flow in graph.flows_of(item) if item.is_release(flow)])]


def _can_end(membership: Membership, releases: Sequence[Flow]) -> bool:
    return not membership.never_revoked and bool(releases or membership.offering)


def _ends(graph: Graph, membership: Membership) -> bool:
    """True when something live reacts to the end of this offering. Whether the site is told is another rule's question."""
    return (
        any(_reacts(graph, membership, key) for key in membership.keys(*ENDINGS))
        or _calls_site(graph, membership)
        or _unlinks(graph, membership)
    )


def _reacts(graph: Graph, membership: Membership, ending: Key) -> bool:
    """Something listens to this tag, or to what the shop writes beside it. A cancel tag has to lead on: to the revoke tag or to a call of
    the site, over however many automations and rules."""
    if membership.has(ending, RoleName.REVOKE) and (
        any(flow.live for flow in graph.flows_of(membership) if flow.listening_to(ending)) or graph.rules_fired(ending)
    ):
        return True
    known = set(graph.keys(*RoleName))
    beside = [cause for cause in graph.causes.written_with(Effect.ADDS_TAG, ending) if cause.target not in known]
    starts: tuple[Signal | Cause, ...] = (Signal(ending, TriggerKind.TAG_ADDED), *beside)
    return any(_takes_away(membership, graph.reactions.what_follows(start, goals=True)) for start in starts)


def _takes_away(membership: Membership, found: tuple[Consequence, ...]) -> bool:
    """The revoke tag is added, the access tag taken off, or the site called: what calls the site and opens something is a release."""
    added = {item.cause.target for item in found if item.cause.effect is Effect.ADDS_TAG}
    removed = {item.cause.target for item in found if item.cause.effect is Effect.REMOVES_TAG}
    if not added.isdisjoint(membership.keys(RoleName.REVOKE, RoleName.WEBHOOK_REVOKE)):
        return True
    if not removed.isdisjoint(membership.keys(RoleName.ACCESS)):
        return True
    return not added.isdisjoint(membership.keys(*WEBHOOK_ROLES)) and not any(membership.opens(item.cause.target) for item in found)


def _spared(graph: Graph, membership: Membership) -> Key | None:
    """An access tag that nothing takes off, though what hears the same revoke tag takes off those of other offerings."""
    own = membership.keys(RoleName.ACCESS)
    if membership.stack.access_model is AccessModel.FORBIDDEN or any(graph.causes.of(Effect.REMOVES_TAG, key) for key in own):
        return None
    for ending in membership.keys(RoleName.REVOKE):
        found = graph.reactions.what_follows(Signal(ending, TriggerKind.TAG_ADDED), goals=True)
        removed = [item.cause.target for item in found if item.cause.effect is Effect.REMOVES_TAG]
        sharing = [other for other in graph.memberships if other.has(ending, RoleName.REVOKE)] if removed and own else []
        if any(other.has(key, RoleName.ACCESS) for other in sharing for key in removed if key):
            return next(iter(own))
    return None


def _calls_site(graph: Graph, membership: Membership) -> bool:
    """A revoke webhook that something adds, or one that sits on the revoke or cancel tag itself."""
    revoking = membership.keys(RoleName.WEBHOOK_REVOKE)
    return any(membership.has(key, *ENDINGS) or graph.causes.of(Effect.ADDS_TAG, key) for key in revoking)


def _webhooks_unread(graph: Graph) -> bool:
    """True when a webhook may sit on a tag that ends access, and nobody can tell."""
    return graph.has_account and bool(graph.missing(Need.WEBHOOKS) or (graph.account.webhooks and graph.missing(Need.TAGS)))


def _called(graph: Graph, membership: Membership) -> list[str]:
    """The hosts that are called when a tag comes on that ends this offering, or its access tag off: a connector may take access away."""
    ending = membership.keys(*ENDINGS)
    signals = [Signal(key, TriggerKind.TAG_ADDED) for key in ending]
    signals += [Signal(key, TriggerKind.TAG_REMOVED) for key in membership.keys(RoleName.ACCESS)]
    hosts = [
        host_of(hook.target_url)
        for hook in graph.account.webhooks
        if hook.event.short_name == "tag_add" and Key(Kind.TAG, hook.event.tag_id or 0) in ending
    ]
    hosts += [
        host_of(item.cause.ref.name)
        for signal in signals
        for item in graph.reactions.what_follows(signal, goals=True)
        if item.cause.effect is Effect.CALLS
    ]
    return list(dict.fromkeys(host for host in hosts if host))


def _unlinks(graph: Graph, membership: Membership) -> bool:
    """With linked tags, whoever takes off the access tag ends the access."""
    linked = membership.stack.access_model is AccessModel.LINKED
    return linked and any(graph.causes.of(Effect.REMOVES_TAG, key) for key in membership.keys(RoleName.ACCESS))


def _finding(graph: Graph, membership: Membership, releases: tuple[Flow, ...]) -> Finding:
    tags = membership.keys(*ENDINGS)
    asleep, idle, spared = _asleep(graph, membership), _idle(graph, membership), _spared(graph, membership)
    variant = (
        "by-hand"
        if membership.revoked_by_hand
        else "leaves-one"
        if spared
        else "switched-off"
        if asleep
        else "takes-nothing-away"
        if idle
        else "nothing-listens"
        if tags
        else "no-revoke-tag"
    )
    named = [graph.object(key) for key in tags]
    heard = " or ".join(f"“{item.name}”" for item in named[:3])
    sold = membership.name if membership.offering else f"what you sell through {membership.site}"
    text = {
        "by-hand": f"Access to “{sold}” is taken away by hand, as the manifest says, and nothing in Kit tells anybody when.",
        "switched-off": f"The only thing that takes access to “{sold}” away is “{asleep}”, and it is switched off.",
        "nothing-listens": f"Nothing listens to {heard}, so a refund or cancellation of “{sold}” changes nothing.",
        "takes-nothing-away": f"{idle.says if idle else ''} but takes nothing away, so access to “{sold}” stays.",
        "leaves-one": f"What hears {heard} takes off the tags of other courses, but “{graph.object(spared).name if spared else ''}” stays.",
        "no-revoke-tag": f"“{sold}” has no tag that ends access, and nothing takes access away.",
    }[variant]
    buyers = next(iter(membership.keys(RoleName.ACCESS, RoleName.PURCHASE)), None)
    places = [(membership.object, membership.location)]
    places[:0] = [(flow.object, flow.automation.location) for flow in releases[:1]]
    if variant == "takes-nothing-away" and idle:
        places.insert(0, (idle.object, idle.location))
    (place, location), *beside = places
    return Finding(
        object=place,
        message=text + _keep(membership, variant) + ("" if spared else _signals(membership)) + graph.open_world_note,
        variant=variant,
        severity=_severity(membership),
        confidence=membership.confidence(*ENDINGS, best=graph.closed_world),
        related=(*(item for item, _ in beside if item != place), *named, *([graph.object(spared)] if spared else ())),
        location=location,
        people=graph.people(buyers) if buyers else None,
    )


class _Idle(msgspec.Struct, frozen=True):
    """What hears a cancellation and leads nowhere; ``says`` begins a sentence."""

    object: ObjectRef
    location: Location | None
    says: str


def _idle(graph: Graph, membership: Membership) -> _Idle | None:
    for key in membership.keys(RoleName.CANCEL):
        heard = f"listens to “{graph.object(key).name}”"
        for flow in graph.flows_of(membership):
            if flow.live and flow.listening_to(key):
                return _Idle(flow.object, flow.automation.location, f"“{flow.name}” {heard}")
        for rule in graph.rules_fired(key):
            name = f"“{rule.name}”" if rule.name else "A rule without a name"
            index = next(index for index, other in enumerate(graph.manifest.rules) if other is rule)
            return _Idle(graph.object(Key(Kind.RULE, index)), rule.location, f"{name} {heard}")
    return None


def _asleep(graph: Graph, membership: Membership) -> str:
    """The name of an inactive automation or disabled rule that would react."""
    for key in membership.keys(*ENDINGS):
        names = [flow.name for flow in graph.flows_of(membership) if not flow.live and flow.listening_to(key)]
        for rule in graph.manifest.rules if not names else ():
            if not rule.enabled and any(when.kind is TriggerKind.TAG_ADDED and when.target == key for when in rule.when):
                names.append(rule.name or "a rule without a name")
        if names:
            return names[0]
    return ""


def _keep(membership: Membership, variant: str) -> str:
    if variant == "takes-nothing-away":
        return " Whoever cancels keeps the course."
    if variant == "leaves-one":
        return f" Refunded customers keep “{membership.name}”."
    until = " until somebody closes it" if membership.revoked_by_hand else ""
    return f" Refunded customers keep the course{until}."


def _signals(membership: Membership) -> str:
    heard = membership.stack.signals.refund is not False
    return "" if heard else f" {membership.site} sends no refunds to Kit, so the tag has to come from somewhere else."


def _severity(membership: Membership) -> Severity:
    if membership.revoked_by_hand:
        return Severity.INFO
    return Severity.ERROR if membership.is_recurring or membership.external_orders else Severity.WARNING
