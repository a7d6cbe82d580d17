"""One canonical result in four states, for every output format."""

from __future__ import annotations

import msgspec

from ckaudit.model.account import BadObject
from ckaudit.model.errors import Location
from ckaudit.model.findings import Confidence, NotEvaluated, Passed, PathStep, ReportedFinding, Severity, Suppressed
from ckaudit.model.refs import ObjectRef
from ckaudit.model.result import (
    RESULT_SCHEMA,
    AccountHead,
    Coverage,
    Grade,
    ManifestCoverage,
    Result,
    Role,
    SectionReason,
    Summary,
    Tool,
)

TAG = ObjectRef("tag", "AA: create login", 11)
RELEASE = ObjectRef("automation", "Course A - release", 1982218)
FIX = ("Open Automations and choose the automation.", "Click the “+” behind the step.", "Choose Action, then Delay.", "Set 5 minutes.")
SECTIONS = ("account", "tags", "forms", "sequences", "sequence_emails", "webhooks", "webhook_endpoints")

LATE = ReportedFinding(
    object=RELEASE,
    message="Between “AA: create login” and the login email there is no delay. The password can be blank, and the buyer cannot log in.",
    variant="none",
    severity=Severity.ERROR,
    confidence=Confidence.LIKELY,
    title="Buyers get the login email before their login exists",
    related=(TAG, ObjectRef("sequence", "Course A welcome", 5)),
    path=(
        PathStep("entry", "Tag “Course A: purchased” is added"),
        PathStep("step", "Add tag “AA: create login”", "asks for the login", TAG, location=Location("automations.yaml", 12, 7)),
        PathStep("step", "Email sequence “Course A welcome”"),
    ),
    people=41,
    location=Location("automations.yaml", 12, 7),
    fix=FIX,
    rule="CK202",
    name="login-email-without-delay",
    docs="docs/rules/CK202.md",
    fingerprint="0123456789abcdef",
)
STAYS = msgspec.structs.replace(
    LATE,
    message="The webhook tag stays.",
    variant="never",
    severity=Severity.WARNING,
    confidence=Confidence.CERTAIN,
    related=(),
    path=(),
    people=1,
    covers=("CK216",),
    fix=FIX[:1],
    rule="CK201",
    name="webhook-tag-not-removed",
    fingerprint="1123456789abcdef",
)
EMAIL = ReportedFinding(
    object=ObjectRef("email", "Willkommen 🎉 日本語のメール", 61),
    message="No preferences link.",
    severity=Severity.INFO,
    confidence=Confidence.CERTAIN,
    title="",
    fix=(),
    rule="CK501",
    name="missing-preference-link",
    docs="",
    fingerprint="2123456789abcdef",
)

NORMAL = Result(
    schema=RESULT_SCHEMA,
    tool=Tool("ckaudit", "0.1.0"),
    generated_at="2026-11-20T12:00:00Z",
    account=AccountHead(27, "Tidewater Watercolour", "creator", "America/New_York"),
    coverage=Coverage(
        sections=dict.fromkeys(SECTIONS, "complete") | {"webhook_endpoints": "refused"},
        reasons=(SectionReason("webhook_endpoints", "Kit answered 401 to GET /v4/webhook_endpoints"),),
        manifest=ManifestCoverage(("automations.yaml",), True),
        not_looked_at={"draft emails": 2},
    ),
    summary=Summary(error=1, warning=1, info=1, suppressed=1, passed=1, not_evaluated=2, score=64, judged_percent=96, grade=Grade.FAIR),
    findings=(LATE, STAYS, EMAIL),
    suppressed=(
        Suppressed(msgspec.structs.replace(EMAIL, rule="CK503"), "The footer has it", location=Location("automations.yaml", 3, 1)),
    ),
    passed=(Passed("CK101", "free-plan", "The plan is a paid one", 1),),
    not_evaluated=(
        NotEvaluated("CK801", "webhook-tag-lingers", ("evidence",), "the timestamps of people were not read"),
        NotEvaluated("CK802", "login-email-too-soon", ("evidence",), "the timestamps of people were not read"),
    ),
    roles=(
        Role("login_webhook_tag", TAG, "Course A", "inferred", "its webhook calls https://members.example.com/?aal_genpass"),
        Role("purchase_tag", ObjectRef("tag", "Course A: purchased", 12), "Course A", "declared", ""),
    ),
)

