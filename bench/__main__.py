"""Every measurement of this folder, each a module with a ``main``: ``python -m bench``, or ``python -m bench pull`` for one."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path


def main(names: list[str]) -> None:
    """Run the named measurements, or all."""
    for name in names or sorted(path.stem for path in Path(__file__).parent.glob("[!_]*.py")):
        print(f"== {name}", flush=True)
        importlib.import_module(f"bench.{name}").main()


if __name__ == "__main__":
    main(sys.argv[1:])
