"""The one module a rule imports from ckaudit.

A rule is one file. Its docstring is its documentation (fixed headings, see CONTRIBUTING), ``RULE`` its metadata, ``check`` a generator
``(graph, options) -> Iterator[Finding]`` without I/O, clock or state. Beside it lies ``<name>.cases.yaml``.
"""

from __future__ import annotations

from msgspec import Meta

from ckaudit.evidence.declared import (
    ComparedLink,
    compare,
)
from ckaudit.evidence.facts import (
    BULK,
    Gaps,
    Holders,
    newest,
    people_between,
)
from ckaudit.evidence.mine import (
    ObservedLink,
    links_in,
)
from ckaudit.evidence.people import (
    FEW,
    People,
    active,
    dates,
    guarded,
    unreachable,
)
from ckaudit.graph.causes import (
    Cause,
    Effect,
)
from ckaudit.graph.consequences import (
    adds_elsewhere,
    removed_elsewhere,
    set_off_by,
)
from ckaudit.graph.content.model import (
    Contents,
    Document,
    FaultKind,
    Link,
    LiquidFault,
    Mail,
    MailPart,
    Position,
    Text,
    Variable,
)
from ckaudit.graph.content.names import (
    PREFERENCE_NAMES,
    ROOTS,
    SUBSCRIBER_NAMES,
    UNDOCUMENTED_SUBSCRIBER_NAMES,
    closest,
    is_password,
    plain,
)
from ckaudit.graph.content.passwords import (
    hands_over_password,
    passwords_in_addresses,
)
from ckaudit.graph.declared_links import (
    declared_links,
)
from ckaudit.graph.feeding import (
    feeders,
    holds_on_arrival,
    in_several_places,
    in_use,
    steps_next,
)
from ckaudit.graph.flow import (
    Flow,
    FlowNode,
    all_steps,
)
from ckaudit.graph.free_mail import (
    is_free_mail,
)
from ckaudit.graph.graph import (
    Graph,
)
from ckaudit.graph.hops import (
    Hop,
    value_set,
)
from ckaudit.graph.login import (
    is_login_link,
)
from ckaudit.graph.loops import (
    Loop,
)
from ckaudit.graph.paths import (
    Move,
    Span,
    Way,
    comes_for_sure,
    every_way_crosses,
    firsts,
    reachable,
    time_between,
    undone_before_next,
    way_avoiding,
)
from ckaudit.graph.plan import (
    PaidFeature,
    PaidUse,
    PlanKind,
    is_trial,
    paid_uses,
    plan_kind,
    plan_name,
    plan_title,
)
from ckaudit.graph.releases import (
    Release,
    Telling,
    badly_told,
)
from ckaudit.graph.roles import (
    LOGIN_MAKERS,
    TAG_READERS,
    WEBHOOK_ROLES,
    Membership,
    RoleName,
)
from ckaudit.graph.senders import (
    Sender,
    require_sequences,
    senders,
)
from ckaudit.graph.signs import (
    comes_from_outside,
    is_in_use,
    is_young,
)
from ckaudit.graph.targets import (
    WebhookTag,
    host_of,
)
from ckaudit.graph.words import (
    describe,
    describe_step,
    duration,
    headcount,
    name_list,
    share_of,
)
from ckaudit.graph.zones import (
    local_day,
    offsets,
    read_zone,
    spell_date,
    spell_span,
)
from ckaudit.model.account import (
    Account,
    AccountInfo,
    Form,
    SectionName,
    SectionStatus,
    SendingAddress,
    Sequence,
    SequenceEmail,
    Snippet,
    Tag,
    Webhook,
    utc,
)
from ckaudit.model.automations import (
    AccountCreator,
    AddTag,
    AnyStep,
    Automation,
    AutomationStatus,
    Billing,
    ConditionKind,
    Delay,
    Enrol,
    Event,
    Events,
    Exit,
    Happening,
    If,
    KitRule,
    Manifest,
    Offering,
    Orders,
    Origin,
    RemoveFromAutomation,
    RemoveTag,
    Revoker,
    RuleActionKind,
    SetField,
    Split,
    StartAutomation,
    Trigger,
)
from ckaudit.model.errors import (
    Location,
)
from ckaudit.model.findings import (
    Confidence,
    Finding,
    PathStep,
    Severity,
)
from ckaudit.model.links import (
    DeclaredLink,
)
from ckaudit.model.refs import (
    Key,
    Kind,
    ObjectRef,
    Ref,
)
from ckaudit.model.rules import (
    Need,
    NoOptions,
    NotEvaluatedError,
    Options,
    Rule,
    Theme,
)
from ckaudit.model.stack import (
    AccessModel,
    Operation,
    Stack,
)

