"""What ``ckaudit --help`` takes, as a ratio to a bare ``import click``, and which heavy modules it loads.

``python -m bench start``. The bound is 2.5 x; nothing is asserted.
"""

from __future__ import annotations

import subprocess
import sys
import time

HEAVY = {"networkx", "httpx", "numpy", "jinja2", "yaml", "liquid", "tabulate"}
HELP = "import sys; sys.argv = ['ckaudit', '--help']; from ckaudit.cli.main import main; main()"
LOADED = f"import contextlib, io\nwith contextlib.redirect_stdout(io.StringIO()):\n    {HELP}\nprint(*({HEAVY} & sys.modules.keys()))"
ROUNDS = 15


def seconds(code: str) -> float:
    """Wall time of a fresh interpreter."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
    return time.perf_counter() - start


def main() -> None:
    """Print the ratio. The two take turns, so that a busy machine slows both."""
    runs = [(seconds("import click"), seconds(HELP)) for _ in range(ROUNDS)]
    base, help_ = min(run[0] for run in runs), min(run[1] for run in runs)
    loaded = subprocess.run([sys.executable, "-c", LOADED], check=True, capture_output=True, text=True).stdout
    print(f"import click    {base * 1000:6.1f} ms   1.0 x")
    print(f"ckaudit --help  {help_ * 1000:6.1f} ms   {help_ / base:.2f} x   (bound: 2.5 x)")
    print(f"heavy modules loaded by --help: {loaded.strip() or 'none'}")


if __name__ == "__main__":
    main()
