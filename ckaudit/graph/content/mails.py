"""Which emails are looked at, with their snippets expanded."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from ckaudit.graph.content.liquid import Reading, read_html, read_line
from ckaudit.graph.content.model import Contents, Document, Mail, MailPart
from ckaudit.model.account import Account, Sequence, SequenceEmail, Snippet
from ckaudit.model.refs import ObjectRef


def mails(account: Account) -> Contents:
    """Read every published email of an active sequence, and the snippets they use (not the archived ones). Each text is read once."""
    sequences = {sequence.id: sequence for sequence in account.sequences}
    chosen = [(email, sequences[email.sequence_id]) for email in account.sequence_emails if _is_sent(email, sequences)]
    chosen.sort(key=lambda pair: (pair[1].id, pair[0].position is None, pair[0].position or 0, pair[0].id))
    own = [_mail_document(email, sequence) for email, sequence in chosen]
    live = {snippet.key: snippet for snippet in account.snippets if not snippet.archived}
    snippets = _read_snippets(own, live)
    found = []
    for (email, sequence), document in zip(chosen, own, strict=True):
        used = _expanded(document, snippets)
        names = frozenset().union(document.locals, *(snippet.locals for snippet in used))
        found.append(Mail(email, sequence, msgspec.structs.replace(document, locals=names), used))
    too_much = sum(document.unread for document in (*own, *snippets.values()))
    return Contents(tuple(found), _with_locals(snippets, found), _not_looked_at(account, sequences, too_much))


def _is_sent(email: SequenceEmail, sequences: dict[int, Sequence]) -> bool:
    sequence = sequences.get(email.sequence_id)
    return email.published and sequence is not None and sequence.active is not False


def _mail_document(email: SequenceEmail, sequence: Sequence) -> Document:
    readings = (
        read_line(email.subject or "", MailPart.SUBJECT),
        read_line(email.preview_text or "", MailPart.PREVIEW),
        read_html(email.content or ""),
    )
    named = ObjectRef("email", email.subject or "(no subject)", email.id)
    return _document(named, ObjectRef("sequence", sequence.name, sequence.id), readings)


def _document(named: ObjectRef, owner: ObjectRef | None, readings: Iterable[Reading]) -> Document:
    parts = tuple(readings)
    return Document(
        object=named,
        owner=owner,
        variables=tuple(variable for part in parts for variable in part.variables),
        tag_tests=tuple(test for part in parts for test in part.tag_tests),
        links=tuple(link for part in parts for link in part.links),
        problems=tuple(problem for part in parts for problem in part.problems),
        texts=tuple(part.text for part in parts if part.text),
        filters=tuple(use for part in parts for use in part.filters),
        locals=frozenset().union(*(part.locals for part in parts)),
        unread=any(part.unread for part in parts),
    )


def _read_snippets(documents: Iterable[Document], live: dict[str, Snippet]) -> dict[str, Document]:
    """The live snippets that are used, directly or by other snippets, by key."""
    read: dict[str, Document] = {}
    waiting = [key for document in documents for key in _keys(document)]
    while waiting:
        key = waiting.pop()
        if key in live and key not in read:
            snippet = live[key]
            read[key] = _document(ObjectRef("snippet", snippet.name, snippet.id), None, (read_html(snippet.body),))
            waiting += _keys(read[key])
    return read


def _keys(document: Document) -> list[str]:
    """Keys of the snippets a text shows. Liquid in a comment is run, but nobody sees what comes of it."""
    found = (variable.leaf for variable in document.variables if variable.root == "snippet" and not variable.in_comment)
    return list(dict.fromkeys(key for key in found if key))


def _expanded(document: Document, snippets: dict[str, Document]) -> tuple[Document, ...]:
    """The snippets of a text, each once, outer ones first; cycles end."""
    found: dict[str, Document] = {}
    waiting = _keys(document)
    while waiting:
        key = waiting.pop(0)
        if key in snippets and key not in found:
            found[key] = snippets[key]
            waiting += _keys(snippets[key])
    return tuple(found.values())


def _with_locals(snippets: dict[str, Document], found: Iterable[Mail]) -> tuple[Document, ...]:
    """The snippets ordered by id. A name that a mail assigns is known in its snippets too."""
    names = {document.object: set(document.locals) for document in snippets.values()}
    for mail in found:
        for document in mail.snippets:
            names[document.object] |= mail.own.locals
    full = (msgspec.structs.replace(document, locals=frozenset(names[document.object])) for document in snippets.values())
    return tuple(sorted(full, key=lambda document: str(document.object.id).zfill(20)))


def _not_looked_at(account: Account, sequences: dict[int, Sequence], too_much: int) -> dict[str, int]:
    drafts = inactive = unread = 0
    for email in account.sequence_emails:
        sequence = sequences.get(email.sequence_id)
        if sequence is None or sequence.active is False:
            inactive += 1
        elif not email.published:
            drafts += 1
        elif email.content is None:
            unread += 1
    counts = {
        "draft emails": drafts,
        "emails of inactive sequences": inactive,
        "emails whose content Kit did not give": unread,
        "emails and snippets with more Liquid than anybody writes": too_much,
        "archived snippets": sum(1 for snippet in account.snippets if snippet.archived),
    }
    return {what: count for what, count in counts.items() if count}
