"""Every problem a manifest can have: the exact words and place."""

from __future__ import annotations

import pytest

from ckaudit.model.errors import Location, ManifestError, Problem
from tests.sources.manifest.helpers import ENTRIES, FILE, STEPS, parse, problems

STEP_NAMES = (
    "sequence, delay, add_tag, remove_tag, set_field, start_automation, remove_from_automation, app_action, exit, if, split, event, events"
)
IN_BRACKETS = "Write it in brackets, as in [one, two], or below each other behind “- ”."
ONLY_RULES = "Only rules start on a sequence: with “subscribes_to_sequence” or “completes_sequence”."
BEGIN = "A manifest begins with “version: 1”; “automations:” and its other keys follow."
TIME = "Write a whole number and minutes, hours, days or weeks, as in “5 minutes”."

# text, line, column, message, hint
TABLE = [
    ("", 1, 1, "this manifest is empty", "The shortest is “version: 1”; `ckaudit manifest new` writes the first files."),
    ("# only\n", 1, 1, "this manifest is empty", "The shortest is “version: 1”; `ckaudit manifest new` writes the first files."),
    (
        "hello",
        1,
        1,
        "expected a manifest, which is a mapping, found text",
        BEGIN,
    ),
    (
        "[]",
        1,
        1,
        "expected a manifest, which is a mapping, found an empty list",
        BEGIN,
    ),
    (
        "name: x\non: push",
        1,
        1,
        "this is not a manifest: it has none of a manifest's keys",
        BEGIN,
    ),
    ("version: 2\nfoo: 1", 1, 10, "this manifest was made for a newer ckaudit (version 2)", "Update ckaudit; this one reads version 1."),
    ("version: '1'\n", 1, 10, "expected a whole number for “version” of a manifest, found “1”", "Write it without quotes."),
    ("version: 0", 1, 10, "expected a whole number from 1 for “version” of a manifest, found 0", ""),
    (
        "complete: true",
        1,
        1,
        "a manifest needs “version”",
        BEGIN,
    ),
    ("version: 1\ncomplete: yes", 2, 11, "expected true or false for “complete” of a manifest, found “yes”", "Write true, without quotes."),
    ("version: 1\nchecked: 2026-02-30", 2, 10, "“2026-02-30” is not a date of the calendar", ""),
    ("version: 1\nchecked: yesterday", 2, 10, "expected a date such as 2026-11-20 for “checked” of a manifest, found “yesterday”", ""),
    ("version: 1\naccount: abc", 2, 10, "expected a whole number for “account” of a manifest, found “abc”", ""),
    ("version: 1\naccount: 0", 2, 10, "expected a whole number from 1 for “account” of a manifest, found 0", ""),
    ("version: 1\nautomation: []", 2, 1, "a manifest has no key “automation”", "Did you mean “automations”?"),
    (
        "version: 1\nautomations: {a: 1}",
        2,
        14,
        "expected a list for “automations” of a manifest, found a mapping",
        "Write it in brackets, as in [one, two], or below each other behind “- ”.",
    ),
    (
        "version: 1\nautomations: [hello, ]",
        2,
        15,
        "expected an automation as a mapping, found “hello”",
        "Write it as in {name: Welcome, entries: [...], steps: [...]}.",
    ),
    (
        "version: 1\nautomations:\n  - id: 3",
        3,
        5,
        "an automation needs “name”",
        "Write it as in {name: Welcome, entries: [...], steps: [...]}.",
    ),
    ("version: 1\n<<: {a: 1}", 2, 1, "merge keys (<<) are not understood", "Write the keys out."),
    (
        STEPS + "      - {}\n",
        5,
        9,
        "this step does nothing",
        f"A step has one of {STEP_NAMES}.",
    ),
    (
        STEPS + "      -\n",
        5,
        8,
        "expected a step as a mapping, found nothing",
        "Write it as in “- add_tag: Customer”; leaving is “- exit: true”.",
    ),
    (
        STEPS + "      - exit\n",
        5,
        9,
        "expected a step as a mapping, found “exit”",
        "Write it as in “- add_tag: Customer”; leaving is “- exit: true”.",
    ),
    (STEPS + "      - exit: false\n", 5, 15, "expected “exit: true”, found false", "Leave “exit” out if it is not meant."),
    (STEPS + "      - delay: 0 minutes\n", 5, 16, "a time of 0 is none", "The shortest is 1 minute."),
    (
        STEPS + "      - delay: 1.5 hours\n",
        5,
        16,
        "expected a time, found “1.5 hours”",
        TIME,
    ),
    (
        STEPS + "      - delay: 90 seconds\n",
        5,
        16,
        "“90 seconds” is not a time that Kit has",
        TIME,
    ),
    (STEPS + "      - delay: 5 minuts\n", 5, 16, "“5 minuts” is not a time that Kit has", "Did you mean “5 minutes”?"),
    (
        STEPS + "      - delay: 5\n",
        5,
        16,
        "expected a time, found 5",
        TIME,
    ),
    (
        STEPS + "      - delay: soon\n",
        5,
        16,
        "expected a time, found “soon”",
        TIME,
    ),
    (STEPS + "      - delay: 99999999 weeks\n", 5, 16, "“99999999 weeks” is more than 1000 weeks", ""),
    (
        STEPS + "      - delay: [5]\n",
        5,
        16,
        "expected a time, found a list",
        TIME,
    ),
    (
        STEPS + "      - add_tag: X\n        delay: 5 minutes\n",
        6,
        9,
        "one step cannot be both “add_tag” and “delay”",
        "Begin each step with its own “- ”.",
    ),
    (
        STEPS + "      - note: hi\n",
        5,
        9,
        "this step does nothing",
        f"A step has one of {STEP_NAMES}.",
    ),
    (STEPS + "      - then: []\n", 5, 9, "“then” belongs to a step with “if”", "Is it in the same column as its “if”?"),
    (STEPS + "      - add_tag: X\n        else: []\n", 6, 9, "“else” belongs to a step with “if”", ""),
    (
        STEPS + "      - if: {tag: X}\n",
        5,
        9,
        "a condition needs “then” or “else”",
        "Are they in the same column as “if”? When nothing depends on it, write “then: []”.",
    ),
    (
        STEPS + "      - if: {}\n        then: []\n",
        5,
        13,
        "a condition looks at nothing",
        "It has one of tag, field, filter, opened_within.",
    ),
    (
        STEPS + "      - if: {tag: X, filter: y}\n        then: []\n",
        5,
        22,
        "a condition looks at one thing, not both “tag” and “filter”",
        "It has one of tag, field, filter, opened_within.",
    ),
    (STEPS + "      - if: {tag: X, is: y}\n        then: []\n", 5, 22, "“is” belongs to a condition on a field, not to “tag”", ""),
    (
        STEPS + "      - if: {field: X}\n        then: []\n",
        5,
        13,
        "the field is compared with nothing",
        "Add one of is, contains, above, below, blank, known.",
    ),
    (
        STEPS + "      - if: {field: X, is: 1, above: 2}\n        then: []\n",
        5,
        13,
        "a field is compared once, not with is and above",
        "Add one of is, contains, above, below, blank, known.",
    ),
    (
        STEPS + "      - if: {field: X, blank: false}\n        then: []\n",
        5,
        31,
        "expected “blank: true”, found false",
        "Leave “blank” out if it is not meant.",
    ),
    (STEPS + "      - if: {opened_within: 0 days}\n        then: []\n", 5, 29, "a time of 0 is none", "The shortest is 1 minute."),
    (
        STEPS + "      - if: VIP\n        then: []\n",
        5,
        13,
        "expected a condition as a mapping, found “VIP”",
        "Write it as in if: {tag: Customer}.",
    ),
    (
        STEPS + "      - split: []\n",
        5,
        16,
        "“split” is empty",
        "Write it as in split: [{tag: VIP, steps: [...]}, {otherwise: [...]}].",
    ),
    (STEPS + "      - split: [{otherwise: []}, {tag: X}]\n", 5, 17, "“otherwise” is the last path of a split", ""),
    (STEPS + "      - split: [{tag: X}, {otherwise: []}, {otherwise: []}]\n", 5, 44, "a split has one “otherwise” only", ""),
    (
        STEPS + "      - split: [{steps: []}]\n",
        5,
        17,
        "a path of a split needs “tag” or “otherwise”",
        "Write it as {tag: VIP, steps: [...]} or {otherwise: [...]}.",
    ),
    (
        STEPS + "      - split: [{tag: X, otherwise: []}]\n",
        5,
        18,
        "“tag” cannot be beside “otherwise”",
        "Write it as {tag: VIP, steps: [...]} or {otherwise: [...]}.",
    ),
    (
        STEPS + "      - event: tag_added\n",
        5,
        16,
        "expected an event as a mapping, found “tag_added”",
        "Write it as in {tag_added: Customer}.",
    ),
    (STEPS + "      - event: {}\n", 5, 16, "an event is empty", "Write it as in {tag_added: Customer}."),
    (STEPS + "      - event: {tag_added: A, purchases: B}\n", 5, 31, "an event names one thing, not both “tag_added” and “purchases”", ""),
    (
        STEPS + "      - event: {joins_form: A}\n",
        5,
        17,
        "an event has no key “joins_form”",
        "Possible are tag_added, tag_removed, purchases, field_changed, date, app_event.",
    ),
    (
        STEPS + "      - event: {date: 24.12.2026}\n",
        5,
        23,
        "expected a date such as 2026-11-20 for “date” of an event, found “24.12.2026”",
        "",
    ),
    (
        STEPS + "      - events: []\n",
        5,
        17,
        "“events” is empty",
        "Write it as in events: [{event: {tag_added: Customer}, steps: [...]}].",
    ),
    (
        STEPS + "      - events: [{steps: []}]\n",
        5,
        18,
        "one of several events needs “event”",
        "Write it as {event: {tag_added: Customer}, steps: [...]}.",
    ),
    (
        STEPS + "      - set_field: country\n",
        5,
        20,
        "expected “set_field” as a mapping, found “country”",
        "Write it as in set_field: {field: country, value: Spain}; “value: null” clears the field.",
    ),
    (
        STEPS + "      - set_field: {field: country}\n",
        5,
        20,
        "“set_field” needs “value”",
        "Write it as in set_field: {field: country, value: Spain}; “value: null” clears the field.",
    ),
    (STEPS + "      - set_field: {field: c, value: [1]}\n", 5, 38, "expected a value for “value” of “set_field”, found a list", ""),
    (
        STEPS + "      - add_tag: true\n",
        5,
        18,
        "expected the name or id of a tag, found true",
        'Put it in quotes if that is the name: "true".',
    ),
    (STEPS + "      - add_tag:\n", 5, 17, "expected the name or id of a tag, found nothing", ""),
    (STEPS + "      - add_tag: ''\n", 5, 18, "expected the name or id of a tag, found “”", ""),
    (STEPS + "      - add_tag: 0\n", 5, 18, "expected a whole number from 1 for an id, found 0", ""),
    (STEPS + "      - add_tag: -5\n", 5, 18, "expected a whole number from 1 for an id, found -5", ""),
    (STEPS + "      - add_tag: 9223372036854775808\n", 5, 18, "9223372036854775808 is too large for an id", ""),
    (
        STEPS + "      - add_tag: 1.5\n",
        5,
        18,
        "expected the name or id of a tag, found 1.5",
        'Put it in quotes if that is the name: "1.5".',
    ),
    (STEPS + "      - add_tag: {id: 1}\n", 5, 18, "a reference needs “name”", 'Write a name, an id, or {id: 11, name: "…"}.'),
    (STEPS + "      - add_tag: {id: x, name: y}\n", 5, 23, "expected a whole number for an id, found “x”", ""),
    (STEPS + "      - add_tag: [a]\n", 5, 18, "expected the name or id of a tag, found a list", ""),
    (STEPS + "      - ad_tag: X\n", 5, 9, "a step has no key “ad_tag”", "Did you mean “add_tag”?"),
    (STEPS + "      - waiting: many\n        add_tag: X\n", 5, 18, "expected a whole number for “waiting”, found “many”", ""),
    (
        STEPS + "      - email: Hi\n",
        5,
        9,
        "a step has no key “email”",
        "Kit's automations send no single email: write the sequence it is in, as in “sequence: Welcome”.",
    ),
    (
        STEPS + "      - beep: Hi\n",
        5,
        9,
        "a step has no key “beep”",
        f"Possible are {STEP_NAMES}, note, waiting, then, else.",
    ),
    (
        STEPS + "      - remove_from_sequence: Pitch\n",
        5,
        9,
        "a step has no key “remove_from_sequence”",
        "Kit's automations take nobody out of a sequence: a rule does, with “unsubscribe_sequence”.",
    ),
    (
        STEPS + "      - webhook: https://site.example\n",
        5,
        9,
        "a step has no key “webhook”",
        "Kit's automations call no webhook: add a tag and write the rule on it, as in do: [{webhook: https://…}].",
    ),
    (
        STEPS + "      - tag: VIP\n",
        5,
        9,
        "a step has no key “tag”",
        "Write “add_tag” or “remove_tag”; a condition is “if: {tag: …}” and a goal “event: {tag_added: …}”.",
    ),
    (
        STEPS + "      - if: {form: Footer}\n        then: exit\n",
        5,
        14,
        "a condition has no key “form”",
        "Kit's conditions ask for no form: write its advanced filter in words, as in {filter: joined the form Footer}.",
    ),
    (STEPS + "      - {wait: 1 day, delay: 1 day}\n", 5, 23, "“wait” and “delay” are the same key", "Keep one of them."),
    (STEPS + "      - {if: {tag: X}, then: leave}\n", 5, 30, "expected a list for “then”, found “leave”", IN_BRACKETS),
    (ENTRIES + "      - sequence: X\n", 5, 9, "an entry has no key “sequence”", ONLY_RULES),
    (
        "version: 1\nexternal: [{name: Shop, on: refnud, adds_tags: [A]}]",
        2,
        29,
        "“refnud” is not possible for “on” of an integration",
        "Did you mean “refund”?",
    ),
    (
        "version: 1\nexternal: [{name: Shop, delay: 1 day}]",
        2,
        25,
        "an integration has no key “delay”",
        "Write “after”, as in after: 10 minutes.",
    ),
    (
        "version: 1\nsegments: [{name: Buyers, any: [{tags: X}]}]",
        2,
        34,
        "a condition of a segment has no key “tags”",
        "Did you mean “tag”?",
    ),
    (ENTRIES + "      - tag_add: X\n", 5, 9, "an entry has no key “tag_add”", "Did you mean “tag_added”?"),
    (ENTRIES + "      - {}\n", 5, 9, "an entry is empty", "Write it as in {tag_added: Customer}."),
    (ENTRIES + "      - any\n", 5, 9, "expected an entry as a mapping, found “any”", "Write it as in {tag_added: Customer}."),
    (
        ENTRIES + "      - field_changed: country\n",
        5,
        24,
        "expected “field_changed” as a mapping, found “country”",
        "Write it as in field_changed: {field: country, to: Spain}; “to” may be left out.",
    ),
    (ENTRIES + "      - field_changed: {field: c, to: }\n", 5, 39, "expected a value for “to” of “field_changed”, found nothing", ""),
    (
        ENTRIES + "      - purchases: true\n",
        5,
        20,
        "expected text for “purchases” of an entry, found true",
        'Put it in quotes if that is the text: "true".',
    ),
    (
        ENTRIES + "      - date: 2026-12-24\n",
        5,
        9,
        "an entry has no key “date”",
        "Possible are joins_form, tag_added, field_changed, purchases, app_event.",
    ),
    (
        "version: 1\nrules:\n  - {when: [], do: [{add_tag: X}]}",
        3,
        12,
        "“when” of a rule is empty",
        "Write it as in {when: [{tag_added: Customer}], do: [{add_tag: VIP}]}.",
    ),
    (
        "version: 1\nrules:\n  - {when: [{tag_added: X}]}",
        3,
        5,
        "a rule needs “do”",
        "Write it as in {when: [{tag_added: Customer}], do: [{add_tag: VIP}]}.",
    ),
    (
        "version: 1\nrules:\n  - {when: [{tag_added: X}], do: [{send_email: X}]}",
        3,
        36,
        "an action of a rule has no key “send_email”",
        "Kit's rules send no single email: write the sequence it is in, as in {subscribe_sequence: Welcome}.",
    ),
    (
        "version: 1\nofferings: [{name: A, stack: acessally}]",
        2,
        30,
        "there is no stack “acessally”",
        "Did you mean “accessally”? For a site that is not in the list, write “generic”.",
    ),
    (
        "version: 1\nofferings: [{name: A, stack: none, price: 290}]",
        2,
        43,
        "expected an amount and its currency for “price” of an offering, found 290",
        "Say in which currency, as in “290 dollars”.",
    ),
    (
        "version: 1\nofferings: [{name: A, stack: none, price: a lot}]",
        2,
        43,
        "expected an amount and its currency for “price” of an offering, found “a lot”",
        "Write the amount and the currency, as in “290 dollars” or “€49.50”.",
    ),
    ("version: 1\nofferings: [{name: A}]", 2, 13, "an offering needs “stack”", "Write it as in {name: Course A, stack: accessally}."),
    (
        "version: 1\nofferings: [{name: A, stack: none, webhook_tags: {logins: []}}]",
        2,
        51,
        "“webhook_tags” has no key “logins”",
        "Did you mean “login”?",
    ),
    (
        "version: 1\nautomations:\n  - name: A\n    id: 5\n  - name: B\n    id: 5\n",
        5,
        5,
        "a second automation has the id 5; the first is “A”",
        "The first is at automations.yaml:3:5.",
    ),
    (
        "version: 1\nautomations:\n  - name: A\n  - name: A\n    steps: [{start_automation: A}]",
        5,
        32,
        "2 automations are named “A”",
        "Give each an “id:” and write that here.",
    ),
    ("version: 1\n\tcomplete: true", 2, 1, "a tab cannot indent a line", "Replace it with spaces."),
    (
        "version: 1\nautomations:\n  - name: Course A: release\n",
        3,
        19,
        "a name with “: ” in it needs quotes",
        'Write it as in tag_added: "Course A: purchased".',
    ),
    (
        "version: 1\nrules: [{when: [{tag_added: Course A: x}]}]",
        2,
        37,
        "a name with “: ” in it needs quotes",
        'Write it as in tag_added: "Course A: purchased".',
    ),
    (
        "version: 1\nexternal: [{name: &x A}]",
        2,
        19,
        "“&” begins an anchor, which is not understood here",
        'A name that begins with “&” needs quotes: "&…".',
    ),
    (
        "version: 1\nexternal: [{name: *x}]",
        2,
        19,
        "“*” begins an alias, which is not understood here",
        'A name that begins with “*” needs quotes: "*…".',
    ),
    ("version: 1\nexternal: [{name: * x}]", 2, 19, "a value that begins with “*” needs quotes", 'Write "*…".'),
    (
        "version: 1\nexternal: [{name: !x A}]",
        2,
        19,
        "“!” begins a type tag, which is not understood here",
        'A name that begins with “!” needs quotes: "!…".',
    ),
    ("version: 1\nexternal: [{name: @x}]", 2, 19, "a value that begins with “@” needs quotes", 'Write "@…".'),
    ("version: 1\nexternal:\n  - name: 'x\n", 3, 11, "this quote is never closed", "Add the closing quote at the end of the text."),
    ("version: 1\nexternal: [{name: a}\n", 2, 11, "this “[” is never closed", "Add the “]”."),
    ("version: 1\nexternal: [{name: a]\n", 2, 20, "expected “,” or “}” here", "The “{” is in line 2, column 12."),
    ("version: 1\n---\nversion: 1", 2, 1, "a second document begins here", "Keep one per file: delete the “---”."),
    (
        "version: 1\nexternal:\n  - name: 'it's'\n",
        3,
        15,
        "nothing may follow the end of a quoted text",
        "A quote inside single quotes is written twice: 'it''s'.",
    ),
    (
        "version: 1\nexternal:\n  - name: A\n   adds_tags: []\n",
        4,
        4,
        "this line does not line up with the lines above it",
        "Lines that belong together begin in the same column.",
    ),
    (
        "version: 1\nexternal:\n  - name: A\n - name: B\n",
        4,
        2,
        "this line does not line up with the lines above it",
        "Lines that belong together begin in the same column.",
    ),
    ("version: 1\nexternal:\n- name: A\nfoo\nrules: []", 4, 1, "there is no “: ” after this key", "Write “key: value”."),
    ("version: 1\nexternal: - name: A", 2, 11, "a list cannot begin on the line of its key", "Begin a new line before the “- ”."),
    ("version: 1\nexternal: [,]", 2, 12, "“,” is not expected here", ""),
    ("version: 1\nversion: 1", 2, 1, "the key “version” is here a second time", "It is first in line 1, column 1."),
    (
        'version: 1\nexternal:\n  - name: "\\q"',
        3,
        12,
        "this is not a valid escape in double quotes",
        "Write a backslash twice, or use single quotes, in which it is an ordinary character.",
    ),
    ("version: 1\nexternal:\n  - name: > 30 days", 3, 11, "a value that begins with “>” needs quotes", 'Write ">…".'),
    ("version: 1\nnam\x00e: 1", 2, 4, "here is a NUL character: is this a text file?", ""),
    (
        "version: 1\nexternal: [{name: a\x07}]",
        2,
        20,
        "here is the character U+0007, which YAML does not allow",
        "Delete it, or write it as \\x07 in double quotes.",
    ),
    (
        "version: 1\nexternal: [{name: a\u2028b}]",
        2,
        20,
        "here is the character U+2028, which YAML does not allow",
        "Delete it, or write it as \\u2028 in double quotes.",
    ),
    ("version: 1\n? [a]\n: b", 2, 3, "a key must be text", ""),
    ('{"version": 1} x', 1, 16, "“x” is not expected here", ""),
    ("version: 1\nexternal: [{name: '', }]", 2, 19, "expected text for “name” of an integration, found “”", ""),
    ("%YAML 1.3\n---\nversion: 1", 1, 1, "this is not valid YAML: found incompatible YAML document", ""),
    ("version: 1\n: b", 2, 1, "this line does not line up with the lines above it", "Lines that belong together begin in the same column."),
    (
        "version: 1\nexternal:\n  - name: A\n    adds_tags:\n    - 'a' b",
        5,
        11,
        "nothing may follow the end of a quoted text",
        "A quote inside single quotes is written twice: 'it''s'.",
    ),
    ("version: 1\ncomplete: maybe", 2, 11, "expected true or false for “complete” of a manifest, found “maybe”", ""),
    ("version: 1\naccount: '27'", 2, 10, "expected a whole number for “account” of a manifest, found “27”", "Write it without quotes."),
    ("{", 1, 2, "the file ends too early", "Is a bracket or a value missing?"),
    ("version: 1\nrules: [{when: ", 2, 15, "the file ends too early", "Is a bracket or a value missing?"),
]


