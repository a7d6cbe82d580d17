"""Short ways to a text that was read."""

from __future__ import annotations

from ckaudit.graph.content import Contents, mails
from ckaudit.graph.content.model import Document
from ckaudit.model.account import Account, Sequence, SequenceEmail, Snippet


def account(*contents: str, subject: str = "Hello", preview: str = "", snippets: tuple[Snippet, ...] = ()) -> Account:
    """An account with one active sequence whose published emails have these contents."""
    emails = tuple(
        SequenceEmail(number, 1, subject=subject, preview_text=preview, published=True, position=number, content=content)
        for number, content in enumerate(contents)
    )
    return Account(sequences=(Sequence(1, "Welcome", active=True),), sequence_emails=emails, snippets=snippets)


def contents(*texts: str, subject: str = "Hello", preview: str = "", snippets: tuple[Snippet, ...] = ()) -> Contents:
    """These contents, read."""
    return mails(account(*texts, subject=subject, preview=preview, snippets=snippets))


def document(content: str, subject: str = "Hello", preview: str = "") -> Document:
    """One email, read."""
    return contents(content, subject=subject, preview=preview).mails[0].own


def names(read: Document) -> list[str]:
    """The names it prints, in order."""
    return [variable.name for variable in read.variables if variable.printed]
