"""The names Kit documents for Liquid, and how to recognise some others.

Sources: help articles 2502633, 2502501 (subscriber), 3812712 (snippets), 4600311 (preferences), 2810398 and intercom.help/convertkit
2810454 (templates); developers.kit.com/plugins/content-blocks/dynamic-blocks/liquid-templates (``automation``).
"""

from __future__ import annotations

import re

# Names of `subscriber` besides the keys of custom fields
SUBSCRIBER_NAMES = frozenset({"first_name", "email_address", "id", "tags"})
# Seen with third parties only: neither right nor wrong
UNDOCUMENTED_SUBSCRIBER_NAMES = frozenset({"created_at", "custom_fields", "fields"})
ROOTS = frozenset(
    [
        "subscriber",
        "snippet",
        "automation",
        "address",
        "message_content",
        "unsubscribe_link",
        "unsubscribe_url",
        "subscriber_preferences_link",
        "subscriber_preferences_url",
    ]
)
PREFERENCE_NAMES = frozenset({"subscriber_preferences_link", "subscriber_preferences_url"})

# The filters of https://shopify.github.io/liquid/, without those of Shopify's shops and of Jekyll
FILTERS = frozenset((
    "abs", "append", "at_least", "at_most", "base64_decode", "base64_encode", "base64_url_safe_decode", "base64_url_safe_encode",
    "capitalize", "ceil", "compact", "concat", "date", "default", "divided_by", "downcase", "escape", "escape_once", "find",
    "find_index", "first", "floor", "has", "h", "join", "last", "lstrip", "map", "minus", "modulo", "newline_to_br", "plus", "prepend",
    "reject", "remove", "remove_first", "remove_last", "replace", "replace_first", "replace_last", "reverse", "round", "rstrip", "size",
    "slice", "sort", "sort_natural", "split", "squish", "strip", "strip_html", "strip_newlines", "sum", "times", "truncate",
    "truncatewords", "uniq", "upcase", "url_decode", "url_encode", "where",
))  # fmt: skip

_PASSWORD = re.compile(r"password|passwort|kennwort|passwd|pwd|(?:^|_)pass$", re.IGNORECASE)
_ABOUT_PASSWORD = re.compile(r"reset|link|url|hint|changed|date|(?:^|_)(?:has|is|set)_", re.IGNORECASE)


def is_password(field: str) -> bool:
    """True for a field key that holds a password, as against a reset link, a hint or a passport."""
    return bool(_PASSWORD.search(field)) and not _ABOUT_PASSWORD.search(field)


def plain(name: str) -> str:
    """A name without what people mix up: case, hyphens, underscores and spaces."""
    return re.sub(r"[\W_]+", "_", name).strip("_").casefold()
