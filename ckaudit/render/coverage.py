"""What an audit could not see, in sentences that every report says alike."""

from __future__ import annotations

import re

from ckaudit.engine.score import PARTIAL_BELOW
from ckaudit.model.automations import Origin
from ckaudit.model.findings import NotEvaluated
from ckaudit.model.result import Grade, ManifestCoverage, Result
from ckaudit.model.rules import Need
from ckaudit.render.plain import amount, count, cut, plural
from ckaudit.render.scores import unjudged_offerings
from ckaudit.render.vocabulary import format_date

MAX_NEXT = 3
MAX_FILES = 3
_MADE_UP = re.compile(r"Draft \d+: ")


def when_read(result: Result) -> str:
    """When the account was read and, if that was another day, when it was audited: what is said is true of the first."""
    audited = format_date(result.generated_at)
    if not result.coverage.sections:
        return f"audited on {audited}"
    if result.coverage.read_on is None:
        return f"read on a day that nobody wrote down, audited on {audited}"
    read = format_date(result.coverage.read_on)
    return f"read on {read}" if read == audited else f"read on {read}, audited on {audited}"


def format_score(result: Result) -> str:
    """The score and, where it does not speak of everything, of how much; empty when hardly anything could be judged."""
    summary = result.summary
    if summary.score is None:
        return ""
    if summary.grade is Grade.PARTIAL:
        return f"score {summary.score}/100, partial: {summary.judged_percent} % of the checks could be judged"
    return f"score {summary.score}/100" + (f" ({summary.judged_percent} % judged)" if summary.judged_percent < 100 else "")


def rules_with_findings(result: Result) -> frozenset[str]:
    """The codes of the rules that found something; what somebody accepted was found, too."""
    return frozenset(finding.rule for finding in (*result.findings, *(item.finding for item in result.suppressed)))


def judged_only(result: Result) -> str:
    """`` in what could be judged (31 % of the checks)`` where that is too little to rely on; else empty."""
    if result.summary.grade is not Grade.PARTIAL:
        return ""
    judged = len(result.passed) + len(rules_with_findings(result))
    percent = result.summary.judged_percent
    return f" in what could be judged ({f'{percent} % of the checks' if percent < PARTIAL_BELOW else count(judged, 'check')})"


def to_judge_more(result: Result) -> str:
    """What would make more of the account judged, as an order; empty when enough was."""
    if result.crashed:
        return "run the command again with -v -v and report what it prints"
    if not is_list_given(result):
        if result.coverage.manifest.drafts:
            return "compare the drafts in your manifest with Kit's screens and take out their lines “draft:”, then run the command again"
        return "describe your automations (ckaudit manifest new writes the first files), then run the command again"
    if result.not_evaluated:
        return "supply what the checks under “Not evaluated” lack, then run the command again"
    if result.summary.grade is Grade.PARTIAL:
        return "run all checks on more of the account: too few had something to judge (-v lists the others)"
    return ""


def is_list_given(result: Result) -> bool:
    """True when somebody stated automations: only then a link can be in nobody's list. A manifest may name courses alone."""
    is_stated = bool(result.coverage.manifest.files) or any(item.origin is Origin.DECLARED for item in result.automations)
    return is_stated and not any(str(Need.AUTOMATIONS) in item.needs for item in result.not_evaluated)


def drafts(result: Result) -> list[str]:
    """Which automations are drafts, and which are no longer but still have the name that ckaudit made up."""
    waiting = len(result.coverage.manifest.drafts)
    named = sum(item.origin is not Origin.OBSERVED and _MADE_UP.match(item.name) is not None for item in result.automations)
    parts = []
    if waiting:
        one = "{n} automation in the manifest is a draft: nothing was concluded from it."
        many = "{n} automations in the manifest are drafts: nothing was concluded from them."
        parts.append(f"{plural(waiting, one, many)} Compare each with Kit's screen, then take out its line “draft:”.")
    if named:
        one, many = "{n} automation has the name of a draft", "{n} automations have the names of drafts"
        parts.append(f"{plural(named, one, many)}: what is missing there may be missing in the manifest only. Compare with Kit's screens.")
    return parts


def needs_a_list(item: NotEvaluated, result: Result) -> bool:
    """True when a rule could not be judged because nobody stated the automations."""
    return not {str(Need.AUTOMATIONS), str(Need.MANIFEST)}.isdisjoint(item.needs) and not is_list_given(result)


def undescribed(manifest: ManifestCoverage) -> list[str]:
    """How many automations are described, and which to describe next; nothing when all are."""
    unknown = manifest.undescribed
    if not unknown:
        return []
    names = ", ".join(f"“{cut(name)}”" for name in unknown[:MAX_NEXT])
    described = f"{manifest.described:,} of {manifest.described + len(unknown):,} automations are described"
    return [f"{described}; of the others only the name is known, and what they do is unknown, not nothing. Worth describing next: {names}."]


def files_named(manifest: ManifestCoverage) -> str:
    """The manifests by name; many of them by the first and how many more there are, as in ``automations.yaml and 7 more files``."""
    first = ", ".join(cut(name, 80) for name in manifest.files[: MAX_FILES if len(manifest.files) <= MAX_FILES else 1])
    more = len(manifest.files) - MAX_FILES
    return f"{first} and {len(manifest.files) - 1:,} more files" if more > 0 else first


def _told(manifest: ManifestCoverage, files: str) -> str:
    one = len(manifest.files) == 1
    if manifest.undescribed:
        return f"{files} {'has' if one else 'have'} nothing but their names"
    return f"{files} {'lists' if one else 'list'} none{' but drafts' if manifest.drafts else ''}"


def unseen(result: Result) -> list[str]:
    """What of the account could not be seen, one sentence each."""
    coverage = result.coverage
    sentences = [] if coverage.sections else ["No account was read: this is about the list of automations alone."]
    files = files_named(coverage.manifest)
    if not files or not is_list_given(result):
        chains = sum(automation.origin is Origin.OBSERVED for automation in result.automations)
        missing = _told(coverage.manifest, files) if files else "no list of them was given"
        what = f"only what left timestamps was looked at ({count(chains, 'chain')} of steps)" if chains else "none were looked at"
        sentences.append(f"Kit shows its automations and rules to no tool, and {missing}: {what}.")
    elif not coverage.manifest.complete:
        which = "which does not say that it is complete" if len(coverage.manifest.files) == 1 else "which do not say that they are complete"
        sentences.append(f"Kit shows its automations to no tool. They come from {files}, {which}.")
    sentences += unjudged_offerings(result)
    sentences += undescribed(coverage.manifest)
    sentences += drafts(result)
    reasons = {item.section: item.reason for item in coverage.reasons}
    for section, status in coverage.sections.items():
        if status != "complete":
            reason = f": {cut(reasons[section].rstrip('.'), 300)}" if reasons.get(section) else ""
            sentences.append(f"{cut(section.replace('_', ' ').capitalize(), 60)} {cut(status, 40)}{reason}.")
    if bad := coverage.bad_objects:
        left_out = plural(len(bad), "{n} odd object or value was left out", "{n} odd objects or values were left out")
        sentences.append(f"{left_out}, first {cut(bad[0].path, 80)}: {cut(bad[0].reason, 200)}.")
    if coverage.not_looked_at:
        things = ", ".join(amount(number, cut(what, 60)) for what, number in coverage.not_looked_at.items())
        sentences.append(f"Not looked at: {things}.")
    return sentences
