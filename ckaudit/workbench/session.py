"""The work itself: opens, checks, judges and saves one automation after the other. Knows nothing of pages and terminals."""

from __future__ import annotations

import secrets
import threading
from pathlib import Path

import msgspec

from ckaudit.audit import AuditPlan, Inputs
from ckaudit.model.automations import Automation, AutomationStatus
from ckaudit.model.errors import CkauditError, InputError, ManifestError
from ckaudit.model.refs import Kind
from ckaudit.render.draw.chart import make_chart
from ckaudit.render.draw.svg import svg
from ckaudit.render.plain import plural
from ckaudit.sources.pages.labels import LABELS_FILE
from ckaudit.sources.pages.paste import Meaning
from ckaudit.sources.shorthand import NOTATION, Names
from ckaudit.sources.snapshot import folder_of
from ckaudit.workbench.files import Files
from ckaudit.workbench.findings import judged
from ckaudit.workbench.judge import Judge
from ckaudit.workbench.kept import KeptFile, Text
from ckaudit.workbench.known import BEGUN, Known, know, made_from, state_of, worklist
from ckaudit.workbench.messages import Answer, Checked, Edit, Judged, Opened, Paste, Pasted, Saved, Start, State, Which, Worklist, Wrong
from ckaudit.workbench.notation import Meant, lines_of, meaning, text_of
from ckaudit.workbench.paste import read_pasted
from ckaudit.workbench.places import Candidate, Place, place_of, put

_COMPLETED = (Kind.TAG, Kind.SEQUENCE, Kind.FORM, Kind.FIELD, Kind.AUTOMATION)


