"""Which emails are looked at, with their snippets expanded."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from ckaudit.graph.content.liquid import Reading, read_html, read_line
from ckaudit.graph.content.model import Contents, Document, Mail, MailPart, pack
from ckaudit.model.account import Account, Sequence, SequenceEmail, Snippet
from ckaudit.model.refs import ObjectRef

_NO_NAMES: frozenset[str] = frozenset()


def mails(account: Account) -> Contents:
    """Read every published email of an active sequence, and the snippets they use (not the archived ones). Each text is read once."""
    sequences = {sequence.id: sequence for sequence in account.sequences}
    chosen = [(email, sequences[email.sequence_id]) for email in account.sequence_emails if _is_sent(email, sequences)]
    chosen.sort(key=lambda pair: (pair[1].id, pair[0].position is None, pair[0].position or 0, pair[0].id))
    own = [_mail_document(email, sequence) for email, sequence in chosen]
    live = {snippet.key: snippet for snippet in account.snippets if not snippet.archived}
    snippets = _read_snippets(own, live)
    found = []
    used_in: dict[ObjectRef, list[Mail]] = {}
    for (email, sequence), document in zip(chosen, own, strict=True):
        used = _expanded(document, snippets)
        if used:
            names = frozenset().union(document.locals, *(snippet.locals for snippet in used))
            document = msgspec.structs.replace(document, locals=names)  # noqa: PLW2901  the same email, and what its snippets assign
        found.append(Mail(email, sequence, document, used))
        for snippet in used:
            used_in.setdefault(snippet.object, []).append(found[-1])
    too_much = sum(document.unread for document in (*own, *snippets.values()))
    return Contents(tuple(found), _with_locals(snippets, used_in), _not_looked_at(account, sequences, too_much), used_in)


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
    variables = [variable for part in parts for variable in part.variables]
    # Liquid in a comment is run, but nobody sees what comes of it
    shown = (variable.leaf for variable in variables if variable.root == "snippet" and not variable.in_comment)
    return Document(
        object=named,
        owner=owner,
        locals=frozenset().union(*(part.locals for part in parts)) or _NO_NAMES,
        shows=tuple(dict.fromkeys(key for key in shown if key)),
        unread=any(part.unread for part in parts),
        packed_variables=pack(variables),
        packed_tag_tests=pack(test for part in parts for test in part.tag_tests),
        packed_links=pack(link for part in parts for link in part.links),
        packed_problems=pack(problem for part in parts for problem in part.problems),
        packed_texts=pack(part.text for part in parts if part.text),
        packed_filters=pack(use for part in parts for use in part.filters),
    )


def _read_snippets(documents: Iterable[Document], live: dict[str, Snippet]) -> dict[str, Document]:
    """The live snippets that are used, directly or by other snippets, by key."""
    read: dict[str, Document] = {}
    waiting = [key for document in documents for key in document.shows]
    while waiting:
        key = waiting.pop()
        if key in live and key not in read:
            snippet = live[key]
            read[key] = _document(ObjectRef("snippet", snippet.name, snippet.id), None, (read_html(snippet.body),))
            waiting += read[key].shows
    return read


def _expanded(document: Document, snippets: dict[str, Document]) -> tuple[Document, ...]:
    """The snippets of a text, each once, outer ones first; cycles end."""
    found: dict[str, Document] = {}
    waiting = list(document.shows)
    while waiting:
        key = waiting.pop(0)
        if key in snippets and key not in found:
            found[key] = snippets[key]
            waiting += snippets[key].shows
    return tuple(found.values())


def _with_locals(snippets: dict[str, Document], used_in: dict[ObjectRef, list[Mail]]) -> tuple[Document, ...]:
    """The snippets ordered by id. A name that a mail assigns is known in its snippets too."""
    full = (
        msgspec.structs.replace(document, locals=document.locals.union(*(mail.own.locals for mail in used_in.get(document.object, ()))))
        for document in snippets.values()
    )
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
