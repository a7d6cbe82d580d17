"""Finds releases that never tell the buyer how to log in.

What it finds
-------------
An automation, a rule or a form asks the site for the buyer's login, but no sequence with a login email follows: not on its ways, not in what
the same step of the buyer sets off, over any number of automations, rules and forms, and none is stated for the offering elsewhere. A login
email links to the membership site's login page or prints the password field, or its sequence is stated under ``login_sequences``.

It does not see emails that the site itself or a tool outside Kit sends.

Why it matters
--------------
The login exists and nobody knows it. The buyer waits, searches the spam folder, and writes to you or asks for the money back.

How to fix it in Kit
--------------------
1. Look whether your site sends the login email itself. If it does, accept this finding.
2. Open Send → Email Sequences and click New email sequence. Give it one email with the address of the login page and the address to log in
   with. Publish it, with a delay of 0 days.
3. Open Automate → Visual Automations and choose the automation named in this finding. Pause it while you edit.
4. Behind the webhook tag add a Delay of 5 minutes, then Action → Email Sequence with the new sequence.
5. Set the automation back to Active, if it was Active before.

When to ignore it
-----------------
The site itself sends the welcome email, for example AccessAlly's own. Kit cannot see that. WP Fusion's webhook switches the site's
welcome email off, so there this finding counts.

Sources
-------
- AccessAlly's ConvertKit guide, steps 1 and 2: https://kb.accessally.com/tutorials/convertkit-automation/ (claims S7, S8)
- WP Fusion, ``send_notification=false``: https://wpfusion.com/documentation/webhooks/convertkit-webhooks/
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ckaudit.rule import (
    LOGIN_MAKERS,
    Cause,
    Confidence,
    Effect,
    Finding,
    Flow,
    Graph,
    Harm,
    Key,
    Kind,
    Membership,
    Need,
    NotEvaluatedError,
    ObservedUse,
    Options,
    RoleName,
    Rule,
    Severity,
    Signal,
    Theme,
    Variant,
)

RULE = Rule(
    code="CK223",
    name="release-without-login-email",
    title="Buyers are never told how to log in",
    passing="Every release sends a login email",
    severity=Severity.ERROR,
    theme=Theme.ACCESS,
    harm=Harm.LOCKED_OUT,
    needs=(Need.AUTOMATIONS, Need.MEMBERSHIP),
    needs_roles=(LOGIN_MAKERS,),
    checks=Kind.AUTOMATION,
    effort_minutes=20,
    observed=ObservedUse.SILENCES,
    unseen="that no email follows they cannot show",
    people_from=("CK804",),
    counts_passers_by=True,
    nothing="no automation asks for a login",
    variants={
        "no-email": Variant("Buyers are never told how to log in"),
        "by-rule": Variant(
            "A rule or form asks for the login, and buyers are never told how to log in",
            fix=(
                "Look whether your site sends the login email itself. If it does, accept this finding.",
                "Open Send → Email Sequences and click New email sequence. Give it one email with the address of the login page and the address"
                " to log in with. Publish it, with a delay of 0 days.",
                "Open Automate → Visual Automations and click New automation. Choose Tag is added, and choose the webhook tag.",
                "Behind it add a Delay of 5 minutes, then Action → Email Sequence with the new sequence, and set it to Active.",
            ),
        ),
        "no-login-email": Variant(
            "None of the emails tells buyers how to log in",
            fix=(
                "Look whether your site sends the login email itself. If it does, accept this finding.",
                "Open Send → Email Sequences and choose the sequence that buyers get first in the automation named in this finding.",
                "In its first email write “Log in here”, select it, click the link icon and give the address of your login page. Write "
                "with which address to log in.",
                "Save it, send the email to yourself, and click the link in a private browser window.",
                "In the automation, look that 5 minutes lie between the webhook tag and this sequence.",
            ),
        ),
    },
)


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each automation that asks for a login and mails none."""
    seen: set[int] = set()
    told: set[str] = set()
    unknown = 0
    for membership in graph.memberships:
        for flow in graph.flows_of(membership) if not membership.own_order_form else ():
            if flow.index in seen or not _asks(membership, flow) or _mails(graph, membership, flow):
                continue
            if not _recognisable(graph, membership, flow):
                unknown += 1
                continue
            seen.add(flow.index)
            yield _finding(graph, membership, flow)
        for cause in _by_rules(graph, membership) if not membership.own_order_form else ():
            if str(cause.object) not in told:
                told.add(str(cause.object))
                yield _rule_finding(graph, membership, cause)
    if unknown and not seen:
        raise NotEvaluatedError(
            "which sequence carries the login email is not known: state it under “login_sequences” of the offering, or audit with the account's emails",
            (Need.SEQUENCE_EMAILS,),
        )


