"""What reading emails costs: 2,000 emails of 10 kB with Liquid, as a ratio to html.parser alone on the same texts.

``python -m bench content``. The bound is 3 x html.parser for reading and for every rule about emails together.
"""

from __future__ import annotations

import datetime as dt
import random
import time
from html.parser import HTMLParser
from pathlib import Path

from ckaudit.engine.load import load_rules
from ckaudit.engine.run_on_observed import run_rule
from ckaudit.graph.build import build_graph
from ckaudit.graph.graph import Graph
from ckaudit.model.account import Account, CustomField, SectionName, SectionState, SectionStatus, Sequence, SequenceEmail, Tag
from ckaudit.observed.observe import observe
from ckaudit.sources.stacks import read_stacks

WORDS = [
    "course",
    "lesson",
    "module",
    "watercolour",
    "brush",
    "paper",
    "colour",
    "learn",
    "paint",
    "water",
    "practise",
    "email",
    "welcome",
    "student",
    "video",
    "join",
]
LIQUID = (
    '{{{{ subscriber.first_name | default: "friend" }}}}',
    "{{{{ subscriber.field_{n} }}}}",
    '{{% if subscriber.tags contains "Tag {n}" %}}For you.{{% else %}}For all.{{% endif %}}',
    "{{% if subscriber.field_{n} != blank %}}{{{{ subscriber.field_{n} }}}}{{% endif %}}",
    '{{% assign x = subscriber.field_{n} | default: "it" %}}{{{{ x }}}}',
    "{{% for item in subscriber.tags %}}{{{{ item }}}}{{% endfor %}}",
)


def email(number: int, dice: random.Random) -> SequenceEmail:
    """An email of about 10 kB: 40 paragraphs, 12 Liquid constructs or blocks, 8 links."""
    parts = ['<table role="presentation" width="100%"><tr><td style="font-family:Georgia;font-size:16px">']
    for paragraph in range(40):
        text = " ".join(dice.choices(WORDS, k=18))
        liquid = dice.choice(LIQUID).format(n=dice.randrange(300)) if paragraph % 3 == 0 else ""
        link = f'<a href="https://example.com/{number}/{paragraph}?e={{{{ subscriber.id }}}}">{text[:20]}</a>' if paragraph % 5 == 0 else ""
        parts.append(f'<p style="margin:0 0 16px 0;line-height:1.5">{text}, {liquid} <strong>{text[:30]}</strong> &amp; {link}</p>\n')
    content = "".join((*parts, "</td></tr></table>"))
    return SequenceEmail(number, 1 + number // 8, subject=f"Lesson {number}", published=True, content=content)


def seconds_of_html_parser(texts: list[str]) -> float:
    """html.parser alone, doing nothing with what it finds."""
    start = time.process_time()
    for text in texts:
        parser = HTMLParser()
        parser.feed(text)
        parser.close()
    return time.process_time() - start


def seconds_of_python_liquid(texts: list[str]) -> float:
    """python-liquid alone on whole emails, for comparison."""
    from liquid import Environment

    environment = Environment()
    start = time.process_time()
    for text in texts:
        environment.parse(text).analyze()
    return time.process_time() - start


def graph_of(emails: tuple[SequenceEmail, ...]) -> Graph:
    """The graph of an account with these emails, and the tags and fields they name."""
    account = Account(
        sequences=tuple(Sequence(number + 1, f"S{number}", active=True) for number in range(250)),
        sequence_emails=emails,
        tags=tuple(Tag(number, f"Tag {number}") for number in range(300)),
        custom_fields=tuple(CustomField(number, f"field_{number}") for number in range(300)),
        sections={name: SectionState(SectionStatus.COMPLETE) for name in SectionName},
    )
    return build_graph(account, None, read_stacks(), dt.datetime(2026, 11, 20, tzinfo=dt.UTC))


def seconds_of_reading(graph: Graph) -> float:
    """Reading every email. Which sequences carry logins is found out before: all themes share that."""
    graph.logins  # noqa: B018  computed once, when first asked for
    start = time.process_time()
    graph.contents  # noqa: B018
    return time.process_time() - start


def seconds_of_rules(graph: Graph) -> float:
    """Every rule about emails."""
    rules = load_rules((Path(__file__).parent.parent / "rules" / "emails",))
    account = observe(graph, None)
    start = time.process_time()
    for rule in rules:
        run_rule(account, rule)
    return time.process_time() - start


def main() -> None:
    """Print the ratios. The measurements take turns, so that a busy machine slows all of them alike."""
    dice = random.Random(7)
    emails = tuple(email(number, dice) for number in range(2000))
    base = reading = rules = liquid = 0.0
    for first in range(0, len(emails), 100):
        turn = emails[first : first + 100]
        texts = [item.content or "" for item in turn]
        graph = graph_of(turn)
        base += seconds_of_html_parser(texts)
        reading += seconds_of_reading(graph)
        rules += seconds_of_rules(graph)
        liquid += seconds_of_python_liquid(texts[:10]) * 10
    size = sum(len(item.content or "") for item in emails) / len(emails) / 1000
    print(f"{len(emails)} emails of {size:.1f} kB")
    print(f"html.parser alone        {base:6.2f} s   1.0 x")
    print(f"reading                  {reading:6.2f} s   {reading / base:.1f} x")
    print(f"reading and all rules    {reading + rules:6.2f} s   {(reading + rules) / base:.1f} x   (bound: 3 x)")
    print(f"python-liquid, for scale {liquid:6.2f} s   {liquid / base:.1f} x   (from every tenth email)")


if __name__ == "__main__":
    main()
