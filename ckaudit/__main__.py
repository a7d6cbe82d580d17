"""``python -m ckaudit``, and what the command ``ckaudit`` runs. Ctrl-C ends without a traceback even while Python still loads."""

from __future__ import annotations

import io
import signal
import sys

INTERRUPTED = 3  # ckaudit.model.errors.ExitStatus.INCOMPLETE, which is not loaded yet


def main() -> int:
    """Run one command and return its exit status."""
    status = INTERRUPTED
    try:
        if isinstance(sys.stdout, io.TextIOWrapper):  # a pipe on Windows knows a few hundred characters, and help has others
            sys.stdout.reconfigure(errors="replace")
        from ckaudit.cli.main import main as run

        status = int(run())
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # all is done; Python only has to end
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    return status


if __name__ == "__main__":
    sys.exit(main())