def judged(graph: Graph) -> Iterable[Key]:
    """The steps, rules and forms that ask for a login."""
    tags = graph.keys(*LOGIN_MAKERS)
    wanted = set(tags)
    steps = [node.key for flow in graph.flows for node in flow.steps if node.adds in wanted]
    return [*steps, *(cause.source for tag in tags for cause in graph.causes.of(Effect.ADDS_TAG, tag) if cause.unit and not cause.flow)]


def _asks(membership: Membership, flow: Flow) -> bool:
    tags = membership.keys(*LOGIN_MAKERS)
    return any(node.adds in tags for node in flow.steps)


def _mails(graph: Graph, membership: Membership, flow: Flow) -> bool:
    """A login sequence here, in what this sets off, or stated for the offering and filled by something else."""
    logins = set(graph.logins.sequences) | set(membership.keys(RoleName.LOGIN_SEQUENCE))
    if any(node.target in logins for node in flow.enrolling()):
        return True
    if any(graph.reactions.act_together(flow, cause) for key in logins for cause in graph.feeders(key)):
        return True
    return any(graph.uses_of(key) for key in membership.keys(RoleName.LOGIN_SEQUENCE))


def _by_rules(graph: Graph, membership: Membership) -> Iterator[Cause]:
    """Rules and forms that ask for a login while nothing that they or their triggers set off sends any email."""
    if any(graph.uses_of(key) for key in membership.keys(RoleName.LOGIN_SEQUENCE)):
        return
    for tag in membership.keys(*LOGIN_MAKERS):
        for cause in graph.causes.of(Effect.ADDS_TAG, tag):
            starts: tuple[Cause | Signal, ...] = (cause, *graph.reactions.triggers_of(cause))
            if cause.unit and not cause.flow and not _mailed(graph, starts):
                yield cause


def _mailed(graph: Graph, starts: tuple[Cause | Signal, ...]) -> bool:
    followed = (item.cause for start in starts for item in graph.reactions.what_follows(start))
    return any(cause.effect is Effect.ENROLS for cause in followed)


def _rule_finding(graph: Graph, membership: Membership, cause: Cause) -> Finding:
    named, site = graph.object(cause.target), membership.site
    return Finding(
        object=cause.object,
        message=f"The {cause.object.kind} “{cause.object.name}” asks {site} for the login with “{named.name}”, and no email follows. The buyer never "
        f"learns of it. If {site} sends the login itself, accept this finding.",
        variant="by-rule",
        severity=Severity.ERROR,
        confidence=Confidence.LIKELY,
        related=(named,),
        path=(cause.path_step,),
        location=cause.location,
    )


def _recognisable(graph: Graph, membership: Membership, flow: Flow) -> bool:
    """True when a login email would have been seen: nothing is mailed at all, sequences are stated, or the emails were read and the site is known."""
    if not flow.enrolling() or membership.keys(RoleName.LOGIN_SEQUENCE):
        return True
    return not graph.missing(Need.SEQUENCE_EMAILS) and bool(graph.membership_hosts)


def _finding(graph: Graph, membership: Membership, flow: Flow) -> Finding:
    mails = len(flow.enrolling())
    makers = [node for tag in membership.keys(*LOGIN_MAKERS) for node in flow.adding(tag)]
    site = membership.site
    text = (
        f"“{flow.name}” asks {site} for the login, but none of its {mails} sequences tells the buyer how to log in."
        if mails > 1
        else f"“{flow.name}” asks {site} for the login, but its sequence does not tell the buyer how to log in."
        if mails
        else f"“{flow.name}” asks {site} for the login and sends no email at all. The buyer never learns of it."
    )
    live = flow.live
    return Finding(
        object=flow.object,
        message=f"{text} If {site} sends the login itself, accept this finding.",
        variant="no-login-email" if mails else "no-email",
        severity=Severity.ERROR if live else Severity.WARNING,
        confidence=Confidence.LIKELY,
        related=tuple(graph.object_of(node) for node in makers[:1]),
        path=tuple(node.path_step("asks for the login") for node in makers[:1]),
        location=makers[0].location if makers else flow.automation.location,
    )
