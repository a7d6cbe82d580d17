"""Comments and the style of lines that stay the same survive when an automation is written anew."""

from __future__ import annotations

import textwrap

import pytest

from ckaudit.resources import demo_folder
from ckaudit.sources.manifest import read_manifests
from ckaudit.sources.shorthand import Names, automation_yaml
from ckaudit.workbench.comments import comments_in, with_comments
from ckaudit.workbench.files import blocks_in

NEW = '- name: A\n  entries:\n    - tag_added: "Course A"\n  steps:\n    - delay: 5 days\n    - add_tag: VIP\n'


def test_lines_that_say_the_same_stay_as_they_were() -> None:
    old = "- name: 'A'   # its name\n  entries:\n    - tag_added: 'Course A'\n  steps:\n    - delay: 7 days\n    - {add_tag: VIP}\n"
    assert with_comments(old, NEW) == old.replace("7 days", "5 days").replace("{add_tag: VIP}", "{add_tag: VIP}")


def test_a_comment_above_a_step_stays_above_it() -> None:
    old = NEW.replace("    - add_tag", "    # for those who stay\n    - add_tag")
    assert with_comments(old, NEW.replace("5 days", "6 days")) == old.replace("5 days", "6 days")


def test_a_comment_behind_a_changed_step_stays_behind_it() -> None:
    assert "- delay: 6 days  # as on the screen\n" in with_comments(
        NEW.replace("5 days", "5 days # as on the screen"), NEW.replace("5", "6")
    )


def test_a_comment_of_a_step_that_is_gone_stays_in_its_place() -> None:
    old = NEW.replace("    - delay: 5 days\n", "    - delay: 5 days # why?\n")
    after = with_comments(old, NEW.replace("    - delay: 5 days\n", ""))
    assert after.splitlines()[-2:] == ["    # why?", "    - add_tag: VIP"]


def test_a_finding_is_not_accepted_for_a_step_that_took_the_place_of_another() -> None:
    old = NEW.replace("- add_tag: VIP", "- add_tag: VIP  # ckaudit: ignore CK311 we know")
    assert "ckaudit:" not in with_comments(old, NEW.replace("VIP", "Customer"))
    assert "ckaudit: ignore CK311 we know" in with_comments(old, NEW.replace("5", "6"))


def test_a_hash_in_a_text_is_no_comment() -> None:
    old = NEW.replace("VIP", '"VIP # 1" # best')
    assert comments_in(old) == ["# best"]
    assert with_comments(old, NEW).count("#") == 1


@pytest.mark.parametrize("value", ["{id: 3, # odd\n       name: VIP}", "[\n      # odd\n      ]"])
def test_a_comment_inside_a_value_of_several_lines_is_not_lost(value: str) -> None:
    assert "# odd" in with_comments(NEW.replace("VIP", value), NEW)


def test_the_same_text_stays_the_same() -> None:
    text = NEW.replace("    - add_tag", "\n    # a\n\n    - add_tag") + "  # the end\n"
    assert with_comments(text, NEW) == text


FLOW = """\
- {name: A, id: 3}
- name: A   # all of it
  entries: [{tag_added: "Course A"}, {joins_form: any}]  # two
  steps:
    - if: {tag: VIP}
      then: [{sequence: S}, {delay: 2 days}]
      else: [{exit: true}]  # gone
    - split: [{tag: B, steps: [{add_tag: C}]}, {otherwise: [{exit: true}]}]
    - {event: {tag_added: D}}
"""
BLOCK = """\
- name: A
  entries:
    - tag_added: Course A
    - joins_form: any
  steps:
    - if: {tag: "VIP"}
      then:
        - sequence: S
        - delay: 2 days
      else:
        - exit: true
    - split:
        - tag: B
          steps:
            - add_tag: C
        - otherwise:
            - exit: true
    - event: {tag_added: D}
"""


def test_what_stands_in_brackets_on_one_line_stays_there_while_it_says_the_same() -> None:
    old = FLOW.partition("\n")[2]
    assert with_comments(old, BLOCK) == old


def test_only_the_line_in_brackets_that_changed_is_written_anew() -> None:
    old = FLOW.partition("\n")[2]
    after = with_comments(old, BLOCK.replace("delay: 2 days", "delay: 3 days"))
    kept = [line for line in old.splitlines() if line not in after.splitlines()]
    assert kept == ["      then: [{sequence: S}, {delay: 2 days}]"]


def test_every_automation_of_the_demo_written_again_is_the_same_file() -> None:
    path = demo_folder() / "automations.yaml"
    text = path.read_text(encoding="utf-8")
    automations = read_manifests([path]).automations
    names = Names(None, [(item.id, item.name) for item in automations])
    for block, automation in zip(blocks_in(text, str(path)), automations, strict=True):
        old = textwrap.dedent(block.text)
        assert with_comments(old, textwrap.dedent(automation_yaml(automation, names))) == old
