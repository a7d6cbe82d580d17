"""What ``ckaudit --help`` and ``ckaudit explain CK202`` take, as ratios, and which heavy modules they load.

``python -m bench start``. The bounds are 2.5 x ``import click``, and 2.5 x ``--help``; nothing is asserted.
"""

from __future__ import annotations

import subprocess
import sys
import time

HEAVY = {"networkx", "httpx", "numpy", "jinja2", "yaml", "liquid", "tabulate"}
HELP, EXPLAIN = (f"from ckaudit.cli.main import main; main({arguments})" for arguments in (["--help"], ["explain", "CK202"]))
ROUNDS = 15


def seconds(code: str) -> float:
    """Wall time of a fresh interpreter."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
    return time.perf_counter() - start


def loaded(code: str) -> str:
    """The heavy modules it loads."""
    program = f"{code}\nimport sys\nprint('\\n', *({HEAVY} & sys.modules.keys()))"
    told = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout
    return told.splitlines()[-1].strip() or "none"


def main() -> None:
    """Print the ratios. They take turns, so that a busy machine slows all of them."""
    runs = [(seconds("import click"), seconds(HELP), seconds(EXPLAIN)) for _ in range(ROUNDS)]
    base, help_, explain = (min(run[number] for run in runs) for number in range(3))
    print(f"import click           {base * 1000:6.1f} ms   1.0 x")
    print(f"ckaudit --help         {help_ * 1000:6.1f} ms   {help_ / base:.2f} x   (bound: 2.5 x)")
    print(f"ckaudit explain CK202  {explain * 1000:6.1f} ms   {explain / help_:.2f} x of --help   (bound: 2.5 x)")
    print(f"heavy modules loaded: by --help {loaded(HELP)}, by explain {loaded(EXPLAIN)}")


if __name__ == "__main__":
    main()
