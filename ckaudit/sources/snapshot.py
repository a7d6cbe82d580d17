"""The snapshot: an account as a folder with ``account.json``, made for ``git diff``.

``{"schema": "ckaudit.snapshot/v2", "with_emails": false, "sections": {"account": {"status", "reason", "object"},
"tags": {"status", "reason", "objects"}, …}, "bad_objects": […]}``; objects under the API's own field names, fixed key order, two-space
indent, ordered by id (emails by sequence, position, id). It changes when somebody changed the account: the day of the pull lies beside it
(``reading.json``), and so do the numbers of people (``counts.json``), which format 1 had in it. ``with_emails`` says that subscribers'
addresses lie beside it, too, in ``people.json``; it never holds one itself.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from ckaudit.installation import upgrading
from ckaudit.kit.decode import OBJECT_TYPES, KitObject, decode_list, decode_object, in_order
from ckaudit.model.account import (
    Account,
    BadObject,
    SectionName,
    SectionState,
    SectionStatus,
)
from ckaudit.model.errors import Location, SnapshotError
from ckaudit.model.pulled import COUNTS_FILE
from ckaudit.sources.counts import COUNTED, MOVING, with_counts, write_counts
from ckaudit.sources.files import StrPath, near_path, read_limited, write_atomically
from ckaudit.sources.reading import read_reading, write_reading

ACCOUNT_FILE = "account.json"
PARTIAL_FILE = "pull.partial.jsonl"
MAX_SIZE = 512_000_000  # bytes; an account with 10,000 long emails has a tenth of it
_PIECE = 1 << 20
VERSION = 2
SCHEMA = f"ckaudit.snapshot/v{VERSION}"

Document = dict[str, msgspec.Raw]
# Version of a document -> what turns it into the next version.
MIGRATIONS: Mapping[int, Callable[[Document], Document]] = {1: lambda document: document}  # format 1 may have numbers of people

# What begins like a table: words or numbers with the same mark between them, no bracket and no tag.
_TABLE = re.compile(rb"(?=[^,;\t\n{}\[\]<>]*[,;\t])[^\n{}\[\]<>]*\n")
_ENVELOPES = {*map(str, SectionName), "emails", "subscribers", "purchases", "posts"} - {"account", "sequence_emails"}

_MAKE_ONE = "Make a snapshot with `ckaudit pull -o DIR`."


class RawSection(msgspec.Struct, frozen=True):
    """One section of a snapshot file."""

    status: SectionStatus
    reason: str | None = None
    object: msgspec.Raw = msgspec.Raw(b"null")
    objects: tuple[msgspec.Raw, ...] = ()

    @property
    def texts(self) -> tuple[msgspec.Raw, ...]:
        """The objects as JSON text; the account section has its one under ``object``."""
        return self.objects if bytes(self.object) == b"null" else (self.object,)


class RawSnapshot(msgspec.Struct, frozen=True):
    """A snapshot file whose objects are still JSON text. ``text`` is the whole file, ``version`` the format it is in."""

    file: Path
    version: int
    text: bytes
    sections: dict[SectionName, RawSection]
    bad_objects: tuple[BadObject, ...]
    with_emails: bool = False


def write_snapshot(folder: Path, account: Account) -> Path:
    """Store an account; returns the path of its ``account.json``. An older snapshot of the same account is replaced.

    Raises:
        SnapshotError: the folder holds another account's snapshot, or a file of that name that is not a snapshot.
        OutputError: the folder cannot be written; an older snapshot in it is untouched.
    """
    path = folder / ACCOUNT_FILE
    check_replaceable(folder, account.info.id if account.info else None)
    write_reading(folder, None)  # whoever is killed here leaves an account of an unknown day, never one of another's
    write_atomically(path, snapshot_bytes(account))
    write_counts(folder, account)
    write_reading(folder, account.read_on)
    return path


def check_replaceable(folder: Path, account_id: int | None) -> None:
    """Raise SnapshotError when writing this account's snapshot here would destroy something else."""
    path = folder / ACCOUNT_FILE
    if not path.exists():
        return
    try:
        stored = read_snapshot(path)
    except SnapshotError as error:
        hint = "Choose another folder, or remove the file."
        raise SnapshotError(f"{path} exists and is not a snapshot that could be replaced: {error.message}", hint=hint) from None
    refuse_other_account(folder, "the snapshot", stored.info.id if stored.info else None, account_id)


