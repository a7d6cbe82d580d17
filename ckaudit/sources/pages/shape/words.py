"""Words that say nothing about anybody: those of HTML, of Kit's API and of programs. Only names made of them are shown in a shape; values
made of them are shown by their number here."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping

from ckaudit.kit.screens import SCREENS
from ckaudit.sources.pages.paste.lines import MAX_LABEL
from ckaudit.sources.pages.paste.words import Meaning, meaning_of, plain

# Names of properties in Kit's published API description (v4), and what programs call the parts of a page and of a graph. No first names.
_TEXT = """
a b about above account action actions active activity add added additions address addresses after alert align all alt and animation any api
app application apps archived aria array article aside async at attribute attributes attribution audio auto automation automations
avatar background badge bar base before below block blockquote blocks body bold boolean border bottom bounce bounced box br branch
branches breadcrumb broadcast broadcasts builder bundle button buttons by callback campaign canceled cancellations canvas caption card
category cell center change changed changes checkbox checked child children circle city class classes click clicked clicks client close
closed code col collapsed color colors colspan column columns comment company complete completed component components condition
conditions config configuration configured connection connections container content context control controls coordinates copy count
counting country coupon create created csrf currency cursor custom cx cy d data date day days dd default defer definition defs delay
delete deleted delivery depth desc description destination details dialog dimensions dir direction disable disabled discount display div
dl dmarc document dom done down draft drag drop dropdown dt duration edge edges edit editable editor element elements ellipse else em
email emails embed empty enable enabled end ended ending enrolled entries entry equal error errors event events exclude exclusion exit
expanded export external extra failed failures false favicon feature features field fields fieldset figure file fill filter filters
first flag flags flex flow focus folder font footer for foreign form format forms frame friendly from function g goal goals graph
greater grid group groups h1 h2 h3 h4 h5 h6 handle has hash head header headers height hidden hint history hold home horizontal host
hour hours hover how hr href html http https i icon icons id ids iframe image images img import in include index info initial initiator
inner input inputs insert inside instance integration interests interval is item items js json key keys kind label labels lang language
last latitude layer layout lead leading left legend length less level li lid limit line link links list lists load loaded loading locale
location lock locked log logo longitude loop main map margin marker mask match matching max measure mechanism media medium member
members menu meta method min minute minutes modal mode model module month months more move multiple n name names nav navigation net new
next no node nodes none note notes null number object objects off offset ok ol on opacity open opened operator option options or order
origin otherwise out outer output overlay owner p padding page pages pagination paid panel parameter parameters parent parents partial
path paths pause paused payload pending per percent permissions phone picture pid placeholder plain plan platform player plus point
points polygon polyline popover port position post postal posts pre prefix preview previous price primary priority product products
profile progress prop properties props provider public publication published purchase purchases px quantity query queue quick r radio
radius range rank rate ratio ready recipients rect redirect ref reference referrer rel remove removed render repeat request required
reset resource response result results retry role roles root router row rows rule rules rx ry s sample scale schedule scheduled schema
scope score script scroll search second seconds section sections segment segments select selected selector send sending sends sent
separator sequence sequences series server session set setting settings shape shipping show sid side sidebar since site size skip slot
slug small snippet snippets social sort source sources spacing span split src stack stage start started starting state states static
stats status step steps stop store stroke strong style styles sub subject submit subscribe subscribed subscriber subscribers
subscription subscriptions subtitle subtotal suffix summary sup svg switch symbol tab tabindex table tabs tag tagged tagging taggings
tags target targets tax tbody td team template templates term test text textarea textfield tfoot th thead theme then thumbnail time
timeline times timestamp timezone title to toggle token toolbar tooltip top total tr tracking trail transaction transform transition
tree trigger triggers true type types u ui uid ul undefined unique unit units unsubscribe unsubscribes up update updated url urls us use
used user users utc utm uuid v valid value values variant verified version vertical video view viewbox views visible visual wait waiting
warning warnings webhook webhooks website week weeks weight when where widget width window workflow wrapper x x1 x2 y y1 y2 year yes you
z zone zoom
"""
WORDS = tuple(_TEXT.split())
_KNOWN = {word: number for number, word in enumerate(WORDS, 1)}
_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+[0-9]?|[0-9]+|[^A-Za-z0-9]+")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_:.-]{0,59}")
_SPACES = re.compile(r"\W+")


def is_plain(name: str) -> bool:
    """True for the name of a key, an attribute or an element that is made of these words alone: ``entry_conditions``, ``data-stepId``.
    One with a capital letter in front may be somebody's."""
    return name[:1].islower() and bool(_NAME.fullmatch(name)) and all(number is not None for number in _numbers(name))


def number_of(value: str) -> str:
    """A value made of these words alone by their numbers, as ``word#12+40``; empty for any other, and for texts of several words."""
    if not _NAME.fullmatch(value):
        return ""
    numbers = _numbers(value)
    return "" if None in numbers or not numbers else f"word#{'+'.join(map(str, numbers))}"


def screen_number(value: str) -> str:
    """A label of Kit's screens, as its help names them, by its number there: ``kit#31``; or what ``paste`` takes it for, by the number of
    that meaning: ``label#6``; empty for any other."""
    number = _screens().get(_plain(value))
    if number:
        return f"kit#{number}"
    meaning = meaning_of(plain(value), (), {}) if len(value) <= MAX_LABEL else None
    return f"label#{list(Meaning).index(meaning) + 1}" if meaning else ""


def _numbers(name: str) -> list[int | None]:
    parts = [part for part in _PART.findall(name) if part[0].isalnum()]
    return [_KNOWN.get(part.lower()) for part in parts]


def _plain(text: str) -> str:
    return _SPACES.sub(" ", text.casefold()).strip()


@functools.cache
def _screens() -> Mapping[str, int]:
    """Each label by the number of the first screen that ends with it."""
    found: dict[str, int] = {}
    for number, screen in enumerate(SCREENS, 1):
        found.setdefault(_plain(screen.name.rpartition("→")[2]), number)
    found.pop("", None)
    return found
