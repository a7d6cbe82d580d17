"""What a client reads: the result without the consultant's tools and files, and what is left open as questions.

The owner of an account has no manifest, no file and no command line. What such words say is said in theirs; steps that are the
consultant's are left out; what only the owner can answer becomes one short list.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

import msgspec

from ckaudit.model.findings import ReportedFinding
from ckaudit.model.result import Result, Role
from ckaudit.model.roles import ROLE_WORDS
from ckaudit.model.rules import Theme
from ckaudit.render.configured import configured_sentences
from ckaudit.render.coverage import is_list_given, needs_a_list
from ckaudit.render.plain import count, cut, plural
from ckaudit.render.since import lost_sentences

MAX_QUESTIONS = 8
MAX_REASONS = 5
_WORDS = (
    (re.compile(r"\b([Tt])he manifest\b"), r"\1he description of your automations"),
    (re.compile(r"\b(?:your|a|any|no) manifest\b"), "the description of your automations"),
    (re.compile(r"\bmanifest\b"), "description of your automations"),
)
_COMMANDS = re.compile(r";[^;.`]{0,80}`ckaudit [^`]{0,80}`[^;.]{0,200}|,? or name the (?:membership )?site with --stack")
_CONSULTANTS = re.compile(r"\bckaudit\b|\bmanifest\b|\.ya?ml\b|--[a-z]|`[a-z_.]+`")
_QUOTED = re.compile(r"(“[^“”]*”)")


def for_client(result: Result) -> Result:
    """The result in the owner's words: findings about the audit itself are questions (``questions``), not findings."""
    themes = {rule.code: rule.theme for rule in result.rules}
    findings = tuple(_finding(item) for item in result.findings if themes.get(item.rule) != Theme.AUDIT)
    rules = tuple(
        msgspec.structs.replace(
            rule, fix=_steps(rule.fix), why=in_their_words(rule.why), title=in_their_words(rule.title), passing=in_their_words(rule.passing)
        )
        for rule in result.rules
    )
    passed = tuple(
        msgspec.structs.replace(item, title=in_their_words(item.title)) for item in result.passed if themes.get(item.rule) != Theme.AUDIT
    )
    waiting = tuple(
        msgspec.structs.replace(item, reason=_without_files(in_their_words(item.reason)))
        for item in result.not_evaluated
        if themes.get(item.rule) != Theme.AUDIT
    )
    nothing = tuple(
        msgspec.structs.replace(item, reason=in_their_words(item.reason))
        for item in result.not_applicable
        if themes.get(item.rule) != Theme.AUDIT
    )
    return msgspec.structs.replace(result, findings=findings, rules=rules, passed=passed, not_evaluated=waiting, not_applicable=nothing)


def _finding(finding: ReportedFinding) -> ReportedFinding:
    message, title = in_their_words(finding.message), in_their_words(finding.title)
    return msgspec.structs.replace(finding, message=message, title=title, fix=_steps(finding.fix), location=None, covers=())


def _steps(steps: tuple[str, ...]) -> tuple[str, ...]:
    """Without those that are the consultant's; all of them, in other words, where nothing would be left."""
    kept = tuple(step for step in steps if not _CONSULTANTS.search(_QUOTED.sub("", step)))
    return kept or tuple(in_their_words(step) for step in steps)


def in_their_words(text: str) -> str:
    """The text with other words for what a client does not have. What stands in quotation marks is a name and stays."""
    parts = _QUOTED.split(text)
    for index in range(0, len(parts), 2):
        parts[index] = _COMMANDS.sub("", parts[index])
        for pattern, words in _WORDS:
            parts[index] = pattern.sub(words, parts[index])
    return "".join(parts)


def questions(result: Result) -> tuple[tuple[str, ...], int]:
    """What only the owner can answer, and how many more such questions there are: what was guessed, and what nobody could find."""
    themes = {rule.code: rule.theme for rule in result.rules}
    unknown = [_unknown(item) for item in result.findings if themes.get(item.rule) == Theme.AUDIT]
    guessed = [_guessed(role) for role in result.roles if role.origin == "inferred"]
    asked = list(dict.fromkeys([*unknown, *guessed]))
    return tuple(asked[:MAX_QUESTIONS]), max(0, len(asked) - MAX_QUESTIONS)


def _unknown(finding: ReportedFinding) -> str:
    return in_their_words(finding.message.split("\n")[0])


def _guessed(role: Role) -> str:
    what = ROLE_WORDS.get(role.role) or cut(role.role.replace("_", " "))
    of = f", for “{cut(role.offering)}”" if role.offering else ""
    because = in_their_words(cut(role.reason.rstrip("."), 300))
    return f"Is “{cut(role.object.name)}” the {what}{of}? We took it for that, because {because}."


def client_gaps(result: Result) -> tuple[str, ...]:
    """What could not be seen or judged, one line each, in the owner's words."""
    lines = [_without_files(in_their_words(sentence)) for sentence in lost_sentences(result.since)]
    lines += [*configured_sentences(result, "whoever made this report", "check"), *_unseen(result)]
    unjudged = [f"“{cut(item.name)}”" for item in result.scores if item.kind == "offering" and item.score is None]
    if unjudged:
        lines.append(f"Not judged, because we do not know which tags belong to it: {', '.join(unjudged[:MAX_QUESTIONS])}.")
    waiting = sum(needs_a_list(item, result) for item in result.not_evaluated)
    if waiting:
        one = "{n} check waits for a description of your automations and rules."
        lines.append(plural(waiting, one, "{n} checks wait for a description of your automations and rules."))
    reasons = Counter(in_their_words(item.reason) for item in result.not_evaluated if not needs_a_list(item, result))
    lines += [
        f"{count(number, 'check')} not judged: {cut(_without_files(reason), 300)}." for reason, number in reasons.most_common(MAX_REASONS)
    ]
    if result.crashed:
        lines.append(f"{count(len(result.crashed), 'check')} not judged because of a problem in the program, not in your account.")
    if hidden := result.summary.hidden:
        lines.append(f"{count(hidden, 'finding')} below the chosen level {'is' if hidden == 1 else 'are'} not shown.")
    return tuple(lines)


def _unseen(result: Result) -> Iterable[str]:
    coverage = result.coverage
    if not coverage.sections:
        yield "Your account itself was not read: this is about the description of your automations alone."
    if not is_list_given(result):
        yield "Kit shows its automations and rules to no program, and nobody has described them yet."
    elif not coverage.manifest.complete:
        yield "Kit shows its automations to no program. They were described by hand, and perhaps not all of them."
    if unknown := coverage.manifest.undescribed:
        listed = coverage.manifest.described + len(unknown)
        yield f"What {len(unknown):,} of your {listed:,} automations do is not described yet, so nothing was concluded from them."
    if drafts := len(coverage.manifest.drafts):
        one, many = (
            "{n} description is a draft, and nothing was concluded from it.",
            "{n} descriptions are drafts, and nothing was concluded from them.",
        )
        yield plural(drafts, one, many)
    refused = [section.replace("_", " ") for section, status in coverage.sections.items() if status != "complete"]
    if refused:
        yield f"Not or not wholly read: {', '.join(refused)}."
    if coverage.bad_objects:
        one, many = "{n} odd value of Kit was not understood and left out.", "{n} odd values of Kit were not understood and left out."
        yield plural(len(coverage.bad_objects), one, many)


def _without_files(reason: str) -> str:
    """A reason up to the place in a file that would cure it: the consultant sees that."""
    return re.split(r": (?:add|list) `", reason, maxsplit=1)[0].rstrip(".")