def refuse_other_account(folder: Path, what: str, stored: int | None, new: int | None) -> None:
    """Raise SnapshotError when both ids are known and differ."""
    if stored is not None and new is not None and stored != new:
        message = f"{folder} holds {what} of account {stored}, and this is account {new}"
        raise SnapshotError(message, hint="Choose another folder.")


def snapshot_bytes(account: Account) -> bytes:
    """The text of ``account.json``: UTF-8, ending in a newline."""
    sections: dict[str, dict[str, object]] = {}
    for name in SectionName:
        state = account.state(name)
        head: dict[str, object] = {"status": state.status, "reason": state.reason}
        objects = [_without_numbers(name, item) for item in in_order(section_objects(account, name))]
        body = {"object": next(iter(objects), None)} if name is SectionName.ACCOUNT else {"objects": objects}
        sections[name] = head | body
    bad = [item for item in account.bad_objects if item.path != COUNTS_FILE]
    document = {"schema": SCHEMA, "with_emails": account.with_emails, "sections": sections, "bad_objects": bad}
    return msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n"


def _without_numbers(name: SectionName, item: KitObject) -> object:
    """An object as it is stored; what moves by itself lies in ``counts.json``."""
    if name not in (SectionName.ACCOUNT, *COUNTED):
        return item
    fields: dict[str, object] = msgspec.structs.asdict(item)
    return {key: value for key, value in fields.items() if key not in MOVING}


def section_objects(account: Account, name: SectionName) -> tuple[KitObject, ...]:
    """The objects of one section; of the account section none or one."""
    if name is SectionName.ACCOUNT:
        return (account.info,) if account.info else ()
    objects: tuple[KitObject, ...] = getattr(account, name)
    return objects


def account_of(
    objects: Mapping[SectionName, tuple[KitObject, ...]],
    states: Mapping[SectionName, SectionState],
    bad: tuple[BadObject, ...],
) -> Account:
    """Put an account together from its sections."""
    lists = {str(name): found for name, found in objects.items() if name is not SectionName.ACCOUNT}
    info = next(iter(objects.get(SectionName.ACCOUNT, ())), None)
    sections = {name: states.get(name, SectionState()) for name in SectionName}
    return msgspec.convert({"info": info, **lists, "sections": sections, "bad_objects": bad}, Account)


def read_snapshot(path: StrPath) -> Account:
    """Read a snapshot: the folder, or its ``account.json``. A bad object is reported in ``bad_objects`` and left out.

    Secrets in webhook addresses are replaced here as well, should the file come from elsewhere.

    Raises:
        SnapshotError: there is none, or the file is not a snapshot this version can read; says where and what to do.
    """
    raw = read_raw(Path(path))
    objects: dict[SectionName, tuple[KitObject, ...]] = {}
    states: dict[SectionName, SectionState] = {}
    bad = list(raw.bad_objects)
    for name, section in raw.sections.items():
        decoded = decode_list(name, section.texts, name)
        objects[name] = decoded.objects
        states[name] = decoded.state(SectionState(section.status, section.reason))
        bad += decoded.bad
    account = msgspec.structs.replace(account_of(objects, states, tuple(bad)), with_emails=raw.with_emails)
    folder = raw.file.parent if raw.file.name == ACCOUNT_FILE else None
    if folder:
        account = msgspec.structs.replace(account, read_on=read_reading(folder))
    return account if raw.version == 1 else with_counts(account, folder)


def folder_of(snapshot: Path) -> Path:
    """The folder of a snapshot that is named by its folder or its ``account.json``."""
    return snapshot if snapshot.is_dir() else snapshot.parent


