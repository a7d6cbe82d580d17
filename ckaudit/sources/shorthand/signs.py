"""The signs of the shorthand, for reading and writing alike, and half a page that explains them."""

from __future__ import annotations

import re

AUTOMATION = "*"
ENTRY = ">"
ADD_TAG = "+"
REMOVE_TAG = "-"
SEQUENCE = "="
FIELD = "%"
OWN_WORDS = "&"
START = ">>"
REMOVE = "<<"
CONDITION = "?"
SPLIT = "/"
GOAL = "!"
GOALS = "!!"
OTHER = "|"
EXIT = "exit"

# behind an entry, a goal or a condition, where a tag is meant when there is none
FORM = "@"
ANY = "any"
PRODUCT = "$"
WITHIN = "<"

COMMENT = "#"
ID = "#"
QUOTE = '"'

IS, CONTAINS, ABOVE, BELOW = "=", "~", ">", "<"
OPERATORS = {IS: "is", CONTAINS: "contains", ABOVE: "above", BELOW: "below"}

SIGNS = (START, REMOVE, GOALS, AUTOMATION, ENTRY, ADD_TAG, REMOVE_TAG, SEQUENCE, FIELD, OWN_WORDS, CONDITION, SPLIT, GOAL, OTHER)
"""Every sign that may begin a line, the longer ones first."""
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
SHORT_DELAY = re.compile(r"([0-9]+) ?([mhdw])")
UNITS = {"m": "minute", "h": "hour", "d": "day", "w": "week"}

NOTATION = """\
* Course A - release        an automation, by its name; below it, if you like: id: 1982218, status: paused, notes: …
> Course A: purchased       it starts when this tag is added          (entries, any of them)
> @ Free preview            … when people join this form; > @ any is any form
> $ Course A                … when they purchase this product
> % country = Spain         … when this custom field changes (to this value)
> & webinar attended        … when an app reports this, in its own words
+ VIP                       add this tag                              (steps, in order)
- VIP                       remove this tag
= Course A welcome          put people into this sequence
5m   2h   7d   1w           wait: minutes, hours, days, weeks
% country = Spain           set this custom field; nothing behind = clears it
>> Win-back                 start this automation, too
<< Win-back                 remove people from this automation
& sign up for the webinar   what an app does, in its own words
exit                        leave this automation
! Customer                  an event (goal) that pulls people forward: this tag is added;
                            ! - VIP removed, ! $ purchase, ! % field, ! & app, ! 2026-12-24 a date
? VIP                       a condition: has this tag; also ? % country = Spain (~ contains, > above, < below,
  = VIP onboarding              nothing behind = blank, no = at all: known), ? < 30d opened an email within,
|                               ? & joined the form Footer (an advanced filter, in words)
  7d                        indented: the steps for yes; below | at the place of the ?: the steps for no
/ VIP                       a split path: people go down the first path whose tag they have
  + Perk A
| Customer                  the next path
  + Perk B
|                           everybody else
  + Perk C
!! Customer                 events side by side: whichever happens first; | and an event begins the next
  + Bought
| - Lead
  + Gone
# a comment
"""
"""The notation on half a page."""
