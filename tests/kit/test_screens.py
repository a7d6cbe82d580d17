"""Reading fix steps: what counts as a screen, a menu or a button, and what does not."""

from __future__ import annotations

import pytest

from ckaudit.kit.screens import RULES, SCREENS, VISUAL_AUTOMATIONS, menus_in, unknown_screens


@pytest.mark.parametrize(
    ("step", "unknown"),
    [
        ("Open Automate → Visual Automations and choose the automation named in this finding.", ()),
        ("Click the “+” behind it, choose Action → Delay, and set 5 minutes.", ()),
        ("If it is Paused: look how many people wait. Then set it to Active.", ()),
        ("Write “Set your Password” and the field `Password` with {{ subscriber.Name }}.", ()),
        ("Open Automations and choose the automation.", ("Automations",)),
        ("Open Send, then Email Sequences, and choose the sequence.", ("Send", "Email Sequences")),
        ("Open Automate → Flows and choose the automation.", ("Open Automate → Flows and choose the automation",)),
        ("Open its settings and switch on “Restart several times?”.", ("Restart several times?",)),
        ("Give them the tag by hand (Subscribers, filter, bulk action).", ("Subscribers",)),
        ("Click Save.", ("Save",)),
    ],
)
def test_a_step_is_read_as_people_read_it(step: str, unknown: tuple[str, ...]) -> None:
    assert unknown_screens(step) == unknown


def test_the_menus_of_steps_are_listed_once_in_their_order() -> None:
    steps = (f"Open {RULES}.", f"Open {VISUAL_AUTOMATIONS}, click the “+” and choose Action → Delay.", f"Open {RULES} again.")
    assert [screen.name for screen in menus_in(steps)] == [RULES, VISUAL_AUTOMATIONS]


def test_every_screen_is_written_down_once() -> None:
    names = [screen.name for screen in SCREENS]
    assert len(names) == len(set(names))


def test_a_screen_leads_to_its_help_article() -> None:
    assert SCREENS[0].url == "https://help.kit.com/en/articles/2502666"
