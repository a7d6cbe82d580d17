"""The one module a rule imports from ckaudit.

A rule is one file. Its docstring is its documentation (fixed headings, see CONTRIBUTING), ``RULE`` its metadata, ``check`` a generator
``(graph, options) -> Iterator[Finding]`` without I/O, clock or state. Beside it lies ``<name>.cases.yaml``.
"""

from __future__ import annotations

from ckaudit.graph.causes import (
    Cause,
    Effect,
)
from ckaudit.graph.consequences import (
    set_off_by,
)
from ckaudit.graph.flow import (
    Flow,
    FlowNode,
)
from ckaudit.graph.graph import (
    Graph,
)
from ckaudit.graph.login import (
    is_login_link,
)
from ckaudit.graph.loops import (
    Loop,
    loops,
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
from ckaudit.graph.roles import (
    LOGIN_MAKERS,
    TAG_READERS,
    WEBHOOK_ROLES,
    Membership,
    RoleName,
)
from ckaudit.graph.words import (
    describe,
    describe_step,
    duration,
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
    "LOGIN_MAKERS",
    "TAG_READERS",
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
    "ConditionKind",
    "Confidence",
    "Delay",
    "Effect",
    "Enrol",
    "Event",
    "Events",
    "Exit",
    "Finding",
    "Flow",
    "FlowNode",
    "Form",
    "Graph",
    "Happening",
    "If",
    "Key",
    "Kind",
    "KitRule",
    "Location",
    "Loop",
    "Manifest",
    "Membership",
    "Move",
    "Need",
    "NoOptions",
    "NotEvaluatedError",
    "ObjectRef",
    "Offering",
    "Operation",
    "Options",
    "Orders",
    "Origin",
    "PathStep",
    "Ref",
    "RemoveFromAutomation",
    "RemoveTag",
    "Revoker",
    "RoleName",
    "Rule",
    "RuleActionKind",
    "SectionName",
    "SectionStatus",
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
    "Theme",
    "Trigger",
    "Way",
    "Webhook",
    "comes_for_sure",
    "describe",
    "describe_step",
    "duration",
    "every_way_crosses",
    "firsts",
    "is_login_link",
    "loops",
    "reachable",
    "set_off_by",
    "time_between",
    "undone_before_next",
    "utc",
    "way_avoiding",
]