EMPTY = msgspec.structs.replace(
    NORMAL,
    coverage=Coverage(sections=dict.fromkeys(SECTIONS, "complete"), manifest=ManifestCoverage(("automations.yaml",), False)),
    summary=Summary(passed=1, score=100, judged_percent=96, grade=Grade.GOOD),
    findings=(),
    suppressed=(),
    not_evaluated=(),
    roles=(),
)

PARTIAL = Result(
    schema=RESULT_SCHEMA,
    tool=Tool("ckaudit", "0.1.0"),
    generated_at="2026-11-20T12:00:00Z",
    account=AccountHead(27),
    coverage=Coverage(
        sections={"account": "complete", "tags": "partial", "forms": "skipped"},
        reasons=(SectionReason("tags", "the connection broke"), SectionReason("forms", "")),
        bad_objects=(BadObject("tags[3].name", "Expected str, got int"), BadObject("tags[4]", "x")),
        with_emails=True,
    ),
    summary=Summary(not_evaluated=1, hidden=3),
    not_evaluated=(
        NotEvaluated("CK202", "login-email-without-delay", ("automations",), "Kit's API shows no automations and no manifest was given"),
    ),
    crashed=(NotEvaluated("ACME601", "bad-tag", (), "the rule raised ValueError at mine/bad_tag.py:12"),),
)

EVIL = "\x1b[2J\x1b]8;;https://evil.example\x07<script>alert(1)</script>\u202egnp.exe\u2028\x00\x9b31m"
LONG = "x" * 10_000
_EVIL_TAG = ObjectRef("tag", EVIL, 9)

HOSTILE = msgspec.structs.replace(
    NORMAL,
    account=AccountHead(27, EVIL, EVIL),
    coverage=Coverage(
        sections={"tags": "refused"},
        reasons=(SectionReason("tags", EVIL),),
        manifest=ManifestCoverage((EVIL,), True),
        bad_objects=(BadObject(EVIL, EVIL),),
        not_looked_at={EVIL: 1},
    ),
    findings=(
        ReportedFinding(
            object=_EVIL_TAG,
            message=f"The tag “{EVIL}” is bad.",
            severity=Severity.ERROR,
            confidence=Confidence.CERTAIN,
            title="",
            related=(_EVIL_TAG,),
            path=(PathStep("step", EVIL, EVIL, _EVIL_TAG),),
            location=Location(EVIL, 1, 1),
            fix=(EVIL,),
            rule="CK202",
            name="login-email-without-delay",
            docs="",
            fingerprint="",
        ),
        ReportedFinding(
            object=ObjectRef("tag", LONG, 10),
            message=f"The tag “{LONG}” is long. " + "word " * 3000,
            severity=Severity.INFO,
            confidence=Confidence.CERTAIN,
            title="",
            related=(ObjectRef("tag", "日" * 10_000, 12),),
            fix=(),
            rule="CK999",
            name="long",
            docs="",
            fingerprint="",
        ),
    ),
    suppressed=(Suppressed(EMAIL, EVIL),),
    not_evaluated=(NotEvaluated("CK801", "x", (), EVIL),),
    roles=(Role("login_webhook_tag", _EVIL_TAG, EVIL, "inferred", EVIL),),
    crashed=(NotEvaluated("CK1", "x", (), EVIL),),
)

RESULTS = {"normal": NORMAL, "empty": EMPTY, "partial": PARTIAL, "hostile": HOSTILE}
