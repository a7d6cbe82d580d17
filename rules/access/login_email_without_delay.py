"""Finds login emails that go out before the membership site has made the login.

What it finds
-------------
A webhook tag asks your membership site to make the buyer's login. That takes a moment. This rule measures the shortest planned time
between the step that adds the webhook tag (or the entry, when the webhook tag itself starts the automation) and the sequence with the
login email, over every way people can take. It reports less than five minutes: no delay at all, a delay in front of the webhook tag
instead of behind it, a delay only after the sequence, a branch without delay, a delay that is too short, and logins and emails split
over two automations or a rule. More than a day is reported too: the buyer waits for the login.

A first email that itself waits an hour or more counts as the delay.

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
        "by-rule": Variant(
            "A rule sends the login email before the login exists",
            fix=(
                "Open Automate → Visual Automations and click New automation. Choose Tag is added, and choose the webhook tag.",
                "Click the “+” behind it, choose Action → Delay, and set 5 minutes. Behind it choose Action → Email Sequence with the "
                "sequence named in this finding.",
                "Open Automate → Rules and choose the rule named in this finding. Remove its action that subscribes people to the "
                "sequence, and leave its other actions.",
                "Set the new automation to Active right after that, so that no buyer falls between the two.",
            ),
        ),
    },
)

DAY = 86400


def check(graph: Graph, options: Options) -> Iterator[Finding]:
    """One finding for each automation and login sequence that follow a webhook tag too soon or too late."""
    seen: set[tuple[str, Key]] = set()
    for membership in graph.memberships:
        if not membership.needs_login_webhook:
            continue
        for finding, place in (*_inside(graph, membership), *_across(graph, membership), *_by_rule(graph, membership)):
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


def _mails(graph: Graph, membership: Membership, flow: Flow) -> tuple[FlowNode, ...]:
    wanted = set(membership.keys(RoleName.LOGIN_SEQUENCE))
    return tuple(node for node in flow.enrolling() if node.target in wanted)


def _inside(graph: Graph, membership: Membership) -> Iterator[tuple[Finding, tuple[str, Key]]]:
    for flow in graph.flows:
        makers, mails = _makers(membership, flow), _mails(graph, membership, flow)
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
    """Whether the delay that is missing stands somewhere else."""
    if any(isinstance(node.step, steps.Delay) and maker in flow.after(node) for node in flow.before(maker)):
        return "delay-before-webhook"
    behind = next((node for node in flow.after(mail) if node.waits), None)
    return "delay-after-email" if behind and isinstance(behind.step, steps.Delay) and behind.seconds <= 3600 else "no-delay"


def _across(graph: Graph, membership: Membership) -> Iterator[tuple[Finding, tuple[str, Key]]]:
    """Login asked for in one automation, email sent by another that the first one starts."""
    for flow in graph.flows:
        makers = _makers(membership, flow)
        for mail in () if makers else _mails(graph, membership, flow):
            for entry in flow.roots:
                inner = flow.time_between(entry, mail)
                for source, node in _starters(graph, flow, entry) if inner else ():
                    first = _makers(membership, source)
                    spans = [span for maker in first if (span := source.time_between(maker, node))]
                    if spans and inner:
                        shortest = min(span.min_seconds for span in spans) + inner.min_seconds + _own_wait(graph, mail)
                        if shortest < membership.stack.minimum_delay:
                            yield (
                                _finding(graph, membership, flow, first[0], mail, "two-automations", shortest, source),
                                (flow.object.name, mail.key),
                            )


def _starters(graph: Graph, flow: Flow, entry: FlowNode) -> Iterator[tuple[Flow, FlowNode]]:
    """Steps of other live automations that let people in here."""
    causes = list(graph.causes.of(Effect.STARTS, flow.key))
    if entry.on_tag:
        causes += graph.causes.of(Effect.ADDS_TAG, entry.on_tag)
    for cause in causes:
        if cause.flow and cause.node and cause.flow is not flow:
            yield cause.flow, cause.node


def _by_rule(graph: Graph, membership: Membership) -> Iterator[tuple[Finding, tuple[str, Key]]]:
    """A rule that answers the webhook tag with the login sequence: rules know no delay."""
    for tag in membership.keys(*LOGIN_MAKERS):
        for cause in graph.rule_causes(tag):
            if cause.effect is Effect.ENROLS and membership.has(cause.target, RoleName.LOGIN_SEQUENCE):
                published = graph.lookup.published(cause.target)
                if not published or published[0].delay_seconds < membership.stack.minimum_delay:
                    yield _rule_finding(graph, membership, tag, cause), (cause.object.name, cause.target)


_SENTENCES = {
    "no-delay": "“{flow}” sends “{mail}” in the same moment in which “{tag}” asks {stack} for the login.",
    "delay-before-webhook": "In “{flow}” the delay stands in front of “{tag}”. Between it and “{mail}” there is none.",
    "delay-after-email": "In “{flow}” the delay stands behind “{mail}”. Between “{tag}” and the email there is none.",
    "one-branch": "“{flow}” has a delay between “{tag}” and “{mail}” on one branch only. On another the email goes out {when}.",
    "too-short": "“{flow}” waits only {time} between “{tag}” and “{mail}”.",
    "two-automations": "“{source}” adds “{tag}” and starts “{flow}”, which sends “{mail}” {when}.",
    "too-late": "“{flow}” lets {time} pass between “{tag}” and “{mail}”. The login exists within minutes; the buyer waits for it.",
    "by-rule": "The rule “{flow}” sends “{mail}” in the same moment in which “{tag}” asks {stack} for the login. Rules know no delay.",
}


def _message(graph: Graph, membership: Membership, variant: str, tag: Key, mail: Key, seconds: int, flow: str, source: str = "") -> str:
    text = _SENTENCES[variant].format(
        flow=flow,
        mail=graph.object(mail).name,
        tag=graph.object(tag).name,
        stack=membership.site,
        time=duration(seconds),
        when=f"after {duration(seconds)}" if seconds else "at once",
        source=source,
    )
    if variant == "too-late":
        return text
    if graph.logins.shows_password(mail):
        return text + " The password in the email can be blank, and the buyer cannot log in."
    return text + " The buyer may click the login link before there is a login."


def _finding(
    graph: Graph,
    membership: Membership,
    flow: Flow,
    maker: FlowNode,
    mail: FlowNode,
    variant: str,
    seconds: int,
    source: Flow | None = None,
) -> Finding:
    tag, sequence = _key(maker), _key(mail)
    where = source.name if source else ""
    return Finding(
        object=flow.object,
        message=_message(graph, membership, variant, tag, sequence, seconds, flow.name, where),
        variant=variant,
        severity=_severity(graph, flow, variant, sequence),
        confidence=_confidence(membership),
        related=(graph.object(tag), graph.object(sequence)),
        path=_path(flow, maker, mail, across=source is not None),
        location=mail.location,
    )


def _path(flow: Flow, maker: FlowNode, mail: FlowNode, *, across: bool) -> tuple[PathStep, ...]:
    """The quickest kind of way between the two, without a delay when there is one."""
    notes = {maker.id: "asks for the login", mail.id: "sends the login email"}
    if across:
        return (mail.path_step(notes[mail.id]),)
    quick = flow.path_to(maker, mail, avoiding=lambda node: isinstance(node.step, steps.Delay))
    path = quick or flow.path_to(maker, mail)
    return path.steps(notes) if path else ()


def _key(node: FlowNode) -> Key:
    """The tag of a webhook step, the sequence of an email step: makers and mails are chosen by them."""
    return node.ref.key if node.ref else node.key


def _rule_finding(graph: Graph, membership: Membership, tag: Key, cause: Cause) -> Finding:
    return Finding(
        object=cause.object,
        message=_message(graph, membership, "by-rule", tag, cause.target, 0, cause.object.name),
        variant="by-rule",
        confidence=_confidence(membership),
        related=(graph.object(tag), graph.object(cause.target)),
        location=cause.location,
    )


def _confidence(membership: Membership) -> Confidence:
    return membership.confidence(*LOGIN_MAKERS, RoleName.LOGIN_SEQUENCE)


def _severity(graph: Graph, flow: Flow, variant: str, sequence: Key) -> Severity | None:
    if variant == "too-late":
        return None
    if not flow.live:
        return Severity.WARNING
    # an email that was read and prints no password only makes people try again
    read = bool(graph.lookup.emails(sequence)) and any(email.content for email in graph.lookup.emails(sequence))
    return Severity.WARNING if read and not graph.logins.shows_password(sequence) else Severity.ERROR
