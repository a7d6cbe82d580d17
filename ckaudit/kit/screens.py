"""Kit's screens, menus and buttons in Kit's own words: what a fix step may name. Each with the help article that describes it and the day
that article's text was last read.

A step is plain text. It writes a path with arrows, *Automate → Visual Automations*, and a button, menu or setting by its name, with a
capital letter or in “quotes”. ``unknown_screens`` reads steps as people do and returns what is not written down here.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
from collections.abc import Iterable

import msgspec

VISUAL_AUTOMATIONS = "Automate → Visual Automations"
RULES = "Automate → Rules"
API_KEYS = "Settings → Developer → V4 Keys"

_NOVEMBER = dt.date(2026, 11, 22)
_DECEMBER = dt.date(2026, 12, 1)


class Screen(msgspec.Struct, frozen=True):
    """A place in Kit as its help names it, the number of the help article, and the day the article was read."""

    name: str
    article: int
    checked: dt.date

    @property
    def url(self) -> str:
        """Address of the help article. Kit finds it by its number alone."""
        return f"https://help.kit.com/en/articles/{self.article}"


SCREENS = (
    # The menu at the top of every page, and the settings behind the account's name.
    Screen(VISUAL_AUTOMATIONS, 2502666, _DECEMBER),
    Screen(RULES, 6611507, _DECEMBER),
    Screen("Send → Email Sequences", 2502629, _DECEMBER),
    Screen("Send → Snippets", 3812712, _NOVEMBER),
    Screen("Send → Email Templates", 2810454, _NOVEMBER),
    Screen("Grow → Subscribers", 4257108, _DECEMBER),
    Screen("Settings", 4881660, _DECEMBER),
    Screen("Settings → Email", 4881660, _DECEMBER),
    Screen("Settings → Account & Billing", 2502679, _DECEMBER),
    Screen(API_KEYS, 9427685, _DECEMBER),
    # An automation: its state, its entries, and what the “+” offers.
    Screen("New automation", 2502666, _DECEMBER),
    Screen("Active", 13974216, _DECEMBER),
    Screen("Paused", 13974216, _DECEMBER),
    Screen("Inactive", 13974216, _DECEMBER),
    Screen("Pause", 13974216, _DECEMBER),
    Screen("Duplicate", 13974216, _NOVEMBER),
    Screen("+", 2502666, _DECEMBER),
    Screen("Joins a form", 5523023, _DECEMBER),
    Screen("Tag is added", 5523023, _DECEMBER),
    Screen("Custom field", 5523023, _DECEMBER),
    Screen("Purchases a product", 5523023, _DECEMBER),
    Screen("Action → Email Sequence", 2502537, _NOVEMBER),
    Screen("Action → Delay", 2502537, _NOVEMBER),
    Screen("Action → Add or remove tag", 2502537, _NOVEMBER),
    Screen("Action → Custom field", 2502537, _NOVEMBER),
    Screen("Action → Move subscriber → Start another automation", 2502537, _NOVEMBER),
    Screen("Action → Move subscriber → Exit this automation", 2502537, _NOVEMBER),
    Screen("Action → Move subscriber → Remove from another automation", 2502537, _NOVEMBER),
    Screen("Event → Tag is added", 2502670, _NOVEMBER),
    Screen("Event → Tag is removed", 2502670, _NOVEMBER),
    Screen("Event → Date occurs", 2502670, _NOVEMBER),
    Screen("Event → Product is purchased", 2502670, _NOVEMBER),
    Screen("Event → Custom field changes", 2502670, _NOVEMBER),
    Screen("Condition → Tag", 2502665, _NOVEMBER),
    Screen("Condition → Custom field", 2502665, _NOVEMBER),
    Screen("Condition → Advanced filter", 2502665, _NOVEMBER),
    Screen("Condition → Email opens", 2502665, _NOVEMBER),
    # The steps as they stand in an automation.
    Screen("Email Sequence", 2502537, _NOVEMBER),
    Screen("Delay", 2502537, _NOVEMBER),
    Screen("Exit this automation", 2502537, _NOVEMBER),
    Screen("Yes", 2502665, _NOVEMBER),
    Screen("No", 2502665, _NOVEMBER),
    # A rule.
    Screen("New rule", 6611507, _DECEMBER),
    # A sequence, its settings (the button at the top right of its page) and its emails.
    Screen("New email sequence", 2502629, _DECEMBER),
    Screen("Published", 14035680, _DECEMBER),
    Screen("Immediately", 14035680, _DECEMBER),
    Screen("Email Sequence Behavior", 5192801, _DECEMBER),
    Screen("Should subscribers added via Visual Automations stay in the email sequence?", 5192801, _DECEMBER),
    Screen("Yes, enable the ability to restart the Email Sequence multiple times", 5022528, _DECEMBER),
    Screen("Update Email Sequence", 5192801, _DECEMBER),
    Screen("Send emails as", 3317478, _DECEMBER),
    Screen("Send emails", 3317478, _DECEMBER),
    Screen("Exclude subscribers from this sequence", 3317478, _DECEMBER),
    Screen("Personalization", 2502633, _NOVEMBER),
    # People and their tags.
    Screen("Create a tag", 4257108, _NOVEMBER),
    Screen("Cancelled", 2537760, _DECEMBER),
    # Plans.
    Screen("Upgrade", 9053626, _NOVEMBER),
    Screen("Creator", 9053626, _NOVEMBER),
    Screen("Pro", 9053626, _NOVEMBER),
)

_OF_OTHERS = (
    # Not Kit's: names, keys of the keyboard, and AccessAlly's screens.
    "Kit",
    "Liquid",
    "Ctrl+Shift+V",
    "Mac",
    "WordPress",
    "Cmd+Shift+V",
    "AccessAlly",
    "AccessAlly → Webhook Generator",
    "Settings → Developer Tools → Detailed Log",
    "Run Custom Operation",
    "Release Offering",
)

_MENUS = ("Automate → ", "Send → ", "Grow → ", "Settings → ")
_QUOTED = re.compile(r"“([^“”]*)”")
_LABEL = re.compile(r"\b(?:at|under|click|choose|tick|switch on|switch off)(?: the)? “([^”]*)”", re.IGNORECASE)
_VERBATIM = re.compile(r"`[^`]*`|\{\{.{0,200}?\}\}|\{%.{0,200}?%\}")
_PATH = re.compile(r"(?<![^.,:;()])[^.,:;()]*→[^.,:;()]*")
_NAME = re.compile(r"(?<!^)(?<![.?!] )\b[A-Z][a-z]\w*(?: [A-Z&]\w*)*")


def unknown_screens(step: str) -> tuple[str, ...]:
    """What a fix step names as a screen, menu or button and no entry of ``SCREENS`` is called.

    A name is a path with arrows, a word with a capital letter inside a sentence, or what a step says to click or choose in “quotes”.
    Other words in quotes are names of the account and texts to type.
    """
    known = _known()
    quoted = [label for label in _LABEL.findall(step) if not known.fullmatch(label)]
    rest = known.sub("·", _VERBATIM.sub("·", _QUOTED.sub("·", step)))
    paths = [path.strip() for path in _PATH.findall(rest)]
    return (*quoted, *paths, *_NAME.findall(_PATH.sub("·", rest)))


def menus_in(steps: Iterable[str]) -> tuple[Screen, ...]:
    """The screens that these steps open from Kit's menus, each once, in the order of the steps."""
    found = dict.fromkeys(name for step in steps for name in _known().findall(step))
    screens = {screen.name: screen for screen in SCREENS}
    return tuple(screens[name] for name in found if name in screens and name.startswith(_MENUS))


@functools.cache
def _known() -> re.Pattern[str]:
    """Every name, the longest first. Made when it is asked for: most commands never read a step."""
    names = sorted((*(screen.name for screen in SCREENS), *_OF_OTHERS), key=len, reverse=True)
    return re.compile("|".join(rf"(?<!\w){re.escape(name)}(?!\w)" for name in names))