def read_raw(path: Path) -> RawSnapshot:
    """The snapshot at a path with its objects not decoded yet. Raises SnapshotError like ``read_snapshot``."""
    file = _file_of(path)
    text = _read(file)
    document, version = _document(file, text)
    try:
        sections = msgspec.json.decode(document.get("sections", b"{}"), type=dict[str, RawSection])
        bad = msgspec.json.decode(document.get("bad_objects", b"[]"), type=tuple[BadObject, ...])
        with_emails = msgspec.json.decode(document.get("with_emails", b"false"), type=bool)
    except (ValueError, RecursionError) as error:
        reason = str(error).replace("`", "").replace("$", "sections")
        raise SnapshotError(f"this snapshot is damaged: {reason}", location=Location(str(file)), hint=_MAKE_ONE) from None
    known = {name: sections[name] for name in SectionName if name in sections}
    return RawSnapshot(file, version, text, known, bad, with_emails)


def _file_of(path: Path) -> Path:
    try:
        file = path / ACCOUNT_FILE if path.is_dir() else path
        if file.is_file():
            return file
        if (path / PARTIAL_FILE).is_file():
            hint = f"Run `ckaudit pull -o {path}` again: it goes on with what it has."
            raise SnapshotError(f"the pull into {path} was interrupted, so it has no {ACCOUNT_FILE} yet", hint=hint)
        if file.exists():
            raise SnapshotError(f"{file} is not a regular file", hint=_MAKE_ONE)
        raise SnapshotError(f"{file} does not exist", hint=f"{near_path(path)} {_MAKE_ONE}".strip())
    except OSError as error:
        raise SnapshotError(f"cannot read {path}: {error.strerror}", hint="Check the folder and its permissions.") from None


def _read(file: Path) -> bytes:
    try:
        text = read_limited(file, MAX_SIZE).removeprefix(b"\xef\xbb\xbf")
    except OSError as error:
        raise SnapshotError(f"cannot read {file}: {error.strerror}", hint="Check the file and its permissions.") from None
    if not text.strip():
        raise SnapshotError("this snapshot is empty", location=Location(str(file)), hint=_MAKE_ONE)
    bad = _not_utf8(text)
    if bad is not None:
        location = location_at(file, text, bad)
        raise SnapshotError("this is not UTF-8 text, so it is not a snapshot", location=location, hint=_MAKE_ONE)
    return text


def _not_utf8(text: bytes) -> int | None:
    """The first byte that is not UTF-8, None when all are. Piece by piece: a second copy of a large account would not fit in the memory."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    for start in range(0, len(text), _PIECE):
        waiting = len(decoder.getstate()[0])
        try:
            decoder.decode(text[start : start + _PIECE], final=start + _PIECE >= len(text))
        except UnicodeDecodeError as error:
            return start - waiting + error.start
    return None


def _document(file: Path, text: bytes) -> tuple[Document, int]:
    """The top level of the file, brought to today's version, and the version it has."""
    where = Location(str(file))
    try:
        document = msgspec.json.decode(text, type=Document)
    except msgspec.ValidationError:
        lists = text.lstrip().startswith(b"[")
        what = "this is a JSON list, such as one of Kit's, and not a whole account" if lists else "this is JSON, but not a ckaudit snapshot"
        raise SnapshotError(what, location=where, hint=_MAKE_ONE) from None
    except RecursionError:
        raise SnapshotError("this is not a ckaudit snapshot: it is nested too deeply", location=where, hint=_MAKE_ONE) from None
    except msgspec.DecodeError as error:
        if file.suffix.lower() in {".csv", ".tsv"} or _TABLE.match(text):
            raise SnapshotError("this is a table (CSV), not a snapshot", location=where, hint=_MAKE_ONE) from None
        if text.lstrip()[:15].lower().startswith((b"<!doctype", b"<html")):
            raise SnapshotError("this is an HTML page, not a snapshot", location=where, hint=_MAKE_ONE) from None
        byte = re.search(r"\(byte (\d+)\)", str(error))
        location = location_at(file, text, int(byte[1]) if byte else len(text))
        message = "not valid JSON here" if byte else "the file ends in the middle of the JSON text"
        raise SnapshotError(message, location=location, hint=f"The file is cut off or was edited. {_MAKE_ONE}") from None
    schema = _schema(document)
    version = re.fullmatch(r"ckaudit\.snapshot/v(\d{1,9})", schema)
    if not version:
        raise SnapshotError(_one_answer(document) or _not_a_snapshot(schema), location=where, hint=_not_a_snapshot_hint(schema))
    return _migrated(document, int(version[1]), where), int(version[1])


