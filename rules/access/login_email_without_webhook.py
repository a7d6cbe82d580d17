"""Finds login emails that go out although nothing has asked the site for a login.

What it finds
-------------
In every automation that gives access, this rule follows the ways from its entries to the sequence with the login email. It reports
ways on which no webhook tag asks your membership site to make the login first: none in the whole automation, one that stands behind
the email, or one that a branch skips. A webhook tag that starts the automation counts, and so does one that a rule or another
automation adds to the same people.

A webhook tag counts wherever the same step of the buyer adds it: in a rule, or in an automation in front of this one or beside it. This
rule does not see a tool outside Kit that makes the login.

Why it matters
--------------
The buyer gets an email with a login that was never made. Nothing repairs itself here: without the webhook tag the site does not know
that this person exists.

How to fix it in Kit
--------------------
1. Open Automate → Visual Automations and choose the automation named in this finding.
2. Pause it while you edit: people wait where they are and go on when it is Active again.
3. Click the “+” directly behind the entry, choose Action → Add or remove tag, and let it add the webhook tag that makes the login.
4. Click the “+” behind it, choose Action → Delay, and set 5 minutes.
5. Click the “+” behind the sequence with the login email, choose Action → Add or remove tag, and let it remove the webhook tag, so that it
   works again next time.
6. Set the automation back to Active, if it was Active before.
7. Buyers who came before and cannot log in: give them the webhook tag by hand (Grow → Subscribers, filter, bulk action).

When to ignore it
-----------------
The login exists before: AccessAlly's own order form made it (state ``orders: accessally``), or the shop or platform did (state
``account_created_by: site`` or ``platform``).

Sources
-------
- AccessAlly's ConvertKit guide, step 5: https://kb.accessally.com/tutorials/convertkit-automation/ (claim S22; S5 for its own order forms)
- AccessAlly on webhooks: https://kb.accessally.com/tutorials/how-to-create-convertkit-webhooks/
- Conditions send people down one side: https://help.kit.com/en/articles/2502665
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ckaudit.rule import (
    LOGIN_MAKERS,
    Finding,
    Flow,
    FlowNode,
    Graph,
    Harm,
    Key,
    Kind,
    Membership,
    Need,
    ObservedUse,
    Options,
    Path,
    RoleName,
    Rule,
    Severity,
    Theme,
    Variant,
)

_OPEN = "Open Automate → Visual Automations and choose the automation named in this finding."
_PAUSE = "Pause it while you edit: people wait where they are and go on when it is Active again."
_RESUME = "Set the automation back to Active, if it was Active before."

RULE = Rule(
    code="CK204",
    name="login-email-without-webhook",
    title="The login email goes out, but nothing makes the login",
    passing="Every login email follows a webhook tag that makes the login",
    severity=Severity.ERROR,
    theme=Theme.ACCESS,
    harm=Harm.LOCKED_OUT,
    needs=(Need.AUTOMATIONS, Need.MEMBERSHIP),
    needs_roles=(LOGIN_MAKERS, (RoleName.LOGIN_SEQUENCE,)),
    checks=Kind.AUTOMATION,
    effort_minutes=5,
    observed=ObservedUse.SILENCES,
    unseen="a webhook tag that was taken off leaves none, so it cannot be missed in them",
    counts_passers_by=True,
    unsure_beside=("CK226", "CK225", "CK237", "CK238"),
    nothing="no automation sends a login email",
    variants={
        "no-webhook-tag": Variant("The login email goes out, but nothing makes the login"),
        "webhook-after-email": Variant(
            "The login email goes out before anything asks for the login",
            fix=(
                _OPEN,
                _PAUSE,
                "Click the “+” directly in front of the sequence with the login email, choose Action → Add or remove tag, and let it add "
                "the webhook tag that makes the login.",
                "Click the “+” between that step and the sequence, choose Action → Delay, and set 5 minutes.",
                "Behind the sequence, leave the step that adds this tag as long as somebody is in the sequence who still needs it. Then "
                "delete it.",
                _RESUME,
            ),
        ),
        "branch-without-webhook": Variant(
            "On one branch the login email goes out, but nothing makes the login",
            fix=(
                _OPEN,
                _PAUSE,
                "Follow the path in this finding: it leads along the branch on which nothing asks for the login.",
                "Click the “+” on that branch, in front of the sequence with the login email, choose Action → Add or remove tag, and let "
                "it add the webhook tag that makes the login.",
                "Click the “+” behind it, choose Action → Delay, and set 5 minutes.",
                _RESUME,
                "Buyers who came along this branch and cannot log in: give them the webhook tag by hand (Grow → Subscribers, filter, bulk"
                " action).",
            ),
        ),
    },
)


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each automation and login sequence that a way reaches without a webhook tag."""
    seen: set[str] = set()
    for membership in graph.memberships:
        if _silent(membership):
            continue
        for flow in graph.flows_of(membership):
            for mail in flow.enrolling() if membership.is_release(flow) else ():
                if mail.id not in seen and membership.has(mail.target, RoleName.LOGIN_SEQUENCE):
                    path = _bare_path(membership, flow, mail)
                    if path and not _asked_elsewhere(graph, membership, flow):
                        seen.add(mail.id)
                        yield _finding(graph, membership, flow, mail, path)


