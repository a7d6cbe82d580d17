"""``python -m tests.fake_kit [account.json]``: a Kit on this machine, for looking at ckaudit without a Kit account."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

from tests.fake_kit.accounts import from_snapshot
from tests.fake_kit.app import KEY, FakeKit
from tests.fake_kit.server import serve

DEMO = Path(__file__).parents[2] / "examples" / "demo" / "account.json"


def main() -> None:
    """Serve until Ctrl-C."""
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else DEMO
    with serve(FakeKit(from_snapshot(path), latency=0.1)) as served:
        print(f"A fake Kit with the account of {path} listens. Try:\n")
        print(f"  KIT_API_URL={served.url} KIT_API_KEY={KEY} ckaudit scan\n")
        print("Ctrl-C ends it.")
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            print()


if __name__ == "__main__":
    main()
