"""Every measurement of this folder, each a module with a ``main``: ``python -m bench``, or ``python -m bench pull`` for one.

Each prints its own lines as it goes, and how long it took. One that fails is named at the end, after the others; nothing else is judged,
as what a machine measures depends on what else it does.
"""

from __future__ import annotations

import importlib
import subprocess
import sys
import time
from pathlib import Path


def main(names: list[str]) -> None:
    """Run the named measurements, or all. Ends with status 1 when one did not come to its end.

    Each has a process of its own: the memory of one would count as that of the processes which the next one starts.
    """
    chosen = names or sorted(path.stem for path in Path(__file__).parent.glob("[!_]*.py"))
    if len(chosen) == 1:
        importlib.import_module(f"bench.{chosen[0]}").main()
        return
    failed = []
    for number, name in enumerate(chosen, 1):
        print(f"== {name} ({number} of {len(chosen)})", flush=True)
        began = time.perf_counter()
        if subprocess.run([sys.executable, "-m", "bench", name], check=False).returncode:
            failed.append(name)
        print(f"-- {name} took {time.perf_counter() - began:.0f} s", flush=True)
    if failed:
        sys.exit(f"did not come to an end: {', '.join(failed)}")


if __name__ == "__main__":
    main(sys.argv[1:])