def judged(graph: Graph) -> Iterable[Key]:
    """The steps that send a login email."""
    logins = set(graph.keys(RoleName.LOGIN_SEQUENCE))
    return [node.key for flow in graph.flows for node in flow.enrolling() if node.target in logins]


def _silent(membership: Membership) -> bool:
    return not membership.needs_login_webhook or not membership.calls_site


def _bare_path(membership: Membership, flow: Flow, mail: FlowNode) -> Path | None:
    """A way from an entry to the email on which nothing asks for the login."""
    tags = membership.keys(*LOGIN_MAKERS)
    for root in flow.roots:
        if root.on_tag not in tags:
            path = flow.path_to(root, mail, avoiding=lambda node: node.adds in tags)
            if path:
                return path
    return None


def _asked_elsewhere(graph: Graph, membership: Membership, flow: Flow) -> bool:
    """The webhook tag comes from what the same step of the buyer sets off: a rule, or an automation in front of this one or beside it."""
    return graph.added_elsewhere(flow, membership.keys(*LOGIN_MAKERS))


_SENTENCES = {
    "no-webhook-tag": "“{flow}” sends “{mail}”, but no step in it asks {stack} to make the login.",
    "webhook-after-email": "“{flow}” sends “{mail}” first and asks {stack} for the login only afterwards.",
    "branch-without-webhook": "On one branch of “{flow}” people get “{mail}” although nothing asked {stack} to make their login.",
}


def _finding(graph: Graph, membership: Membership, flow: Flow, mail: FlowNode, path: Path) -> Finding:
    makers = [node for tag in membership.keys(*LOGIN_MAKERS) for node in flow.adding(tag)]
    before, after = flow.before(mail), flow.after(mail)
    variant = (
        "branch-without-webhook"
        if any(node in before for node in makers)
        else "webhook-after-email"
        if any(node in after for node in makers)
        else "no-webhook-tag"
    )
    sequence = graph.object_of(mail)
    text = _SENTENCES[variant].format(flow=flow.name, mail=sequence.name, stack=membership.site)
    return Finding(
        object=flow.object,
        message=text + " Buyers stand before a locked door." + ("" if membership.orders else _unknown_orders(membership)),
        variant=variant,
        severity=_severity(membership, flow),
        confidence=membership.confidence(*LOGIN_MAKERS, RoleName.LOGIN_SEQUENCE),
        related=(sequence,),
        path=path.steps({mail.id: "sends the login email"}),
        location=mail.location,
    )


def _unknown_orders(membership: Membership) -> str:
    if membership.stack.name != "accessally":
        return ""
    return " If AccessAlly's own order form takes the order, the login exists already: then state “orders: accessally”."


def _severity(membership: Membership, flow: Flow) -> Severity:
    sure = membership.external_orders and flow.live
    return Severity.ERROR if sure or (membership.stack.name != "accessally" and membership.orders is None) else Severity.WARNING
