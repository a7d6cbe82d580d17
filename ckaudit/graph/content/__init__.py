"""What emails say: their Liquid, their links and the text people see. ``mails(account)`` is the way in."""

from __future__ import annotations

from ckaudit.graph.content.mails import mails
from ckaudit.graph.content.model import Contents, Document, Link, LiquidProblem, Mail, MailPart, Position, ProblemKind, Variable
from ckaudit.graph.content.names import FILTERS, ROOTS, SUBSCRIBER_NAMES, UNDOCUMENTED_SUBSCRIBER_NAMES, plain
from ckaudit.model.names import Names, difference

__all__ = [
    "FILTERS",
    "ROOTS",
    "SUBSCRIBER_NAMES",
    "UNDOCUMENTED_SUBSCRIBER_NAMES",
    "Contents",
    "Document",
    "Link",
    "LiquidProblem",
    "Mail",
    "MailPart",
    "Names",
    "Position",
    "ProblemKind",
    "Variable",
    "difference",
    "mails",
    "plain",
]
