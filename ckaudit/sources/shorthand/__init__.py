"""Shorthand: automations as one short line a step, typed in minutes, and the same as the manifest's YAML.

    * Course A - release
    > Course A: purchased
    + AA: create login
    5m
    = Course A welcome
    ? VIP
      = VIP onboarding
    |
      7d

``signs.NOTATION`` explains it on half a page.

- ``Names(account, automations)``: what fragments are looked up in. ``Names()`` knows none: then names stand for themselves.
- ``read(text, names) -> Reading``: ``automations`` as the manifest's reader gives them, and ``problems`` (line, column, message, hint,
  choices). It never raises, and reads past lines that are wrong.
- ``write(automation, names, short=False)``: the text. What ``write`` wrote, ``read`` and ``write`` give back letter by letter.
- ``write_steps(steps, names)``: the same for steps alone.
- ``automation_yaml(automation, names)``, ``manifest_yaml(automations, names)``: the manifest's YAML.

Fragments are for typing: in an account that grows, “mod” may come to mean another tag. What is kept has full names.
"""

from ckaudit.sources.shorthand.names import Names, Unclear
from ckaudit.sources.shorthand.read import Problem, Reading, read
from ckaudit.sources.shorthand.signs import NOTATION
from ckaudit.sources.shorthand.to_yaml import automation_yaml, manifest_yaml
from ckaudit.sources.shorthand.write import write, write_steps

__all__ = [
    "NOTATION",
    "Names",
    "Problem",
    "Reading",
    "Unclear",
    "automation_yaml",
    "manifest_yaml",
    "read",
    "write",
    "write_steps",
]
