"""Finds login emails that go out before the membership site has made the login.

What it finds
-------------
A webhook tag asks your membership site to make the buyer's login. That takes a moment. This rule measures the shortest planned time
between the step that adds the webhook tag (or the entry, when the webhook tag itself starts the automation) and the sequence with the
login email, over every way people can take and over any number of automations, rules and forms that hand over to each other. It reports
less than five minutes: no delay at all, a delay in front of the webhook tag instead of behind it, a delay only after the sequence, a
branch without delay, one that is too short, and logins and emails split over automations or rules. More than a day is reported, too.

A first email that itself waits an hour or more counts as the delay. This rule does not see how long your site really takes, nor what a
tool outside Kit does in between.

Why it matters
--------------
The buyer has just paid and opens the first email. If the login does not exist yet, the password in it is blank or the link leads
nowhere. That is the most common reason for refund requests and support mail in the first hour after a sale.

How to fix it in Kit
--------------------
1. Open Automate → Visual Automations and choose the automation named in this finding.
2. Pause it while you edit: people wait where they are and go on when it is Active again.
3. Click the “+” between the step that adds the webhook tag and the sequence with the login email. Where the tag starts the automation,
   click the “+” directly behind the entry.
4. Choose Action → Delay, and set 5 minutes.
5. Set the automation back to Active, if it was Active before.

When to ignore it
-----------------
The login exists before this automation starts, for example because AccessAlly's own order form made it: then state
``orders: accessally`` or ``account_created_by: site`` for the offering, and this rule is silent.

Sources
-------
- AccessAlly's ConvertKit guide, step 6, "Blank Password": https://kb.accessally.com/tutorials/convertkit-automation/ (claims S28 to S30)
- WP Fusion on webhooks ("a few seconds"): https://wpfusion.com/documentation/webhooks/about-webhooks/
- Steps wait for the step above them: https://help.kit.com/en/articles/2502537
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
    PathStep,
    RoleName,
    Rule,
    Severity,
    Span,
    Theme,
    Variant,
    duration,
    steps,
)

_OPEN = "Open Automate → Visual Automations and choose the automation named in this finding."
_PAUSE = "Pause it while you edit: people wait where they are and go on when it is Active again."
_RESUME = "Set the automation back to Active, if it was Active before."

RULE = Rule(
    code="CK202",
    name="login-email-without-delay",
    title="Buyers get the login email before their login exists",
    passing="Every login email waits until the login exists",
    severity=Severity.ERROR,
    theme=Theme.ACCESS,
    harm=Harm.LOCKED_OUT,
    needs=(Need.AUTOMATIONS, Need.MEMBERSHIP),
    needs_roles=(LOGIN_MAKERS, (RoleName.LOGIN_SEQUENCE,)),
    checks=Kind.AUTOMATION,
    effort_minutes=5,
    observed=ObservedUse.JUDGED,
    observed_yields_to=("CK802",),
    people_from=("CK802",),
    counts_passers_by=True,
    nothing="no sequence carries a login email",
    variants={
        "no-delay": Variant("Buyers get the login email before their login exists"),
        "delay-before-webhook": Variant(
            "The delay stands in front of the webhook tag, so the login email still comes too early",
            fix=(
                _OPEN,
                _PAUSE,
                "Click the “+” between the step that adds the webhook tag and the sequence with the login email, choose Action → Delay, "
                "and set 5 minutes.",
                "Leave the delay in front of the webhook tag if it has a purpose of its own. Otherwise delete it once nobody waits on it:"
                " whoever waits on a step that is deleted is stuck.",
                _RESUME,
            ),
        ),
        "delay-after-email": Variant(
            "The delay stands behind the login email, so the email still comes too early",
            fix=(
                _OPEN,
                _PAUSE,
                "Click the “+” between the step that adds the webhook tag and the sequence with the login email, choose Action → Delay, "
                "and set 5 minutes.",
                "Leave the delay behind the email if it has a purpose of its own. Otherwise delete it once nobody waits on it: whoever "
                "waits on a step that is deleted is stuck.",
                _RESUME,
            ),
        ),
        "one-branch": Variant(
            "On one branch buyers get the login email before their login exists",
            fix=(
                _OPEN,
                _PAUSE,
                "Follow the path in this finding: it leads along the branch without a delay that is long enough.",
                "Click the “+” on that branch, in front of the sequence with the login email, choose Action → Delay, and set 5 minutes.",
                _RESUME,
            ),
        ),
        "too-short": Variant(
            "The delay in front of the login email is too short",
            fix=(
                _OPEN,
                _PAUSE,
                "Click the Delay between the step that adds the webhook tag and the sequence with the login email, and set it to 5 "
                "minutes.",
                _RESUME,
            ),
        ),
        "too-late": Variant(
            "Buyers wait more than a day for their login",
            Severity.WARNING,
            fix=(
                _OPEN,
                _PAUSE,
                "Look at what stands between the step that adds the webhook tag and the sequence with the login email.",
                "If it is only a Delay, set it to 5 minutes.",
                "If other steps belong there: click the “+” directly behind the step that adds the webhook tag, choose Action → Delay, "
                "and set 5 minutes, and behind it choose Action → Email Sequence with the login email. Delete the old one further down "
                "once nobody waits in front of it.",
                _RESUME,
            ),
        ),
        "two-automations": Variant(
            "One automation asks for the login, and another sends the email before it exists",
            fix=(
                _OPEN,
                _PAUSE,
                "Click the “+” directly behind the entry through which people come from the other automation, choose Action → Delay, and "
                "set 5 minutes.",
                _RESUME,
            ),
        ),
        "side-by-side": Variant(
            "The login is asked for in one place, and another sends the email before it exists",
            fix=(
                _OPEN,
                _PAUSE,
                "Click the “+” in front of the sequence with the login email, choose Action → Delay, and set 5 minutes more than the other "
                "one needs until it adds the webhook tag.",
                "Simpler to keep right: both in one automation, first the webhook tag, then the Delay, then the email.",
                _RESUME,
            ),
        ),
        "by-rule": Variant(
            "A rule or form sends the login email before the login exists",
            fix=(
                "Open Automate → Visual Automations and click New automation. Choose Tag is added, and choose the webhook tag.",
                "Click the “+” behind it, choose Action → Delay, and set 5 minutes. Behind it choose Action → Email Sequence with the "
                "sequence named in this finding.",
                "Let the old one no longer subscribe people to the sequence: a rule in Automate → Rules, a form in its settings. Leave what "
                "else it does.",
                "Set the new automation to Active right after that, so that no buyer falls between the two.",
            ),
        ),
    },
)

HOUR, DAY = 3600, 86400


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each automation and login sequence that follow a webhook tag too soon or too late."""
    seen: set[tuple[str, Key]] = set()
    sites = [item for item in graph.memberships if item.needs_login_webhook]
    started = [graph.reactions.what_follows(*moment.starts) for moment in graph.moments] if sites else []
    together = [[item for item in found if not item.waits] for found in started]
    for membership in sites:
        for finding, place in (*_inside(graph, membership), *_followed(graph, membership, together)):
            if place not in seen:
                seen.add(place)
                yield finding


