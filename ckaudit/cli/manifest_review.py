"""``ckaudit manifest edit --terminal``: one automation after the other, with the same answers as the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ckaudit.cli.terminal import Outcome, Terminal, write_output
from ckaudit.model.errors import CkauditError, ExitStatus
from ckaudit.render.plain import clean
from ckaudit.workbench.messages import Answer, Checked, Edit, Opened, Row, Saved, State, Which

if TYPE_CHECKING:
    from ckaudit.workbench.session import Session

_BELOW = "\n# Above: the name in Kit, then one line for each box. Save and close the editor to go on; an empty file changes nothing.\n"
_ASKED = {
    State.DRAFT: "[a]ccept, [c]hange, [r]efuse, [s]kip, [q]uit",
    State.NAME: "[c]hange, [s]kip, [q]uit",
    State.BEGUN: "[c]hange, [s]kip, [q]uit",
}


def review(session: Session, terminal: Terminal) -> Outcome:
    """Ask about every automation that is not described: what was begun, then drafts, then names."""
    order = (State.BEGUN, State.DRAFT, State.NAME)
    todo = sorted((row for row in session.list().rows if row.state in order), key=lambda row: order.index(row.state))
    for number, row in enumerate(todo, 1):
        try:
            if not _asked_about(session, row, f"{number} of {len(todo)}"):
                break
        except CkauditError as error:  # such as a draft that another answer explained
            terminal.error(error)
    after = session.list()
    known = f"{after.described} of {after.known} automations described" if after.known else "No automation is described yet"
    return Outcome(f"{known}.\n", ExitStatus.CLEAN)


def _asked_about(session: Session, row: Row, place: str) -> bool:
    """Whether to go on behind this one."""
    opened = session.open(Which(row.key))
    _show(opened, place)
    while True:
        answer = click.prompt(_ASKED[row.state], default="s", show_default=False).strip().casefold()[:1]
        if answer in ("q", "s"):
            return bool(answer == "s")
        if answer == "r" and row.state is State.DRAFT:
            _say(session.answer(Answer(row.key, is_accepted=False)).note)
            return True
        if answer == "a" and row.state is State.DRAFT:
            name = click.prompt("Its name in Kit", default=opened.name)
            if _is_done(session.answer(Answer(row.key, is_accepted=True, name=name))):
                return True
        elif answer == "c" and _is_changed(session, opened):
            return True
        opened = session.open(Which(row.key))


def _is_changed(session: Session, opened: Opened) -> bool:
    """Open the shorthand in an editor, and save what comes back. What has problems is kept, and may be changed again."""
    text = click.edit(f"* {opened.name}\n{opened.text}{_BELOW}", extension=".txt", require_save=True)
    if text is None or not text.replace(_BELOW.strip(), "").strip():
        _say("Nothing was changed.")
        return False
    first, _, rest = text.replace(_BELOW.strip(), "").lstrip("\n").partition("\n")
    name, steps = (first[1:].strip(), rest) if first.startswith("*") else (opened.name, f"{first}\n{rest}")
    return _is_done(session.save(Edit(opened.key, name, steps.strip("\n") + "\n", opened.status, opened.base)))


def _is_done(saved: Saved) -> bool:
    for wrong in saved.problems:
        choices = f" {', '.join(wrong.choices)}" if wrong.choices else ""
        _say(f"line {wrong.line}, column {wrong.column}: {wrong.message}. {wrong.hint}{choices}")
    if saved.has_changed:
        _say(f"Its file was changed meanwhile, and nothing was written. It says now:\n{saved.theirs}")
    if saved.note:
        _say(saved.note)
    return saved.is_written


def _show(opened: Opened, place: str) -> None:
    what = {State.DRAFT: "draft from timestamps", State.NAME: "only its name is known"}.get(opened.state, "begun")
    _say(f"\n{place} · {opened.name or '(no name)'} · {what}")
    _say(_annotated(opened.text, opened.checked))


def _annotated(text: str, checked: Checked) -> str:
    """The lines with what people did beside them."""
    seen = {step.line: step.seen for step in checked.steps if step.seen}
    lines = text.splitlines()
    width = min(60, max(map(len, lines), default=0))
    return "\n".join(f"  {line:<{width}}   {seen.get(number, '')}".rstrip() for number, line in enumerate(lines, 1))


def _say(text: str) -> None:
    write_output(clean(text, keep_newlines=True) + "\n")
