"""What the words around a name say: the words of Kit's help for what starts an automation (5523023), its actions (2502537), conditions
(2502665) and events (2502670). How a step reads on the page itself is not known to us, so a few other ways to say the same are understood
as well, and everything else is asked about.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterable, Mapping

from ckaudit.model.refs import Kind
from ckaudit.sources.pages.anchors import spaced


class Meaning(enum.StrEnum):
    """What a label says about the name that goes with it, or by itself. Values are the words of ``labels.toml``."""

    TAG_ADDED = "tag_added"
    TAG_REMOVED = "tag_removed"
    JOINS_FORM = "joins_form"
    FIELD_CHANGED = "field_changed"
    PURCHASES = "purchases"
    ADD_TAG = "add_tag"
    REMOVE_TAG = "remove_tag"
    SEQUENCE = "sequence"
    DELAY = "delay"
    START_AUTOMATION = "start_automation"
    REMOVE_FROM_AUTOMATION = "remove_from_automation"
    EXIT = "exit"
    CONDITION = "if"
    YES = "yes"
    NO = "no"
    EVENT = "event"
    IGNORE = "ignore"

    @property
    def kind(self) -> Kind | None:
        """The kind of the name that goes with it; None for a delay, and for what stands alone."""
        return _KINDS.get(self)

    @property
    def is_alone(self) -> bool:
        """True for what needs no name."""
        return self in (Meaning.EXIT, Meaning.YES, Meaning.NO, Meaning.EVENT, Meaning.IGNORE)


TRIGGERS = (Meaning.TAG_ADDED, Meaning.TAG_REMOVED, Meaning.JOINS_FORM, Meaning.FIELD_CHANGED, Meaning.PURCHASES)
_KINDS = {
    Meaning.TAG_ADDED: Kind.TAG,
    Meaning.TAG_REMOVED: Kind.TAG,
    Meaning.JOINS_FORM: Kind.FORM,
    Meaning.FIELD_CHANGED: Kind.FIELD,
    Meaning.PURCHASES: Kind.PRODUCT,
    Meaning.ADD_TAG: Kind.TAG,
    Meaning.REMOVE_TAG: Kind.TAG,
    Meaning.SEQUENCE: Kind.SEQUENCE,
    Meaning.START_AUTOMATION: Kind.AUTOMATION,
    Meaning.REMOVE_FROM_AUTOMATION: Kind.AUTOMATION,
    Meaning.CONDITION: Kind.TAG,
}
HOLE = "{}"
"""Where the name stands in a label."""


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_ADD = _set("add adds added apply applies applied give gives")
_REMOVE = _set("remove removes removed untag")
_HAPPENS = _set("is are was gets when")
_ASKS = _set("condition has have if whether does")
_JOINS = _set("joins join subscribes subscribe signs submits")
_BUYS = _set("purchases purchased purchase buys")
_WAITS = _set("delay wait waits")
_CHANGES = _set("changes changed change")
_PLAIN = frozenset(
    [
        "a",
        "an",
        "the",
        "this",
        "then",
        "to",
        "from",
        "for",
        "of",
        "with",
        "in",
        "into",
        "on",
        "and",
        "or",
        "someone",
        "somebody",
        "subscriber",
        "subscribers",
        "they",
        "be",
        "will",
        "send",
        "up",
    ]
)
_THINGS = frozenset(
    [
        "tag",
        "tags",
        "sequence",
        "form",
        "landing",
        "page",
        "product",
        "automation",
        "automations",
        "custom",
        "field",
        "email",
        "date",
        "event",
        "action",
    ]
)
_MORE = frozenset(
    ["exit", "start", "starts", "starting", "another", "move", "end", "yes", "no", "path", "entry", "trigger", "step", "occurs", "visual"]
)
_KNOWN = _ADD | _REMOVE | _HAPPENS | _ASKS | _JOINS | _BUYS | _WAITS | _CHANGES | _PLAIN | _THINGS | _MORE
_GROUPS = frozenset(
    [
        "action",
        "entry",
        "trigger",
        "step",
        "move",
        "subscriber",
        "custom",
        "field",
        "end",
        "automation",
        "automations",
        "visual",
        "path",
        "then",
        "and",
        "or",
        "of",
        "the",
        "a",
    ]
)

# Menus, buttons and states around an automation; numbers and percentages are told apart by their form.
_NOISE_TEXT = """
grow, send, automate, earn, learn, upgrade, help, settings, active, inactive, paused, pause, resume, edit, duplicate, delete,
remove, report, reports, view report, open report, view, save, done, cancel, close, back, search, share, skip to content, fit to
screen, add a step, add step, log out, notifications
"""
_NOISE = frozenset(spaced(part) for part in _NOISE_TEXT.split(","))
_SIGNS = re.compile(r"[^\w{}%]+")
_WORD = re.compile(r"[^\W_]+|\{\}")


def plain(text: str) -> str:
    """A label as it is compared: in small letters, without signs."""
    return spaced(_SIGNS.sub(" ", text.casefold()))


def is_noise(label: str) -> bool:
    """True for what stands around an automation and says nothing about it: menus, buttons, states, numbers of people. ``label`` is
    ``plain``."""
    return not label or label in _NOISE or label[0].isdigit() or set(label.split()) <= {"visual", "automations", "automate"}


def meaning_of(label: str, kinds: Iterable[Kind], answers: Mapping[str, str]) -> Meaning | None:
    """What a label says; None when nobody knows. ``kinds`` are those of the name in it, ``answers`` what people said before."""
    if (answer := answers.get(label)) is not None:
        return Meaning(answer)
    words = set(_WORD.findall(label)) - {HOLE}
    if not words or not words <= _KNOWN:
        return None
    return _alone(words) or _thing(words, set(kinds)) or _of_a_tag(words)


def is_heading(label: str) -> bool:
    """True for the name of a group of steps in Kit's menus, such as “Action”: the step itself stands below."""
    words = set(_WORD.findall(label))
    return bool(words) and (words <= _GROUPS or ("tag" in words and bool(words & _ADD) and bool(words & _REMOVE)))


