"""What reading a manifest costs: 120 automations of 20 steps, as a ratio to PyYAML's C parser on the same text.

``python bench/manifest.py``. The bound for the whole is about one ``yaml.load``; nothing is asserted.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import yaml

from ckaudit.sources.manifest import parse_manifest
from ckaudit.sources.yaml.files import MAX_BYTES

STEPS = (
    '      - add_tag: "AA: create login {0}"\n',
    "      - delay: {0} minutes\n",
    "      - sequence: Course A welcome {0}\n",
    "      - if: {{tag: VIP {0}}}\n        then:\n          - sequence: VIP onboarding\n        else:\n          - delay: 7 days\n",
)


def manifest(automations: int) -> str:
    """A manifest of automations of 20 steps, every fourth a condition with a step on each side."""
    parts = ["version: 1\nautomations:\n"]
    for number in range(automations):
        head = (
            f'  - name: Automation {number}\n    id: {number + 1}\n    entries:\n      - tag_added: "Course {number}: bought"\n    steps:\n'
        )
        parts += [head, *(STEPS[step % 4].format(step + 1) for step in range(20))]
    return "".join(parts)


def seconds(runs: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """The shortest processor time of each, measured in turn so that a busy machine slows all alike."""
    best = dict.fromkeys(runs, float("inf"))
    for _ in range(rounds):
        for name, run in runs.items():
            start = time.process_time()
            run()
            best[name] = min(best[name], time.process_time() - start)
    return best


def main() -> None:
    """Print the ratios."""
    text = manifest(120)
    best = seconds(
        {
            "yaml.compose, C": lambda: yaml.compose(text, Loader=yaml.CSafeLoader),
            "yaml.load, C": lambda: yaml.load(text, Loader=yaml.CSafeLoader),
            "ckaudit manifest": lambda: parse_manifest(text, "m.yaml", None, ()),
        },
        15,
    )
    print(f"120 automations of 20 steps, {len(text) / 1000:.0f} kB")
    for name, spent in best.items():
        print(f"{name:18} {spent * 1000:7.1f} ms   {spent / best['yaml.compose, C']:.1f} x")
    large = manifest(MAX_BYTES // (len(text) // 120))[:MAX_BYTES].rpartition("  - name")[0]
    spent = seconds({"": lambda: parse_manifest(large, "m.yaml", None, ())}, 1)[""]
    print(f"{'the largest':18} {spent * 1000:7.1f} ms   ({len(large) / 1e6:.1f} MB)")


if __name__ == "__main__":
    main()
