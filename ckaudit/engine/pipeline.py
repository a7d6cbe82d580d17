"""One audit: the rules run over an account, and what they found goes through the stages after them."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator, Sequence

import msgspec

from ckaudit.engine.anonymise import PeopleHook, without_people
from ckaudit.engine.assemble import assemble, judge, order
from ckaudit.engine.fingerprint import told_apart
from ckaudit.engine.load import LoadedRule
from ckaudit.engine.run import CrashHook, run_as_set
from ckaudit.engine.settings import Settings
from ckaudit.model.result import Result
from ckaudit.model.rules import Need
from ckaudit.observed.account import ObservedAccount


def audit(
    account: ObservedAccount,
    rules: Sequence[LoadedRule],
    settings: Settings | None = None,
    on_crash: CrashHook | None = None,
    on_people: PeopleHook | None = None,
) -> Result:
    """Run these rules and put the result together. ``on_crash`` is told of every rule that raised, ``on_people`` whom findings count."""
    chosen = settings or Settings()
    with _collector_paused():
        runs = {loaded.rule.code: run_as_set(account, loaded, chosen, on_crash) for loaded in rules if not _is_last(loaded)}
        accepted = judge(account.declared, tuple(runs.values()), chosen)
        ended = account.with_suppressions(accepted.stale) if accepted.stale else account
        last = {loaded.rule.code: run_as_set(ended, loaded, chosen, on_crash) for loaded in rules if _is_last(loaded)}
        found = told_apart(sorted((finding for run in last.values() for finding in run.findings), key=order))
        accepted = msgspec.structs.replace(accepted, kept=tuple(sorted((*accepted.kept, *found), key=order)))
        return without_people(assemble(account, [(runs | last)[loaded.rule.code] for loaded in rules], accepted, chosen), on_people)


def _is_last(loaded: LoadedRule) -> bool:
    """What is stale of the suppressions is known when the other rules are done."""
    return Need.SUPPRESSIONS in loaded.rule.needs


@contextlib.contextmanager
def _collector_paused() -> Iterator[None]:
    """An audit makes much and leaves nothing behind before its end: looking for garbage meanwhile costs a fifth of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
