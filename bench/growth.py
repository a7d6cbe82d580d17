"""How the cost of an audit grows: hostile and large accounts, each in several sizes, as the ratio per doubling.

``python -m bench growth`` (or ``python -m bench.growth rules`` for one shape). Each size is audited in a process of its own, from the
manifest's text to the result, and may take a minute; its base cost, that of an empty manifest, is taken off. The bounds: 2.6 for twice the
account, 5 where twice the automations means four times the connections between them.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from ckaudit.audit import AuditRequest, run_audit
from ckaudit.cli.main import collect_rarely
from ckaudit.model.account import (
    Account,
    AccountInfo,
    CustomField,
    SectionName,
    SectionState,
    SectionStatus,
    Sequence,
    SequenceEmail,
    Tag,
)

LIMIT = 60  # seconds of processor time for one audit
SPARSE, DENSE = 2.6, 5.0


class Shape(msgspec.Struct, frozen=True):
    """An account in several sizes, each twice the one before. ``manifest`` and ``account`` make it in a size."""

    sizes: tuple[int, ...]
    bound: float
    manifest: Callable[[int], str]
    account: Callable[[int], Account | None] = lambda _: None


def _automations(size: int, entries: Callable[[int], str], steps: Callable[[int], str]) -> str:
    parts = (f"  - name: A{number}\n    entries: [{entries(number)}]\n    steps: [{steps(number)}]\n" for number in range(size))
    return "version: 1\ncomplete: true\nautomations:\n" + "".join(parts)


def full(size: int) -> str:
    """Every automation adds every trigger tag: 25 automations are 625 connections."""
    steps = ", ".join(f"{{add_tag: T{other}}}" for other in range(size))
    return _automations(size, lambda number: f"{{tag_added: T{number}}}", lambda _: steps)


def near(size: int) -> str:
    """Every automation adds the trigger tags of the next five: one large component, sparse."""
    return _automations(
        size,
        lambda number: f"{{tag_added: T{number}}}",
        lambda number: ", ".join(f"{{add_tag: T{(number + step) % size}}}" for step in range(1, 6)),
    )


def same_tag(size: int) -> str:
    """All add one tag that starts them all."""
    return _automations(size, lambda _: "{tag_added: T}", lambda _: "{add_tag: T}, {remove_tag: T}")


def starts(size: int) -> str:
    """Each starts three others directly."""
    return _automations(
        size,
        lambda number: f"{{tag_added: T{number}}}",
        lambda number: ", ".join(f"{{start_automation: A{(number * step + 1) % size}}}" for step in (1, 2, 3)),
    )


def ring(size: int) -> str:
    """Each sets off the next, the last the first."""
    return _automations(size, lambda number: f"{{tag_added: T{number}}}", lambda number: f"{{add_tag: T{(number + 1) % size}}}")


def independent(size: int) -> str:
    """Automations that have nothing to do with each other."""
    return _automations(
        size,
        lambda number: f"{{tag_added: T{number}}}",
        lambda number: f"{{add_tag: U{number}}}, {{delay: 5 minutes}}, {{sequence: S{number}}}, {{remove_tag: U{number}}}",
    )


def rules(size: int) -> str:
    """Rules in a ring, three actions each."""
    parts = (
        f"  - name: R{number}\n    when: [{{tag_added: T{number}}}]\n"
        f"    do: [{{add_tag: T{(number + 1) % size}}}, {{remove_tag: T{number}}}, {{add_tag: U}}]\n"
        for number in range(size)
    )
    return "version: 1\ncomplete: true\nautomations: []\nrules:\n" + "".join(parts)


def offerings(size: int) -> str:
    """Offerings with an automation and four tags each."""
    text = _automations(
        size,
        lambda number: f'{{tag_added: "C{number}: purchased"}}',
        lambda number: (
            f'{{add_tag: "C{number}: access"}}, {{add_tag: "AA: login {number}"}}, {{delay: 5 minutes}}, {{sequence: "C{number}"}}'
        ),
    )
    parts = (
        f'  - name: C{number}\n    stack: accessally\n    purchase_tags: ["C{number}: purchased"]\n    access_tags: ["C{number}: access"]\n'
        f'    revoke_tags: ["C{number}: revoke"]\n    webhook_tags: {{login: ["AA: login {number}"]}}\n'
        for number in range(size)
    )
    return text + "offerings:\n" + "".join(parts)


def _account(**sections: object) -> Account:
    state = dict.fromkeys(SectionName, SectionState(SectionStatus.COMPLETE))
    return Account(info=AccountInfo(1, name="Growth"), sections=state, **sections)  # type: ignore[arg-type]  # a mapping of sections has no single type


def misspelt(size: int) -> Account:
    """200 emails with 20 misspelt fields each, and so many fields that they might mean."""
    fields = tuple(CustomField(number + 1, f"favourite_{number * 7919 % 100_003}_colour", f"Favourite {number}") for number in range(size))
    emails = tuple(
        SequenceEmail(
            mail + 1,
            1,
            subject="Hello",
            published=True,
            position=mail,
            content=" ".join(f"{{{{ subscriber.favorite_{mail * 20 + place}_color }}}}" for place in range(20)),
        )
        for mail in range(200)
    )
    return _account(custom_fields=fields, sequences=(Sequence(1, "S"),), sequence_emails=emails)


def tags(size: int) -> Account:
    """Tags alone."""
    return _account(tags=tuple(Tag(number + 1, f"Tag {number}") for number in range(size)))


def mails(size: int) -> Account:
    """Sequences of 20 emails of 2.4 kB, with three names and two links each."""
    body = (
        "<p>Hello {{ subscriber.first_name }}, this is it.</p>" * 30
        + '<p><a href="https://example.com/x">here</a> {{ unsubscribe_url }}</p>' * 10
    )
    return _account(
        sequences=tuple(Sequence(number + 1, f"S{number}") for number in range(size)),
        sequence_emails=tuple(
            SequenceEmail(number * 20 + mail + 1, number + 1, subject=f"Mail {mail}", published=True, position=mail, content=body)
            for number in range(size)
            for mail in range(20)
        ),
    )


def nothing(_: int) -> str:
    """The base cost."""
    return "version: 1\ncomplete: true\nautomations: []\n"


SHAPES = {
    "full": Shape((12, 25, 50), DENSE, full),
    "near": Shape((125, 250, 500), SPARSE, near),
    "same tag": Shape((50, 100), DENSE, same_tag),
    "starts": Shape((100, 200, 400), SPARSE, starts),
    "ring": Shape((250, 500, 1000), SPARSE, ring),
    "rules": Shape((500, 1000, 2000), SPARSE, rules),
    "independent": Shape((1000, 2000, 4000), SPARSE, independent),
    "offerings": Shape((100, 200, 400), SPARSE, offerings),
    "misspelt": Shape((250, 500, 1000, 2000), SPARSE, nothing, misspelt),
    "tags": Shape((10_000, 20_000, 40_000), SPARSE, nothing, tags),
    "mails": Shape((100, 200, 400), SPARSE, nothing, mails),
}
MOST_EMAILS = 5_000  # sequences, of 20 emails each
MOST_BYTES = 4_900_000
"""The two accounts whose cost is bounded as it is: 1 GB of memory for the emails, 30 s for the manifest."""


def audit_one(name: str, size: int) -> None:
    """Audit one size here, and print seconds of processor time and MB of memory. A large account comes from its snapshot, as people's
    do: made here it would be in the memory twice."""
    collect_rarely()
    shape = SHAPES[name] if name else Shape((0,), SPARSE, nothing)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "automations.yaml"
        path.write_text(shape.manifest(size), encoding="utf-8")
        is_largest = name == "mails" and size == MOST_EMAILS
        account: Account | Path | None = Path(folder) if is_largest else shape.account(size)
        if is_largest:
            code = (
                f"from bench.growth import mails; from ckaudit.sources.snapshot import write_snapshot; from pathlib import Path; "
                f"write_snapshot(Path({folder!r}), mails({size}))"
            )
            subprocess.run([sys.executable, "-c", code], check=True)
        begun = time.process_time()
        audited = run_audit(AuditRequest(source=account, manifests=(path,)))
        spent = time.process_time() - begun
    print(spent, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000, len(audited.result.findings))


def measure(name: str, size: int, limit: int = LIMIT) -> tuple[float, float, int] | None:
    """Seconds, MB and findings of one size, in a process of its own; None when it took longer than may be, or failed: then why is
    printed."""
    ran = subprocess.run(
        [sys.executable, "-m", "bench.growth", name, str(size)],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (limit, limit)),
    )
    words = ran.stdout.split()
    if len(words) != 3:
        if "Error" in ran.stderr:
            sys.stderr.write(ran.stderr)
        return None
    return float(words[0]), float(words[1]), int(words[2])


def main(names: list[str] | None = None) -> None:
    """Print every shape, size by size, with the ratio to half the size."""
    base = measure("", 0)
    assert base
    print(f"base {base[0]:.1f} s, {base[1]:.0f} MB")
    for name in names or SHAPES:
        before: float | None = None
        for size in SHAPES[name].sizes:
            found = measure(name, size)
            if found is None:
                print(f"{name:12} {size:7,}  no answer within {LIMIT} s", flush=True)
                break
            spent = max(found[0] - base[0], 0.01)
            ratio = f"x {spent / before:.1f} (at most {SHAPES[name].bound})" if before else ""
            print(f"{name:12} {size:7,} {spent:7.2f} s {found[1]:6.0f} MB {found[2]:6} findings  {ratio}", flush=True)
            before = spent
    if not names:
        largest()


def largest() -> None:
    """Print the largest accounts."""
    some = MOST_BYTES * 1000 // len(independent(1000))
    size = MOST_BYTES * some // len(independent(some))  # the more there are, the longer their numbers
    for name, count, what, bound in (
        ("mails", MOST_EMAILS, "100,000 emails", "1,000 MB"),
        ("independent", size, f"a manifest of 5 MB, {size:,} automations", "30 s"),
    ):
        found = measure(name, count, 300)
        told = f"{found[0]:.0f} s {found[1]:.0f} MB (at most {bound})" if found else "no answer within 300 s"
        print(f"{what}: {told}", flush=True)


if __name__ == "__main__":
    if len(sys.argv) == 3 and sys.argv[2].isdigit():
        audit_one(sys.argv[1], int(sys.argv[2]))
    else:
        main(sys.argv[1:])