class Session:
    """Everything that happens to an account's automations in one sitting. Safe to call from several threads."""

    def __init__(self, plan: AuditPlan, inputs: Inputs, files: Files) -> None:
        self.judge_ = Judge(plan, inputs)
        self.files = files
        self.kept = KeptFile(files.folder)
        source = plan.request.source
        self.labels = (folder_of(source) if isinstance(source, Path) else files.folder) / LABELS_FILE
        self.account = inputs.account.info.name if inputs.account and inputs.account.info else ""
        self._lock = threading.RLock()
        self._judging = threading.Lock()
        self._turn = 0
        self._known: Known | None = None

    # -- asking ---------------------------------------------------------------------------------------------------------------------

    def start(self) -> Start:
        """What a page needs once."""
        with self._lock:
            names = self._names(self._last_known())
            lists = {str(kind): names.all(kind) for kind in _COMPLETED}
            return Start(self.list(), lists, tuple(Meaning), NOTATION, self.judge_.inputs.evidence is not None)

    def list(self) -> Worklist:
        """The list as it is now. When files cannot be read it says so, and shows what they said before."""
        with self._lock:
            try:
                known, problem = self._now(), ""
            except CkauditError as error:
                known, problem = self._last_known(), str(error)
            return msgspec.structs.replace(worklist(known, self.kept.read(), self.account), problem=problem)

    def open(self, which: Which) -> Opened:
        """An automation to work on: with the text that was begun, else with what its file or its timestamps say.

        Raises:
            InputError: there is no such automation any more.
        """
        with self._lock:
            known, kept = self._now(), self.kept.read()
            begun, place = kept.texts.get(which.key), place_of(which.key, known)
            if place is None and begun is None:
                raise InputError("this automation is no longer there", hint="The list shows what there is now.")
            names = self._names(known)
            origin = text_of(place.automation, names) if place else ""
            name = begun.name if begun else place.automation.name if place else ""
            status = begun.status if begun else str(place.automation.status) if place else str(AutomationStatus.ACTIVE)
            text = begun.text if begun else origin
            mark = place.mark if place else ""
            draft = known.drafts.get(which.key)
            return Opened(
                key=which.key,
                state=state_of(which.key, known, kept),
                name=name,
                status=status,
                text=text,
                base=begun.base if begun else mark,
                origin=origin,
                origin_name=place.automation.name if place else "",
                origin_status=str(place.automation.status if place else AutomationStatus.ACTIVE),
                mark=mark,
                file=str(place.path) if place and place.path else str(self.files.folder / "…"),
                checked=self._checked(known, name, status, text),
                draft_from=made_from(place.automation) if place else "",
                questions=draft.questions if draft else 0,
                from_list=place is not None and place.is_listed,
                has_changed=begun is not None and begun.base != mark,
            )

    def check(self, edit: Edit) -> Checked:
        """What a text means. It is kept: closing the page loses nothing."""
        with self._lock:
            self._keep(edit)
            return self._checked(self._last_known(), edit.name, edit.status, edit.text)

    def judge(self, edit: Edit) -> Judged:
        """What an audit would find about the automation if it were saved like this. Of several at once only the newest is answered."""
        with self._lock:
            self._turn += 1
            turn = self._turn
            try:
                known = self._now()
                meant = self._meant(known, edit)
                if meant.automation is None or not meant.automation.is_described:
                    return Judged(problem="There is nothing to judge yet.")
                candidate = self._candidate(known, edit, meant)
            except CkauditError as error:
                return Judged(problem=str(error))
        with self._judging:
            return Judged(is_late=True) if turn != self._turn else judged(self.judge_, candidate, left_out=len(meant.problems))

    def paste(self, paste: Paste) -> Pasted:
        """What the text of an automation's page says; nothing is changed but the answers that are kept."""
        with self._lock:
            return read_pasted(paste, self._names(self._last_known()), self.labels)

    # -- doing ----------------------------------------------------------------------------------------------------------------------

    def begin(self, edit: Edit) -> Opened:
        """A new automation, kept until it is saved or thrown away."""
        key = f"{BEGUN}{secrets.token_hex(6)}"
        self.kept.change(lambda kept: kept.with_text(key, Text(edit.name, edit.text, edit.status)))
        return self.open(Which(key))

    def discard(self, which: Which) -> Worklist:
        """Throw away a text that was begun; what files say stays."""
        with self._lock:
            self.kept.change(lambda kept: kept.with_text(which.key, None))
            return self.list()

    def save(self, edit: Edit) -> Saved:
        """Write the automation into its file, or into a new one. Nothing is written where the text has problems, or where the file says
        something else than what the text began with: then both are there to choose from.

        Raises:
            CkauditError: the file cannot be written; the text is kept.
        """
        with self._lock:
            self._keep(edit)
            known = self._now()
            place = place_of(edit.key, known)
            if place and place.mark != edit.base:
                theirs = text_of(place.automation, self._names(known))
                return Saved(edit.key, self.list(), has_changed=True, theirs=theirs, base=place.mark)
            meant = self._meant(known, edit)
            if meant.problems or meant.automation is None:
                return Saved(edit.key, self.list(), problems=meant.problems)
            if not meant.automation.is_described:
                nothing = Wrong(1, 1, "there is nothing to save yet", "Write what starts it, such as > and the name of a tag.")
                return Saved(edit.key, self.list(), problems=(nothing,))
            candidate = self._candidate(known, edit, meant)
            try:
                self.judge_.manifest(candidate.texts)
            except ManifestError as error:
                return Saved(edit.key, self.list(), problems=(Wrong(1, 1, error.message, str(error)),))
            self.files.write(candidate.path, candidate.text)
            self.kept.change(lambda kept: kept.with_text(edit.key, None))
            key = self._key_of(candidate)
            return Saved(
                key, self.list(), note=f"Saved: {candidate.path}{self._unread(candidate)}{self._instead(key, edit)}", is_written=True
            )

    def answer(self, answer: Answer) -> Saved:
        """Accept a draft as it is, or refuse it; refusing one that is refused brings it back."""
        with self._lock:
            known, kept = self._now(), self.kept.read()
            state = state_of(answer.key, known, kept)
            if state not in (State.DRAFT, State.REFUSED):
                raise InputError("this draft is no longer there", hint="Something that was saved meanwhile explains it.")
            if not answer.is_accepted:
                refused = state is State.DRAFT
                self.kept.change(lambda before: before.with_answer(answer.key, refused=refused))
                note = "Refused. It stays so until you take it back." if refused else "It is back in the list."
                return Saved(answer.key, self.list(), note=note)
            opened = self.open(Which(answer.key))
            saved = self.save(Edit(answer.key, answer.name or opened.name, opened.text, opened.status, opened.base))
            if saved.is_written:
                self.kept.change(lambda before: before.with_answer(answer.key, refused=False))
            if saved.is_written and opened.questions:
                asked = plural(opened.questions, "{n} condition is still a question", "{n} conditions are still questions")
                return msgspec.structs.replace(saved, note=f"{saved.note}. {asked}: say which people go on")
            return saved

    # -- helpers --------------------------------------------------------------------------------------------------------------------

    def _now(self) -> Known:
        """What is known, read again when a file changed. Raises ManifestError."""
        texts = self.files.read()
        if self._known is None or self._known.texts != texts:
            manifest = self.judge_.manifest(texts)
            self._known = know(texts, manifest, self.judge_.observe(manifest))
        return self._known

    def _last_known(self) -> Known:
        if self._known is None:
            self._known = know({}, None, self.judge_.observe(None))
        return self._known

    def _names(self, known: Known) -> Names:
        automations = [(item.automation.id, item.automation.name) for item in known.listed.values()]
        return Names(self.judge_.inputs.account, automations)

    def _keep(self, edit: Edit) -> None:
        """Keep a text that says something else than its file."""
        known = self._last_known()
        place = place_of(edit.key, known)
        kept = Text(edit.name, edit.text, edit.status, place.automation.id if place else None, edit.base)
        same = place is not None and place.mark == edit.base and _says(place.automation, edit, self._names(known))
        self.kept.change(lambda before: before.with_text(edit.key, None if same else kept))

    def _meant(self, known: Known, edit: Edit) -> Meant:
        place = place_of(edit.key, known)
        return meaning(edit.name, edit.status, place.automation.id if place else None, edit.text, self._names(known))

    def _checked(self, known: Known, name: str, status: str, text: str) -> Checked:
        meant = meaning(name or "?", status, None, text, self._names(known))
        found = meant.automation
        if found is None or not (found.entries or found.steps):
            return Checked(meant.problems, (), "")
        return Checked(meant.problems, lines_of(found, known.links), svg(make_chart(found)))

    def _candidate(self, known: Known, edit: Edit, meant: Meant) -> Candidate:
        assert meant.automation is not None  # noqa: S101  callers ask
        place = place_of(edit.key, known) or Place(meant.automation)
        return put(meant.automation, place, known.texts, self.files, self._names(known), self.judge_)

    def _unread(self, candidate: Candidate) -> str:
        """What to add for a file that an audit does not find by itself."""
        new = self.files.are_named and candidate.path not in self.files.named
        return ". Your manifests are named one by one: name this one there, too (--manifest, or the configuration)" if new else ""

    def _instead(self, key: str, edit: Edit) -> str:
        """What to add when a list says otherwise what the automation's status is, and counts."""
        status = self._now().listed[key].automation.status if key in self._now().listed else edit.status
        return "" if status == edit.status else f". The list of all automations says that it is {status}: change it there"

    def _key_of(self, candidate: Candidate) -> str:
        """The key of what was just written."""
        for key, item in self._now().listed.items():
            if item.path == candidate.path and item.block and item.block.first == candidate.first:
                return key
        return ""


def _says(automation: Automation, edit: Edit, names: Names) -> bool:
    """Whether a text says what the automation is without it."""
    stated = (automation.name, str(automation.status), text_of(automation, names).strip())
    return stated == (edit.name, edit.status, edit.text.strip())
