"""What emails say: their Liquid, their links and the text people see. ``mails(account)`` is the way in."""

from __future__ import annotations

from ckaudit.graph.content.mails import mails
from ckaudit.graph.content.model import Contents

__all__ = ["Contents", "mails"]
