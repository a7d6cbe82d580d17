"""The text of an automation's page, as somebody copied it, read for the workbench."""

from __future__ import annotations

from pathlib import Path

from ckaudit.graph.words import describe, describe_step
from ckaudit.model.steps import AnyStep, all_steps
from ckaudit.model.triggers import Trigger
from ckaudit.render.pasted import NEVER_SEEN
from ckaudit.sources.pages.labels import read_labels, write_labels
from ckaudit.sources.pages.paste import Page, Role, read_page
from ckaudit.sources.shorthand import Names
from ckaudit.workbench.messages import Paste, Pasted, PastedQuestion, PastedStep, Wrong
from ckaudit.workbench.notation import text_of

NOTHING = (
    "There are no steps in this text. Kit may draw the page as a picture; then there is nothing to copy: type the steps, a short line each."
)


def read_pasted(paste: Paste, names: Names, labels: Path) -> Pasted:
    """What the text says. Answers are kept in the file ``labels``, and counted from there the next time.

    Raises:
        CkauditError: the file cannot be read or written.
    """
    answers = read_labels(labels)
    if given := {label: str(meaning) for label, meaning in paste.answers.items()}:
        answers |= given
        write_labels(labels, answers)
    page = read_page(paste.text, names.listings, paste.name or "?", answers)
    if page.is_empty:
        return Pasted("", note=NOTHING)
    parts: list[Trigger | AnyStep] = [*page.automation.entries, *all_steps(page.automation.steps)]
    return Pasted(
        text=text_of(page.automation, names.with_automations([(None, paste.name or "?")])),
        steps=tuple(_step(part, page) for part in parts),
        unknown=tuple(Wrong(line.number, line.cell + 1, line.text, line.why) for line in page.of(Role.UNKNOWN)),
        questions=tuple(PastedQuestion(item.label, item.text, item.example) for item in page.questions),
        noise=len(page.of(Role.NOISE)),
        note=NEVER_SEEN.partition("`")[0].strip(),
    )


def _step(part: Trigger | AnyStep, page: Page) -> PastedStep:
    place = (part.location.line, part.location.column - 1) if part.location else (0, 0)
    words = describe(part) if isinstance(part, Trigger) else describe_step(part)
    return PastedStep(words, " · ".join(page.sources.get(place, ())), page.unsure.get(place, ""))
