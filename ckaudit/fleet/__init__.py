"""Several accounts in one run: read in one event loop, audited by worker processes, told in one summary."""
