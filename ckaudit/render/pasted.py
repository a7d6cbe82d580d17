"""What was read from the text of an automation's page: as a draft with the source of every step, and told to the person who pasted it."""

from __future__ import annotations

from collections.abc import Iterator

from ckaudit.model.automations import Automation
from ckaudit.model.steps import AnyStep, all_steps
from ckaudit.model.triggers import Trigger
from ckaudit.render.draft_manifest import in_comment
from ckaudit.render.plain import cut, plural
from ckaudit.sources.pages.paste import Meaning, Page, Question, Role
from ckaudit.sources.shorthand import Names, automation_yaml, write, write_steps

MAX_WIDTH = 90
NEVER_SEEN = (
    "This has never been tried on a real page of Kit's: compare every step. `ckaudit manifest sample` shows us what a page is made of, "
    "without anything that is in it."
)
_HEAD = """\
# A DRAFT, read by ckaudit from the text of a page on {today}. No real page of Kit's was ever seen, so compare every step with the screen.
# Above each entry and step stand the lines of the text that it was read from. Then take out the line “draft:”. Until then it counts for
# nothing."""


def pasted_yaml(page: Page, names: Names, *, today: str, account: int | None) -> str:
    """The draft as a manifest of its own."""

    def beside(part: Trigger | AnyStep) -> Iterator[str]:
        yield in_comment(_source(page, part))
        if why := page.unsure.get(_place(part)):
            yield f"UNSURE: {why}"

    number = [] if account is None else [f"account: {account}"]
    lines = [_HEAD.format(today=today), "version: 1", *number, "automations:"]
    unknown = [f"  # not understood, line {line.number}: {in_comment(cut(line.text, MAX_WIDTH))}" for line in page.of(Role.UNKNOWN)]
    return "\n".join(lines) + "\n" + automation_yaml(page.automation, names, beside) + "".join(f"{line}\n" for line in unknown)


def pasted_text(page: Page, names: Names) -> str:
    """What was read, each step with its source, then what is unsure, not understood and to be answered; every piece is counted."""
    parts: list[Trigger | AnyStep] = [*page.automation.entries, *all_steps(page.automation.steps)]
    counts = {role: len(page.of(role)) for role in Role}
    head = (
        f"{plural(len(parts), '{n} entry or step', '{n} entries and steps')}; of the text "
        f"{plural(counts[Role.STEP], '{n} piece is', '{n} pieces are')} in them, {counts[Role.NOISE]} noise, "
        f"{counts[Role.UNKNOWN]} not understood."
    )
    lines = [head, "", *(f"  {cut(_said(part, names), 48):<48}  from {cut(_source(page, part), MAX_WIDTH)}" for part in parts)]
    if page.unsure:
        lines += ["", "Unsure:", *(f"  line {line}: {why}" for (line, _), why in sorted(page.unsure.items()))]
    if unknown := page.of(Role.UNKNOWN):
        lines += ["", "Not understood:", *(f"  line {line.number}: {cut(line.text)}: {cut(line.why, MAX_WIDTH)}" for line in unknown)]
    if page.questions:
        lines += ["", "What do these words mean?", *map(question_text, page.questions)]
    return "".join(f"{line}\n" for line in lines)


def question_text(question: Question) -> str:
    """A question, with the word it is answered under."""
    where = ", ".join(map(str, question.names[:5]))
    beside = "" if question.text == question.example else f" beside “{cut(question.example)}”"
    return f"  “{cut(question.text)}”{beside} (line {where}): {cut(question.label)}"


def choices() -> str:
    """The answers there are."""
    return ", ".join(Meaning)


def _said(part: Trigger | AnyStep, names: Names) -> str:
    if isinstance(part, Trigger):
        return write(Automation(name="a", entries=(part,)), names).splitlines()[-1]
    return write_steps((part,), names).splitlines()[0]


def _place(part: Trigger | AnyStep) -> tuple[int, int]:
    return (part.location.line, part.location.column - 1) if part.location else (0, 0)


def _source(page: Page, part: Trigger | AnyStep) -> str:
    return " · ".join(f"line {cut(source, MAX_WIDTH)}" for source in page.sources.get(_place(part), ()))
