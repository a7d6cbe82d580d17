"""Lists of automations as a page may show them: nobody has seen Kit's, so the layouts are made at random."""

from __future__ import annotations

import html
import random
from collections.abc import Callable
from typing import NamedTuple

STATUSES = {"Active": "active", "Live": "active", "Paused": "paused", "Inactive": "inactive", "Draft": "inactive"}
ADJECTIVES = "Quiet Bright Open Deep Wild Golden Slow Paper Northern First".split()  # noqa: SIM905
NOUNS = "Harbour Garden Letters Colour Voice Circle Studio Light Table Kitchen".split()  # noqa: SIM905
ENDS = ("release", "welcome", "payment failed", "- 2026 launch", "(old)", "🌊 reminders", "& friends", "<b>sale</b>", "#2")


class Row(NamedTuple):
    """An automation of the made list."""

    name: str
    number: int
    word: str

    @property
    def status(self) -> str:
        return STATUSES[self.word]


def rows(dice: random.Random, many: int) -> list[Row]:
    """Automations with different names."""
    names = dice.sample([f"{one} {two} {end}" for one in ADJECTIVES for two in NOUNS for end in ENDS], many)
    return [Row(name, dice.randint(10**6, 10**7) + 10**7 * at, dice.choice(list(STATUSES))) for at, name in enumerate(names)]


def noise(dice: random.Random) -> str:
    """What a page says of an automation besides."""
    count = dice.randint(0, 9999)
    return dice.choice(
        [f"{count:,} subscribers", f"{count}", "Jan 3, 2026", "3 days ago", "Last edited 2 weeks ago",
         "Created Mar 14, 2025 at 5:00 pm", "Edit", "⋯", "87 %"]
    )  # fmt: skip


def table_text(dice: random.Random, listed: list[Row]) -> str:
    """One line for each, its cells with tabs between."""
    first = dice.random() < 0.5
    extra = dice.randint(0, 3)
    lines = ["Visual Automations", "\t".join(["Name", "Status", "Subscribers"])]
    for row in listed:
        cells = [row.name, row.word] if first else [row.word, row.name]
        lines.append("\t".join([*cells, *(noise(dice) for _ in range(extra))]))
    return "\n".join([*lines, f"1–{len(listed)} of {len(listed)}", "Next"])


def cards_text(dice: random.Random, listed: list[Row]) -> str:
    """Name and status on lines of their own, noise and an empty line behind them."""
    first, extra = dice.random() < 0.5, dice.randint(1, 3)
    lines = dice.choice([[], ["Automate", "Visual Automations", "New automation", "Active", "Inactive", "Paused", "Search"]])
    for row in listed:
        lines += [row.name, row.word] if first else [row.word, row.name]
        lines += [noise(dice) for _ in range(extra)] + dice.choice([[], [""]])
    return "\n".join(lines)


def table_html(dice: random.Random, listed: list[Row]) -> str:
    """A table with links, its tags closed or not."""
    end = dice.random() < 0.5
    quote = dice.choice(["'", '"'])
    close = {name: f"</{name}>" if end else "" for name in ("td", "tr")}
    parts = ["<!doctype html><html><head><title>Kit</title><script>var a = '<td>Sneaky</td>'</script></head><body>"]
    parts.append("<nav><a href=/home>My shop</a>")
    parts.append("</nav><table><tr><th>Name</th><th>Status</th></tr>")
    for row in listed:
        link = f"<a class={quote}[&>svg]:size-4{quote} href={quote}{dice.choice(['', 'https://app.kit.com'])}/automations/{row.number}/edit{quote}>"
        parts.append(f"<tr><td>{link}{html.escape(row.name)}</a>{close['td']}<td><span>{row.word}</span>{close['td']}")
        parts.append(f"<td>{noise(dice)}{close['td']}<td>{link}Edit</a>{close['td']}{close['tr']}")
    return "".join([*parts, "</table><footer>© Kit</footer></body></html>"])


def cards_html(dice: random.Random, listed: list[Row]) -> str:
    """A part of the page for each, its name in the link or beside it."""
    inside = dice.random() < 0.5
    parts = ["<div id=root><div class=filters><span>Active</span><span>Paused</span></div><section>"]
    for row in listed:
        name, link = html.escape(row.name), f"/automations/{row.number}/edit"
        head = f'<a href="{link}"><h3>{name}</h3></a>' if inside else f'<h3>{name}</h3><a href="{link}"><svg><text>x</text></svg>Edit</a>'
        parts.append(f"<div class=card><div>{head}</div><div><p>{noise(dice)}</p><p>{row.word}</p></div></div>")
    return "".join([*parts, "</section></div>"])


def markdown(dice: random.Random, listed: list[Row]) -> str:
    """What some programs make of a copied table."""
    named = [row._replace(name=row.name.replace("<b>", "").replace("</b>", "")) for row in listed]
    return "\n".join(f"[{row.name}](https://app.kit.com/automations/{row.number}/edit)\t{row.word}\t{noise(dice)}" for row in named)


TEXTS: tuple[Callable[[random.Random, list[Row]], str], ...] = (table_text, cards_text)
LINKED: tuple[Callable[[random.Random, list[Row]], str], ...] = (table_html, cards_html, markdown)
