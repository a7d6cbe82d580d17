"""What hangs on an object, as text for a terminal."""

from __future__ import annotations

from ckaudit.graph.words import duration, name_list
from ckaudit.model.impact import Ends, Impact
from ckaudit.model.inventory import Use
from ckaudit.model.refs import ObjectRef
from ckaudit.render.plain import clean, count, cut, defused, wrap
from ckaudit.render.text_findings import format_object

MAX_LINES = 40
_LIMITS = "Pages, shops and sites outside Kit may use it too: nobody can see that here."
_NOT_COMPLETE = (
    "Nor is every automation and rule known: the manifest does not say that it is complete, or names automations without their steps. "
    "Look in Kit before you delete anything."
)
_NOT_DESCRIBED = (
    "What it does is not known: the manifest does not say its steps, so nobody can tell here what ends with it. Look in Kit before you "
    "switch it off or delete it, or describe it: ckaudit manifest edit."
)


def render_impact(impact: Impact, *, width: int = 80, full: bool = False) -> str:
    """Who names the object, what it is taken for, and what ends with it. Long lists are cut unless ``full``."""
    people = f", {count(impact.people, 'person', 'people')}" if impact.people is not None else ""
    lines = wrap(f"{format_object(impact.object)}{people}", width)
    if impact.roles:
        lines += wrap(clean(f"It is taken for: {', '.join(impact.roles)}."), width, "  ")
    lines += _part("What names it, and must be changed with it", [_use(use) for use in impact.uses], width, full)
    ends = [call_sentence(address) for address in impact.calls] + [end_sentence(end, impact.object) for end in impact.ends]
    lines += _part("What no longer happens without it", ends, width, full)
    lines += _part("What may mean it, and names something that is not there", [f"“{cut(name)}”" for name in impact.perhaps], width, full)
    if not impact.is_described:
        lines += ["", *wrap(_NOT_DESCRIBED, width, "  ")]
    elif not (impact.uses or ends or impact.perhaps):
        lines += ["", *wrap("Nothing that ckaudit knows of names it or follows from it.", width, "  ")]
    lines += ["", *wrap(_LIMITS if impact.is_complete else f"{_LIMITS} {_NOT_COMPLETE}", width, "  ")]
    return defused("\n".join(lines)) + "\n"


def _part(title: str, entries: list[str], width: int, full: bool) -> list[str]:
    if not entries:
        return []
    shown = entries if full else entries[:MAX_LINES]
    lines = ["", title]
    for entry in shown:
        lines += wrap(clean(entry), width, "  - ", "    ")
    if len(shown) < len(entries):
        lines.append(f"  and {len(entries) - len(shown)} more: --full")
    return lines


def _use(use: Use) -> str:
    return f"{use.how} “{cut(use.where, 120)}”"


def call_sentence(address: str) -> str:
    """What no longer happens to a webhook's receiver, as one of the lines beside ``end_sentence``."""
    return f"the webhook to {cut(address, 200)} is called"


def end_sentence(end: Ends, item: ObjectRef) -> str:
    """What no longer happens without ``item``, when, and who else still does it. Of what it does itself nothing but that."""
    others = ""
    if end.others:
        number = len(end.others) + end.more_others
        names = name_list([cut(other.name) for other in end.others], more=end.more_others)
        others = f". {names} still {'does' if number == 1 else 'do'} that"
    if end.steps == (item,):
        return f"it {end.what}{others}"
    steps = [step for step in end.steps[:-1] if step != item]
    way = f" (through {name_list([cut(step.name) for step in steps])})" if steps else ""
    return f"“{cut(end.steps[-1].name)}” {end.what}, {_when(end.after)}{way}{others}"


def _when(after: tuple[int, int | None]) -> str:
    least, most = after
    when = "at once" if (least, most) == (0, 0) else f"after {duration(least)}" if least else "at once or later"
    if most is None:
        return f"{when}, or when something else happens"
    return f"{when} to {duration(most)}" if most > least else when