def _schema(document: Document) -> str:
    found = decode_object(str, document.get("schema", msgspec.Raw(b'""')), "schema")
    return found if isinstance(found, str) else ""


def _one_answer(document: Document) -> str:
    """A sentence for what somebody saved from Kit's API, empty for anything else."""
    if "schema" in document:
        return ""
    lists = [name for name in document if name in _ENVELOPES and bytes(document[name]).lstrip().startswith(b"[")]
    if lists and len(document) <= 2:
        return f"this is one answer of Kit's API, a list of {lists[0].replace('_', ' ')}, and not a whole account"
    if {"account", "user"} <= set(document):
        return "this is one answer of Kit's API, the account itself without its lists, and not a whole account"
    return ""


def _not_a_snapshot(schema: str) -> str:
    if schema.startswith("ckaudit.result/"):
        return "this is a result, not a snapshot"
    return f"this is JSON of another tool: expected the key “schema” to be “{SCHEMA}”"


def _not_a_snapshot_hint(schema: str) -> str:
    return "Use `ckaudit report` to render a result again." if schema.startswith("ckaudit.result/") else _MAKE_ONE


def _migrated(document: Document, version: int, where: Location) -> Document:
    if version > VERSION:
        message = f"this snapshot has format version {version}; this ckaudit reads up to {VERSION}. It was made by a newer ckaudit"
        raise SnapshotError(message, location=where, hint=upgrading())
    for step in range(version, VERSION):
        if step not in MIGRATIONS:
            raise SnapshotError(f"snapshot format version {version} never existed", location=where, hint=_MAKE_ONE)
        document = MIGRATIONS[step](document)
    return document


def location_at(file: Path, text: bytes, offset: int) -> Location:
    """Line and column (in characters) of a byte offset."""
    start = text.rfind(b"\n", 0, offset) + 1
    column = len(text[start:offset].decode(errors="replace")) + 1
    return Location(str(file), text.count(b"\n", 0, offset) + 1, column)


def snapshot_schema() -> dict[str, object]:
    """JSON Schema (draft 2020-12) of ``account.json``."""
    names = {str(name): kind for name, kind in OBJECT_TYPES.items()}
    (refs, components) = msgspec.json.schema_components(tuple(names.values()), ref_template="#/$defs/{name}")
    sections: dict[str, object] = {}
    for (name, _), ref in zip(names.items(), refs, strict=True):
        body = {"object": {"anyOf": [ref, {"type": "null"}]}} if name == "account" else {"objects": {"type": "array", "items": ref}}
        head = {"status": {"enum": [str(status) for status in SectionStatus]}, "reason": {"type": ["string", "null"]}}
        sections[name] = {"type": "object", "properties": head | body, "required": ["status"]}
    bad = {"path": {"type": "string"}, "reason": {"type": "string"}, "id": {"type": "integer"}}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:ckaudit:snapshot:v{VERSION}",
        "title": "ckaudit snapshot",
        "type": "object",
        "properties": {
            "schema": {"const": SCHEMA},
            "with_emails": {"type": "boolean"},
            "sections": {"type": "object", "properties": sections},
            "bad_objects": {"type": "array", "items": {"type": "object", "properties": bad, "required": ["path", "reason"]}},
        },
        "required": ["schema", "sections"],
        "$defs": components,
    }