def _alone(words: set[str]) -> Meaning | None:
    if "exit" in words:
        return Meaning.EXIT
    for word, meaning in (("yes", Meaning.YES), ("no", Meaning.NO), ("event", Meaning.EVENT)):
        if word in words and words <= {word, "path", "if", "the"}:
            return meaning
    return None


def _thing(words: set[str], kinds: set[Kind]) -> Meaning | None:
    """What is said about anything but a tag."""
    if words & _WAITS:
        return Meaning.DELAY
    if words & {"automation", "automations"}:
        if words & _REMOVE:
            return Meaning.REMOVE_FROM_AUTOMATION
        return Meaning.START_AUTOMATION if words & {"start", "starts", "starting", "add"} else None
    if "sequence" in words:
        return None if words & (_REMOVE | _ASKS) else Meaning.SEQUENCE
    if words & {"form", "landing"}:
        return Meaning.JOINS_FORM if words & _JOINS else None
    if words & _JOINS:
        return Meaning.JOINS_FORM if Kind.FORM in kinds else None
    if words & _BUYS:
        return Meaning.PURCHASES
    if "field" in words:
        return Meaning.FIELD_CHANGED if words & _CHANGES else None
    return None


def _of_a_tag(words: set[str]) -> Meaning | None:
    adds, removes = bool(words & _ADD), bool(words & _REMOVE)
    if adds and removes:
        return None
    if words & _ASKS - {"if"} or ("if" in words and not adds and not removes):
        return Meaning.CONDITION
    if adds or removes:
        happens = words & _HAPPENS and "will" not in words
        if happens:
            return Meaning.TAG_ADDED if adds else Meaning.TAG_REMOVED
        if words & {"added", "removed", "applied"} and "will" not in words:
            return None  # done, or to be done?
        return Meaning.ADD_TAG if adds else Meaning.REMOVE_TAG
    return Meaning.ADD_TAG if words == {"tag", "subscriber"} else None
