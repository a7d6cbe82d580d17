"""The one module a rule imports from ckaudit. ``docs/rule-api.md`` says what each name is for, in the groups below.

A rule is one file. Its docstring is its documentation (fixed headings, see CONTRIBUTING), ``RULE`` its metadata, ``check`` a generator
``(graph, options) -> Iterator[Finding]`` without I/O, clock or state. Beside it lies ``<name>.cases.yaml``.
"""

from __future__ import annotations

from ckaudit.graph import content, guards
from ckaudit.graph.addresses import development_target, host_of
from ckaudit.graph.causes import Cause
from ckaudit.graph.consequences import Consequence
from ckaudit.graph.cycles import Cycle
from ckaudit.graph.flow import Flow
from ckaudit.graph.graph import Graph
from ckaudit.graph.membership import Membership
from ckaudit.graph.moments import Moment
from ckaudit.graph.neighbours import StepNeighbours
from ckaudit.graph.nodes import FlowNode
from ckaudit.graph.paths import Path, Span
from ckaudit.graph.releases import Release, ReleaseProblem
from ckaudit.graph.senders import Sender
from ckaudit.graph.signals import Signal, signal_of
from ckaudit.graph.timestamps import Timestamps
from ckaudit.graph.twins import added_instead
from ckaudit.graph.webhooks import WebhookTag
from ckaudit.graph.words import duration, headcount, name_list, share_of
from ckaudit.graph.zones import spell_date
from ckaudit.model import steps
from ckaudit.model.account import Sequence, SequenceEmail
from ckaudit.model.errors import Location
from ckaudit.model.findings import Confidence, Finding, Harm, PathStep, Severity
from ckaudit.model.holders import Gaps, Holders
from ckaudit.model.links import DeclaredLink, ObservedLink
from ckaudit.model.names import Sameness, is_slip
from ckaudit.model.refs import Key, Kind, ObjectRef
from ckaudit.model.roles import LOGIN_MAKERS, TAG_READERS, WEBHOOK_ROLES, RoleName
from ckaudit.model.rules import Need, NotEvaluatedError, ObservedUse, Options, Rule, Theme, Variant
from ckaudit.model.stack import AccessModel
from ckaudit.model.steps import Effect
from ckaudit.model.triggers import TriggerKind

__all__ = [  # noqa: RUF022  in the groups of docs/rule-api.md, not by the alphabet
    # What a rule says about itself
    "Rule",
    "Variant",
    "Need",
    "ObservedUse",
    "Theme",
    "Severity",
    "Harm",
    "Confidence",
    "Options",
    "NotEvaluatedError",
    # What it finds
    "Finding",
    "ObjectRef",
    "PathStep",
    "Location",
    # The account
    "Graph",
    "Key",
    "Kind",
    "Sequence",
    "SequenceEmail",
    "Sender",
    "WebhookTag",
    "Sameness",
    "is_slip",
    "added_instead",
    "content",
    "development_target",
    "host_of",
    # Automations and rules
    "Flow",
    "FlowNode",
    "guards",
    "steps",
    "Path",
    "Span",
    "Cause",
    "Effect",
    "TriggerKind",
    "Signal",
    "signal_of",
    "Consequence",
    "Moment",
    "Cycle",
    # Access
    "Membership",
    "RoleName",
    "LOGIN_MAKERS",
    "TAG_READERS",
    "WEBHOOK_ROLES",
    "AccessModel",
    "Release",
    "ReleaseProblem",
    # Timestamps of people
    "Timestamps",
    "Holders",
    "Gaps",
    "DeclaredLink",
    "ObservedLink",
    "StepNeighbours",
    # Sentences
    "duration",
    "headcount",
    "name_list",
    "share_of",
    "spell_date",
]
