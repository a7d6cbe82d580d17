"""The one module a rule imports from ckaudit.

A rule is one file. Its docstring is its documentation (fixed headings, see CONTRIBUTING), ``RULE`` its metadata, ``check`` a generator
``(graph, options) -> Iterator[Finding]`` without I/O, clock or state. Beside it lies ``<name>.cases.yaml``.
"""

from __future__ import annotations

from ckaudit.graph.graph import Graph
from ckaudit.graph.flow import Flow, FlowNode
from ckaudit.model.account import Account, SectionName, Sequence, SequenceEmail, utc
from ckaudit.model.automations import (
    AddTag,
    AnyStep,
    Automation,
    AutomationStatus,
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
    RemoveFromAutomation,
    RemoveTag,
    RuleActionKind,
    SetField,
    Split,
    StartAutomation,
    Trigger,
)
from ckaudit.model.findings import Confidence, Finding, PathStep, Severity
from ckaudit.model.refs import Key, Kind, ObjectRef, Ref
from ckaudit.model.rules import Need, NoOptions, Options, Rule, Theme
