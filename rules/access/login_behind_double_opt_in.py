"""Finds buyers who have to confirm their address before they get their login.

What it finds
-------------
A form with double opt-in onto which a shop, a rule or an automation puts people, and from which the access to a paid offering follows:
its login sequence, its access tag, or the tag that makes the login. It is silent when the same people get all of that without the form
as well.

Why it matters
--------------
Somebody has paid and expects to get in. Instead comes an email that asks whether the address is right. Who does not find it, or does not
click, stays unconfirmed: no login, no email, and no further automation reaches them.

How to fix it in Kit
--------------------
1. Let the shop add the purchase tag, and look what starts with the form named in this finding.
2. An automation: open Automate → Visual Automations, pause it while you edit, and choose “Tag is added” with the purchase tag as its entry.
   Set it back to Active, if it was Active before. A rule: open Automate → Rules and choose the purchase tag as its trigger.
3. If the form must stay: switch the confirmation off in the form's settings, where its incentive email is.
4. Buyers who wait: in Grow → Subscribers look for those of the form who are not confirmed, and give them their access by hand.

When to ignore it
-----------------
The tool puts people on the form as confirmed already, so that Kit asks nobody. It cannot see that: it knows of double opt-in only what
the manifest says (``double_opt_in`` under ``form_links``).

Sources
-------
- Who is not confirmed gets no broadcasts and no sequences, and nobody can confirm them by hand: https://help.kit.com/en/articles/2502563
- Assumed here: a form starts automations and rules only once people have confirmed
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ckaudit.rule import (
    LOGIN_MAKERS,
    Cause,
    Confidence,
    Consequence,
    Effect,
    Finding,
    Graph,
    Harm,
    Key,
    Kind,
    Membership,
    Need,
    ObjectRef,
    Options,
    RoleName,
    Rule,
    Severity,
    Signal,
    Theme,
    TriggerKind,
    name_list,
)

RULE = Rule(
    code="CK233",
    name="login-behind-double-opt-in",
    title="Buyers must confirm their address before they get their login",
    passing="No buyer has to confirm an address before the login comes",
    severity=Severity.WARNING,
    theme=Theme.ACCESS,
    harm=Harm.LOCKED_OUT,
    confidence=Confidence.LIKELY,
    needs=(Need.AUTOMATIONS, Need.PRODUCTS),
    checks=Kind.FORM,
    effort_minutes=15,
    unseen="confirmations leave none",
    people_from=("CK804", "CK803"),
    nothing="the manifest says of no form that it has double opt-in",
)

_LOGIN = (*LOGIN_MAKERS, RoleName.LOGIN_SEQUENCE)


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each form with double opt-in that buyers are put on."""
    for form in judged(graph):
        put = graph.causes.of(Effect.JOINS_FORM, form)
        for item in graph.reactions.what_follows(Signal(form, TriggerKind.JOINS_FORM)) if put else ():
            membership = next((other for other in graph.all_memberships if not other.is_free and _gives(other, item.cause)), None)
            if membership and not _given_otherwise(graph, membership, form, put, item.cause):
                yield _finding(graph, form, put, item, membership)
                break


def judged(graph: Graph) -> Iterable[Key]:
    """The forms with double opt-in."""
    return list(dict.fromkeys(link.form.key for link in graph.manifest.form_links if link.double_opt_in))


def _gives(membership: Membership, cause: Cause) -> bool:
    return cause.effect in (Effect.ADDS_TAG, Effect.ENROLS) and membership.opens(cause.target)


def _given_otherwise(graph: Graph, membership: Membership, form: Key, put: tuple[Cause, ...], given: Cause) -> bool:
    """True when what puts people on the form, or the purchase itself, gives the same without the form."""
    beside = [other for cause in put for other in _beside(graph, cause) if (other.effect, other.target) != (Effect.JOINS_FORM, form)]
    starts: list[Signal | Cause] = [*beside, *(Signal(key, TriggerKind.TAG_ADDED) for key in membership.keys(RoleName.PURCHASE))]
    starts += [Signal(key, TriggerKind.PURCHASES) for key in membership.keys(RoleName.PRODUCT)]
    followed = [item.cause for start in starts for item in graph.reactions.what_follows(start) if not _through(item, form)]
    login = membership.has(given.target, *_LOGIN)
    return any(_gives(membership, cause) and membership.has(cause.target, *_LOGIN) is login for cause in (*beside, *followed))


def _beside(graph: Graph, cause: Cause) -> tuple[Cause, ...]:
    """What the same integration, rule or automation does."""
    return graph.causes.by(cause.unit or cause.source)


def _through(item: Consequence, form: Key) -> bool:
    """True when this follows from the form."""
    return any((step.cause.effect, step.cause.target) == (Effect.JOINS_FORM, form) for step in item.way[:-1])


def _finding(graph: Graph, form: Key, put: tuple[Cause, ...], item: Consequence, membership: Membership) -> Finding:
    named, what = graph.object(form), graph.object(item.cause.target)
    unit: ObjectRef = item.way[0].cause.object
    writers = list(dict.fromkeys(cause.object.name for cause in put))
    verb = "puts" if len(writers) == 1 else "put"
    return Finding(
        object=named,
        message=f"{name_list(writers)} {verb} buyers on “{named.name}”, a form with double opt-in, and “{what.name}” comes only behind it. Until they "
        f"confirm their address, people who have paid for “{membership.name}” get neither access nor email; many never confirm. This "
        "assumes that the form starts things only after the confirmation.",
        related=(unit, what, membership.object),
        path=(put[0].path_step, *item.path),
        location=item.cause.location,
    )