def judged(graph: Graph) -> Iterable[Key]:
    """The sequences with a login email."""
    return graph.keys(RoleName.LOGIN_SEQUENCE)


def _makers(membership: Membership, flow: Flow) -> tuple[FlowNode, ...]:
    """Steps that ask for the login, and entries whose own tag does."""
    tags = membership.keys(*LOGIN_MAKERS)
    return (*(node for tag in tags for node in flow.adding(tag)), *(node for node in flow.entries if node.on_tag in tags))


def _inside(graph: Graph, membership: Membership) -> Iterator[tuple[Finding, tuple[str, Key]]]:
    logins = set(membership.keys(RoleName.LOGIN_SEQUENCE))
    for flow in graph.flows_of(membership):
        makers, mails = _makers(membership, flow), tuple(node for node in flow.enrolling() if node.target in logins)
        for mail in mails:
            gaps = [(maker, span) for maker in makers if (span := _gap(flow, maker, mail, makers, mails))]
            worst = min(gaps, key=lambda gap: gap[1].min_seconds, default=None)
            if worst and (finding := _judge(graph, membership, flow, mail, *worst)):
                yield finding, (flow.object.name, mail.key)


def _gap(flow: Flow, maker: FlowNode, mail: FlowNode, makers: tuple[FlowNode, ...], mails: tuple[FlowNode, ...]) -> Span | None:
    """Time from the first webhook tag on a way to the first login email behind it: the login is asked for once."""
    is_first = maker.step is None or any(maker in flow.first_after(root, lambda node: node in makers) for root in flow.roots)
    if not is_first or mail not in flow.first_after(maker, lambda node: node in mails):
        return None
    return flow.time_between(maker, mail, avoiding=lambda node: node in makers)


