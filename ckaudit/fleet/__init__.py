"""Several accounts in one run: read in one event loop, audited by worker processes, put together in one summary."""