@pytest.mark.parametrize(
    ("text", "line", "column", "message", "hint"), TABLE, ids=[f"{row[3][:60]} {index}" for index, row in enumerate(TABLE)]
)
def test_a_problem_is_told_with_its_place_and_the_next_step(text: str, line: int, column: int, message: str, hint: str) -> None:
    assert problems(text) == (Problem(message, Location(FILE, line, column), hint),)


def test_all_problems_of_a_file_are_told_at_once_from_top_to_bottom() -> None:
    text = "version: 1\nautomations:\n  - {name: A, status: actve, recurring: maybe, entires: []}\nrules: [{when: [{tag_added: X}]}]\n"
    found = problems(text)
    assert [str(problem.location) for problem in found] == [f"{FILE}:3:23", f"{FILE}:3:41", f"{FILE}:3:48", f"{FILE}:4:9"]


def test_a_problem_in_one_step_does_not_hide_one_behind_it() -> None:
    assert [problem.location.line for problem in problems(f"{STEPS}      - ad_tag: X\n      - delay: soon\n") if problem.location] == [5, 6]


def test_more_than_twenty_problems_are_counted() -> None:
    found = problems(STEPS + "      - ad_tag: X\n" * 1234)
    assert len(found) == 21
    assert found[-1] == Problem("and 1,214 more")


def test_the_error_prints_every_problem_in_full() -> None:
    with pytest.raises(ManifestError) as caught:
        parse(f"{STEPS}      - ad_tag: X\n      - exit: false\n")
    assert str(caught.value) == (
        f"{FILE}:5:9: a step has no key “ad_tag”\n  Did you mean “add_tag”?\n"
        f"{FILE}:6:15: expected “exit: true”, found false\n  Leave “exit” out if it is not meant."
    )


def test_an_endless_name_is_shortened() -> None:
    found = problems(f"version: 1\n{'x' * 5000}")
    assert all(len(problem.message) < 200 for problem in found)
    found = problems(f"version: 1\nrules: {'x' * 5000}")
    assert len(found[0].message) < 200
