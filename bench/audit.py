"""What an audit costs: a large account from its files to findings, as a ratio to merely parsing the same files with the standard tools.

``python -m bench audit``. 600 tags, 120 automations of 20 steps, 120 sequences of 8 emails of 10 kB; once alone and once with 40 courses
and their webhooks, so that the rules about access have work to do. The bound is 3 x json, PyYAML's C parser and html.parser together;
nothing is asserted.
"""

from __future__ import annotations

import datetime as dt
import json
import random
import re
import tempfile
from html.parser import HTMLParser
from pathlib import Path

import msgspec
import yaml

from bench.content import email
from bench.manifest import seconds
from ckaudit.engine.load import load_rules
from ckaudit.engine.pipeline import audit
from ckaudit.graph.build import build_graph
from ckaudit.model.account import (
    Account,
    AccountInfo,
    CustomField,
    Form,
    SectionName,
    SectionState,
    SectionStatus,
    Sequence,
    SequenceEmail,
    Tag,
    Webhook,
    WebhookEvent,
)
from ckaudit.model.result import Result
from ckaudit.observed.observe import observe
from ckaudit.resources import rules_folder
from ckaudit.sources.manifest import read_manifests
from ckaudit.sources.snapshot import read_snapshot, write_snapshot
from ckaudit.sources.stacks import read_stacks

COURSES = 40  # of 15 tags each
KINDS = (
    "purchased",
    "login",
    "sync",
    "access",
    "revoke",
    "cancelled",
    *(f"module {number}" for number in range(1, 10)),
)
WEBHOOKS = {"login": "aal_genpass", "sync": "aal_updateuser", "revoke": "aal_revokesubscription"}
NOW = dt.datetime(2026, 11, 20, tzinfo=dt.UTC)

# A course has three automations of 20 steps and three sequences: release, modules, farewell.
RELEASE = """
  - name: "{course}: release"
    entries: [{{tag_added: "{course}: purchased"}}]
    steps:
      - remove_tag: "{course}: cancelled"
      - add_tag: "{course}: login"
      - delay: 10 minutes
      - add_tag: "{course}: access"
      - sequence: "{course}: welcome"
      - remove_tag: "{course}: login"
      - if: {{tag: "{course}: module 9"}}
        then: [{{add_tag: "{course}: sync"}}, {{delay: 2 days}}, {{remove_tag: "{course}: sync"}}]
        else: [{{add_tag: "{course}: module 1"}}, {{delay: 1 day}}]
      - add_tag: "{course}: sync"
      - delay: 5 minutes
      - remove_tag: "{course}: sync"
      - event: {{tag_added: "{course}: revoke"}}
      - delay: 1 day
      - remove_tag: "{course}: access"
      - remove_tag: "{course}: revoke"
      - set_field: {{field: field_{number}, value: gone}}
"""
MODULES = """
  - name: "{course}: modules"
    entries: [{{tag_added: "{course}: access"}}]
    steps:
      - sequence: "{course}: lessons"
      - delay: 7 days
{modules}      - event: {{tag_added: "{course}: cancelled"}}
      - split:
          - {{tag: "{course}: purchased", steps: [{{delay: 1 hour}}]}}
          - {{tag: "{course}: access", steps: [{{add_tag: "{course}: revoke"}}]}}
"""
FAREWELL = """
  - name: "{course}: farewell"
    entries: [{{tag_added: "{course}: cancelled"}}]
    steps:
{modules}      - sequence: "{course}: goodbye"
      - delay: 3 days
      - add_tag: "{course}: revoke"
      - event: {{tag_added: "{course}: purchased"}}
"""
OFFERING = """
  - name: "{course}"
    stack: accessally
    billing: subscription
    purchase_tags: ["{course}: purchased"]
    access_tags: ["{course}: access"]
    module_tags: [{modules}]
    revoke_tags: ["{course}: revoke"]
    cancel_tags: ["{course}: cancelled"]
    webhook_tags: {{login: ["{course}: login"], sync: ["{course}: sync"], revoke: ["{course}: revoke"]}}
    login_sequences: ["{course}: welcome"]
"""