__all__ = [
    "BULK",
    "FEW",
    "LOGIN_MAKERS",
    "PREFERENCE_NAMES",
    "ROOTS",
    "SUBSCRIBER_NAMES",
    "TAG_READERS",
    "UNDOCUMENTED_SUBSCRIBER_NAMES",
    "WEBHOOK_ROLES",
    "AccessModel",
    "Account",
    "AccountCreator",
    "AccountInfo",
    "AddTag",
    "AnyStep",
    "Automation",
    "AutomationStatus",
    "Billing",
    "Cause",
    "ComparedLink",
    "ConditionKind",
    "Confidence",
    "Contents",
    "DeclaredLink",
    "Delay",
    "Document",
    "Effect",
    "Enrol",
    "Event",
    "Events",
    "Exit",
    "FaultKind",
    "Finding",
    "Flow",
    "FlowNode",
    "Form",
    "Gaps",
    "Graph",
    "Happening",
    "Holders",
    "Hop",
    "If",
    "Key",
    "Kind",
    "KitRule",
    "Link",
    "LiquidFault",
    "Location",
    "Loop",
    "Mail",
    "MailPart",
    "Manifest",
    "Membership",
    "Meta",
    "Move",
    "Need",
    "NoOptions",
    "NotEvaluatedError",
    "ObjectRef",
    "ObservedLink",
    "Offering",
    "Operation",
    "Options",
    "Orders",
    "Origin",
    "PaidFeature",
    "PaidUse",
    "PathStep",
    "People",
    "PlanKind",
    "Position",
    "Ref",
    "Release",
    "RemoveFromAutomation",
    "RemoveTag",
    "Revoker",
    "RoleName",
    "Rule",
    "RuleActionKind",
    "SectionName",
    "SectionStatus",
    "Sender",
    "SendingAddress",
    "Sequence",
    "SequenceEmail",
    "SetField",
    "Severity",
    "Snippet",
    "Span",
    "Split",
    "Stack",
    "StartAutomation",
    "Tag",
    "Telling",
    "Text",
    "Theme",
    "Trigger",
    "Variable",
    "Way",
    "Webhook",
    "WebhookTag",
    "active",
    "adds_elsewhere",
    "all_steps",
    "badly_told",
    "closest",
    "comes_for_sure",
    "comes_from_outside",
    "compare",
    "dates",
    "declared_links",
    "describe",
    "describe_step",
    "duration",
    "every_way_crosses",
    "feeders",
    "firsts",
    "guarded",
    "hands_over_password",
    "headcount",
    "holds_on_arrival",
    "host_of",
    "in_several_places",
    "in_use",
    "is_free_mail",
    "is_in_use",
    "is_login_link",
    "is_password",
    "is_trial",
    "is_young",
    "links_in",
    "local_day",
    "name_list",
    "newest",
    "offsets",
    "paid_uses",
    "passwords_in_addresses",
    "people_between",
    "plain",
    "plan_kind",
    "plan_name",
    "plan_title",
    "reachable",
    "read_zone",
    "removed_elsewhere",
    "require_sequences",
    "senders",
    "set_off_by",
    "share_of",
    "spell_date",
    "spell_span",
    "steps_next",
    "time_between",
    "undone_before_next",
    "unreachable",
    "utc",
    "value_set",
    "way_avoiding",
]
