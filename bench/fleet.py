"""What auditing many accounts takes: wall time, processor time, and memory of the parent and of the largest worker.

``python -m bench fleet``, or ``python -m bench.fleet 1000`` for more. Every account has 300 tags, 20 forms, 24 sequences of 4 emails,
40 fields and a manifest with six automations; the names and the mistakes differ. A line ends with what is written for each account.
The bound is 60 s for 1,000 accounts on 2 processors; nothing is asserted.
"""

from __future__ import annotations

import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from ckaudit.cli.fleet import processors
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
from ckaudit.sources.snapshot import snapshot_bytes

THEN = "2026-01-01T00:00:00Z"
NOW = "2026-11-20T12:00:00Z"
THEMES = ("Watercolour", "Bread", "Piano", "Garden", "Spanish", "Yoga", "Chess", "Pottery", "Sewing", "Photography")
COURSES = 3
SEQUENCES, EMAILS = 24, 4
PARTS = {1: "0", 5: "[0-4]", 10: "*"}
HELLO = "Hello {{ subscriber.first_name | default: 'friend' }}, this is lesson {n}. "
TEXT = HELLO + "Log in with {{ subscriber.email_address }} on our site and begin. "

AUTOMATIONS = """
  - name: "{course} - release"
    entries: [{{tag_added: "{course}: purchased"}}]
    steps:
      - add_tag: "{course}: login"
      - delay: {delay}
      - sequence: "{course}: part 1"
      - remove_tag: "{course}: login"
      - add_tag: "{course}: module 1"
      - delay: 7 days
      - add_tag: "{course}: module 2"
  - name: "{course} - cancelled"
    entries: [{{tag_added: "{course}: cancelled"}}]
    steps:
      - delay: 1 day
{revoke}      - sequence: "{course}: part 2"
"""


def account(number: int) -> Account:
    """The account of this number."""
    dice = random.Random(number)
    courses = dice.sample(THEMES, COURSES)
    kinds = ("purchased", "login", "revoke", "cancelled", "module 1", "module 2")
    names = [f"{course}: {kind}" for course in courses for kind in kinds]
    names += [f"{dice.choice(('Interest', 'Source', 'Segment', 'old', 'Webinar'))}: {dice.choice(THEMES)} {place}" for place in range(300)]
    tags = tuple(Tag(1000 + place, name, THEN, dice.randrange(500)) for place, name in enumerate(names[:300]))
    titles = [f"{course}: part {place}" for course in courses for place in range(1, SEQUENCES // COURSES + 1)]
    return Account(
        info=AccountInfo(number, f"{dice.choice(THEMES)} studio {number}", "creator"),
        tags=tags,
        forms=tuple(Form(place, f"Form {place}", type="embed", subscriber_count=dice.randrange(90)) for place in range(1, 21)),
        sequences=tuple(
            Sequence(place, name, active=dice.random() > 0.05, email_count=EMAILS, subscriber_count=dice.randrange(200))
            for place, name in enumerate(titles, 1)
        ),
        sequence_emails=tuple(email(place, dice) for place in range(SEQUENCES * EMAILS)),
        custom_fields=tuple(CustomField(place, f"field_{place}") for place in range(1, 41)),
        webhooks=tuple(
            Webhook(place, WebhookEvent("tag_add", tag_id=1000 + 6 * place + offset), f"https://example.com/?{action}=*")
            for place in range(COURSES)
            for offset, action in ((1, "aal_genpass"), (2, "aal_revokesubscription"))
        ),
        sections={name: SectionState(SectionStatus.COMPLETE) for name in SectionName},
    )


def email(number: int, dice: random.Random) -> SequenceEmail:
    """An email of about 2 kB."""
    paragraphs = "".join(f"<p>{TEXT.replace('{n}', str(number))}{'Go on. ' * dice.randrange(9)}</p>" for _ in range(10))
    link = f'<a href="https://example.com/{number}">Log in</a>'
    return SequenceEmail(
        number + 1,
        1 + number // EMAILS,
        subject=f"Lesson {number}",
        published=dice.random() > 0.03,
        position=number % EMAILS,
        delay_value=number % EMAILS,
        delay_unit="days",
        content=paragraphs + link,
    )


def manifest(number: int) -> str:
    """Its automations."""
    dice = random.Random(number)
    parts = [f"version: 1\ncomplete: true\naccount: {number}\nautomations:"]
    for course in dice.sample(THEMES, COURSES):
        revoke = f'      - add_tag: "{course}: revoke"\n' if dice.random() > 0.3 else ""
        parts.append(AUTOMATIONS.format(course=course, delay=dice.choice(("5 minutes", "1 minute", "10 minutes")), revoke=revoke))
    return "".join(parts)


def write(folder: Path, count: int) -> None:
    """The snapshots, a tenth of them in each of ten folders, and fleet files for one, five and all ten of these."""
    for number in range(1, count + 1):
        place = folder / "accounts" / str((number - 1) * 10 // count) / f"account-{number:04}"
        place.mkdir(parents=True)
        (place / "account.json").write_bytes(snapshot_bytes(account(number)))
        (place / "automations.yaml").write_text(manifest(number), "utf-8")
    for tenths, pattern in PARTS.items():
        (folder / f"fleet-{tenths}.toml").write_text(f'name = "Bench"\nsnapshots = ["accounts/{pattern}/*"]\n', "utf-8")


def measure(file: Path, count: int, *arguments: str) -> str:
    """One run in a process of its own, in one line."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    code = (
        "import atexit, resource, sys; "  # at exit the workers are gone, and so known to the system's accounts
        "whose = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN); "
        "atexit.register(lambda: print(*(resource.getrusage(who).ru_maxrss // 1024 for who in whose), file=sys.stderr)); "
        "from ckaudit.cli.main import main; main(sys.argv[1:])"
    )
    began = time.perf_counter()
    command = [sys.executable, "-c", code, "fleet", str(file), "--now", NOW, "--format", "json", "-q", *arguments]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    seconds = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    busy = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    parent, worker = ran.stderr.split()[-2:]
    return (
        f"{count:5} accounts: {seconds:6.1f} s, {busy:6.1f} s of processor ({1000 * busy / count:.0f} ms an account), "
        f"at most {parent} MB in the parent, {worker} MB in a worker"
    )


def main() -> None:
    """Print one line per size and kind of report."""
    most = int(sys.argv[1]) if sys.argv[1:] and sys.argv[1].isdigit() else 200
    print(f"{processors()} processors, one worker each")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder, most)
        for tenths in PARTS:
            print(measure(folder / f"fleet-{tenths}.toml", most * tenths // 10) + "; no reports", flush=True)
        for reports in (("result.json",), ("report.html", "result.json")):
            asked = [word for report in reports for word in ("--report", report)]
            print(measure(folder / "fleet-10.toml", most, "-o", str(folder / "out"), *asked) + f"; {' and '.join(reports)}", flush=True)


if __name__ == "__main__":
    main()