def _judge(graph: Graph, membership: Membership, flow: Flow, mail: FlowNode, maker: FlowNode, span: Span) -> Finding | None:
    own = _own_wait(graph, mail)
    shortest, longest = span.min_seconds + own, span.max_seconds + own
    if shortest >= membership.stack.minimum_delay:
        # how long the email itself waits is a matter of the sequence
        late = span.max_seconds > DAY and not span.open_ended
        return _finding(graph, membership, flow, maker, mail, "too-late", span.max_seconds) if late else None
    if longest >= membership.stack.minimum_delay:
        return _finding(graph, membership, flow, maker, mail, "one-branch", shortest)
    if shortest > 0:
        return _finding(graph, membership, flow, maker, mail, "too-short", shortest)
    return _finding(graph, membership, flow, maker, mail, _misplaced(flow, maker, mail), shortest)


def _own_wait(graph: Graph, mail: FlowNode) -> int:
    """Seconds the first published email of the sequence waits by itself."""
    return graph.lookup.first_delay(mail.enrols) if mail.enrols else 0


def _misplaced(flow: Flow, maker: FlowNode, mail: FlowNode) -> str:
    """Whether the delay that is missing stands somewhere else: directly in front of the webhook tag, or behind the email."""
    if any(_is_delay(node) and _leads_straight(flow, node, maker) for node in flow.before(maker)):
        return "delay-before-webhook"
    behind = next((node for node in flow.after(mail) if node.waits), None)
    return "delay-after-email" if behind and _is_delay(behind) else "no-delay"


def _is_delay(node: FlowNode) -> bool:
    return isinstance(node.step, steps.Delay) and node.seconds <= HOUR


def _leads_straight(flow: Flow, delay: FlowNode, maker: FlowNode) -> bool:
    """Only steps that change tags and fields lie between the two."""
    between = [node for node in flow.after(delay) if maker.id in flow.below[node.id]]
    return maker.id in flow.below[delay.id] and all(
        node.effect in (Effect.ADDS_TAG, Effect.REMOVES_TAG, Effect.SETS_FIELD) for node in between
    )


def _followed(graph: Graph, membership: Membership, together: list[list[Consequence]]) -> Iterator[tuple[Finding, tuple[str, Key]]]:
    """Login asked for in one place and emailed by another that the same step of the buyer sets off, over any number of hops."""
    makers, logins = set(membership.keys(*LOGIN_MAKERS)), set(membership.keys(RoleName.LOGIN_SEQUENCE))
    for found in together:
        asking = [item for item in found if item.cause.effect is Effect.ADDS_TAG and item.cause.target in makers]
        for mail in found if asking else ():
            if mail.cause.effect is not Effect.ENROLS or mail.cause.target not in logins or _asked_inside(membership, mail.cause):
                continue
            gaps = [(gap, maker) for maker in asking if (gap := _seconds_apart(maker, mail)) is not None]
            worst = max(gaps, key=lambda item: item[0], default=None)
            least = max(worst[0], 0) + graph.lookup.first_delay(mail.cause.target) if worst else 0
            if worst and least < membership.stack.minimum_delay:
                yield _handed_over(graph, membership, worst[1], mail, least), (mail.cause.object.name, mail.cause.target)


def _asked_inside(membership: Membership, mail: Cause) -> bool:
    """True when its own automation asks for the login in front of it."""
    flow, node = mail.flow, mail.node
    return bool(flow and node and any(node.id in flow.below[maker.id] for maker in _makers(membership, flow)))


def _seconds_apart(maker: Consequence, mail: Consequence) -> int | None:
    """Seconds from the request to the email, less than 0 when the email comes first; None when they have nothing to do with each other."""
    if maker.excludes(mail):
        return None
    apart = mail.span.min_seconds - maker.span.min_seconds
    one, two = next(((one, two) for one, two in zip(maker.way, mail.way, strict=False) if one.cause is not two.cause), (maker, mail))
    if (one, two) == (maker, mail) and one.cause.flow and one.cause.unit == two.cause.unit:
        return None  # the email stands in front of the request: another rule's question
    flow = one.cause.flow
    if flow and flow is two.cause.flow and one.cause.node and two.cause.node:
        between = flow.time_between(one.cause.node, two.cause.node)
        apart += between.min_seconds + one.span.min_seconds - two.span.min_seconds if between else 0
    return apart if apart > -HOUR else None


