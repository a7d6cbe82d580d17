"""Passwords in the addresses of links: the pattern of AccessAlly's auto-login links."""

from __future__ import annotations

import re

from ckaudit.graph.content.model import Document, Link, Variable
from ckaudit.graph.content.names import is_password

# a parameter that hands over a password: with Liquid as its value, or AccessAlly's own parameter with any value
_PARAMETER = re.compile(r"[?&;]\w*(?:password|passwd|pwd|pass)=\s*\{\{|[?&;]accessally_password=[^&#\s]", re.IGNORECASE)


def passwords_in_addresses(document: Document) -> tuple[Variable, ...]:
    """The password fields that this text prints inside HTML attributes."""
    printed = (variable for variable in document.variables if variable.attribute and variable.printed)
    return tuple(variable for variable in printed if variable.root == "subscriber" and is_password(variable.leaf))


def hands_over_password(link: Link, passwords: tuple[Variable, ...]) -> bool:
    """True for a link whose address carries one of these fields, or any value under a name that means password."""
    if any((variable.via or variable.leaf) in link.href for variable in passwords):
        return True
    return "=" in link.href and bool(_PARAMETER.search(link.href))