def account(courses: int = COURSES) -> Account:
    """The account. Tag, form and sequence numbers count from 1, course by course."""
    dice = random.Random(7)
    tags = {f"Course {course}: {kind}": course * len(KINDS) + place + 1 for course in range(courses) for place, kind in enumerate(KINDS)}
    names = [f"Course {course}: {part}" for course in range(courses) for part in ("welcome", "lessons", "goodbye")]
    return Account(
        info=AccountInfo(27, "A large account", "creator"),
        tags=tuple(Tag(number, name, "2026-01-01T00:00:00Z", number) for name, number in tags.items()),
        forms=tuple(Form(number, f"Form {number}", type="embed", subscriber_count=number) for number in range(1, 61)),
        sequences=tuple(Sequence(number, name, active=True, email_count=8, subscriber_count=9) for number, name in enumerate(names, 1)),
        sequence_emails=tuple(mail(number, dice, courses) for number in range(8 * len(names))),
        custom_fields=tuple(CustomField(number, f"field_{number}") for number in range(1, 301)),
        webhooks=tuple(
            Webhook(
                100 * course + place,
                WebhookEvent("tag_add", tag_id=tags[f"Course {course}: {kind}"]),
                f"https://members.example.com/?{action}=*",
            )
            for course in range(courses)
            for place, (kind, action) in enumerate(WEBHOOKS.items(), 1)
        ),
        sections={name: SectionState(SectionStatus.COMPLETE) for name in SectionName},
    )


def mail(number: int, dice: random.Random, courses: int) -> SequenceEmail:
    """One email. The tags its Liquid asks for are there."""
    made = email(number, dice)
    content = re.sub(r"Tag (\d+)", lambda found: f"Course {int(found[1]) % courses}: access", made.content or "")
    return msgspec.structs.replace(made, id=number + 1, position=number % 8, delay_value=number % 8, delay_unit="days", content=content)


def manifest(courses: int = COURSES) -> str:
    """Its automations and offerings."""
    parts = ["version: 1\ncomplete: true\naccount: 27\nautomations:"]
    for number in range(1, courses + 1):
        course = f"Course {number - 1}"
        apart = "".join(f'      - add_tag: "{course}: module {module}"\n      - delay: 7 days\n' for module in range(1, 8))
        away = "".join(f'      - remove_tag: "{course}: module {module}"\n      - delay: 1 hour\n' for module in range(1, 9))
        parts += [RELEASE.format(course=course, number=number), MODULES.format(course=course, modules=apart)]
        parts.append(FAREWELL.format(course=course, modules=away))
    parts.append("\nofferings:")
    for number in range(courses):
        course = f"Course {number}"
        modules = ", ".join(f'"{course}: module {module}"' for module in range(1, 10))
        parts.append(OFFERING.format(course=course, modules=modules))
    return "".join(parts)


def parse(snapshot: Path, automations: Path) -> None:
    """The same files with json, PyYAML and html.parser."""
    document = json.loads(snapshot.read_bytes())
    yaml.load(automations.read_bytes(), Loader=yaml.CSafeLoader)
    for item in document["sections"]["sequence_emails"]["objects"]:
        parser = HTMLParser()
        parser.feed(item["content"])
        parser.close()


def audited(snapshot: Path, automations: Path) -> Result:
    """From the files to the result, reading the rules included."""
    held = read_snapshot(snapshot)
    stacks = read_stacks()
    graph = build_graph(held, read_manifests((automations,), held, stacks), stacks, NOW)
    return audit(observe(graph, None), load_rules((rules_folder(),)))


def write(folder: Path, *, courses: bool) -> tuple[Path, Path]:
    """The account and its automations as files; without ``courses`` no offering is stated and no webhook seen."""
    automations = folder / "automations.yaml"
    automations.write_text(manifest() if courses else manifest().partition("\nofferings:")[0], "utf-8")
    held = account() if courses else msgspec.structs.replace(account(), webhooks=())
    return write_snapshot(folder, held), automations


def measure(title: str, *, courses: bool) -> None:
    """Print the ratio for one account."""
    with tempfile.TemporaryDirectory() as folder:
        snapshot, automations = write(Path(folder), courses=courses)
        result = audited(snapshot, automations)
        best = seconds({"parsing": lambda: parse(snapshot, automations), "audit": lambda: audited(snapshot, automations)}, 3)
        size = (snapshot.stat().st_size + automations.stat().st_size) / 1e6
    print(f"{title}: {size:.1f} MB, {len(result.findings)} findings, {len(result.not_evaluated)} rules not evaluated")
    print(f"  json, PyYAML, html.parser {best['parsing']:6.2f} s   1.0 x")
    print(f"  ckaudit                   {best['audit']:6.2f} s   {best['audit'] / best['parsing']:.1f} x   (bound: 3 x)")


def main() -> None:
    """Print the ratios: the account alone, and with 40 courses, so that the rules about access have work to do."""
    measure("account", courses=False)
    measure("account with 40 courses", courses=True)


if __name__ == "__main__":
    main()