_SENTENCES = {
    "no-delay": "“{flow}” sends “{mail}” in the same moment in which “{tag}” asks {stack} for the login.",
    "delay-before-webhook": "In “{flow}” the delay stands in front of “{tag}”. Between it and “{mail}” there is none.",
    "delay-after-email": "In “{flow}” the delay stands behind “{mail}”. Between “{tag}” and the email there is none.",
    "one-branch": "“{flow}” has a delay between “{tag}” and “{mail}” on one branch only. On another the email goes out {when}.",
    "too-short": "“{flow}” waits only {time} between “{tag}” and “{mail}”.",
    "two-automations": "“{source}” adds “{tag}” and starts “{flow}”, which sends “{mail}” {when}.",
    "side-by-side": "The same step of the buyer lets “{source}” add “{tag}” and “{flow}” send “{mail}”, {when}.",
    "too-late": "“{flow}” lets {time} pass between “{tag}” and “{mail}”. The login exists within minutes; the buyer waits for it.",
    "by-rule": "The {kind} “{flow}” sends “{mail}” {moment} “{tag}” asks {stack} for the login. A {kind} knows no delay.",
}


def _message(
    graph: Graph, membership: Membership, variant: str, tag: Key, mail: Key, seconds: int, flow: str, source: str = "", kind: str = ""
) -> str:
    text = _SENTENCES[variant].format(
        flow=flow,
        mail=graph.object(mail).name,
        tag=graph.object(tag).name,
        stack=membership.site,
        time=duration(seconds),
        moment=f"only {duration(seconds)} after" if seconds else "in the same moment in which",
        when=f"after {duration(seconds)}" if seconds else "at once",
        source=source,
        kind=kind,
    )
    if variant == "too-late":
        return text
    if graph.logins.shows_password(mail):
        return text + " The password in the email can be blank, and the buyer cannot log in."
    return text + " The buyer may click the login link before there is a login."


def _finding(graph: Graph, membership: Membership, flow: Flow, maker: FlowNode, mail: FlowNode, variant: str, seconds: int) -> Finding:
    tag, sequence = _key(maker), _key(mail)
    return Finding(
        object=flow.object,
        message=_message(graph, membership, variant, tag, sequence, seconds, flow.name),
        variant=variant,
        severity=_severity(graph, variant, sequence, live=flow.live),
        confidence=_confidence(membership),
        related=(graph.object(tag), graph.object(sequence)),
        path=_path(flow, maker, mail),
        location=mail.location,
    )


def _path(flow: Flow, maker: FlowNode, mail: FlowNode) -> tuple[PathStep, ...]:
    """The quickest kind of way between the two, without a delay when there is one."""
    notes = {maker.id: "asks for the login", mail.id: "sends the login email"}
    quick = flow.path_to(maker, mail, avoiding=lambda node: isinstance(node.step, steps.Delay))
    path = quick or flow.path_to(maker, mail)
    return path.steps(notes) if path else ()


def _key(node: FlowNode) -> Key:
    """The tag of a webhook step, the sequence of an email step: makers and mails are chosen by them."""
    return node.ref.key if node.ref else node.key


def _handed_over(graph: Graph, membership: Membership, maker: Consequence, mail: Consequence, seconds: int) -> Finding:
    tag, sequence, where = maker.cause.target, mail.cause.target, mail.cause.object
    one_after_other = any(step.cause is maker.cause or (step.cause.unit == maker.cause.unit and step is not mail) for step in mail.way)
    variant = "by-rule" if mail.cause.flow is None else "two-automations" if one_after_other else "side-by-side"
    source = maker.cause.object.name
    return Finding(
        object=where,
        message=_message(graph, membership, variant, tag, sequence, seconds, where.name, source, where.kind),
        variant=variant,
        severity=_severity(graph, variant, sequence, live=True),
        confidence=_confidence(membership),
        related=tuple(
            dict.fromkeys((*((maker.cause.object,) if maker.cause.object != where else ()), graph.object(tag), graph.object(sequence)))
        ),
        path=mail.path if one_after_other else (maker.cause.path_step, mail.cause.path_step),
        location=mail.cause.location,
    )


def _confidence(membership: Membership) -> Confidence:
    return membership.confidence(*LOGIN_MAKERS, RoleName.LOGIN_SEQUENCE)


def _severity(graph: Graph, variant: str, sequence: Key, *, live: bool) -> Severity | None:
    if variant == "too-late":
        return None
    if not live:
        return Severity.WARNING
    # an email that was read and prints no password only makes people try again
    read = bool(graph.lookup.emails(sequence)) and any(email.content for email in graph.lookup.emails(sequence))
    return Severity.WARNING if read and not graph.logins.shows_password(sequence) else Severity.ERROR
