"""Results to draw: a normal one, an empty, a partial, a hostile, and one of the size of a large account."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec

from ckaudit.graph.account_map import account_map
from ckaudit.graph.impact import impacts
from ckaudit.model.account import BadObject
from ckaudit.model.automations import Automation, AutomationStatus
from ckaudit.model.errors import Location
from ckaudit.model.findings import Confidence, NotEvaluated, Passed, PathStep, ReportedFinding, Severity, Suppressed
from ckaudit.model.inventory import InventoryItem, Use
from ckaudit.model.refs import Kind, ObjectRef, Ref
from ckaudit.model.result import (
    RESULT_SCHEMA,
    AccountHead,
    Coverage,
    EvidenceCoverage,
    Grade,
    Link,
    ManifestCoverage,
    Result,
    Role,
    RuleText,
    SectionReason,
    Summary,
    Tool,
)
from ckaudit.model.steps import AddTag, AnyStep, Delay, Event, EventPath, Events, Exit, If, RemoveTag, Split, SplitPath
from ckaudit.model.triggers import Trigger, TriggerKind
from tests.graph.accounts import graph_of
from tests.render.draw.automations import has_tag, random_automation, sequence, tag, tagged

# What people call things, for results whose size is measured.
USUAL = ("Customer", "Coastal Light: module 2", "Studio Circle: founding member", "AA: update user", "Workshop: no-show 🌊", "VIP")
RELEASE, CIRCLE, WORKSHOP = "Coastal Light - release", "Studio Circle - release", "Workshop - registration"
DELAY = Delay(seconds=300, text="5 minutes")
WEEK = Delay(seconds=604800, text="7 days")


def at(line: int) -> Location:
    return Location("automations.yaml", line, 9)


def automations() -> tuple[Automation, ...]:
    cycle = (
        AddTag(tag=tag("Customer")),
        AddTag(tag=tag("Studio Circle: access")),
        AddTag(tag=tag("AA: create login"), location=at(71)),
        msgspec.structs.replace(sequence("Studio Circle: welcome"), waiting=9, location=at(72)),
        DELAY,
        RemoveTag(tag=tag("AA: create login")),
        If(test=has_tag("Studio Circle: founding member"), then=(AddTag(tag=tag("VIP")),), otherwise=()),
        Event(trigger=tagged("Studio Circle: cancelled")),
        AddTag(tag=tag("Former member")),
    )
    split = Split(
        paths=(
            SplitPath(tag=tag("Workshop: attended"), steps=(AddTag(tag=tag("Coastal Light: waitlist")),)),
            SplitPath(tag=tag("Workshop: no-show"), steps=(sequence("Workshop: replay"), Exit())),
            SplitPath(tag=None),
        )
    )
    goals = Events(paths=(EventPath(trigger=tagged("Customer"), steps=(Exit(),)), EventPath(trigger=tagged("Not interested"))))
    return (
        Automation(name=RELEASE, id=1958836, entries=(tagged("Coastal Light: purchased"),), steps=_modules(), location=at(8)),
        Automation(
            name=CIRCLE, id=2214095, entries=(tagged("Studio Circle: purchased"),), steps=cycle, note="Made overnight", location=at(61)
        ),
        Automation(
            name=WORKSHOP,
            status=AutomationStatus.PAUSED,
            entries=(
                Trigger(kind=TriggerKind.JOINS_FORM, ref=Ref(Kind.FORM, "Workshop registration 🌊", 7)),
                tagged("Invited by a friend"),
            ),
            steps=(
                sequence("Workshop: reminders"),
                Delay(seconds=172800, text="2 days"),
                split,
                goals,
                RemoveTag(tag=tag("Workshop: registered")),
            ),
        ),
    )


def _modules() -> tuple[AnyStep, ...]:
    steps: list[AnyStep] = [
        AddTag(tag=tag("AA: create login")),
        DELAY,
        sequence("Coastal Light: welcome"),
        RemoveTag(tag=tag("AA: create login")),
    ]
    for number in range(2, 5):
        steps += [WEEK, AddTag(tag=tag(f"Coastal Light: module {number}")), AddTag(tag=tag("AA: update user")), DELAY]
        steps += [sequence(f"Coastal Light: module {number} is open"), RemoveTag(tag=tag("AA: update user"))]
    return (*steps, Event(trigger=tagged("Coastal Light: revoke access")), AddTag(tag=tag("AA: update user")), DELAY)


def step(node: str, name: str, note: str = "", target: ObjectRef | None = None, line: int = 0) -> PathStep:
    return PathStep("step", name, note, target, node, at(line) if line else None)


RULES = (
    RuleText(
        "CK202",
        "login-email-without-delay",
        "Buyers get the login email before their login exists",
        "Every login email waits until the login exists",
        "access",
        "error",
        "The buyer has just paid and opens the first email. If the login does not exist yet, the password in it is blank.\n\n"
        "That is the most common reason for refund requests in the first hour after a sale.",
        (
            "Open Automations and choose the automation named in this finding.",
            "Choose Action, then Delay, and set 5 minutes.",
            "Set it to Active.",
        ),
        5,
        "https://example.com/ckaudit/rules/CK202.md",
    ),
    RuleText(
        "CK203",
        "no-revoke-path",
        "Refunded people keep the course",
        "Every offering can be taken back",
        "access",
        "error",
        "People who got their money back still see the lessons.",
        ("Open the automation.", "Add an event at its end."),
        15,
        "https://example.com/ckaudit/rules/CK203.md",
    ),
    RuleText(
        "CK401",
        "sequence-holds",
        "People wait in a sequence and never see what comes next",
        "Every sequence lets people go on",
        "sequences",
        "warning",
        "Buyers wait for module 4 and write to you.",
        ("Open the sequence.", "Switch “Stay in the sequence” off."),
        2,
        "https://example.com/ckaudit/rules/CK401.md",
    ),
    RuleText(
        "CK501",
        "no-preferences-link",
        "Emails without a link to the preferences",
        "Every sequence has the preferences link",
        "emails",
        "info",
        "Members who want less mail can only leave altogether.",
        ("Open the sequence.", "Insert the link in the last line."),
        10,
        "",
    ),
    *(
        RuleText(
            f"CK10{n}",
            f"account-{n}",
            f"The account fails check {n}",
            f"Account check {n} is in order",
            "account",
            "warning",
            "Why.",
            (),
            3,
            "",
        )
        for n in range(1, 7)
    ),
)


def findings() -> tuple[ReportedFinding, ...]:
    cycle, welcome = ObjectRef("automation", CIRCLE, 2214095), ObjectRef("sequence", "Studio Circle: welcome", 51)
    login = ObjectRef("tag", "AA: create login", 11)
    return (
        finding(
            "CK202",
            cycle,
            "“Studio Circle - release” sends “Studio Circle: welcome” in the same moment in which “AA: create login” asks for the login. "
            "The password in the email can be blank, and the buyer cannot log in.",
            variant="no-delay",
            related=(login, welcome),
            path=(
                step("1/s2", "Add tag “AA: create login”", "asks for the login", login, 71),
                step("1/s3", "Email sequence “Studio Circle: welcome”", "sends the login email", welcome, 72),
            ),
            people=41,
            location=at(72),
        ),
        finding(
            "CK203",
            ObjectRef("offering", "Studio Circle", None),
            "Nothing tells AccessAlly when a refund or a cancellation of “Studio Circle” arrives. 26 people keep the lessons.",
            people=26,
            confidence=Confidence.LIKELY,
            path=(
                PathStep(
                    "object", "Tag “Studio Circle: cancelled” is added", "26 people", ObjectRef("tag", "Studio Circle: cancelled", 12)
                ),
                PathStep("object", "AccessAlly keeps the access", "nothing removes it"),
            ),
        ),
        finding(
            "CK202",
            ObjectRef("automation", RELEASE, 1958836),
            "In “Coastal Light - release” the email with the revoke goes out too soon.",
            confidence=Confidence.POSSIBLE,
            path=(
                step("0/s20", "Email sequence “Coastal Light: module 4 is open”"),
                step("0/s22", "Tag “Coastal Light: revoke access” is added", "pulled forward to here"),
            ),
            fix=("Open the automation.", "Move the delay."),
            covers=("CK312",),
        ),
        finding(
            "CK401",
            ObjectRef("sequence", "Coastal Light: module 3 is open", 33),
            "“Stay in the sequence” is on, in front of module 4: 191 buyers wait there.",
            severity=Severity.WARNING,
            people=191,
        ),
        finding("CK101", ObjectRef("account", "Tidewater Watercolour", 1284307), "The plan ends soon.", severity=Severity.WARNING),
        finding("CK501", ObjectRef("sequence", "Studio Circle: welcome", 51), "No email links to the preferences.", severity=Severity.INFO),
    )


def finding(code: str, item: ObjectRef, message: str, **more: Any) -> ReportedFinding:
    rule = next(rule for rule in RULES if rule.code == code)
    filled: dict[str, Any] = {
        "rule": code,
        "name": rule.name,
        "title": rule.title,
        "severity": Severity.ERROR,
        "confidence": Confidence.CERTAIN,
        "fix": rule.fix,
        "docs": rule.docs,
        "fingerprint": hashlib.sha256(f"{code}{item.kind}{item.name}".encode()).hexdigest()[:16],
    }
    return ReportedFinding(object=item, message=message, **{**filled, **more})


def inventory() -> tuple[InventoryItem, ...]:
    tags = ("AA: create login", "Coastal Light: purchased", "Customer", "Studio Circle: access", "VIP")
    uses = tuple(Use("added by", f"Automation {number}") for number in range(12))
    return (
        *(
            InventoryItem(ObjectRef("tag", name, number), 1000 - number, "", uses if name == "Customer" else uses[:2])
            for number, name in enumerate(tags, 11)
        ),
        InventoryItem(ObjectRef("sequence", "Studio Circle: welcome", 51), 9, "3 of 4 emails published", (Use("filled by", CIRCLE),)),
        InventoryItem(ObjectRef("form", "Workshop registration 🌊", 7), None, "landing page", ()),
    )


def normal() -> Result:
    """A small business with a few mistakes."""
    found = findings()
    accepted = finding("CK501", ObjectRef("sequence", "Low Tide Letters", 52), "No link.", severity=Severity.INFO)
    return _mapped(
        Result(
            schema=RESULT_SCHEMA,
            tool=Tool("ckaudit", "1.2.3"),
            generated_at="2026-11-20T09:30:00Z",
            account=AccountHead(1284307, "Tidewater Watercolour", "creator", "America/New_York"),
            coverage=Coverage(
                sections={"tags": "complete", "sequences": "complete", "webhook_endpoints": "refused"},
                reasons=(SectionReason("webhook_endpoints", "Kit refused them: the key has no access"),),
                manifest=ManifestCoverage(("automations.yaml",), complete=True),
                evidence=EvidenceCoverage(8412, "2026-05-20"),
                not_looked_at={"archived forms": 2},
            ),
            summary=Summary(
                error=3, warning=2, info=1, suppressed=1, passed=2, not_evaluated=1, score=64, judged_percent=96, grade=Grade.FAIR
            ),
            findings=found,
            suppressed=(
                Suppressed(accepted, "The link stands in the template footer", "dana", "2027-03-01", Location("ckaudit.toml", 12, 1)),
            ),
            passed=(
                Passed("CK102", "account-2", "Account check 2 is in order", 1),
                Passed("CK201", "tags-removed", "Webhook tags are removed", 12),
            ),
            not_evaluated=(NotEvaluated("CK103", "account-3", ("webhook_endpoints",), "Kit refused the list of webhook endpoints"),),
            links=(
                Link(
                    ObjectRef("tag", "Customer", 13), ObjectRef("sequence", "Studio Circle: welcome", 51), 412, 0.96, 0, 0, 3, "both", 0.99
                ),
            ),
            roles=(
                Role(
                    "webhook_login", ObjectRef("tag", "AA: create login", 11), "Studio Circle", "inferred", "its webhook calls aal_genpass"
                ),
                Role("access", ObjectRef("tag", "Studio Circle: access", 14), "Studio Circle", "declared", "the manifest says so"),
            ),
            rules=RULES,
            automations=automations(),
            inventory=inventory(),
        )
    )


def _mapped(result: Result) -> Result:
    """The result with the map of its automations, and what breaks without them."""
    graph = graph_of(automations=result.automations)
    return msgspec.structs.replace(result, map=account_map(graph), impacts=impacts(graph))


def empty() -> Result:
    """An account with nothing in it, and nothing wrong."""
    return Result(RESULT_SCHEMA, Tool("ckaudit", "1.2.3"), "2026-11-20T09:30:00Z", AccountHead(27, "New"), Coverage(), Summary(score=None))


def partial() -> Result:
    """Hardly anything could be read, and a rule broke."""
    return msgspec.structs.replace(
        empty(),
        account=AccountHead(),
        coverage=Coverage(
            sections={"tags": "partial", "sequences": "refused"},
            reasons=(SectionReason("tags", "the network broke after page 3"), SectionReason("sequences", "Kit refused")),
            bad_objects=(BadObject("tags[3].name", "Expected `str`, got `int`"),),
            with_emails=True,
        ),
        summary=Summary(not_evaluated=2, hidden=4),
        not_evaluated=(
            NotEvaluated("CK101", "a", ("account",), "the account was not read"),
            NotEvaluated("CK401", "b", ("sequences",), "Kit refused"),
        ),
        crashed=(NotEvaluated("CK999", "mine", (), "the rule raised KeyError at rules/mine.py:12"),),
    )


ATTACKS = (
    "<script>document.title='owned'</script>",
    "\"><img src=x onerror=\"document.title='owned'\">",
    "'-document.title='owned'-'",
    "javascript:document.title='owned'",
    "</script><script>document.title='owned'</script>",
    "]]></title><svg onload=document.title='owned'>",
    "{{ 7*7 }}{% raw %}${7*7}",
    "\x1b[31mred\x07\x00\x9b",
    "\u202egnp.exe\u2066 \u200f",
    "=HYPERLINK(\"http://evil.example\";\"x\")",
    "+1+cmd|' /C calc'!A0",
    "@SUM(1)",
    "-2+3",
    "x" * 10_000,
    "word " * 2_000,
    "👩‍👩‍👧‍👦🏳️‍🌈" * 40,
    "::error file=x::owned%0A\r\n::set-output name=x::y",
    "```\n<b>`[x](javascript:alert(1))` | table | @everyone #1 \n# h\n---",
    "end",
    "\ud7ff\ufffe\uffff\u2028\u2029",
    "Z̵̢̛̗͔̺͓̙͔̖͓͙̀̽͊́̈́͋̚a̵͇̬̯̭̐́̏̍͘l̷̢̨͖̰͓̼͔̻̔̈́͐͜go",
    "שלום مرحبا",
)  # fmt: skip


def hostile() -> Result:
    """Every name, text and address is an attack."""
    numbers = iter(range(10**9))

    def attack(text: str) -> str:
        return ATTACKS[next(numbers) % len(ATTACKS)] if text else text

    def twisted(item: Any, *keep: str) -> Any:
        if isinstance(item, tuple):
            return tuple(twisted(part, *keep) for part in item)
        if isinstance(item, dict):
            return {attack(key): twisted(part) for key, part in item.items()}
        if isinstance(item, msgspec.Struct):
            changed = {name: twisted(getattr(item, name)) for name in item.__struct_fields__ if name not in KEPT and name not in keep}
            return msgspec.structs.replace(item, **changed)
        return attack(item) if type(item) is str else item

    many = msgspec.structs.replace(normal(), findings=findings() * 8, rules=RULES)
    twisted_result: Result = twisted(many, "schema", "automations", "generated_at", "rules")
    flows = tuple(msgspec.structs.replace(twisted(automation)) for automation in many.automations)
    rules = tuple(msgspec.structs.replace(twisted(rule), code=rule.code, theme=rule.theme, severity=rule.severity) for rule in RULES)
    return msgspec.structs.replace(twisted_result, automations=flows, rules=rules)


# Fields whose values are words of our own or decide what is drawn.
KEPT = {"node", "kind", "trigger", "severity", "confidence", "rule", "status", "origin", "operator", "theme", "step"}


def large(automation_count: int = 120, finding_count: int = 300) -> Result:
    """An account of 120 automations of 20 steps with 300 findings, 600 tags and 120 sequences."""
    flows = tuple(
        msgspec.structs.replace(random_automation(number, 20, USUAL), entries=(tagged("Customer"),), name=f"Automation {number}", id=number)
        for number in range(automation_count)
    )
    base = findings()
    found = tuple(_copy(base[number % len(base)], number, automation_count) for number in range(finding_count))
    items = tuple(InventoryItem(ObjectRef("tag", f"Tag {number}", number), number, "", inventory()[2].uses[:4]) for number in range(720))
    return _mapped(
        msgspec.structs.replace(
            normal(),
            automations=flows,
            findings=found,
            inventory=items,
            summary=Summary(error=150, warning=100, info=50, passed=2, score=31, judged_percent=96, grade=Grade.POOR),
        )
    )


def _copy(original: ReportedFinding, number: int, count: int) -> ReportedFinding:
    path = tuple(
        msgspec.structs.replace(part, node=f"{number % count}/s{place}" if part.node else "") for place, part in enumerate(original.path)
    )
    return msgspec.structs.replace(original, fingerprint=f"{number:016x}", path=path)
